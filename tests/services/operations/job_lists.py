"""The jobs of a sandbox."""

from datetime import datetime, timedelta

import pandas as pd

from services.frames import job_tree, jobs
from tests.services.operations.conftest import Desk


def listed(desk: Desk, days: int = 2) -> pd.DataFrame:
    now = datetime.fromisoformat(desk.sandbox.control.clock()["now"])
    payload = desk.client.job_status(
        start_time=now - timedelta(days=days), end_time=now + timedelta(minutes=5)
    )
    return job_tree.roll_up(jobs.from_job_status(payload))
