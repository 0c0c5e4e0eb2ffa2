"""Lists that change, and servers that fail, between one page and the next."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.visier import Client, NotPermitted, SecurityToken
from services.visier.calls import MOST_BACK, Calls, Pages
from tests.services.visier.conftest import MakeClient
from tests.services.visier.wire import Reply, Seen, Wire, json_reply

LIMIT = 5


class Listed(Calls):
    """A list that a server pages, five at a time, and that changes before each answer."""

    def __init__(self, names: list[str], change: Callable[[list[str]], None]) -> None:
        self.names = names
        self.asked = 0
        self._change = change

    def _call(self, name: str, **options: Any) -> Any:  # noqa: ARG002 - as that of Calls
        self.asked += 1
        if self.asked > 1:
            self._change(self.names)
        start = int(options["query"]["start"])
        page = [{"tenantCode": code} for code in self.names[start : start + LIMIT]]
        return {"tenants": page, "limit": LIMIT, "start": start}


def codes(pages: Iterator[Any]) -> list[str]:
    return [tenant["tenantCode"] for page in pages for tenant in page["tenants"]]


def numbered(count: int) -> list[str]:
    return [f"{number:03}" for number in range(count)]


def read(listed: Listed) -> list[str]:
    return codes(Pages(listed, "latest_enabled_dv", None, {}))


@given(
    count=st.integers(0, 40),
    gone=st.lists(st.tuples(st.integers(0, 39), st.integers(0, LIMIT - 1)), max_size=2),
    come=st.lists(st.tuples(st.integers(0, 39), st.integers(0, LIMIT - 2)), max_size=6),
)
def test_what_is_there_all_along_comes_once(
    count: int, gone: list[tuple[int, int]], come: list[tuple[int, int]]
) -> None:
    removals, additions = list(gone), list(come)
    removed: set[str] = set()

    def change(names: list[str]) -> None:
        if removals:
            place, number = removals.pop()
            removed.update(names[place : place + number])
            del names[place : place + number]
        if additions:
            place, number = additions.pop()
            names[place:place] = [f"new {len(additions)} {each}" for each in range(number)]

    listed = Listed(numbered(count), change)
    found = read(listed)
    assert len(found) == len(set(found))
    assert set(found) >= set(numbered(count)) - removed
    assert listed.asked <= (count + 60) / (LIMIT - 1) + 2 + 2 * MOST_BACK


def test_a_tenant_that_goes_hides_no_other() -> None:
    listed = Listed(numbered(12), lambda names: names.remove("002") if "002" in names else None)
    assert sorted(read(listed)) == numbered(12)


def test_a_tenant_that_comes_brings_none_twice() -> None:
    listed = Listed(numbered(12), lambda names: names.insert(0, f"new {len(names)}"))
    found = read(listed)
    assert [code for code in found if not code.startswith("new")] == numbered(12)


def test_more_that_come_than_a_page_holds_are_no_end() -> None:
    more = [list("ghijkl"), list("abcdef")]

    def change(names: list[str]) -> None:
        names[0:0] = more.pop() if more else []

    assert [code for code in read(Listed(numbered(12), change)) if code.isdecimal()] == numbered(12)


def test_a_list_without_an_order_is_read_to_its_end() -> None:
    listed = Listed(numbered(40), lambda names: names.reverse())
    found = read(listed)
    assert len(found) == len(set(found))
    assert listed.asked <= 40 / (LIMIT - 1) + 2 + 2 * MOST_BACK


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 9, 10, 14, 19, 20, 21])
def test_a_list_that_stands_still_is_read_in_as_few_pages_as_can_be(count: int) -> None:
    listed = Listed(numbered(count), lambda _names: None)
    assert read(listed) == numbered(count)
    assert listed.asked <= 2 + max(0, count - 1) // (LIMIT - 1)


def tenants(seen: Seen) -> Reply:
    start = int(seen.query["start"])
    page = [{"tenantCode": code} for code in numbered(12)[start : start + LIMIT]]
    return json_reply({"tenants": page, "limit": LIMIT, "start": start})


def test_after_an_error_the_page_that_failed_is_asked_for_again_and_no_other(
    client: Client, wire: Wire
) -> None:
    pages = client.iter_latest_enabled_dv()
    wire.answer = tenants
    found = codes(iter([next(pages)]))
    wire.script(Reply(403, b"{}"))
    for _ in range(3):
        with pytest.raises(NotPermitted):
            next(pages)
    wire.answer = tenants
    assert found + codes(pages) == numbered(12)
    assert [seen.query["start"] for seen in wire.seen] == ["0", "4", "4", "4", "4", "8"]


def test_another_client_of_the_same_person_goes_on_where_the_first_stopped(
    make_client: MakeClient, wire: Wire
) -> None:
    wire.answer = tenants
    first, second = (make_client(SecurityToken("test-key", token)) for token in ("one", "two"))
    pages = first.iter_latest_enabled_dv()
    found = codes(iter([next(pages)]))
    pages.through(second)
    assert found + codes(pages) == numbered(12)
    assert [seen.headers["cookie"][-3:] for seen in wire.seen] == ["one", "two", "two"]
