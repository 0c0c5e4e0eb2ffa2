"""Which delivery an upload belongs to."""

import pytest

from services.monitoring.deliveries import Confidence, Deliveries, find
from services.monitoring.deliveries.membership import LONGEST
from tests.services.monitoring.deliveries.listings import (
    NOW,
    Job,
    When,
    batch,
    job,
    tree,
    uploaded,
    written,
)

DAY = 24 * 60
Found = dict[str, list[tuple[str, str]]]


def found_of(arrived: dict[str, list[When]], *jobs: Job) -> Deliveries:
    return find(uploaded(arrived), tree(*jobs), jobs_since=NOW, now=NOW)


def grouped(arrived: dict[str, list[When]], *jobs: Job) -> Found:
    """Give for each tenant the deliveries of its uploads, oldest first, and how these are known."""
    by_tenant: Found = {}
    for row in found_of(arrived, *jobs).uploads.to_dict("records"):
        told = row["delivery_id"], row["confidence"]
        by_tenant.setdefault(row["tenant_code"], []).append(told)
    return by_tenant


TOLD, AMBIGUOUS, CLUSTERED = Confidence


def test_an_upload_belongs_to_the_batch_above_the_job_that_received_it() -> None:
    found = grouped({"a": [58], "b": [50]}, *batch("B", 60, "ab"))
    assert found == {"a": [("receiving:B", TOLD)], "b": [("receiving:B", TOLD)]}


def test_an_upload_that_was_extracted_belongs_to_what_dispatched_the_extraction() -> None:
    jobs = [
        job("dispatching", "D", 90),
        job("extraction", "E", 89, tenant="a", parent="D"),
        job("receiving", "R", 80, tenant="a", parent="E"),
    ]
    assert grouped({"a": [79]}, *jobs) == {"a": [("dispatching:D", TOLD)]}


def test_a_receiving_job_on_its_own_is_a_delivery() -> None:
    assert grouped({"a": [79]}, job("receiving", "R", 80, tenant="a")) == {
        "a": [("receiving:R", TOLD)]
    }


def test_batches_that_overlap_are_told_apart_by_their_jobs() -> None:
    found = grouped({"a": [58], "b": [57.9]}, *batch("B", 60, "a"), *batch("C", 59.5, "b"))
    assert found == {"a": [("receiving:B", TOLD)], "b": [("receiving:C", TOLD)]}


def test_a_tenant_in_two_batches_within_minutes_has_an_upload_of_each() -> None:
    found = grouped({"a": [58.5, 54.5]}, *batch("B", 60, "a"), *batch("C", 56, "a"))
    assert found == {"a": [("receiving:B", TOLD), ("receiving:C", TOLD)]}


def test_where_both_jobs_began_before_both_uploads_it_is_not_told_which_is_whose() -> None:
    found = grouped({"a": [52, 51]}, *batch("B", 60, "a"), *batch("C", 56, "a"))
    assert found == {"a": [("receiving:C", AMBIGUOUS), ("receiving:C", AMBIGUOUS)]}


def test_one_upload_after_two_jobs_is_of_the_later_and_may_be_of_the_other() -> None:
    found = grouped({"a": [51]}, *batch("B", 60, "a"), *batch("C", 56, "a"))
    assert found == {"a": [("receiving:C", AMBIGUOUS)]}


def test_two_jobs_of_one_delivery_leave_no_doubt() -> None:
    twice = [*batch("B", 60, "a"), job("receiving", "again", 57, tenant="a", parent="B")]
    assert grouped({"a": [51]}, *twice) == {"a": [("receiving:B", TOLD)]}


@pytest.mark.parametrize("status", ["Failed", "Error", "RolledBack", "Cancelled", "Pending"])
def test_a_job_that_received_nothing_has_brought_nothing(status: str) -> None:
    jobs = [*batch("B", 60, "a"), *batch("C", 56, "a", status=status)]
    assert grouped({"a": [51]}, *jobs) == {"a": [("receiving:B", TOLD)]}


@pytest.mark.parametrize("status", ["Succeeded", "Running", "Nonsense"])
def test_a_job_that_may_have_received_something_counts(status: str) -> None:
    assert grouped({"a": [51]}, *batch("B", 60, "a", status=status)) == {
        "a": [("receiving:B", TOLD)]
    }


@pytest.mark.parametrize(("after", "how"), [(59, TOLD), (61, CLUSTERED), (-1, CLUSTERED)])
def test_an_upload_follows_its_job_within_the_hour(after: float, how: Confidence) -> None:
    found = grouped({"a": [120 - after]}, job("receiving", "R", 120, tenant="a"))
    assert [confidence for _, confidence in found["a"]] == [how]


def test_a_batch_that_names_all_its_tenants_brought_no_others() -> None:
    found = grouped({"a": [58], "b": [57]}, *batch("B", 60, "a"))
    assert found["b"] == [(f"time:{written(57)}", CLUSTERED)]


def test_what_is_older_than_the_jobs_is_clustered() -> None:
    found = grouped({"a": [5 * DAY, 58], "b": [5 * DAY - 3, 57]}, *batch("B", 60, "ab"))
    of_old = (f"time:{written(5 * DAY)}", CLUSTERED)
    assert found == {
        "a": [of_old, ("receiving:B", TOLD)],
        "b": [of_old, ("receiving:B", TOLD)],
    }


def test_without_jobs_what_lies_close_together_is_one_delivery() -> None:
    found = grouped({"a": [100, 40], "b": [90], "c": [76], "d": [55], "e": [39]})
    first, second = (f"time:{written(when)}" for when in (100, 55))
    assert [of for of, _ in found["a"]] == [first, second]
    assert {found[code][0] for code in "bc"} == {(first, CLUSTERED)}
    assert {found[code][0] for code in "de"} == {(second, CLUSTERED)}


def test_a_trickle_is_cut_where_it_is_thinnest() -> None:
    minutes = [*range(600, 420, -4), *range(413, 230, -4)]
    found = grouped({f"t{n}": [float(when)] for n, when in enumerate(minutes)})
    begins = {of for own in found.values() for of, _ in own}
    assert f"time:{written(413)}" in begins
    assert f"time:{written(600)}" in begins


@pytest.mark.parametrize(
    "when", ["9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z", "2200-01-01T00:00:00.000Z"]
)
def test_an_odd_time_is_a_delivery_of_its_own(when: str) -> None:
    found = grouped({"a": [when], "b": [58]}, *batch("B", 60, "b"))
    assert found == {"a": [(f"time:{when}", CLUSTERED)], "b": [("receiving:B", TOLD)]}


def test_jobs_without_a_time_or_an_id_are_passed_over() -> None:
    odd: list[Job] = [
        job("receiving", "R", None, tenant="a"),
        {"jobType": "UPLOAD_JOB", "tenant": "b", "startTime": written(60), "status": "Succeeded"},
    ]
    found = grouped({"a": [58], "b": [30]}, *odd)
    assert [how for own in found.values() for _, how in own] == [CLUSTERED, CLUSTERED]


def test_a_second_upload_after_one_job_goes_with_it() -> None:
    assert grouped({"a": [58, 40]}, *batch("B", 60, "a")) == {
        "a": [("receiving:B", TOLD), ("receiving:B", TOLD)]
    }


def test_no_cluster_is_longer_than_the_longest() -> None:
    rows = found_of({f"t{n}": [n * 1.3] for n in range(2_000)}).rows
    assert (rows["last_upload"] - rows["first_upload"]).max() <= LONGEST


def test_what_has_no_time_or_is_no_upload_belongs_to_nothing() -> None:
    found = found_of({"a": ["no time"], "b": [], "c": [58]}, *batch("B", 60, "abc"))
    assert found.uploads["upload"].tolist() == [2]
    assert found.uploads_of("receiving:B").tolist() == [2]


def test_a_batch_of_which_every_job_failed_is_a_delivery_without_uploads() -> None:
    (row,) = found_of({}, *batch("B", 60, "ab", status="Failed")).rows.to_dict("records")
    assert (row["delivery_id"], row["tenants"], row["receiving_failed"]) == ("receiving:B", 0, 2)


def test_jobs_of_different_types_that_share_an_id_are_different_deliveries() -> None:
    dispatched = [
        job("dispatching", "X", 30),
        job("extraction", "E", 29, tenant="b", parent="X"),
        job("receiving", "Z", 20, tenant="b", parent="E"),
    ]
    found = grouped({"a": [58], "b": [19]}, *batch("X", 60, "a"), *dispatched)
    assert found == {"a": [("receiving:X", TOLD)], "b": [("dispatching:X", TOLD)]}
