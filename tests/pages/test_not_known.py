"""What nobody has looked at is no 0."""

from datetime import timedelta

import pandas as pd
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open
from tests.pages.reading import table, texts
from tests.sandboxes import Sandbox

NOT_KNOWN = "—"


def told(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_broken_links_are_counted_only_once_credentials_were_checked(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("connectors", con_tenants="WFF_j1r~c2u")
    assert told(app)["Broken link"] == NOT_KNOWN
    assert told(app)["Connectors"] == str(len(table(app)))
    checked = app.toggle(key="con_check").set_value(True).run()
    broken = table(checked)["link_word"].str.contains("Broken").sum()
    assert told(checked)["Broken link"] == str(broken)


def test_later_jobs_that_were_not_read_are_not_said_to_be_none(
    sandbox: Sandbox, open_page: Open
) -> None:
    every = table(open_page("uploads", up_window="Everything"))
    week_ago = pd.Timestamp.now("UTC") - timedelta(days=6)
    latest = every.groupby("tenant_code")["upload_time"].max()
    code = latest[latest < week_ago].index[0]
    app = open_page("recovery", rec_by="Tenants", rec_tenant=code, rec_view="Jobs")
    assert not {"Later jobs", "Active"} & told(app).keys()
    assert "Visier lists no later job of these tenants" not in texts(app)
    app.button(key="rec.jobs").click().run()
    assert told(app)["Later jobs"].isdecimal()
