"""A file on its way through the dashboard: in pieces, for a sign-in that holds, and in no log."""

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from requests import Response
from starlette.applications import Starlette
from starlette.routing import Route

from dashboard import bootstrap, browser_mark, downloads, metrics
from dashboard.connection import Connection, Identity
from dashboard.oidc_user import OidcUser
from dashboard.operations import item_words
from dashboard.tickets import PATH, Ticket
from services.ledger import Item, Outcome
from services.operations import Permissions, Verb
from services.operations.downloads import Wanted
from services.visier import Client
from services.visier.transport import CHUNK, FILE_SECONDS
from tests.halves import CANARY, HALF, Halves, asking
from tests.served import Browser, served

MARK = {browser_mark.NAME: "this-browser"}


@pytest.fixture
def halves() -> Halves:
    return Halves()


@pytest.fixture
def client(halves: Halves) -> Iterator[Client]:
    with asking(halves) as made:
        yield made


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with served(Starlette(routes=[Route(downloads.ROUTE, downloads.hand_over)])) as url:
        yield url


@pytest.fixture
def browser(server: str) -> Browser:
    return Browser(server, **MARK)


def person(*, minutes: float = 60) -> OidcUser:
    until = datetime.now(UTC) + timedelta(minutes=minutes)
    return OidcUser("ada", "ada 1", "ada@example.com", None, until)


def ticket(client: Client, who: OidcUser | None = None) -> tuple[str, Wanted]:
    """Give the address of a download, and what it will be called in the ledger."""
    wanted = Wanted("WFF_j1r~c7o", "a.csv", "a.csv.zip", "an-id")
    identity = Identity("https://x", "digest", "ada", None)
    connection = Connection(identity, client, bootstrap.APP, is_sandbox=False, person=who)
    mark = browser_mark.of(MARK)
    token = bootstrap.tickets().issue(
        Ticket(wanted, connection, Permissions(connection.actor), mark)
    )
    return f"{PATH}/{token}", wanted


def item(wanted: Wanted) -> Item:
    (found,) = bootstrap.whole_ledger().items(wanted.id)
    return found


def said(wanted: Wanted) -> str:
    return item_words.of_item(Verb.DOWNLOAD_FILES, item(wanted))


def begun(browser: Browser, client: Client) -> tuple[Response, Wanted]:
    """Begin a download; there is no more of it yet than its first half."""
    address, wanted = ticket(client)
    answer = browser.get(address, stream=True)
    assert answer.raw.read(CHUNK) == HALF[:CHUNK]
    return answer, wanted


@pytest.fixture
def freed(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Leave one place for downloads, and tell when it has become free."""
    told = threading.Event()

    class Place(threading.BoundedSemaphore):
        def release(self, n: int = 1) -> None:
            super().release(n)
            told.set()

    monkeypatch.setattr(downloads, "_places", Place(1))
    return told


def test_the_browser_has_the_first_half_before_there_is_a_second(
    browser: Browser, client: Client, halves: Halves, freed: threading.Event
) -> None:
    answer, wanted = begun(browser, client)
    assert said(wanted) == "In progress. If this message stays, the download was interrupted."
    halves.second.set()
    assert len(answer.raw.read()) == 2 * len(HALF) - CHUNK
    assert freed.wait(30)
    assert item(wanted).outcome is Outcome.SUCCEEDED


def test_a_tab_closed_on_the_way_is_written_down_and_frees_its_place(
    browser: Browser, client: Client, halves: Halves, freed: threading.Event
) -> None:
    # So much that the server cannot be through before it hears of the tab.
    halves.promised, halves.behind = 0, 100
    answer, wanted = begun(browser, client)
    busy = browser.get(ticket(client)[0])
    assert (busy.status_code, busy.text) == (503, downloads.BUSY)
    answer.close()
    halves.second.set()
    assert freed.wait(30)
    found = item(wanted)
    assert found.outcome is Outcome.FAILED
    assert said(wanted).startswith("The browser stopped after ")
    halves.behind = 1
    assert browser.get(ticket(client)[0]).status_code == 200


def test_a_file_that_drips_ends_by_its_bound_and_frees_its_place(
    browser: Browser, client: Client, halves: Halves, freed: threading.Event
) -> None:
    halves.promised, halves.drips = 0, True
    answer, wanted = begun(browser, client)
    halves.clock.step = FILE_SECONDS / 10
    assert freed.wait(30)
    answer.close()
    found = item(wanted)
    assert found.outcome is Outcome.FAILED
    assert found.message.startswith("The answer was incomplete after 3600 seconds.")
    halves.drips, halves.clock.step = False, 0
    halves.second.set()
    assert browser.get(ticket(client)[0]).status_code == 200


def test_what_fails_before_it_begins_frees_its_place(
    browser: Browser, client: Client, halves: Halves, freed: threading.Event
) -> None:
    halves.status = 404
    assert browser.get(ticket(client)[0]).status_code == 502
    assert freed.is_set()


def test_it_is_counted_once_and_as_what_became_of_it(
    browser: Browser, client: Client, halves: Halves, freed: threading.Event
) -> None:
    def counted() -> list[float]:
        outcomes = ("succeeded", "uncertain")
        items = [metrics.ITEMS.labels(Verb.DOWNLOAD_FILES, each) for each in outcomes]
        every = (metrics.OPERATIONS.labels(Verb.DOWNLOAD_FILES, "finished"), *items)
        return [next(iter(each.collect())).samples[0].value for each in every]

    before = counted()
    answer, _ = begun(browser, client)
    assert counted() == before
    halves.second.set()
    assert answer.raw.read()
    assert freed.wait(30)
    assert [after - once for after, once in zip(counted(), before, strict=True)] == [1, 1, 0]


@pytest.mark.parametrize("who", [person(minutes=-1), person()], ids=["expired", "signed out"])
def test_a_link_is_not_good_after_the_sign_in_it_was_made_for(
    browser: Browser, client: Client, who: OidcUser
) -> None:
    address, _ = ticket(client, who)
    if who.until > datetime.now(UTC):
        bootstrap.ended_sign_ins().append(who.sign_in)
    answer = browser.get(address)
    assert (answer.status_code, answer.text) == (404, downloads.NOT_GOOD)
    assert bootstrap.whole_ledger().operations() == []


def test_who_is_signed_in_is_who_has_downloaded(
    browser: Browser, client: Client, halves: Halves
) -> None:
    halves.second.set()
    address, wanted = ticket(client, person())
    assert browser.get(address).content == 2 * HALF
    assert bootstrap.whole_ledger().operation(wanted.id).actor.user == "ada@example.com"


def test_no_log_holds_the_ticket_or_anything_of_the_file(
    browser: Browser,
    client: Client,
    halves: Halves,
    freed: threading.Event,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    halves.second.set()
    address, wanted = ticket(client)
    assert CANARY in browser.get(address).content
    assert freed.wait(30)
    told = [each.getMessage() for each in caplog.records if not each.name.startswith("urllib3")]
    assert any("download_source_file" in each for each in told)
    token = address.rpartition("/")[2]
    events = [repr(each) for each in bootstrap.whole_ledger().events(wanted.id)]
    for text in (*told, repr(item(wanted)), *events):
        assert token not in text
        assert CANARY.decode() not in text
