"""A sandbox, a ledger and a monitor of its jobs, whose clock is moved by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.ledger import Ledger
from services.monitoring import JobHistory, JobMonitor, Recent
from services.sandbox.models.jobs import Job, Kind
from services.visier import Client, Password, RateLimiter
from tests.ledgers import empty_ledger
from tests.sandboxes import Sandbox, running_sandbox

DAY = Recent(timedelta(days=1))
WEEK = Recent(timedelta(days=7))
IDENTITY = "ada"


@dataclass
class Post:
    """A place to watch from: client, monitor, ledger and one clock for all of them."""

    sandbox: Sandbox
    client: Client
    ledger: Ledger
    added: timedelta = field(default_factory=timedelta)

    def __post_init__(self) -> None:
        self.monitor = JobMonitor(JobHistory(lambda: self.ledger, IDENTITY), now=self.now)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.added

    def pass_time(self, **span: float) -> None:
        """Let time pass here and in the sandbox."""
        seconds = timedelta(**span)
        self.added += seconds
        self.sandbox.control.advance(seconds.total_seconds())

    def asked(self) -> list[str]:
        """Give what the sandbox was asked since the last time, in order."""
        found = [each["operation"] for each in self.sandbox.control.requests()]
        self.sandbox.control.clear_requests()
        return [operation for operation in found if operation != "security_token"]

    def job(self, kind: Kind, *, running: bool) -> Job:
        """Give a job of the last hours that led to processing jobs, unfinished or not."""
        since = (self.now() - timedelta(hours=20)).isoformat()
        return next(
            job
            for job in self.sandbox.inside.world.jobs.by_id.values()
            if job.kind is kind
            and job.start_time > since
            and any(each.kind is Kind.PROCESSING for each in job.descendants())
            and any(each.status in {"Running", "Pending"} for each in job.descendants()) == running
        )


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def post(running: Sandbox, tmp_path: Path) -> Iterator[Post]:
    running.control.reset(rate_limit=0)
    running.control.clear_faults()
    credentials = Password(running.api_key, running.username, running.password, running.vanity_name)
    client = Client(
        running.url, credentials, RateLimiter(assumed_per_minute=None), sleep=lambda _seconds: None
    )
    ledger = Ledger.open(empty_ledger(tmp_path / "ledger.sqlite3"))
    client.sign_in()
    running.control.clear_requests()
    yield Post(running, client, ledger)
    client.close()
    ledger.close()
