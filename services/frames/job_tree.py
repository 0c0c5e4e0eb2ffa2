"""The jobs as a tree with the states of all descendants rolled up."""

from collections.abc import Callable, Collection, Iterable, Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.frames import job_readings, jobs
from services.frames.answers import Rows
from services.frames.membership import is_among
from services.frames.order import milliseconds
from services.frames.schema import categories
from services.frames.words import FAILURES, LIVE, WORST_FIRST, JobType, Status

STATUS_COLUMNS = {status: f"descendants_{status.name.lower()}" for status in Status}
"""The column that counts the descendants in each status."""

GROUPS = {
    "succeeded": (Status.SUCCEEDED,),
    "failed": (*FAILURES,),
    "live": (*LIVE, Status.UNKNOWN),
    "cancelled": (Status.CANCELLED,),
}
"""The groups jobs are counted in, by status. A rescheduled job is in none: it has a successor."""

ABOVE_OTHERS = "not_all_below"
"""What `counted_as` returns for a job that succeeded above one that did not, or may not have."""

_TYPES = list(JobType)
# The types of a parent, by the type of its child, likeliest first: Visier names a parent by its id
# alone, and jobs of several types may have that id.
_PARENTS = {
    JobType.DISPATCHING: (JobType.DISPATCHING,),
    JobType.EXTRACTION: (JobType.DISPATCHING,),
    JobType.RECEIVING: (JobType.RECEIVING, JobType.EXTRACTION, JobType.DISPATCHING),
    JobType.PROCESSING: (JobType.RECEIVING, JobType.EXTRACTION, JobType.DISPATCHING),
    JobType.CONSOLIDATED: (JobType.DISPATCHING,),
    JobType.OTHER: (),
}
_LIKELIEST = np.array(
    [
        [_TYPES.index(kind) for kind in dict.fromkeys((*_PARENTS[child], *JobType))]
        for child in JobType
    ]
)
_STATUSES = list(Status)
_SEVERITY = [_STATUSES.index(status) for status in WORST_FIRST]
_UNSETTLED = [_STATUSES.index(status) for status in (*LIVE, Status.UNKNOWN)]


class Below(StrEnum):
    """The state of all jobs below one: the worst that applies."""

    FAILED = "failed"
    """Some failed, and all have ended."""
    FAILING = "failing"
    """Some failed, and others have not ended."""
    LIVE = "live"
    """Some have not ended, or are in an unknown state."""
    UNLISTED = "unlisted"
    """It dispatches jobs, not all of which are listed."""
    CANCELLED = "cancelled"
    SUCCEEDED = "succeeded"
    """All succeeded, or there is none."""


def with_missing_parents(listed: pd.DataFrame) -> pd.DataFrame:
    """Return the jobs and, after them, a row for each parent that is not among them.

    Adds to the columns of jobs.SCHEMA: is_missing bool. A missing parent has only the id, type and
    tenant that its children state.
    """
    columns = {
        "parent_job_id": "job_id",
        "parent_job_type": "job_type",
        "parent_tenant_code": "tenant_code",
    }
    is_lost = listed["parent_job_id"].notna() & (_parents(listed) < 0)
    there = listed.assign(is_missing=False)
    if not is_lost.any():
        return there.reset_index(drop=True)
    lost = listed.loc[is_lost, list(columns)].rename(columns=columns)
    nothing = jobs.from_job_status([])
    missing = lost.reindex(columns=nothing.columns).astype(nothing.dtypes.to_dict())
    # A status and a type are never missing in a frame of jobs.
    defaults = {"status": Status.UNKNOWN.value, "parent_job_type": JobType.OTHER.value}
    rows = job_readings.combine([missing.fillna(defaults)]).assign(is_missing=True)
    return pd.concat([there, rows], ignore_index=True)


def roll_up(listed: pd.DataFrame, as_in: Iterable[str] | None = None) -> pd.DataFrame:
    """Return the jobs as a tree: each once, right before its descendants.

    Adds to the columns of jobs.SCHEMA: depth int64 (0 for a root), root_job_id and root_key str (a
    job whose parent is not in the frame is a root), parent_key str (the parent's job_key, missing
    for a root), child_count and descendant_count int64 (the rows that follow it), one int64 column
    per status (STATUS_COLUMNS), worst category (Status; of itself and its descendants, by
    WORST_FIRST) and is_settled bool (itself and its descendants have ended: a parent may succeed
    long before its children).
    Roots are sorted newest first, children by the worst in their branch, then newest first; with
    `as_in`, roots and children in the order of these keys. A ring of parents is opened at its first
    job, which becomes a root.
    """
    parent = _without_rings(_parents(listed))
    depth = _climb(parent, (parent >= 0).astype(np.int64), np.add)[0]
    root = _climb(parent, np.arange(len(parent)), lambda _, reached: reached)[0]
    branches = _branches(parent, depth, _one_hot(listed["status"]))
    ranks = _by_worst(parent, branches, milliseconds(listed["start_time"]))
    if as_in is not None:
        ranks = [_ranks(listed["job_key"], as_in)]
    order = _order(parent, branches, ranks)
    descendants = branches - _one_hot(listed["status"])
    worst = np.array(_SEVERITY)[np.argmax(branches[:, _SEVERITY] > 0, axis=1)]
    added = {
        "depth": depth,
        "root_job_id": listed["job_id"].array.take(root),
        "root_key": listed["job_key"].array.take(root),
        "parent_key": listed["job_key"].array.take(parent, allow_fill=True),
        "child_count": np.bincount(parent[parent >= 0], minlength=len(listed)),
        "descendant_count": descendants.sum(axis=1),
        **{column: descendants[:, i] for i, column in enumerate(STATUS_COLUMNS.values())},
        "worst": pd.Categorical.from_codes(worst, dtype=categories(Status)),
        "is_settled": ~branches[:, _UNSETTLED].any(axis=1),
    }
    return listed.assign(**added).take(order).reset_index(drop=True)


def below(tree: pd.DataFrame) -> pd.DataFrame:
    """Return the state of everything below each row of `roll_up`, by its index.

    Columns: below category (Below); jobs_below, succeeded_below, failed_below, live_below and
    cancelled_below int64; unlisted_below Int64 (jobs it has dispatched that are not in the frame,
    missing where that is unknown). A rescheduled job is not counted: its successor is.
    """
    counts = {f"{group}_below": _count(tree, statuses) for group, statuses in GROUPS.items()}
    unlisted = (tree["total_jobs_dispatched"] - tree["child_count"]).clip(lower=0)
    dispatches = tree["job_type"] == JobType.DISPATCHING
    none_is_listed = dispatches & unlisted.isna() & (tree["child_count"] == 0)
    rules = {
        Below.FAILING: (counts["failed_below"] > 0) & (counts["live_below"] > 0),
        Below.FAILED: counts["failed_below"] > 0,
        Below.LIVE: counts["live_below"] > 0,
        Below.UNLISTED: none_is_listed | (unlisted > 0).fillna(False),
        Below.CANCELLED: counts["cancelled_below"] > 0,
    }
    found = np.select(list(rules.values()), list(rules), Below.SUCCEEDED)
    worst = pd.Categorical(found, dtype=categories(Below))
    jobs_below = sum(counts.values())
    columns = {"below": worst, "jobs_below": jobs_below, **counts, "unlisted_below": unlisted}
    return pd.DataFrame(columns, tree.index)


def counted_as(tree: pd.DataFrame) -> "pd.Series[str]":
    """Return what each row of `roll_up` counts as: its status, or ABOVE_OTHERS; a category.

    A job that succeeded above jobs that did not, or may not have, is no success.
    """
    is_above = (tree["status"] == Status.SUCCEEDED) & (below(tree)["below"] != Below.SUCCEEDED)
    tokens = [*tree["status"].cat.categories, ABOVE_OTHERS]
    return tree["status"].cat.set_categories(tokens).mask(is_above, ABOVE_OTHERS)


def _count(tree: pd.DataFrame, statuses: Collection[Status]) -> "pd.Series[int]":
    counted: pd.Series[int] = tree[[STATUS_COLUMNS[status] for status in statuses]].sum(axis=1)
    return counted


def around(tree: pd.DataFrame, found: "pd.Series[bool]") -> "pd.Series[bool]":
    """Return which rows of `roll_up` are found, or an ancestor or a descendant of one that is."""
    # Sums up to each row: a job's descendants follow it without a gap.
    before = np.concatenate([[0], np.cumsum(found)])
    first = np.arange(len(tree))
    holds_one = before[first + tree["descendant_count"].to_numpy() + 1] > before[first]
    return pd.Series(holds_one, index=tree.index) | branches(tree, found)


def branches(tree: pd.DataFrame, found: "pd.Series[bool]") -> "pd.Series[bool]":
    """Return which rows of `roll_up` are found, or a descendant of one that is."""
    return found | pd.Series(_below(tree, np.flatnonzero(found)), index=tree.index)


def family(tree: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return a job of `roll_up` and then its descendants; no row when it is missing."""
    places = np.flatnonzero(tree["job_key"] == key)
    if not len(places):
        return tree.iloc[:0]
    first = int(places[0])
    return tree.iloc[first : first + 1 + int(tree["descendant_count"].iloc[first])]


def visible(tree: pd.DataFrame, opened: Collection[str]) -> pd.DataFrame:
    """Return the rows of `roll_up` that are visible with the jobs of these keys expanded."""
    closed = np.flatnonzero(~is_among(tree["job_key"], opened))
    shown: pd.DataFrame = tree.loc[~_below(tree, closed)]
    return shown


def _below(tree: pd.DataFrame, rows: Rows) -> npt.NDArray[np.bool_]:
    """Return which rows are descendants of these, which follow each of them without a gap."""
    edges = np.zeros(len(tree) + 1, np.int64)
    np.add.at(edges, rows + 1, 1)
    np.add.at(edges, rows + 1 + tree["descendant_count"].to_numpy()[rows], -1)
    return np.cumsum(edges[:-1]) > 0


def _parents(listed: pd.DataFrame) -> Rows:
    """Return the row of each job's parent; -1 where it has none or that is missing.

    Where the parent's type is known, it is the job of this type and id, or the one of this id whose
    type is unknown. Otherwise it is the likeliest job of this id, and the job itself only where no
    other has the id.
    """
    size = len(listed)
    codes, known = pd.factorize(pd.concat([listed["job_id"], listed["parent_job_id"]]))
    own, above = codes[:size], codes[size:]
    kinds, parent_kinds = (
        listed[name].cat.codes.to_numpy().astype(np.intp)
        for name in ("job_type", "parent_job_type")
    )
    # The last place serves the code -1 of a missing id; a job given twice means its first row.
    row_of = np.full((len(_TYPES), len(known) + 1), -1)
    places, firsts = np.unique(kinds * (len(known) + 1) + own, return_index=True)
    row_of.flat[places] = firsts
    row_of[:, -1] = -1
    other, itself = _TYPES.index(JobType.OTHER), np.arange(size)
    likely, is_told = _LIKELIEST[kinds], parent_kinds != other
    likely[is_told] = other
    likely[is_told, 0] = parent_kinds[is_told]
    parent = np.full(size, -1)
    for kind in likely.T:
        found = row_of[kind, above]
        parent = np.where((parent < 0) & (found != itself), found, parent)
    is_itself = (above >= 0) & (above == own) & ((parent_kinds == other) | (parent_kinds == kinds))
    return np.where((parent < 0) & is_itself, itself, parent)


def _without_rings(parent: Rows) -> Rows:
    """Return the parents with each ring of them opened: a loop over descendants has to end."""
    first, above = _climb(parent, np.arange(len(parent)), np.minimum)
    ringed = np.unique(above[above >= 0])
    opened = ringed[first[ringed] == ringed]
    parent[opened] = -1
    return parent


def _climb(parent: Rows, values: Rows, gather: Callable[[Rows, Rows], Rows]) -> tuple[Rows, Rows]:
    """Gather values along each row's way to its root; return them and where the way ended.

    Each round doubles the distance covered, so that depth costs its logarithm. A way ends at -1 or,
    for rows in a ring of parents, somewhere on that ring.
    """
    above = parent.copy()
    for _ in range(len(parent).bit_length() + 1):
        rows = np.flatnonzero(above >= 0)
        if not len(rows):
            break
        reached = above[rows]
        values[rows] = gather(values[rows], values[reached])
        above[rows] = above[reached]
    return values, above


def _one_hot(statuses: "pd.Series[str]") -> Rows:
    return np.eye(len(_STATUSES), dtype=np.int64)[statuses.cat.codes.to_numpy()]


def _branches(parent: Rows, depth: Rows, own: Rows) -> Rows:
    """Return per job and status how many there are in its branch, itself included."""
    width = own.shape[1]
    counts = own.ravel().copy()
    # From the deepest level up: each level is complete before it is added to the one above.
    by_depth = np.argsort(depth, kind="stable")
    ends = np.cumsum(np.bincount(depth))
    for start, end in zip(ends[-2::-1], ends[:0:-1], strict=True):
        level = by_depth[start:end, None]
        cells = np.arange(width)
        np.add.at(counts, parent[level] * width + cells, counts[level * width + cells])
    return counts.reshape(own.shape)


def _by_worst(parent: Rows, branches: Rows, started: Rows) -> list[Rows]:
    """Return by what rows of one parent are sorted, the least important first."""
    # Roots by time alone: a failure of last week must not hide what has just started.
    severity = np.where(parent < 0, 0, np.argmax(branches[:, _SEVERITY] > 0, axis=1))
    return [-started, severity]


def _ranks(keys: "pd.Series[str]", as_in: Iterable[str]) -> Rows:
    """Return the place of each key among those of `as_in`; after them all where it is not."""
    places = {key: place for place, key in enumerate(as_in)}
    return np.array([places.get(key, len(places)) for key in keys], np.int64)


def _order(parent: Rows, branches: Rows, ranks: Sequence[Rows]) -> Rows:
    """Return the rows in the order of the tree: those of one parent by `ranks`."""
    sizes = branches.sum(axis=1)
    siblings = np.lexsort((*ranks, parent))
    before = np.cumsum(sizes[siblings]) - sizes[siblings]
    families = parent[siblings]
    begins = np.flatnonzero(np.diff(families, prepend=-2))
    ahead = np.empty_like(sizes)
    ahead[siblings] = before - np.repeat(before[begins], np.diff(begins, append=len(parent)))
    position = _climb(parent, ahead + (parent >= 0), np.add)[0]
    return np.argsort(position)
