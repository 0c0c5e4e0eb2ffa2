"""Engines that break a promise: each is what this one is, but for one fault.

The faults are made where the engine meets what it stands on (ledger, client, limiter), so that
they stay the same however it does its work in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from unittest.mock import patch
from uuid import uuid4

import sqlalchemy as sa

from services.ledger import AlreadyApplied, ItemResult, Outcome, State
from services.operations import Permissions, Plan, Runner
from services.operations.credentials import submission
from services.operations.engine import reconcile
from services.operations.engine.verb_spec import VerbSpec
from services.visier import Interrupted, OutcomeUnknown, Refused, Repeat, answers, connection
from services.visier.connection import Connection
from services.visier.protocol import Request
from services.visier.rate_limiter import RateLimiter
from tests.simulation.replicas import SeenLedger

Mutant = Callable[[], AbstractContextManager[object]]
_LISTS: Final = ("uploads", "results", "jobCancellationResults")
_perform, _parse_response = Connection.perform, answers.parse_response
_begin, _intend, _settle = SeenLedger.begin, SeenLedger.intend, SeenLedger.settle
_set_state, _take_over, _items = SeenLedger.set_state, SeenLedger.take_over, SeenLedger.items
_apply = Runner.apply


def send_before_intend() -> AbstractContextManager[object]:
    """Write down what is to be sent only once it is settled."""
    later: dict[str, list[str]] = {}

    def intend(ledger: SeenLedger, id_: str, keys: Iterable[str]) -> None:
        later.setdefault(id_, []).extend(keys)

    def settle(ledger: SeenLedger, id_: str, results: Iterable[ItemResult]) -> None:
        if id_ in later:
            _intend(ledger, id_, later.pop(id_))
        _settle(ledger, id_, results)

    return patch.multiple(SeenLedger, intend=intend, settle=settle)


def repeat_on_no_answer() -> AbstractContextManager[object]:
    """Send again what nobody knows the fate of."""
    return patch.object(Connection, "perform", _again(lambda _request: True))


def retry_a_start() -> AbstractContextManager[object]:
    """Send again what starts or creates something, and was not answered."""
    return patch.object(
        Connection, "perform", _again(lambda request: request.operation.repeat is Repeat.NEVER)
    )


def _again(when: Callable[[Request], bool]) -> Callable[..., Any]:
    def perform(self: Connection, request: Request, *given: Any, **named: Any) -> Any:
        try:
            return _perform(self, request, *given, **named)
        except OutcomeUnknown:
            if not when(request):
                raise
            return _perform(self, request, *given, **named)

    return perform


def call_what_is_not_answered_failed() -> AbstractContextManager[object]:
    """Take no answer for a refusal."""

    def perform(self: Connection, request: Request, *given: Any, **named: Any) -> Any:
        try:
            return _perform(self, request, *given, **named)
        except OutcomeUnknown as unknown:
            raise Refused(unknown.message, operation=unknown.operation) from unknown

    return patch.object(Connection, "perform", perform)


def call_what_is_not_answered_not_sent() -> AbstractContextManager[object]:
    """Take no answer for a request that never left."""

    def perform(self: Connection, request: Request, *given: Any, **named: Any) -> Any:
        try:
            return _perform(self, request, *given, **named)
        except OutcomeUnknown as unknown:
            raise Interrupted(unknown.message, operation=unknown.operation) from unknown

    return patch.object(Connection, "perform", perform)


def settle_by_position() -> AbstractContextManager[object]:
    """Take the first result for that of the first item, whatever it names."""

    def parse_response(request: Request, *given: Any) -> Any:
        payload = _parse_response(request, *given)
        if request.operation.writes and isinstance(payload, dict):
            for name in _LISTS:
                _in_order(payload.get(name))
        return payload

    return patch.object(connection, "parse_response", parse_response)


def _in_order(rows: object) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return
    told = ("status", "message", "cancelStatus", "jobStatus")
    names = sorted(
        ({key: value for key, value in row.items() if key not in told} for row in rows), key=str
    )
    for row, name in zip(rows, names, strict=True):
        row.update(name)


def count_a_207_as_done() -> AbstractContextManager[object]:
    """Take an answer that says "in part" for one that says "all"."""
    return _all_done(lambda status: status == 207)


def settle_all_as_succeeded_on_an_answer() -> AbstractContextManager[object]:
    """Take a request that was answered for one that was carried out."""
    return _all_done(lambda status: status == 200)


def _all_done(when: Callable[[int], bool]) -> AbstractContextManager[object]:
    def parse_response(request: Request, response: answers.Response, *given: Any) -> Any:
        payload = _parse_response(request, response, *given)
        if request.operation.writes and when(response.status):
            _say_done(payload)
        return payload

    return patch.object(connection, "parse_response", parse_response)


def _say_done(node: object) -> None:
    if isinstance(node, dict):
        if node.get("status") == "Failed":
            node.update(status="Succeeded", message="")
        node.pop("message", None)
        for value in node.values():
            _say_done(value)
    elif isinstance(node, list):
        for value in node:
            _say_done(value)


def skip_the_reread() -> AbstractContextManager[object]:
    """Send what was planned, however it stands by now."""
    return patch.object(VerbSpec, "unchanged", lambda *_: True)


def forget_a_crash_after_send() -> AbstractContextManager[object]:
    """Take what was under way when a process died for what was never sent."""

    def take_over(ledger: SeenLedger, id_: str, who: str = "") -> None:
        _take_over(ledger, id_, who)
        under_way = _items(ledger, id_, {Outcome.INTENDED})
        _settle(ledger, id_, [ItemResult(each.key, Outcome.PLANNED) for each in under_way])

    return patch.object(SeenLedger, "take_over", take_over)


def release_a_plan_id() -> AbstractContextManager[object]:
    """Carry out a plan again that was carried out."""

    def apply(runner: Runner, plan: Plan, *given: Any, **named: Any) -> str:
        try:
            return _apply(runner, plan, *given, **named)
        except AlreadyApplied:
            return _apply(runner, replace(plan, id=str(uuid4())), *given, **named)

    return patch.object(Runner, "apply", apply)


def ignore_permissions() -> AbstractContextManager[object]:
    """Let everybody do everything."""
    return patch.object(Permissions, "refusal", lambda *_: None)


@contextmanager
def exceed_the_limit() -> Iterator[None]:
    """Call whenever somebody wants to."""
    with (
        patch.object(RateLimiter, "_wait_for", lambda *_: None),
        patch.object(RateLimiter, "_take", lambda *_: lambda: None),
    ):
        yield


def ask_alone_for_a_place() -> AbstractContextManager[object]:
    """Keep to the limit as if there was no other replica."""
    return patch.object(RateLimiter, "_take", lambda *_: lambda: None)


def change_a_ledger_row() -> AbstractContextManager[object]:
    """Write over what was written down."""

    def settle(ledger: SeenLedger, id_: str, results: Iterable[ItemResult]) -> None:
        listed = list(results)
        _settle(ledger, id_, listed)
        change = sa.text("UPDATE item SET message = 'changed' WHERE operation_id = :id")
        with ledger._writing() as transaction:
            transaction.execute(change, {"id": id_})

    return patch.object(SeenLedger, "settle", settle)


def write_down_a_secret() -> AbstractContextManager[object]:
    """Keep a request as it was sent."""
    return patch.object(submission, "without_secrets", lambda value: value)


def finish_what_is_not_done() -> AbstractContextManager[object]:
    """Call everything finished that ends."""

    def set_state(ledger: SeenLedger, id_: str, state: State) -> None:
        _set_state(ledger, id_, State.FINISHED if state is State.STOPPED else state)

    return patch.object(SeenLedger, "set_state", set_state)


def judge_too_early() -> AbstractContextManager[object]:
    """Call failed what may still arrive."""
    return patch.object(reconcile, "MAY_STILL_ARRIVE", timedelta(0))


def try_the_uncertain_again() -> AbstractContextManager[object]:
    """Plan anew what may have been done."""

    def items(ledger: SeenLedger, id_: str, outcomes: Any = None, *given: Any, **named: Any) -> Any:
        if outcomes == {Outcome.FAILED}:
            outcomes = {Outcome.FAILED, Outcome.UNCERTAIN}
        return _items(ledger, id_, outcomes, *given, **named)

    return patch.object(SeenLedger, "items", items)


MUTANTS: Final[Mapping[str, Mutant]] = {
    each.__name__: each
    for each in (
        send_before_intend,
        repeat_on_no_answer,
        retry_a_start,
        call_what_is_not_answered_failed,
        call_what_is_not_answered_not_sent,
        settle_by_position,
        count_a_207_as_done,
        settle_all_as_succeeded_on_an_answer,
        skip_the_reread,
        forget_a_crash_after_send,
        release_a_plan_id,
        ignore_permissions,
        exceed_the_limit,
        ask_alone_for_a_place,
        change_a_ledger_row,
        write_down_a_secret,
        finish_what_is_not_done,
        judge_too_early,
        try_the_uncertain_again,
    )
}
