"""What is promised, each by a function that is named so and gives what breaks it, in words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from services.ledger import LIVE, Outcome, State
from services.operations import Verb

if TYPE_CHECKING:
    from tests.simulation.book import Begun, Book, Fate
    from tests.simulation.visier import Arrival, RoundTrip

SETTLED: Final = frozenset(
    {Outcome.SUCCEEDED, Outcome.FAILED, Outcome.CHANGED_SINCE_PLAN, Outcome.SKIPPED}
)
UNKNOWN: Final = frozenset({Outcome.UNCERTAIN, Outcome.NO_RESULT})
MAY_ARRIVE: Final = frozenset({Outcome.INTENDED, *UNKNOWN, Outcome.SUCCEEDED})
MINUTE: Final = 60.0
_LISTED: Final = 5


def only_what_failed_is_tried_again(book: Book, begun: Begun) -> Iterator[str]:
    former = book.operations.get(begun.new.retry_of or "")
    for name, fate in begun.fates.items():
        was = former.fates.get(name) if former else None
        if was is not None and fate.outcome == Outcome.PLANNED and was.outcome != Outcome.FAILED:
            yield f"{fate.name} is planned anew and was {was.outcome}"


def nothing_is_sent_that_is_not_written_down(book: Book, round_trip: RoundTrip) -> Iterator[str]:
    operation = round_trip.task.operation
    begun = book.operations.get(operation)
    if begun is None or all(fate.outcome != Outcome.INTENDED for fate in begun.fates.values()):
        yield f"{round_trip.request.method} {round_trip.request.path_url} by {round_trip.task.name}"


def nothing_is_done_twice(
    _book: Book, _begun: Begun | None, named: list[Fate], arrival: Arrival
) -> Iterator[str]:
    for fate in named:
        if fate.arrivals:
            yield f"{fate.name} arrived again by {arrival.operation}"


def only_what_is_intended_arrives(
    _book: Book, begun: Begun | None, named: list[Fate], arrival: Arrival
) -> Iterator[str]:
    if not named:
        yield f"{arrival.operation} names no item of an operation"
    for fate in named:
        if fate.outcome not in MAY_ARRIVE:
            yield f"{fate.name} arrived while it was {fate.outcome}"


def who_may_not_sends_nothing(
    book: Book, begun: Begun | None, _named: list[Fate], arrival: Arrival
) -> Iterator[str]:
    if begun is None:
        return
    for who in {begun.new.actor.user, arrival.round_trip.task.person}:
        if begun.verb not in book.permissions[who]:
            yield f"{who} may not {begun.verb}"


def what_others_changed_since_is_left_alone(
    _book: Book, begun: Begun | None, named: list[Fate], arrival: Arrival
) -> Iterator[str]:
    """What changed after the plan and before it was read again is not sent."""
    for fate in named:
        moved = fate.value != fate.stood and not fate.truth.accepts_state_change
        if moved and fate.is_sure and fate.moved_at < fate.read_at:
            yield f"{fate.name} was {fate.stood} and became {fate.value} before it was read again"


def nothing_else_is_changed(
    _book: Book, begun: Begun | None, named: list[Fate], arrival: Arrival
) -> Iterator[str]:
    """A request changes things of the tenants of its items alone, and of their kind."""
    kinds = {kind for fate in named for kind in fate.truth.kinds}
    codes = {fate.key[0] for fate in named}
    for name in arrival.changed:
        if name[0] not in kinds or (name[0] != "job" and name[1] not in codes):
            yield f"{arrival.operation} changed {name}"


def succeeded_means_done(_book: Book, _begun: Begun, fate: Fate, _before: Outcome) -> Iterator[str]:
    if fate.outcome == Outcome.SUCCEEDED and not (fate.is_done or fate.done_since):
        yield f"{fate.name} is called succeeded"


def failed_means_not_done(
    _book: Book, _begun: Begun, fate: Fate, _before: Outcome
) -> Iterator[str]:
    told = [fault.fault for each in fate.arrivals for fault in each.round_trip.faults]
    in_part = fate.truth.in_part and "partial_failure" in told
    if fate.outcome == Outcome.FAILED and fate.done_by_own and not in_part:
        yield f"{fate.name} is called failed"


def not_sent_means_not_sent(
    _book: Book, _begun: Begun, fate: Fate, _before: Outcome
) -> Iterator[str]:
    if fate.outcome in {Outcome.PLANNED, Outcome.CHANGED_SINCE_PLAN} and fate.arrivals:
        yield f"{fate.name} is called {fate.outcome} and arrived"


def uncertain_means_an_answer_was_lost(
    book: Book, begun: Begun, fate: Fate, before: Outcome
) -> Iterator[str]:
    is_own = fate.intended_by is book.scheduler.current and before == Outcome.INTENDED
    answers = [each.round_trip.answer for each in fate.arrivals]
    failed = any(answer is not None and b'"Failed"' in answer[2] for answer in answers)
    cannot_be_told = begun.troubled or (fate.truth.by_tenant and failed)
    if fate.outcome in UNKNOWN and is_own and not cannot_be_told:
        yield f"{fate.name} is called {fate.outcome} although its answer was whole"


def finished_means_nothing_is_left(begun: Begun) -> Iterator[str]:
    left = {Outcome.PLANNED, Outcome.INTENDED}
    for fate in begun.fates.values():
        if begun.state is State.FINISHED and fate.outcome in left:
            yield f"{fate.name} is {fate.outcome} in what has finished"


def no_minute_holds_more_calls_than_the_limit(book: Book) -> Iterator[str]:
    times = book.visier.arrived_at
    if times:
        count = len(times) - bisect_right(times, times[-1] - MINUTE)
        if count > book.visier.limit:
            yield f"{count} calls arrived within a minute, {book.visier.limit} are the limit"


def a_plan_is_carried_out_once(book: Book) -> Iterator[str]:
    for plan, times in book.clicks.items():
        if times > 1:
            yield f"plan {plan[:8]} was carried out {times} times"


Rows = Mapping[tuple[str, tuple[Any, ...]], tuple[Any, ...]]


def ledger_rows_never_change(before: Rows, now: Rows) -> Iterator[str]:
    for key, row in before.items():
        if now.get(key) != row:
            yield f"{key} was {row} and is {now.get(key)}"


def no_secret_is_in_the_ledger(content: bytes, secrets: Iterable[str]) -> Iterator[str]:
    for secret in secrets:
        if secret.encode() in content:
            yield f"the ledger holds {secret[:4]}…"


def what_can_be_told_is_not_left_unknown(book: Book) -> Iterator[str]:
    """Asked of all that is left, once the network heals and everything was looked up."""
    for begun in book.operations.values():
        for fate in begun.fates.values():
            if fate.outcome in {Outcome.INTENDED, *UNKNOWN} and _can_be_told(book, fate):
                yield f"{fate.name} is still {fate.outcome}"


def _can_be_told(book: Book, fate: Fate) -> bool:
    if fate.truth.done is None:
        return True
    if fate.verb is Verb.DISABLE_VERSIONS:
        # Of a version beyond the five that are listed nobody can tell.
        category = fate.key[3] or book.visier.inside.world.primary_category
        tenant = book.visier.inside.world.tenant(fate.key[0])
        if tenant is None or len(tenant.enabled_versions(category)) >= _LISTED:
            return False
    return fate.truth.done(book.visier, fate.key) or fate.value == fate.stood


def everything_comes_to_its_end(book: Book) -> Iterator[str]:
    for begun in book.operations.values():
        if begun.state in LIVE:
            yield f"{begun.verb} ({begun.new.id[:8]}) is {begun.state} for ever"


def no_work_breaks_off_by_a_fault_of_its_own(messages: list[str]) -> Iterator[str]:
    yield from (re.sub(r"\s+", " ", message)[:2000] for message in messages)


OF_BEGINNING: Final = (only_what_failed_is_tried_again,)
OF_LEAVING: Final = (nothing_is_sent_that_is_not_written_down,)
OF_ARRIVING: Final[tuple[Callable[[Any, Any, list[Any], Any], Iterator[str]], ...]] = (
    nothing_is_done_twice,
    only_what_is_intended_arrives,
    who_may_not_sends_nothing,
    what_others_changed_since_is_left_alone,
    nothing_else_is_changed,
)
OF_SETTLING: Final[tuple[Callable[[Any, Any, Any, Outcome], Iterator[str]], ...]] = (
    succeeded_means_done,
    failed_means_not_done,
    not_sent_means_not_sent,
    uncertain_means_an_answer_was_lost,
)
OF_ENDING: Final = (finished_means_nothing_is_left,)
OF_THE_END: Final = (everything_comes_to_its_end, what_can_be_told_is_not_left_unknown)
