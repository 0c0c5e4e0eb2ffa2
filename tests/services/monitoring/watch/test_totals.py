"""What a night came to as a whole: its failures by kind, durations, sizes of deliveries."""

from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from services.frames import jobs
from services.monitoring import deliveries
from services.monitoring.watch import NightFacts
from services.monitoring.watch.night import facts_carried_on, span
from services.monitoring.watch.observation import (
    KINDS_AT_MOST,
    DeliverySizes,
    FailureKind,
    Failures,
    JobDurations,
)
from services.monitoring.watch.recorded import document, facts_of
from services.monitoring.watch.totals import (
    delivery_sizes_of,
    durations_of,
    failures_of,
    words_of,
)
from tests.services.monitoring.deliveries.listings import (
    NOW,
    Job,
    batch,
    job,
    tree,
    uploaded,
    versions,
)

LAST = span(date(2026, 11, 24), ZoneInfo("UTC"))
HOUR = 60.0
TENANTS = pd.Series(["a", "b", "c"])
LOST = "[DP510002] Unexpected exception in 7 places."


def failed(job_id: str, tenant: str, message: str = "", hours: float = 8) -> Job:
    told = job("processing", job_id, hours * HOUR, tenant=tenant, status="Failed")
    return told | ({"message": message} if message else {})


def failures_in(*listed: Job) -> Failures:
    return failures_of(jobs.from_job_status({"jobStatus": list(listed)}), TENANTS, LAST)


def test_failures_of_a_night_are_counted_by_kind_the_most_frequent_first() -> None:
    found = failures_in(
        failed("1", "a", LOST),
        failed("2", "a", LOST.replace("7", "12")),
        failed("3", "b", LOST),
        failed("4", "c"),
        # Of another night, of no tenant of this one, and one that did not fail.
        failed("5", "a", LOST, hours=30),
        failed("6", "elsewhere", LOST),
        job("processing", "7", 8 * HOUR, tenant="a"),
    )
    assert found.jobs == 4
    assert [(each.jobs, each.tenants, words_of(each)) for each in found.kinds] == [
        (3, 2, "[DP510002] Unexpected exception in # places."),
        (1, 1, "Processing failed"),
    ]
    # Without a message no words are kept, only what they are made of.
    assert found.kinds[1].message == ""
    assert (found.kinds[1].job_type, found.kinds[1].status) == ("processing", "failed")


def test_rare_kinds_are_counted_without_being_named() -> None:
    each = [failed(str(n), "a", f"Message of kind {chr(97 + n)}") for n in range(26)]
    found = failures_in(*each)
    assert found.jobs == 26
    assert len(found.kinds) == KINDS_AT_MOST


def observed(*minutes: tuple[float, float | None], kind: str = "processing") -> pd.DataFrame:
    """Give jobs of a night that succeeded: after how many minutes that was seen, and how late."""
    rows = [job(kind, f"j{n}", 8 * HOUR, tenant="a") for n in range(len(minutes))]
    listed = jobs.from_job_status({"jobStatus": rows})
    took = pd.to_timedelta(pd.Series([each for each, _ in minutes]), unit="min")
    late = pd.to_timedelta(pd.Series([each for _, each in minutes], dtype="float64"), unit="min")
    ended_at = listed["start_time"] + took
    ended_at = ended_at.where(late.notna())
    end_seen = late <= pd.Timedelta(minutes=2)
    return listed.assign(
        ended_at=ended_at,
        last_live_at=ended_at - late,
        end_seen=end_seen,
        seconds=took.dt.total_seconds().where(end_seen),
    )


def test_durations_are_those_of_ends_that_were_seen_to_within_two_looks() -> None:
    (found,) = durations_of(observed((10, 1), (20, 5), (30, 9), (500, 400)), TENANTS, LAST)
    assert found == JobDurations("processing", 3, 20 * 60, 28 * 60)


@pytest.mark.parametrize("late", [400, None])
def test_where_few_ends_were_seen_nothing_is_told_of_durations(late: float | None) -> None:
    (found,) = durations_of(observed((60, 1), (20, late), (30, late)), TENANTS, LAST)
    assert found.count == 0


def test_jobs_of_others_and_other_nights_are_not_timed() -> None:
    assert durations_of(observed((10, 1)), pd.Series(["b"]), LAST) == ()
    before = span(date(2026, 11, 23), ZoneInfo("UTC"))
    assert durations_of(observed((10, 1)), TENANTS, before) == ()


def test_deliveries_of_a_night_are_counted_with_their_uploads() -> None:
    codes = [f"t{number}" for number in range(9)]
    found = deliveries.find(
        uploaded({**{code: [8 * HOUR - 1] for code in codes}, "x": [6 * HOUR - 1, 40 * HOUR]}),
        tree(*batch("large", 8 * HOUR, codes), *batch("small", 6 * HOUR, ["x"])),
        versions({}),
        jobs_since=LAST[0],
        now=NOW,
    )
    sizes = delivery_sizes_of(found, LAST)
    assert (sizes.count, sizes.uploads, sizes.median) == (2, 10, 5.0)
    nothing = span(date(2026, 11, 20), ZoneInfo("UTC"))
    assert delivery_sizes_of(found, nothing) == DeliverySizes()


WHOLE = NightFacts(
    failures=Failures(3, (FailureKind("k", "[X1] Lost", "processing", "failed", "", 2, 1),)),
    durations=(JobDurations("processing", 4, 60.0, 90.0),),
    deliveries=DeliverySizes(2, 10, 5.0, 8.2),
)


def test_what_is_recorded_is_read_back() -> None:
    assert facts_of(document(WHOLE)) == WHOLE


def test_a_night_of_an_earlier_version_is_read_and_its_figures_are_not_known() -> None:
    earlier = (
        '{"unusual":[],"without_credential":null,"budget_left":0.5,"operations":["op1"],'
        '"lists_at":"2026-11-24T12:00:00+00:00","jobs_at":null,"is_given":false}'
    )
    found = facts_of(earlier)
    assert (found.budget_left, found.operations, found.lists_at) == (0.5, ("op1",), NOW)
    assert (found.failures, found.durations, found.deliveries) == (None, None, None)


def test_what_cannot_be_read_now_is_as_it_was_and_none_is_none() -> None:
    assert facts_carried_on(WHOLE, NightFacts()) == WHOLE
    none = NightFacts(failures=Failures(), durations=(), deliveries=DeliverySizes())
    assert facts_carried_on(WHOLE, none) == none
