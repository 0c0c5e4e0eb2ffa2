"""No parent looks like a success above jobs that did not succeed, on any screen."""

import json
import re
from urllib.parse import quote

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.job_states import COLORS
from tests.pages.conftest import Open
from tests.pages.reading import counts, table, texts
from tests.sandboxes import Sandbox, ask

GREEN, FAILED_BELOW = "✓ Succeeded", "✕ Succeeded, child jobs failed"
FAILED_AND_ACTIVE = "✕ Child jobs failed, others active"
ALL_SUCCEEDED = r"^(?:(\S+) of \1)?$"


def faces(app: AppTest) -> "pd.Series[str]":
    shown: pd.Series[str] = table(app)["state"].str[0]
    return shown


@pytest.mark.parametrize("view", ["Table", "Tree"])
def test_a_parent_says_in_every_view_what_became_of_all_below(
    sandbox: Sandbox, open_page: Open, view: str
) -> None:
    app = open_page("jobs", job_window="3 days", job_view=view)
    if view == "Tree":
        app.button(key="jobs.expand").click().run()
    below, shown = table(app)["below"], faces(app)
    failed = below.str.contains("failed")
    assert set(shown[failed & shown.str.contains("Succeeded")]) == {FAILED_BELOW}
    assert below[shown == GREEN].str.match(ALL_SUCCEEDED).all()


def in_a_sentence(below: str) -> str:
    """Return what a cell says of child jobs as it is said where no heading does: they succeeded."""
    return re.sub(r"( of [\d,]*\d)", r"\1 succeeded", below, count=1)


def failed_below(app: AppTest) -> pd.Series:
    """Return a job that succeeded above one that failed."""
    found: pd.Series = table(app)[faces(app) == FAILED_BELOW].iloc[0]
    return found


def test_the_drawer_and_the_tracked_jobs_say_so_too(sandbox: Sandbox, open_page: Open) -> None:
    job = failed_below(open_page("jobs", job_window="3 days"))
    app = open_page("jobs", job_window="3 days", job=job["job_id"])
    assert FAILED_BELOW in texts(app)
    assert in_a_sentence(job["below"]) in texts(app)
    app = open_page("jobs", job_window="3 days")
    app.text_input(key="jobs.track").set_value(job["job_id"]).run()
    assert FAILED_BELOW in texts(app)
    app.button(key=f"jobs.untrack.{job['job_id']}").click().run()


def test_the_failures_of_a_job_are_those_below_it(sandbox: Sandbox, open_page: Open) -> None:
    job = failed_below(open_page("jobs", job_window="3 days"))
    (failed,) = re.findall(r"(\S+) failed", job["below"])
    app = open_page("jobs", job_window="3 days", job_view="Failures", job_id=job["job_id"])
    assert table(app)["jobs"].sum() == int(failed.replace(",", ""))


def test_a_state_of_a_named_job_shows_as_many_jobs_as_it_counts(
    sandbox: Sandbox, open_page: Open
) -> None:
    job = failed_below(open_page("jobs", job_window="3 days"))
    app = open_page("jobs", job_window="3 days", job_id=job["job_id"])
    failed = counts(app, "jobs.status")["Failed"]
    assert failed > len(table(app)) == 1
    app.segmented_control(key="jobs.status").set_value("Failed").run()
    assert len(table(app)) == failed


def test_the_time_line_draws_no_green_bar_for_it(sandbox: Sandbox, open_page: Open) -> None:
    job = failed_below(open_page("jobs", job_window="3 days"))
    app = open_page("jobs", job_window="3 days", job_view="Timeline", job_id=job["job_id"])
    (figure,) = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    assert [trace["name"] for trace in figure["data"] if trace.get("showlegend") is None] == [
        FAILED_BELOW
    ]


@pytest.mark.slow
def test_stages_tell_of_the_dispatching_job_with_all_below(
    sandbox: Sandbox, open_page: Open
) -> None:
    every = table(open_page("jobs", job_window="3 days", job_type="Dispatching"))
    for job in every.to_dict("records"):
        app = open_page(
            "jobs", job_window="3 days", job_view="Stages", job_stage=job["job_id"], job_type=""
        )
        told = f"{job['state'][0]} · {in_a_sentence(job['below'])}".rstrip(" ·")
        assert told in texts(app)


def test_a_parent_that_is_watched_turns_from_running_to_failed_and_is_never_green_between(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    started = ask(
        "POST",
        f"{own_sandbox.url}/v1/op/data/startExtractAndLoad",
        headers=own_sandbox.headers(),
        json={"allTenants": True, "runProcessingJob": True},
    )
    (job_id,) = started.json().values()
    own_sandbox.control.advance(10)
    app = open_page("jobs", job_window="1 hour", job_id=job_id)
    seen = list(faces(app))
    while seen[-1] != FAILED_BELOW and len(seen) < 20:
        own_sandbox.control.advance(600)
        seen.extend(faces(app.button(key="jobs.refresh").click().run()))
    # What dispatches has done its own part within seconds.
    expected = ["▶ Succeeded, child jobs active", FAILED_AND_ACTIVE, FAILED_BELOW]
    assert [*dict.fromkeys(seen)] == expected


def test_the_bar_of_a_parent_ends_in_what_failed_below(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs", job_window="3 days", job_view="Tree")
    rows = table(app)
    assert list(rows.columns)[:6] == ["toggle", "state", "job", "bar", "below", "start_time"]
    red = quote(f"rgb{COLORS['red']}")
    failed = rows["below"].str.contains("failed")
    assert failed.any()
    assert rows.loc[failed, "bar"].str.contains(red).all()
    assert not rows.loc[~failed, "bar"].fillna("").str.contains(red).any()
