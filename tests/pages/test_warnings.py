"""What a plan warns of, and how it says what cannot be undone."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.pages.acting import plan_of
from tests.pages.conftest import Open
from tests.pages.reading import table, texts
from tests.sandboxes import Sandbox


def concerned(app: AppTest) -> list[Any]:
    """Return the tables below the warnings of a plan."""
    return [shown for box in app.expander for shown in box.dataframe]


def heads(shown: Any) -> dict[str, str]:
    """Return how the columns of a table are called that are shown in it."""
    configured = json.loads(shown.proto.columns)
    return {
        name: configured.get(name, {}).get("label") or name
        for name in shown.value.columns
        if not configured.get(name, {}).get("hidden")
    }


def test_a_warning_names_its_tenants_in_the_columns_of_the_screen(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("data_versions", tz="Asia/Tokyo")
    app.button(key="data_versions.select_all").click().run()
    app = plan_of(app, "dv.disable")
    assert app.warning[-1].value.startswith("This cannot be undone: Visier")
    assert not app.info
    below = concerned(app)
    assert len(below) == len(app.warning) - 1 > 0
    called = {name: head for shown in below for name, head in heads(shown).items()}
    assert called == {
        "tenant_name": "Tenant",
        "tenant_code": "Code",
        "data_version": "Falls back to",
        "data_version_date": "Version date",
    }
    zones = [
        json.loads(shown.proto.columns)["data_version_date"]["type_config"]["timezone"]
        for shown in below
        if "data_version_date" in shown.value
    ]
    assert set(zones) == {"Asia/Tokyo"}
    kinds = {
        json.loads(shown.proto.columns)["data_version"]["type_config"]["type"]
        for shown in below
        if "data_version" in shown.value
    }
    assert kinds == {"number"}


def test_excluding_everything_says_who_is_left_with_nothing(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("uploads", up_window="Everything")
    every = table(app)["tenant_code"].value_counts()
    app.button(key="uploads.select_all").click().run()
    app = plan_of(app)
    known, left = (each.value for each in concerned(app)[::-1])
    assert "no included upload" in app.warning[0].value
    assert f"{len(left)} of {len(left)} tenants" in texts(app)
    assert set(left["tenant_code"]) <= set(every.index[every < 5])
    assert set(known["tenant_code"]) <= set(every.index[every == 5])
    assert len(left) + len(known) > 60
    assert left["uploads"].between(1, 4).all()


def test_what_one_receiving_job_brought_says_that_more_is_not_known(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("uploads", up_job="3b43817a-d0de-4dec-ae94-5467ddea5b83")
    app.button(key="uploads.select_all").click().run()
    app = plan_of(app)
    assert app.warning[0].value.startswith("All uploads of 40 tenants from this job")
