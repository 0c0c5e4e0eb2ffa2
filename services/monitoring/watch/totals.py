"""What a night came to as a whole: failures by kind, durations, sizes of deliveries; pure."""

from collections.abc import Collection, Hashable, Mapping
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from services.frames import FAILURES, Status
from services.monitoring import failures
from services.monitoring.deliveries import Deliveries

from .night import Span
from .observation import (
    KINDS_AT_MOST,
    DeliverySizes,
    FailureKind,
    Failures,
    JobDurations,
)

# Two looks of the watch: so far apart the readings before and after an end may be.
_END_KNOWN_WITHIN: Final = timedelta(minutes=10)
# Long jobs are seen to end rather than short ones: of fewer than half, they alone would be told.
_KNOWN_AT_LEAST: Final = 0.5


def failures_of(jobs: pd.DataFrame, tenant_codes: "pd.Series[str]", of: Span) -> Failures:
    """Return the failed jobs of these tenants that began in a night, by kind.

    `jobs` has the columns of services.frames.jobs.SCHEMA.
    """
    failed = _begun(jobs, tenant_codes, of, FAILURES)
    kinds = failures.groups(failed).head(KINDS_AT_MOST)
    latest = failed.assign(key=failures.keys(failed)).sort_values("start_time", kind="stable")
    last = latest.drop_duplicates("key", keep="last").set_index("key")
    return Failures(len(failed), tuple(_kind(each, last) for each in kinds.to_dict("records")))


def _kind(group: Mapping[Hashable, Any], last: pd.DataFrame) -> FailureKind:
    key = group["key"]
    return FailureKind(
        key=key,
        message="" if pd.isna(group["example"]) else group["fingerprint"],
        **{name: _text(last.at[key, name]) for name in ("job_type", "status", "stage")},
        jobs=int(group["jobs"]),
        tenants=int(group["tenants"]),
    )


def words_of(kind: FailureKind) -> str:
    """Return a kind of failure in words: Visier's message, or what kind of job failed where."""
    return kind.message or failures.built(kind.job_type, kind.status, kind.stage)


def durations_of(
    jobs: pd.DataFrame, tenant_codes: "pd.Series[str]", of: Span
) -> tuple[JobDurations, ...]:
    """Return how long jobs of these tenants took that began in a night and succeeded, by type.

    `jobs` also has the columns that services.monitoring.JobHistory.join adds. Of a job whose end
    was found between two readings, the later one counts. Where the end of most jobs of a type is
    not known to within ten minutes, their `count` is 0.
    """
    its = _begun(jobs, tenant_codes, of, {Status.SUCCEEDED})
    before = its["last_live_at"].fillna(its["start_time"])
    is_known = its["end_seen"] | (its["ended_at"] - before <= _END_KNOWN_WITHIN)
    took = its["seconds"].fillna((its["ended_at"] - its["start_time"]).dt.total_seconds())
    by_type = took.where(is_known).clip(lower=0).groupby(its["job_type"].astype("str"))
    return tuple(_duration(str(job_type), seconds) for job_type, seconds in by_type)


def _duration(job_type: str, seconds: "pd.Series[float]") -> JobDurations:
    known = seconds.dropna()
    if len(known) < _KNOWN_AT_LEAST * len(seconds):
        return JobDurations(job_type, 0, 0.0, 0.0)
    median, p90 = known.quantile([0.5, 0.9])
    return JobDurations(job_type, len(known), float(median), float(p90))


def delivery_sizes_of(found: Deliveries, of: Span) -> DeliverySizes:
    """Return how many uploads the deliveries brought that arrived in a night."""
    its = found.rows[_is_in(found.rows["arrived"], of) & (found.rows["received"] > 0)]
    sizes = its["received"].to_numpy(np.int64)
    if not len(sizes):
        return DeliverySizes()
    median, p90 = np.quantile(sizes, [0.5, 0.9])
    return DeliverySizes(len(sizes), int(sizes.sum()), float(median), float(p90))


def _begun(
    jobs: pd.DataFrame, tenant_codes: "pd.Series[str]", of: Span, statuses: Collection[Status]
) -> pd.DataFrame:
    its = jobs[_is_in(jobs["start_time"], of) & jobs["status"].isin(statuses)]
    return its[its["tenant_code"].isin(tenant_codes)]


def _is_in(times: "pd.Series[pd.Timestamp]", of: Span) -> "pd.Series[bool]":
    begins, ends = (pd.Timestamp(each) for each in of)
    return (times >= begins) & (times < ends)


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
