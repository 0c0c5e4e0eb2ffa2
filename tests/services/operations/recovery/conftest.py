"""A sandbox of 120 tenants, 40 of which got a bad delivery, and a person who recovers from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest

from services.frames import data_versions, jobs, metric_values, uploads
from services.ledger import Actor, Ledger
from services.operations import VERBS, Permissions, Plan, Runner
from services.operations.recovery import baseline, changing, steps
from services.operations.recovery import incident as incidents
from services.operations.recovery.finding import By, Impact, assess_impact, listed_uploads
from services.operations.recovery.incident import Choices, FoundBy, Recovery, Step
from services.operations.recovery.verifying import ReadBack
from services.operations.starts.request import start
from services.visier import Client, Password, RateLimiter
from tests.ledgers import empty_ledger
from tests.sandboxes import Sandbox, running_sandbox

BAD_BATCH = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
ADA = Actor("ada@example.com", "", "sandbox")
PERMITTED = Permissions(ADA)
LONG_ENOUGH = 60.0


@dataclass(frozen=True)
class Desk:
    """A person's place: the sandbox, a client, the ledger and a runner."""

    sandbox: Sandbox
    client: Client
    ledger: Ledger
    runner: Runner

    def versions(self) -> pd.DataFrame:
        return data_versions.to_frame(self.client.iter_latest_enabled_dv())

    def uploads(self, job_id: str | None = None) -> pd.DataFrame:
        return uploads.to_frame(self.client.iter_retrieve_data_uploads(upload_job_id=job_id))

    def jobs(self) -> pd.DataFrame:
        now = datetime.now(UTC)
        payload = self.client.job_status(start_time=now - timedelta(days=1), end_time=now)
        return jobs.from_job_status(payload)

    def metrics(self, codes: tuple[str, ...] | None) -> pd.DataFrame:
        if codes is None:
            return metric_values.to_frame(self.client.iter_validation_tenants())
        each = [metric_values.of_tenant(self.client.validation_tenant(code)) for code in codes]
        return pd.concat(each, ignore_index=True)

    def impact(self) -> Impact:
        return assess_impact(listed_uploads(self.uploads(BAD_BATCH)), self.versions(), self.jobs())

    def begin(self, choices: Choices | None = None) -> Recovery:
        impact = self.impact()
        by = FoundBy(By.JOB, BAD_BATCH)
        incident = baseline.incident_of(impact, {}, found_by=by, found_at=datetime.now(UTC))
        metrics = baseline.read_metrics(self.metrics, impact.tenants, 120)
        id_ = str(uuid4())
        whole = baseline.with_figures(incident, metrics)
        changing.begin(self.ledger, whole, PERMITTED, id_=id_, identity="ada")
        if choices is not None:
            changing.choose(self.ledger, id_, choices, PERMITTED)
        return self.read(id_)

    def read(self, recovery_id: str) -> Recovery:
        return incidents.read(self.ledger, recovery_id)

    def apply(self, plan: Plan, permissions: Permissions = PERMITTED) -> str:
        id_ = self.runner.apply(plan, self.client, ADA, identity="ada", permissions=permissions)
        assert self.runner.wait(id_, LONG_ENOUGH)
        return id_

    def disable(self, recovery: Recovery) -> Plan:
        return steps.plan_disable(recovery, self.versions(), datetime.now(UTC), timedelta(days=7))

    def exclude(self, recovery: Recovery) -> Plan:
        return steps.plan_exclude(recovery, self.uploads())

    def reprocess(self, recovery: Recovery) -> str:
        """Start the processing jobs; give the id of the job that was started."""
        what = steps.start_of(recovery, steps.scope(recovery, self.uploads()).codes)
        start(self.ledger, self.client, what, ADA, identity="ada", permissions=PERMITTED).join(
            LONG_ENOUGH
        )
        return str(self.ledger.items(what.id)[0].facts.get("job_id", ""))

    def read_back(self, job_id: str = "") -> ReadBack:
        listed = (
            jobs.from_processing_jobs(self.client.iter_processing_job_and_status(job_id), job_id)
            if job_id
            else jobs.from_job_status([])
        )
        metrics = baseline.read_metrics(self.metrics, self.impact().tenants, 120)
        return ReadBack(self.versions(), self.uploads(), listed, metrics, bool(job_id))

    def carried_out(self, choices: Choices) -> tuple[Recovery, str]:
        """Carry out every step that was chosen; give the recovery and the id of its job."""
        recovery = self.begin(choices)
        for step, plan in ((Step.DISABLE, self.disable), (Step.EXCLUDE, self.exclude)):
            if step not in choices.off:
                self.apply(plan(recovery))
        job_id = self.reprocess(recovery) if Step.REPROCESS not in choices.off else ""
        return self.read(recovery.id), job_id


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with running_sandbox(tenants=120) as sandbox:
        yield sandbox


@pytest.fixture
def desk(running: Sandbox, tmp_path: Path) -> Iterator[Desk]:
    running.control.clear_faults()
    running.control.reset()
    running.control.clear_requests()
    client = Client(
        running.url,
        Password(running.api_key, running.username, running.password, running.vanity_name),
        RateLimiter(assumed_per_minute=None),
        sleep=lambda _seconds: None,
    )
    ledger = Ledger.open(empty_ledger(tmp_path / "ledger.sqlite3"))
    yield Desk(running, client, ledger, Runner(ledger, VERBS))
    client.close()
    ledger.close()
