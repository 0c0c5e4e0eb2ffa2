"""One thread's try at a list: what is wanted of it, and how it ended."""

import math
from copy import copy
from typing import Generic, TypeVar

from .list_fetch import ListFetch

P = TypeVar("P")


class Attempt(Generic[P]):
    """One thread's work on a fetch: over when that has pages enough, fails or is left alone."""

    def __init__(self, fetch: ListFetch[P], pages: int | None) -> None:
        self.fetch = fetch
        self.pages = pages
        self.error: Exception | None = None
        self.ended_at = math.inf
        self.is_complete = self.is_over = self.is_cancelled = self.is_told = False

    def has(self, pages: int | None) -> bool:
        """Say whether so many pages are there, or what all of them make.

        Where the last page is there, that is made at this moment, and told to be complete.
        """
        if pages is None or self.fetch.is_complete:
            return self.is_complete
        return len(self.fetch.parts) >= pages

    def failed_since(self, moment: float) -> bool:
        """Say whether it has failed later than that."""
        return self.error is not None and self.is_over and self.ended_at > moment

    def want(self, pages: int | None) -> None:
        """Have at least so many pages fetched, None for all."""
        self.pages = None if None in (pages, self.pages) else max(pages or 0, self.pages or 0)

    def told(self) -> Exception | None:
        """Return a copy of its error to be raised, and note that somebody was told of it."""
        self.is_told = self.error is not None
        return copy(self.error)
