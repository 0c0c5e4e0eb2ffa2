"""The ledger's file is removed in mid-operation: nothing is sent that could not be read again."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from services.ledger import Ledger, LedgerTrouble
from services.operations import VERBS, Runner, plan_exclude_uploads
from services.operations.credentials.submission import creation, submit
from services.operations.starts.request import processing, start
from services.visier.providers import PROVIDERS, filled_in
from tests.sandboxes import Sandbox
from tests.services.operations.conftest import (
    ACTOR,
    ADA,
    LONG_ENOUGH,
    Clock,
    Desk,
    MakeClient,
    in_batches_of,
)

E1A = "WFF_j1r~e1a"
LoseAfter = Callable[[str], None]
WRITES = ("exclude_data_uploads", "adhoc_processing_jobs", "create_connector_credential")


@pytest.fixture
def desk(sandbox: Sandbox, make_client: MakeClient, tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    """A desk with a ledger of its own, which may get lost."""
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    yield Desk(sandbox, make_client(), ledger, Runner(ledger, VERBS), clock)
    ledger.close()


@pytest.fixture
def lose_after(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoseAfter:
    """Give what removes the ledger's file right after a method of it was called first."""

    def lose(method: str) -> None:
        original = getattr(desk.ledger, method)

        def call(*arguments: object, **named: object) -> None:
            original(*arguments, **named)
            (tmp_path / "ledger.sqlite3").unlink(missing_ok=True)

        monkeypatch.setattr(desk.ledger, method, call)

    return lose


def exclude(desk: Desk) -> None:
    """Exclude six uploads, two a request."""
    current = desk.uploads()
    chosen = current[current["included"].fillna(False)].drop_duplicates("tenant_code").head(6)
    plan = plan_exclude_uploads(chosen, current)
    plan = in_batches_of(2, plan)
    desk.runner.apply(plan, desk.client, ACTOR, identity="ada", permissions=ADA)
    assert desk.runner.wait(plan.id, LONG_ENOUGH)


def begin(desk: Desk) -> None:
    """Start a processing job."""
    what = processing(tenants=[E1A])
    start(desk.ledger, desk.client, what, ACTOR, identity="ada", permissions=ADA).join(LONG_ENOUGH)


def create(desk: Desk) -> None:
    """Create a credential."""
    ukg = PROVIDERS["UKG"]
    params = filled_in(ukg, ukg.parameters[0], {"password": "x"})
    what = creation(params, tenants=[E1A], display_name="Name")
    submit(desk.ledger, desk.client, what, ACTOR, identity="ada", permissions=ADA).join(LONG_ENOUGH)


@pytest.mark.parametrize(
    ("act", "method", "sent"),
    [(exclude, "begin", 0), (exclude, "intend", 1), (begin, "note", 0), (create, "begin", 0)],
)
def test_no_request_leaves_after_it(
    lose_after: LoseAfter, desk: Desk, act: Callable[[Desk], None], method: str, sent: int
) -> None:
    lose_after(method)
    with suppress(LedgerTrouble):
        act(desk)
    assert len([each for name in WRITES for each in desk.sandbox.control.requests(name)]) == sent
