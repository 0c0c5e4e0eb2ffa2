"""A file is handed on piece by piece, and the ledger says what became of it."""

from collections.abc import Iterator

import pytest

from dashboard.operations import item_words
from services.ledger import Item, Ledger, Outcome, State
from services.operations import Finding, NotAllowed, Permissions, Verb
from services.operations.downloads import Download, FileTooLarge, Wanted, download, refuse
from services.visier import Client, NoAnswer
from tests.halves import HALF, Halves, asking
from tests.services.operations.conftest import ACTOR, ADA

C7O = "WFF_j1r~c7o"


@pytest.fixture
def halves() -> Halves:
    return Halves()


@pytest.fixture
def client(halves: Halves) -> Iterator[Client]:
    with asking(halves) as made:
        yield made


@pytest.fixture
def wanted() -> Wanted:
    return Wanted(C7O, "a {b}.csv", "a.zip", "an-id")


def begun(ledger: Ledger, client: Client, wanted: Wanted, megabytes: float = 1) -> Download:
    return download(
        ledger, client, wanted, ACTOR, identity="ada", permissions=ADA, megabytes=megabytes
    )


def item(ledger: Ledger, wanted: Wanted) -> Item:
    (found,) = ledger.items(wanted.id)
    return found


def test_the_first_half_is_handed_on_before_there_is_a_second(
    ledger: Ledger, client: Client, halves: Halves, wanted: Wanted
) -> None:
    made = begun(ledger, client, wanted)
    first = next(made.chunks)
    assert item(ledger, wanted).outcome is Outcome.UNCERTAIN
    assert ledger.operation(wanted.id).state is State.FINISHED
    halves.second.set()
    assert first + b"".join(made.chunks) == 2 * HALF
    assert made.size == 2 * len(HALF)
    assert item(ledger, wanted).outcome is Outcome.SUCCEEDED
    operation = ledger.operation(wanted.id)
    assert (operation.verb, operation.state) == (Verb.DOWNLOAD_FILES, State.FINISHED)
    (request,) = [each.request for each in ledger.events(wanted.id) if each.request]
    assert request == "GET /v1alpha/op/data/source-files/an-id"


def test_a_browser_that_breaks_off_has_not_got_it(
    ledger: Ledger, client: Client, wanted: Wanted
) -> None:
    made = begun(ledger, client, wanted)
    size = len(next(made.chunks))
    next(made.chunks)
    made.chunks.close()
    found = item(ledger, wanted)
    assert found.outcome is Outcome.FAILED
    assert (found.finding, found.message) == (Finding.BROKEN_OFF, "")
    words = item_words.of_item(Verb.DOWNLOAD_FILES, found)
    assert words == f"The browser stopped after {size:,} bytes."


def test_what_visier_breaks_off_is_broken_off(
    ledger: Ledger, client: Client, halves: Halves, wanted: Wanted
) -> None:
    halves.promised = 3 * len(HALF)
    halves.second.set()
    made = begun(ledger, client, wanted)
    with pytest.raises(NoAnswer):
        list(made.chunks)
    found = item(ledger, wanted)
    assert found.outcome is Outcome.FAILED
    assert "before the whole file arrived." in found.message
    assert found.finding == Finding.ENDED
    words = item_words.of_item(Verb.DOWNLOAD_FILES, found)
    assert words == f"Ended after {found.facts['bytes']:,} bytes: {found.message}"


@pytest.mark.parametrize("promised", [0, 2 * len(HALF)])
def test_more_than_may_be_is_refused_or_broken_off(
    ledger: Ledger, client: Client, halves: Halves, wanted: Wanted, promised: int
) -> None:
    halves.promised = promised
    halves.second.set()
    with pytest.raises(FileTooLarge, match=r"download limit of 0\.3 MB"):
        list(begun(ledger, client, wanted, megabytes=0.3).chunks)
    found = item(ledger, wanted)
    assert (found.outcome, found.finding, found.message) == (Outcome.FAILED, Finding.TOO_LARGE, "")
    assert "download limit of 0.3 MB" in item_words.of_item(Verb.DOWNLOAD_FILES, found)


def test_who_may_not_is_refused_and_written_down(
    ledger: Ledger, client: Client, wanted: Wanted
) -> None:
    nobody = Permissions(ACTOR, verbs=frozenset())
    before = len(ledger.operations())
    refuse(ledger, ADA, wanted, ACTOR, "ada")
    assert len(ledger.operations()) == before
    with pytest.raises(NotAllowed):
        refuse(ledger, nobody, wanted, ACTOR, "ada")
    with pytest.raises(NotAllowed):
        download(ledger, client, wanted, ACTOR, identity="ada", permissions=nobody, megabytes=1)
    states = [each.state for each in ledger.operations()]
    assert states.count(State.REFUSED) == len(states) - before == 2
