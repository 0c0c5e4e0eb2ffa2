"""Put runs into Dagster's own storage: `python seed_dagster.py < runs.json`, in its environment."""

import json
import sys
from datetime import UTC, datetime

from dagster import DagsterInstance, DagsterRun, DagsterRunStatus
from dagster._core.remote_origin import (
    InProcessCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.storage.runs.schema import RunsTable
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

STATUSES = {
    "succeeded": DagsterRunStatus.SUCCESS,
    "failed": DagsterRunStatus.FAILURE,
    "cancelled": DagsterRunStatus.CANCELED,
    "running": DagsterRunStatus.STARTED,
    "queued": DagsterRunStatus.QUEUED,
}


def main() -> None:
    origin = InProcessCodeLocationOrigin(LoadableTargetOrigin(python_file="loads.py"))
    repository = RemoteRepositoryOrigin(origin, "__repository__")
    with DagsterInstance.get() as instance:
        storage = instance.run_storage
        # One transaction: each run for itself would be a write to the disk.
        with storage.connect() as connection:
            for run in json.load(sys.stdin):
                own = DagsterRun(
                    job_name=run["job"],
                    run_id=run["id"],
                    status=STATUSES[run["state"]],
                    tags={"tenant": run["name"]},
                    remote_job_origin=RemoteJobOrigin(repository, run["job"]),
                )
                created = datetime.fromtimestamp(run["created"], UTC)
                values = storage._get_run_insertion_values(own, created)
                values |= {"start_time": run["started"], "end_time": run["ended"]}
                connection.execute(RunsTable.insert().values(**values))


main()
