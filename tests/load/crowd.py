"""A whole run: one person alone, then many at once of whom two apply; then visits without end."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.load.budget import CallLog
from tests.load.checking import Person, WrongAnswer
from tests.load.people import DATA_VERSIONS, UPLOADS, Record, Visit, visit
from tests.load.tab import opened
from tests.load.world import World

GATHERED_EVERY = 5.0
VISITORS_AT_ONCE = 10
VERBS = ("Disable data versions", "Exclude uploads")


@dataclass
class Bulk:
    """What one of the two appliers is to do: the page, the names on it, and to which tenants."""

    path: str
    name: str
    action: str
    verb: str
    tenants: Sequence[str]


def bulks(codes: Sequence[str], tenants: int, uploads_of: int) -> tuple[Bulk, Bulk]:
    """Return both operations, on the first and on the last of the tenants."""
    disabled, excluded = codes[:tenants], codes[-uploads_of:]
    return (
        Bulk(DATA_VERSIONS, "data_versions", "dv.disable", VERBS[0], disabled),
        Bulk(UPLOADS, "uploads", "up.exclude", VERBS[1], excluded),
    )


async def alone(world: World, person: Person, thinking: float, rounds: int) -> Record:
    """Let one person do everything in an otherwise empty house."""
    record = Record()
    await visit(world.url, person, record, thinking=thinking, rounds=rounds)
    return record


async def together(
    world: World,
    people: Sequence[Person],
    todo: Sequence[Bulk],
    *,
    thinking: float,
    seconds: float,
    log: CallLog,
    rounds: int | None = None,
) -> tuple[Record, float]:
    """Let them come one by one, within a fifth of the time, and browse; the last ones apply.

    They leave when the time is over, or after so many rounds.

    Returns the record and the memory of the process in MB while all are there.
    """
    record, end = Record(), time.monotonic() + seconds
    browsing, applying = people[: -len(todo)], people[-len(todo) :]
    pause = seconds / 5 / len(people)

    async def come(number: int, person: Person) -> None:
        await asyncio.sleep(number * pause)
        await visit(
            world.url,
            person,
            record,
            thinking=thinking,
            rounds=rounds,
            until=lambda: rounds is None and time.monotonic() > end,
        )

    async with asyncio.TaskGroup() as all_of_them:
        for number, person in enumerate(browsing):
            all_of_them.create_task(come(number, person))
        for person, bulk in zip(applying, todo, strict=True):
            all_of_them.create_task(_apply(world, person, bulk, record, seconds / 4))
        memory = 0.0
        while time.monotonic() < end:
            await asyncio.sleep(GATHERED_EVERY)
            await asyncio.to_thread(log.gather)
            memory = max(memory, world.memory())
    return record, memory


async def _apply(world: World, person: Person, bulk: Bulk, record: Record, after: float) -> None:
    async with opened(world.url) as tab:
        there = Visit(tab, person, record, thinking=1.0)
        await there.sign_in()
        await asyncio.sleep(after)
        span = f"{bulk.tenants[0]}..{bulk.tenants[-1]}"
        await there.apply(bulk.path, bulk.name, bulk.action, span, bulk.verb)


@dataclass
class State:
    """What the tenants of both operations are on: keys of a tenant and a version or an upload."""

    latest: set[tuple[str, str]]
    enabled: set[tuple[str, str]]
    included: set[tuple[str, str]]


def state(world: World, todo: Sequence[Bulk]) -> State:
    """Read it past the dashboard."""
    versions, uploads = (set(bulk.tenants) for bulk in todo)
    enabled = [
        [(tenant["tenant"], version["dataVersion"]) for version in tenant["dataVersions"]]
        for tenant in world.listed("data-versions", "tenants")
        if tenant["tenant"] in versions
    ]
    included = {
        (tenant["tenantCode"], upload["uploadTime"])
        for tenant in world.listed("data/uploads", "tenants", numberOfDataUploads="100")
        if tenant["tenantCode"] in uploads
        for upload in tenant["uploads"]
        if upload["included"]
    }
    latest = {newest_first[0] for newest_first in enabled if newest_first}
    return State(latest, {key for each in enabled for key in each}, included)


def settle(before: State, after: State, record: Record) -> None:
    """Raise unless the sandbox has changed by just what the screens said was applied."""
    disabled, excluded = before.latest - after.enabled, before.included - after.included
    changed = dict(zip(VERBS, (len(disabled), len(excluded)), strict=True))
    if changed != record.applied:
        raise WrongAnswer(f"Applied {record.applied}, but the sandbox changed by {changed}.")


async def churn(world: World, people: Sequence[Person], visits: int) -> list[float]:
    """Let people come, see the three pages and leave, ten at once, as fast as it goes.

    Returns the memory of the process in MB before, at each tenth of the way and at the end.
    """
    measured, record, turns = [world.memory()], Record(), iter(range(visits))

    async def come_and_go(person: Person) -> None:
        for turn in turns:
            await visit(world.url, person, record, thinking=0.0, rounds=1)
            if (turn + 1) % max(1, visits // 10) == 0:
                measured.append(world.memory())

    await asyncio.gather(*map(come_and_go, people[:VISITORS_AT_ONCE]))
    return measured
