"""One start of every kind, and what has become of it in the ledger and in the sandbox."""

from dataclasses import replace
from datetime import UTC, datetime

from services.operations.starts.forms import (
    ConsolidationForm,
    ExtractionForm,
    LoadForm,
    ProcessingForm,
)
from services.operations.starts.record import StartRecord, record_of
from services.operations.starts.request import JobRequest, start
from services.sandbox.models.jobs import Job
from tests.sandboxes import Sandbox
from tests.services.operations.conftest import ACTOR, ADA, LONG_ENOUGH, Desk

C7O, CONSOLIDATED = "WFF_j1r~c7o", "WFF_j1r~CAa7s"
FILE = "WFF_j1r_hcm_files_20181030102030.zip.gpg"


def a_load() -> JobRequest:
    return JobRequest(LoadForm(files=[FILE]))


def an_extraction() -> JobRequest:
    return JobRequest(ExtractionForm(all_tenants=False, tenants=[C7O]))


def an_alpha_extraction() -> JobRequest:
    return replace(an_extraction(), alternative=True)


def a_processing() -> JobRequest:
    return JobRequest(ProcessingForm(all_tenants=False, tenants=[C7O]))


def a_consolidation() -> JobRequest:
    return JobRequest(ConsolidationForm(tenant_code=CONSOLIDATED))


STARTS = (a_load, an_extraction, an_alpha_extraction, a_processing, a_consolidation)


def begin(desk: Desk, what: JobRequest) -> None:
    start(desk.ledger, desk.client, what, ACTOR, identity="ada", permissions=ADA).join(LONG_ENOUGH)


def known(desk: Desk, what: JobRequest) -> StartRecord:
    return record_of(desk.ledger, desk.ledger.operation(what.id))


def now() -> datetime:
    return datetime.now(UTC)


class Roots:
    """The jobs without a parent that have come into the sandbox since."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._book = sandbox.inside.world.jobs.by_id
        self._before = set(self._book)

    def new(self) -> list[Job]:
        return [
            job for id_, job in self._book.items() if id_ not in self._before and job.parent is None
        ]


def unclear(desk: Desk, what: JobRequest) -> Job:
    """Lose the answer of a start; return its job, once it is listed."""
    roots = Roots(desk.sandbox)
    desk.sandbox.control.fault(what.operation, "cut", when="after")
    begin(desk, what)
    desk.sandbox.control.advance(6)
    (job,) = roots.new()
    return job
