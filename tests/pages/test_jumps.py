"""What a jump to another screen, clearing and opening do to what was filtered there before."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.acting import applied, labels, plan_of
from tests.pages.conftest import ROOT, Open
from tests.pages.jobs.choosing import choose
from tests.pages.reading import table, texts
from tests.sandboxes import Sandbox

DISPATCHING = "Dispatching"


def file_of(page: str) -> str:
    return str(Path(ROOT) / "pages" / page / "page.py")


def on(app: AppTest, page: str) -> AppTest:
    """Go to another screen by the menu, in the same browser session."""
    app.switch_page(file_of(page)).run()
    assert not app.exception
    return app


def click_row(app: AppTest, key: str, row: int = 0) -> AppTest:
    app.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()


@pytest.mark.slow
def test_a_jump_does_not_add_to_what_was_filtered_there_before(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs")
    app.multiselect(key="job_state").set_value(["Rescheduled"]).run()
    app.text_input(key="job_id").set_value("no such job").run()
    app = on(app, "overview")
    app.segmented_control(key="ov_since").set_value("7 days").run()
    kinds = next(each.value for each in app.dataframe if "fingerprint" in each.value)
    app = click_row(app, "ov.failures")
    assert app.title[0].value == "Jobs"
    assert "No job matches the filter" not in texts(app)
    assert len(table(app)) == kinds["jobs"].iloc[0]
    assert app.multiselect(key="job_state").value == []
    assert app.text_input(key="job_id").value == ""


def test_connectors_of_some_tenants_are_all_of_them(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("connectors")
    app.text_input(key="con_text").set_value("no connector is called so").run()
    app = on(app, "uploads")
    app.text_input(key="up_tenant").set_value("WFF_j1r~c2u").run()
    app.button(key="uploads.select_all").click().run()
    app = app.menu_button(key="up.more").click("connectors").run()
    assert app.title[0].value == "Connectors"
    assert set(table(app)["tenant_code"]) == {"WFF_j1r~c2u"}


def test_clearing_shows_everything_also_what_is_older_than_a_screen_opens_with(
    sandbox: Sandbox, open_page: Open
) -> None:
    opens_with = len(table(open_page("uploads")))
    app = open_page("uploads", up_tenant="no tenant is called so", up_window="24 hours")
    app.button(key="filter.clear").click().run()
    every = len(table(app))
    assert every > opens_with
    assert f"{every} of {every} uploads" in texts(app)
    assert app.selectbox(key="up_window").value == "everything"


def test_clearing_lets_go_of_a_receiving_job_that_brought_nothing(
    sandbox: Sandbox, open_page: Open
) -> None:
    waiting = open_page("jobs", job_type="Receiving", job_state="Pending")
    brought_none = table(waiting)["job_id"].iloc[0]
    app = open_page("uploads", up_job=brought_none)
    assert "No upload matches the filter" in texts(app)
    app.button(key="filter.clear").click().run()
    assert len(table(app)) > 0
    assert app.text_input(key="up_job").value == ""


@pytest.mark.slow
def test_a_result_stays_when_its_jobs_match_the_filter_no_more(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    every = table(open_page("jobs", job_type="Processing", job_state="Pending"))
    job_id = every["job_id"].iloc[0]
    app = open_page("jobs", job_state="Pending", job_id=job_id)
    choose(app, job_id)
    app.button(key="jobs.cancel").click().run()
    app = applied(app, "jobs")
    assert "No job matches the filter" in texts(app)
    assert "✓ 1 Succeeded" in texts(app)
    assert "Cancel requested for 1 job: 1 ⊘ Cancelled" in texts(app)
    app.selectbox(key="job_window").set_value("Between").run()
    assert "No window yet" in texts(app)
    assert "✓ 1 Succeeded" in texts(app)
    app.selectbox(key="job_window").set_value("24 hours")
    app.multiselect(key="job_state").set_value(["Failed"])
    app.text_input(key="job_id").set_value("")
    app.segmented_control(key="job_view").set_value("Failures").run()
    assert "No job matches the filter" not in texts(app)
    assert "✓ 1 Succeeded" in texts(app)


@pytest.mark.slow
def test_a_result_stays_when_a_receiving_job_is_asked_for_that_does_not_exist(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("uploads", up_tenant="WFF_j1r~c2u", up_state="Included")
    app.button(key="uploads.select_all").click().run()
    app = applied(plan_of(app), "uploads")
    app.text_input(key="up_job").set_value("no-such-job").run()
    assert "does not exist" in texts(app)
    assert "Succeeded" in texts(app)
    assert "Undo" in labels(app)


def stages(open_page: Open, **query: str) -> AppTest:
    app = open_page("jobs", job_window="3 days", job_view="Stages", **query)
    assert not app.exception
    return app


@pytest.mark.slow
def test_stages_follow_the_dispatching_job_that_is_filtered_by(
    sandbox: Sandbox, open_page: Open
) -> None:
    every = table(open_page("jobs", job_window="3 days", job_type=DISPATCHING))
    for job in every.to_dict("records"):
        app = stages(open_page, job_id=job["job_id"])
        assert app.selectbox(key="jobs.stages.pick").value == f"dispatching:{job['job_id']}"
        rows = len(table(app))
        assert f"{rows} of {rows} tenants" in texts(app)


@pytest.mark.slow
def test_stages_follow_the_job_that_is_opened_or_stands_out(
    sandbox: Sandbox, open_page: Open
) -> None:
    every = table(open_page("jobs", job_window="3 days"))
    stuck = every[every["remark"] == "⚓ Stuck"].iloc[0]
    dispatching = every[every["job_type"] == DISPATCHING]["job_id"]
    assert stuck["parent_job_id"] != dispatching.iloc[0]
    for query in ({"job_remark": "Stuck"}, {"job": stuck["job_id"]}):
        app = stages(open_page, **query)
        assert (
            app.selectbox(key="jobs.stages.pick").value == f"dispatching:{stuck['parent_job_id']}"
        )
        assert stuck["tenant_code"] in set(table(app)["tenant_code"])
    assert list(table(stages(open_page, job_remark="Stuck"))["tenant_code"]) == [
        stuck["tenant_code"]
    ]


@pytest.mark.slow
def test_what_a_tree_shows_around_the_matches_is_in_view(sandbox: Sandbox, open_page: Open) -> None:
    every = table(open_page("jobs"))
    failed = every[(every["state"].str[0] == "✕ Failed") & every["parent_job_id"].notna()]
    parent = failed["parent_job_id"].iloc[0]
    app = open_page("jobs", job_view="Tree", job_state="Failed")
    choose(app, parent)
    assert parent in set(table(app)["job_id"])
    assert "1 job selected" in texts(app)
    assert "not in view" not in texts(app)
    app.segmented_control(key="job_view").set_value("Table").run()
    assert "1 job selected, 1 not in view" in texts(app)
