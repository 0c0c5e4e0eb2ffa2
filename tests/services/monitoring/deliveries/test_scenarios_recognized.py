"""What of the nights that the sandbox tells is recognized: the table in the documents."""

from datetime import timedelta

import pytest

from services.monitoring.deliveries import Confidence, Judgement, Reason
from services.sandbox.config import Scenario
from services.sandbox.population.nights import GOOD_BATCH, SECOND_BATCH
from services.sandbox.population.scenario import BAD_BATCH
from tests.services.monitoring.deliveries.sandboxed import night

GOOD, SECOND = f"receiving:{GOOD_BATCH}", f"receiving:{SECOND_BATCH}"
SEEDS, MANY = range(10), range(200)
both = pytest.mark.parametrize("knows_jobs", [True, False])


def is_first(seed: int, *, knows_jobs: bool, tenants: int = 120) -> bool:
    """Say whether the bad delivery stands first among the unusual ones, whole and alone."""
    told = night(Scenario.BAD_DELIVERY, seed, tenants, knows_jobs=knows_jobs)
    first = told.unusual.iloc[0]
    faulty = sum(upload.faulty for each in told.world.listed for upload in each.uploads)
    is_it = first["delivery_id"] == f"receiving:{BAD_BATCH}" if knows_jobs else True
    return is_it and bool(first["uploads"] == faulty)


@pytest.mark.first_is_quick
@both
def test_the_bad_delivery_is_the_first_of_the_unusual(knows_jobs: bool) -> None:
    assert [seed for seed in SEEDS if not is_first(seed, knows_jobs=knows_jobs)] == []


@pytest.mark.slow
@both
def test_the_bad_delivery_is_the_first_of_the_unusual_whatever_the_seed(knows_jobs: bool) -> None:
    assert [seed for seed in MANY if not is_first(seed, knows_jobs=knows_jobs)] == []


@pytest.mark.slow
@both
def test_the_bad_delivery_is_the_first_of_5_000_tenants(knows_jobs: bool) -> None:
    assert is_first(1, knows_jobs=knows_jobs, tenants=5_000)


def false_marks(seeds: range, *, knows_jobs: bool) -> int:
    """Count the unusual deliveries of quiet weeks."""
    return sum(
        len(night(Scenario.QUIET_NIGHT, seed, knows_jobs=knows_jobs).unusual) for seed in seeds
    )


@both
def test_quiet_weeks_raise_no_alarm(knows_jobs: bool) -> None:
    assert false_marks(range(5), knows_jobs=knows_jobs) == 0


# The numbers that docs/administrators.md publishes.
@pytest.mark.slow
@pytest.mark.parametrize(("knows_jobs", "at_most"), [(True, 5), (False, 1)])
def test_few_deliveries_of_200_quiet_weeks_are_marked(knows_jobs: bool, at_most: int) -> None:
    assert false_marks(MANY, knows_jobs=knows_jobs) <= at_most


@pytest.mark.first_is_quick
@both
@pytest.mark.parametrize(
    ("scenario", "tenants", "reason"),
    [
        (Scenario.HOLIDAY, 120, Reason.FEWER),
        (Scenario.HALF_DELIVERY, 2_000, Reason.FEWER),
        (Scenario.DELIVERED_TWICE, 120, Reason.AGAIN),
    ],
)
def test_what_else_happened_is_recognized(
    scenario: Scenario, tenants: int, reason: Reason, knows_jobs: bool
) -> None:
    for seed in range(2):
        assert reason in night(scenario, seed, tenants, knows_jobs=knows_jobs).reasons()


def test_the_second_delivery_says_which_it_repeats() -> None:
    told = night(Scenario.DELIVERED_TWICE, 1)
    (again,) = told.found.reasons[told.found.reasons["reason"] == Reason.AGAIN].to_dict("records")
    assert (again["delivery_id"], again["other_id"]) == (SECOND, GOOD)


@pytest.mark.parametrize(
    ("scenario", "tenants"), [(Scenario.SWAPPED_FILES, 120), (Scenario.HALF_DELIVERY, 120)]
)
def test_what_its_times_and_counts_do_not_tell_is_not_claimed(
    scenario: Scenario, tenants: int
) -> None:
    assert {Reason.FEWER, Reason.NOT_DUE} & night(scenario, 1, tenants).reasons() == set()


def test_batches_that_overlap_are_told_apart_where_jobs_are_known() -> None:
    rows = night(Scenario.OVERLAPPING_BATCHES, 1).found.rows.set_index("delivery_id")
    assert set(rows.loc[[GOOD, SECOND], "confidence"]) == {Confidence.TOLD}
    assert (rows.loc[[GOOD, SECOND], "judgement"] == Judgement.USUAL).all()


def test_without_jobs_batches_that_overlap_are_one() -> None:
    told = night(Scenario.OVERLAPPING_BATCHES, 1, knows_jobs=False)
    rows = told.found.rows
    (row,) = rows[rows["arrived"] > told.now - timedelta(hours=12)].to_dict("records")
    assert row["confidence"] == Confidence.CLUSTERED
    assert row["uploads"] > row["tenants"]


@pytest.mark.parametrize("tenants", [6, 20])
def test_so_few_tenants_are_not_called_usual(tenants: int) -> None:
    found = night(Scenario.QUIET_NIGHT, 1, tenants).found
    assert Judgement.UNUSUAL not in set(found.rows["judgement"])
