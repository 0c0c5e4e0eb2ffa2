"""A list that is fetched page by page; what was fetched is kept when it has to wait, or fails."""

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

# Those who wait for the same moment go on within so many seconds of it, not all at once.
SPREAD = 1.0
# A list of so few pages is waited for like any other click.
CLICK_PAGES = 5
# How often a list waits for a server that says how long it is busy before it gives up.
MOST_WAITS = 3

P = TypeVar("P")
A = TypeVar("A")


class PagesOfList(Protocol):
    """The pages of a list, of which one that failed is asked for again."""

    @property
    def is_over(self) -> bool:
        """Whether there are no more."""
        ...

    def __next__(self) -> Payload:
        """Give the next page, one call; raises StopIteration at the end."""
        ...

    def through(self, client: Client, /) -> None:
        """Go on through another client of the same person."""
        ...


@dataclass(frozen=True)
class ListSpec(Generic[P, A]):
    """How a list is read: asked for, each page made a part, the parts put together.

    ``whole`` takes the parts and when the first was read. ``ttl`` is in seconds, ``most`` is how
    many lists of its kind are kept. Lists of one ``size`` have about as many pages as each other.
    With ``tenant`` they are asked for logged in to that tenant.
    """

    ask: Callable[[Client], PagesOfList]
    part: Callable[[Payload], P]
    whole: Callable[[Sequence[P], datetime], A]
    ttl: float
    most: int = 4
    size: str = ""
    tenant: str | None = None


class InTurn:
    """The answers to calls that do not page, one after the other, as the pages of a list."""

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
        payload = self._left[0](self._client)
        del self._left[0]
        return payload

    def through(self, client: Client, /) -> None:
        """Go on through another client of the same person."""
        self._client = client


class ListFetch(Generic[P]):
    """One list under way: ``parts`` are its pages so far, each as ``read`` makes it.

    ``as_of`` is when it was begun: no part of it is older. Of what is read for a click only the
    first pages are one. The others leave the reserve of the call budget to clicks, and wait for it
    here and not in the rate limiter, so that everybody can be told how long. One thread at a time
    goes on with it. ``clock`` gives seconds, ``jitter`` 0 to 1.
    """

    def __init__(
        self,
        ask: Callable[[Client], PagesOfList],
        read: Callable[[Payload], P],
        as_of: datetime,
        *,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.parts: list[P] = []
        self.is_complete = False
        self.as_of = as_of
        self.begun_at = clock()
        self._ask = ask
        self._read = read
        self._clock = clock
        self._jitter = jitter
        self._pages: PagesOfList | None = None
        self._waits_until = -math.inf
        self._waits = 0

    @property
    def wait(self) -> float:
        """Give the seconds until it may go on, 0 when it may now."""
        return max(0.0, self._waits_until - self._clock())

    def hurry(self) -> None:
        """Have it tried now, however long it was to wait."""
        self._waits_until = -math.inf

    def go_on(self, client: Client) -> None:
        """Fetch one page, or find out how long to wait for it: one call at most.

        Raises what reading raises; what was fetched stays, and the next call goes on with it.
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
            # First: who sees the last page sees that it is the last.
            self.is_complete, self._waits = pages.is_over, 0
            self.parts.append(part)

    def _through(self, client: Client) -> PagesOfList:
        if client.lane is Lane.CLICK and len(self.parts) >= CLICK_PAGES:
            client = client.in_lane(Lane.WATCH)
        if self._pages is None:
            self._pages = self._ask(client)
        self._pages.through(client)
        return self._pages

    def _pause(self, seconds: float) -> None:
        self._waits_until = self._clock() + seconds + SPREAD * self._jitter()
