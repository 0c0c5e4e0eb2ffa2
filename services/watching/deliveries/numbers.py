"""Deliveries by number, so that what belongs to them is counted at once."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.frames import JobType
from services.frames.answers import Rows
from services.watching.deliveries.membership import keys, roots


@dataclass(frozen=True, eq=False)
class Numbers:
    """The ids of deliveries, and their numbers: places among these.

    `of_upload` and `of_job` have one for each upload and for each row of the tree, -1 for none;
    `root` is the row of each delivery's topmost job, -1 for none.
    """

    ids: pd.Index
    of_upload: Rows
    of_job: Rows
    root: Rows

    @classmethod
    def of(cls, members: pd.DataFrame, tree: pd.DataFrame) -> "Numbers":
        """Give numbers to those of `membership`, and to those of jobs that brought no upload."""
        above = roots(tree)
        brings = tree["job_type"].isin([JobType.RECEIVING, JobType.EXTRACTION]).to_numpy()
        tops = np.unique(above[brings & (above >= 0)])
        told = pd.concat([members["delivery_id"], keys(tree).iloc[tops]])
        codes, ids = pd.factorize(told)
        of_top = np.full(len(tree) + 1, -1)
        of_top[tops] = codes[len(members) :]
        root = np.full(len(ids), -1)
        root[of_top[tops]] = tops
        return cls(pd.Index(ids), codes[: len(members)], of_top[above], root)

    def count(self, numbers: Rows, chosen: "pd.Series[bool] | Rows | None" = None) -> Rows:
        """Count how many of these numbers there are for each delivery, or of the chosen ones."""
        kept = numbers if chosen is None else numbers[np.asarray(chosen, bool)]
        return np.bincount(kept[kept >= 0], minlength=len(self.ids))
