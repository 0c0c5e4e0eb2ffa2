"""What a database says when it fails, as a sentence and what an operator can do about it."""

from typing import Final, NamedTuple

from .errors import LedgerTrouble


class _Cause(NamedTuple):
    words: str
    advice: str


_HELD: Final = _Cause(
    "Another program holds the ledger.",
    "End what holds its database: a copy under way, a database browser, another dashboard.",
)
_UNWRITABLE: Final = _Cause(
    "The ledger cannot be written.",
    "Let the user who runs the dashboard write the ledger's database; its folder, too, where it is "
    "a file.",
)
_FULL: Final = _Cause("The disk of the ledger is full.", "Make room on it.")
_DAMAGED: Final = _Cause(
    "The ledger's file is damaged, or is no ledger.",
    "Stop the dashboard, keep the file, and put the newest backup in its place.",
)
_FAILING: Final = _Cause("The disk of the ledger fails.", "Check the disk and its file system.")
_AWAY: Final = _Cause(
    "The ledger's database cannot be reached.",
    "Check DASHBOARD_LEDGER_URL, that its database runs, and that it lets this user in.",
)
_OTHER: Final = _Cause("The ledger's database did not do what it was asked.", "")

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
    return LedgerTrouble(*next(known, _AWAY if _is_unconnected(error) else _OTHER))


def _is_unconnected(error: BaseException | None) -> bool:
    """Say whether PostgreSQL's driver gives no code: then it never came to a connection."""
    return getattr(error, "sqlstate", "") is None


def in_one_line(error: BaseException | None) -> str:
    """Return what the driver says, without the lines that repeat values."""
    return str(error).partition("\n")[0]
