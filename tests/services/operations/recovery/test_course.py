"""A recovery over forty tenants, from what was found to the report, read back from the sandbox."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dashboard.operations import recovery_page, recovery_words
from services.ledger import AlreadyApplied, Outcome, State
from services.operations import NotAllowed, Permissions, retry_plan
from services.operations.engine.reconcile import every_item
from services.operations.recovery import changing, report, steps, verifying
from services.operations.recovery import incident as incidents
from services.operations.recovery.incident import Choices, Recovery, Step
from services.operations.recovery.steps import Stage, StepStatus
from services.operations.recovery.verdicts import (
    NotCompared,
    Seen,
    Uncompared,
    Verdict,
    Verification,
)
from services.operations.recovery.verifying import ReadBack
from services.operations.starts.lookup import same_started
from services.operations.starts.request import start
from tests.services.operations.recovery.conftest import ADA, BAD_BATCH, LONG_ENOUGH, PERMITTED, Desk

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
HOUR = 3600.0


def verified(desk: Desk, recovery: Recovery, read: ReadBack) -> Verification:
    verification = verifying.verify(recovery, read, at=NOW, by="ada@example.com")
    verifying.write_down(desk.ledger, recovery, verification, PERMITTED)
    return verification


def verdicts(verification: Verification) -> dict[Verdict, int]:
    told = [each.verdict for each in verification.tenants]
    return {verdict: told.count(verdict) for verdict in set(told)}


def test_what_was_found_is_written_down_with_the_figures_before(desk: Desk) -> None:
    impact = desk.impact()
    recovery = desk.begin()
    assert len(impact.tenants) == len(recovery.incident.tenants) == 40
    with_version = sum(bool(each.versions) for each in recovery.incident.tenants)
    assert 30 <= with_version <= 40
    assert all(len(each.uploads) == 1 for each in recovery.incident.tenants)
    assert {len(each.figures) for each in recovery.incident.tenants} == {2}
    assert recovery.operation.state is State.OPEN
    assert steps.stage_of(recovery) is Stage.PLAN
    assert recovery.operation.item_counts[Outcome.PLANNED] == 40


def test_forty_tenants_are_recovered_but_for_the_one_that_is_left_out(desk: Desk) -> None:
    spared = desk.impact().versions["tenant_code"].iloc[0]
    choices = Choices(left_out=dict.fromkeys(Step, (spared,)))
    recovery, job_id = desk.carried_out(choices)
    desk.sandbox.control.advance(2 * HOUR)
    assert steps.stage_of(recovery) is Stage.VERIFY
    found = verified(desk, recovery, desk.read_back(job_id))
    by_code = {each.code: each for each in found.tenants}
    assert by_code[spared].verdict is Verdict.LEFT_OUT
    confirmed = [each for each in found.tenants if each.verdict is Verdict.CONFIRMED]
    failed = [each for each in found.tenants if each.verdict is Verdict.NOT_CONFIRMED]
    assert len(confirmed) + len(failed) == 39
    assert len(confirmed) >= 30
    assert all(each.upload.verdict is Verdict.CONFIRMED for each in confirmed + failed)
    assert all(each.job.verdict is Verdict.NOT_CONFIRMED for each in failed)
    counted = desk.read(recovery.id).operation.item_counts
    assert counted[Outcome.SUCCEEDED] == len(confirmed)
    assert counted[Outcome.SKIPPED] == 1


def test_metric_values_before_and_after_tell_the_bad_data_from_the_good(desk: Desk) -> None:
    recovery, job_id = desk.carried_out(Choices())
    desk.sandbox.control.advance(2 * HOUR)
    found = verified(desk, recovery, desk.read_back(job_id))
    bad = {each.code for each in recovery.incident.tenants if each.versions}
    grown = [
        each.figures[0]
        for each in found.tenants
        if each.verdict is Verdict.CONFIRMED and each.code in bad
    ]
    assert len(grown) >= 25
    for headcount in grown:
        assert headcount.before is not None
        assert headcount.after is not None
        assert headcount.after > 8 * headcount.before


def test_jobs_that_run_are_still_to_come(desk: Desk) -> None:
    recovery, job_id = desk.carried_out(Choices())
    desk.sandbox.control.advance(30)
    found = verified(desk, recovery, desk.read_back(job_id))
    assert verdicts(found) == {Verdict.TO_COME: 40}
    assert desk.read(recovery.id).operation.item_counts[Outcome.PLANNED] == 40


@pytest.mark.parametrize("fault", ["403", "501"])
def test_refused_metric_values_are_not_compared_and_it_is_said_why(desk: Desk, fault: str) -> None:
    desk.sandbox.control.fault("validation_tenants", fault, times=0, value="No such right.")
    recovery, job_id = desk.carried_out(Choices())
    desk.sandbox.control.advance(2 * HOUR)
    refused = recovery.incident.not_compared
    assert isinstance(refused, NotCompared)
    assert refused.why is Uncompared.REFUSED
    assert "No such right." in refused.said
    found = verified(desk, recovery, desk.read_back(job_id))
    assert found.not_compared == recovery.incident.not_compared
    told = report.document(desk.ledger, desk.read(recovery.id), now=NOW)
    page = recovery_page.to_html(told).decode()
    assert "Metric values: not compared." in page
    assert "No such right." in page


def test_a_step_that_was_refused_is_not_carried_out(desk: Desk) -> None:
    recovery = desk.begin(Choices())
    plan = desk.disable(recovery)
    with pytest.raises(NotAllowed):
        desk.apply(plan, Permissions(replace(ADA, user="bob@example.com"), verbs=()))
    refused = desk.read(recovery.id)
    assert [part.state for part in refused.parts] == [State.REFUSED]
    assert steps.step_status(refused, Step.DISABLE) is StepStatus.TO_DO
    assert not steps.may_begin(refused, Step.EXCLUDE)
    assert desk.sandbox.control.requests("disable_dv") == []
    desk.apply(plan)
    assert steps.step_status(desk.read(recovery.id), Step.DISABLE) is StepStatus.DONE


def test_a_step_some_of_which_failed_is_said_so_until_it_is_tried_again(desk: Desk) -> None:
    recovery = desk.begin(Choices(off=(Step.DISABLE, Step.REPROCESS)))
    desk.sandbox.control.fault("exclude_data_uploads", "partial_failure", every=2)
    failed = desk.apply(desk.exclude(recovery))
    recovery = desk.read(recovery.id)
    assert steps.step_status(recovery, Step.EXCLUDE) is StepStatus.FAILED
    assert steps.stage_of(recovery) is Stage.VERIFY
    page = recovery_page.to_html(report.document(desk.ledger, recovery, now=NOW)).decode()
    bad = {each.code: each.uploads[0].time for each in recovery.incident.tenants}
    left = every_item(desk.ledger, failed, {Outcome.FAILED})
    assert {each.tenant_code for each in left} < bad.keys()
    for each in left:
        row = f"<td>{each.tenant_code}</td><td>{bad[each.tenant_code]}</td><td>Failed</td>"
        assert f"{row}<td>{each.message}</td>" in page
    desk.sandbox.control.clear_faults()
    desk.apply(retry_plan(desk.ledger, failed, desk.uploads()))
    assert steps.step_status(desk.read(recovery.id), Step.EXCLUDE) is StepStatus.DONE


def test_a_step_that_is_left_out_sends_nothing_and_says_so(desk: Desk) -> None:
    recovery, _ = desk.carried_out(Choices(off=(Step.EXCLUDE, Step.REPROCESS)))
    assert desk.sandbox.control.requests("exclude_data_uploads") == []
    assert desk.sandbox.control.requests("adhoc_processing_jobs") == []
    assert steps.step_status(recovery, Step.EXCLUDE) is StepStatus.OFF
    found = verified(desk, recovery, desk.read_back())
    told = next(each for each in found.tenants if each.version.verdict is Verdict.CONFIRMED)
    assert [each.seen for each in told.version.evidence] == [Seen.DISABLED, Seen.FALLS_BACK]
    assert "Readers fall back to " in recovery_words.check(told.version)
    assert told.upload.verdict is told.job.verdict is Verdict.LEFT_OUT


def test_everything_left_out_of_a_step_leaves_nothing_to_do(desk: Desk) -> None:
    codes = tuple(desk.impact().tenants)
    recovery = desk.begin(Choices(left_out={Step.DISABLE: codes}))
    assert steps.step_status(recovery, Step.DISABLE) is StepStatus.NOTHING
    assert steps.may_begin(recovery, Step.EXCLUDE)
    assert not steps.may_begin(recovery, Step.REPROCESS)


def test_whose_upload_is_still_included_is_not_processed_again(desk: Desk) -> None:
    recovery = desk.begin(Choices())
    desk.apply(desk.disable(recovery))
    desk.sandbox.control.fault("exclude_data_uploads", "partial_failure", every=2)
    desk.apply(desk.exclude(recovery))
    found = steps.scope(recovery, desk.uploads())
    assert len(found.held_back) == 20
    assert set(found.codes).isdisjoint(found.held_back)
    assert len(found.codes) == 20


def test_what_two_people_press_at_once_is_sent_once(desk: Desk) -> None:
    recovery = desk.begin(Choices())
    first, second = desk.disable(recovery), desk.disable(recovery)
    desk.apply(first)
    with pytest.raises(AlreadyApplied):
        desk.apply(second)
    desk.apply(desk.exclude(recovery))
    codes = steps.scope(recovery, desk.uploads()).codes
    one, other = steps.start_of(recovery, codes), steps.start_of(recovery, codes)
    start(desk.ledger, desk.client, one, ADA, identity="ada", permissions=PERMITTED).join(
        LONG_ENOUGH
    )
    with pytest.raises(AlreadyApplied):
        start(desk.ledger, desk.client, other, ADA, identity="bob", permissions=PERMITTED)
    assert len(desk.sandbox.control.requests("adhoc_processing_jobs")) == 1


def test_a_start_that_was_refused_may_be_tried_again_and_is_another(desk: Desk) -> None:
    recovery = desk.begin(Choices(off=(Step.DISABLE, Step.EXCLUDE)))
    desk.sandbox.control.fault("adhoc_processing_jobs", "403")
    desk.reprocess(recovery)
    again = desk.read(recovery.id)
    assert steps.step_status(again, Step.REPROCESS) is StepStatus.TO_DO
    same = steps.start_of(again, again.codes(Step.REPROCESS))
    assert same_started(desk.ledger, ADA, same, LONG_AGO) is None
    desk.reprocess(again)
    assert same_started(desk.ledger, ADA, same, LONG_AGO) is not None
    assert steps.step_status(desk.read(recovery.id), Step.REPROCESS) is StepStatus.STARTED
    assert len(desk.sandbox.control.requests("adhoc_processing_jobs")) == 2


def test_a_version_made_meanwhile_is_left_alone(desk: Desk) -> None:
    recovery = desk.begin(Choices())
    gone = next(each for each in recovery.incident.tenants if each.versions)
    desk.client.disable_dv([{"tenantCode": gone.code, "dataVersion": gone.versions[0].number}])
    plan = desk.disable(recovery)
    assert gone.code in set(plan.skipped["tenant_code"])


def test_the_report_holds_everything_and_escapes_what_came_from_outside(desk: Desk) -> None:
    recovery, job_id = desk.carried_out(Choices())
    desk.sandbox.control.advance(2 * HOUR)
    verified(desk, recovery, desk.read_back(job_id))
    recovery = desk.read(recovery.id)
    strange = "<script>alert(1)</script>"
    tenants = (replace(recovery.incident.tenants[0], name=strange), *recovery.incident.tenants[1:])
    told = report.document(
        desk.ledger,
        replace(recovery, incident=replace(recovery.incident, tenants=tenants)),
        now=NOW,
    )
    assert json.loads(report.to_json(told)) == told
    page = recovery_page.to_html(told).decode()
    assert strange not in page
    assert "&lt;script&gt;" in page
    assert "http://" not in page.replace("http://127.0.0.1", "")
    assert "src=" not in page
    assert desk.sandbox.api_key not in page + report.to_json(told).decode()
    assert [len(step["operations"]) for step in told["steps"]] == [1, 1, 1]
    assert f"receiving job {BAD_BATCH}" in page
    assert "One processing job for each of 40 tenants" in page
    assert "Its processing job succeeded and made data version " in page
    assert page.count("✓ Done") == 2
    assert "Left out" in page
    assert told["summary"]["tenants"] == len(told["tenants"]) == 40
    assert all(each["code"] in page for each in told["tenants"])


def test_a_recovery_is_closed_by_whoever_and_read_by_everybody(desk: Desk) -> None:
    recovery = desk.begin(Choices())
    assert [each.id for each in incidents.recoveries(desk.ledger, ADA, 10)] == [recovery.id]
    changing.close(desk.ledger, recovery.id, PERMITTED)
    assert desk.read(recovery.id).is_closed


def test_another_operation_is_no_recovery(desk: Desk) -> None:
    recovery = desk.begin(Choices())
    part = desk.apply(desk.disable(recovery))
    with pytest.raises(incidents.NoIncident):
        desk.read(part)
    assert [each.id for each in desk.ledger.parts(recovery.id)] == [part]


def test_the_bad_batch_is_told_as_what_brought_the_uploads(desk: Desk) -> None:
    assert desk.impact().deliveries == [BAD_BATCH]
