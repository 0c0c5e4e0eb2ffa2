"""Several readings of the same jobs combined: which type, status and parent to keep."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from services.frames import jobs
from services.frames.answers import Rows
from services.frames.membership import is_among
from services.frames.schema import categories, frame
from services.frames.words import ENDED, JobType

_JOB_TYPE = categories(JobType)
_OTHER = [*JobType].index(JobType.OTHER)

Mask: TypeAlias = NDArray[np.bool_]


def from_job_observations(seen: pd.DataFrame) -> pd.DataFrame:
    """Return each job as it was last observed, with the columns of jobs.SCHEMA.

    `seen` are observations, oldest first, with the columns of services.ledger.JobObservations.of.
    """
    newest = with_types(seen).drop_duplicates("job_key", keep="last")
    empty = jobs.from_job_status([])
    known = newest.reindex(columns=empty.columns).astype(empty.dtypes.to_dict())
    known["parent_job_type"] = known["parent_job_type"].fillna(JobType.OTHER.value)
    return known.reset_index(drop=True)


def combine(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return one row per type and id, in the order first seen, with the columns of jobs.SCHEMA.

    Frames come oldest reading first. In each column the last known value counts, except that a live
    status does not replace an ended one, nor a missing status a known one, and a nearer parent
    replaces one that dispatches. A reading of unknown type belongs to the job of its id where that
    is of one type only. Rows without an id all stay.
    """
    readings = with_types(pd.concat([jobs.from_job_status([]), *frames], ignore_index=True))
    if (readings["parent_job_type"] != JobType.OTHER).any():
        edges, _ = pd.factorize(readings["job_key"] + " " + readings["parent_job_id"])
        readings["parent_job_type"] = _told_of_one(readings["parent_job_type"], edges)
    codes, ids = pd.factorize(readings["job_key"])
    # Rows without an id become groups of their own.
    nameless = codes < 0
    codes[nameless] = len(ids) + np.arange(nameless.sum())
    order = np.argsort(np.unique(codes, return_index=True)[1])
    if len(order) == len(readings):
        return readings
    preferred = _preferred(readings)
    columns = {}
    for name in readings.columns:
        # By columns, so that 150,000 jobs are combined without a loop over rows.
        worth = preferred.get(name, [readings[name].notna()])
        best = np.full(len(order), -1)
        for rows in map(np.flatnonzero, worth):
            best[codes[rows]] = rows  # of several rows of one job, the last is what stays
        columns[name] = readings[name].array.take(best[order], allow_fill=True)
    return frame(columns)


def with_types(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with job_key, and with the job_type that other rows of the same job have.

    A row of unknown type is the job of its id where all others of that id are of one type. Where
    they are of several types it may be any of them, and stays a job of its own.
    """
    types = rows["job_type"].astype(_JOB_TYPE).fillna(JobType.OTHER.value)
    ids, _ = pd.factorize(rows["job_id"])
    return jobs.keyed(rows.assign(job_type=_told_of_one(types, ids)))


def restore_flattened(listed: pd.DataFrame) -> pd.DataFrame:
    """Return the jobs with the parents that the lists of a dispatching job leave out.

    Those lists name the dispatching job as the parent of receiving and processing jobs too. Where
    the tenant has one extraction, its receiving job is put below the extraction, and its processing
    job below its only receiving job or else the extraction.
    """
    groups = listed.groupby(["parent_job_id", "tenant_code"]).ngroup()
    families = groups.fillna(-1).to_numpy().astype(np.intp)
    kinds = {kind: (listed["job_type"] == kind).to_numpy() & (families >= 0) for kind in JobType}
    extraction = _only_one(families, kinds[JobType.EXTRACTION])
    receiving = _only_one(families, kinds[JobType.RECEIVING])
    above = np.where(
        kinds[JobType.PROCESSING] & (receiving >= 0) & (extraction >= 0), receiving, extraction
    )
    moved = (kinds[JobType.RECEIVING] | kinds[JobType.PROCESSING]) & (above >= 0)
    rows = np.where(moved, above, np.arange(len(listed)))
    sources = {
        "parent_job_id": "job_id",
        "parent_job_type": "job_type",
        "parent_tenant_code": "tenant_code",
    }
    nearer = {parent: listed[own].array.take(rows) for parent, own in sources.items()}
    return listed.assign(**{name: listed[name].where(~moved, nearer[name]) for name in sources})


def _told_of_one(types: pd.Series, groups: Rows) -> pd.Categorical:
    """Return the types with Other replaced by the one type that the others of its group have.

    Rows of group -1 stay as they are.
    """
    codes = types.cat.codes.to_numpy().astype(np.intp)
    is_typed = (codes != _OTHER) & (groups >= 0)
    of_group = np.full(groups.max(initial=-1) + 2, _OTHER)
    of_group[groups[is_typed]] = codes[is_typed]
    several = is_typed & (of_group[groups] != codes)
    of_group[groups[several]] = of_group[-1] = _OTHER
    found = np.where(codes == _OTHER, of_group[groups], codes)
    return pd.Categorical.from_codes(found, dtype=_JOB_TYPE)


def _preferred(readings: pd.DataFrame) -> dict[str, list["pd.Series[bool]"]]:
    """Return by column masks of the rows to prefer, each mask above the ones before it."""
    everywhere = pd.Series(True, index=readings.index)
    has_status = readings["status_word"].notna()
    # A job that has ended does not run again, but an answer may have been on its way for long.
    status_rows = [everywhere, has_status, readings["status"].isin(ENDED)]
    dispatching = readings.loc[readings["job_type"] == JobType.DISPATCHING, "job_id"]
    parent, kind = readings["parent_job_id"], readings["parent_job_type"]
    dispatches = kind == JobType.DISPATCHING
    dispatches |= (kind == JobType.OTHER) & is_among(parent, dispatching)
    parent_rows = [everywhere, parent.notna(), parent.notna() & ~dispatches]
    return {
        "status": status_rows,
        "status_word": status_rows,
        "parent_job_id": parent_rows,
        "parent_job_type": parent_rows,
    }


def _only_one(families: Rows, chosen: Mask) -> Rows:
    """Return for each row the only chosen row of its family, or -1 for none or several."""
    rows = np.flatnonzero(chosen)
    size = families.max(initial=-1) + 2
    member = np.full(size, -1)
    member[families[rows]] = rows
    member[np.bincount(families[rows], minlength=size) != 1] = -1
    return member[families]
