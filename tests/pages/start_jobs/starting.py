"""The forms that start jobs."""

import threading
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, operations
from tests.pages.connecting import C7O
from tests.sandboxes import Sandbox

I1O = "WFF_j1r~i1o"
CHOSEN, LEFT_OUT = "start.tenants.chosen", "start.tenants.all_but"
FILE = "WFF_j1r_hcm_files_20181030102030.zip.gpg"
STARTS = {
    "start_load",
    "start_extraction",
    "adhoc_extraction_job",
    "adhoc_processing_jobs",
    "adhoc_consolidated_analytics_job",
}


def filled(open_page: Open, form: str) -> AppTest:
    """Open a form and fill in what it takes at least."""
    app = open_page("start_jobs", start_kind=form)
    if form == "Load files":
        return confirmed(typed(app, "start_load.files", FILE), "1")
    if form == "Consolidate":
        return set_field(app, "start_consolidation.tenant_code", "WFF_j1r~CAa7s")
    return typed(app, CHOSEN, C7O)


def starts(sandbox: Sandbox) -> list[str]:
    return [name for name in operations(sandbox) if name in STARTS]


def typed(app: AppTest, key: str, text: str) -> AppTest:
    return app.text_area(key=key).set_value(text).run()


def widget(app: AppTest, key: str) -> Any:
    """Find a widget of whatever kind by its key."""
    return app.get_by_key(key)


def set_field(app: AppTest, name: str, value: object) -> AppTest:
    """Fill a field of a form, by its key, whatever is typed into it."""
    widget(app, name).set_value(value)
    return app.run()


def confirmed(app: AppTest, word: str) -> AppTest:
    (field,) = [field for field in app.text_input if field.label.startswith("Type ")]
    return field.set_value(word).run()


def may_start(app: AppTest) -> bool:
    """Return whether there is a button that starts, and it can be pressed."""
    return any(each.key == "start.go" and not each.disabled for each in app.button)


def started(app: AppTest) -> AppTest:
    """Click Start and wait until its one request has been answered."""
    (go,) = [each for each in app.button if (each.key or "").startswith("start.go")]
    go.click().run()
    for thread in threading.enumerate():
        if thread.name.startswith("start "):
            thread.join(30)
    return app.run()


def process(open_page: Open, *codes: str) -> AppTest:
    return typed(open_page("start_jobs"), CHOSEN, "\n".join(codes))
