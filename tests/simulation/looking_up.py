"""What people do with operations that were begun: control, take up, look up, undo, retry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from services.ledger import (
    LIVE,
    UNSETTLED,
    Operation,
    Outcome,
    State,
)
from services.operations import (
    CREDENTIAL_VERBS,
    VERBS,
    FollowUp,
    Planning,
    look_up,
)
from services.operations.credentials import outcomes as credential_outcomes
from services.operations.starts import lookup, request
from services.operations.starts.record import record_of
from tests.simulation.desk import BULK, LATELY, Desk


def control(desk: Desk) -> None:
    live = desk.operations(LIVE, sorted(BULK))
    if live:
        operation, runner = desk.draw.choice(live), desk.replica.runner
        ask = desk.draw.choice([runner.pause, runner.pause, runner.resume, runner.stop])
        desk.tell(f"{ask.__name__} {operation.id[:8]}")
        ask(operation.id, desk.person.permissions)


def finish_interrupted(desk: Desk) -> None:
    broken = desk.operations([State.INTERRUPTED], sorted(BULK))
    if broken:
        operation, go_on = desk.draw.choice(broken), desk.draw.random() < 0.8
        desk.tell(f"finish {operation.id[:8]}")
        desk.replica.runner.finish_interrupted(
            operation.id, desk.client, desk.person.permissions, go_on=go_on
        )


def look(desk: Desk) -> None:
    found = [
        each
        for outcome in sorted(UNSETTLED)
        for each in desk.operations(
            [State.FINISHED, State.STOPPED, State.INTERRUPTED], sorted(BULK), outcome
        )
    ]
    if found:
        operation = desk.draw.choice(found)
        desk.tell(f"look up {operation.id[:8]}")
        look_up(desk.ledger, desk.client, operation.id)


def settle_starts(desk: Desk) -> None:
    """Look for the jobs of starts that are unclear; who looks knows which it is, if any."""
    now = desk.replica.clock.now()
    for each in lookup.unsettled(desk.ledger, desk.person.actor, now - LATELY)[:2]:
        settle_start(desk, each.operation)


def settle_start(desk: Desk, operation: Operation) -> None:
    known = record_of(desk.ledger, operation)
    if known.grace_left(desk.replica.clock.now()):
        return
    looked = lookup.find_job(desk.ledger, desk.client, known, desk.replica.clock.now())
    if looked.refused:
        return
    made = _made(desk, operation)
    is_there = made is not None and made in looked.candidates["job_id"].array
    desk.tell(f"settle start {operation.id[:8]}")
    if made is None:
        request.settle_by_hand(desk.ledger, operation.id, desk.person.permissions, started=False)
    elif is_there:
        lookup.claim(desk.ledger, known, made, desk.person.permissions)
    elif known.listed_before is not None:
        desk.replica.book.ask("a_job_that_was_started_is_found", [f"{made} of {operation.id}"])


def _made(desk: Desk, operation: Operation) -> str | None:
    fates = desk.replica.book.operations[operation.id].fates.values()
    return next((name[1] for fate in fates for name in fate.made), None)


def settle_credentials(desk: Desk) -> None:
    """Say what became of requests about credentials; who looks knows."""
    for operation in desk.operations(
        [State.FINISHED, State.STOPPED, State.INTERRUPTED], CREDENTIAL_VERBS
    ):
        credential_fates(desk, operation)


def credential_fates(desk: Desk, operation: Operation) -> None:
    fates = desk.replica.book.operations[operation.id].fates
    long_ago = desk.ledger.ago(timedelta(minutes=3))
    for item in desk.ledger.items(operation.id, UNSETTLED):
        if item.at > long_ago or operation.state_at > long_ago:
            return
        desk.tell(f"settle credential {operation.id[:8]}")
        done = bool(fates[item.key].made)
        credential_outcomes.settle_by_hand(
            desk.ledger, operation.id, item.tenant_code, desk.person.permissions, done=done
        )
    if operation.state is State.INTERRUPTED:
        credential_outcomes.close(desk.ledger, operation.id, desk.person.permissions)


def undo(desk: Desk) -> None:
    follow(desk, FollowUp.UNDO, [Outcome.SUCCEEDED])


def retry(desk: Desk) -> None:
    follow(desk, FollowUp.RETRY, [desk.draw.choice([Outcome.FAILED, Outcome.UNCERTAIN])])


def follow(desk: Desk, what: FollowUp, came: Sequence[Outcome]) -> None:
    """Plan what follows from an operation, as its record does, and apply it."""
    found = desk.operations([State.FINISHED, State.STOPPED], sorted(BULK), *came)
    if not found:
        return
    operation = desk.draw.choice(found)
    desk.tell(f"{what} {operation.id[:8]}")
    now = desk.replica.clock.now
    planning = Planning(desk.ledger, VERBS, operation.id, what, client=desk.client, now=now)
    planning.run()
    if planning.error:
        raise planning.error
    if planning.plan:
        desk.apply(planning.plan)
