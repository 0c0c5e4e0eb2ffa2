from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import count

MOST_ENTRIES = 10_000
SECRET_HEADERS = frozenset({"apikey", "authorization", "cookie"})
SECRET_FIELDS = frozenset({"password", "client_secret", "refresh_token"})
MASK = "***"


@dataclass(slots=True)
class Entry:
    """One request as it arrived; `status` is 0 while it is being answered or was cut."""

    id: int
    time: str
    operation: str
    method: str
    path: str
    query: dict[str, str]
    body: object
    encoding: str
    headers: dict[str, str]
    status: int = 0


@dataclass(slots=True)
class Recorder:
    """What was asked, without secrets in headers and sign-in forms; the last 10,000."""

    _entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=MOST_ENTRIES))
    _ids: count[int] = field(default_factory=lambda: count(1))

    def add(
        self, time: str, operation: str, method: str, path: str, query: dict[str, str],
        body: object, encoding: str, headers: dict[str, str],
    ) -> Entry:  # fmt: skip
        entry = Entry(
            next(self._ids), time, operation, method, path, query, body, encoding,
            {name: _masked(name, value) for name, value in headers.items()},
        )  # fmt: skip
        self._entries.append(entry)
        return entry

    def since(self, last_id: int, operation: str = "") -> list[Entry]:
        """Give the requests after this id, oldest first, of one operation or of all."""
        return [
            entry
            for entry in self._entries
            if entry.id > last_id and operation in ("", entry.operation)
        ]

    def clear(self) -> None:
        self._entries.clear()


def without_secrets(form: dict[str, str]) -> dict[str, str]:
    """Give a sign-in form with its secrets masked."""
    return {name: MASK if name in SECRET_FIELDS else value for name, value in form.items()}


def _masked(name: str, value: str) -> str:
    """Mask a secret, but leave the name of a cookie and the scheme of an authorization."""
    if name not in SECRET_HEADERS:
        return value
    for separator in "= ":
        label, found, _ = value.partition(separator)
        if found and name != "apikey":
            return f"{label}{separator}{MASK}"
    return MASK
