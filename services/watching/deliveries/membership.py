"""Which delivery each upload came with: told by the jobs that receive, else by the times; pure."""

from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from services.frames import ENDED, JobType, Status
from services.frames.answers import Rows
from services.frames.membership import is_among
from services.frames.order import milliseconds
from services.frames.schema import categories
from services.watching.deliveries import clusters
from services.watching.deliveries.pairing import BROUGHT_WITHIN, Mask, pair

_BROUGHT_NOTHING: Final = [*(ENDED - {Status.SUCCEEDED}), Status.PENDING]


class Grouping(StrEnum):
    """How it is known which uploads came together, the surest first."""

    TOLD = "told_by_jobs"
    """By a receiving job of the same tenant that hangs in the delivery's tree."""
    MATCHED = "matched_by_time"
    """By the time, with a job that names no tenant or has brought another upload already."""
    CLUSTERED = "clustered_by_time"
    """By nothing but the times of the uploads."""
    AMBIGUOUS = "ambiguous"
    """Jobs of two deliveries may have brought it; it stands with one of them."""


_TOLD, _MATCHED, _CLUSTERED, _AMBIGUOUS = range(len(Grouping))


def membership(uploads: pd.DataFrame, tree: pd.DataFrame) -> pd.DataFrame:
    """Return which delivery each upload belongs to, aligned to the uploads.

    `uploads` is as services.frames.uploads gives it, `tree` as job_tree.with_missing_parents and
    then roll_up do, without rows where jobs cannot be listed. Columns: delivery_id str, the key of
    the topmost job, or `time:` and the time of the first upload where they are clustered; root and
    job int64, the rows of that job and of the one that received the upload, -1 where there is none;
    grouping category (Grouping). Id and grouping are missing for what is no upload or has no
    readable time.
    """
    known = np.flatnonzero(uploads["upload_time"].notna() & uploads["upload_time_text"].notna())
    listed = uploads.iloc[known]
    times, above = milliseconds(listed["upload_time"]), np.append(roots(tree), -1)
    job, root, grouping = _by_tenant(listed["tenant_code"], times, tree, above)
    left = np.flatnonzero(root < 0)
    root[left], grouping[left] = _by_batch(times[left], tree, above, uploads["tenant_code"])
    left = np.flatnonzero(root < 0)
    first = np.zeros(len(known), np.int64)
    root[left], first[left] = _by_neighbours(times[left], tree, above)
    grouping[left] = np.where(root[left] < 0, _CLUSTERED, _MATCHED)
    ids = keys(tree).array.take(root, allow_fill=True)
    alone = np.flatnonzero(root < 0)
    ids[alone] = clusters.names(first[alone])
    return _aligned(uploads, known, ids, root, job, grouping)


def keys(tree: pd.DataFrame) -> "pd.Series[str]":
    """Return the key of each job, missing for one without an id."""
    kinds = tree["job_type"].cat.rename_categories(lambda kind: JobType(kind).name.lower())
    return kinds.astype("str") + ":" + tree["job_id"]


def roots(tree: pd.DataFrame) -> Rows:
    """Return for each row of the tree the row of its topmost job, -1 where that has no id."""
    places = np.arange(len(tree))
    above = np.maximum.accumulate(np.where(tree["depth"].to_numpy() == 0, places, 0))
    return np.where(tree["job_id"].notna().to_numpy()[above], above, -1)


def _by_tenant(
    codes: "pd.Series[str]", times: Rows, tree: pd.DataFrame, above: Rows
) -> tuple[Rows, Rows, Rows]:
    """Return the jobs that brought uploads to their tenants, their roots, and how that is known."""
    rows = np.flatnonzero(_can_have_brought(tree) & tree["tenant_code"].notna())
    pairs, jobs = pair(codes, times, tree.iloc[rows]), np.append(rows, -1)
    job, rival = jobs[pairs.job], jobs[pairs.rival]
    is_open = (above[rival] >= 0) & (above[rival] != above[job])
    return job, above[job], np.select([is_open, pairs.is_second], [_AMBIGUOUS, _MATCHED], _TOLD)


def _by_batch(
    times: Rows, tree: pd.DataFrame, above: Rows, codes: "pd.Series[str]"
) -> tuple[Rows, Rows]:
    """Return the batches that arrived at these times and do not name all of their tenants."""
    rows = np.flatnonzero(_can_have_brought(tree) & _is_silent(tree, above, codes))
    rows = rows[np.argsort(tree["start_time"].iloc[rows], kind="stable")]
    # Two that are no jobs stand before the first, so that there is always one before the last.
    starts = np.append([np.iinfo(np.int64).min // 2] * 2, milliseconds(tree["start_time"])[rows])
    batches = np.append([-1, -1], rows)
    last = np.searchsorted(starts, times, "right") - 1
    in_time = times - starts[[last, last - 1]] < clusters.in_milliseconds(BROUGHT_WITHIN)
    return np.where(in_time[0], batches[last], -1), np.where(in_time[1], _AMBIGUOUS, _MATCHED)


def _by_neighbours(times: Rows, tree: pd.DataFrame, above: Rows) -> tuple[Rows, Rows]:
    """Return a root where a cluster leads up to one, and the time at which each cluster begins.

    The window of jobs may begin while a batch arrives: what came before that goes with the rest of
    the batch, whose topmost job is known by its id.
    """
    order = np.argsort(times, kind="stable")
    number = clusters.together(times[order])
    begins = np.flatnonzero(np.diff(number, prepend=-1))
    ends = np.append(begins[1:], len(times))[: len(begins)] - 1
    cut = np.flatnonzero(_can_have_brought(tree) & tree["is_missing"].to_numpy()[above[:-1]])
    cut = cut[np.argsort(tree["start_time"].iloc[cut], kind="stable")]
    starts = np.append(milliseconds(tree["start_time"])[cut], np.iinfo(np.int64).max)
    last = times[order][ends]
    following = np.searchsorted(starts, last)
    is_cut = starts[following] - last <= clusters.in_milliseconds(clusters.GAP)
    root, first = np.empty_like(order), np.empty_like(times)
    root[order] = np.where(is_cut, np.append(above[cut], -1)[following], -1)[number]
    first[order] = times[order][begins][number]
    return root, first


def _can_have_brought(tree: pd.DataFrame) -> Mask:
    """Say which jobs may have brought an upload: those that receive, and have not failed."""
    receives = (tree["job_type"] == JobType.RECEIVING) & tree["start_time"].notna()
    return (receives & ~tree["status"].isin(_BROUGHT_NOTHING)).to_numpy()


def _is_silent(tree: pd.DataFrame, above: Rows, codes: "pd.Series[str]") -> Mask:
    """Say which are topmost jobs below which not every job that receives names its tenant.

    `codes` are the tenants that have uploads. A batch itself is of the administrating tenant, so
    it names nobody; a job of its own that one of these has names that.
    """
    places = np.arange(len(tree))
    is_top = above[:-1] == places
    receives = (tree["job_type"] == JobType.RECEIVING).to_numpy()
    is_named = tree["tenant_code"].notna() & (~is_top | is_among(tree["tenant_code"], codes))
    named, nameless = (
        np.isin(places, above[:-1][receives & chosen])
        for chosen in (is_named.to_numpy(), tree["tenant_code"].isna().to_numpy() & ~is_top)
    )
    silent: Mask = is_top & (~named | nameless)
    return silent


def _aligned(uploads: pd.DataFrame, known: Rows, ids: ExtensionArray, *rows: Rows) -> pd.DataFrame:
    """Return what was found of the known uploads, aligned to all of them."""
    place, *numbers = (np.full(len(uploads), -1) for _ in range(1 + len(rows)))
    place[known] = np.arange(len(known))
    for whole, part in zip(numbers, rows, strict=True):
        whole[known] = part
    root, job, grouping = numbers
    columns = {
        "delivery_id": ids.take(place, allow_fill=True),
        "root": root,
        "job": job,
        "grouping": pd.Categorical.from_codes(grouping, dtype=categories(Grouping)),
    }
    return pd.DataFrame(columns, uploads.index)
