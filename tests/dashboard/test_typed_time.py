from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard.typed_time import in_utc, remark

OSLO = ZoneInfo("Europe/Oslo")
SKIPS, TWICE = (
    "The clocks of Europe/Oslo skip this time.",
    "The clocks of Europe/Oslo show this time twice.",
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
