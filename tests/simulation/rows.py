"""The rows of a ledger's file, read past the ledger itself."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Final

# Those that go round, and what says which version wrote the ledger.
GOES_ROUND: Final = frozenset(
    {
        *("job_observation", "tracked_job", "rate_limit_slot", "alembic_version"),
        *("rule", "incident", "outbox", "night", "lease", "webhook_event"),
    }
)


def rows(file: Path) -> dict[tuple[str, tuple[Any, ...]], tuple[Any, ...]]:
    """Return every row of every table that only grows, by its key."""
    found = {}
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            if table in GOES_ROUND or table.startswith("sqlite_"):
                continue
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            key = [place for place, column in enumerate(columns) if column[5]]
            for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608 - its own names
                found[table, tuple(row[place] for place in key)] = row
    finally:
        connection.close()
    return found
