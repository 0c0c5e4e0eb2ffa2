"""What a recovery reads: the lists its steps are planned against, and the jobs it has started."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import pandas as pd

from dashboard import data
from dashboard.components import page
from dashboard.connection import Connection
from services.frames import JobType, jobs
from services.frames.membership import is_among
from services.ledger import Operation, Outcome
from services.monitoring import Between, JobsSnapshot
from services.operations.recovery import baseline
from services.operations.recovery.incident import Recovery, Step
from services.operations.recovery.steps import parts_of
from services.operations.recovery.verdicts import NotCompared, Uncompared
from services.operations.recovery.verifying import ReadBack
from services.operations.starts.record import RECENT, record_of
from services.visier import PAGE_SIZE


def uploads(connection: Connection, recovery: Recovery) -> data.Snapshot:
    """Return the uploads as they were read last, of the receiving job if one brought them."""
    return data.load_uploads(connection, recovery.incident.receiving_job or None)


def versions(connection: Connection, recovery: Recovery) -> data.DataVersions:
    """Return the enabled data versions of the recovery's category as they were read last."""
    return data.load_data_versions(connection, recovery.incident.data_category or None)


def starts(recovery: Recovery) -> list[Operation]:
    """Return the starts of processing jobs that have happened, or may have."""
    return [
        part for part in parts_of(recovery, Step.REPROCESS) if not part.item_counts[Outcome.FAILED]
    ]


def job_of(connection: Connection, part: Operation) -> str:
    """Return the id of the job that a start has started, or nothing while it is not known."""
    return record_of(connection.ledger, part).job_id


def window_of(part: Operation) -> Between:
    """Return the time in which a start's jobs begin: one call of job-status."""
    since = part.started_at - RECENT
    return Between(since, since + timedelta(days=1))


def started(snapshot: JobsSnapshot, job_id: str) -> pd.DataFrame:
    """Return what a start of processing jobs can have started by this id, one job as a rule."""
    kinds = (JobType.DISPATCHING, JobType.PROCESSING, JobType.OTHER)
    return snapshot.jobs[
        (snapshot.jobs["job_id"] == job_id) & snapshot.jobs["job_type"].isin(kinds)
    ]


def below(snapshot: JobsSnapshot, job_id: str) -> pd.DataFrame:
    """Return the processing jobs of a start: those of its dispatching job, or the one itself."""
    listed, tops = snapshot.listed, started(snapshot, job_id)["job_key"]
    own = listed[listed["job_type"] == JobType.PROCESSING]
    return own[is_among(own["parent_key"], tops) | is_among(own["job_key"], tops)]


def calls_to_verify(recovery: Recovery, listed: int) -> int:
    """Count the calls that reading back takes, as far as that is known beforehand."""
    tenants = len(recovery.incident.tenants)
    compared = not recovery.incident.not_compared
    pages = -(-(listed + 1) // PAGE_SIZE)
    per_start = 2 + -(-tenants // PAGE_SIZE)
    metrics = baseline.metric_calls(tenants, listed) if compared else 0
    return 2 * pages + per_start * len(starts(recovery)) + metrics


def metrics(
    connection: Connection, codes: Collection[str], listed: int, than: datetime
) -> tuple[pd.DataFrame | NotCompared, Sequence[str]]:
    """Return the metric values of tenants as they are later than that moment, or why not.

    With them, in words, what of them could not be read.
    """
    unreadable: list[str] = []

    def read(some: tuple[str, ...] | None) -> pd.DataFrame:
        snapshot = data.load_metric_values.read_anew(connection, than, some)
        unreadable.extend(snapshot.left_out)
        return snapshot.frame

    return baseline.read_metrics(read, codes, listed), unreadable


def read_back(connection: Connection, recovery: Recovery, listed: int, than: datetime) -> ReadBack:
    """Read everything, as it is later than that moment, that tells what has come about.

    Raises what reading raises; visier.StillFetching: ask again with the same moment.
    """
    incident = recovery.incident
    # First: of a job that ends meanwhile it is then not said that it made no version.
    started, of_jobs = _jobs_started(connection, recovery, than)
    job, category = incident.receiving_job or None, incident.data_category or None
    arrived = data.load_uploads.read_anew(connection, than, job)
    enabled = data.load_data_versions.read_anew(connection, than, category)
    figures: pd.DataFrame | NotCompared = NotCompared(Uncompared.UNASKED)
    of_figures: Sequence[str] = ()
    if not incident.not_compared:
        codes = [each.code for each in incident.tenants]
        figures, of_figures = metrics(connection, codes, listed, than)
    unreadable = (*of_jobs, *arrived.left_out, *enabled.left_out, *of_figures)
    return ReadBack(
        enabled.versions,
        arrived.frame,
        started,
        figures,
        has_started=bool(starts(recovery)),
        unreadable=page.in_short(unreadable),
    )


def _jobs_started(
    connection: Connection, recovery: Recovery, now: datetime
) -> tuple[pd.DataFrame, Sequence[str]]:
    monitor, found = connection.job_monitor, [jobs.from_job_status([])]
    unreadable: list[str] = []
    for part in starts(recovery):
        job_id, window = job_of(connection, part), window_of(part)
        if job_id:
            monitor.refresh(connection.client, window, than=now)
            kinds = frozenset({JobType.PROCESSING})
            snapshot = monitor.read_below(connection.client, window, [job_id], kinds)
            found.append(below(snapshot, job_id)[found[0].columns])
            unreadable += snapshot.left_out
    return pd.concat(found, ignore_index=True), unreadable
