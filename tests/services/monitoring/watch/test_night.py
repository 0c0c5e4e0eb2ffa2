"""Which night a time belongs to, and what became of each tenant in it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring import deliveries
from services.monitoring.durations import STUCK
from services.monitoring.watch import NIGHT_SCHEMA, NightFacts, NightState, Observation, states
from services.monitoring.watch.night import (
    Span,
    carried_on,
    empty_rows,
    facts_carried_on,
    night_of,
    rows,
    span,
    unusual,
)
from tests.services.monitoring.deliveries.listings import (
    NOW,
    batch,
    job,
    tree,
    uploaded,
    versions,
)

BERLIN, KIRITIMATI, UTC_ZONE = map(ZoneInfo, ("Europe/Berlin", "Pacific/Kiritimati", "UTC"))
HOUR = 60.0
DAY = 24 * HOUR
# NOW is noon: the night that has just ended.
NIGHT = date(2026, 11, 24)
LAST: Span = span(NIGHT, UTC_ZONE)


def seen(
    made: dict[str, list[tuple[str, float]]],
    came: dict[str, list[float]],
    *jobs: dict[str, object],
    of: Span = LAST,
    mark: str = "",
) -> pd.DataFrame:
    found = rows(
        of,
        versions(made),
        uploaded(came),
        tree(*jobs).assign(mark=mark),
        uploads_at=NOW,
    )
    return found.set_index("tenant_code")


@pytest.mark.parametrize(
    ("zone", "at", "night"),
    [
        (UTC_ZONE, "2026-11-24T11:59:59.999+00:00", NIGHT),
        (UTC_ZONE, "2026-11-24T12:00:00+00:00", date(2026, 11, 25)),
        (BERLIN, "2026-11-24T10:59:59+00:00", NIGHT),
        (BERLIN, "2026-11-24T11:00:00+00:00", date(2026, 11, 25)),
        (KIRITIMATI, "2026-11-24T00:00:00+00:00", date(2026, 11, 25)),
        # The night in which clocks go forward, and the one in which they go back.
        (BERLIN, "2026-03-28T11:00:00+00:00", date(2026, 3, 29)),
        (BERLIN, "2026-03-29T09:59:59+00:00", date(2026, 3, 29)),
        (BERLIN, "2026-03-29T10:00:00+00:00", date(2026, 3, 30)),
        (BERLIN, "2026-10-25T10:59:59+00:00", date(2026, 10, 25)),
        (BERLIN, "2026-10-25T11:00:00+00:00", date(2026, 10, 26)),
    ],
)
def test_a_night_runs_from_noon_to_noon_and_is_named_by_its_end(
    zone: ZoneInfo, at: str, night: date
) -> None:
    assert night_of(datetime.fromisoformat(at), zone) == night


@pytest.mark.parametrize(
    ("night", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)],
)
def test_a_night_in_which_clocks_change_is_an_hour_shorter_or_longer(
    night: date, hours: int
) -> None:
    begins, ends = span(night, BERLIN)
    assert ends - begins == timedelta(hours=hours)


@given(
    at=st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from([BERLIN, KIRITIMATI, UTC_ZONE, ZoneInfo("America/St_Johns")]),
)
def test_each_time_belongs_to_the_one_night_that_holds_it(at: datetime, zone: ZoneInfo) -> None:
    begins, ends = span(night_of(at, zone), zone)
    assert begins <= at < ends
    assert span(night_of(ends, zone), zone)[0] == ends


def test_a_tenant_s_row_tells_what_came_and_what_became_of_it() -> None:
    found = seen(
        {"a": [("3", 8 * HOUR), ("2", 3 * DAY), ("1", 5 * DAY)], "b": [("7", 2 * DAY)], "c": []},
        {"a": [8.5 * HOUR, 3 * DAY + 30, 5 * DAY + 30], "b": [2 * DAY + 30], "d": [9 * HOUR]},
        *batch("night", 9 * HOUR, ["a"]),
        job("processing", "p", 8.3 * HOUR, tenant="a"),
        job("processing", "q", 8 * HOUR, tenant="d", status="Failed"),
        job("processing", "r", 7 * HOUR, tenant="d", status="Running"),
        job("processing", "before", 30 * HOUR, tenant="d", status="Failed"),
    )
    assert found.index.tolist() == ["a", "b", "c", "d"]
    a, b, c, d = (found.loc[code] for code in "abcd")
    assert (a["data_version"], b["data_version"]) == ("3", "7")
    assert pd.isna(c["data_version"])
    assert pd.isna(d["data_version"])
    assert a["loaded_at"] == a["version_at"] == pd.Timestamp(NOW) - pd.Timedelta(hours=8)
    assert found["loaded_at"].isna().tolist() == [False, True, True, True]
    assert found["upload_count"].tolist() == [1, 0, 0, 1]
    counts = found[["jobs_succeeded", "jobs_failed", "jobs_running"]]
    assert counts.to_numpy().tolist() == [[2, 0, 0], [0, 0, 0], [0, 0, 0], [0, 1, 1]]
    assert found["failure"].isna().tolist() == [True, True, True, False]
    assert a["late_at"] > a["due_at"] > a["loaded_at"]
    assert found["due_at"].isna().tolist() == [False, True, True, True]


def test_of_several_loads_the_first_counts_and_of_several_jobs() -> None:
    first, second = 9 * HOUR, 3 * HOUR
    found = seen(
        {"a": [("3", second), ("2", first), ("1", 3 * DAY)]},
        {"a": [second + 30, first + 30, 3 * DAY + 30]},
        job("processing", "p", first + 20, tenant="a"),
        job("processing", "q", second + 20, tenant="a"),
        job("processing", "before", 30 * HOUR, tenant="a"),
    )
    assert found.loc["a", "loaded_at"] == pd.Timestamp(NOW) - pd.Timedelta(minutes=first)
    assert found.loc["a", "began_at"] == pd.Timestamp(NOW) - pd.Timedelta(minutes=first + 20)
    # The first version was disabled since, and its jobs are not listed any more.
    now = seen({"a": [("3", second)]}, {"a": [second + 30, 3 * DAY]}).reset_index()
    carried = carried_on(found.reset_index(), now, with_jobs=True)
    for name in ("loaded_at", "began_at"):
        assert carried[name].tolist() == found[name].tolist()


def test_what_came_after_a_night_is_none_of_it() -> None:
    before = span(date(2026, 11, 23), UTC_ZONE)
    found = seen(
        {"a": [("2", 8 * HOUR), ("1", 32 * HOUR)], "new": [("9", HOUR)]},
        {"a": [8.5 * HOUR, 32.5 * HOUR]},
        job("processing", "p", 8 * HOUR, tenant="a", status="Failed"),
        of=before,
    )
    assert found.loc["a", "data_version"] == "1"
    assert found.loc["a", "loaded_at"] == pd.Timestamp(NOW) - pd.Timedelta(hours=32)
    assert found["upload_count"].tolist() == [1, 0]
    assert found["jobs_failed"].tolist() == [0, 0]
    assert found["data_version"].isna().tolist() == [False, True]


def test_excluded_uploads_are_counted_apart() -> None:
    came = uploaded({"a": [8 * HOUR, 9 * HOUR]}, excluded=[("a", 8 * HOUR)])
    found = rows(LAST, versions({"a": []}), came, None, uploads_at=NOW)
    assert found[["upload_count", "excluded_count"]].to_numpy().tolist() == [[2, 1]]


def test_of_several_failures_the_pattern_of_most_is_told() -> None:
    failed = [job("processing", f"p{n}", 8 * HOUR, tenant="a", status="Failed") for n in (1, 2)]
    other = job("receiving", "r", 8 * HOUR, tenant="a", status="Failed")
    both = seen({"a": []}, {}, *failed, other)
    assert both["failure"].tolist() == seen({"a": []}, {}, *failed)["failure"].tolist()
    assert both["failure"].tolist() != seen({"a": []}, {}, other)["failure"].tolist()


def test_a_job_that_was_once_found_stuck_has_been_it() -> None:
    running = job("processing", "p", 8 * HOUR, tenant="a", status="Running")
    earlier = seen({"a": []}, {}, running, mark=STUCK)
    now = seen({"a": []}, {}, job("processing", "p", 8 * HOUR, tenant="a"))
    assert (earlier["is_stuck"].tolist(), now["is_stuck"].tolist()) == ([True], [False])
    carried = carried_on(earlier.reset_index(), now.reset_index(), with_jobs=True)
    assert carried["is_stuck"].tolist() == [True]
    assert carried["jobs_running"].tolist() == [0]


def test_what_is_not_listed_any_more_stays_seen() -> None:
    rhythm = [("3", 2 * DAY), ("2", 3 * DAY), ("1", 4 * DAY)]
    earlier = seen(
        {"a": [("1", 8 * HOUR)], "came": rhythm, "never came": rhythm},
        {"a": [9 * HOUR, 8.5 * HOUR], "came": [8 * HOUR]},
    )
    assert earlier["late_at"].notna().tolist() == [False, True, True]
    # Disabled since, one upload of two pushed out by newer ones, and tenants that were removed.
    now = seen({"a": []}, {"a": [8.5 * HOUR]})
    carried = carried_on(earlier.reset_index(), now.reset_index(), with_jobs=True)
    assert carried["tenant_code"].tolist() == ["a", "came"]
    assert carried["loaded_at"].notna().tolist() == [True, False]
    assert carried["upload_count"].tolist() == [2, 1]
    assert carried["data_version"].isna().tolist() == [True, False]
    # Nobody who is not there any more is late.
    assert carried["late_at"].isna().tolist() == [True, True]


def test_a_job_that_began_nights_ago_and_runs_still_runs_in_this_one() -> None:
    old = job("processing", "old", 40 * HOUR, tenant="a", status="Running")
    found = seen({"a": []}, {}, old, mark=STUCK)
    assert found[["jobs_running", "jobs_failed"]].to_numpy().tolist() == [[1, 0]]
    assert found["is_stuck"].tolist() == [True]


def test_jobs_that_cannot_be_read_now_stay_as_they_were() -> None:
    failed = job("processing", "p", 8 * HOUR, tenant="a", status="Failed")
    earlier = seen({"a": []}, {}, failed).reset_index()
    now = rows(LAST, versions({"a": [], "b": []}), uploaded({}), None, uploads_at=NOW)
    carried = carried_on(earlier, now, with_jobs=False)
    assert carried["jobs_failed"].tolist() == [1, 0]
    assert carried["failure"].tolist()[0] == earlier["failure"].tolist()[0]


@pytest.mark.parametrize("with_jobs", [True, False])
def test_rows_have_the_columns_of_a_night_whatever_there_is(*, with_jobs: bool) -> None:
    nothing = rows(LAST, versions({}), uploaded({}), None, uploads_at=NOW)
    some = seen({"a": [("1", HOUR)]}, {"a": [HOUR]}).reset_index()
    for found in (
        nothing,
        some,
        carried_on(some, nothing, with_jobs=with_jobs),
        carried_on(nothing, some, with_jobs=with_jobs),
        carried_on(nothing, nothing, with_jobs=with_jobs),
    ):
        assert {name: str(kind) for name, kind in found.dtypes.items()} == NIGHT_SCHEMA
    assert empty_rows().dtypes.equals(nothing.dtypes)


def test_facts_of_earlier_looks_are_kept() -> None:
    before = NightFacts(budget_left=0.2, operations=("b",), lists_at=NOW, jobs_at=NOW)
    now = NightFacts(budget_left=0.7, operations=("a",), lists_at=NOW + timedelta(hours=1))
    found = facts_carried_on(before, now)
    assert (found.budget_left, found.operations) == (0.2, ("a", "b"))
    assert (found.lists_at, found.jobs_at) == (now.lists_at, NOW)


def test_unusual_deliveries_of_a_night_name_their_reasons_and_tenants() -> None:
    weekly = [7 * DAY * week + 8 * HOUR for week in (3, 2, 1)]
    codes = [f"t{number:02}" for number in range(40)]
    came = {code: [*weekly, 9 * HOUR] for code in codes[:20]} | dict.fromkeys(codes[20:], weekly)
    listed = uploaded(came)
    found = deliveries.find(
        listed,
        tree(*batch("odd", 9 * HOUR + 2, codes[:20])),
        versions({}),
        jobs_since=NOW - timedelta(days=7),
        now=NOW,
    )
    (odd,) = unusual(found, LAST)
    assert odd.delivery_id == "receiving:odd"
    assert set(odd.tenant_codes) == set(codes[:20])
    assert odd.reasons
    assert LAST[0] <= odd.arrived_at < LAST[1]
    assert unusual(found, span(date(2026, 11, 23), UTC_ZONE)) == ()


OF_STATES = {
    "loaded": NightState.LOADED,
    "loaded after a failure": NightState.LOADED,
    "failed": NightState.FAILED,
    "excluded": NightState.EXCLUDED,
    "late": NightState.LATE,
    "stuck": NightState.LATE,
    "not due": NightState.NOTHING_CAME,
}


def night_rows() -> pd.DataFrame:
    """Give a row for each of OF_STATES."""
    found = empty_rows().reindex(range(len(OF_STATES)))
    found["tenant_code"] = list(OF_STATES)
    found = found.set_index("tenant_code")
    found[[name for name, kind in NIGHT_SCHEMA.items() if kind == "int32"]] = 0
    found[["is_stuck", "is_late"]] = False
    at = pd.Timestamp(NOW).as_unit("ms")
    found.loc[["loaded", "loaded after a failure"], "loaded_at"] = at - pd.Timedelta(hours=8)
    found.loc[["failed", "loaded after a failure"], "jobs_failed"] = 2
    found.loc["excluded", ["upload_count", "excluded_count"]] = 1
    found.loc["late", "late_at"] = at - pd.Timedelta(hours=1)
    found.loc["not due", "late_at"] = at + pd.Timedelta(hours=1)
    found.loc["stuck", "is_stuck"] = True
    return found.reset_index().astype(NIGHT_SCHEMA)


def state_of_each(facts: NightFacts, *, now: datetime, is_complete: bool) -> dict[str, str]:
    observation = Observation(NIGHT, NOW, night_rows(), facts)
    found = states(observation, LAST[1], now, is_complete=is_complete)
    return dict(zip(OF_STATES, map(str, found), strict=True))


def test_how_a_night_went_for_each_tenant() -> None:
    facts = NightFacts(lists_at=NOW, jobs_at=NOW)
    later = NOW + timedelta(days=3)
    assert state_of_each(facts, now=later, is_complete=True) == OF_STATES
    # Under way it is told as far as it has gone.
    assert state_of_each(facts, now=NOW - timedelta(hours=1), is_complete=False) == OF_STATES


@pytest.mark.parametrize(
    ("facts", "is_complete"),
    [
        # Nobody saw the night end; or nobody could see its jobs.
        (NightFacts(lists_at=NOW, jobs_at=NOW), False),
        (NightFacts(lists_at=NOW), True),
    ],
)
def test_what_was_not_observed_is_never_told_as_good(
    facts: NightFacts, *, is_complete: bool
) -> None:
    unknown = {"late", "not due"}
    assert state_of_each(facts, now=NOW + timedelta(days=3), is_complete=is_complete) == {
        code: NightState.NOT_OBSERVED if code in unknown else state
        for code, state in OF_STATES.items()
    }
