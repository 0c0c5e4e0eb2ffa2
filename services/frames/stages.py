"""How far the data of each tenant has come below one dispatching job."""

import numpy as np
import pandas as pd

from services.frames.schema import categories
from services.frames.words import WORST_FIRST, JobType, Status

STEPS = (JobType.EXTRACTION, JobType.RECEIVING, JobType.PROCESSING)
_KEPT = ("job_key", "job_id", "status", "status_word", "stage", "data_version", "message")


def stages(family: pd.DataFrame) -> pd.DataFrame:
    """Return one row per tenant of the jobs below a dispatching job, stragglers first.

    `family` has the columns of jobs.SCHEMA. Columns: tenant_code str and, for each of extraction,
    receiving and processing, the newest job of the tenant: `{step}_key` and `{step}_id` str,
    `{step}` category (Status; missing where there is no such job), `{step}_word` str; stage str (of
    the extraction), data_version str and message str (of the processing), worst category (Status;
    by WORST_FIRST among the three).
    """
    steps = [_newest(family, step) for step in STEPS]
    table = pd.concat(steps, axis=1, join="outer").rename_axis("tenant_code").reset_index()
    table = table.astype({"tenant_code": "str"})
    severity = _severity(table)
    steps_seen = table[[*STEPS]].notna().sum(axis=1).to_numpy()
    # The worst first, then those with the fewest steps begun.
    order = np.lexsort((table["tenant_code"].to_numpy(), steps_seen, severity))
    worst = pd.Categorical([WORST_FIRST[rank].value for rank in severity], dtype=categories(Status))
    return table.assign(worst=worst).take(order).reset_index(drop=True)


def _newest(family: pd.DataFrame, step: JobType) -> pd.DataFrame:
    is_own = (family["job_type"] == step) & family["tenant_code"].notna()
    # Only the columns that are kept: taking rows costs time for each column.
    own = family.loc[is_own, ["tenant_code", "start_time", *_KEPT]]
    own = own.sort_values("start_time", na_position="first", kind="stable")
    newest = own.drop_duplicates("tenant_code", keep="last").set_index("tenant_code")[list(_KEPT)]
    name = step.value
    renamed = {"job_key": f"{name}_key", "job_id": f"{name}_id"}
    renamed |= {"status": name, "status_word": f"{name}_word"}
    extra = {JobType.EXTRACTION: ["stage"], JobType.PROCESSING: ["data_version", "message"]}
    return newest.rename(columns=renamed)[[*renamed.values(), *extra.get(step, [])]]


def _severity(table: pd.DataFrame) -> np.ndarray:
    rank = {status.value: place for place, status in enumerate(WORST_FIRST)}
    columns = [table[step].astype("str").map(rank) for step in STEPS]
    ranks: np.ndarray = pd.concat(columns, axis=1).min(axis=1).to_numpy(np.int64)
    return ranks
