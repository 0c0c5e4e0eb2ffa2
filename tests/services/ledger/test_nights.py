"""Nights on record: what is written comes back, once each, by whoever holds the lease."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from services.ledger import LeaseLost, Ledger, Place
from services.ledger.database import engine, transaction
from services.ledger.leases import TERM
from services.ledger.nights import packed, unpacked
from services.ledger.tables import night as table
from tests.services.ledger.samples import START, Clock

HERE = Place("example.api.visier.io", "WFF_j1r")
NIGHT = date(2026, 3, 2)
WATCH = "watch example"


def rows(*codes: str) -> pd.DataFrame:
    """Give rows of all dtypes that a night has, some of them missing."""
    count = len(codes)
    times = pd.Series([pd.Timestamp("2026-03-02T02:00:00.123Z"), pd.NaT] * count)[:count]
    return pd.DataFrame(
        {
            "tenant_code": pd.Series(codes, dtype="str"),
            "failure": pd.Series([None] * count, dtype="str"),
            "loaded_at": times.astype("datetime64[ms, UTC]"),
            "jobs_failed": pd.Series(range(count), dtype="int32"),
            "is_late": [number % 2 == 0 for number in range(count)],
        }
    )


def write(ledger: Ledger, night: date, *codes: str, place: Place = HERE, facts: str = "{}") -> None:
    lease = ledger.leases.take(WATCH)
    assert lease is not None
    at = ledger.now()
    ledger.nights.write(place, lease, night, rows(*codes), at=at, is_complete=False, facts=facts)


@pytest.mark.parametrize("codes", [("WFF_j1r~a", "WFF_j1r~b", "WFF_j1r~ü"), ()])
def test_rows_come_back_as_they_were_written(ledger: Ledger, codes: tuple[str, ...]) -> None:
    write(ledger, NIGHT, *codes)
    (found,) = ledger.nights.rows(HERE, [NIGHT]).values()
    pd.testing.assert_frame_equal(found, rows(*codes))
    some = ledger.nights.rows(HERE, [NIGHT], ["tenant_code", "is_late"])[NIGHT]
    assert list(some) == ["tenant_code", "is_late"]


def test_a_night_is_one_row_however_often_it_is_looked_at(ledger: Ledger, clock: Clock) -> None:
    write(ledger, NIGHT, "WFF_j1r~a")
    lease = ledger.leases.take(WATCH)
    assert lease is not None
    later = clock.advance(300)
    both = rows("WFF_j1r~a", "WFF_j1r~b")
    ledger.nights.write(
        HERE, lease, NIGHT, both, at=later, is_complete=True, facts='{"budget_left":0.5}'
    )
    (night,) = ledger.nights.listed(HERE)
    assert (night.night, night.first_look_at, night.looked_at) == (NIGHT, START, later)
    assert (night.is_complete, night.tenant_count) == (True, 2)
    assert night.facts == '{"budget_left":0.5}'
    assert len(ledger.nights.rows(HERE, [NIGHT])[NIGHT]) == 2


def test_nights_are_listed_newest_first_at_their_own_place(ledger: Ledger) -> None:
    for days in (0, 2, 1):
        write(ledger, NIGHT + timedelta(days=days), "WFF_j1r~a")
    elsewhere = Place(HERE.host, "other")
    write(ledger, NIGHT, "WFF_j1r~z", place=elsewhere)
    ends = [night.night.day for night in ledger.nights.listed(HERE)]
    assert ends == [4, 3, 2]
    assert [night.night.day for night in ledger.nights.listed(HERE, limit=1)] == [4]
    since = ledger.nights.listed(HERE, since=NIGHT + timedelta(days=1))
    assert [night.night.day for night in since] == [4, 3]
    assert ledger.nights.rows(Place(HERE.host, ""), [NIGHT]) == {}
    assert ledger.nights.rows(HERE, [NIGHT])[NIGHT]["tenant_code"].tolist() == ["WFF_j1r~a"]
    assert ledger.nights.forget(elsewhere) == 1
    assert len(ledger.nights.listed(HERE)) == 3


def test_old_nights_are_pruned(ledger: Ledger) -> None:
    for days in range(4):
        write(ledger, NIGHT + timedelta(days=days), "WFF_j1r~a")
    assert ledger.nights.prune(NIGHT + timedelta(days=3)) == 3
    assert [night.night.day for night in ledger.nights.listed(HERE)] == [5]


def test_who_has_lost_the_lease_writes_no_night(
    ledger: Ledger, elsewhere: Ledger, clock: Clock
) -> None:
    write(ledger, NIGHT, "WFF_j1r~a")
    lost = ledger.leases.take(WATCH)
    assert lost is not None
    clock.advance(TERM.total_seconds() + 1)
    write(elsewhere, NIGHT, "WFF_j1r~b")
    with pytest.raises(LeaseLost):
        ledger.nights.write(
            HERE, lost, NIGHT, rows("WFF_j1r~c"), at=clock(), is_complete=True, facts="{}"
        )
    assert ledger.nights.rows(HERE, [NIGHT])[NIGHT]["tenant_code"].tolist() == ["WFF_j1r~b"]


def test_a_document_that_cannot_be_read_costs_that_night(
    ledger: Ledger, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    nights = [NIGHT + timedelta(days=days) for days in range(12)]
    for each in nights:
        write(ledger, each, "WFF_j1r~a")
    database = engine(url)
    with transaction(database, writing=True) as connection:
        odd = sa.update(table).where(table.c.night == NIGHT.isoformat())
        connection.execute(odd.values(rows=b"no Parquet"))
    database.dispose()
    assert list(ledger.nights.rows(HERE, nights)) == nights[1:]
    assert "The night of 2026-03-02 cannot be read" in caplog.text


def test_a_document_of_an_earlier_version_has_the_columns_it_has(ledger: Ledger) -> None:
    write(ledger, NIGHT, "WFF_j1r~a")
    (found,) = ledger.nights.rows(HERE, [NIGHT], ["tenant_code", "unheard_of"]).values()
    assert found.columns.tolist() == ["tenant_code"]
    assert found["tenant_code"].tolist() == ["WFF_j1r~a"]


def test_a_year_of_fifty_thousand_tenants_is_a_quarter_of_a_gigabyte(tmp_path: Path) -> None:
    count = 50_000
    spread = pd.Series(range(count)) * 7_919 % 604_800_000
    times = pd.to_datetime(spread + 1_772_366_400_000, unit="ms", utc=True).dt.as_unit("ms")
    night = pd.DataFrame(
        {
            "tenant_code": pd.Series([f"WFF_j1r~{n:05x}" for n in range(count)], dtype="str"),
            "data_version": (7_000_000 + spread % 40).astype("str"),
            **dict.fromkeys(("version_at", "loaded_at", "due_at", "late_at"), times),
            **dict.fromkeys(
                ("upload_count", "excluded_count", "jobs_succeeded", "jobs_failed"),
                pd.Series(spread % 3, dtype="int32"),
            ),
        }
    )
    document = packed(night)
    assert len(document) * 365 < 300e6
    pd.testing.assert_frame_equal(unpacked(document), night)
