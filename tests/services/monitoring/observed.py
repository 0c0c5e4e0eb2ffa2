"""Observations of jobs, as the ledger gives them back, from a few spans of each job."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pandas as pd

from services.frames import jobs, words

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TEXTS = (
    *("job_id", "tenant_code", "job_type", "job_type_word", "status", "status_word"),
    *("stage", "data_version", "message", "parent_job_id"),
)
TIMES = ("start_time", "first_seen", "last_seen", "end_time")
# Status and stage ("Running", "Running/Initialize"), minutes since it was first and last seen so.
Span = tuple[str, float, float]


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def job_at(
    job_id: str, status: str, started: float | None = None, **fields: object
) -> dict[str, object]:
    """Give a job as the API lists it, started that many minutes ago."""
    start = None if started is None else ago(started).isoformat()
    kind = {"jobType": "EXTRACTION_JOB", "tenant": "WFF_j1r~c7o"}
    return {"jobId": job_id, "status": status, "startTime": start, **kind, **fields}


def listed(rows: Iterable[dict[str, object]]) -> pd.DataFrame:
    return jobs.from_job_status({"jobStatus": list(rows)})


def observed(job_id: str, started: float | None, *spans: Span, **fields: object) -> pd.DataFrame:
    """Give the observations of one job: it started, and was seen, that many minutes ago."""
    rows = [
        {
            "job_id": job_id,
            "tenant_code": "WFF_j1r~c7o",
            "job_type": "extraction",
            "status": words.status(what.partition("/")[0]).value,
            "status_word": what.partition("/")[0],
            "stage": what.partition("/")[2] or None,
            "start_time": None if started is None else ago(started),
            "first_seen": ago(first),
            "last_seen": ago(last),
            **fields,
        }
        for what, first, last in spans
    ]
    return job_observations(rows)


def job_observations(rows: list[dict[str, object]]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=[*TEXTS, *TIMES])
    times = {name: pd.to_datetime(found[name], utc=True).dt.as_unit("ms") for name in TIMES}
    return found.astype(dict.fromkeys(TEXTS, "str")).assign(**times)


def together(*frames: pd.DataFrame) -> pd.DataFrame:
    """Give all observations as the ledger does, oldest first."""
    return pd.concat(frames).sort_values("last_seen", kind="stable", ignore_index=True)
