"""Lists that are fetched once for all sessions of an identity, and go on where they stopped."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from services.visier import (
    Client,
    ListSpec,
    NotPermitted,
    SharedList,
    SharedLists,
    SignedOut,
    StillFetching,
)
from services.visier.shared_list import STALE, UNWATCHED
from tests.services.visier.clock import Clock
from tests.services.visier.conftest import MakeClient
from tests.services.visier.wire import Reply, Seen, Wire, json_reply

TTL = 900.0
LIMIT = 5
START = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
Listed = SharedList[list[str], list[str]]


def numbered(count: int) -> list[str]:
    return [f"{number:03}" for number in range(count)]


class Tenants:
    """A server of tenants, five a page, that can be held up and told to fail."""

    def __init__(self, wire: Wire, count: int) -> None:
        self.codes = numbered(count)
        self.replies: list[Reply] = []
        self.go = threading.Event()
        self.go.set()
        self._wire = wire
        wire.answer = self.answer

    def answer(self, seen: Seen) -> Reply:
        assert self.go.wait(30)
        if self.replies:
            return self.replies.pop(0)
        start = int(seen.query["start"])
        page = [{"tenantCode": code} for code in self.codes[start : start + LIMIT]]
        return json_reply({"tenants": page, "limit": LIMIT})

    @property
    def starts(self) -> list[int]:
        return [int(seen.query["start"]) for seen in self._wire.seen]


def spec(category: str | None = None) -> ListSpec[list[str], list[str]]:
    return ListSpec(
        ask=lambda client: client.iter_latest_enabled_dv(data_category=category),
        part=lambda payload: [tenant["tenantCode"] for tenant in dict(payload)["tenants"]],
        whole=lambda parts, _as_of: [code for part in parts for code in part],
        ttl=TTL,
        size="tenants",
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lists(clock: Clock) -> SharedLists:
    return SharedLists(
        clock=clock, now=lambda: START + timedelta(seconds=clock.now), jitter=lambda: 0.5
    )


@pytest.fixture
def listed(lists: SharedLists) -> Listed:
    return lists.of("versions", None, spec())


@pytest.fixture
def asker(make_client: MakeClient, clock: Clock) -> Callable[[], Client]:
    client = make_client(rate_limiter=clock.rate_limiter(None))
    return lambda: client


@pytest.fixture
def poor(make_client: MakeClient, clock: Clock) -> Callable[[], Client]:
    """Somebody with ten calls a minute, of which two are left to clicks."""
    client = make_client(rate_limiter=clock.rate_limiter(10))
    return lambda: client


def limited(seconds: int) -> Reply:
    return json_reply({"message": "API rate limit exceeded"}, 429, Retry_After=str(seconds))


@contextmanager
def together(*calls: Callable[[], Any]) -> Iterator[list[Any]]:
    """Make calls at once, each in a thread; at the end of the block the answers are there."""
    answers: list[Any] = [None] * len(calls)

    def call(place: int, made: Callable[[], Any]) -> None:
        try:
            answers[place] = made()
        except Exception as error:
            answers[place] = error

    threads = [threading.Thread(target=call, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    yield answers
    for thread in threads:
        thread.join(30)


def test_a_list_is_read_whole_and_kept(
    wire: Wire, listed: Listed, asker: Callable[[], Client], clock: Clock
) -> None:
    tenants = Tenants(wire, 12)
    assert listed.get(asker) == numbered(12)
    clock.now += TTL - 1
    assert listed.get(asker) == numbered(12)
    assert tenants.starts == [0, 4, 8]
    clock.now += 2
    assert listed.get(asker) == numbered(12)
    assert tenants.starts == [0, 4, 8] * 2


def test_ten_sessions_at_once_cost_what_one_does(
    wire: Wire, listed: Listed, make_client: MakeClient
) -> None:
    tenants = Tenants(wire, 12)
    tenants.go.clear()
    clients = [make_client() for _ in range(10)]
    calls = [lambda client=client: listed.get(lambda: client) for client in clients]
    with together(*calls) as answers:
        wire.wait_for(1)
        tenants.go.set()
    assert answers == [numbered(12)] * 10
    assert tenants.starts == [0, 4, 8]


def test_pages_that_were_read_are_kept_while_it_waits_for_the_budget(
    wire: Wire, listed: Listed, poor: Callable[[], Client], clock: Clock
) -> None:
    tenants = Tenants(wire, 60)
    with pytest.raises(StillFetching) as caught:
        listed.get(poor)
    assert caught.value.of is listed
    assert listed.progress.pages == len(tenants.starts) == 8
    assert listed.progress.wait == pytest.approx(60, abs=1)
    clock.now += 61
    assert listed.get(poor) == numbered(60)
    assert tenants.starts == list(range(0, 60, 4))


def test_who_waits_goes_on_at_a_moment_of_their_own(
    wire: Wire, make_client: MakeClient, clock: Clock
) -> None:
    Tenants(wire, 60)
    client = make_client(rate_limiter=clock.rate_limiter(10))
    moments = []
    for jitter in (0.1, 0.6, 0.9):
        listed = SharedLists(clock=clock, jitter=partial(float, jitter)).of(
            "versions", None, spec()
        )
        with pytest.raises(StillFetching):
            listed.get(lambda: client)
        moments.append(listed.progress.wait % 1)
    assert moments == pytest.approx([0.1, 0.6, 0.9])


def test_how_many_pages_there_are_is_told_by_lists_of_the_same_size(
    wire: Wire, lists: SharedLists, asker: Callable[[], Client], clock: Clock
) -> None:
    tenants = Tenants(wire, 12)
    lists.of("versions", None, spec()).get(asker)
    tenants.replies = [limited(30)]
    other = lists.of("uploads", None, spec("other"))
    with pytest.raises(StillFetching):
        other.get(asker)
    assert (other.progress.pages, other.progress.expected) == (0, 3)
    assert other.progress.wait == pytest.approx(30.5)


def test_a_list_that_failed_goes_on_with_the_page_that_failed(
    wire: Wire, listed: Listed, asker: Callable[[], Client]
) -> None:
    tenants = Tenants(wire, 12)
    listed.get(asker, pages=1)
    assert listed.wait(30)
    tenants.replies = [Reply(403, b"{}")]
    with pytest.raises(NotPermitted):
        listed.get(asker)
    assert listed.get(asker) == numbered(12)
    assert tenants.starts == [0, 4, 4, 8]


def test_an_error_is_raised_wherever_somebody_waits_and_costs_one_call(
    wire: Wire, listed: Listed, make_client: MakeClient
) -> None:
    tenants = Tenants(wire, 12)
    tenants.replies = [Reply(403, b"{}")]
    tenants.go.clear()
    client = make_client()
    with together(*[lambda: listed.get(lambda: client)] * 3) as answers:
        wire.wait_for(1)
        tenants.go.set()
    assert [type(answer) for answer in answers] == [NotPermitted] * 3
    assert tenants.starts == [0]


def test_an_error_nobody_has_been_told_of_is_told_to_who_comes_next(
    wire: Wire, listed: Listed, asker: Callable[[], Client], clock: Clock
) -> None:
    tenants = Tenants(wire, 12)
    tenants.replies = [limited(30), Reply(403, b"{}")]
    with pytest.raises(StillFetching):
        listed.get(asker)
    clock.now += 31
    listed.saw(asker)
    assert listed.wait(30)
    with pytest.raises(NotPermitted):
        listed.get(asker)
    assert tenants.starts == [0, 0]


def test_nobody_is_read_for_who_does_not_wait(
    wire: Wire, listed: Listed, poor: Callable[[], Client], clock: Clock
) -> None:
    tenants = Tenants(wire, 60)
    with pytest.raises(StillFetching):
        listed.get(poor)
    clock.now += UNWATCHED + 1
    listed.try_now()
    assert listed.wait(30)
    assert len(tenants.starts) == 8
    # Whoever comes back goes on with what is there.
    assert listed.get(poor) == numbered(60)
    assert tenants.starts == list(range(0, 60, 4))


def test_what_broke_off_long_ago_is_begun_anew(
    wire: Wire, listed: Listed, asker: Callable[[], Client], clock: Clock
) -> None:
    tenants = Tenants(wire, 12)
    listed.get(asker, pages=1)
    assert listed.wait(30)
    clock.now += TTL + 1
    assert listed.get(asker) == numbered(12)
    assert tenants.starts == [0, 0, 4, 8]


def test_nobody_is_read_for_who_has_signed_out(
    wire: Wire, listed: Listed, make_client: MakeClient, clock: Clock
) -> None:
    tenants = Tenants(wire, 60)
    first, second = (make_client(rate_limiter=clock.rate_limiter(8)) for _ in range(2))
    is_there = [True]

    def leaving() -> Client:
        if not is_there[0]:
            raise SignedOut("This sign-in has ended.")
        return first

    with pytest.raises(StillFetching):
        listed.get(leaving)
    is_there[0] = False
    clock.now += 61
    listed.try_now()
    asked = len(tenants.starts)
    with pytest.raises(StillFetching):
        listed.get(lambda: second)
    assert len(tenants.starts) > asked
    assert tenants.starts == list(range(0, 4 * len(tenants.starts), 4))


def test_the_old_list_stands_in_while_it_is_read_again_or_cannot_be(
    wire: Wire, listed: Listed, asker: Callable[[], Client], clock: Clock
) -> None:
    tenants = Tenants(wire, 12)
    listed.get(asker)
    tenants.codes.append("new")
    clock.now += TTL + 1
    tenants.replies = [Reply(403, b"{}"), limited(30)]
    assert listed.get(asker) == numbered(12)
    assert isinstance(listed.trouble(), NotPermitted)
    assert listed.get(asker) == numbered(12)
    assert listed.is_under_way
    assert listed.trouble() is None
    clock.now += 31
    assert listed.get(asker) == [*numbered(12), "new"]


def test_an_answer_of_an_hour_ago_stands_in_for_nothing(
    wire: Wire, listed: Listed, asker: Callable[[], Client], clock: Clock
) -> None:
    tenants = Tenants(wire, 12)
    listed.get(asker)
    clock.now += STALE + 1
    tenants.replies = [Reply(403, b"{}")]
    with pytest.raises(NotPermitted):
        listed.get(asker)


def test_a_refresh_begins_anew_and_the_old_list_stays_until_then(
    wire: Wire, listed: Listed, asker: Callable[[], Client], clock: Clock
) -> None:
    tenants = Tenants(wire, 12)
    listed.get(asker)
    tenants.codes.append("new")
    tenants.replies = [limited(30)]
    # The second refresh joins the first.
    assert [listed.refresh(asker) for _ in range(2)] == [False, False]
    assert listed.get(asker) == numbered(12)
    clock.now += 31
    listed.saw(asker)
    assert listed.wait(30)
    assert listed.get(asker) == [*numbered(12), "new"]
    assert tenants.starts == [0, 4, 8, 0, 0, 4, 8, 12]


def test_a_refresh_that_fails_raises_and_the_old_list_stays(
    wire: Wire, listed: Listed, asker: Callable[[], Client]
) -> None:
    tenants = Tenants(wire, 12)
    listed.get(asker)
    tenants.replies = [Reply(403, b"{}")]
    with pytest.raises(NotPermitted):
        listed.refresh(asker)
    assert listed.get(asker) == numbered(12)


def test_a_refresh_for_who_has_seen_older_things_reads_nothing(
    wire: Wire, listed: Listed, asker: Callable[[], Client], clock: Clock
) -> None:
    tenants = Tenants(wire, 12)
    before = START + timedelta(seconds=clock.now - 1)
    listed.get(asker)
    assert listed.refresh(asker, than=before)
    assert tenants.starts == [0, 4, 8]
    assert listed.refresh(asker, than=before + timedelta(seconds=10))
    assert tenants.starts == [0, 4, 8] * 2


def test_what_is_forgotten_is_read_anew_also_when_it_is_under_way(
    wire: Wire, listed: Listed, poor: Callable[[], Client], clock: Clock
) -> None:
    tenants = Tenants(wire, 60)
    with pytest.raises(StillFetching):
        listed.get(poor)
    listed.forget()
    clock.now += 61
    with pytest.raises(StillFetching):
        listed.get(poor)
    assert tenants.starts[8:] == list(range(0, 32, 4))


def test_what_was_begun_after_a_change_is_not_forgotten_for_it(
    wire: Wire, listed: Listed, asker: Callable[[], Client], clock: Clock
) -> None:
    tenants = Tenants(wire, 12)
    listed.get(asker)
    listed.forget(START + timedelta(seconds=clock.now - 1))
    listed.get(asker)
    assert tenants.starts == [0, 4, 8]
    listed.forget(START + timedelta(seconds=clock.now + 1))
    listed.get(asker)
    assert tenants.starts == [0, 4, 8] * 2


def test_so_many_pages_are_enough_until_all_are_asked_for(
    wire: Wire, listed: Listed, asker: Callable[[], Client]
) -> None:
    tenants = Tenants(wire, 12)
    assert listed.get(asker, pages=1) == numbered(5)
    assert listed.get(asker, pages=1) == numbered(5)
    assert listed.wait(30)
    assert tenants.starts == [0]
    assert listed.get(asker) == numbered(12)
    assert listed.get(asker, pages=1) == numbered(12)
    assert tenants.starts == [0, 4, 8]


def test_a_wait_can_be_cut_short(
    wire: Wire, listed: Listed, make_client: MakeClient, clock: Clock
) -> None:
    tenants = Tenants(wire, 12)
    client = make_client(rate_limiter=clock.rate_limiter(None))
    tenants.replies = [limited(31_536_000)]
    with pytest.raises(StillFetching):
        listed.get(lambda: client)
    client.try_now()
    listed.try_now()
    assert listed.get(lambda: client) == numbered(12)


def test_a_busy_server_is_waited_for_so_often(
    wire: Wire, listed: Listed, asker: Callable[[], Client], clock: Clock
) -> None:
    tenants = Tenants(wire, 12)
    busy = json_reply({"message": "Maintenance."}, 503, Retry_After="60")
    tenants.replies = [busy, busy]
    for _ in range(2):
        with pytest.raises(StillFetching):
            listed.get(asker)
        clock.now += 61
    assert listed.get(asker) == numbered(12)
    assert tenants.starts == [0, 0, 0, 4, 8]


def test_an_odd_page_is_an_error_and_then_begun_anew(
    wire: Wire, lists: SharedLists, asker: Callable[[], Client]
) -> None:
    tenants = Tenants(wire, 12)
    listed = lists.of("versions", None, spec())
    tenants.replies = [json_reply({"tenants": [{"tenantCode": "a"}] * 5, "limit": 5})]
    tenants.replies += [json_reply({"nothing": "of the kind"})]
    with pytest.raises(KeyError):
        listed.get(asker)
    assert listed.get(asker) == numbered(12)
    assert tenants.starts == [0, 4, 0, 4, 8]


def test_no_more_lists_are_kept_than_are_used(
    wire: Wire, lists: SharedLists, asker: Callable[[], Client]
) -> None:
    Tenants(wire, 2)
    lists.of("others", None, spec("others")).get(asker)
    for number in range(9):
        lists.of("versions", number, spec(str(number))).get(asker)
    assert len(lists) == 1 + spec().most
    asked = len(wire.seen)
    for number in range(5, 9):
        lists.of("versions", number, spec()).get(asker)
    lists.of("others", None, spec()).get(asker)
    assert len(wire.seen) == asked
    lists.of("versions", 4, spec()).get(asker)
    assert len(wire.seen) == asked + 1


def test_what_is_worth_nothing_is_let_go_of(
    wire: Wire, lists: SharedLists, asker: Callable[[], Client], clock: Clock
) -> None:
    Tenants(wire, 2)
    lists.of("versions", "old", spec()).get(asker)
    clock.now += STALE + 1
    lists.of("versions", "new", spec("new")).get(asker)
    assert len(lists) == 1


def test_who_asks_for_a_first_page_that_is_the_last_is_told_that_it_is_complete(
    wire: Wire, lists: SharedLists, asker: Callable[[], Client]
) -> None:
    Tenants(wire, 3)
    caller, told_early = threading.current_thread(), threading.Event()

    def whole(parts: Sequence[list[str]], _as_of: datetime) -> list[str]:
        if threading.current_thread() is caller:
            told_early.set()
        else:
            told_early.wait(0.5)
        return [code for part in parts for code in part]

    listed = lists.of("versions", None, replace(spec(), whole=whole))
    assert listed.get(asker, pages=1) == numbered(3)
    assert listed.is_complete
    assert not told_early.is_set()
