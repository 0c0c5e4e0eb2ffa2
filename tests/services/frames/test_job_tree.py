from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.frames import ENDED, LIVE, WORST_FIRST, JobType, Status, job_tree, jobs
from tests.services.frames.resources import RESOURCES, dtypes


class Job(NamedTuple):
    job_id: str
    parent: str | None = None
    status: str = "Succeeded"
    start: str | None = None


def tree_of(listed: Sequence[Job]) -> pd.DataFrame:
    items = [
        {"jobId": job_id, "parentJobId": parent, "status": status, "startTime": start}
        for job_id, parent, status, start in listed
    ]
    return job_tree.roll_up(jobs.from_job_status({"jobStatus": items}))


def keys(job_ids: Iterable[str]) -> list[str]:
    return [jobs.key_of(JobType.OTHER, job_id) for job_id in job_ids]


def outline(tree: pd.DataFrame) -> list[str]:
    return ["." * depth + name for depth, name in zip(tree["depth"], tree["job_id"], strict=True)]


def test_children_follow_their_parent_to_any_depth() -> None:
    tree = tree_of([Job("c", "b"), Job("b", "a"), Job("a"), Job("d", "c")])
    assert outline(tree) == ["a", ".b", "..c", "...d"]
    assert list(tree["descendant_count"]) == [3, 2, 1, 0]
    assert list(tree["child_count"]) == [1, 1, 1, 0]
    assert set(tree["root_job_id"]) == {"a"}


def test_roots_stand_newest_first_and_those_without_a_start_last() -> None:
    days = [Job(day, start=f"2026-01-{day}") for day in ("02", "04", "03")]
    assert outline(tree_of([Job("-"), *days])) == ["04", "03", "02", "-"]


def test_children_stand_by_the_worst_in_their_branch() -> None:
    listed = [Job(str(i), "root", status) for i, status in enumerate(reversed(WORST_FIRST))]
    tree = tree_of([Job("root"), *listed])
    assert list(tree["status"][1:]) == list(WORST_FIRST)
    assert tree["worst"][0] == WORST_FIRST[0]


def test_a_branch_that_hides_a_failure_stands_before_a_running_one() -> None:
    listed = [Job("root"), Job("running", "root", "Running"), Job("done", "root")]
    tree = tree_of([*listed, Job("failed", "done", "Failed")])
    assert outline(tree) == ["root", ".done", "..failed", ".running"]


def test_with_an_order_given_roots_and_children_keep_to_it() -> None:
    listed = jobs.from_job_status(
        {
            "jobStatus": [
                {"jobId": "new", "startTime": "2026-01-03"},
                {"jobId": "old", "startTime": "2026-01-01"},
                {"jobId": "good", "parentJobId": "old", "status": "Succeeded"},
                {"jobId": "bad", "parentJobId": "old", "status": "Failed"},
                {"jobId": "later", "parentJobId": "old", "status": "Failed"},
            ]
        }
    )
    tree = job_tree.roll_up(listed, as_in=keys(["old", "good", "bad", "new"]))
    assert outline(tree) == ["old", ".good", ".bad", ".later", "new"]


def test_of_equally_bad_children_the_newest_stands_first() -> None:
    days = [Job(day, "root", "Failed", f"2026-01-{day}") for day in ("02", "04", "03")]
    assert outline(tree_of([Job("root"), *days])) == ["root", ".04", ".03", ".02"]


def test_a_parent_that_ended_is_not_settled_before_its_descendants() -> None:
    tree = tree_of(
        [Job("a"), Job("b", "a"), Job("c", "b", "Running"), Job("d"), Job("e", "d", "?")]
    )
    settled = dict(zip(tree["job_id"], tree["is_settled"], strict=True))
    assert settled == {"a": False, "b": False, "c": False, "d": False, "e": False}
    assert tree_of([Job("a"), Job("b", "a", "Failed")])["is_settled"].all()


def test_a_job_whose_parent_is_not_there_is_a_root() -> None:
    tree = tree_of([Job("a", "elsewhere"), Job("b", "a"), Job("c")]).set_index("job_id")
    assert dict(tree["root_job_id"]) == {"a": "a", "b": "a", "c": "c"}


@pytest.mark.parametrize(
    ("listed", "drawn"),
    [
        ([Job("a", "a")], ["a"]),
        ([Job("a", "b"), Job("b", "a")], ["a", ".b"]),
        ([Job("x", "c"), Job("c", "a"), Job("b", "c"), Job("a", "b")], ["c", ".x", ".b", "..a"]),
    ],
    ids=["own parent", "two", "three and one beside"],
)
def test_jobs_that_are_each_others_ancestors_are_opened_at_the_first(
    listed: list[Job], drawn: list[str]
) -> None:
    tree = tree_of(listed)
    assert outline(tree) == drawn


def test_an_id_given_twice_keeps_both_rows_and_hangs_children_on_the_first() -> None:
    tree = tree_of([Job("a", status="Failed"), Job("a"), Job("b", "a")])
    assert outline(tree) == ["a", ".b", "a"]


def test_a_parent_is_of_the_type_that_is_told_or_the_likeliest_of_its_id() -> None:
    def item(job_id: str, kind: str, parent: str, **told: str) -> dict[str, str]:
        return {"jobId": job_id, "jobType": kind, "parentJobId": parent, **told}

    listed = [
        *(item("a", kind, "") for kind in ("dispatching", "extraction", "receiving")),
        item("a", "processing", "a"),
        item("b", "receiving", "a"),
        item("x", "extraction", "a"),
        item("d", "processing", "a", parentJobType="dispatching"),
        item("c", "processing", "a", parentJobType="consolidated", parentTenantCode="t"),
    ]
    whole = job_tree.with_missing_parents(jobs.from_job_status({"jobStatus": listed}))
    tree = job_tree.roll_up(whole).set_index("job_key")
    assert dict(tree["parent_key"].dropna()) == {
        "processing:a": "receiving:a",
        "receiving:b": "receiving:a",
        "extraction:x": "dispatching:a",
        "processing:d": "dispatching:a",
        "processing:c": "consolidated:a",
    }
    missing = tree[tree["is_missing"]]
    assert [*missing.index, *missing["tenant_code"]] == ["consolidated:a", "t"]


def test_a_chain_of_thousands_is_no_deeper_than_any_other() -> None:
    chain = [Job(str(i), str(i - 1) if i else None) for i in range(3000)]
    tree = tree_of(chain[::-1])
    assert list(tree["depth"]) == list(range(3000))
    assert list(tree["descendant_count"]) == list(range(2999, -1, -1))


def test_expanding_shows_the_children_of_what_is_open_all_the_way_up() -> None:
    tree = tree_of([Job("a"), Job("b", "a"), Job("c", "b"), Job("d", "c"), Job("e")])
    shown = {
        ids: list(job_tree.visible(tree, keys(ids.split()))["job_id"])
        for ids in ("", "a", "a b", "b c", "a c", "a b c d e")
    }
    assert shown == {
        "": ["a", "e"],
        "a": ["a", "b", "e"],
        "a b": ["a", "b", "c", "e"],
        "b c": ["a", "e"],
        "a c": ["a", "b", "e"],
        "a b c d e": ["a", "b", "c", "d", "e"],
    }


def test_around_what_is_found_stand_its_ancestors_and_descendants() -> None:
    tree = tree_of([Job("a"), Job("b", "a"), Job("c", "b"), Job("d", "a"), Job("e")])
    around = {
        found: list(tree.loc[job_tree.around(tree, tree["job_id"] == found), "job_id"])
        for found in ("a", "b", "c", "d", "e", "none")
    }
    assert around == {
        "a": ["a", "b", "c", "d"],
        "b": ["a", "b", "c"],
        "c": ["a", "b", "c"],
        "d": ["a", "d"],
        "e": ["e"],
        "none": [],
    }


def test_no_jobs_give_the_columns_of_a_tree() -> None:
    tree = tree_of([])
    assert (
        dtypes(tree)
        == dtypes(tree_of([Job("a")]))
        == {
            **RESOURCES["job_status"].dtypes,
            "depth": "int64",
            "root_job_id": "str",
            "root_key": "str",
            "parent_key": "str",
            "child_count": "int64",
            "descendant_count": "int64",
            **dict.fromkeys(job_tree.STATUS_COLUMNS.values(), "int64"),
            "worst": "category",
            "is_settled": "bool",
        }
    )
    assert job_tree.visible(tree, keys(["a"])).empty


names = st.sampled_from("abcdefghijkl")
any_jobs = st.lists(
    st.builds(
        Job,
        names,
        st.none() | names | st.just("elsewhere"),
        st.sampled_from([*Status, "??"]),
        st.none() | st.sampled_from(["2026-01-01", "2026-01-02", "junk"]),
    ),
    unique_by=lambda job: job.job_id,
)


@given(any_jobs)
def test_every_job_stands_once_and_right_below_its_parent(listed: list[Job]) -> None:
    tree = tree_of(listed)
    assert sorted(tree["job_id"]) == sorted(job.job_id for job in listed)
    path: list[str] = []
    parent_of = {job.job_id: job.parent for job in listed}
    for name, depth, root in zip(tree["job_id"], tree["depth"], tree["root_job_id"], strict=True):
        del path[depth:]
        assert len(path) == depth
        assert not path or path[-1] == parent_of[name]
        path.append(name)
        assert path[0] == root


@given(any_jobs)
def test_rolled_up_counts_equal_a_count_by_recursion(listed: list[Job]) -> None:
    tree = tree_of(listed)
    rows = tree.to_dict("records")
    children = {
        row["job_id"]: [r for r in rows if r["depth"] and r["parent_job_id"] == row["job_id"]]
        for row in rows
    }

    def below(job_id: str) -> list[Status]:
        return [
            status
            for child in children[job_id]
            for status in (child["status"], *below(child["job_id"]))
        ]

    for row in rows:
        statuses = below(row["job_id"])
        counted = {Status(s): row[column] for s, column in job_tree.STATUS_COLUMNS.items()}
        assert counted == {status: statuses.count(status) for status in Status}
        assert row["descendant_count"] == len(statuses)
        assert row["child_count"] == len(children[row["job_id"]])
        branch = {*statuses, row["status"]}
        assert row["worst"] == next(status for status in WORST_FIRST if status in branch)
        assert row["is_settled"] == (branch <= ENDED)
        assert row["is_settled"] != bool(branch & {*LIVE, Status.UNKNOWN})


@given(any_jobs, st.sets(names))
def test_a_row_shows_when_all_above_it_are_open(listed: list[Job], opened: set[str]) -> None:
    tree = tree_of(listed)
    path: list[str] = []
    expected = []
    for name, depth in zip(tree["job_id"], tree["depth"], strict=True):
        del path[depth:]
        if opened.issuperset(path):
            expected.append(name)
        path.append(name)
    assert list(job_tree.visible(tree, keys(opened))["job_id"]) == expected


@given(any_jobs, names)
def test_around_a_job_is_its_whole_line(listed: list[Job], name: str) -> None:
    tree = tree_of(listed)
    lines: list[set[int]] = []
    path: list[int] = []
    for row, depth in enumerate(tree["depth"]):
        del path[depth:]
        path.append(row)
        lines.append(set(path))
    found = {row for row, job_id in enumerate(tree["job_id"]) if job_id == name}
    expected = [
        row
        for row, line in enumerate(lines)
        if line & found or any(row in lines[one] for one in found)
    ]
    shown = job_tree.around(tree, tree["job_id"] == name)
    assert [row for row, kept in enumerate(shown) if kept] == expected
