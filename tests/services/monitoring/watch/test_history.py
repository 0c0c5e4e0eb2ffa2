"""Many nights together, read again only where something has changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from services.ledger import Ledger, Place
from services.monitoring.watch import NIGHT_SCHEMA, NightFacts, NightState, recorded
from services.monitoring.watch.history import NIGHTS, Histories, History
from services.monitoring.watch.night import NEVER, empty_rows
from services.monitoring.watch.recorded import document
from services.monitoring.watch.states import STATES

PLACE = Place("sandbox.example", "")
ZONE = ZoneInfo("UTC")
TONIGHT = date(2026, 11, 30)
NOW = datetime(2026, 11, 30, 3, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    opened = Ledger(url)
    yield opened
    opened.close()


def write(ledger: Ledger, night: date, *codes: str, loaded: str = "", whole: bool = True) -> None:
    """Record a night of these tenants, of which one has loaded."""
    record(ledger, night, made(night, *codes, loaded=loaded), whole=whole)


def made(night: date, *codes: str, loaded: str = "") -> pd.DataFrame:
    rows = empty_rows().reindex(range(len(codes)))
    rows["tenant_code"] = list(codes)
    rows[[name for name, kind in NIGHT_SCHEMA.items() if kind == "int32"]] = 0
    rows[["is_stuck", "is_late"]] = False
    at = datetime.combine(night, datetime.min.time(), UTC)
    rows.loc[rows["tenant_code"] == loaded, "loaded_at"] = pd.Timestamp(at)
    return rows.astype(NIGHT_SCHEMA)


def record(ledger: Ledger, night: date, rows: pd.DataFrame, *, whole: bool = True) -> None:
    at = datetime.combine(night, datetime.min.time(), UTC)
    lease = ledger.leases.take("watch")
    assert lease is not None
    facts = document(NightFacts(lists_at=at, jobs_at=at))
    ledger.nights.write(
        PLACE,
        lease,
        night,
        rows,
        at=ledger.now(),
        is_complete=whole,
        facts=facts,
    )


def told(found: History) -> dict[str, list[str]]:
    return {
        code: [str(STATES[place]) for place in row]
        for code, row in zip(found.codes, found.grid.tolist(), strict=True)
    }


@contextmanager
def reading(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[date]]:
    """Give the nights whose rows are read within."""
    read: list[date] = []
    whole = ledger.nights.rows

    def rows(place: Place, nights: list[date], *rest: object) -> object:
        read.extend(nights)
        return whole(place, nights, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(ledger.nights, "rows", rows)
        yield read


def test_nights_are_columns_and_what_is_missing_was_not_observed(ledger: Ledger) -> None:
    write(ledger, TONIGHT, "a", "c", loaded="a", whole=False)
    write(ledger, TONIGHT - 2 * DAY, "a", "b", loaded="b")
    found = Histories(PLACE, ZONE).newest(lambda: ledger, NOW)
    assert found.nights == (TONIGHT - 2 * DAY, TONIGHT - DAY, TONIGHT)
    unknown, nothing = NightState.NOT_OBSERVED, NightState.NOTHING_CAME
    assert told(found) == {
        "a": [nothing, unknown, NightState.LOADED],
        "b": [NightState.LOADED, unknown, unknown],
        "c": [unknown, unknown, nothing],
    }
    assert found.of(pd.Series(["c", "nobody"])).tolist() == [
        [STATES.index(unknown)] * 2 + [STATES.index(nothing)],
        [STATES.index(unknown)] * 3,
    ]


def test_it_knows_when_each_tenant_loaded(ledger: Ledger) -> None:
    write(ledger, TONIGHT, "a", "b", loaded="b", whole=False)
    write(ledger, TONIGHT - DAY, "a", "c", loaded="a")
    histories = Histories(PLACE, ZONE)
    midnight = 12 * 60
    for _ in range(2):
        found = histories.newest(lambda: ledger, NOW)
        assert found.codes.tolist() == ["a", "b", "c"]
        loaded = [[midnight, NEVER], [NEVER, midnight], [NEVER, NEVER]]
        assert found.clock_loaded.tolist() == loaded
        assert (found.clock_began == NEVER).all()
        # What is not read again is known all the same.
        write(ledger, TONIGHT, "a", "b", loaded="b", whole=False)


def test_nights_of_an_earlier_version_tell_what_they_have(ledger: Ledger) -> None:
    record(ledger, TONIGHT, made(TONIGHT, "a", loaded="a").drop(columns=["began_at", "metrics"]))
    found = Histories(PLACE, ZONE).newest(lambda: ledger, NOW)
    assert told(found) == {"a": [NightState.LOADED]}
    assert found.clock_began.tolist() == [[NEVER]]
    (rows,) = recorded.rows(ledger, PLACE, [TONIGHT], ["tenant_code", "metrics"]).values()
    assert rows["metrics"].isna().tolist() == [True]


def test_only_what_has_changed_is_read_again(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in range(3):
        write(ledger, TONIGHT - days * DAY, "a", "b", whole=days > 0)
    histories = Histories(PLACE, ZONE)
    first = histories.newest(lambda: ledger, NOW)
    with reading(ledger, monkeypatch) as read:
        assert histories.newest(lambda: ledger, NOW) is first
        assert read == []
        write(ledger, TONIGHT, "a", "b", "c", loaded="c", whole=False)
        found = histories.newest(lambda: ledger, NOW)
        assert read == [TONIGHT]
    assert told(found)["c"] == [NightState.NOT_OBSERVED] * 2 + [NightState.LOADED]
    assert told(found)["a"] == [NightState.NOTHING_CAME] * 3


def test_a_night_that_nobody_saw_end_is_not_taken_for_quiet(ledger: Ledger) -> None:
    write(ledger, TONIGHT, "a", whole=False)
    histories = Histories(PLACE, ZONE)
    assert told(histories.newest(lambda: ledger, NOW)) == {"a": [NightState.NOTHING_CAME]}
    later = histories.newest(lambda: ledger, NOW + timedelta(hours=12))
    assert told(later) == {"a": [NightState.NOT_OBSERVED] * 2}


def test_it_goes_back_ninety_nights_and_forgets_with_the_ledger(ledger: Ledger) -> None:
    write(ledger, TONIGHT - NIGHTS * DAY, "a")
    write(ledger, TONIGHT, "a")
    histories = Histories(PLACE, ZONE)
    assert histories.newest(lambda: ledger, NOW).nights == (TONIGHT,)
    ledger.nights.forget(PLACE)
    assert histories.newest(lambda: ledger, NOW).nights == ()
