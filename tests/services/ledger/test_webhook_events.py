"""Pushed events are written down once, and kept for as long as observations are."""

from datetime import timedelta

from services.ledger import Ledger, ReceivedEvent
from tests.services.ledger.samples import START


def event(event_id: str, minutes: float = 0, connection: str = "") -> ReceivedEvent:
    at = START + timedelta(minutes=minutes)
    return ReceivedEvent(event_id, at, connection, "jobResultSuccess", "hex", '{"a": "\x00"}')


def test_an_event_is_written_down_once(ledger: Ledger) -> None:
    events = ledger.webhook_events
    assert events.add(event("1"))
    assert not events.add(event("1", 5))
    assert events.add(event("2", 1))
    assert [each.event_id for each in events.received(START)] == ["1", "2"]
    assert events.received(START)[0].received_at == START


def test_what_is_handed_on_is_not_received_again(ledger: Ledger) -> None:
    for number in range(3):
        ledger.webhook_events.add(event(str(number), number))
    ledger.webhook_events.settle(["0", "2", "unknown"])
    assert [each.event_id for each in ledger.webhook_events.received(START)] == ["1"]
    assert not ledger.webhook_events.add(event("0"))


def test_of_many_the_newest_are_received_oldest_first(ledger: Ledger) -> None:
    for number in range(5):
        ledger.webhook_events.add(event(str(number), number))
    found = ledger.webhook_events.received(START + timedelta(minutes=1), limit=2)
    assert [each.event_id for each in found] == ["3", "4"]


def test_retention_deletes_what_was_received_before(ledger: Ledger) -> None:
    ledger.webhook_events.add(event("old"))
    ledger.webhook_events.add(event("new", 10, "emea"))
    assert ledger.webhook_events.prune(START + timedelta(minutes=5)) == 1
    assert [each.event_id for each in ledger.webhook_events.received(START)] == ["new"]


def test_the_last_event_of_a_connection_is_found_whoever_received_it(
    ledger: Ledger, elsewhere: Ledger
) -> None:
    assert ledger.webhook_events.last("") is None
    ledger.webhook_events.add(event("1"))
    elsewhere.webhook_events.add(event("2", 5))
    elsewhere.webhook_events.add(event("3", 9, "emea"))
    last = [ledger.webhook_events.last(connection) for connection in ("", "emea")]
    assert [each and each.event_id for each in last] == ["2", "3"]
