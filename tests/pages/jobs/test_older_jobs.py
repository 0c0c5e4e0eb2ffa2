"""Jobs that started before the window: stuck ones are, whatever is chosen."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.acting import applied
from tests.pages.conftest import Open, operations
from tests.pages.jobs.choosing import choose
from tests.pages.reading import table, texts
from tests.sandboxes import Sandbox

STUCK = "⚓ Stuck"


def figure(app: AppTest, word: str) -> int:
    labels = [link.proto.label for link in app.main.get("page_link")]
    (label,) = (label for label in labels if f" {word}]" in label)
    return int(label.split("**")[1].replace(",", ""))


def test_the_overview_counts_what_is_stuck_and_runs_since_before_its_time(
    sandbox: Sandbox, open_page: Open
) -> None:
    of_a_week = open_page("overview", ov_since="7 days")
    of_a_day = open_page("overview", ov_since="24 hours")
    assert figure(of_a_week, "Stuck") == figure(of_a_day, "Stuck") >= 1
    week, day = (re.search(r"(\d+) running · ", texts(app)) for app in (of_a_week, of_a_day))
    assert week
    assert day
    assert week[1] == day[1] > "0"
    assert "Not counted" not in texts(of_a_day)
    told = f"**{figure(of_a_day, 'Stuck')} job** is stuck."
    assert told in [link.proto.label for link in of_a_day.main.get("page_link")]


@pytest.mark.first_is_quick
@pytest.mark.parametrize("window", ["1 hour", "24 hours"])
def test_a_link_to_what_is_stuck_shows_it_in_the_shortest_window(
    sandbox: Sandbox, open_page: Open, window: str
) -> None:
    app = open_page("jobs", job_window=window, job_remark="Stuck")
    shown = table(app)
    assert set(shown["remark"]) == {STUCK}
    assert operations(sandbox).count("job_status") == 2
    app = open_page("jobs", job_window="7 days", job_remark="Stuck")
    assert set(table(app)["job_id"]) == set(shown["job_id"])


def test_between_two_times_only_what_started_then_is_shown(
    sandbox: Sandbox, open_page: Open
) -> None:
    open_page("overview")
    app = open_page(
        "jobs",
        tz="UTC",
        job_window="Between",
        job_from="2019-01-01T00:00",
        job_to="2019-01-02T00:00",
    )
    assert "No jobs" in texts(app)


@pytest.mark.slow
def test_what_was_cancelled_is_read_again_before_anything_is_said_of_it(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs", job_window="7 days", job_remark="Stuck", job_type="Extraction")
    job_id = table(app)["job_id"].iloc[0]
    choose(app, job_id)
    app.button(key="jobs.cancel").click().run()
    app = applied(app, "jobs")
    app.multiselect(key="job_remark").set_value([]).run()
    (jobs,) = (each.value for each in app.dataframe if "job_id" in each.value)
    (state,) = jobs.set_index("job_id").loc[job_id, "state"]
    assert state == "◔ Cancelling"
    assert "Cancel requested for 1 job: 1 ◔ Cancelling" in texts(app)
