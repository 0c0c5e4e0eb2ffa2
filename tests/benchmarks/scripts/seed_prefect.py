"""Put runs into Prefect's database: `python seed_prefect.py < runs.json`, in its environment."""

import asyncio
import json
import sys
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy
from prefect.server.database import provide_database_interface
from prefect.server.schemas.states import StateType

STATES = {
    "succeeded": (StateType.COMPLETED, "Completed"),
    "failed": (StateType.FAILED, "Failed"),
    "cancelled": (StateType.CANCELLED, "Cancelled"),
    "running": (StateType.RUNNING, "Running"),
    "queued": (StateType.PENDING, "Pending"),
}


async def main() -> None:
    runs = json.load(sys.stdin)
    database = provide_database_interface()
    await database.create_db()
    flows = {job: uuid.uuid4() for job in sorted({run["job"] for run in runs})}
    async with database.session_context(begin_transaction=True) as session:

        async def insert(table: Any, rows: list[dict[str, Any]]) -> None:
            await session.execute(sqlalchemy.insert(table), rows)

        await insert(database.Flow, [{"id": id_, "name": job} for job, id_ in flows.items()])
        await insert(database.FlowRun, [_flow_run(run, flows[run["job"]]) for run in runs])
        await insert(database.FlowRunState, [_state(run) for run in runs])
        # Each of a run and its state names the other.
        run, state = database.FlowRun, database.FlowRunState
        own = sqlalchemy.select(state.id).where(state.flow_run_id == run.id).scalar_subquery()
        everywhere = {"synchronize_session": False}
        await session.execute(
            sqlalchemy.update(run).values(state_id=own), execution_options=everywhere
        )


def _flow_run(run: dict[str, Any], flow: uuid.UUID) -> dict[str, Any]:
    type_, name = STATES[run["state"]]
    return {
        "id": uuid.UUID(run["id"]),
        "flow_id": flow,
        "name": run["name"],
        "state_type": type_,
        "state_name": name,
        "state_timestamp": _time(run["ended"] or run["started"] or run["created"]),
        "expected_start_time": _time(run["created"]),
        "start_time": _time(run["started"]),
        "end_time": _time(run["ended"]),
        "total_run_time": timedelta(seconds=run["ended"] - run["started"] if run["ended"] else 0),
        "run_count": 1,
        "created": _time(run["created"]),
    }


def _state(run: dict[str, Any]) -> dict[str, Any]:
    type_, name = STATES[run["state"]]
    return {
        "id": uuid.uuid5(uuid.UUID(run["id"]), "state"),
        "flow_run_id": uuid.UUID(run["id"]),
        "type": type_,
        "name": name,
        "timestamp": _time(run["ended"] or run["started"] or run["created"]),
    }


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


asyncio.run(main())
