"""Which versions were made of which uploads, and why of some none was."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pandas as pd
import pytest

from services.monitoring.deliveries import Made, Tie, find
from tests.services.monitoring.deliveries.listings import (
    NOW,
    Job,
    When,
    absent,
    batch,
    job,
    tree,
    uploaded,
    versions,
)

LONG_AGO = NOW - timedelta(days=2)
ODD = ["no time", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z"]
Row = tuple[str | None, str | None, str]


def held(
    arrived: dict[str, list[float]],
    jobs: Sequence[Job],
    made: Mapping[str, Sequence[tuple[str, When]]] | None,
    delivery: str = "receiving:B",
    excluded: Sequence[tuple[str, float]] = (),
) -> dict[str, list[Row]]:
    """Give for each tenant of a delivery its versions, by what they are tied to it, and why."""
    listed = None if made is None else versions(made)
    found = find(
        uploaded(arrived, excluded), tree(*jobs), listed, jobs_since=LONG_AGO, now=NOW
    )  # fmt: skip
    own = found.uploads[found.uploads["delivery_id"] == delivery]
    by_tenant: dict[str, list[Row]] = {}
    for row in own.merge(found.versions, how="left", on="upload").to_dict("records"):
        number = tie = None
        if listed is not None and not pd.isna(row["version"]):
            number, tie = listed["data_version"].iloc[int(row["version"])], row["tie"]
        by_tenant.setdefault(row["tenant_code"], []).append((number, tie, row["made"]))
    return by_tenant


def processing(tenant: str, when: float, parent: str | None, status: str = "Succeeded") -> Job:
    return job("processing", f"P{tenant}{when}", when, tenant=tenant, parent=parent, status=status)


BELOW, BY_TIME = Tie


def test_the_version_of_a_job_below_the_batch_holds_its_upload() -> None:
    jobs = [*batch("B", 60, "a"), processing("a", 55, "B")]
    assert held({"a": [58]}, jobs, {"a": [("7", 50)]}) == {"a": [("7", BELOW, Made.YES)]}


def test_a_job_below_the_batch_holds_it_although_the_next_upload_came_before_it_ended() -> None:
    jobs = [*batch("B", 60, "a"), processing("a", 55, "B"), *batch("C", 54, "a")]
    jobs += [processing("a", 45, "C")]
    arrived, made = {"a": [58.0, 52.0]}, {"a": [("7", 50.0), ("9", 40.0)]}
    assert held(arrived, jobs, made) == {"a": [("7", BELOW, Made.YES)]}
    assert held(arrived, jobs, made, "receiving:C") == {"a": [("9", BELOW, Made.YES)]}


def test_a_job_that_began_after_the_next_upload_took_both_in() -> None:
    jobs = [*batch("B", 60, "a"), *batch("C", 57, "a"), processing("a", 50, "B")]
    arrived, made = {"a": [58.5, 55.0]}, {"a": [("7", 45.0)]}
    assert held(arrived, jobs, made) == {"a": [("7", BELOW, Made.YES)]}
    assert held(arrived, jobs, made, "receiving:C") == {"a": [("7", BY_TIME, Made.YES)]}


def test_a_version_that_another_job_made_before_the_next_upload_holds_it_too() -> None:
    jobs = [
        *batch("B", 600, "a"),
        processing("a", 590, "B", "Failed"),
        job("dispatching", "D", 300),
        processing("a", 299, "D"),
        *batch("C", 100, "a"),
        processing("a", 90, "C"),
    ]
    made = {"a": [("7", 290.0), ("9", 80.0)]}
    assert held({"a": [598, 98]}, jobs, made) == {"a": [("7", BY_TIME, Made.YES)]}


def test_a_version_is_told_by_its_date_where_no_job_is_listed() -> None:
    made = {"a": [("5", 5_100.0), ("7", 4_990.0), ("9", 2_000.0)]}
    found = held({"a": [5_000, 2_010]}, [], made, "time:2026-11-21T00:40:00.000Z")
    assert found == {"a": [("7", BY_TIME, Made.YES)]}


def test_one_job_takes_in_all_that_came_since_the_last_one() -> None:
    jobs = [*batch("B", 60, "a"), *batch("C", 57, "a"), processing("a", 50, None)]
    arrived, made = {"a": [58.5, 55.0]}, {"a": [("7", 45.0)]}
    assert held(arrived, jobs, made) == {"a": [("7", BY_TIME, Made.YES)]}
    assert held(arrived, jobs, made, "receiving:C") == {"a": [("7", BY_TIME, Made.YES)]}


def test_what_was_processed_after_an_upload_was_excluded_leaves_it_out() -> None:
    jobs = [*batch("B", 60, "a"), processing("a", 55, "B"), processing("a", 30, None)]
    listed = versions({"a": [("7", 50), ("9", 20)]})
    out = uploaded({"a": [58]}, excluded=[("a", 58)])
    found = find(
        out, tree(*jobs), listed, jobs_since=LONG_AGO, now=NOW, absences=absent((40, None))
    )  # fmt: skip
    assert list(listed["data_version"].take(found.versions["version"].to_numpy())) == ["7"]


@pytest.mark.parametrize(
    ("spans", "held_by"),
    [
        ([(45, 15)], ["7", "11"]),
        # Excluded and included twice: neither of the versions made in between holds it.
        ([(54, 40), (35, 15)], ["7", "11"]),
        ([(45, 40)], ["7", "9", "11"]),
    ],
)
def test_what_was_processed_while_an_upload_was_excluded_leaves_it_out_for_good(
    spans: Sequence[tuple[float, float]], held_by: Sequence[str]
) -> None:
    jobs = [processing("a", when, None) for when in (55, 30, 10)]
    listed = versions({"a": [("7", 50), ("9", 20), ("11", 5)]})
    again = uploaded({"a": [58]})
    found = find(
        again, tree(*jobs), listed, jobs_since=LONG_AGO, now=NOW, absences=absent(*spans)
    )  # fmt: skip
    held_in = listed["data_version"].take(found.versions["version"].to_numpy())
    assert sorted(held_in, key=int) == held_by


@pytest.mark.parametrize("were_read", [True, False])
def test_an_upload_whose_versions_were_disabled_is_neither_loaded_nor_merely_unlisted(
    were_read: bool,
) -> None:
    jobs = [*batch("B", 60, "abc"), *(processing(code, 55, "B") for code in "abc")]
    jobs += [processing("b", 30, None), processing("c", 30, None, "Failed")]
    left = versions({"b": [("9", 20)]}) if were_read else None
    found = find(
        uploaded({"a": [58], "b": [58], "c": [58]}),
        tree(*jobs),
        left,
        jobs_since=LONG_AGO,
        now=NOW,
        disabled=versions({code: [("7", 50)] for code in "abc"}),
    )
    made = found.uploads.set_index("tenant_code")["made"].to_dict()
    assert made == {"a": Made.DISABLED, "b": Made.YES, "c": Made.DISABLED}
    assert found.rows[["made", "disabled", "none"]].to_numpy().tolist() == [[1, 2, 0]]
    assert len(found.versions) == were_read


def test_a_version_that_is_missing_between_two_that_are_listed_was_disabled_elsewhere() -> None:
    jobs = [*batch("B", 600, "ab"), processing("a", 595, "B"), processing("b", 595, "B")]
    jobs += [*batch("C", 30, "ab"), processing("a", 25, "C"), processing("b", 25, "C")]
    arrived = {"a": [598.0, 28.0], "b": [598.0, 28.0]}
    # Of b nothing older is listed: what is missing may be older than all that are.
    made = {"a": [("9", 20.0), ("5", 5_000.0)], "b": [("9", 20.0)]}
    first, second = held(arrived, jobs, made), held(arrived, jobs, made, "receiving:C")
    assert first == {"a": [(None, None, Made.DISABLED)], "b": [(None, None, Made.NOT_LISTED)]}
    assert second == {code: [("9", BELOW, Made.YES)] for code in "ab"}


def test_a_version_that_is_listed_again_is_not_disabled() -> None:
    jobs = [*batch("B", 60, "a"), processing("a", 55, "B")]
    listed = versions({"a": [("7", 50)]})
    found = find(
        uploaded({"a": [58]}),
        tree(*jobs),
        listed,
        jobs_since=LONG_AGO,
        now=NOW,
        disabled=listed,
    )
    assert found.uploads["made"].tolist() == [Made.YES]


def test_several_versions_may_hold_an_upload() -> None:
    jobs = [*batch("B", 60, "a"), processing("a", 55, "B"), processing("a", 30, None)]
    found = held({"a": [58]}, jobs, {"a": [("7", 50), ("9", 20)]})
    assert sorted(found["a"]) == [("7", BELOW, Made.YES), ("9", BY_TIME, Made.YES)]


@pytest.mark.parametrize(
    ("status", "made"),
    [
        ("Failed", Made.FAILED),
        ("Error", Made.FAILED),
        ("RolledBack", Made.FAILED),
        ("Cancelled", Made.CANCELLED),
        ("Running", Made.RUNNING),
        ("Pending", Made.RUNNING),
        ("Nonsense", Made.RUNNING),
        ("Succeeded", Made.NOT_LISTED),
    ],
)
def test_why_there_is_no_version(status: str, made: Made) -> None:
    jobs = [*batch("B", 60, "a"), processing("a", 55, "B", status)]
    assert held({"a": [58]}, jobs, {"a": []}) == {"a": [(None, None, made)]}


def test_a_job_that_succeeds_after_one_that_failed_counts() -> None:
    jobs = [*batch("B", 60, "a"), processing("a", 55, "B", "Failed"), processing("a", 40, None)]
    assert held({"a": [58]}, jobs, {"a": [("7", 35)]}) == {"a": [("7", BY_TIME, Made.YES)]}


def test_where_versions_were_not_read_a_job_that_succeeded_made_one() -> None:
    jobs = [*batch("B", 60, "a"), processing("a", 55, "B")]
    assert held({"a": [58]}, jobs, None) == {"a": [(None, None, Made.YES)]}


def test_an_upload_that_nothing_has_processed_waits_or_is_excluded() -> None:
    found = held({"a": [58], "b": [57]}, batch("B", 60, "ab"), {}, excluded=[("b", 57)])
    assert found == {
        "a": [(None, None, Made.NOT_STARTED)],
        "b": [(None, None, Made.EXCLUDED)],
    }


def test_an_upload_that_was_excluded_later_keeps_the_version_made_of_it() -> None:
    jobs = [*batch("B", 60, "a"), processing("a", 55, "B")]
    found = held({"a": [58]}, jobs, {"a": [("7", 50)]}, excluded=[("a", 58)])
    assert found == {"a": [("7", BELOW, Made.YES)]}


def test_what_is_older_than_the_jobs_and_has_no_version_is_not_known() -> None:
    found = find(
        uploaded({"a": [5_000]}), tree(), versions({"a": []}), jobs_since=LONG_AGO, now=NOW
    )
    assert found.uploads["made"].tolist() == [Made.UNKNOWN]
    assert found.rows[["made", "none"]].to_numpy().tolist() == [[0, 0]]


def test_where_jobs_are_refused_the_dates_of_versions_tell() -> None:
    found = find(
        uploaded({"a": [50], "b": [49]}),
        tree(),
        versions({"a": [("7", 40)], "b": []}),
        jobs_since=None,
        now=NOW,
    )
    assert found.uploads["made"].tolist() == [Made.YES, Made.UNKNOWN]


def test_a_version_counts_once_for_a_delivery_that_brought_a_tenant_two_uploads() -> None:
    jobs = [*batch("B", 60, "a"), job("receiving", "again", 57, tenant="a", parent="B")]
    jobs += [processing("a", 50, "B")]
    found = find(
        uploaded({"a": [58.5, 56]}), tree(*jobs), versions({"a": [("7", 45)]}),
        jobs_since=LONG_AGO, now=NOW,
    )  # fmt: skip
    row = found.rows.iloc[0]
    assert (row["tenants"], row["uploads"], row["versions"]) == (1, 2, 1)


def test_odd_times_of_versions_and_jobs_cost_nothing_but_themselves() -> None:
    jobs = [*batch("B", 60, "a"), processing("a", 55, "B")]
    jobs += [job("processing", f"odd{n}", when, tenant="a") for n, when in enumerate(ODD)]
    odd = [(str(number), when) for number, when in enumerate(ODD)]
    found = held({"a": [58]}, jobs, {"a": [("7", 50), *odd]})
    assert ("7", BELOW, Made.YES) in found["a"]
    assert {number for number, _, _ in found["a"]} <= {"7", "1"}
