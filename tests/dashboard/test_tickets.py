"""A ticket is good once, for a minute, for the browser it was made for."""

import pytest

from dashboard import bootstrap, browser_mark
from dashboard.connection import Connection, Identity
from dashboard.tickets import LIFETIME, TICKETS_AT_MOST, Ticket, Tickets
from services.operations import Permissions
from services.operations.downloads import Wanted

MINE = browser_mark.of({browser_mark.NAME: "mine"})
NOBODY = Connection(
    Identity("https://x", "key", "ann", None), None, bootstrap.APP, is_sandbox=False
)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def ticket(browser: str = MINE) -> Ticket:
    return Ticket(
        Wanted("t", "a.csv", "a.csv.zip", "id"), NOBODY, Permissions(NOBODY.actor), browser
    )


def test_it_is_good_once() -> None:
    tickets, mine = Tickets(), ticket()
    token = tickets.issue(mine)
    assert tickets.take(token, MINE) is mine
    assert tickets.take(token, MINE) is None


@pytest.mark.parametrize(
    "cookies",
    [
        {},
        {browser_mark.NAME: "other"},
        {browser_mark.NAME: "mine", "_streamlit_user": "somebody"},
    ],
)
def test_it_is_spent_by_whoever_else_tries(cookies: dict[str, str]) -> None:
    tickets = Tickets()
    token = tickets.issue(ticket())
    assert tickets.take(token, browser_mark.of(cookies)) is None
    assert tickets.take(token, MINE) is None


def test_without_a_cookie_there_is_no_browser_to_give_it_to() -> None:
    tickets = Tickets()
    assert browser_mark.of({"_streamlit_user": "ann"}) == ""
    assert tickets.take(tickets.issue(ticket("")), "") is None


def test_it_ends_after_a_minute() -> None:
    clock = Clock()
    tickets = Tickets(clock)
    token = tickets.issue(ticket())
    clock.now += LIFETIME
    assert tickets.take(token, MINE) is None


def test_only_so_many_are_kept_and_no_two_are_alike() -> None:
    tickets = Tickets()
    tokens = [tickets.issue(ticket()) for _ in range(TICKETS_AT_MOST + 1)]
    assert len(set(tokens)) == len(tokens)
    assert min(map(len, tokens)) >= 40
    assert tickets.take(tokens[0], MINE) is None
    assert tickets.take(tokens[1], MINE) is not None


def test_nothing_of_it_is_shown() -> None:
    assert MINE not in repr(ticket())
