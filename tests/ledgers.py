"""An empty ledger in a file, without running the migrations that made it for every test."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from services.ledger import Ledger


def empty_ledger(file: Path) -> str:
    """Write an empty ledger with all its tables into a file; return its address."""
    file.write_bytes(_migrated())
    return f"sqlite:///{file}"


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.sqlite3"
        Ledger.open(f"sqlite:///{file}").close()
        return file.read_bytes()
