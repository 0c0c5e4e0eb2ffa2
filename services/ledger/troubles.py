"""What a database says when it fails, as a sentence and what an operator can do about it."""

from typing import Final, NamedTuple

from .errors import LedgerTrouble


class _Cause(NamedTuple):
    words: str
    advice: str


_HELD: Final = _Cause(
    "Another program has locked the ledger.",
    "End the program that locks its database: a running copy, a database browser or another "
    "dashboard.",
)
_UNWRITABLE: Final = _Cause(
    "The ledger cannot be written.",
    "Give the user who runs the dashboard write access to the ledger's database (for a file, also "
    "to its folder).",
)
_FULL: Final = _Cause("The ledger's disk is full.", "Free some disk space.")
_DAMAGED: Final = _Cause(
    "The ledger's file is damaged or not a ledger.",
    "Stop the dashboard, keep the file and restore the newest backup.",
)
_FAILING: Final = _Cause("The ledger's disk fails.", "Check the disk and its file system.")
_AWAY: Final = _Cause(
    "The ledger's database cannot be reached.",
    "Check that DASHBOARD_LEDGER_URL is right and that its database runs and admits this user.",
)
_OTHER: Final = _Cause("The ledger's database failed.", "")

# The beginning of an error's name in SQLite (https://www.sqlite.org/rescode.html) or of its code in
# PostgreSQL (appendix "Error Codes").
_CAUSES: Final = {
    "SQLITE_BUSY": _HELD,
    "SQLITE_LOCKED": _HELD,
    "SQLITE_READONLY": _UNWRITABLE,
    "SQLITE_CANTOPEN": _UNWRITABLE,
    "SQLITE_PERM": _UNWRITABLE,
    "SQLITE_FULL": _FULL,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_IOERR": _FAILING,
    "08": _AWAY,
    "28": _AWAY,
    "3D": _AWAY,
    "57P": _AWAY,
    "53300": _AWAY,
    "53100": _FULL,
    "58": _FAILING,
    "25006": _UNWRITABLE,
    "42501": _UNWRITABLE,
    "55P03": _HELD,
}


def trouble(error: BaseException | None) -> LedgerTrouble:
    """Return what to tell of an error of a database's driver."""
    name = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None) or ""
    known = (cause for begins, cause in _CAUSES.items() if name.startswith(begins))
    # PostgreSQL's driver gives no code where it never came to a connection.
    is_unconnected = getattr(error, "sqlstate", "") is None
    return LedgerTrouble(*next(known, _AWAY if is_unconnected else _OTHER))


def in_one_line(error: BaseException | None) -> str:
    """Return what the driver says, without the lines that repeat values."""
    return str(error).partition("\n")[0]
