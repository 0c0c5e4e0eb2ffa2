"""What rules find in a night, and when what they found is over."""

from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.watch.observation import NightFacts, Observation
from services.notifications.evaluating import (
    Finding,
    Stage,
    View,
    come_right,
    evaluate,
    is_over,
    night_span,
)
from services.notifications.rules import (
    BrokenOff,
    BudgetLow,
    Condition,
    Daily,
    Deadline,
    Digest,
    Failed,
    NoCredential,
    Overdue,
    Slow,
    TenantSet,
    Unusual,
    Which,
)
from tests.services.notifications.nights import (
    BERLIN,
    NIGHT,
    at,
    codes,
    delivery,
    loaded,
    rows,
    scope,
    seen,
)

UTC_ZONE = ZoneInfo("UTC")
SEVEN = Deadline(Daily(time(7), "UTC"))
ONE = TenantSet(Which.LIST, codes=("t1",))


def found(
    condition: Condition, observation: Observation, zone: ZoneInfo = UTC_ZONE, **options: Any
) -> list[Finding]:
    return evaluate(condition, View(observation, scope, zone, **options))


def test_who_has_not_loaded_by_the_deadline_has_missed_it() -> None:
    tenants = {
        "t1": {},
        "t2": loaded("03:00"),
        "t3": {"version_at": at("06:00"), "jobs_running": 1},
    }
    assert found(SEVEN, seen(tenants, "06:59")) == []
    (finding,) = found(SEVEN, seen(tenants, "07:00"))
    assert (finding.tenants, finding.stage) == (("t1", "t3"), Stage.BROKEN)
    assert finding.facts == {"due": "2026-11-30T07:00:00+00:00", "of": 3}
    # Who has loaded meanwhile, late, is nothing to look after.
    assert found(SEVEN, seen({"t1": loaded("09:00")}, "09:05")) == []
    assert found(SEVEN, seen({}, "09:05")) == []


def test_a_deadline_warns_before_about_the_same_cause() -> None:
    warns = Deadline(SEVEN.by, warn_minutes=60)
    assert found(warns, seen({"t1": {}}, "05:59")) == []
    (warning,) = found(warns, seen({"t1": {}}, "06:00"))
    (missed,) = found(warns, seen({"t1": {}}, "07:00"))
    assert (warning.stage, missed.stage) == (Stage.WARNING, Stage.BROKEN)
    assert warning.cause == missed.cause


def test_a_deadline_is_of_its_days_and_its_tenants() -> None:
    weekend = Deadline(Daily(time(7), "UTC", (5, 6)))
    assert found(weekend, seen({"t1": {}}, "08:00")) == []
    sunday = date(2026, 11, 29)
    assert found(weekend, seen({"t1": {}}, "08:00", night=sunday))
    assert found(Deadline(SEVEN.by, ONE), seen({"t1": loaded("01:00"), "t2": {}}, "08:00")) == []


def test_the_zone_of_a_deadline_is_its_own() -> None:
    # 07:00 in Tokyo is 22:00 of the evening before in UTC, in the same night.
    tokyo = Deadline(Daily(time(7), "Asia/Tokyo"))
    assert found(tokyo, seen({"t1": {}}, "2026-11-29T21:59")) == []
    (finding,) = found(tokyo, seen({"t1": {}}, "2026-11-29T22:00"))
    assert finding.cause == "2026-11-29T22:00:00+00:00"
    # An evening's deadline is of the night that has begun at noon.
    evening = Deadline(Daily(time(20), "UTC"))
    assert found(evening, seen({"t1": {}}, "2026-11-29T20:00"))
    assert found(evening, seen({"t1": loaded("2026-11-29T13:00")}, "2026-11-29T20:00")) == []


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_on_a_night_of_changing_clocks_the_deadline_keeps_to_the_wall(night: date) -> None:
    by = Deadline(Daily(time(7), "Europe/Berlin"), warn_minutes=360)
    missed = at("07:00", night, BERLIN)
    for minutes, stages in {-361: [], -360: [Stage.WARNING], -1: [Stage.WARNING]}.items():
        moment = (missed + timedelta(minutes=minutes)).isoformat()[:16]
        assert [
            each.stage for each in found(by, seen({"t1": {}}, moment, night=night), BERLIN)
        ] == (stages)
    due = missed.isoformat()[:16]
    assert [each.stage for each in found(by, seen({"t1": {}}, due, night=night), BERLIN)] == [
        Stage.BROKEN
    ]


@given(
    st.times().map(lambda each: each.replace(second=0, microsecond=0, fold=0)),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Auckland"]),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    st.dates(date(2026, 1, 5), date(2026, 12, 20)),
)
def test_each_moment_of_a_deadline_lies_in_exactly_one_night(
    when: time, zone: str, watch: str, first: date
) -> None:
    daily, own = Daily(when, zone), ZoneInfo(watch)
    nights = [first + timedelta(days=days) for days in range(10)]
    moments = [
        moment
        for night in nights
        for moment in View(Observation(night, at("00:00"), rows({})), scope, own).moments(daily)
    ]
    (begin, _), (_, end) = night_span(nights[0], own), night_span(nights[-1], own)
    days = (first + timedelta(days=number) for number in range(-4, 14))
    expected = [each for day in days if (each := daily.on(day)) and begin < each <= end]
    assert moments == expected


FAILING = {
    "t1": {"jobs_failed": 2, "failure": "dp51"},
    "t2": {"jobs_failed": 1, "failure": "dp51"},
    "t3": {"jobs_failed": 1, "failure": "dp99"},
    # It failed, and has loaded all the same.
    "t4": {"jobs_failed": 1, "failure": "dp51", **loaded("03:00")},
    "t5": {},
}


def test_more_than_so_many_failed_tenants_are_one_finding() -> None:
    night = seen(FAILING, "04:00")
    (finding,) = found(Failed(more_than=2), night)
    assert finding.tenants == ("t1", "t2", "t3")
    assert finding.facts == {"failures": [["dp51", 2], ["dp99", 1]], "jobs": 4}
    assert finding.cause == "2026-11-30"
    assert found(Failed(more_than=3), night) == []


def test_one_kind_of_failure_counts_alone() -> None:
    night = seen(FAILING, "04:00")
    (finding,) = found(Failed(more_than=1, failure="dp51"), night)
    assert (finding.tenants, finding.cause) == (("t1", "t2"), "2026-11-30 dp51")
    assert found(Failed(more_than=1, failure="dp99"), night) == []


def test_stuck_jobs_and_late_ones() -> None:
    tenants: dict[str, dict[str, Any]] = {
        "t1": {"is_stuck": True, "jobs_running": 1},
        "t2": {"is_late": True, "jobs_running": 1},
        # It was stuck, and has ended since.
        "t3": {"is_stuck": True},
    }
    (both,) = found(Slow(), seen(tenants, "04:00"))
    assert (both.tenants, both.facts) == (("t1", "t2"), {"stuck": 1})
    (stuck,) = found(Slow(is_late_too=False), seen(tenants, "04:00"))
    assert stuck.tenants == ("t1",)
    (later,) = found(Slow(), seen(tenants, "04:00"), hindsight=True)
    assert later.tenants == ("t1", "t2", "t3")


def test_an_unusual_delivery_counts_with_enough_of_the_tenants() -> None:
    facts = NightFacts(unusual=(delivery("d1", *codes(4)), delivery("d2", "t1")))
    night = seen({}, "04:00", facts=facts)
    (finding,) = found(Unusual(at_least=4), night)
    assert (finding.cause, finding.tenants) == ("d1", tuple(codes(4)))
    assert finding.facts["reasons"] == ["few"]
    assert [each.cause for each in found(Unusual(ONE, at_least=1), night)] == ["d1", "d2"]
    assert found(Unusual(at_least=5), night) == []


def test_overdue_is_who_has_not_loaded_by_the_end_of_its_rhythm() -> None:
    tenants = {
        "t1": {"late_at": at("03:00")},
        "t2": {"late_at": at("03:01")},
        "t3": {"late_at": at("03:00"), **loaded("02:00")},
        "t4": {},
    }
    (finding,) = found(Overdue(), seen(tenants, "03:00"))
    assert finding.tenants == ("t1",)


def test_what_concerns_no_tenants_or_their_connectors() -> None:
    facts = NightFacts(without_credential=("t2", "t1"), budget_left=0.09, operations=("a", "b"))
    night, nothing = seen({}, "04:00", facts=facts), seen({}, "04:00")
    assert [each.tenants for each in found(NoCredential(), night)] == [("t1", "t2")]
    assert [each.facts for each in found(BudgetLow(10), night)] == [{"left": 0.09}]
    assert found(BudgetLow(9), night) == []
    assert [each.cause for each in found(BrokenOff(), night)] == ["a", "b"]
    for condition in (NoCredential(), BudgetLow(10), BrokenOff(), Digest(SEVEN.by)):
        assert found(condition, nothing) == []


def right(
    condition: Condition, observation: Observation, *tenants: str, opened: date = NIGHT
) -> dict[str, str]:
    return come_right(condition, View(observation, scope, UTC_ZONE), tenants, opened)


TUESDAY = NIGHT + timedelta(days=1)


@pytest.mark.parametrize("condition", [SEVEN, Failed(), Overdue()])
def test_a_tenant_comes_right_with_a_newer_version(condition: Condition) -> None:
    later = seen({"t1": loaded("09:00", "v9"), "t2": {"data_version": "v1"}}, "09:05")
    assert right(condition, later, "t1", "t2") == {"t1": "v9"}
    # Also in a night after.
    after = seen({"t2": loaded("02:00", "v3", TUESDAY)}, "02:05", night=TUESDAY)
    assert right(condition, after, "t2") == {"t2": "v3"}


def test_what_an_unusual_delivery_brought_does_not_make_it_right() -> None:
    tonight = seen({"t1": loaded("03:00", "v9")}, "03:05")
    assert right(Unusual(), tonight, "t1") == {}
    next_night = seen({"t1": loaded("03:00", "v10", TUESDAY)}, "03:05", night=TUESDAY)
    assert right(Unusual(), next_night, "t1") == {"t1": "v10"}


def test_slow_jobs_and_credentials_come_right_without_a_version() -> None:
    still = {"is_stuck": True, "jobs_running": 1}
    night = seen({"t1": still, "t2": {**still, "jobs_running": 0}, "t3": loaded("01:00")}, "02:00")
    assert right(Slow(), night, "t1", "t2", "t3", "t9") == {"t2": "", "t3": "v2"}
    without = NightFacts(without_credential=("t1",))
    assert right(NoCredential(), seen({}, "02:00", facts=without), "t1", "t2") == {"t2": ""}
    # Not read this time: nothing is known.
    assert right(NoCredential(), seen({"t1": loaded("01:00")}, "02:00"), "t1") == {}


def test_who_is_not_listed_any_more_is_over_in_a_later_night_only() -> None:
    assert right(SEVEN, seen({"t2": {}}, "09:00"), "t1") == {}
    assert right(SEVEN, seen({"t2": {}}, "09:00", night=TUESDAY), "t1") == {"t1": ""}
    # Nobody at all was read.
    assert right(SEVEN, seen({}, "09:00", night=TUESDAY), "t1") == {}


def over(condition: Condition, facts: NightFacts, cause: str = "") -> bool:
    return is_over(condition, View(seen({}, "04:00", facts=facts), scope, UTC_ZONE), cause)


def test_what_is_about_no_tenants_is_over_when_it_was_seen_so() -> None:
    assert over(BudgetLow(10), NightFacts(budget_left=0.1))
    assert not over(BudgetLow(10), NightFacts(budget_left=0.05))
    assert not over(BudgetLow(10), NightFacts())
    assert over(BrokenOff(), NightFacts(), "a")
    assert not over(BrokenOff(), NightFacts(operations=("a",)), "a")
    assert not over(SEVEN, NightFacts())
