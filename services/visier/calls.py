"""What reads and writes are made of: one call, and page after page of it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from .answers import ReceivedFile
from .connection import Connection
from .endpoints import PAGES
from .errors import UnreadableAnswer
from .governor import Lane
from .protocol import Payload, build, count_items, next_start, repeats_page

MOST_PAGES = 1000


def never() -> bool:
    """Say that nobody interrupts."""
    return False


class Calls:
    """A connection, and on whose behalf it is used."""

    def __init__(self, connection: Connection, lane: Lane, interrupted: Callable[[], bool]) -> None:
        self._connection = connection
        self._lane = lane
        self._interrupted = interrupted

    def _call(
        self,
        name: str,
        *,
        ids: Mapping[str, str] | None = None,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Payload:
        request = build(name, self._connection.encoding, ids=ids, query=query, body=body)
        payload = self._connection.perform(request, self._lane, self._interrupted)
        return cast("Payload", payload)  # deciphering lets nothing else through

    def _file(
        self,
        name: str,
        *,
        ids: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> ReceivedFile:
        request = build(name, self._connection.encoding, ids=ids, body=body)
        file = self._connection.perform(request, self._lane, self._interrupted)
        return cast("ReceivedFile", file)

    def _pages(
        self, name: str, ids: Mapping[str, str] | None = None, **query: object
    ) -> Iterator[Payload]:
        """Page by the limit the API echoes; a short, an empty or a repeated page is the end."""
        page = PAGES[name]
        start: int | None = 0
        previous: Payload | None = None
        for _ in range(MOST_PAGES):
            payload = self._call(name, ids=ids, query={**query, "start": start, "limit": page.most})
            nothing_new = not count_items(payload, page.items) or repeats_page(payload, previous)
            if previous is not None and nothing_new:
                return
            yield payload
            previous, start = payload, next_start(payload, page, start or 0)
            if start is None:
                return
        raise UnreadableAnswer("The pages of this list do not end.", operation=name)
