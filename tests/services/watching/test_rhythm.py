"""How often tenants get a data version, and whether the next one is due."""

import pandas as pd
import pytest

from services.watching.rhythm import Rhythm, judged, usual_gap
from tests.services.watching.looks import NOW, ago

HOUR = 60.0
DAY = 24 * HOUR


def versions(**days_ago: list[float | None]) -> pd.DataFrame:
    rows = [
        (code, None if day is None else ago(DAY * day))
        for code in days_ago
        for day in days_ago[code]
    ]
    found = pd.DataFrame(rows, columns=["tenant_code", "data_version_date"])
    times = pd.to_datetime(found["data_version_date"], utc=True).dt.as_unit("ms")
    return found.astype({"tenant_code": "str"}).assign(data_version_date=times)


def days(gap: pd.Timedelta) -> float | None:
    return None if pd.isna(gap) else gap / pd.Timedelta(days=1)


def test_the_usual_gap_is_the_median_of_those_listed_in_whatever_order() -> None:
    gaps = usual_gap(versions(weekly=[2, 9, 16, 23, 30], mixed=[9, 1, 3, 2], twice=[5, 12]))
    assert days(gaps["weekly"]) == 7
    assert days(gaps["mixed"]) == 1
    assert days(gaps["twice"]) is None


def test_who_has_no_version_or_one_has_no_gap() -> None:
    gaps = usual_gap(versions(none=[None], one=[3]))
    assert gaps.reindex(["none", "one", "unheard of"]).isna().all()
    assert usual_gap(versions()).empty


@pytest.mark.parametrize(
    ("age_in_days", "gap_in_days", "found"),
    [
        (2, 7, Rhythm.ON_TIME),
        (10, 7, Rhythm.ON_TIME),
        (11, 7, Rhythm.OVERDUE),
        (1.4, 1, Rhythm.ON_TIME),
        (2, 1, Rhythm.OVERDUE),
        (2, None, Rhythm.TOO_LITTLE_KNOWN),
        (None, 1, Rhythm.TOO_LITTLE_KNOWN),
    ],
)
def test_a_version_is_due_after_one_and_a_half_of_its_gaps(
    age_in_days: float | None, gap_in_days: float | None, found: Rhythm
) -> None:
    dates = versions(a=[age_in_days])["data_version_date"]
    gap = pd.Timedelta(days=gap_in_days) if gap_in_days else pd.NaT
    gaps = pd.Series([gap], dtype="timedelta64[ms]")
    assert list(judged(dates, gaps, NOW)) == [found]
