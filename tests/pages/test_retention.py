"""What is too old to be kept is gone once the dashboard has opened its ledger."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from dashboard import bootstrap
from services.frames import jobs
from services.ledger import Ledger


def test_job_observations_older_than_the_setting_are_deleted_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = datetime.now(UTC)
    ledger = Ledger.open(bootstrap.settings().dashboard_ledger_url)
    for job_id, days in (("old", 3), ("young", 1)):
        look = jobs.from_job_status({"jobStatus": [{"jobId": job_id, "status": "Running"}]})
        ledger.job_observations.record("ann", look, now - timedelta(days=days))
    ledger.close()
    monkeypatch.setenv("DASHBOARD_JOB_OBSERVATIONS_DAYS", "2")
    bootstrap.settings.cache_clear()
    kept = bootstrap.whole_ledger().job_observations.of("ann", since=pd.Timestamp(0, tz="UTC"))
    assert list(kept["job_id"]) == ["young"]
