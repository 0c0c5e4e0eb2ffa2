"""Uploads, jobs and versions as the API lists them, from short tables. Times are minutes ago."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pandas as pd

from services.frames import data_versions, job_tree, jobs, uploads

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ADMIN = "WFF_j1r"
KINDS = {
    "receiving": "UPLOAD_JOB",
    "processing": "PROCESSING_JOB",
    "extraction": "EXTRACTION_JOB",
    "dispatching": "DISPATCHING_JOB",
}
# Minutes ago, or the text the API would send.
When = float | str
Job = dict[str, object]


def written(when: When) -> str:
    if isinstance(when, str):
        return when
    moment = NOW - timedelta(minutes=when)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def uploaded(
    arrived: Mapping[str, Sequence[When]], excluded: Sequence[tuple[str, When]] = ()
) -> pd.DataFrame:
    """Give the uploads of tenants that arrived so many minutes ago, some of them excluded."""
    left_out = {(code, written(when)) for code, when in excluded}
    listed = [
        {
            "tenantCode": code,
            "uploads": [
                {"uploadTime": text, "included": (code, text) not in left_out}
                for text in map(written, times)
            ],
        }
        for code, times in arrived.items()
    ]
    return uploads.to_frame([{"tenants": listed}])


def absent(*spans: tuple[float, float | None], upload: int = 0) -> pd.DataFrame:
    """Give the times, in minutes ago, from when until when an upload was excluded."""
    out, back = ([None if each is None else NOW - timedelta(minutes=each) for each in of]
                 for of in zip(*spans, strict=True))  # fmt: skip
    at = {"excluded_at": out, "included_at": back}
    times = {name: pd.Series(each, dtype="datetime64[ms, UTC]") for name, each in at.items()}
    return pd.DataFrame({"upload": upload, **times})


def job(
    kind: str,
    job_id: str,
    when: When | None,
    *,
    tenant: str | None = ADMIN,
    parent: str | None = None,
    status: str = "Succeeded",
) -> Job:
    """Give a job as job-status lists it."""
    told = {
        "jobId": job_id,
        "jobType": KINDS[kind],
        "tenant": tenant,
        "status": status,
        "startTime": None if when is None else written(when),
        "parentJobId": parent,
    }
    return {name: value for name, value in told.items() if value is not None}


def batch(job_id: str, when: float, tenants: Sequence[str], **told: str) -> list[Job]:
    """Give a batch that received these tenants' data a minute later, each by a job of its own."""
    own = [
        job("receiving", f"{job_id}-{code}", when - 1, tenant=code, parent=job_id, **told)
        for code in tenants
    ]
    return [job("receiving", job_id, when), *own]


def tree(*listed: Job) -> pd.DataFrame:
    found = jobs.from_job_status({"jobStatus": list(listed)})
    return job_tree.roll_up(job_tree.with_missing_parents(found))


def versions(made: Mapping[str, Sequence[tuple[str, When]]]) -> pd.DataFrame:
    """Give the enabled versions of tenants, each a number and how many minutes ago it was made."""
    listed = [
        {
            "tenant": code,
            "dataVersions": [
                {"dataVersion": number, "dataVersionDate": written(when)} for number, when in own
            ],
        }
        for code, own in made.items()
    ]
    return data_versions.to_frame([{"tenants": listed}])
