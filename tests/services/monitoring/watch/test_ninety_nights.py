"""Ninety nights of a sandbox whose clock runs: what is on record is what happened, cell by cell.

The watch reads over HTTP, two processes take turns, and nights are there that nobody saw.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.monitoring.watch.history import Histories
from services.monitoring.watch.states import STATES
from tests.sandboxes import Sandbox
from tests.services.monitoring.watch.ninety import NIGHTS, Plan, Reckoning, Story, World
from tests.services.monitoring.watch.post import PLACE, MovedClock, Post, post

QUICK = Plan(
    fails=(4,),
    late=(2,),
    excluded=(5,),
    bad=99,
    weekly_misses=99,
    goes=6,
    comes=7,
    unseen=(9,),
    returns=11,
    stuck=99,
)
# Of each: the zone, the first night (a Monday), how many, what happens. In 90 nights of Berlin
# clocks change once, either way; in those of Casablanca both ways, before and after Ramadan.
STORIES = [
    Story(ZoneInfo("Europe/Berlin"), date(2027, 3, 22), 14, QUICK),
    Story(ZoneInfo("Europe/Berlin"), date(2027, 3, 1), NIGHTS, Plan()),
    Story(ZoneInfo("Europe/Berlin"), date(2027, 8, 30), NIGHTS, Plan()),
    Story(ZoneInfo("Africa/Casablanca"), date(2027, 1, 11), NIGHTS, Plan()),
]


def go_to(sandbox: Sandbox, clock: MovedClock, at: datetime) -> None:
    """Move both clocks on to a time."""
    seconds = (at - clock.now()).total_seconds()
    clock.moved += timedelta(seconds=seconds)
    sandbox.control.advance(max(0.0, seconds))


def look(here: Post) -> None:
    """Look once; where the budget makes it wait, both clocks go on."""
    looked_at = here.watch.status.looked_at
    while here.watch.status.looked_at == looked_at:
        assert here.watch.status.crash == ""
        if seconds := here.watch.turn():
            here.pass_time(seconds=seconds)


# All 90 nights take minutes: 360 looks over HTTP.
@pytest.mark.first_is_quick
@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.zone} {story.first}")
def test_the_history_is_what_happened_cell_by_cell(
    sandbox: Sandbox, url: str, story: Story
) -> None:
    world = World(sandbox, story)
    clock = MovedClock()
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                post(sandbox, url, clock, owner=name, zone=story.zone, every=timedelta(hours=1))
            )
            for name in ("first", "second")
        ]
        for number, at in enumerate(story.looks):
            go_to(sandbox, clock, at)
            world.happen(at)
            # The other takes over every now and then, when the lease of the first has run out.
            here = processes[number // 25 % 2]
            while not here.watch.status.holds_lease:
                here.pass_time(seconds=here.watch.turn())
            look(here)
        now = clock.now()
        history = Histories(PLACE, story.zone).newest(lambda: processes[0].ledger, now)
    expected = Reckoning(story, world).grid(now)
    found = {
        code: [str(STATES[place]) for place in row]
        for code, row in zip(history.codes, history.grid.tolist(), strict=True)
    }
    assert history.nights[-1] == story.night(story.nights)
    assert len(history.nights) == min(story.nights + 2, NIGHTS)
    assert found == expected
    told = Counter(state for row in expected.values() for state in row)
    assert told.keys() == {
        *("failed", "late", "excluded", "loaded", "nothing_came", "not_observed"),
    }
    assert datetime.now(UTC) < now
