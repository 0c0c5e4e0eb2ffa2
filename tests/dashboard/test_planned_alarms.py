"""Every planned alarm once, in time, and none else: nights of a sandbox, rules of each kind.

The watch reads over HTTP, and its messages arrive at a real SMTP server and real HTTP receivers.
What they are to say, and after which look, is written down here from the story alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from dashboard.settings import Settings
from dashboard.watch.notifying import Notifier
from services.ledger import Actor, Ledger, MessageState, NewItem, NewOperation, State
from services.notifications.rules import (
    WORKING_DAYS,
    BrokenOff,
    BudgetLow,
    Condition,
    Daily,
    Deadline,
    Digest,
    Failed,
    Overdue,
    Rule,
    Slow,
    TenantSet,
    Unusual,
    Which,
    written,
)
from tests.ledgers import empty_ledger
from tests.sandboxes import Sandbox, ask, running_sandbox
from tests.services.monitoring.watch import ninety
from tests.services.monitoring.watch.ninety import NIGHTS, Plan, Story, World
from tests.services.monitoring.watch.post import PLACE, MovedClock, Post, post
from tests.services.notifications.receivers import (
    HttpReceiver,
    MailReceiver,
    http_receiver,
    mail_receiver,
)

NEVER: Final = 10_000
FEW = Plan(
    fails=(2,),
    late=(1,),
    excluded=(),
    bad=8,
    weekly_misses=NEVER,
    goes=NEVER,
    comes=NEVER,
    unseen=(),
    returns=NEVER,
    stuck=3,
    broken_off=5,
    costly=6,
)
STORIES = [
    Story(ZoneInfo("Europe/Berlin"), date(2027, 3, 22), 11, FEW),
    Story(ZoneInfo("Europe/Berlin"), date(2027, 3, 1), NIGHTS, Plan()),
]
DUE, DIGEST = time(8), time(9, 30)
EVENING, MORNING, LATE_MORNING = time(18), time(4), time(11)
Alarm = tuple[datetime, str]


def conditions(codes: list[str], zone: str) -> dict[str, Condition]:
    """Return by destination what is reported there."""

    def of(*roles: int) -> TenantSet:
        return TenantSet(Which.LIST, codes=tuple(codes[role] for role in roles))

    return {
        "deadline": Deadline(Daily(DUE, zone), of(ninety.STEADY, ninety.LATE), warn_minutes=300),
        "failed": Failed(of(ninety.FAILS)),
        "slow": Slow(of(ninety.STUCK)),
        "unusual": Unusual(at_least=4),
        "overdue": Overdue(of(ninety.LATE, ninety.WEEKLY)),
        "budget": BudgetLow(10),
        "operation": BrokenOff(),
        "digest": Digest(
            Daily(DIGEST, zone, WORKING_DAYS), of(ninety.STEADY, ninety.FAILS, ninety.LATE)
        ),
    }


@dataclass(frozen=True)
class Planned:
    """What is to arrive at each destination: after which look, with which title."""

    story: Story
    codes: list[str]

    def at(self, number: int, at: time) -> datetime:
        """Return the look of a night at a time of day."""
        night = self.story.night(number)
        return self.story.local(night - ninety.DAY if at >= time(12) else night, at)

    def told(self, number: int, at: time) -> str:
        moment = self.at(number, at).astimezone(self.story.zone)
        return f"{moment.day} {moment:%b %H:%M} {self.story.zone.key}"

    def numbers(self, *numbers: int) -> list[int]:
        """Return the nights that come, in their order."""
        return sorted(each for each in numbers if each < self.story.nights - 1)

    def deadline(self) -> Iterator[Alarm]:
        for number in self.numbers(*self.story.plan.late, self.story.plan.bad):
            is_bad = number == self.story.plan.bad
            who = "2 tenants" if is_bad else self.codes[ninety.LATE]
            due = self.told(number, DUE)
            yield self.at(number, MORNING), f"{who} not loaded yet, due {due}"
            yield self.at(number, LATE_MORNING), f"{who} missed {due}"
            yield self.at(number + 1, MORNING), f"resolved: {who} missed {due}"

    def failed(self) -> Iterator[Alarm]:
        who = self.codes[ninety.FAILS]
        for number in self.numbers(*self.story.plan.fails):
            yield self.at(number, MORNING), f"{who} failed"
            yield self.at(number + 1, MORNING), f"resolved: {who} failed"

    def slow(self) -> Iterator[Alarm]:
        who = self.codes[ninety.STUCK]
        for number in self.numbers(self.story.plan.stuck):
            yield self.at(number + 1, EVENING), f"{who} with stuck or late jobs"
            yield self.at(number + 1, MORNING), f"resolved: {who} with stuck or late jobs"

    def unusual(self) -> Iterator[Alarm]:
        for number in self.numbers(self.story.plan.bad):
            what = f"unusual delivery of 6 tenants, {self.told(number, time(15))}"
            yield self.at(number, EVENING), what
            yield self.at(number + 1, MORNING), f"resolved: {what}"

    def overdue(self) -> Iterator[Alarm]:
        found: list[Alarm] = []
        who = self.codes[ninety.LATE]
        for number in self.numbers(*self.story.plan.late, self.story.plan.bad):
            found.append((self.at(number, LATE_MORNING), f"{who} overdue"))
            found.append((self.at(number + 1, MORNING), f"resolved: {who} overdue"))
        who = self.codes[ninety.WEEKLY]
        for number in self.numbers(self.story.plan.weekly_misses):
            # A week and an eighth of it after the load before: at half past ten in the evening.
            found.append((self.at(number + 1, MORNING), f"{who} overdue"))
            found.append((self.at(number + 7, MORNING), f"resolved: {who} overdue"))
        yield from sorted(found)

    def budget(self) -> Iterator[Alarm]:
        for number in self.numbers(self.story.plan.costly):
            yield self.at(number, MORNING), "0% of the call budget left"
            yield self.at(number + 1, ninety.LOOKS[0]), "resolved: 0% of the call budget left"

    def operation(self) -> Iterator[Alarm]:
        what = f"operation {OPERATION} broke off or is uncertain"
        for number in self.numbers(self.story.plan.broken_off):
            yield self.at(number, EVENING), what
            yield self.at(number + 1, ninety.LOOKS[0]), f"resolved: {what}"

    def digest(self) -> Iterator[Alarm]:
        plan, looks = self.story.plan, set(self.story.looks)
        missing = dict.fromkeys((*plan.late, *plan.fails), 1) | {plan.bad: 3}
        for number in range(self.story.nights):
            night, at = self.story.night(number), self.at(number, LATE_MORNING)
            if at in looks and night.weekday() in WORKING_DAYS:
                loaded = 3 - missing.get(number, 0)
                yield at, f"{night.isoformat()}: {loaded} of 3 tenants loaded"

    def all(self) -> dict[str, list[Alarm]]:
        return {
            **{name: list(getattr(self, name)()) for name in NAMES},
            "digest": list(self.digest()),
        }


NAMES: Final = ("deadline", "failed", "slow", "unusual", "overdue", "budget", "operation")
OPERATION: Final = "00000000-0000-4000-8000-000000000000"


@dataclass
class Arrived:
    """The receivers, and what has arrived at each, with the look it came after."""

    hooks: dict[str, HttpReceiver]
    mail: MailReceiver
    alarms: dict[str, list[Alarm]]

    def note(self, at: datetime) -> None:
        for name, hook in self.hooks.items():
            titles = [str(each["title"]) for each in hook.got]
            self._note(name, at, titles)
        self._note("digest", at, [str(each["Subject"]) for each in self.mail.got])

    def _note(self, name: str, at: datetime, titles: list[str]) -> None:
        noted = self.alarms[name]
        new = [re.sub(r"^Visier loads(: |, )", "", title) for title in titles[len(noted) :]]
        noted += [(at, title) for title in new]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(tenants=60) as running:
        yield running


@pytest.fixture
def arrived() -> Iterator[Arrived]:
    with ExitStack() as stack:
        hooks = {name: stack.enter_context(http_receiver()) for name in NAMES}
        mail = stack.enter_context(mail_receiver())
        yield Arrived(hooks, mail, {name: [] for name in (*NAMES, "digest")})


def notifier(
    arrived: Arrived, ledger: Callable[[], Ledger], zone: ZoneInfo, clock: MovedClock
) -> Notifier:
    addresses = {name: hook.address for name, hook in arrived.hooks.items()}
    addresses["digest"] = arrived.mail.address("ann@corp.example")
    settings = Settings(dashboard_destinations=addresses)
    return Notifier(settings, ledger, zone, clock)


def break_off(ledger: Ledger) -> None:
    """Have an operation be interrupted that has something left."""
    actor = Actor("ann", PLACE.tenant, PLACE.host)
    item = NewItem(key="k", tenant_code="t", name="n", before="1", after="2")
    ledger.begin(
        NewOperation(id=OPERATION, verb="exclude_uploads", actor=actor, identity="i"), [item]
    )
    ledger.set_state(OPERATION, State.INTERRUPTED)


def use_up_the_budget(sandbox: Sandbox) -> None:
    headers = sandbox.headers()
    while ask("GET", f"{sandbox.url}/v1/op/data-connectors", headers=headers).status_code != 429:
        pass


def steps(planned: Planned, sandbox: Sandbox, here: Post) -> dict[datetime, Callable[[], None]]:
    """Return what is done before which look, beside what the story tells."""
    plan = planned.story.plan
    return {
        planned.at(plan.broken_off, EVENING): lambda: break_off(here.ledger),
        planned.at(plan.broken_off, MORNING): lambda: here.ledger.end(OPERATION, State.STOPPED),
        planned.at(plan.costly, MORNING): lambda: use_up_the_budget(sandbox),
    }


# All 90 nights take minutes: 360 looks over HTTP.
@pytest.mark.first_is_quick
@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.nights} nights")
def test_every_planned_alarm_is_told_once_in_time_and_none_else(
    sandbox: Sandbox, tmp_path: Path, arrived: Arrived, story: Story
) -> None:
    sandbox.control.reset(rate_limit=100)
    world, clock = World(sandbox, story), MovedClock()
    url = empty_ledger(tmp_path / "ledger.sqlite3")
    every = timedelta(hours=1)
    with post(sandbox, url, clock, zone=story.zone, every=every) as here:
        telling = notifier(arrived, lambda: here.ledger, story.zone, clock)
        here.watch._on_look = lambda seen, lease: telling.look(PLACE, seen, lease=lease)
        planned = Planned(story, world.codes)
        for name, condition in conditions(world.codes, story.zone.key).items():
            here.ledger.rules.add(PLACE, written(Rule(condition, (name,))), "ann", clock.now())
        before = steps(planned, sandbox, here)
        for at in story.looks:
            here.pass_time(seconds=(at - clock.now()).total_seconds())
            world.happen(at)
            before.get(at, lambda: None)()
            look(here)
            telling.deliver()
            arrived.note(at)
        counts = here.ledger.outbox.counts()
        left = [each for each in here.ledger.incidents.counts(PLACE).values() if each]
    assert arrived.alarms == planned.all()
    total = sum(map(len, arrived.alarms.values()))
    assert {state: count for state, count in counts.items() if count} == {MessageState.SENT: total}
    assert left == []


def look(here: Post) -> None:
    """Look once; where the budget makes it wait, both clocks go on."""
    looked_at = here.watch.status.looked_at
    while here.watch.status.looked_at == looked_at:
        assert here.watch.status.crash == ""
        if seconds := here.watch.turn():
            here.pass_time(seconds=seconds)
