"""A ledger in a file for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ledger import Ledger
from tests.ledgers import empty_ledger


@pytest.fixture
def url(tmp_path: Path) -> str:
    return empty_ledger(tmp_path / "ledger.sqlite3")


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    opened = Ledger(url)
    yield opened
    opened.close()
