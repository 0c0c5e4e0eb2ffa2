"""A sandbox of its own, a ledger in a file, and one desk at which everything is done."""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from dashboard.operations import event_words, item_words
from services.frames import data_versions, uploads
from services.ledger import Actor, Ledger, Outcome
from services.operations import VERBS, Permissions, Plan, Progress, Runner
from services.sandbox.models.tenants import Tenant
from services.visier import Client, Password, RateLimiter, Timeouts
from tests.ledgers import empty_ledger
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.visier.clock import Clock as RateLimiterClock

ACTOR = Actor("ada@example.com", "WFF_j1r", "sandbox")
ADA = Permissions(ACTOR)
LONG_ENOUGH = 60.0


class Clock:
    """A clock of the ledger and the runner that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.passed = timedelta(0)

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.passed.total_seconds()

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)
        self.passed += timedelta(**span)

    def jump(self, **span: float) -> None:
        """Show another time, although none has passed."""
        self.now += timedelta(**span)


@dataclass(frozen=True)
class Desk:
    """A person's place: a client of the sandbox, the ledger, the runner and their clock."""

    sandbox: Sandbox
    client: Client
    ledger: Ledger
    runner: Runner
    clock: Clock

    def uploads(self) -> pd.DataFrame:
        return uploads.to_frame(self.client.iter_retrieve_data_uploads())

    def versions(self) -> pd.DataFrame:
        return data_versions.to_frame(self.client.iter_latest_enabled_dv())

    def apply(self, plan: Plan) -> str:
        """Apply a plan and wait until it is done with."""
        id_ = self.runner.apply(plan, self.client, ACTOR, identity="ada", permissions=ADA)
        assert self.runner.wait(id_, LONG_ENOUGH)
        return id_

    def progress(self, id_: str) -> Progress:
        return self.runner.progress(self.ledger.operation(id_))

    def outcomes(self, id_: str) -> list[Outcome]:
        return [item.outcome for item in self.ledger.items(id_, limit=10_000)]

    def messages(self, id_: str) -> list[str]:
        """Give why each item came to its outcome, as people read it."""
        verb = self.ledger.operation(id_).verb
        return [item_words.of_item(verb, each) for each in self.ledger.items(id_, limit=10_000)]

    def events(self, id_: str, kind: str) -> list[str]:
        found = (event for event in self.ledger.events(id_) if event.kind == kind)
        return [event_words.facts_in_words(event) for event in found]

    def tenant(self, code: str) -> Tenant:
        """Give a tenant as it really is."""
        found = self.sandbox.inside.world.tenant(code)
        assert found is not None
        return found

    def included(self, code: str, text: str) -> bool:
        """Say whether an upload really is included."""
        found = next(each for each in self.tenant(code).uploads if each.time == text)
        return found.included

    def enabled(self, code: str, number: str) -> bool:
        """Say whether a data version really is enabled."""
        return next(each for each in self.tenant(code).versions if each.number == number).enabled


def in_batches_of(number: int, plan: Plan) -> Plan:
    """Return a plan that sends so many items a request at most."""
    spec = copy(plan.spec)
    spec.batch_size = number
    return replace(plan, spec=spec)


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.control.reset(rate_limit=0)
    return running


MakeClient = Callable[..., Client]


@pytest.fixture
def make_client(sandbox: Sandbox) -> Iterator[MakeClient]:
    made: list[Client] = []

    def make(rate_limiter: RateLimiter | None = None, timeouts: Timeouts | None = None) -> Client:
        client = Client(
            sandbox.url,
            Password(sandbox.api_key, sandbox.username, sandbox.password, sandbox.vanity_name),
            rate_limiter or RateLimiter(assumed_per_minute=None),
            timeouts=timeouts or Timeouts(5, 30),
            sleep=lambda _seconds: None,
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Ledger]:
    file = tmp_path_factory.mktemp("ledger") / "ledger.sqlite3"
    ledger = Ledger.open(empty_ledger(file), clock=clock, monotonic=clock.monotonic)
    yield ledger
    ledger.close()


@pytest.fixture
def desk(sandbox: Sandbox, make_client: MakeClient, ledger: Ledger, clock: Clock) -> Desk:
    return Desk(sandbox, make_client(), ledger, Runner(ledger, VERBS, now=clock), clock)


@pytest.fixture
def live_desk(sandbox: Sandbox, make_client: MakeClient, tmp_path: Path) -> Iterator[Desk]:
    """A desk by the same clock as the sandbox, at which nobody waits long."""
    ledger = Ledger.open(empty_ledger(tmp_path / "live.sqlite3"))
    client = make_client(RateLimiterClock().rate_limiter(None), Timeouts(5, 0.5))
    yield Desk(sandbox, client, ledger, Runner(ledger, VERBS), Clock())
    ledger.close()
