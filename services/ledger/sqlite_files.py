"""The files of a SQLite ledger: one that others have removed or replaced is used no more."""

import logging
import os
import time
from functools import partial
from pathlib import Path
from typing import Any, Final

from .errors import LedgerTrouble

_GONE: Final = (
    "The ledger's file was removed or replaced while the dashboard ran.",
    "Put it back or restart the dashboard. Nothing is sent until then.",
)
_EMPTY: Final = (
    "The ledger's file is empty: its contents are lost.",
    "Restore the newest backup, or remove the file to begin a new ledger.",
)
_IN_THE_MAKING: Final = 2.0  # seconds that another process may take to fill a file it has made
_CHECK: Final = "check"
_log = logging.getLogger("services.ledger")
_File = tuple[int, int, bool] | None


class Files:
    """What the connections of one engine have open, compared with what stands under its name.

    After its file was removed SQLite goes on writing what nobody will ever read, and a further
    connection makes a new, empty file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        real = path.resolve()  # SQLite keeps them beside what a link leads to
        self._beside = tuple(real.with_name(real.name + end) for end in ("-wal", "-shm"))
        self._first: _File = None

    def before_connecting(self, *_: object) -> None:
        """Raise LedgerTrouble where a connection would begin anew in place of an old ledger."""
        if self._first and _file(self._path, may_be_empty=False) is None:
            raise LedgerTrouble(*_GONE)
        if self._stays_empty():
            raise LedgerTrouble(*_EMPTY)
        if _file(self._path) is None:
            _log.info("A new ledger begins in %s", self._path)

    def connected(self, info: dict[str, Any]) -> None:
        """Have a new connection checked; raise LedgerTrouble when it is to another ledger.

        It has read before: until then SQLite has opened no more than the first of its files.
        """
        opened = self._now()
        self._first = self._first or opened[0]
        if opened[0] != self._first:
            raise LedgerTrouble(*_GONE)
        info[_CHECK] = partial(self._check, opened)

    def _check(self, opened: tuple[_File, ...]) -> None:
        if self._now() != opened:
            raise LedgerTrouble(*_GONE)

    def _now(self) -> tuple[_File, ...]:
        return (_file(self._path, may_be_empty=False), *map(_file, self._beside))

    def _stays_empty(self) -> bool:
        until = time.monotonic() + _IN_THE_MAKING
        while _file(self._path) and not _file(self._path, may_be_empty=False):
            if time.monotonic() > until:
                return True
            time.sleep(0.05)
        return False


def check(info: dict[str, Any]) -> None:
    """Raise LedgerTrouble when a connection of this info writes where nobody can read it again."""
    if _CHECK in info:
        info[_CHECK]()


def _file(path: Path, *, may_be_empty: bool = True) -> _File:
    """Return which file it is, and whether any folder still names it; None where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 - at every transaction, and twice as quick
    except OSError:
        return None
    if not (status.st_size or may_be_empty):
        return None
    # A mounted file stays where it is mounted when it was removed where it came from.
    return status.st_dev, status.st_ino, status.st_nlink > 0
