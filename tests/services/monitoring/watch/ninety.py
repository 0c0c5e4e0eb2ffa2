"""Ninety nights as they are told to a sandbox, and what is to be read of them afterwards.

What is expected is reckoned here from the story alone, in plain Python: when a night begins and
ends by the clocks of a zone, what of it was looked at, and how it went for whom.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from services.clock import LONG_AGO
from services.sandbox.models.jobs import Job, JobBook, Kind, Order, Status
from services.sandbox.models.tenants import DataVersion, Tenant, Upload
from services.sandbox.times import iso
from tests.sandboxes import Sandbox

DAY: Final = timedelta(days=1)
FAR: Final = datetime(9999, 1, 1, tzinfo=UTC)
NIGHTS: Final = 90
LOOKS: Final = (time(12, 0, 30), time(18), time(4), time(11))
"""By the clocks of the zone: as a night ends, and in the next one."""
LOADS: Final = time(1, 30)
"""In UTC, whatever the clocks do."""
STEADY, FAILS, LATE, WEEKLY, EXCLUDED, GOES, COMES, EDGE, NEVER, STUCK, SECOND, THIRD = range(12)
DAILY: Final = (STEADY, FAILS, LATE, EXCLUDED, GOES, COMES, STUCK, SECOND, THIRD)


@dataclass(frozen=True)
class Plan:
    """Which nights are special, counted from the first that is looked at."""

    fails: tuple[int, ...] = (8, 33, 71)
    late: tuple[int, ...] = (10, 17, 52, 66)
    excluded: tuple[int, ...] = (12, 45)
    bad: int = 38
    weekly_misses: int = 28
    goes: int = 55
    comes: int = 60
    unseen: tuple[int, ...] = (20, 21)
    """Nobody watches from the evening of the night before on; the last but one is closed late."""
    returns: int = 23
    stuck: int = 74
    broken_off: int = 77
    costly: int = 80


@dataclass(eq=False)
class Told:
    """What happened to one tenant: times of uploads, of excluded ones, of versions, of failures."""

    uploads: list[datetime] = field(default_factory=list)
    excluded: list[datetime] = field(default_factory=list)
    versions: list[datetime] = field(default_factory=list)
    failures: list[datetime] = field(default_factory=list)
    since: datetime = LONG_AGO
    until: datetime = FAR


@dataclass(frozen=True)
class Event:
    """Something that happens at a time to the tenant of a role."""

    at: datetime
    role: int
    what: str


class Story:
    """Nights of a zone from a first one on; `nights` how many, `plan` what happens in them."""

    def __init__(self, zone: ZoneInfo, first: date, nights: int, plan: Plan) -> None:
        self.zone, self.first, self.nights, self.plan = zone, first, nights, plan
        self.events = sorted(self._events(), key=lambda each: each.at)
        self.looks = sorted(self._looks())

    def night(self, number: int) -> date:
        """Return the date of a night by its number."""
        return self.first + number * DAY

    def local(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def span(self, night: date) -> tuple[datetime, datetime]:
        return self.local(night - DAY, time(12)), self.local(night, time(12))

    def _looks(self) -> Iterator[datetime]:
        """Begin in the middle of the first night; then four times a night, unless nobody does."""
        plan = self.plan
        for number in range(self.nights):
            night = self.night(number)
            times = [
                self.local(night - DAY if at >= time(12) else night, at)
                for at in LOOKS
                if number or at < time(12)
            ]
            if number in plan.unseen or number == plan.returns - 1:
                continue
            # The night after those that nobody saw begins unwatched as well.
            yield from (at for at in times if number != plan.returns or at > times[0])
        last = self.night(self.nights - 1)
        yield self.local(last, LOOKS[0])

    def _events(self) -> Iterator[Event]:
        # Five loads of everybody before anybody looked.
        for number in range(-6, self.nights):
            night = self.night(number)
            at = datetime.combine(night, LOADS, UTC)
            for role in DAILY:
                yield from self._daily(number, at, role)
            edge = self.local(night, time(11, 59, 20))
            yield Event(edge, EDGE, "load")
        plan = self.plan
        for number in range(-40, self.nights):
            night = self.night(number)
            missed = self.night(plan.weekly_misses)
            if night.weekday() == 0 and not missed - 6 * DAY <= night <= missed:
                yield Event(datetime.combine(night, LOADS, UTC), WEEKLY, "load")
        yield Event(self.local(self.night(plan.goes) - DAY, time(19)), GOES, "go")
        yield Event(self.local(self.night(plan.comes) - DAY, time(17)), COMES, "come")
        yield Event(self.local(self.night(plan.stuck) - DAY, time(17, 30)), STUCK, "begin")
        yield Event(self.local(self.night(plan.stuck) + DAY, time(3)), STUCK, "end")

    def _daily(self, number: int, at: datetime, role: int) -> Iterator[Event]:
        plan = self.plan
        if (role == GOES and number >= plan.goes) or (role == COMES and number < plan.comes):
            return
        if number == plan.bad and role in (STEADY, FAILS, LATE, EXCLUDED, SECOND, THIRD):
            evening = self.local(self.night(number) - DAY, time(15))
            yield Event(evening + role * timedelta(seconds=7), role, "bad load")
        elif number in plan.fails and role == FAILS:
            yield Event(at, role, "fail")
        elif number in plan.excluded and role == EXCLUDED:
            yield Event(at, role, "excluded load")
        elif not (number in plan.late and role == LATE):
            yield Event(at + role * timedelta(minutes=1), role, "load")


class World:
    """The sandbox's world, emptied, in which a story happens; `told` has what did, by role."""

    def __init__(self, sandbox: Sandbox, story: Story) -> None:
        self._world = world = sandbox.inside.world
        self._left = list(story.events)
        world.jobs = JobBook()
        world.engine._events.clear()
        self.tenants: list[Tenant] = world.listed[: THIRD + 1]
        for tenant in self.tenants:
            tenant.uploads, tenant.versions = [], []
        self.told = {role: Told() for role in range(len(self.tenants))}
        self._list([each for role, each in enumerate(self.tenants) if role != COMES])
        self._live: Job | None = None
        self._batches: dict[tuple[date, bool], Job] = {}

    @property
    def codes(self) -> list[str]:
        """The codes by role."""
        return [each.code for each in self.tenants]

    def _list(self, tenants: list[Tenant]) -> None:
        self._world.listed = tenants
        self._world.tenants = {each.code: each for each in tenants}

    def happen(self, until: datetime) -> None:
        """Have everything happen that does by then."""
        while self._left and self._left[0].at <= until:
            self._one(self._left.pop(0))

    def _one(self, event: Event) -> None:
        tenant, told, at = self.tenants[event.role], self.told[event.role], event.at
        match event.what:
            case "come":
                told.since = at
                self._list([*self._world.listed, tenant])
            case "go":
                told.until = at
                self._list([each for each in self._world.listed if each is not tenant])
            case "begin":
                self._live = self._job(tenant, Kind.PROCESSING, at, Status.RUNNING)
            case "end":
                assert self._live is not None
                self._live.status = Status.SUCCEEDED
            case "fail":
                self._upload(event)
                self._job(tenant, Kind.PROCESSING, at + timedelta(minutes=2), Status.FAILED)
                told.failures.append(at + timedelta(minutes=2))
            case "excluded load" | "bad load":
                self._upload(event).flags = 0
                told.excluded.append(at)
            case _:
                self._upload(event)
                made = at + timedelta(seconds=20)
                tenant.last_number += 1
                category = self._world.primary_category
                job = self._job(tenant, Kind.PROCESSING, at + timedelta(seconds=10))
                self._adopt(event, job)
                tenant.versions.append(
                    DataVersion(str(tenant.last_number), _iso(made), category, job.id)
                )
                told.versions.append(made)

    def _upload(self, event: Event) -> Upload:
        tenant = self.tenants[event.role]
        receiving = self._job(tenant, Kind.RECEIVING, event.at - timedelta(seconds=20))
        self._adopt(event, receiving)
        upload = Upload(_iso(event.at), receiving.id)
        tenant.uploads.append(upload)
        self.told[event.role].uploads.append(event.at)
        return upload

    def _adopt(self, event: Event, job: Job) -> None:
        """Have the jobs of a night's loads come of one batch, those of a bad one of another."""
        if event.role not in DAILY:
            return
        key = event.at.date(), event.what == "bad load"
        if key not in self._batches:
            began = event.at - timedelta(minutes=1)
            self._batches[key] = self._job(self._world.admin, Kind.RECEIVING, began)
        job.parent = self._batches[key]
        job.parent.adopt(job)

    def _job(
        self, tenant: Tenant, kind: Kind, at: datetime, status: Status = Status.SUCCEEDED
    ) -> Job:
        world = self._world
        job = Job(world.new_id(), kind, tenant.code, _iso(at), status, Order("Workforce"))
        job.visible_at = float("-inf")
        world.jobs.add(job)
        return job


def _iso(at: datetime) -> str:
    return iso(at.timestamp() * 1000)


@dataclass(frozen=True)
class Reckoning:
    """How each night went, reckoned from what was told and when anybody looked."""

    story: Story
    world: World

    def grid(self, now: datetime) -> dict[str, list[str]]:
        """Return how the nights up to the present one went for each tenant, by its code."""
        nights = [self.story.night(number) for number in range(-1, self.story.nights + 1)]
        nights = nights[-NIGHTS:]
        return {
            code: [self._state(role, night, now) for night in nights]
            for role, code in enumerate(self.world.codes)
        }

    def _state(self, role: int, night: date, now: datetime) -> str:
        told = self.world.told[role]
        begins, ends = self.story.span(night)
        _, closed_by = self.story.span(night + DAY)
        looks = [at for at in self.story.looks if begins <= at < ends]
        closing = [at for at in self.story.looks if ends <= at < closed_by]
        if not looks and not closing:
            return "not_observed"
        seen_at = closing[0] if closing else looks[-1]
        is_whole = bool(closing) or now < ends
        horizon = min(seen_at, ends)

        def within(times: list[datetime]) -> list[datetime]:
            return [at for at in times if begins <= at < horizon]

        came, out = within(told.uploads), within(told.excluded)
        if came and len(came) == len(out):
            return "excluded"
        if within(told.versions):
            return "loaded"
        if within(told.failures):
            return "failed"
        # Who was not listed when the night was over, and of whom nothing had come, was not seen.
        was_listed = told.since <= seen_at and (told.until > seen_at or bool(came))
        if not was_listed or not is_whole:
            return "not_observed"
        late = self._late_at(told, horizon)
        return "late" if late is not None and late < horizon else "nothing_came"

    @staticmethod
    def _late_at(told: Told, until: datetime) -> datetime | None:
        """Return when the next load is late: the rhythm of the five that are listed, and more.

        More are six hours, an eighth of the rhythm, or three robust deviations, whichever is most.
        """
        loads = [at for at in told.versions if at < until][-5:]
        gaps = [(after - before) / DAY for before, after in pairwise(loads)]
        if len(gaps) < 2:
            return None
        usual = statistics.median(gaps)
        spread = statistics.median(abs(gap - usual) for gap in gaps)
        more = max(0.25, usual / 8, 3 * 1.4826 * spread)
        return loads[-1] + (usual + more) * DAY
