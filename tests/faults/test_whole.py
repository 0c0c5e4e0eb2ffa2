"""The matrix lacks no operation and no fault, and stands for the faults it does not run."""

from collections.abc import Iterator

import pytest

from services.sandbox.distortions import DISTORTIONS
from services.sandbox.faults import DISRUPTIONS, FIVE_UPLOADS, PARTIAL_FAILURE
from services.sandbox.routes import OPERATIONS
from services.visier import Client, InvalidArgument, Password, RateLimiter, VisierError
from tests.faults.columns import COLUMNS, ON_THE_WAY, Strike
from tests.faults.document import PUBLISHED, written
from tests.faults.reads import READS
from tests.faults.sign_ins import SIGN_INS
from tests.faults.writes import WRITES
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.visier.clock import Clock
from tests.services.visier.every_call import CALLS

BESIDE = {"validation_tenants", "validation_tenant"}
# Answered to a browser that saves a file, on no screen.
HANDED_ON = {"download_source_file", "download_source_files"}
# Where the definitions of webhooks are forbidden, and just before one is switched.
BEHIND_WEBHOOKS = {"get_webhooks_status", "get_webhook"}
# For receivers that ask for them, which this dashboard does not.
UNSHOWN = {"update_webhook_credentials", "delete_webhook_credentials"}
AN_ANSWER = "an answer"
STATUSES = {"401", "403", "429", "500", "502", "503", "504"}


def test_every_operation_has_a_row() -> None:
    assert {*SIGN_INS, *READS, *WRITES} == {
        operation.name for operation in OPERATIONS
    } - BESIDE - HANDED_ON - BEHIND_WEBHOOKS - UNSHOWN
    assert len(SIGN_INS) + len(READS) + len(WRITES) == 38


def test_every_fault_has_a_column() -> None:
    there = set().union(*(column.faults for column in COLUMNS.values()))
    assert there >= {*DISRUPTIONS, *DISTORTIONS, *STATUSES, PARTIAL_FAILURE, FIVE_UPLOADS}


def test_what_surrounds_the_tables_is_published() -> None:
    rows = tuple(f"| `{name}`" for name in [*SIGN_INS, *READS, *WRITES])
    published = PUBLISHED.read_text(encoding="utf-8").splitlines()
    assert [line for line in published if not line.startswith(rows)] == written({}).splitlines()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(tenants=6) as running:
        yield running


def told(sandbox: Sandbox, rate_limiter: RateLimiter, operation: str, strike: Strike | None) -> str:
    """Return what the client makes of a fault: the type of its error, or that it answers."""
    client = Client(
        sandbox.url,
        Password(sandbox.api_key, sandbox.username, sandbox.password, sandbox.vanity_name),
        rate_limiter,
        sleep=lambda _seconds: None,
    )
    sandbox.control.reset()
    if strike:
        sandbox.control.fault(operation, strike.fault, **{"times": 0, **strike.details})
    try:
        CALLS[operation](client)
    except (VisierError, InvalidArgument) as error:
        return type(error).__name__
    finally:
        client.close()
    return AN_ANSWER


@pytest.mark.parametrize("operation", [*SIGN_INS, *READS, *WRITES])
def test_no_screen_could_tell_them_apart(sandbox: Sandbox, operation: str) -> None:
    rate_limiter = Clock().rate_limiter(None)
    # A refusal that comes slowly is one; with the status of a success it would be none.
    is_answered = told(sandbox, rate_limiter, operation, None) == AN_ANSWER
    for column in ON_THE_WAY:
        if not column.alike or (column.title == "slow" and not is_answered):
            continue
        # By a 400 OAuth 2.0 refuses a password, and by it alone.
        if column.title == "400" and operation in SIGN_INS:
            continue
        kinds = {
            str(each): told(sandbox, rate_limiter, operation, each)
            for each in (column.strike, *column.alike)
        }
        assert len(set(kinds.values())) == 1, f"{column.title}: {kinds}"
