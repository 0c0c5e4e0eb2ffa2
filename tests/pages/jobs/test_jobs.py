"""What the jobs screen shows: states, tree, drawer."""

import re
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from dashboard.components import tables
from dashboard.components.failure_messages import NO_REASON, NOT_READ
from pages.jobs.tree import HIT, INDENT
from services.frames import FAILURES, JobType
from services.frames.jobs import from_job_status, key_of
from services.monitoring.reasons import READ_UNASKED
from tests.pages.acting import applied
from tests.pages.conftest import Open, operations
from tests.pages.jobs.choosing import choose, live, ticked
from tests.pages.reading import SIGNING_IN, counts, table, texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox

UNFINISHED = "▶ Succeeded, child jobs active"
LIVE_WORDS = "running|pending|rescheduling|cancelling"


def drawer(app: AppTest) -> list[str]:
    """Return the ids the drawer names, that of its own job first."""
    return [code.value for code in app.code]


def test_a_link_opens_a_job_and_ticks_its_row(sandbox: Sandbox, open_page: Open) -> None:
    job = table(open_page("jobs")).iloc[5]
    app = open_page("jobs", job=job["job_id"])
    assert drawer(app)[0] == job["job_id"]
    assert job["state"][0] in texts(app)


def test_no_job_opens_by_itself(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs")
    assert drawer(app) == []
    assert ticked(app, "jobs.table") == []


def test_what_is_selected_is_the_job_and_not_its_place(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs")
    every = table(app)
    place = int((every["job_type"] == "Processing").to_numpy().nonzero()[0][-1])
    job_id = every["job_id"].iloc[place]
    app.button(key="jobs.select_all").click().run()
    app.multiselect(key="job_type").set_value(["Processing"]).run()
    assert job_id in ticked(app, "jobs.table")
    app.multiselect(key="job_type").set_value(["Extraction"]).run()
    assert job_id not in ticked(app, "jobs.table")


def test_a_job_leads_to_its_parent_and_its_children(sandbox: Sandbox, open_page: Open) -> None:
    every = table(open_page("jobs")).set_index("job_id")
    above = every["parent_job_id"]
    dispatching = every.index[every["job_type"] == "Dispatching"]
    child = above.index[above.isin(dispatching)][0]
    parent = every.loc[child, "parent_job_id"]
    app = open_page("jobs", job=child)
    asked = operations(sandbox)
    app.button(key="job.open_parent").click().run()
    assert not app.exception
    assert drawer(app)[0] == parent
    # The parent is asked about too: nothing else is read again.
    assert set(operations(sandbox)[len(asked) :]) <= {"job_id_status", "dispatching_job_status"}
    below = next(shown.value for shown in app.dataframe if "start_time" not in shown.value)
    children = every[every["parent_job_id"] == parent]
    assert sorted(below["tenant_code"]) == sorted(children["tenant_code"])


def test_a_job_two_levels_down_leads_to_the_topmost_one(sandbox: Sandbox, open_page: Open) -> None:
    every = table(open_page("jobs")).set_index("job_id")
    above = every["parent_job_id"]
    grandchild = above[above.map(above).isin(every.index)].index[0]
    topmost = grandchild
    while above[topmost] in every.index:
        topmost = above[topmost]
    app = open_page("jobs", job=grandchild)
    app.button(key="job.open_topmost").click().run()
    assert drawer(app)[0] == topmost


@pytest.mark.slow
def test_a_job_outside_the_window_is_said_so(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs", job="<b>nowhere</b>")
    assert "No job with this id started in this window." in texts(app)


def test_what_succeeded_above_jobs_that_go_on_does_not_look_done(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs", job_view="Tree")
    app.button(key="jobs.expand").click().run()
    shown = table(app)
    state = shown["state"].str[0]
    goes_on = shown["below"].str.contains(LIVE_WORDS, regex=True)
    assert goes_on[state == UNFINISHED].any()
    assert goes_on[state == UNFINISHED].all()
    assert not goes_on[state == "✓ Succeeded"].any()


def test_the_drawer_says_so_too(sandbox: Sandbox, open_page: Open) -> None:
    every = table(open_page("jobs"))
    job_id = every.loc[every["state"].str[0] == UNFINISHED, "job_id"].iloc[0]
    assert UNFINISHED in texts(open_page("jobs", job=job_id))


def test_the_drawer_begins_with_what_the_job_is_and_how_long_it_runs(
    sandbox: Sandbox, open_page: Open
) -> None:
    shown = table(open_page("jobs"))
    job = shown[shown["state"].str[0] == "▶ Running"].iloc[0]
    app = open_page("jobs", job=job["job_id"])
    what = re.escape(f"## {job['job_type']} · {job['tenant_name']} · running ")
    assert re.search(rf"^{what}\d\S*", texts(app), re.MULTILINE)


def test_the_tree_of_one_job_opens_it(sandbox: Sandbox, open_page: Open) -> None:
    every = table(open_page("jobs", job_view="Tree"))
    top = every[every["below"] != ""].iloc[0]
    shown = table(open_page("jobs", job_view="Tree", job_id=top["job_id"]))
    assert shown["job"].iloc[0].startswith(HIT)
    assert shown["job"].iloc[1:].str.startswith(INDENT).all()
    assert len(shown) > 1


def test_the_tree_opens_the_way_to_what_the_filter_finds(sandbox: Sandbox, open_page: Open) -> None:
    found = table(open_page("jobs", job_state="Failed"))
    app = open_page("jobs", job_view="Tree", job_state="Failed")
    shown = table(app)
    assert set(found["job_id"]) <= set(shown["job_id"])
    hits = shown[shown["job"].str.strip().str.startswith(HIT.strip())]
    assert set(hits["job_id"]) == set(found["job_id"])
    assert shown["job"].str.startswith(INDENT).any()


def test_the_tree_counts_what_matches_and_exports_it(sandbox: Sandbox, open_page: Open) -> None:
    every = len(table(open_page("jobs")))
    found = len(table(open_page("jobs", job_state="Failed")))
    app = open_page("jobs", job_view="Tree", job_state="Failed")
    app.button(key="jobs.collapse").click().run()
    shown = len(table(app))
    assert f"{found} of {every} jobs match, {shown} shown" in texts(app)
    assert f"These {found} rows, times in UTC" in texts(app)
    app.multiselect(key="job_state").set_value([]).run()
    assert f"{every} jobs, {len(table(app))} shown" in texts(app)


@pytest.mark.slow
def test_a_filter_leaves_what_a_person_has_opened(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs", job_view="Tree")
    closed = len(table(app))
    app.multiselect(key="job_state").set_value(["Failed"]).run()
    app.button(key="jobs.expand").click().run()
    app.multiselect(key="job_state").set_value([]).run()
    assert len(table(app)) == closed
    app.button(key="jobs.expand").click().run()
    app.multiselect(key="job_state").set_value(["Failed"]).run()
    app.multiselect(key="job_state").set_value([]).run()
    assert len(table(app)) == counts(app, "jobs.status")["All"]


def test_without_a_filter_nothing_is_marked(sandbox: Sandbox, open_page: Open) -> None:
    shown = table(open_page("jobs", job_view="Tree"))
    assert not shown["job"].str.contains(HIT.strip()).any()
    # Of many that began with a job of one tenant each is told from the others.
    assert shown["job"].str.match(r"Dispatching, \d+ jobs · WFF_j1r").any()


def test_the_tiles_add_up_and_follow_the_filter(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs", job_window="7 days")
    figures = counts(app, "jobs.status")
    assert sum(figures.values()) == 2 * len(table(app))
    assert figures["Other"]
    app.segmented_control(key="jobs.status").set_value("Failed").run()
    assert counts(app, "jobs.status") == figures
    assert len(table(app)) == figures["Failed"]
    assert app.multiselect(key="job_state").value == [*FAILURES]
    app.multiselect(key="job_state").set_value(["failed"]).run()
    assert 0 < len(table(app)) < figures["Failed"]
    status = app.segmented_control(key="jobs.status")
    assert status.value == "Failed"
    assert f"Failed {len(table(app)):,} of {figures['Failed']:,}" in status.options
    app.multiselect(key="job_state").set_value(["failed", "running"]).run()
    assert app.segmented_control(key="jobs.status").value is None
    app.button(key="job_state.chip").click().run()
    assert app.segmented_control(key="jobs.status").value == "All"


def test_the_tiles_of_one_job_count_its_tree_in_every_view(
    sandbox: Sandbox, open_page: Open
) -> None:
    every = table(open_page("jobs", job_window="7 days"))
    top = every[every["state"].str[0].str.endswith("child jobs failed")].iloc[0]
    link = {"job_window": "7 days", "job_id": top["job_id"]}
    views = ("Table", "Tree", "Stages", "Failures")
    told = [counts(open_page("jobs", **link, job_view=view), "jobs.status") for view in views]
    assert all(each == told[0] for each in told)
    assert told[0]["All"] > 1
    assert told[0]["Failed"]
    assert told[0]["Other"]  # the one above, which succeeded itself


def test_selected_jobs_are_cancelled_and_followed(own_sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs", job_type="Processing")
    ids = list(table(app).loc[live(app), "job_id"])[:3]
    choose(app, *ids)
    app.button(key="jobs.cancel").click().run()
    assert f"{len(ids)} items will change" in texts(app)
    applied(app, "jobs")
    sent = own_sandbox.control.requests("cancel_jobs")
    assert [sorted(each["body"]["jobIds"]) for each in sent] == [sorted(ids)]
    assert f"✓ {len(ids)} Succeeded" in texts(app)
    assert f"Cancel requested for {len(ids)} jobs:" in texts(app)


def test_a_job_that_ended_before_it_was_cancelled_is_not_said_to_be(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs", job_type="Processing")
    ids = list(table(app).loc[live(app), "job_id"])[:2]
    choose(app, *ids)
    app.button(key="jobs.cancel").click().run()
    in_session(app, session.signed_in).client.cancel_jobs(ids[:1])
    own_sandbox.control.advance(20)
    applied(app, "jobs")
    assert "≠ 1 Changed since plan" in texts(app)
    told = "Of the one that changed since the plan: It had ended before it could be cancelled: now "
    assert told in texts(app)
    assert "Cancel requested for 1 job: " in texts(app)


def test_a_subtree_is_cancelled_without_what_cannot_be(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs", job_type="Dispatching")
    unfinished = table(app)["state"].str[0] == UNFINISHED
    choose(app, table(app).loc[unfinished, "job_id"].iloc[0])
    button = app.button(key="jobs.cancel_below")
    count = int(button.label.split()[1])
    button.click().run()
    assert f"{count} items will change" in texts(app)
    assert "A dispatching job cannot be cancelled" in str(app.dataframe[0].value["reason"].tolist())
    assert own_sandbox.control.requests("cancel_jobs") == []


def test_all_that_match_and_have_not_ended_can_be_cancelled(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs", job_type="Extraction")
    count = int(live(app).sum())
    app.button(key="jobs.cancel_matching").click().run()
    assert f"{count} items will change" in texts(app)


@pytest.mark.slow
def test_stages_tell_how_far_each_tenant_has_come(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs", job_view="Stages")
    shown = table(app)
    assert {"extraction", "stage", "receiving", "processing", "message"} <= set(shown.columns)
    assert f"{len(shown)} of {len(shown)} dispatched jobs listed" in texts(app)
    running = shown["extraction"].str[0] == "▶ Running"
    assert shown.loc[running, "stage"].notna().all()
    asked = operations(sandbox)
    assert asked.count("extraction_job_and_status") == 1
    app.run()
    assert operations(sandbox) == asked


def test_failures_are_grouped_and_lead_to_their_jobs(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs", job_view="Failures")
    groups = table(app)
    assert groups["fingerprint"].str.contains(r"\[DP510002\] Unexpected").any()
    assert not groups["fingerprint"].str.contains("WFF_").any()
    worst = groups.iloc[0]
    app.query_params["job_failure_group"] = worst["key"]
    app.run()
    assert (
        f"{worst['jobs']} jobs of {worst['tenants']} tenants failed with this message pattern."
        in texts(app)
    )
    asked = operations(sandbox)
    app.button(key="jobs.failures.show").click().run()
    assert len(table(app)) == worst["jobs"]
    assert operations(sandbox) == asked


def test_why_jobs_failed_is_said_at_once_and_read_unasked_only_while_it_costs_little(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs", job_view="Failures", job_window="7 days")
    lists = [each for each in operations(sandbox) if each not in (*SIGNING_IN, "job_status")]
    assert 0 < len(lists) <= READ_UNASKED
    groups = table(app)
    told = groups[groups["example"].notna()].iloc[0]
    of = f"{told['jobs']} of {groups['jobs'].sum()}: {told['fingerprint']}"
    assert f"{of} · {NO_REASON} for " in texts(app)
    assert NOT_READ in texts(app)
    app = app.button(key="jobs.failures.read").click().run()
    assert NOT_READ not in texts(app)
    silent = table(app)[table(app)["example"].isna()]
    assert silent["fingerprint"].str.endswith(NO_REASON).all()


def test_the_drawer_says_where_visier_gives_no_reason(sandbox: Sandbox, open_page: Open) -> None:
    failed = table(
        open_page("jobs", job_state="Failed", job_type="Extraction", job_window="3 days")
    )
    app = open_page("jobs", job=failed["job_id"].iloc[0], job_window="3 days")
    assert f"{NO_REASON}." in texts(app)


def test_a_job_whose_end_was_seen_late_took_at_most_the_time_until_then(
    sandbox: Sandbox, open_page: Open
) -> None:
    signed_in = in_session(open_page("activity"), session.signed_in)
    failed = next(
        job
        for job in reversed(sandbox.inside.world.jobs.by_id.values())
        if job.status == "Failed" and job.kind == "EXTRACTION_JOB"
    )
    told = {"jobId": failed.id, "tenant": failed.tenant, "startTime": failed.start_time}
    look = from_job_status({"jobStatus": [{**told, "status": "Running", "jobType": failed.kind}]})
    observations = bootstrap.whole_ledger().job_observations
    observations.record(signed_in.identity.name, look, look["start_time"].iloc[0])
    app = open_page("jobs", job_window="7 days", job=failed.id)
    assert "End (observed)" in texts(app)
    assert re.search(r"\nat most \d+[mhd]", texts(app))


@pytest.mark.slow
def test_the_tenants_of_a_failure_are_handed_to_start_jobs(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs", job_view="Failures")
    worst = table(app).iloc[0]
    app.query_params["job_failure_group"] = worst["key"]
    app.run()
    app.button(key="jobs.failures.process").click().run()
    assert app.title[0].value == "Start jobs"
    handed = (app.text_area(key="start.tenants.chosen").value or "").split()
    assert len(handed) == worst["tenants"]


def test_without_the_list_the_screen_works_from_what_is_tracked(
    sandbox: Sandbox, open_page: Open
) -> None:
    every = table(open_page("jobs")).set_index("job_id")
    top = every.index[every["job_type"] == "Dispatching"][0]
    below = every.index[every["parent_job_id"] == top]
    st.cache_resource.clear()
    for operation in ("job_status", "job_id_status"):
        sandbox.control.fault(operation, "403", times=0, value="Not for <b>you</b>.")
    app = open_page("jobs", job_view="Tree")
    assert "The job list is not available" in texts(app)
    assert "Not for <b>you</b>." in texts(app)
    assert "No job is tracked" in texts(app)
    app.text_input(key="jobs.track").set_value(f" {top} ").run()
    app.button(key="jobs.expand").click().run()
    assert set(table(app)["job_id"]) >= {top, *below}
    assert "The job list is not available" in texts(app)
    app.button(key=f"jobs.untrack.{top}").click().run()
    assert f"jobs.untrack.{top}" not in [button.key for button in app.button]


def test_a_job_that_is_not_listed_yet_is_said_so(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs")
    app.text_input(key="jobs.track").set_value("0a0a0a0a-0000-4000-8000-000000000000").run()
    assert "Not listed yet" in texts(app)
    assert "0a0a0a0a-0000-4000-8000-000000000000" in texts(app)


@pytest.mark.slow
def test_a_job_of_another_time_is_found_by_its_id(sandbox: Sandbox, open_page: Open) -> None:
    every = table(open_page("jobs", job_window="7 days"))
    old = every["job_id"].iloc[-1]
    app = open_page("jobs", job_window="1 hour", job=old)
    assert "No job with this id started in this window." in texts(app)
    app.button(key="job.fetch").click().run()
    assert drawer(app)[0] == old
    assert "No job with this id" not in texts(app)


@pytest.mark.slow
def test_the_drawer_shows_visiers_answer_and_how_it_was_asked(
    sandbox: Sandbox, open_page: Open
) -> None:
    every = table(open_page("jobs", job_type="Processing", job_state="Failed"))
    job_id = every["job_id"].iloc[0]
    app = open_page("jobs", job=job_id)
    shown = "\n".join(drawer(app))
    assert f'"jobId": "{job_id}"' in shown
    assert "curl --request GET" in shown
    assert "$VISIER_APIKEY" in shown
    assert sandbox.api_key not in shown
    assert "Message" in texts(app)


def test_a_paused_page_says_so(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs", job_live="false")
    assert ", paused" in texts(app)
    app.toggle(key="job_live").set_value(True).run()
    assert ", paused" not in texts(app)


def test_a_window_between_two_times(sandbox: Sandbox, open_page: Open) -> None:
    every = table(open_page("jobs", job_window="7 days"))
    times = every["start_time"].sort_values()
    since, until = times.iloc[len(times) * 2 // 5], times.iloc[len(times) * 3 // 5]
    form = "%Y-%m-%dT%H:%M"
    app = open_page(
        "jobs",
        tz="UTC",
        job_window="Between",
        job_from=since.strftime(form),
        job_to=until.strftime(form),
    )
    shown = table(app)["start_time"]
    assert shown.min() >= since.floor("min")
    assert shown.max() <= until.ceil("min")
    assert 0 < len(shown) < len(every)


@pytest.mark.parametrize(
    ("since", "until"), [("2026-11-24T12:00", "2026-11-23T12:00"), ("2026-11-24T12:00", "")]
)
def test_a_window_that_is_none_offers_no_jobs(
    sandbox: Sandbox, open_page: Open, since: str, until: str
) -> None:
    times = {"job_from": since} | ({"job_to": until} if until else {})
    app = open_page("jobs", job_window="Between", **times)
    assert "No window yet" in texts(app)
    assert not app.dataframe
    assert "job_status" not in operations(sandbox)


@pytest.mark.first_is_quick
@pytest.mark.parametrize("job_id", ["../../admin", "two words", "a" * 201])
def test_what_is_no_job_id_is_not_tracked(sandbox: Sandbox, open_page: Open, job_id: str) -> None:
    app = open_page("jobs")
    app.text_input(key="jobs.track").set_value(job_id).run()
    assert "Paste the job id alone" in texts(app)
    assert len(table(app)) > 0
    assert not [button for button in app.button if (button.key or "").startswith("jobs.untrack")]


@pytest.mark.slow
def test_an_id_of_two_jobs_opens_either_of_them(own_sandbox: Sandbox, open_page: Open) -> None:
    book = own_sandbox.inside.world.jobs
    extraction, processing = (
        next(job for job in book.by_start[::-1] if job.kind.value == kind)
        for kind in ("EXTRACTION_JOB", "PROCESSING_JOB")
    )
    processing.id = extraction.id
    app = open_page("jobs", job=extraction.id)
    assert "2 jobs with this id. Select one to open it." in texts(app)
    for kind, word, tenant in (
        (JobType.EXTRACTION, "Extraction", extraction.tenant),
        (JobType.PROCESSING, "Processing", processing.tenant),
    ):
        app = open_page("jobs", job=key_of(kind, extraction.id))
        assert drawer(app)[0] == extraction.id
        assert {word, tenant} <= set(texts(app).splitlines())


def test_every_value_of_a_filter_is_written_down_with_what_it_found(
    sandbox: Sandbox, open_page: Open
) -> None:
    states, types = ["Running", "Pending"], ["Processing", "Extraction"]
    app = open_page("jobs", job_state=states, job_type=types)
    app.button(key="jobs.cancel_matching").click().run()
    for word in ("state Running or Pending", "type Processing or Extraction"):
        assert word in texts(app)
    assert "started within 24 hours (UTC)" in texts(app)


@pytest.mark.parametrize(
    ("state", "kind", "remark"),
    [
        (["rolled_back", "failed"], "processing", "quick"),
        (["Rolled back", "Failed"], "Processing", "Suspiciously quick"),
        (["ROLLED_BACK", "failed", "no such state"], "processing", "quick"),
    ],
)
def test_a_link_names_tokens_and_those_of_earlier_versions_go_on_working(
    open_page: Open, state: list[str], kind: str, remark: str
) -> None:
    app = open_page("jobs", job_state=state, job_type=kind, job_remark=remark)
    chosen = {name: app.multiselect(key=name) for name in ("job_state", "job_type", "job_remark")}
    tokens = {"job_state": ["rolled_back", "failed"], "job_type": ["processing"]}
    tokens["job_remark"] = ["quick"]
    assert {name: each.value for name, each in chosen.items()} == tokens
    # Writing tokens in the place of words would be a step in the history that Back runs into.
    assert app.query_params["job_state"] == state
    assert {"Rolled back", "Succeeded, not all child jobs"} <= set(chosen["job_state"].options)
    app.multiselect(key="job_remark").set_value([]).run()
    assert "job_remark" not in app.query_params


def test_a_state_that_a_link_names_in_vain_is_said(open_page: Open) -> None:
    app = open_page("jobs", job_state="bogus")
    assert app.multiselect(key="job_state").placeholder == "Unknown: bogus"
    assert "ignored" not in texts(app)
    app.multiselect(key="job_state").set_value(["failed"]).run()
    assert app.query_params["job_state"] == "failed"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"job_state": ["failed", "bogus"]}, "State “bogus”"),
        ({"job_view": "Bogus", "job_window": "24h"}, "View “Bogus”"),
    ],
)
def test_what_a_link_names_in_vain_beside_what_is_known_is_said_to_be_ignored(
    open_page: Open, query: dict[str, Any], told: str
) -> None:
    app = open_page("jobs", **query)
    assert f"Unknown in this link, so ignored: {told}" in texts(app).splitlines()
    if "job_state" in query:
        assert app.multiselect(key="job_state").value == ["failed"]
        app.multiselect(key="job_state").set_value(["running"]).run()
        assert "ignored" not in texts(app)


def test_a_table_says_words_and_its_export_has_tokens(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported, offer = [], tables.offer_exports

    def noted(rows: pd.DataFrame, **named: Any) -> None:
        exported.append(rows)
        offer(rows, **named)

    monkeypatch.setattr(tables, "offer_exports", noted)
    shown = table(open_page("jobs", job_type="processing", job_state="failed"))
    assert set(shown["job_type"]) == {"Processing"}
    assert {label for labels in shown["state"] for label in labels} == {"✕ Failed"}
    told = exported[-1]
    assert (set(told["job_type"]), set(told["status"])) == ({"processing"}, {"failed"})
    assert (set(told["job_type_word"]), set(told["status_word"])) == (
        {"PROCESSING_JOB"},
        {"Failed"},
    )
