"""One thread's attempt to fetch a list: how many pages are wanted, and how it ended."""

import math
from copy import copy
from typing import Generic, TypeVar

from .list_fetch import ListFetch

P = TypeVar("P")


class Attempt(Generic[P]):
    """One thread's work on a fetch: over when it has enough pages, fails or nobody waits."""

    def __init__(self, fetch: ListFetch[P], pages: int | None) -> None:
        self.fetch = fetch
        self.pages = pages
        self.error: Exception | None = None
        self.ended_at = math.inf
        self.is_complete = self.is_over = self.is_cancelled = self.is_told = False

    def has(self, pages: int | None) -> bool:
        """Return whether so many pages are fetched; for all of them, whether the list is made."""
        # With the last page fetched the list is being made: it is complete in a moment.
        if pages is None or self.fetch.is_complete:
            return self.is_complete
        return len(self.fetch.parts) >= pages

    def failed_since(self, moment: float) -> bool:
        """Return whether it failed after that moment."""
        return self.error is not None and self.is_over and self.ended_at > moment

    def want(self, pages: int | None) -> None:
        """Raise the number of pages wanted to at least so many, None for all."""
        self.pages = None if None in (pages, self.pages) else max(pages or 0, self.pages or 0)

    def told(self) -> Exception | None:
        """Return a copy of its error to be raised, and note that it was reported."""
        # A copy: each raise adds its traceback, and several sessions raise the same error.
        self.is_told = self.error is not None
        return copy(self.error)
