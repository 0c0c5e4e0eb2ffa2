"""Recovery as a person goes through it: found, planned, run, left, resumed, verified, reported."""

from datetime import datetime, timedelta

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session, wording
from services.ledger import Outcome, State
from services.operations.engine.reading import Reader
from services.operations.recovery import incident as incidents
from services.operations.recovery.incident import Recovery, Step
from services.operations.recovery.steps import Stage
from services.operations.recovery.verdicts import NotCompared, Uncompared
from tests.holding import gate_before
from tests.pages.acting import button, field, labels
from tests.pages.conftest import Open, jobs_beside, operations
from tests.pages.reading import metrics, table, texts
from tests.pages.recovery.recovering import (
    HOURS,
    WHY,
    begun,
    carried_out,
    confirmed,
    leave_one_out,
    parts,
    planned,
    recovery_id,
    settled,
    wait_for_start,
)
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox
from tests.services.operations.recovery.conftest import BAD_BATCH

WRITES = ("disable_dv", "exclude_data_uploads", "adhoc_processing_jobs")


def writes(sandbox: Sandbox) -> list[str]:
    return [name for name in operations(sandbox) if name in WRITES]


def recovery(app: AppTest) -> Recovery:
    return incidents.read(bootstrap.whole_ledger(), recovery_id(app))


def test_a_preview_has_no_column_for_what_it_does_not_tell(
    sandbox: Sandbox, open_page: Open
) -> None:
    disable, exclude, process = (shown.value for shown in begun(sandbox, open_page).dataframe)
    first = ["tenant_name", "tenant_code", "what"]
    fallback = ["falls_back_to", "falls_back_age"]
    assert list(disable.columns) == [*first, "data_version_date", "change", *fallback]
    assert list(exclude.columns) == [*first, "upload_time", "change"]
    assert list(process.columns) == ["tenant_name", "tenant_code", "change"]


def test_a_bad_load_is_found_by_its_receiving_job(sandbox: Sandbox, open_page: Open) -> None:
    sandbox.control.reset()
    sandbox.control.clear_requests()
    app = open_page("recovery", rec_job=BAD_BATCH)
    shown = metrics(app)
    assert (shown["Tenants"], shown["Bad uploads"], shown["Still included"]) == (40, 40, 40)
    assert shown["Data versions containing them"] > 30
    assert list(table(app)["tenant_code"]) == sorted(table(app)["tenant_code"])
    reads = ["retrieve_data_categories", "retrieve_data_uploads", "latest_enabled_dv", "job_status"]
    assert [each for each in operations(sandbox) if each in reads] == reads
    assert writes(sandbox) == []


def test_a_bad_load_is_found_by_when_it_arrived(sandbox: Sandbox, open_page: Open) -> None:
    listed = table(open_page("uploads", up_job=BAD_BATCH))
    first, last = listed["upload_time"].min(), listed["upload_time"].max()
    app = open_page("recovery", rec_by="Time window")
    for key, moment in (("rec_from", first), ("rec_to", last)):
        typed: datetime = moment.tz_localize(None).floor("min").to_pydatetime()
        app.datetime_input(key=key).set_value(typed)
    app.run()
    assert metrics(app)["Tenants"] == 40


def test_a_bad_load_is_found_by_tenants(sandbox: Sandbox, open_page: Open) -> None:
    codes = list(table(open_page("uploads", up_job=BAD_BATCH))["tenant_code"])[:3]
    app = open_page("recovery", rec_by="Tenants", rec_tenant=" ".join(codes))
    assert list(table(app)["tenant_code"]) == sorted(codes)


@pytest.mark.slow
def test_a_bad_load_is_found_by_how_jobs_failed(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("recovery", rec_by="Kind of failure")
    choice = app.selectbox(key="rec_failure")
    app = choice.select_index(0).run()
    assert not app.exception
    assert metrics(app)["Tenants"] >= 1


def test_nothing_that_fits_says_so_and_begins_nothing(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("recovery", rec_by="Tenants", rec_tenant="WFF_j1r~nobody")
    assert "Nothing found" in texts(app)
    assert not [each for each in app.button if each.key == "rec.begin"]


def test_a_read_that_fails_is_shown_in_visiers_words(sandbox: Sandbox, open_page: Open) -> None:
    sandbox.control.fault("retrieve_data_uploads", "403", value="You may not see uploads.")
    app = open_page("recovery", rec_job=BAD_BATCH)
    assert "You may not see uploads." in texts(app)
    assert "**:material/flag: 1 Find**" in texts(app)
    assert not app.exception


def test_what_is_found_is_written_down_before_anything_is_sent(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = begun(sandbox, open_page)
    assert writes(sandbox) == []
    found = recovery(app)
    assert len(found.incident.tenants) == 40
    assert all(each.figures for each in found.incident.tenants)
    assert found.operation.state is State.OPEN


def shown_open(app: AppTest) -> list[str]:
    return [each.label for each in app.expander if each.proto.expanded]


@pytest.mark.slow
def test_a_refused_step_says_so_and_stays_open_until_it_is_tried_again(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = planned(sandbox, open_page)
    sandbox.control.fault("disable_dv", "403", value="You may not disable.")
    app = settled(confirmed(app))
    assert "Not all succeeded" in texts(app)
    (refused,) = shown_open(app)
    assert refused.startswith("Disable data versions: Finished · ✕")
    app = settled(confirmed(button(app, "Retry the failed")))
    assert "Not all succeeded" not in texts(app)
    assert "Done" in texts(app)
    assert shown_open(app) == []


@pytest.mark.slow
def test_a_refused_start_is_told_and_no_start_of_the_same(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = planned(sandbox, open_page)
    for _ in range(2):
        app = settled(confirmed(app))
    sandbox.control.fault("adhoc_processing_jobs", "403", value="You may not start.")
    app = confirmed(app)
    wait_for_start(app)
    app.run()
    (refused,) = shown_open(app)
    assert refused.startswith("One processing job for each of 40 tenants: Finished · ✕")
    assert "You may not start." in texts(app)
    assert "The same job was started just now" not in texts(app)
    assert len([each for each in app.button if each.key == "start.go"]) == 1


@pytest.mark.slow
def test_refused_metric_values_do_not_keep_anybody_from_recovering(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.reset()
    sandbox.control.fault("validation_tenants", "403", value="Not for you.")
    app = open_page("recovery", rec_job=BAD_BATCH)
    app.button(key="rec.begin").click().run()
    refused = recovery(app).incident.not_compared
    assert isinstance(refused, NotCompared)
    assert "Not for you." in refused.said
    app.segmented_control(key="rec_stage").set_value(Stage.IMPACT).run()
    told = "Metric values will not be compared. Visier does not report metric values: "
    assert told in texts(app)


@pytest.mark.slow
def test_metric_values_that_cannot_be_read_now_can_be_done_without(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.reset()
    sandbox.control.fault("validation_tenants", "500", times=0, value="Out of order.")
    app = open_page("recovery", rec_job=BAD_BATCH)
    app.button(key="rec.begin").click().run()
    assert "Out of order." in texts(app)
    assert "recovery" not in app.query_params
    app.toggle(key="rec.compare").set_value(False).run()
    app.button(key="rec.begin").click().run()
    assert recovery(app).incident.not_compared == NotCompared(Uncompared.UNASKED)


def test_opt_outs_are_kept_and_what_is_left_out_is_not_sent(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = begun(sandbox, open_page)
    id_ = recovery_id(app)
    spared = leave_one_out(app)
    app.toggle(key=f"rec.on.DISABLE.{id_}").set_value(False).run()
    assert "bad uploads of 1 tenant to reprocess would stay included" in "".join(
        each.value for each in app.warning
    )
    app.button(key="rec.save").click().run()
    assert recovery(app).choices == incidents.Choices((Step.DISABLE,), {Step.EXCLUDE: (spared,)})
    app = settled(confirmed(app))
    (request,) = sandbox.control.requests("exclude_data_uploads")
    codes = {each["tenantCode"] for each in request["body"]["uploads"]}
    assert len(codes) == 39
    assert spared not in codes
    assert writes(sandbox) == ["exclude_data_uploads"]


def test_a_plan_in_which_everything_is_left_out_says_so(sandbox: Sandbox, open_page: Open) -> None:
    app = begun(sandbox, open_page)
    for step in Step:
        app.toggle(key=f"rec.on.{step.name}.{recovery_id(app)}").set_value(False).run()
    assert "Every step is left out: nothing to run." in texts(app)
    assert app.button(key="rec.save").disabled


@pytest.mark.slow
def test_it_is_gone_on_with_by_link_where_it_was_left(sandbox: Sandbox, open_page: Open) -> None:
    app = settled(confirmed(planned(sandbox, open_page)))
    assert writes(sandbox) == ["disable_dv"]
    (address,) = [each.value for each in app.code if "recovery=" in each.value]
    assert address.endswith(f"?recovery={recovery_id(app)}")
    other = open_page("recovery", recovery=recovery_id(app))
    assert other.session_state["rec_stage"] == Stage.RUN
    assert "40 items will change" in texts(other)
    settled(confirmed(other))
    assert writes(sandbox) == ["disable_dv", "exclude_data_uploads"]
    assert [each.part_of for each in parts(other)] == [recovery_id(app)] * 2


@pytest.mark.slow
def test_the_stage_in_view_is_what_a_browser_falls_back_to(
    sandbox: Sandbox, open_page: Open
) -> None:
    """As it does when the recovery reaches another stage by itself: the faces are others then."""
    app = planned(sandbox, open_page)
    for _ in range(2):
        control = app.segmented_control(key="rec_stage")
        (fallback,) = control.proto.default
        assert control.proto.options[fallback].content.endswith("4 Run")
        app = settled(confirmed(app))


@pytest.mark.slow
def test_what_two_people_press_at_once_is_sent_once(sandbox: Sandbox, open_page: Open) -> None:
    app = planned(sandbox, open_page)
    other = open_page("recovery", recovery=recovery_id(app))
    for each in (app, other):
        typed = field(each, "Type ")
        typed.set_value(typed.label.split()[1]).run()
    for each in (app, other):
        (press,) = [found for found in each.button if ".apply." in (found.key or "")]
        press.click().run()
    settled(app)
    assert writes(sandbox) == ["disable_dv"]
    assert len(parts(app)) == 1
    assert not other.exception


@pytest.mark.slow
def test_a_step_that_broke_off_is_looked_up_and_finished_in_another_session(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = settled(confirmed(planned(sandbox, open_page)))
    gate = gate_before(monkeypatch, Reader, "states", thread="operation ")
    app = confirmed(app)
    gate.wait_for_somebody()
    bootstrap.threads().leave(0)  # as the process does when it is told to end
    gate.open()
    bootstrap.threads.clear()
    bootstrap.runner.clear()
    broken = parts(app)[-1]
    assert (broken.state, broken.item_counts[Outcome.PLANNED]) == (State.INTERRUPTED, 40)
    other = open_page("recovery", recovery=recovery_id(app))
    assert "Needs attention" in texts(other)
    assert not [each for each in other.button if each.key == "start.go"]
    other = settled(button(other, "Look up and finish"))
    assert writes(sandbox) == ["disable_dv", "exclude_data_uploads"]
    assert parts(other)[-1].item_counts[Outcome.SUCCEEDED] == 40
    assert "Start processing jobs (40)" in labels(other)


@pytest.mark.slow
def test_a_version_that_drifted_is_left_alone_and_told(sandbox: Sandbox, open_page: Open) -> None:
    app = planned(sandbox, open_page)
    tenant = next(each for each in recovery(app).incident.tenants if each.versions)
    in_session(app, session.signed_in).client.disable_dv(
        [{"tenantCode": tenant.code, "dataVersion": tenant.versions[0].number}]
    )
    app = settled(confirmed(app))
    assert parts(app)[0].item_counts[Outcome.CHANGED_SINCE_PLAN] == 1


@pytest.mark.slow
def test_an_unclear_start_is_not_sent_again(sandbox: Sandbox, open_page: Open) -> None:
    app = planned(sandbox, open_page)
    for _ in range(2):
        app = settled(confirmed(app))
    sandbox.control.fault("adhoc_processing_jobs", "cut", when="after")
    app = confirmed(app)
    wait_for_start(app)
    other = open_page("recovery", recovery=recovery_id(app))
    assert "Needs attention" in texts(other)
    assert "It may have started" in texts(other)
    assert not [each for each in other.button if each.key == "start.go"]
    assert writes(sandbox).count("adhoc_processing_jobs") == 1


@pytest.mark.slow
def test_it_is_verified_by_reading_back_and_reported(sandbox: Sandbox, open_page: Open) -> None:
    app = carried_out(planned(sandbox, open_page))
    assert writes(sandbox) == list(WRITES)
    sandbox.control.advance(2 * HOURS)
    app = open_page("recovery", recovery=recovery_id(app))
    app.segmented_control(key="rec_stage").set_value(Stage.VERIFY).run()
    assert "Not verified yet" in texts(app)
    app = app.button(key="rec.verify").click().run()
    shown = metrics(app)
    assert shown["✓ Confirmed"] >= 30
    assert shown["✓ Confirmed"] + shown["✕ Not confirmed"] == 40
    rows = table(app)
    told = rows.loc[rows["mark"] == "✓ Confirmed"].iloc[0]
    assert "In use: " in told["version"]
    assert told["upload"] == "The upload is excluded."
    assert " → " in told["metric Headcount"]
    app = app.button(key="rec.again").click().run()
    assert f"Start processing jobs ({shown['✕ Not confirmed']})" in labels(app)
    app = app.button(key="rec.to_verify").click().run()
    app = app.button(key="rec.to_report").click().run()
    assert "Metric values: compared" in texts(app)
    outcomes = list(table(app)["outcome"])
    assert [each[:2] for each in outcomes] == [
        "✓ ",
        "✓ ",
        "✕ " if "failed" in outcomes[2] else "✓ ",
    ]
    whole = recovery(app).operation
    carried = {(each.reason, each.filter_text) for each in parts(app)}
    assert carried == {(WHY, whole.filter_text)}
    app = app.button(key="rec.close").click().run()
    assert recovery(app).is_closed
    assert "Closed. Nothing can change in it." in texts(app)


def of_the_jobs(app: AppTest) -> str:
    """Return how the step stands that starts jobs, as Run says it."""
    (told,) = (
        text.value for text in app.markdown if f"{wording.STEPS[Step.REPROCESS]}**" in text.value
    )
    return told.partition("** · ")[2]


def look_again(app: AppTest) -> AppTest:
    bootstrap.job_monitor.clear()  # as time does, which makes the page look again
    return app.run()


def failed_of(sandbox: Sandbox) -> set[str]:
    """Return the tenants of which the job that was started first has failed."""
    (sent,) = sandbox.control.requests("adhoc_processing_jobs")
    jobs = sandbox.inside.world.jobs.by_id.values()
    newest = {job.tenant: job for job in jobs if job.kind == "PROCESSING_JOB"}
    failures = {"Failed", "Error", "RolledBack"}
    return {code for code in sent["body"]["tenants"] if newest[code].status in failures}


@pytest.mark.slow
def test_a_step_is_done_when_its_jobs_have_ended_and_retries_those_that_failed(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = carried_out(planned(sandbox, open_page))
    assert of_the_jobs(app) == ":material/play_circle: Started"
    assert app.session_state["rec_stage"] == Stage.RUN
    sandbox.control.advance(2 * HOURS)
    app = look_again(app).run()
    failed = failed_of(sandbox)
    if not failed:
        pytest.fail("every job of this seed succeeds: choose another one")
    told = f"{40 - len(failed)} of 40 jobs succeeded, {len(failed)} failed"
    assert of_the_jobs(app) == f":material/error: Not all succeeded · {told}"
    retry = f"Retry the failed ({len(failed)})…"
    app = button(button(app, retry), "Discard")
    assert not [each for each in labels(app) if each.startswith("Start pro")]
    app = button(app, retry)
    app = app.button(key="start.go").click().run()
    wait_for_start(app)
    _, again = sandbox.control.requests("adhoc_processing_jobs")
    assert set(again["body"]["tenants"]) == failed
    app = app.run()
    assert not [each for each in labels(app) if each.startswith(("Retry the failed", "Start pro"))]
    sandbox.control.advance(2 * HOURS)
    app = look_again(app).run()
    assert " of 40 jobs succeeded" in of_the_jobs(app)
    assert f"{told}." not in of_the_jobs(app)


@pytest.mark.slow
def test_activity_shows_the_whole_and_its_parts_linked(sandbox: Sandbox, open_page: Open) -> None:
    app = settled(confirmed(planned(sandbox, open_page)))
    activity = open_page("activity")
    verbs = list(table(activity)["verb"])
    assert verbs == ["Disable data versions", "Recover from a bad load"]
    opened = open_page("activity", act_op=recovery_id(app))
    assert not opened.exception
    assert "1 part so far:" in texts(opened)
    assert not open_page("activity", act_op=parts(app)[0].id).exception


def test_a_link_to_nothing_says_so(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("recovery", recovery="6a1f0c0e-8f6e-4d7b-9d3e-3b1d6f0e7a11")
    assert "No such recovery" in texts(app)


def test_uploads_of_a_receiving_job_lead_to_their_impact(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("uploads", up_job=BAD_BATCH, up_window="Everything")
    app = app.button(key="uploads.select_all").click().run()
    app = app.button(key="up.recover").click().run()
    assert not app.exception
    assert app.title[0].value == "Recovery"
    assert metrics(app)["Tenants"] == 40


@pytest.mark.slow
def test_selected_uploads_lead_to_what_arrived_with_them(sandbox: Sandbox, open_page: Open) -> None:
    codes = sorted(table(open_page("uploads", up_job=BAD_BATCH))["tenant_code"])[:2]
    app = open_page("uploads", up_tenant=" ".join(codes), up_window="24 hours")
    app = app.button(key="uploads.select_all").click().run()
    app = app.button(key="up.recover").click().run()
    assert list(table(app)["tenant_code"]) == codes


def test_more_than_a_few_calls_are_asked_for(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.recovery.find.PAGE_SIZE", 10)
    sandbox.control.clear_requests()
    app = open_page("recovery", rec_job=BAD_BATCH)
    assert "Find it (18 calls)" in labels(app)
    assert "retrieve_data_uploads" not in operations(sandbox)
    app = app.button(key="rec.find").click().run()
    assert metrics(app)["Tenants"] == 40


@pytest.mark.slow
def test_old_uploads_have_their_later_jobs_read_only_when_asked(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.reset()
    uploads = open_page("uploads", up_window="90 days")
    jobs_beside(uploads).wait(30)
    rows = table(uploads)
    st.cache_resource.clear()
    now = rows["upload_time"].max()
    old = rows[rows["upload_time"] < now - timedelta(days=20)]["tenant_code"]
    fresh = rows[rows["upload_time"] >= now - timedelta(days=20)]["tenant_code"]
    code = min(set(old) - set(fresh))
    app = open_page("recovery", rec_by="Tenants", rec_tenant=code)
    assert "Read later jobs of 7 days (7 calls)" in labels(app)
    sandbox.control.clear_requests()
    app = app.button(key="rec.jobs").click().run()
    assert operations(sandbox).count("job_status") == 7
