"""An hour of looking at jobs that really run, over HTTP, through the ledger."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from services.frames import ENDED, LIVE, jobs
from services.ledger import Ledger
from services.monitoring import durations, failures
from services.visier import Client, Password, RateLimiter, Timeouts
from tests.ledgers import empty_ledger
from tests.sandboxes import Sandbox, running_sandbox

ANN = "ann"


@pytest.mark.slow
def test_an_hour_of_looks_at_running_jobs(tmp_path: Path) -> None:
    ledger = Ledger.open(empty_ledger(tmp_path / "ledger.sqlite3"))
    with running_sandbox(tenants=60) as sandbox:
        first, last, now = _watch(sandbox, ledger)
    job_histories = durations.job_histories(
        ledger.job_observations.of(ANN, since=pd.Timestamp(0, tz="UTC"))
    )
    ledger.close()
    found = job_histories.set_index("job_id")
    assert set(found.index) == set(first["job_id"]) | set(last["job_id"])
    ran_to_its_end = first["job_id"][first["status"].isin(LIVE)]
    ran_to_its_end = ran_to_its_end[ran_to_its_end.isin(last["job_id"][last["status"].isin(ENDED)])]
    assert len(ran_to_its_end) > 0
    assert found.loc[ran_to_its_end, "end_seen"].all()
    assert not found.loc[first["job_id"][first["status"].isin(ENDED)], "end_seen"].any()
    marked = durations.anomalies(last, job_histories, durations.baseline_stats(job_histories), now)
    assert "too little history" in " ".join(marked["why"])
    groups = failures.groups(last)
    assert groups["jobs"].sum() == last["status"].isin(failures.FAILED).sum()


def _watch(sandbox: Sandbox, ledger: Ledger) -> tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]:
    """Read every minute for an hour of the sandbox; give the first and last reading, and when."""
    password = Password(sandbox.api_key, sandbox.username, sandbox.password, sandbox.vanity_name)
    client = Client(
        sandbox.url, password, RateLimiter(assumed_per_minute=None), timeouts=Timeouts(5, 30)
    )
    readings = []
    for _ in range(60):
        now = pd.Timestamp(sandbox.control.clock()["now"])
        page = client.job_status(start_time=now - timedelta(days=2), end_time=now)
        readings.append(jobs.from_job_status(page))
        ledger.job_observations.record(ANN, readings[-1], now)
        sandbox.control.advance(60)
    client.close()
    return readings[0], readings[-1], now
