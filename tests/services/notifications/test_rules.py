"""Rules as data: what is written is read again, and what can mean nothing is refused."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.rules import (
    EVERYONE,
    BrokenOff,
    BudgetLow,
    Daily,
    Deadline,
    Digest,
    Failed,
    NoCredential,
    Overdue,
    QuietHours,
    Rule,
    Slow,
    TenantSet,
    UnreadableRule,
    Unusual,
    Which,
    WrongRule,
    read,
    tenants_of,
    written,
)

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"])
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))
DAILY = st.builds(
    Daily,
    TIMES,
    ZONES,
    st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
SETS = st.one_of(
    st.just(EVERYONE),
    st.builds(TenantSet, st.just(Which.SEARCH), TEXT),
    st.builds(lambda codes: TenantSet(Which.LIST, codes=tuple(codes)), st.lists(TEXT, min_size=1)),
    st.builds(lambda view: TenantSet(Which.VIEW, view=view), TEXT),
)
CONDITIONS = st.one_of(
    st.builds(Deadline, DAILY, SETS, st.integers(0, 720)),
    st.builds(Failed, SETS, st.integers(0, 1000), TEXT),
    st.builds(Slow, SETS, st.booleans()),
    st.builds(Unusual, SETS, st.integers(1, 1000)),
    st.builds(Overdue, SETS),
    st.builds(NoCredential, SETS),
    st.builds(BudgetLow, st.integers(1, 99)),
    st.just(BrokenOff()),
    st.builds(Digest, DAILY, SETS),
)
RULES = st.builds(
    Rule,
    CONDITIONS,
    st.lists(TEXT, max_size=3).map(tuple),
    st.none() | st.just(QuietHours(time(22), time(6), "Europe/Berlin")),
    st.sampled_from(["", "https://wiki.example/late#what"]),
    TEXT,
    st.booleans(),
)


@given(RULES)
def test_what_is_written_is_read_again(rule: Rule) -> None:
    assert read(written(rule)) == rule


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 2},
        {"rule": None},
        {"rule": {"condition": {"kind": "another"}}},
        {"rule": {"condition": {"kind": "failed", "more_than": -1}}},
        {"rule": {"condition": {"kind": "overdue", "tenants": {"which": "none"}}}},
    ],
)
def test_what_this_version_does_not_know_is_not_guessed(changed: dict[str, Any]) -> None:
    body = {**json.loads(written(Rule(Overdue()))), **changed}
    with pytest.raises(UnreadableRule) as refused:
        read(json.dumps(body))
    assert str(refused.value) == "This rule cannot be read by this version."
    with pytest.raises(UnreadableRule):
        read("{")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TenantSet(Which.SEARCH), "Enter what to search for."),
        (lambda: TenantSet(Which.SEARCH, "x" * 2_001), "Search for at most 2,000 characters."),
        (lambda: TenantSet(Which.LIST), "Enter at least one tenant code."),
        (lambda: TenantSet(Which.VIEW), "Choose a saved view."),
        (lambda: Daily(time(7), "Berlin"), "Choose a time zone such as Europe/Berlin."),
        (lambda: Daily(time(7), "../etc"), "Choose a time zone such as Europe/Berlin."),
        (lambda: Daily(time(7), "UTC", ()), "Choose at least one day."),
        (lambda: Daily(time(7), "UTC", (7,)), "Choose at least one day."),
        (
            lambda: Deadline(Daily(time(7), "UTC"), warn_minutes=721),
            "Warn at most 12 hours before.",
        ),
        (lambda: Failed(more_than=-1), "More than 0 tenants at least."),
        (lambda: Unusual(at_least=0), "At least 1 tenant."),
        (lambda: BudgetLow(0), "From 1 to 99 percent."),
        (
            lambda: QuietHours(time(7), time(7), "UTC"),
            "Quiet hours end at another time than they begin.",
        ),
        *(
            (
                lambda address=address: Rule(Overdue(), runbook=address),
                "The runbook is an address that begins with https:// or http://.",
            )
            for address in ("javascript:alert(1)", "https://", "https://a b", "x", "http://[")
        ),
    ],
)
def test_a_rule_that_can_mean_nothing_is_refused(make: Any, words: str) -> None:
    with pytest.raises(WrongRule) as refused:
        make()
    assert str(refused.value) == words


def test_only_some_rules_are_about_tenants() -> None:
    some = TenantSet(Which.LIST, codes=("t1",))
    assert tenants_of(Overdue(some)) == some
    assert tenants_of(BudgetLow()) is None
    assert tenants_of(BrokenOff()) is None


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        # Winter and summer.
        ("2026-11-30", "2026-11-30T06:00+00:00"),
        ("2026-07-01", "2026-07-01T05:00+00:00"),
        ("2026-03-29", "2026-03-29T05:00+00:00"),
        ("2026-10-25", "2026-10-25T06:00+00:00"),
    ],
)
def test_a_time_of_day_keeps_to_the_clocks_of_its_zone(day: str, moment: str) -> None:
    daily = Daily(time(7), "Europe/Berlin")
    assert daily.on(date.fromisoformat(day)) == datetime.fromisoformat(moment)


def test_a_time_that_clocks_skip_or_show_twice_is_one_moment() -> None:
    daily = Daily(time(2, 30), "Europe/Berlin")
    # 02:30 does not exist: an hour after 01:30 it is 03:30.
    assert daily.on(date(2026, 3, 29)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    # Of the two the first.
    assert daily.on(date(2026, 10, 25)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_time_is_on_chosen_days_only() -> None:
    daily = Daily(time(7), "UTC", (0, 4))
    week = [date(2026, 11, 30) + timedelta(days=days) for days in range(7)]
    assert [day.weekday() for day in week if daily.on(day)] == [0, 4]


NIGHTLY = QuietHours(time(22), time(6), "Europe/Berlin")


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-30T21:59+01:00", None),
        ("2026-11-30T22:00+01:00", "2026-12-01T06:00+01:00"),
        ("2026-12-01T05:59+01:00", "2026-12-01T06:00+01:00"),
        ("2026-12-01T06:00+01:00", None),
        # The night in which the clocks go on.
        ("2026-03-29T01:30+01:00", "2026-03-29T06:00+02:00"),
    ],
)
def test_quiet_hours_end_when_their_zone_says(moment: str, end: str | None) -> None:
    asked = datetime.fromisoformat(moment)
    assert NIGHTLY.end_after(asked) == datetime.fromisoformat(end or moment)


def test_quiet_hours_within_a_day() -> None:
    lunch = QuietHours(time(12), time(13), "UTC")
    assert lunch.end_after(datetime(2026, 1, 1, 12, 5, tzinfo=UTC)).hour == 13
    assert lunch.end_after(datetime(2026, 1, 1, 13, tzinfo=UTC)).hour == 13
    assert lunch.end_after(datetime(2026, 1, 1, 2, tzinfo=UTC)).hour == 2


@given(
    st.builds(lambda begin, end, zone: (begin, end, zone), TIMES, TIMES, ZONES).filter(
        lambda hours: hours[0] != hours[1]
    ),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
)
def test_quiet_hours_always_end_and_never_before(
    hours: tuple[time, time, str], moment: datetime
) -> None:
    end = QuietHours(*hours).end_after(moment)
    assert moment <= end <= moment + timedelta(hours=26)
    if end > moment:
        assert end.astimezone(ZoneInfo(hours[2])).time() == hours[1] or _was_changed(end, hours)


def _was_changed(end: datetime, hours: tuple[time, time, str]) -> bool:
    """Return whether the clocks skip the end of these quiet hours on that day."""
    zone = ZoneInfo(hours[2])
    local = end.astimezone(zone)
    return datetime.combine(local.date(), hours[1], zone).astimezone(UTC) == end
