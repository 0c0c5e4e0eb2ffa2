"""The watch of one place: a thread that holds the lease, looks, and records each night."""

import logging
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.clock import CLOCK, Clock
from services.ledger import (
    Lease,
    LeaseLost,
    Ledger,
    LedgerTrouble,
    OperationFilter,
    Outcome,
    Place,
    State,
)
from services.monitoring import JobMonitor, deliveries
from services.visier import Client, VisierError

from . import night, recorded, totals
from .connectors import ConnectorRound, Wanted
from .look import WINDOW, Look, Part, Readings
from .observation import DeliverySizes, NightFacts, Observation, UnusualDelivery
from .past import Past
from .schedule import Schedule

# Between two renewals of the lease, which lasts three minutes.
RENEWED_EVERY: Final = 20.0
# While another process watches, and after what nobody expected.
AGAIN: Final = 30.0
# A crash that comes again with every look is not told a hundred times an hour.
AFTER_A_CRASH: Final = 60.0
_OPERATIONS_READ: Final = 100
_LEASES: Final = "watch "
_DAY: Final = timedelta(days=1)
_log = logging.getLogger("services.monitoring")


@dataclass(frozen=True)
class WatchStatus:
    """How the watch of one place stands in this process.

    `holds_lease` says that it is this process that watches, `waits_until` until when a look under
    way waits for call budget. `looked_at` is when the last look was recorded, `troubles` why parts
    of it could not be read, in Visier's words; `crash` why the last look came to nothing at all.
    `connectors_trouble` is why no connectors can be read, "" where they can or nobody wants them.
    """

    holds_lease: bool = False
    looked_at: datetime | None = None
    waits_until: datetime | None = None
    troubles: Mapping[Part, str] = field(default_factory=dict)
    crash: str = ""
    connectors_trouble: str = ""


@dataclass(frozen=True)
class WatchedPlace:
    """What is watched: at which place of the ledger, and through whose client.

    `past` tells the nights before the first look, where somebody knows them, `connectors_of` of
    which tenants connectors are read.
    """

    place: Place
    client: Client
    monitor: JobMonitor
    past: Past | None = None
    connectors_of: Wanted | None = None


class Watching:
    """Watches one place until it is told to leave.

    `watched` says what is watched, and is asked at every turn: an embedded sandbox that was started
    again is another place. `ledger` may raise LedgerTrouble, which is tried again. `days` is how
    many nights are kept.
    `on_look` is called after each look with what was recorded of a night, and with the lease under
    which what follows from it is to be written.
    """

    def __init__(
        self,
        watched: Callable[[], WatchedPlace],
        ledger: Callable[[], Ledger],
        *,
        zone: ZoneInfo,
        every: timedelta,
        days: int,
        on_look: Callable[[Observation, Lease], None] | None = None,
        clock: Clock = CLOCK,
    ) -> None:
        self._ask = watched
        self._watched = watched()
        self._ledger = ledger
        self._zone = zone
        self._schedule = Schedule(every)
        self._days = days
        self._on_look = on_look
        self._clock = clock
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._lease: Lease | None = None
        self._renewed_at = 0.0
        self._look: Look | None = None
        self._next_look = clock.now()
        self._readings = Readings()
        self._unusual: dict[date, tuple[UnusualDelivery, ...]] = {}
        self._sizes: dict[date, DeliverySizes] = {}
        self._nights: dict[date, tuple[Observation, bool]] = {}
        self._past: Iterator[Observation] | None = None
        self._has_pruned_on: date | None = None
        self._is_new = True
        self._connectors = self._round()
        self.status = WatchStatus()

    @property
    def place(self) -> Place:
        """The place that is watched."""
        return self._watched.place

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._thread.start()

    def leave(self, seconds: float) -> None:
        """Tell it to end, and wait at most so long for the request in flight."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def tell(self) -> None:
        """Tell it to end after the request in flight."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._clock.wait(self._ended, self.turn())
        self._release()

    def turn(self) -> float:
        """Do what is due, a few calls at most; return the seconds until there is more to do."""
        try:
            self._follow()
            if not self._holds_lease():
                return AGAIN
            return min(self._go_on(), RENEWED_EVERY)
        except LeaseLost:
            self._lose_lease()
            return AGAIN
        except Exception as error:  # whatever it is, the watch goes on
            _log.exception("The watch failed and will try again.")
            self._look = None
            # What nobody expected may hold anything: its kind is told, and the log has the rest.
            is_known = isinstance(error, LedgerTrouble | VisierError)
            crash = str(error) if is_known else type(error).__name__
            self.status = replace(self.status, crash=crash)
            return AFTER_A_CRASH

    def _follow(self) -> None:
        """Go to another place where what is watched has become one."""
        watched = self._ask()
        if watched.place != self.place:
            self._release()
            self._lose_lease()
            self._watched, self._past, self._is_new = watched, None, True
            self._connectors = self._round()
            self._next_look = self._clock.now()

    def _holds_lease(self) -> bool:
        at = self._clock.monotonic()
        if self._lease is not None and at - self._renewed_at < RENEWED_EVERY:
            return True
        lease = self._ledger().leases.take(lease_name(self.place))
        self._renewed_at = at
        # Another fence: somebody else had it in between, and has looked meanwhile.
        if lease is None or lease != self._lease:
            self._lose_lease()
        self._lease = lease
        self.status = replace(self.status, holds_lease=self._lease is not None)
        return self._lease is not None

    def _lose_lease(self) -> None:
        # What was seen here may be older by now than what the other has recorded.
        self._lease, self._look = None, None
        self._nights, self._unusual, self._sizes = {}, {}, {}
        self._readings = Readings()
        self.status = replace(self.status, holds_lease=False, waits_until=None)

    def _release(self) -> None:
        if self._lease is not None:
            try:
                self._ledger().leases.release(self._lease)
            except Exception as error:  # it runs out by itself
                _log.warning("The watch could not release its lease: %s", error)

    def _go_on(self) -> float:
        if self._is_new:
            self._forget_worlds()
            self._is_new = False
        now = self._clock.now()
        if self._look is None:
            if now < self._next_look:
                rest = (self._next_look - now).total_seconds()
                return self._tell_past(now) or min(rest, self._read_connectors())
            self._look = self._begin(now)
        wait = self._look.step()
        if wait is not None:
            waits_until = now + timedelta(seconds=wait) if wait else None
            self.status = replace(self.status, waits_until=waits_until)
            return wait
        self._record(self._look)
        self._look = None
        return 0.0

    def _round(self) -> ConnectorRound | None:
        of = self._watched
        if of.connectors_of is None:
            return None
        return ConnectorRound(of.client, self._ledger, of.place, of.connectors_of, self._clock)

    def _read_connectors(self) -> float:
        """Read the connectors of one tenant, where they are due; return the seconds until then."""
        if self._connectors is None:
            return math.inf
        wait = self._connectors.step()
        self.status = replace(self.status, connectors_trouble=self._connectors.trouble)
        return wait

    def _codes(self) -> list[str]:
        """Return the codes of the tenants there are."""
        lists = self._readings.lists.values()
        return sorted({str(code) for each in lists for code in each.frame["tenant_code"].unique()})

    def _forget_worlds(self) -> None:
        """Forget what sandboxes that have ended gave as their past: each had a world of its own."""
        if self._watched.past is None:
            return
        ledger = self._ledger()
        for holder in ledger.leases.holders(_LEASES):
            _, host, tenant = holder.name.split(" ", 2)
            place = Place(host, tenant)
            # One that had the same port as this one has now is another world as well.
            if holder.is_live and place != self.place:
                continue
            if any(recorded.facts_of(each.facts).is_given for each in ledger.nights.listed(place)):
                ledger.nights.forget(place)

    def _begin(self, now: datetime) -> Look:
        begins, ends = night.span(night.night_of(now, self._zone), self._zone)
        client, monitor = self._watched.client, self._watched.monitor
        self._next_look = self._schedule.next_look(now, ends)
        with_lists = self._schedule.looks_at_lists(
            now,
            read_at=self._readings.lists_at,
            night_begins=begins,
            pages=self._readings.pages,
            budget=client.budget(),
        )
        # The first look is waited for.
        with_metrics = (
            with_lists
            and self._readings.lists_at is not None
            and self._schedule.looks_at_metrics(
                now,
                tried_at=self._readings.metrics_tried_at,
                pages=self._readings.pages,
                budget=client.budget(),
            )
        )
        return Look(
            client,
            monitor,
            self._readings,
            with_lists=with_lists,
            with_metrics=with_metrics,
            clock=self._clock,
        )

    def _record(self, look: Look) -> None:
        """Write down what a look has found of the present night, and of the one before."""
        at = self._clock.now()
        present = night.night_of(look.began, self._zone)
        if self._readings.lists_at is not None:
            self._find_deliveries(look, present)
            if self._connectors is not None:
                self._connectors.note_wanted(self._codes())
            for each in (present - _DAY, present):
                self._record_night(each, look, at)
        self._prune(present)
        self.status = replace(
            self.status,
            looked_at=at,
            waits_until=None,
            troubles=dict(self._readings.troubles),
            crash="",
        )

    def _record_night(self, which: date, look: Look, at: datetime) -> None:
        before, was_complete = self._known(which)
        if was_complete:
            return
        found = self._observed(which, look, at, before)
        _, ends = night.span(which, self._zone)
        read_at = (found.facts.lists_at, found.facts.jobs_at)
        is_complete = all(each is not None and each >= ends for each in read_at)
        lease = self._lease
        assert lease is not None  # noqa: S101 - turn() holds it
        self._ledger().nights.write(
            self.place,
            lease,
            which,
            found.rows,
            at=at,
            is_complete=False,
            facts=recorded.document(found.facts),
        )
        kept = {each: seen for each, seen in self._nights.items() if each >= which - _DAY}
        self._nights = kept | {which: (found, False)}
        if self._on_look is not None:
            self._on_look(found, lease)
        if is_complete:
            # Last: a night that is complete is not looked at again, so that what follows from it
            # would never follow where this process ends in between.
            self._ledger().nights.complete(self.place, lease, which)
            self._nights[which] = (found, True)

    def _known(self, which: date) -> tuple[Observation | None, bool]:
        """Return what is known of a night, and whether nothing more is to be learnt of it."""
        if which not in self._nights:
            listed = recorded.read(self._ledger(), self.place, since=which, limit=2)
            of = {each.night: (seen, each.is_complete) for each, seen in listed}
            if which not in of:
                return None, False
            self._nights[which] = of[which]
        return self._nights[which]

    def _observed(
        self, which: date, look: Look, at: datetime, before: Observation | None
    ) -> Observation:
        readings, of = self._readings, night.span(which, self._zone)
        jobs, lists = readings.jobs, readings.lists
        rows = night.rows(
            of,
            lists[Part.VERSIONS].frame,
            lists[Part.UPLOADS].frame,
            None if jobs is None else jobs.listed,
            uploads_at=lists[Part.UPLOADS].at,
            metrics=readings.metrics,
        )
        found = self._unusual.get(which)
        facts = NightFacts(
            unusual=before.facts.unusual if found is None and before is not None else found or (),
            budget_left=look.least_left,
            operations=self._troubled_operations(),
            lists_at=readings.lists_at,
            deliveries=self._sizes.get(which),
            without_credential=self._connectors.without if self._connectors else None,
            connectors_read=self._connectors.read_since if self._connectors else {},
        )
        if jobs is not None:
            facts = replace(
                facts,
                jobs_at=jobs.as_of,
                failures=totals.failures_of(jobs.listed, rows["tenant_code"], of),
                durations=totals.durations_of(jobs.listed, rows["tenant_code"], of),
            )
        if before is not None:
            rows = night.carried_on(before.rows, rows, with_jobs=jobs is not None)
            facts = night.facts_carried_on(before.facts, facts)
        return Observation(which, at, rows, facts)

    def _find_deliveries(self, look: Look, present: date) -> None:
        """Find what was delivered; nothing is told of it where jobs are not listed."""
        if not look.with_lists:
            return
        jobs, lists = self._readings.jobs, self._readings.lists
        if jobs is None:
            return
        found = deliveries.find(
            lists[Part.UPLOADS].frame,
            jobs.jobs,
            lists[Part.VERSIONS].frame,
            jobs_since=WINDOW.span(jobs.as_of)[0],
            now=max(jobs.as_of, lists[Part.UPLOADS].at),
        )
        spans = {which: night.span(which, self._zone) for which in (present - _DAY, present)}
        self._unusual = {which: night.unusual(found, of) for which, of in spans.items()}
        self._sizes = {which: totals.delivery_sizes_of(found, of) for which, of in spans.items()}

    def _troubled_operations(self) -> tuple[str, ...]:
        here = self._ledger().at(self.place)
        asked = (
            OperationFilter(states=(State.INTERRUPTED,)),
            OperationFilter(outcome=Outcome.UNCERTAIN),
        )
        found = (each.id for one in asked for each in here.operations(one, _OPERATIONS_READ))
        return tuple(sorted(set(found)))

    def _tell_past(self, now: datetime) -> float:
        """Record one night of the past; return the seconds until the next, 0 without any."""
        if self._watched.past is None:
            return 0.0
        if self._past is None:
            self._past = self._watched.past(now)
        found = next(self._past, None)
        if found is None:
            self._watched = replace(self._watched, past=None)
            return 0.0
        lease = self._lease
        assert lease is not None  # noqa: S101 - turn() holds it
        self._ledger().nights.write(
            self.place,
            lease,
            found.night,
            found.rows,
            at=found.at,
            is_complete=True,
            facts=recorded.document(found.facts),
        )
        return 0.01

    def _prune(self, today: date) -> None:
        if self._has_pruned_on != today:
            self._ledger().nights.prune(today - timedelta(days=self._days))
            self._has_pruned_on = today


def lease_name(place: Place) -> str:
    """Return by what name the watch of a place is leased."""
    return f"{_LEASES}{place.host} {place.tenant}"
