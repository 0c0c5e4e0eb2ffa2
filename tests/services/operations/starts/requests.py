"""One start of every kind, and what has become of it in the ledger and in the sandbox."""

from datetime import UTC, datetime

from services.operations.starts.bodies import ScopeKind, body_of, scope_fields
from services.operations.starts.record import StartRecord, record_of
from services.operations.starts.request import JobRequest, prepared, start
from services.operations.starts.specs import CONSOLIDATE, EXTRACT, LOAD, PROCESS
from services.sandbox.models.jobs import Job
from tests.sandboxes import Sandbox
from tests.services.operations.conftest import ACTOR, ADA, LONG_ENOUGH, Desk

C7O, CONSOLIDATED = "WFF_j1r~c7o", "WFF_j1r~CAa7s"
FILE = "WFF_j1r_hcm_files_20181030102030.zip.gpg"
CHOSEN = scope_fields(ScopeKind.CHOSEN, [C7O], "WFF_j1r")


def a_load() -> JobRequest:
    return prepared(LOAD, "Load of 1 file", body_of(LOAD, {"files": [FILE]}))


def an_extraction() -> JobRequest:
    return prepared(EXTRACT, "Extraction", body_of(EXTRACT, {}, CHOSEN))


def an_alpha_extraction() -> JobRequest:
    return prepared(EXTRACT, "Extraction", body_of(EXTRACT, {}, CHOSEN), alternative=True)


def a_processing() -> JobRequest:
    return prepared(PROCESS, "Processing", body_of(PROCESS, {}, CHOSEN))


def a_consolidation() -> JobRequest:
    body = body_of(CONSOLIDATE, {"tenantCode": CONSOLIDATED})
    return prepared(CONSOLIDATE, "Consolidated analytics", body)


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
