"""How what others wrote is shown, and how times and lengths of time are said."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboard.components import formats
from dashboard.components.formats import literal

NOW = datetime(2026, 11, 30, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Version 9 of WFF_j1r~e1a stays: see", r"Version 9 of WFF\_j1r\~e1a stays: see"),
        ("*a* $b$ `c` [d](e) :red[f]", r"\*a\* \$b\$ \`c\` \[d\](e) \:red\[f\]"),
        ("<b> \\ # plain.", r"\<b> \\ \# plain."),
    ],
)
def test_a_text_of_others_is_no_markdown(text: str, written: str) -> None:
    assert literal(text) == written


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0s"),
        (12, "12s"),
        (59.7, "1m"),
        (192, "3m 12s"),
        (3600, "1h"),
        (26 * 3600 + 4 * 60 + 59, "26h 4m"),
        (48 * 3600, "2d"),
        (51 * 3600, "2d 3h"),
        (700 * 86400, "700d"),
        (1200 * 86400, "3y 3mo"),
    ],
)
def test_a_length_of_time_is_said_in_its_two_largest_units(seconds: float, said: str) -> None:
    assert formats.duration(seconds) == said


def test_a_column_of_lengths_says_each_and_leaves_out_what_is_missing() -> None:
    lengths = pd.Series([192, None, 12], index=[5, 6, 7], dtype="Int64")
    assert formats.durations(lengths).dropna().to_dict() == {5: "3m 12s", 7: "12s"}


TIMES = (
    "2026-11-30T08:21:07Z",
    "2026-11-29T23:30:00Z",
    "2026-12-01T00:00:00Z",
    "2025-11-28T08:21:00Z",
)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("UTC", ["08:21", "29 Nov 23:30", "01 Dec 00:00", "28 Nov 2025 08:21"]),
        ("Asia/Tokyo", ["17:21", "08:30", "01 Dec 09:00", "28 Nov 2025 17:21"]),
        ("America/New_York", ["03:21", "29 Nov 18:30", "19:00", "28 Nov 2025 03:21"]),
    ],
)
def test_a_time_leaves_out_the_day_where_it_is_today_in_the_zone(
    zone: str, said: list[str]
) -> None:
    times = pd.Series([*TIMES, None]).astype("datetime64[ms, UTC]")
    found = formats.moments(times, ZoneInfo(zone), NOW)
    assert found.dropna().tolist() == said
    one = datetime.fromisoformat(TIMES[0])
    assert formats.moment(one, ZoneInfo(zone), NOW) == said[0]


def test_at_midnight_of_the_zone_today_becomes_a_day() -> None:
    times = pd.Series(["2026-11-30T22:30:00Z"]).astype("datetime64[ms, UTC]")
    berlin = ZoneInfo("Europe/Berlin")
    before, after = (datetime(2026, 11, 30, 22 + h, 59, tzinfo=UTC) for h in (0, 1))
    assert formats.moments(times, berlin, before).tolist() == ["23:30"]
    assert formats.moments(times, berlin, after).tolist() == ["30 Nov 23:30"]


def test_the_exact_time_has_its_seconds_its_year_and_its_zone() -> None:
    at = datetime.fromisoformat(TIMES[0])
    assert formats.exact(at, ZoneInfo("Europe/Berlin")) == "30 Nov 2026 09:21:07 CET"


def test_a_time_at_the_end_of_the_calendar_is_said_all_the_same() -> None:
    times = pd.Series(["0001-01-01T00:00:00Z", TIMES[0]]).astype("datetime64[ms, UTC]")
    assert "0" in formats.moments(times, ZoneInfo("America/New_York"), NOW).iloc[0]


@pytest.mark.parametrize(
    ("before", "said"), [("12:34:03", "57s"), ("08:35", "4h"), ("28", "2d 12h"), ("01", "29d 12h")]
)
def test_the_ages_of_a_table_are_the_same_for_a_whole_minute(before: str, said: str) -> None:
    noon = datetime(2026, 11, 30, 12, 35, tzinfo=UTC)
    time = f"2026-11-30T{before}Z" if ":" in before else f"2026-11-{before}T00:00Z"
    times = pd.Series([time]).astype("datetime64[ms, UTC]")
    ages = [formats.ages(times, noon + timedelta(seconds=later)).iloc[0] for later in (0, 30, 59)]
    assert {formats.duration(age) for age in ages} == {said}
    assert len(set(ages)) == 1


def test_what_lies_ahead_has_no_age_and_what_has_just_come_has_none_yet() -> None:
    now = datetime(2026, 11, 30, 12, 35, 40, tzinfo=UTC)
    times = pd.Series([now + timedelta(hours=1), now - timedelta(seconds=20)])
    assert formats.ages(times, now).fillna(-1).tolist() == [-1, 0]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (1490, "4 years"),
        (380, "year"),
        (500, "16 months"),
        (61, "2 months"),
        (30, "month"),
        (45, "45 days"),
        (14, "2 weeks"),
        (7, "week"),
        (10, "10 days"),
        (23 / 24, "day"),
        (0.5, "12 hours"),
        (1 / 24, "hour"),
        (1 / 96, "15 minutes"),
        (1 / 2880, "30s"),
    ],
)
def test_a_rhythm_is_said_as_people_say_it(days: float, said: str) -> None:
    assert formats.rhythm(days * 86_400) == said
