"""What is unusual about deliveries, for tenants that load weekly, every few days and daily.

Jobs are not listed here: everything is told by the times of five uploads of each tenant.
"""

import pandas as pd
import pytest

from services.monitoring.deliveries import Judgement, Reason, find
from tests.services.monitoring.deliveries.listings import ADMIN, NOW, batch, job, tree, uploaded
from tests.services.monitoring.deliveries.populations import (
    LOADS,
    MINUTES,
    PERIODS,
    Population,
    marked,
)

each_rhythm = pytest.mark.parametrize("rhythm", [*PERIODS])
AFTERNOON = 22 * MINUTES


@each_rhythm
@pytest.mark.parametrize("seed", [0, 1])
def test_quiet_nights_raise_no_alarm(rhythm: str, seed: int) -> None:
    found = Population(rhythm, seed).deliveries()
    assert marked(found).empty
    judged = found.rows["judgement"].value_counts()
    assert judged[Judgement.USUAL] >= 4


# Of who loads daily, five uploads tell of no other weekend: jobs have to.
@pytest.mark.parametrize("rhythm", ["every few days", "weekly", "mixed"])
def test_weekends_on_which_few_load_raise_none(rhythm: str) -> None:
    # The last night is one of a Tuesday: two nights before it was Sunday's, three Saturday's.
    is_weekend = {2, 3}
    found = Population(rhythm, comes=lambda night: 0.15 if night % 7 in is_weekend else 1.0)
    assert Reason.FEWER not in set().union(*marked(found.deliveries())["why"], set())


@each_rhythm
def test_loads_that_come_an_hour_later_since_the_clocks_changed_raise_none(rhythm: str) -> None:
    found = Population(rhythm, moved=lambda night: 60.0 if night < 3 else 0.0)
    assert marked(found.deliveries()).empty


@each_rhythm
def test_what_comes_at_an_hour_at_which_nothing_else_does_comes_first(rhythm: str) -> None:
    population = Population(rhythm)
    population.deliver(population.some(40), AFTERNOON)
    found = marked(population.deliveries())
    assert found["hours_ago"][0] == pytest.approx(22, abs=0.7)
    assert found["why"][0] >= {Reason.OFF_HOURS}
    assert found["unusual"][0] == found["tenants"][0] == 40
    assert len(found) == 1


@pytest.mark.parametrize("rhythm", ["every few days", "weekly", "mixed"])
def test_what_comes_at_the_usual_hour_is_told_by_tenants_that_were_not_due(rhythm: str) -> None:
    population = Population(rhythm)
    population.deliver(population.some(40), LOADS - 45)
    first = marked(population.deliveries()).iloc[0]
    assert first["hours_ago"] == pytest.approx(7.25, abs=0.7)
    assert first["why"] >= {Reason.NOT_DUE}


@each_rhythm
def test_what_came_a_second_time_says_which_it_repeats(rhythm: str) -> None:
    population = Population(rhythm)
    last_night = population.due(0)
    population.deliver(last_night, LOADS - 90)
    found = population.deliveries()
    first = marked(found).iloc[0]
    assert first["hours_ago"] == pytest.approx(6.5, abs=0.7)
    (again,) = found.reasons[found.reasons["reason"] == Reason.AGAIN].to_dict("records")
    assert again["delivery_id"] == first["delivery_id"]
    repeated = found.rows.set_index("delivery_id").loc[again["other_id"]]
    ago = (pd.Timestamp(NOW) - repeated["first_upload"]) / pd.Timedelta(hours=1)
    assert ago == pytest.approx(8, abs=0.7)


@each_rhythm
@pytest.mark.parametrize(("share", "case"), [(0.35, "a third"), (0.15, "a holiday")])
def test_a_night_on_which_few_of_the_tenants_come_is_told(
    rhythm: str, share: float, case: str
) -> None:
    found = Population(rhythm, comes=lambda night: share if night == 0 else 1.0).deliveries()
    first = marked(found).iloc[0]
    assert first["why"] == {Reason.FEWER}
    (reason,) = found.reasons.to_dict("records")
    assert reason["value"] == first["tenants"] == first["around"]
    assert reason["value"] + reason["tenants"] == pytest.approx(reason["usual"])
    assert reason["value"] / reason["usual"] == pytest.approx(share, abs=0.2)


def test_a_delivery_of_more_tenants_than_usually_arrive_is_told() -> None:
    population = Population("weekly")
    population.deliver(population.some(150), LOADS - 20)
    first = marked(population.deliveries()).iloc[0]
    assert first["why"] >= {Reason.MORE}


def test_a_bad_delivery_is_told_when_the_next_night_has_come_too() -> None:
    population = Population("weekly")
    hit = population.some(40)
    population.deliver(hit, AFTERNOON + 24 * MINUTES)
    found = marked(population.deliveries())
    assert found["hours_ago"].tolist() == [pytest.approx(46, abs=0.7)]


def test_what_was_excluded_stands_out_as_before() -> None:
    population = Population("weekly")
    population.deliver(population.some(40), AFTERNOON)
    uploads = population.uploads()
    since = pd.Timestamp(NOW) - pd.Timedelta(hours=23)
    is_bad = (uploads["upload_time"] > since) & (
        uploads["upload_time"] < since + pd.Timedelta("2h")
    )
    excluded = uploads.assign(included=uploads["included"] & ~is_bad)
    before, after = (
        marked(find(each, tree(), jobs_since=None, now=NOW)) for each in (uploads, excluded)
    )
    assert after["unusual"].tolist() == before["unusual"].tolist()
    assert after["excluded"].tolist() == [40]


def nights_of_batches(failed: int, *, receiving: str = "Succeeded") -> pd.DataFrame:
    """Give the jobs of six nights; in the last of them some of thirty processing jobs failed."""
    tenants = [f"t{n:02}" for n in range(30)]
    jobs = []
    for night in range(6):
        at = LOADS + night * 24 * MINUTES
        jobs += batch(f"B{night}", at, tenants[: len(tenants)])
        for n, code in enumerate(tenants):
            is_bad = (night == 0 and n < failed) or n == night
            status = "Failed" if is_bad else "Succeeded"
            own = {"tenant": code, "parent": f"B{night}", "status": status}
            jobs.append(job("processing", f"P{night}{code}", at - 5, **own))
    return tree(*jobs)


def arrivals_of_batches() -> pd.DataFrame:
    nights = [LOADS + night * 24 * MINUTES - 2 for night in reversed(range(5))]
    return uploaded({f"t{n:02}": nights for n in range(30)})


@pytest.mark.parametrize(
    ("failed", "reasons"), [(15, {Reason.FAILURES, Reason.FEW_VERSIONS}), (3, set())]
)
def test_many_failures_are_told_against_what_usually_fails(
    failed: int, reasons: set[Reason]
) -> None:
    since = pd.Timestamp(NOW) - pd.Timedelta(days=8)
    found = find(arrivals_of_batches(), nights_of_batches(failed), jobs_since=since, now=NOW)
    told = found.reasons[found.reasons["delivery_id"] == "receiving:B0"]
    assert set(told["reason"]) == reasons
    assert set(found.reasons["delivery_id"]) <= {"receiving:B0"}
    if reasons:
        assert set(told["value"]) == {15.0}
        assert set(told["out_of"]) == {30.0}
        assert (told["usual"] < 2).all()


def test_a_night_that_only_jobs_remember_is_not_smaller_for_that() -> None:
    since = pd.Timestamp(NOW) - pd.Timedelta(days=8)
    found = find(arrivals_of_batches(), nights_of_batches(0), jobs_since=since, now=NOW)
    oldest = found.rows.set_index("delivery_id").loc["receiving:B5"]
    assert (oldest["uploads"], oldest["received"]) == (0, 30)
    assert pd.isna(oldest["first_upload"])


def test_so_few_uploads_tell_nothing() -> None:
    arrived = {"a": [60.0, 1_500.0], "b": [61.0, 1_501.0]}
    found = find(uploaded(arrived), tree(), jobs_since=None, now=NOW)
    assert set(found.rows["judgement"]) == {Judgement.TOO_LITTLE_KNOWN}
    assert found.rows["unusual"].isna().all()
    assert found.reasons.empty


def test_the_first_days_of_a_system_are_not_unusual() -> None:
    arrived = {f"t{n}": [LOADS, LOADS + 24.0 * MINUTES] for n in range(50)}
    found = find(uploaded(arrived), tree(), jobs_since=None, now=NOW)
    assert set(found.rows["judgement"]) == {Judgement.TOO_LITTLE_KNOWN}


def test_what_is_months_old_is_not_judged() -> None:
    arrived = {f"t{n}": [200.0 * 24 * MINUTES] for n in range(50)}
    found = find(uploaded(arrived), tree(), jobs_since=None, now=NOW)
    assert found.rows["judgement"].tolist() == [Judgement.TOO_LITTLE_KNOWN]


def test_one_odd_time_costs_no_judgement() -> None:
    population = Population("weekly")
    population.deliver(population.some(40), AFTERNOON)
    odd = uploaded({"x": ["9999-12-31T23:59:59.999Z"], "y": ["0001-01-01T00:00:00.000Z"]})
    both = pd.concat([population.uploads(), odd], ignore_index=True)
    assert marked(find(both, tree(), jobs_since=None, now=NOW))["unusual"].tolist() == [40]


def test_nothing_at_all_has_the_same_columns() -> None:
    none = find(uploaded({}), tree(), jobs_since=None, now=NOW)
    some = find(arrivals_of_batches(), nights_of_batches(15), jobs_since=NOW, now=NOW)
    for name in ("rows", "uploads", "versions", "reasons"):
        empty, full = getattr(none, name), getattr(some, name)
        assert empty.empty
        assert empty.dtypes.astype(str).to_dict() == full.dtypes.astype(str).to_dict()


def test_uploads_of_one_moment_have_no_rhythm_to_be_early_against() -> None:
    # What a tenant is said to have sent five times in the same millisecond is odd, not unusual.
    codes = [f"{ADMIN}~{number:02}" for number in range(20)]
    found = find(
        uploaded({code: [3 * MINUTES] * 5 for code in codes}), tree(), jobs_since=None, now=NOW
    )
    assert found.reasons.empty
    assert found.rows["uploads"].tolist() == [100]
