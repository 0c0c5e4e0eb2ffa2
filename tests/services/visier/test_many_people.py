"""Ten people read 50,000 tenants at 100 calls a minute, on a clock that only moves when one waits.

Each is somebody else, so nothing may be shared but the call budget of their API key.
"""

import heapq
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
import pytest

from services.visier import Client, Lane, ListFetch, SecurityToken
from tests.services.visier.clock import Clock
from tests.services.visier.conftest import MakeClient
from tests.services.visier.wire import Reply, Seen, Wire

TENANTS, PAGE, PAGES, LIMIT, PEOPLE = 50_000, 1_000, 51, 100, 10
ANSWERED_WITHIN = 0.3
START = datetime(2026, 11, 29, tzinfo=UTC)
Fetch = ListFetch[int]


@lru_cache(maxsize=64)
def page_from(start: int) -> bytes:
    codes = range(start, min(start + PAGE, TENANTS))
    tenants = [{"tenantCode": f"T~{code}", "dataVersions": []} for code in codes]
    return orjson.dumps({"tenants": tenants, "limit": PAGE, "start": start})


class Visier:
    """A server that counts what it lets through in any minute, and refuses what is beyond."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self.moments: list[float] = []
        self.refused = 0
        self.asked: Counter[tuple[str, str]] = Counter()
        self._clock = clock
        wire.answer = self.answer

    def answer(self, seen: Seen) -> Reply:
        now = self._clock.now
        self._clock.now += ANSWERED_WITHIN
        if len(self.moments) - bisect_left(self.moments, now - 60) >= LIMIT:
            self.refused += 1
            return Reply(429, b"{}")
        self.moments.append(now)
        if "data-versions" not in seen.path:
            return Reply(200, b"{}")
        start = int(seen.query["start"])
        self.asked[seen.headers["cookie"], str(start)] += 1
        return Reply(200, page_from(start))

    @property
    def fullest_minute(self) -> int:
        ends = enumerate(self.moments)
        return max(end + 1 - bisect_left(self.moments, time - 59.999) for end, time in ends)


def take_turns(
    clock: Clock, fetches: list[tuple[Client, Fetch]], beside: Callable[[], Any]
) -> None:
    """Let each go on as soon as it may, the one that may first before the others."""
    due = [(clock.now, number) for number in range(len(fetches))]
    while due:
        moment, number = heapq.heappop(due)
        clock.now = max(clock.now, moment)
        client, fetch = fetches[number]
        beside()
        fetch.go_on(client)
        if not fetch.is_complete:
            heapq.heappush(due, (clock.now + fetch.wait, number))


def people(make_client: MakeClient, clock: Clock, count: int) -> list[tuple[Client, Fetch]]:
    rate_limiter = clock.rate_limiter(LIMIT)
    jitters = iter(range(1_000_000))

    def one(number: int) -> tuple[Client, Fetch]:
        client = make_client(SecurityToken("test-key", f"token-{number}"), rate_limiter)
        fetch = ListFetch(
            lambda client: client.iter_latest_enabled_dv(),
            lambda payload: len(dict(payload)["tenants"]),
            START,
            clock=clock,
            jitter=lambda: next(jitters) * 0.618 % 1,
        )
        return client, fetch

    return [one(number) for number in range(count)]


@pytest.mark.parametrize(
    "count", [1, *(pytest.param(each, marks=pytest.mark.slow) for each in (3, PEOPLE))]
)
def test_everybody_gets_every_page_once_within_the_budget(
    make_client: MakeClient, wire: Wire, count: int
) -> None:
    clock = Clock()
    visier, begun = Visier(wire, clock), clock.now
    fetches = people(make_client, clock, count)
    take_turns(clock, fetches, beside=lambda: None)
    assert [sum(fetch.parts) for _, fetch in fetches] == [TENANTS] * count
    assert len(visier.moments) == PAGES * count
    assert set(visier.asked.values()) == {1}
    assert visier.fullest_minute <= LIMIT
    assert visier.refused == 0
    # Four fifths of a minute's calls are theirs; the last fifth is kept for clicks.
    assert clock.now - begun <= 60 * (PAGES * count / (0.8 * LIMIT) + 1)


@pytest.mark.slow
def test_who_clicks_meanwhile_is_served_at_once(make_client: MakeClient, wire: Wire) -> None:
    clock = Clock()
    visier = Visier(wire, clock)
    fetches = people(make_client, clock, PEOPLE)
    client, _ = fetches[0]
    clicked = [clock.now]

    def click() -> None:
        if clock.now - clicked[-1] >= 5:
            clicked.append(clock.now)
            waited = len(clock.waits)
            client.in_lane(Lane.CLICK).dispatching_job_status("1")
            assert len(clock.waits) == waited

    take_turns(clock, fetches, beside=click)
    assert len(clicked) > 30
    assert [sum(fetch.parts) for _, fetch in fetches] == [TENANTS] * PEOPLE
    assert visier.fullest_minute <= LIMIT
    assert visier.refused == 0
