"""Every test of the ledger runs on a SQLite file and on a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ledger import Ledger
from tests.services.ledger.postgres import Postgres, running_postgres
from tests.services.ledger.samples import Clock


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path / 'ledger' / 'ledger.sqlite3'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.fresh_url()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(url: str, clock: Clock) -> Iterator[Ledger]:
    ledger = Ledger.open(url, clock=clock, monotonic=clock.monotonic)
    yield ledger
    ledger.close()


@pytest.fixture
def elsewhere(ledger: Ledger, url: str, clock: Clock) -> Iterator[Ledger]:
    """The same ledger, as another process has it open."""
    other = Ledger(url, clock=clock, monotonic=clock.monotonic, owner="another process")
    yield other
    other.close()
