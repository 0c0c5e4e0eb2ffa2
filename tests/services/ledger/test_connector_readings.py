"""The last reading of a tenant's connectors is kept, whichever process read it."""

from datetime import timedelta

from services.ledger import ConnectorReading, Ledger, Place
from tests.services.ledger.samples import START

HERE, THERE = Place("one.example", ""), Place("other.example", "")
HOUR = timedelta(hours=1)


def test_the_newest_reading_of_a_tenant_is_kept_for_its_place(
    ledger: Ledger, elsewhere: Ledger
) -> None:
    newer = ConnectorReading("t1", START + HOUR, START + HOUR, lacks_credential=False)
    ledger.connector_readings.keep(HERE, newer)
    # A process that was suspended while it read comes too late.
    elsewhere.connector_readings.keep(
        HERE, ConnectorReading("t1", START, START, lacks_credential=True)
    )
    never = ConnectorReading("t2", START)
    elsewhere.connector_readings.keep(HERE, never)
    assert ledger.connector_readings.of(HERE) == {"t1": newer, "t2": never}
    assert ledger.connector_readings.of(THERE) == {}


def test_what_was_not_asked_for_any_more_is_deleted(ledger: Ledger) -> None:
    for number in range(3):
        ledger.connector_readings.keep(HERE, ConnectorReading(f"t{number}", START + number * HOUR))
    assert ledger.connector_readings.prune(START + 2 * HOUR) == 2
    assert list(ledger.connector_readings.of(HERE)) == ["t2"]


def test_an_odd_code_is_no_trouble(ledger: Ledger) -> None:
    for code in ("W" * 25_000, "a\0b", "\ud800"):
        ledger.connector_readings.keep(HERE, ConnectorReading(code, START))
    assert len(ledger.connector_readings.of(HERE)) == 3
