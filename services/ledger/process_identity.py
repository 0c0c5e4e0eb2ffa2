"""Telling the processes that work on operations apart, and which of them are gone."""

import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path

# Two ledgers of one process are one owner; a process that got the same number later is another.
_THIS_RUN = secrets.token_hex(8)


def this_process() -> str:
    """Return the token of this process: its machine, its number there, and a random part."""
    return f"{_machine()} {os.getpid()} {_THIS_RUN}"


def is_gone(owner: str) -> bool:
    """Say whether that process has certainly ended: only its own machine can tell."""
    machine, _, rest = owner.rpartition(" ")[0].rpartition(" ")
    # Signal 0 asks whether a process is there; on Windows it would be Ctrl+C.
    if owner == this_process() or machine != _machine() or os.name != "posix":
        return False
    # Where this process has its number now, the other has ended.
    return rest == str(os.getpid()) or not _exists(int(rest))


def _machine() -> str:
    """Name the machine; containers that share a name number their processes separately."""
    numbering = 0
    # Only Linux has it, and only there do containers number processes apart.
    with suppress(OSError):
        numbering = Path("/proc/self/ns/pid").stat().st_ino
    return f"{socket.gethostname()}/{numbering}"


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another user's
    return True
