"""Two processes that watch one place: one of them does, whenever and wherever the other is killed.

Killed is what stops at a seam and does nothing more; asleep is what goes on after the other has
taken over, as a machine that was suspended.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from services.ledger import IncidentChanges, Lease, Ledger, Unresolved, leases
from services.ledger.leases import TERM, Leases
from services.ledger.nights import Nights
from services.ledger.tables import night as table
from services.monitoring.watch import Observation, look, night
from services.monitoring.watch.watching import Watching
from services.notifications import Episodes
from services.notifications.incidents import Why, resolved
from services.notifications.rules import Daily, Deadline, Rule, TenantSet, written
from tests.sandboxes import Sandbox
from tests.services.monitoring.watch.post import PLACE, ZONE, MovedClock, Post, post


class Killed(BaseException):
    """The end of a process: nothing catches it."""


# Where a process may die: before this function does its part, or after it, at its nth call.
SEAMS: dict[str, tuple[Any, str, bool, int]] = {
    "while it writes, the lease checked": (leases, "check", True, 1),
    "before it takes the lease": (Leases, "take", False, 1),
    "after it has taken the lease": (Leases, "take", True, 1),
    "after its first call": (look.Look, "step", True, 1),
    "after all but one": (look.Look, "step", True, 2),
    "before it writes": (Nights, "write", False, 1),
    "after it wrote the night before": (Nights, "write", True, 1),
    "before it calls that complete": (Nights, "complete", False, 1),
    "after it called that complete": (Nights, "complete", True, 1),
    "before it writes the present night": (Nights, "write", False, 2),
    "after it wrote both": (Nights, "write", True, 2),
    "before it prunes": (Nights, "prune", False, 1),
    "before it frees its lease": (Leases, "release", False, 1),
}


@contextmanager
def dying(seam: str) -> Iterator[None]:
    """Kill whoever comes to a seam."""
    of, name, is_after, at_call = SEAMS[seam]
    whole: Callable[..., Any] = getattr(of, name)
    calls = 0

    def part(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == at_call and not is_after:
            raise Killed
        found = whole(*args, **kwargs)
        if calls == at_call:
            raise Killed
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(of, name, part)
        yield


def look_and_end(here: Post) -> None:
    here.look()
    here.watch._release()


def fences(ledger: Ledger) -> dict[str, int]:
    """Give by night the fence under which it was written; raises where one is there twice."""
    with ledger._engine.connect() as connection:
        rows = connection.execute(sa.select(table.c.night, table.c.fence)).all()
    assert len({row.night for row in rows}) == len(rows)
    return {row.night: row.fence for row in rows}


@pytest.mark.first_is_quick
@pytest.mark.parametrize("seam", SEAMS)
def test_killed_anywhere_another_goes_on_and_no_night_is_written_twice(
    sandbox: Sandbox, url: str, seam: str
) -> None:
    clock = MovedClock()
    with (
        post(sandbox, url, clock, owner="first") as first,
        post(sandbox, url, clock, owner="second") as second,
    ):
        with dying(seam), pytest.raises(Killed):
            look_and_end(first)
        written = fences(first.ledger)
        # So long as nobody knows that it is dead, nobody else looks.
        if seam != "before it takes the lease":
            assert second.watch.turn() > 0
            assert not second.watch.status.holds_lease
        clock.moved += TERM * 2
        second.look()
        assert second.watch.status.holds_lease
        tonight = night.night_of(second.clock.now(), ZONE)
        now = fences(second.ledger)
        assert {tonight.isoformat()} <= now.keys()
        assert len(now) == 2
        assert all(now[name] >= fence for name, fence in written.items())
        assert now[tonight.isoformat()] > written.get(tonight.isoformat(), 0)
        of_second = second.ledger.nights.listed(PLACE)
        # It was only asleep: it finds that it is not the one any more.
        first.watch.turn()
        first.watch.turn()
        assert not first.watch.status.holds_lease
        assert second.ledger.nights.listed(PLACE) == of_second


def test_who_wakes_up_within_a_look_writes_nothing(sandbox: Sandbox, url: str) -> None:
    clock = MovedClock()
    with (
        post(sandbox, url, clock, owner="first") as first,
        post(sandbox, url, clock, owner="second") as second,
    ):
        asleep = Asleep(first.watch, clock, second)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(night, "unusual", asleep.after(night.unusual))
            first.watch.turn()
            while not asleep.has_slept:
                first.watch.turn()
        assert not first.watch.status.holds_lease
        assert set(fences(second.ledger).values()) == {2}


def test_what_follows_from_a_closed_night_follows_although_its_process_has_died(
    sandbox: Sandbox, url: str
) -> None:
    clock, told = MovedClock(), list[date]()

    def die(_: Observation, __: Lease) -> None:
        raise Killed

    def tell(seen: Observation, _: Lease) -> None:
        told.append(seen.night)

    with (
        post(sandbox, url, clock, owner="first", on_look=die) as first,
        post(sandbox, url, clock, owner="second", on_look=tell) as second,
    ):
        with pytest.raises(Killed):
            first.look()
        (written,) = first.ledger.nights.listed(PLACE)
        assert not written.is_complete
        clock.moved += TERM * 2
        second.look()
        assert told == [written.night, written.night + timedelta(days=1)]
        assert [each.is_complete for each in second.ledger.nights.listed(PLACE)] == [False, True]


def test_who_wakes_up_before_it_has_reported_reports_nothing(sandbox: Sandbox, url: str) -> None:
    clock, codes = MovedClock(), list[str]()
    with (
        post(sandbox, url, clock, owner="first") as first,
        post(sandbox, url, clock, owner="second") as second,
    ):
        deadline = Deadline(Daily(clock.now().astimezone(ZONE).time(), ZONE.key))
        first.ledger.rules.add(PLACE, written(Rule(deadline)), "ann", clock.now())

        def asleep(seen: Observation, lease: Lease) -> None:
            second.watch.turn()
            clock.moved += TERM * 2
            second.look()
            # What the other has found is told, and then nothing is so any more.
            codes.extend(each.id for each in first.ledger.incidents.listed(PLACE))
            first.ledger.incidents.change(PLACE, clock.now(), all_resolved)
            report(first, seen, lease)

        first.watch._on_look = asleep
        second.watch._on_look = lambda seen, lease: report(second, seen, lease)
        first.watch.turn()
        while not codes:
            first.watch.turn()
        assert not first.watch.status.holds_lease
        assert [each.id for each in second.ledger.incidents.listed(PLACE)] == codes
        assert sum(second.ledger.incidents.counts(PLACE).values()) == 0


def report(of: Post, seen: Observation, lease: Lease) -> None:
    def everyone(_: TenantSet, codes: "pd.Series[str]") -> "pd.Series[bool]":
        return pd.Series(True, codes.index)

    Episodes(of.ledger, PLACE, zone=ZONE, scope=everyone).look(seen, lease)


def all_resolved(unresolved: Unresolved) -> IncidentChanges:
    ended = (resolved(each, Why.CAME_RIGHT, each.opened_at) for each in unresolved.incidents)
    return IncidentChanges(tuple(ended))


def test_who_has_the_lease_again_reads_anew_what_another_has_read_since(
    sandbox: Sandbox, url: str
) -> None:
    clock = MovedClock()
    with (
        post(sandbox, url, clock, owner="first") as first,
        post(sandbox, url, clock, owner="second") as second,
    ):
        first.look()
        clock.moved += TERM * 2
        second.look()
        second.watch._release()
        newest = max(first.nights())
        read_at = first.nights()[newest].facts.lists_at
        clock.moved += TERM
        first.look()
        after = first.nights()[newest].facts.lists_at
        assert read_at is not None
        assert after is not None
        assert after > read_at


class Asleep:
    """A process that sleeps in the middle of its work until another has done it."""

    def __init__(self, watch: Watching, clock: MovedClock, other: Post) -> None:
        self.watch, self.clock, self.other = watch, clock, other
        self.has_slept = False

    def after(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def slow(*args: Any) -> Any:
            found = work(*args)
            if not self.has_slept:
                self.has_slept = True
                self.other.watch.turn()
                self.clock.moved += TERM * 2
                self.other.look()
            return found

        return slow


def test_two_who_watch_take_turns_at_nothing(sandbox: Sandbox, url: str) -> None:
    clock = MovedClock()
    with (
        post(sandbox, url, clock, owner="first") as first,
        post(sandbox, url, clock, owner="second") as second,
    ):
        first.look()
        sandbox.control.clear_requests()
        second.watch.turn()
        assert second.asked() == []
        first.look()
        second.watch.turn()
        nights_of: list[date] = list(first.nights())
        assert (len(nights_of), set(fences(first.ledger).values())) == (2, {1})
