"""A sandbox to be watched, as at its start for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledgers import empty_ledger
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.monitoring.watch.post import Post, post


@pytest.fixture(scope="package")
def running() -> Iterator[Sandbox]:
    with running_sandbox(tenants=60) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.control.reset(rate_limit=0)
    running.control.clear_faults()
    running.control.clear_requests()
    return running


@pytest.fixture
def url(tmp_path: Path) -> str:
    return empty_ledger(tmp_path / "ledger.sqlite3")


@pytest.fixture
def here(sandbox: Sandbox, url: str) -> Iterator[Post]:
    with post(sandbox, url) as made:
        yield made
