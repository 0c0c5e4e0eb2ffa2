"""A live look at 5,000 jobs under way, beside the bare request and a frame of its answer."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from services.ledger import Ledger
from services.monitoring import JobHistory, JobMonitor, Recent
from services.visier import Client, Password, RateLimiter
from tests.benchmarks.ratios import Ratio, side_by_side
from tests.sandboxes import running_sandbox

TENANTS = 5000
ROUNDS = 10
WINDOW = Recent(timedelta(hours=1))


def measure() -> Iterator[Ratio]:
    """Yield what a look costs beyond what cannot be saved: asking, and taking in the answer."""
    with running_sandbox(tenants=TENANTS) as sandbox, tempfile.TemporaryDirectory() as folder:
        credentials = Password(
            sandbox.api_key, sandbox.username, sandbox.password, sandbox.vanity_name
        )
        client = Client(sandbox.url, credentials, RateLimiter(assumed_per_minute=None))
        ledger = Ledger.open(f"sqlite:///{Path(folder) / 'ledger.sqlite3'}")
        client.start_extraction({"allTenants": True, "runProcessingJob": True})
        sandbox.control.advance(60)
        monitor = JobMonitor(JobHistory(lambda: ledger, "bench"))

        def look() -> object:
            return monitor.refresh(client, WINDOW, than=datetime.now(UTC))

        def bare() -> object:
            now = datetime.now(UTC)
            since, until = WINDOW.span(now)
            payload = client.job_status(start_time=since, end_time=until)
            return pd.DataFrame(payload["jobStatus"]) if isinstance(payload, dict) else None

        children = len(monitor.snapshot(client, WINDOW).jobs)
        (result,) = side_by_side(look, bare, rounds=ROUNDS)
        yield Ratio(f"a look at {children:,} jobs under way / request and frame", *result)
        client.close()
        ledger.close()
