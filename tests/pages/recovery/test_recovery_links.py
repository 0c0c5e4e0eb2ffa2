"""The ways into Recovery from other screens: it opens with its fields for finding filled in."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.operations.recovery_link import LABEL
from services.operations.recovery.finding import By
from tests.pages.conftest import Open
from tests.pages.reading import metrics, table
from tests.sandboxes import Sandbox
from tests.services.operations.recovery.conftest import BAD_BATCH


def found_by(app: AppTest) -> str:
    """Return by what Recovery looks for a bad load, once it has opened without an error."""
    assert not app.exception
    assert app.title[0].value == "Recovery"
    return str(app.segmented_control(key="rec_by").value)


def a_group(app: AppTest) -> pd.Series:
    """Open the kind of failure that hit the most jobs, once it is read why they failed."""
    for each in app.button:
        if each.key == "jobs.failures.read":
            each.click().run()
    worst = table(app).iloc[0]
    app.query_params["job_failure_group"] = worst["key"]
    app.run()
    return worst


def links(app: AppTest) -> list[str]:
    """Return the queries of the links into Recovery on a page."""
    found = [link.proto for link in app.get("page_link")]
    return [each.query_string for each in found if each.label == LABEL]


def test_a_receiving_job_in_the_drawer_leads_to_its_impact(
    sandbox: Sandbox, open_page: Open
) -> None:
    (query,) = links(open_page("jobs", job=BAD_BATCH))
    fields = dict(parse_qsl(query))
    assert fields == {"rec_by": "receiving_job", "rec_job": BAD_BATCH}
    app = open_page("recovery", **fields)
    assert found_by(app) == By.JOB
    assert app.text_input(key="rec_job").value == BAD_BATCH
    assert metrics(app)["Tenants"] == 40


def test_a_job_of_another_type_leads_nowhere(sandbox: Sandbox, open_page: Open) -> None:
    jobs = table(open_page("jobs"))
    other = jobs.loc[jobs["job_type"] == "Processing", "job_id"].iloc[0]
    app = open_page("jobs", job=other)
    assert app.code[0].value == other
    assert not links(app)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("window", "within"),
    [
        pytest.param("6 hours", {"24h"}, marks=pytest.mark.slow),
        pytest.param("24 hours", {"24h"}, marks=pytest.mark.slow),
        # How long ago that evening was depends on when one looks.
        ("Last night", {"24h", "3d"}),
        pytest.param("7 days", {"7d"}, marks=pytest.mark.slow),
    ],
)
def test_a_kind_of_failure_leads_to_its_impact(
    sandbox: Sandbox, open_page: Open, window: str, within: set[str]
) -> None:
    sandbox.control.reset()
    app = open_page("jobs", job_view="Failures", job_window=window)
    worst = a_group(app)
    app = app.button(key="jobs.failures.recover").click().run()
    assert found_by(app) == By.FAILURE
    assert app.selectbox(key="rec_failure").value == worst["key"]
    assert app.segmented_control(key="rec_within").value in within
    assert app.query_params["rec_failure"] == worst["key"]
    assert metrics(app)["Tenants"] >= 1


@pytest.mark.slow
def test_a_failure_of_some_days_ago_is_looked_for_that_far_back(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.reset()
    now = datetime.now(UTC)
    since, until = (f"{now - timedelta(hours=hours):%Y-%m-%dT%H:%M}" for hours in (60, 30))
    app = open_page("jobs", job_view="Failures", job_window="Between", job_from=since, job_to=until)
    worst = a_group(app)
    app = app.button(key="jobs.failures.recover").click().run()
    assert app.selectbox(key="rec_failure").value == worst["key"]
    assert app.segmented_control(key="rec_within").value == "3d"


@pytest.mark.slow
def test_a_chosen_kind_of_failure_goes_into_the_link_and_out_of_it(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("recovery", rec_by="Kind of failure")
    app = app.selectbox(key="rec_failure").select_index(0).run()
    chosen = app.selectbox(key="rec_failure").value
    assert app.query_params["rec_failure"] in (chosen, [chosen])
    again = open_page("recovery", rec_by="Kind of failure", rec_failure=str(chosen))
    assert again.selectbox(key="rec_failure").value == chosen
    assert metrics(again) == metrics(app)
    app = app.selectbox(key="rec_failure").set_value(None).run()
    assert "rec_failure" not in app.query_params


def test_selected_data_versions_lead_to_the_latest_upload_of_their_tenants(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("data_versions", dv_state="On time", dv_tenant="WFF_j1r~c")
    codes = sorted(table(app)["tenant_code"])
    app = app.button(key="data_versions.select_all").click().run()
    app = app.button(key="dv.recover").click().run()
    assert found_by(app) == By.TENANTS
    assert sorted((app.text_input(key="rec_tenant").value or "").split()) == codes
    assert sorted(table(app)["tenant_code"]) == codes


@pytest.mark.slow
def test_more_tenants_than_a_link_can_hold_are_handed_over_all_the_same(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.operations.recovery_link.IN_A_LINK", 20)
    app = open_page("data_versions", dv_state="On time", dv_tenant="WFF_j1r~c")
    codes = sorted(table(app)["tenant_code"])
    app = app.button(key="data_versions.select_all").click().run()
    app = app.button(key="dv.recover").click().run()
    assert found_by(app) == By.TENANTS
    assert sorted(table(app)["tenant_code"]) == codes
    assert "rec_tenant" not in app.query_params


def test_without_a_selection_data_versions_lead_nowhere(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("data_versions")
    assert "dv.recover" not in {each.key for each in app.button}
    app = app.button(key="data_versions.select_all").click().run()
    assert not app.button(key="dv.recover").disabled
