"""One call, and one list page by page: what reads and writes are built from."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from .answers import FileResponse
from .connection import Connection
from .endpoints import PAGES
from .errors import UnreadableAnswer
from .paging import count_items, item_keys, next_start, repeats_page
from .protocol import Payload, build
from .rate_limiter import Lane

# A million items: a list that goes on longer repeats itself.
MOST_PAGES = 1000
# A list that has lost its place more often has no order to go by.
MOST_BACK = 5


def never() -> bool:
    """Return False: nobody interrupts."""
    return False


class Calls:
    """A connection used in one lane of the call budget."""

    def __init__(self, connection: Connection, lane: Lane, interrupted: Callable[[], bool]) -> None:
        self._connection = connection
        self._lane = lane
        self._interrupted = interrupted

    @property
    def lane(self) -> Lane:
        """How urgent its calls are."""
        return self._lane

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
        return cast("Payload", payload)  # parse_response lets nothing else through

    def _file(
        self,
        name: str,
        *,
        ids: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> FileResponse:
        request = build(name, self._connection.encoding, ids=ids, body=body)
        file = self._connection.perform(request, self._lane, self._interrupted)
        return cast("FileResponse", file)

    def _pages(self, name: str, ids: Mapping[str, str] | None = None, **query: object) -> "Pages":
        return Pages(self, name, ids, query)


class Pages(Iterator[Payload]):
    """The pages of one list, one call each.

    The limit that the API echoes says where the next page begins; a short, an empty or a repeated
    page is the end. After an error, iteration continues with the page that failed.

    A list may change while it is paged. Each page overlaps the one before by its last item, and
    items seen before are dropped. Where that item is missing, items before it were removed and
    later ones moved onto pages already read: paging then goes back, page by page, until it meets an
    item it has seen.
    """

    def __init__(
        self, calls: Calls, name: str, ids: Mapping[str, str] | None, query: Mapping[str, object]
    ) -> None:
        self._calls = calls
        self._name, self._ids, self._query = name, ids, query
        self._page = PAGES[name]
        self._start: int | None = 0
        self._asked, self._backs = 0, MOST_BACK
        self._previous: Payload | None = None
        self._seen: set[str] = set()
        self._last = ""
        self._step = 0
        self._is_back = False

    @property
    def is_over(self) -> bool:
        """Whether the list has ended."""
        return self._start is None

    def through(self, calls: Calls) -> None:
        """Go on through another client of the same person."""
        self._calls = calls

    def __next__(self) -> Payload:
        while self._start is not None:
            page = self._take(self._ask(self._start), self._start)
            if page is not None:
                return page
        raise StopIteration

    def _ask(self, start: int) -> Payload:
        if self._asked >= MOST_PAGES:
            raise UnreadableAnswer(
                "This list has too many pages: paging does not end.", operation=self._name
            )
        query = {**self._query, "start": start, "limit": self._page.most}
        payload = self._calls._call(self._name, ids=self._ids, query=query)
        self._asked += 1
        return payload

    def _take(self, payload: Payload, start: int) -> Payload | None:
        """Return what is new on a page, None where nothing is, and note where the next begins."""
        keys = item_keys(payload, self._page)
        if keys is not None and self._has_lost_its_place(keys, start):
            # One page back; whether that is far enough shows once it is read.
            self._backs, self._last, self._is_back = self._backs - 1, "", True
            self._start = max(0, start - self._step)
            return None
        before, is_back = self._previous, self._is_back
        self._previous, self._is_back, self._last = payload, False, ""
        follows = next_start(payload, self._page, start)
        self._start = follows
        # One item of overlap, without which nobody would see that the list has moved.
        if keys and follows is not None and follows - 1 > start:
            self._start, self._last, self._step = follows - 1, keys[-1], follows - 1 - start
        new = self._unseen(payload, keys, before)
        if new is None and not is_back:
            # A whole page of what was read may come of as much that was put in before it.
            self._backs -= 1
            if follows is None or self._backs < 0 or repeats_page(payload, before):
                self._start = None
            return payload if before is None else None
        return new

    def _has_lost_its_place(self, keys: list[str], start: int) -> bool:
        """Return whether something may lie between this page and those that were read."""
        if self._backs <= 0 or not start:
            return False
        if self._is_back:
            return self._seen.isdisjoint(keys)
        return bool(self._last) and self._last not in keys

    def _unseen(
        self, payload: Payload, keys: list[str] | None, before: Payload | None
    ) -> Payload | None:
        if keys is None or not isinstance(payload, dict):
            # Without that list it may be no answer at all: the frames raise UnexpectedResponse.
            is_odd = isinstance(payload, dict) and self._page.items not in payload
            is_new = count_items(payload, self._page.items) and not repeats_page(payload, before)
            return payload if is_odd or is_new else None
        items = payload[self._page.items]
        new = [item for key, item in zip(keys, items, strict=True) if key not in self._seen]
        self._seen.update(keys)
        if len(new) == len(items):
            return payload if new else None
        return {**payload, self._page.items: new} if new else None
