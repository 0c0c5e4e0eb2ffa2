from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboard.components.typed_time import in_utc, last_moment, remark

OSLO = ZoneInfo("Europe/Oslo")
SKIPS, TWICE = (
    "This time does not exist in Europe/Oslo: clocks skip it.",
    "This time occurs twice in Europe/Oslo.",
)


@pytest.mark.parametrize(
    ("typed", "first", "second", "said"),
    [
        ("2025-06-01T12:00", "2025-06-01 10:00", "2025-06-01 10:00", ""),
        ("2025-10-26T02:30", "2025-10-26 00:30", "2025-10-26 01:30", TWICE),
        ("2025-10-26T03:00", "2025-10-26 02:00", "2025-10-26 02:00", ""),
        ("2025-03-30T02:30", "2025-03-30 01:00", "2025-03-30 01:00", SKIPS),
        ("2025-03-30T03:00", "2025-03-30 01:00", "2025-03-30 01:00", ""),
    ],
)
def test_a_typed_time_means_a_moment_whatever_the_clocks_do(
    typed: str, first: str, second: str, said: str
) -> None:
    local = datetime.fromisoformat(typed)
    meant = [in_utc(local, OSLO, first_of_repeated=is_first) for is_first in (True, False)]
    assert [f"{moment:%Y-%m-%d %H:%M}" for moment in meant] == [first, second]
    assert remark(local, OSLO) == said


@pytest.mark.parametrize(
    ("typed", "last"),
    [
        ("2025-06-01T12:00", "2025-06-01 10:00:59.999"),
        ("2025-03-30T01:59", "2025-03-30 00:59:59.999"),
        ("2025-03-30T02:30", "2025-03-30 00:59:59.999"),
        ("2025-03-30T03:00", "2025-03-30 01:00:59.999"),
        ("2025-10-26T01:59", "2025-10-25 23:59:59.999"),
        ("2025-10-26T02:30", "2025-10-26 01:30:59.999"),
    ],
)
def test_up_to_a_typed_minute_means_all_of_it_and_nothing_behind_a_skipped_hour(
    typed: str, last: str
) -> None:
    assert last_moment(datetime.fromisoformat(typed), OSLO) == pd.Timestamp(last, tz="UTC")
