"""Put runs into Airflow's own database: `python seed_airflow.py < runs.json`, in its environment.

Its DAGs must have been parsed before (`airflow dags reserialize`).
"""

import json
import sys
from datetime import UTC, datetime

from airflow.models.dag_version import DagVersion
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType

STATES = {
    "succeeded": DagRunState.SUCCESS,
    "failed": DagRunState.FAILED,
    # Airflow has no word for a cancelled run: it is marked as failed.
    "cancelled": DagRunState.FAILED,
    "running": DagRunState.RUNNING,
    "queued": DagRunState.QUEUED,
}


def main() -> None:
    runs = json.load(sys.stdin)
    with create_session() as session:
        versions = {
            job: DagVersion.get_latest_version(job, session=session)
            for job in {run["job"] for run in runs}
        }
        for run in runs:
            created = datetime.fromtimestamp(run["created"], UTC)
            made = DagRun(
                dag_id=run["job"],
                run_id=run["name"],
                run_after=created,
                queued_at=created,
                logical_date=None,
                start_date=_time(run["started"]),
                state=STATES[run["state"]],
                run_type=DagRunType.MANUAL,
                triggered_by=DagRunTriggeredByType.REST_API,
            )
            made.end_date = _time(run["ended"])
            made.created_dag_version_id = versions[run["job"]].id
            session.add(made)


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


main()
