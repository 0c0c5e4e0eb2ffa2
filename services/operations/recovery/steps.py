"""The steps of a recovery as plans, each applied once however many people click."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

import pandas as pd

from services.frames.membership import is_among
from services.ledger import LIVE, UNSETTLED, Operation, Outcome, State

from ..engine.plan import Plan
from ..starts.outcomes import UNSEEN, StartState, Tally, effective_state, tally
from ..starts.request import JobRequest, processing
from ..tokens import Verb
from ..verbs.uploads import plan_exclude_uploads
from ..verbs.versions import plan_disable_data_versions
from .incident import Choices, Recovery, Step
from .verdicts import Verdict

STEP_OF: Final[dict[str, Step]] = {
    Verb.DISABLE_VERSIONS: Step.DISABLE,
    Verb.EXCLUDE_UPLOADS: Step.EXCLUDE,
    Verb.INCLUDE_UPLOADS: Step.EXCLUDE,
    Verb.START_PROCESSING: Step.REPROCESS,
}


class StepStatus(StrEnum):
    """The status of a step."""

    TO_DO = "to_do"
    RUNNING = "running"
    UNCLEAR = "unclear"
    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    OFF = "left_out"
    NOTHING = "nothing"


SETTLED: Final = frozenset(
    {StepStatus.STARTED, StepStatus.DONE, StepStatus.FAILED, StepStatus.OFF, StepStatus.NOTHING}
)


class Stage(StrEnum):
    """The stages of a recovery, in their order."""

    FIND = "find"
    IMPACT = "hit"  # links hold the value
    PLAN = "plan"
    RUN = "run"
    VERIFY = "verify"
    REPORT = "report"


@dataclass(frozen=True)
class Scope:
    """The tenants to process again, and those that must wait: their bad upload is included."""

    codes: tuple[str, ...]
    held_back: tuple[str, ...]


def parts_of(recovery: Recovery, step: Step) -> list[Operation]:
    """Return the operations of a step, including retries and undos, without refused ones."""
    carried_out = [each for each in recovery.parts if each.state is not State.REFUSED]
    return [each for each in carried_out if STEP_OF.get(each.verb) is step]


def step_status(recovery: Recovery, step: Step) -> StepStatus:
    """Return the status of a step."""
    parts = parts_of(recovery, step)
    if parts:
        stands = _of_parts(parts)
        has_started = step is Step.REPROCESS and stands is StepStatus.DONE
        return _of_jobs(recovery) if has_started else stands
    if recovery.choices is not None and step in recovery.choices.off:
        return StepStatus.OFF
    return StepStatus.TO_DO if targets(recovery, step) else StepStatus.NOTHING


def _of_parts(parts: Sequence[Operation]) -> StepStatus:
    if any(each.state in LIVE for each in parts):
        return StepStatus.RUNNING
    if any(_is_unclear(each) for each in parts):
        return StepStatus.UNCLEAR
    # A start that Visier refused may be made again.
    starts = [each for each in parts if each.verb == Verb.START_PROCESSING]
    if starts and not any(each.item_counts[Outcome.SUCCEEDED] for each in starts):
        return StepStatus.TO_DO
    # The last part counts: a retry repairs what failed before.
    return StepStatus.FAILED if parts[-1].item_counts[Outcome.FAILED] else StepStatus.DONE


def jobs_told(recovery: Recovery) -> Tally:
    """Return the states of the tenants processed again, each by its last job.

    They come from observations or, once these are deleted, from the verification.
    """
    starts = parts_of(recovery, Step.REPROCESS)
    seen = tally(recovery.started[start.id] for start in starts if start.id in recovery.started)
    verified = recovery.verification
    if seen.is_told or verified is None or any(each.started_at > verified.at for each in starts):
        return seen
    verdicts = {each.code: each.job.verdict for each in verified.tenants}
    return Tally({code: _GROUP_OF[found] for code, found in verdicts.items() if found in _GROUP_OF})


def part_state(recovery: Recovery, part: Operation) -> State | StartState:
    """Return the state of a part: of a start, by its jobs as observed or verified."""
    start, jobs = recovery.started.get(part.id), jobs_told(recovery)
    is_read_back = start is not None and start.jobs.empty and jobs.is_told and not jobs.goes_on
    return part.state if is_read_back else effective_state(part, start)


_GROUP_OF: Final = {
    Verdict.CONFIRMED: "succeeded",
    Verdict.NOT_CONFIRMED: "failed",
    Verdict.TO_COME: "live",
    Verdict.NOT_TOLD: UNSEEN,
}


def _of_jobs(recovery: Recovery) -> StepStatus:
    jobs = jobs_told(recovery)
    if jobs.goes_on or not jobs.is_told:
        return StepStatus.STARTED
    is_done = jobs.counts.total() == jobs.counts["succeeded"]
    return StepStatus.DONE if is_done else StepStatus.FAILED


def _is_unclear(part: Operation) -> bool:
    counts = part.item_counts
    left = part.state is State.INTERRUPTED or bool(counts[Outcome.PLANNED])
    return left or any(counts[outcome] for outcome in UNSETTLED)


def may_verify(recovery: Recovery) -> bool:
    """Return whether every step is done, or its jobs have been started."""
    chosen = recovery.choices is not None
    return chosen and all(step_status(recovery, step) in SETTLED for step in Step)


def stage_of(recovery: Recovery) -> Stage:
    """Return the stage at which to continue a recovery."""
    if recovery.choices is None:
        return Stage.PLAN
    # Verifying is possible before: one stuck job must not block the tenants that are done.
    if not may_verify(recovery) or jobs_told(recovery).counts["live"]:
        return Stage.RUN
    return Stage.REPORT if recovery.verification else Stage.VERIFY


def targets(recovery: Recovery, step: Step) -> list[str]:
    """Return the codes of the tenants with something to do in a step, by the choices so far."""
    codes = recovery.codes(step)
    if step is not Step.DISABLE:
        return codes
    # Without a version from the bad uploads there is nothing to disable.
    having = {each.code for each in recovery.incident.tenants if each.versions}
    return [code for code in codes if code in having]


def may_begin(recovery: Recovery, step: Step) -> bool:
    """Return whether all steps before this one have ended."""
    before = list(Step)[: list(Step).index(step)]
    return all(step_status(recovery, each) in SETTLED for each in before)


def plan_disable(
    recovery: Recovery, versions: pd.DataFrame, now: datetime, fallback_older_than: timedelta
) -> Plan:
    """Return a plan that disables the chosen data versions, each by its number.

    ``versions`` is the present, unfiltered list of the incident's data category.
    """
    chosen = set(recovery.codes(Step.DISABLE))
    rows = [
        (tenant.code, version.number)
        for tenant in recovery.incident.tenants
        for version in tenant.versions
        if tenant.code in chosen
    ]
    plan = plan_disable_data_versions(
        pd.DataFrame(rows, columns=["tenant_code", "data_version"], dtype="str"),
        versions,
        now=now,
        fallback_older_than=fallback_older_than,
        data_category=recovery.incident.data_category,
    )
    return _as_part(recovery, Step.DISABLE, plan)


def plan_exclude(recovery: Recovery, uploads: pd.DataFrame) -> Plan:
    """Return a plan that excludes the chosen uploads.

    ``uploads`` is the present, unfiltered list, of the incident's receiving job if it has one.
    """
    chosen = set(recovery.codes(Step.EXCLUDE))
    rows = [
        (tenant.code, upload.time)
        for tenant in recovery.incident.tenants
        for upload in tenant.uploads
        if tenant.code in chosen
    ]
    selection = pd.DataFrame(rows, columns=["tenant_code", "upload_time_text"], dtype="str")
    plan = plan_exclude_uploads(selection, uploads, receiving_job=recovery.incident.receiving_job)
    return _as_part(recovery, Step.EXCLUDE, plan)


def scope(recovery: Recovery, uploads: pd.DataFrame, only: Collection[str] = ()) -> Scope:
    """Return which tenants may be processed again, of all or ``only`` of some.

    A tenant whose bad upload is still included must wait: a new data version would contain it.
    """
    wanted = [
        code for code in recovery.codes(Step.REPROCESS) if not only or code in frozenset(only)
    ]
    choices = recovery.choices or Choices()
    bad = {
        f"{tenant.code} {upload.time}"
        for tenant in recovery.incident.tenants
        for upload in tenant.uploads
        if choices.takes(Step.EXCLUDE, tenant.code)
    }
    keys = uploads["tenant_code"] + " " + uploads["upload_time_text"].fillna("")
    still = uploads[is_among(keys, bad) & uploads["included"].fillna(False)]
    waiting = frozenset(still["tenant_code"])
    return Scope(
        tuple(code for code in wanted if code not in waiting),
        tuple(code for code in wanted if code in waiting),
    )


def start_of(recovery: Recovery, codes: Sequence[str]) -> JobRequest:
    """Return the request to process these tenants; a second attempt is another start.

    Its id follows from the number of earlier starts, so that simultaneous clicks send it once.
    """
    start = processing(
        tenants=codes,
        data_category_id=recovery.incident.data_category_id or None,
        publish_to_production=(recovery.choices or Choices()).publish,
    )
    attempt = len(parts_of(recovery, Step.REPROCESS))
    id_ = part_id(recovery.id, Step.REPROCESS, attempt)
    return replace(start, id=id_, part_of=recovery.id, filter_text=recovery.operation.filter_text)


def part_id(recovery_id: str, step: Step, attempt: int = 0) -> str:
    """Return the id of the operation of a step: the same for everybody who asks."""
    return str(uuid5(UUID(recovery_id), f"{step.name} {attempt}"))


def _as_part(recovery: Recovery, step: Step, plan: Plan) -> Plan:
    return replace(plan, id=part_id(recovery.id, step), part_of=recovery.id)
