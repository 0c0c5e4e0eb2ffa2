from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import count

# A test looks at its own requests; a long run must not fill the memory.
MOST_ENTRIES = 5_000
SECRET_HEADERS = frozenset({"apikey", "authorization", "cookie"})
SECRET_FIELDS = frozenset({"password", "client_secret", "refresh_token"})
MASK = "***"


@dataclass(slots=True)
class Entry:
    """One request as it arrived; `status` is 0 while it is answered, and if it was cut."""

    operation: str
    method: str
    path: str
    query: dict[str, str]
    body: object
    encoding: str
    headers: dict[str, str]
    time: str
    id: int = 0
    status: int = 0


@dataclass(slots=True)
class Recorder:
    """The last 5,000 requests, without the secrets of headers and sign-in forms."""

    _entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=MOST_ENTRIES))
    _ids: count[int] = field(default_factory=lambda: count(1))

    def add(self, entry: Entry) -> None:
        """Record a request and number it."""
        entry.id = next(self._ids)
        entry.headers = {name: _masked(name, value) for name, value in entry.headers.items()}
        self._entries.append(entry)

    def since(self, last_id: int, operation: str = "") -> list[Entry]:
        """Return the requests after this id, of one operation or all, oldest first."""
        return [
            entry
            for entry in self._entries
            if entry.id > last_id and operation in ("", entry.operation)
        ]

    def clear(self) -> None:
        """Remove all requests; numbering continues."""
        self._entries.clear()


def without_secrets(form: dict[str, str]) -> dict[str, str]:
    """Return a sign-in form with its secrets masked."""
    return {name: MASK if name in SECRET_FIELDS else value for name, value in form.items()}


def _masked(name: str, value: str) -> str:
    """Return a masked header, with the name of a cookie and the scheme of an authorization."""
    if name not in SECRET_HEADERS:
        return value
    separator = {"cookie": "=", "authorization": " "}.get(name)
    label, found, _ = value.partition(separator) if separator else ("", "", "")
    return f"{label}{found}{MASK}" if found else MASK
