"""A few of the fifty, on a small population: what must hold for however many there are."""

import asyncio

import pytest

from tests.load import crowd
from tests.load.budget import CallLog
from tests.load.world import running

TENANTS, PEOPLE, CALLS_A_MINUTE = 240, 8, 100


@pytest.mark.slow
def test_people_at_once_see_only_what_is_theirs_within_the_budget() -> None:
    with running(TENANTS, CALLS_A_MINUTE) as world:
        people = world.people(PEOPLE)
        todo = crowd.bulks(world.tenants(), tenants=30, uploads_of=40)
        before = crowd.state(world, todo)
        log = CallLog(world.control)
        record, _ = asyncio.run(
            crowd.together(world, people, todo, thinking=0.1, seconds=0, log=log, rounds=1)
        )
        log.gather()
        crowd.settle(before, crowd.state(world, todo), record)
        assert min(record.applied.values()) > 25
        assert {"filter Uploads", "filter Jobs", "open Jobs"} <= set(record.seconds)
        assert 0 < log.fullest_minute <= CALLS_A_MINUTE
        assert world.mishaps() == []
