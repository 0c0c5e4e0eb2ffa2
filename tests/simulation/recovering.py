"""What people do about a bad load: begin a recovery, choose, carry out, read back, close.

Any of them goes on with what another has begun, at whatever replica.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pandas as pd

from services.frames import JobType, jobs
from services.frames.membership import is_among
from services.ledger import Outcome, State
from services.monitoring import Between
from services.operations.recovery import baseline, changing, finding, steps, verifying
from services.operations.recovery import incident as incidents
from services.operations.recovery.incident import Change, Choices, FoundBy, Recovery, Step
from services.operations.recovery.steps import StepStatus
from services.operations.recovery.verdicts import NotCompared, Uncompared
from services.operations.starts.record import RECENT, record_of
from tests.simulation import promises_of_recovery
from tests.simulation.monitor import FOLLOWED_FOR

if TYPE_CHECKING:
    from tests.simulation.desk import Desk

OPEN_AT_MOST: Final = 2
NOT_COMPARED: Final = NotCompared(Uncompared.NO_RECOVERY)
FALLS_BACK: Final = timedelta(days=30)


def recover(desk: Desk) -> None:
    """Begin a recovery where there are few, or go on with one."""
    listed = incidents.recoveries(desk.ledger, desk.person.actor, 20)
    is_open = [each for each in listed if each.state is State.OPEN]
    if len(is_open) < OPEN_AT_MOST and desk.draw.random() < 0.5:
        _begin(desk)
    elif is_open:
        recovery_id = desk.draw.choice(is_open).id
        recovery = incidents.read(desk.ledger, recovery_id, desk.person.identity)
        # The page stands open for a while before anything is pressed on it.
        desk.replica.scheduler.wait(desk.draw.choice([0.0, 0.0, 5.0, 40.0]))
        _go_on(desk, recovery)


def _begin(desk: Desk) -> None:
    bad = finding.of_tenants(desk.uploads(), desk.some(desk.codes))
    impact = finding.assess_impact(bad, desk.versions(), None)
    incident = baseline.incident_of(
        impact, {}, found_by=FoundBy(finding.By.TENANTS), found_at=desk.replica.clock.now()
    )
    if not incident.tenants:
        return
    incident = baseline.with_figures(incident, NOT_COMPARED)
    id_ = desk.id()
    desk.tell(f"begins recovery {id_[:8]} of {len(incident.tenants)}")
    may, identity = desk.person.permissions, desk.person.identity
    desk.press(
        id_,
        lambda replica: changing.begin(
            replica.ledger.at(may.actor.place), incident, may, id_=id_, identity=identity
        ),
    )


def _go_on(desk: Desk, recovery: Recovery) -> None:
    desk.tell(f"goes on with {recovery.id[:8]}")
    # Its button waits until all was read back; what is promised holds before that as well.
    if desk.draw.random() < 0.1:
        _close(desk, recovery)
        return
    if recovery.choices is None:
        _choose(desk, recovery)
        return
    to_do = [
        step
        for step in Step
        if steps.step_status(recovery, step) is StepStatus.TO_DO and steps.may_begin(recovery, step)
    ]
    if to_do:
        _carry_out(desk, recovery, to_do[0])
    elif steps.may_verify(recovery) and desk.draw.random() < 0.7:
        _verify(desk, recovery)
    elif desk.draw.random() < 0.5:
        _close(desk, recovery)


def _close(desk: Desk, recovery: Recovery) -> None:
    desk.tell("closes it")
    changing.close(desk.ledger, recovery.id, desk.person.permissions)


def _choose(desk: Desk, recovery: Recovery) -> None:
    off = tuple(step for step in Step if desk.draw.random() < 0.2)
    one = (desk.draw.choice(recovery.incident.tenants).code,)
    left_out = {step: one for step in Step if desk.draw.random() < 0.1}
    choices = Choices(off, left_out)
    changing.choose(desk.ledger, recovery.id, choices, desk.person.permissions)


def _carry_out(desk: Desk, recovery: Recovery, step: Step) -> None:
    desk.tell(f"{step.name}")
    if step is Step.REPROCESS:
        found = steps.scope(recovery, desk.uploads())
        if found.codes:
            desk.start(steps.start_of(recovery, found.codes))
            return
    else:
        now = desk.replica.clock.now()
        plan = (
            steps.plan_exclude(recovery, desk.uploads())
            if step is Step.EXCLUDE
            else steps.plan_disable(recovery, desk.versions(), now, FALLS_BACK)
        )
        if plan.count:
            desk.apply(plan)
            return
    before = recovery.choices or Choices()
    choices = Choices((*before.off, step), before.left_out)
    may = desk.person.permissions
    changing.choose(desk.ledger, recovery.id, choices, may, what=Change.LEAVE_OUT)


def _verify(desk: Desk, recovery: Recovery) -> None:
    task, now = desk.replica.scheduler.current, desk.replica.clock.now()
    assert task is not None
    since = desk.replica.scheduler.seconds
    started, has_started = _jobs_started(desk, recovery)
    uploads, versions = desk.uploads(), desk.versions()
    read = verifying.ReadBack(versions, uploads, started, NOT_COMPARED, has_started=has_started)
    told = verifying.verify(recovery, read, at=now, by=desk.person.name)
    if task.misled_at < since:
        for promise in promises_of_recovery.OF_VERIFYING:
            book = desk.replica.book
            book.ask(promise.__name__, promise(book, recovery, told, since))
    desk.tell("reads back")
    verifying.write_down(desk.ledger, recovery, told, desk.person.permissions)


def _jobs_started(desk: Desk, recovery: Recovery) -> tuple[pd.DataFrame, bool]:
    monitor, found = desk.replica.monitor.jobs, [jobs.from_job_status([])]
    starts = [
        part
        for part in steps.parts_of(recovery, Step.REPROCESS)
        if not part.item_counts[Outcome.FAILED]
    ]
    for part in starts:
        job_id = record_of(desk.ledger, part).job_id
        since = part.started_at - RECENT
        window = Between(since, since + FOLLOWED_FOR)
        if job_id:
            monitor.refresh(desk.client, window, than=desk.replica.clock.now())
            look = monitor.read_below(desk.client, window, [job_id], {JobType.PROCESSING})
            own = look.listed[look.listed["job_type"] == JobType.PROCESSING]
            tops = look.jobs.loc[look.jobs["job_id"] == job_id, "job_key"]
            below = is_among(own["parent_key"], tops) | is_among(own["job_key"], tops)
            found.append(own.loc[below, found[0].columns])
    return pd.concat(found, ignore_index=True), bool(starts)
