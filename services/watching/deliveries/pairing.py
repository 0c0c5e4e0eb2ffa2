"""Which receiving job brought which upload of its tenant, by the order in which both came; pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.frames.answers import Rows
from services.frames.order import milliseconds
from services.watching.deliveries.clusters import in_milliseconds

# A receiving job waits for a worker before it takes an upload in: for seconds as a rule, in a batch
# of thousands until others have had their turn.
BROUGHT_WITHIN: Final = timedelta(hours=1)

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Pairs:
    """What brought each upload, as positions among the jobs, -1 for none.

    `job` is the one it goes with, `rival` another that may have brought it as well, and
    `is_second` says that its job has brought an earlier upload already.
    """

    job: Rows
    rival: Rows
    is_second: Mask


def pair(codes: "pd.Series[str]", times: Rows, jobs: pd.DataFrame) -> Pairs:
    """Return which job each upload follows most closely among those of its tenant.

    `times` are int64 milliseconds, `jobs` has tenant_code and start_time, none of them missing. A
    job brings its tenant one upload: of several that follow the same one, the earlier take the
    jobs before it, as far as these have brought none.
    """
    ordered = _Ordered(codes, times, jobs)
    job, is_second = ordered.chosen()
    rival = ordered.rivals(job)
    back = np.argsort(ordered.upload_order)
    rows = np.append(ordered.job_order, -1)
    return Pairs(rows[job[back]], rows[rival[back]], is_second[back])


class _Ordered:
    """Uploads and jobs, each ordered by tenant and then by time; positions are in that order."""

    def __init__(self, codes: "pd.Series[str]", times: Rows, jobs: pd.DataFrame) -> None:
        starts, size = milliseconds(jobs["start_time"]), len(times)
        tenants, _ = pd.factorize(pd.concat([codes, jobs["tenant_code"]], ignore_index=True))
        # The rank of a time stays small in any year, so that both go into one number.
        _, ranks = np.unique(np.append(times, starts), return_inverse=True)
        keys = tenants * len(ranks) + ranks
        self.upload_order = np.argsort(keys[:size], kind="stable")
        self.job_order = np.argsort(keys[size:], kind="stable")
        uploads, own = self.upload_order, self.job_order + size
        self.tenant, self.time = tenants[uploads], times[uploads]
        # The last job is no job: what -1 and the end point to.
        self.owner, self.start = np.append(tenants[own], -2), np.append(starts[self.job_order], 0)
        self.closest = np.searchsorted(keys[own], keys[uploads], "right") - 1

    def chosen(self) -> tuple[Rows, Mask]:
        """Return the job of each upload, -1 for none, and where an earlier upload has it too."""
        closest, places = self.closest, np.arange(len(self.closest))
        last = np.flatnonzero(np.diff(closest, append=-2))
        run = np.searchsorted(last, places)
        taken = np.append(-1, closest[last])[run]
        earlier = np.maximum(closest - (last[run] - places), -1)
        job = np.where((earlier > taken) & self._fits(earlier), earlier, closest)
        job = np.where(self._fits(job), job, -1)
        return job, (job >= 0) & (job == np.append(-1, job)[:-1])

    def rivals(self, job: Rows) -> Rows:
        """Return another job that may have brought each upload, -1 for none.

        That is the next one, or the one before unless it had brought an upload when this began.
        """
        brought = np.full(len(self.start), np.iinfo(np.int64).max)
        np.minimum.at(brought, job, self.time)
        before, after = np.maximum(job - 1, -1), job + 1
        is_free = self._fits(before) & (brought[before] >= self.start[job])
        rival = np.where(is_free, before, np.where(self._fits(after), after, -1))
        return np.where(job >= 0, rival, -1)

    def _fits(self, job: Rows) -> Mask:
        """Say whether these jobs are of the uploads' tenants and began within the hour before."""
        waited = self.time - self.start[job]
        is_soon = (waited >= 0) & (waited < in_milliseconds(BROUGHT_WITHIN))
        fits: Mask = (job >= 0) & (self.tenant == self.owner[job]) & is_soon
        return fits
