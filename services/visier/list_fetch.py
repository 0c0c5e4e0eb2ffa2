"""Fetching a list page by page; pages already fetched are kept while it waits or after it fails."""

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from .client import Client
from .errors import RateLimited, ServerTrouble
from .protocol import Payload
from .rate_limiter import Lane

# Seconds: lists that wait for the same moment continue within this time of it, not all at once.
SPREAD = 1.0
# A list of so few pages is waited for like any other click; further pages leave clicks a reserve.
CLICK_PAGES = 5
# Waits for a server that says how long it is busy, after which the list gives up.
MOST_WAITS = 3

P = TypeVar("P")
A = TypeVar("A")


class PagesOfList(Protocol):
    """The pages of a list; after an error the next one is the page that failed."""

    @property
    def is_over(self) -> bool:
        """Whether there are no more."""
        ...

    def __next__(self) -> Payload:
        """Return the next page, one call; raises StopIteration at the end."""
        ...

    def through(self, client: Client, /) -> None:
        """Go on through another client of the same person."""
        ...


@dataclass(frozen=True)
class ListSpec(Generic[P, A]):
    """How a list is read: its pages requested, each parsed to a part, the parts combined.

    ``whole`` takes the parts and the time of the first request. ``ttl`` is in seconds, ``most`` is
    how many lists of the kind are kept. Lists that share a ``size`` have about the same number of
    pages. With ``tenant`` the list is read while logged in to that tenant. A list that
    ``comforts`` is one no screen depends on: all but its first page leave half of the budget alone.
    """

    ask: Callable[[Client], PagesOfList]
    part: Callable[[Payload], P]
    whole: Callable[[Sequence[P], datetime], A]
    ttl: float
    most: int = 4
    size: str = ""
    tenant: str | None = None
    comforts: bool = False


class InTurn:
    """Calls that do not page, one after the other, as the pages of a list."""

    def __init__(self, client: Client, *calls: Callable[[Client], Payload]) -> None:
        self._client = client
        self._left = list(calls)

    @property
    def is_over(self) -> bool:
        """Whether there are no more."""
        return not self._left

    def __next__(self) -> Payload:
        if not self._left:
            raise StopIteration
        # Removed once it was answered: a call that fails is the next one again.
        payload = self._left[0](self._client)
        del self._left[0]
        return payload

    def through(self, client: Client, /) -> None:
        """Go on through another client of the same person."""
        self._client = client


class ListFetch(Generic[P]):
    """One list being fetched: ``parts`` are its pages so far, each parsed by ``read``.

    ``as_of`` is when it was begun: no part is older. For a click only the first pages count as a
    click; the others leave the reserve of the call budget to clicks, and wait here rather than in
    the rate limiter, so that a page can show for how long. One thread at a time continues it.
    ``clock`` returns seconds, ``jitter`` 0 to 1.
    """

    def __init__(
        self,
        ask: Callable[[Client], PagesOfList],
        read: Callable[[Payload], P],
        as_of: datetime,
        *,
        comforts: bool = False,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.parts: list[P] = []
        self.is_complete = False
        self.as_of = as_of
        self.begun_at = clock()
        self._ask = ask
        self._read = read
        self._clicks, self._later = (1, Lane.COMFORT) if comforts else (CLICK_PAGES, Lane.WATCH)
        self._clock = clock
        self._jitter = jitter
        self._pages: PagesOfList | None = None
        self._waits_until = -math.inf
        self._waits = 0

    @property
    def wait(self) -> float:
        """The seconds until it may continue, 0 when it may now."""
        return max(0.0, self._waits_until - self._clock())

    def hurry(self) -> None:
        """End the wait."""
        self._waits_until = -math.inf

    def go_on(self, client: Client) -> None:
        """Fetch one page, or note how long to wait for it: one call at most.

        Raises the errors of the call and of ``read``; fetched pages are kept, and the next call
        continues after them.
        """
        pages = self._through(client)
        try:
            payload = next(pages)
        except StopIteration:
            self.is_complete = True
        except RateLimited as limited:
            self._pause(limited.retry_after)
        except ServerTrouble as trouble:
            self._waits += 1
            if not trouble.retry_after or self._waits >= MOST_WAITS:
                self._waits = 0
                raise
            self._pause(trouble.retry_after)
        else:
            part = self._read(payload)
            # Before the part is added: whoever sees the last page must see that it is the last.
            self.is_complete, self._waits = pages.is_over, 0
            self.parts.append(part)

    def _through(self, client: Client) -> PagesOfList:
        if client.lane is Lane.CLICK and len(self.parts) >= self._clicks:
            client = client.in_lane(self._later)
        if self._pages is None:
            self._pages = self._ask(client)
        self._pages.through(client)
        return self._pages

    def _pause(self, seconds: float) -> None:
        self._waits_until = self._clock() + seconds + SPREAD * self._jitter()
