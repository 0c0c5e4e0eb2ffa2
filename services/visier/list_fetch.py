"""A list that is fetched page by page; what was fetched is kept when it has to wait, or fails."""

import math
import random
import time
from collections.abc import Callable
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from .client import Client
from .errors import RateLimited, ServerTrouble
from .governor import Lane
from .protocol import Payload

# Those who wait for the same moment go on within so many seconds of it, not all at once.
SPREAD = 1.0
# How often a list waits for a server that says how long it is busy before it gives up.
MOST_WAITS = 3

P = TypeVar("P")


class PagesOfList(Protocol):
    """The pages of a list, of which one that failed is asked for again."""

    def __next__(self) -> Payload:
        """Give the next page, one call; raises StopIteration at the end."""
        ...

    def through(self, client: Client, /) -> None:
        """Go on through another client of the same person."""
        ...


class OnePage:
    """The answer of an operation that does not page, as a list of one page."""

    def __init__(self, ask: Callable[[], Payload]) -> None:
        self._ask = ask
        self._is_told = False

    def __next__(self) -> Payload:
        if self._is_told:
            raise StopIteration
        payload = self._ask()
        self._is_told = True
        return payload

    def through(self, client: Client, /) -> None:
        """Do nothing: what comes after the only page asks nobody."""


class ListFetch(Generic[P]):
    """One list under way: ``parts`` are its pages so far, each as ``read`` makes it.

    ``as_of`` is when it was begun: no part of it is older. The first page is a click. The others
    leave the reserve of the call budget to clicks, and wait for it here and not in the governor,
    so that everybody can be told how long. One thread at a time goes on with it. ``clock`` gives
    seconds, ``jitter`` 0 to 1.
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
        try:
            payload = next(self._through(client))
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
            self.parts.append(self._read(payload))
            self._waits = 0

    def _through(self, client: Client) -> PagesOfList:
        if not self.parts:
            self._pages = self._ask(client)
        assert self._pages is not None  # noqa: S101 - it was there before any part
        if self.parts:
            self._pages.through(client.in_lane(Lane.WATCH))
        return self._pages

    def _pause(self, seconds: float) -> None:
        self._waits_until = self._clock() + seconds + SPREAD * self._jitter()
