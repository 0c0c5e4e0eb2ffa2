"""Which delivery each upload came with: told by the jobs that receive, else by the times; pure."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.frames import ENDED, JobType, Status
from services.frames.answers import Rows
from services.frames.order import milliseconds
from services.frames.schema import categories

# A receiving job waits for a worker before it takes an upload in: for seconds as a rule, in a batch
# of thousands until others have had their turn.
BROUGHT_WITHIN: Final = timedelta(hours=1)
# Uploads of one batch come seconds apart, and batches are seldom closer than this to each other.
GAP: Final = timedelta(minutes=15)
# Where uploads trickle in without such a gap, they are cut where they are thinnest until no piece
# is longer: the largest batch Visier takes, 5,000 tenants, is received in less.
LONGEST: Final = timedelta(hours=3)
# Uploads of one second belong together whatever else is known.
_SHORTEST_GAP: Final = timedelta(seconds=1)
_BROUGHT_NOTHING: Final = [*(ENDED - {Status.SUCCEEDED}), Status.PENDING]


class Confidence(StrEnum):
    """How it is known which uploads came together, the surest first."""

    TOLD = "told_by_jobs"
    """By a receiving job of the same tenant below the topmost job of the delivery."""
    AMBIGUOUS = "ambiguous"
    """A job of another delivery may have brought it as well."""
    CLUSTERED = "clustered_by_time"
    """By nothing but the times of the uploads."""


def membership(arrived: pd.DataFrame, jobs: pd.DataFrame) -> pd.DataFrame:
    """Return which delivery each upload came with.

    `arrived` has upload, tenant (int64) and at (datetime64[ms, UTC]), `jobs` also job, root and
    root_key, job_type and status; both in the order of time. Adds to `arrived`: job and root int64
    (-1 for none), delivery_id str (the key of the topmost job, or `time:` and the time of the first
    upload where they are clustered) and confidence category (Confidence).
    """
    brings = (jobs["job_type"] == JobType.RECEIVING) & (jobs["root"] >= 0)
    own = jobs.loc[
        brings & ~jobs["status"].isin(_BROUGHT_NOTHING), ["at", "tenant", "job", "root", "root_key"]
    ]
    own = own.assign(began=own["at"])
    before = own.groupby("tenant")[["job", "root", "began"]].shift().add_prefix("before_")
    found = pd.merge_asof(
        arrived, own.join(before), on="at", by="tenant", tolerance=pd.Timedelta(BROUGHT_WITHIN)
    )
    # The job before may be whose upload this is, unless it has brought one of its own.
    has_rival = ~found["before_job"].isin(found["job"]) & (found["before_root"] != found["root"])
    has_rival &= found["at"] - found["before_began"] <= BROUGHT_WITHIN
    is_alone = found["job"].isna()
    code = np.select([is_alone, has_rival], [2, 1], 0)
    clusters = pd.Series(_clusters(found.loc[is_alone, "at"]), found.index[is_alone], dtype="str")
    return arrived.assign(
        job=found["job"].fillna(-1).astype("int64").to_numpy(),
        root=found["root"].fillna(-1).astype("int64").to_numpy(),
        delivery_id=found["root_key"].where(~is_alone, clusters.reindex(found.index)).to_numpy(),
        confidence=pd.Categorical.from_codes(code, dtype=categories(Confidence)),
    ).astype({"delivery_id": "str"})


def _clusters(times: "pd.Series[pd.Timestamp]") -> npt.NDArray[np.str_]:
    """Return the ids of the clusters of times in order."""
    times_ms = milliseconds(times)
    numbers = together(times_ms)
    first = times_ms[np.flatnonzero(np.diff(numbers, prepend=-1))]
    texts = np.datetime_as_string(first.astype("datetime64[ms]"), timezone="UTC")
    return np.char.add("time:", texts)[numbers]


def together(times_ms: Rows) -> Rows:
    """Return the number of the cluster of each time; they are in milliseconds, ascending.

    Neighbours more than GAP apart are in different clusters. In a cluster longer than LONGEST that
    gap is halved until none is, or until it is a second.
    """
    if not len(times_ms):
        return np.zeros(0, np.intp)
    apart, gap = np.diff(times_ms, prepend=times_ms[0]), GAP
    begins = apart > gap // timedelta(milliseconds=1)
    longest = LONGEST // timedelta(milliseconds=1)
    while gap > _SHORTEST_GAP:
        first = np.append(0, np.flatnonzero(begins))
        is_long = times_ms[np.append(first[1:], len(times_ms)) - 1] - times_ms[first] > longest
        if not is_long.any():
            break
        gap /= 2
        begins |= (apart > gap // timedelta(milliseconds=1)) & is_long[np.cumsum(begins)]
    return np.cumsum(begins)
