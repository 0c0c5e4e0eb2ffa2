"""The lists of one identity: each fetched once for all its browser sessions, and kept for a time.

How old may a page be? A finished list is kept for its ``ttl``, counted from its last page, and says
itself when its first was read. One that broke off, since it failed or nobody waited for it any
more, is continued until its first page is as old as that, and begun anew after it. One that is
under way is never begun anew for its age.

What if the list changes meanwhile? ``services.visier.calls.Pages`` sees to it that what is there
all along comes once. What comes or goes after the first page may be missing or still be there; what
an operation has changed makes a list be forgotten, also while it is under way.

Who ends it? A thread fetches only while somebody waits: two minutes after the last one has looked,
it stops, and what it has fetched stays. It calls through the client of whoever looked last, so that
nobody who has signed out is still read for.

A refresh begins anew, or joins what is under way; until that is complete the old list stays.
"""

import threading
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

from .client import Client
from .errors import SignedOut, VisierError
from .list_attempt import Attempt
from .list_fetch import ListFetch, ListSpec
from .rate_limiter import CLICK_PATIENCE

# Reloading a page or coming back to its tab takes less: reading goes on meanwhile.
UNWATCHED: Final = 120.0
# Where a list cannot be read again, an hour-old one that says so beats an empty page.
STALE: Final = 3600.0
_SLICE: Final = 1.0

P = TypeVar("P")
A = TypeVar("A")

Asker = Callable[[], Client | None]
"""Gives the client of somebody who waits, None or SignedOut once they have gone."""


@dataclass(frozen=True)
class Progress:
    """How far a list is: pages fetched, pages expected where that can be told, seconds it waits."""

    pages: int
    expected: int | None
    wait: float


class StillFetching(Exception):
    """The list ``of`` is not complete yet; it goes on by itself while somebody waits for it."""

    def __init__(self, of: "SharedList[Any, Any]") -> None:
        super().__init__("The list is still being read.")
        self.of = of


class _Kept(Generic[A], NamedTuple):
    """What was made of a fetch, when that was begun, and by the clock when it was complete."""

    value: A
    as_of: datetime
    at: float


class SharedList(Generic[P, A]):
    """One list of one identity, as far as it was read; safe to use from any number of threads."""

    def __init__(
        self,
        spec: ListSpec[P, A],
        sizes: MutableMapping[str, int],
        *,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        jitter: Callable[[], float],
    ) -> None:
        self._spec = spec
        self._sizes = sizes
        self._clock = clock
        self._now = now
        self._jitter = jitter
        self._changed = threading.Condition()
        self._attempt: Attempt[P] | None = None
        self._kept: _Kept[A] | None = None
        self._partial: tuple[int, A] | None = None
        self._asker: Asker | None = None
        self._seen_at = clock()
        self._pages_before = 0

    def get(
        self,
        asker: Asker,
        *,
        pages: int | None = None,
        patience: float = CLICK_PATIENCE,
        hold: float = 0.0,
    ) -> A:
        """Return what is kept, or read it; with ``pages`` so many pages are enough.

        While it is read again, or cannot be, an answer of the last hour stands in for it:
        ``is_under_way`` and ``trouble`` tell. An error of the last ``hold`` seconds is raised again
        instead of another try. Raises StillFetching when the patience (seconds) is over, and what
        reading raises.
        """
        with self._changed:
            self.saw(asker)
            if self._kept is not None and self._is_young(self._kept.at):
                return self._kept.value
            attempt = self._attempt
            if attempt is None or not attempt.failed_since(self._clock() - hold):
                attempt = self._wait_for(pages, patience)
            if attempt.has(pages):
                return self._made(attempt)
            error = attempt.told()
            if self._kept is not None and self._clock() - self._kept.at < STALE:
                return self._kept.value
            raise error or StillFetching(self)

    def refresh(
        self, asker: Asker, *, than: datetime | None = None, patience: float = CLICK_PATIENCE
    ) -> bool:
        """Read it anew; return whether that is complete within the patience (seconds).

        Joins what is under way. Nothing is read where what is kept was begun later ``than`` that.
        Raises what reading raises; the answer that is kept stays until there is another.
        """
        with self._changed:
            self.saw(asker)
            if than is not None and self._kept is not None and self._kept.as_of > than:
                return True
            if not self.is_under_way:
                self._begun(self._fetch(), None)
            attempt = self._wait_for(None, patience)
            error = attempt.told()
            if error is not None:
                raise error
            return attempt.is_complete

    def saw(self, asker: Asker) -> None:
        """Note that somebody waits for it, through whose client it may be fetched."""
        with self._changed:
            self._asker, self._seen_at = asker, self._clock()
            self._changed.notify_all()

    def forget(self, since: datetime | None = None) -> None:
        """Forget what was read, or begun, before that moment; None for everything."""
        with self._changed:
            if self._kept is not None and (since is None or self._kept.as_of < since):
                self._kept = None
            attempt = self._attempt
            if attempt is not None and (since is None or attempt.fetch.as_of < since):
                attempt.is_cancelled, self._attempt, self._partial = True, None, None
                self._changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is under way; return whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.is_under_way, timeout)

    def try_now(self) -> None:
        """Have it tried now, however long it was to wait."""
        with self._changed:
            if self._attempt is not None:
                self._attempt.fetch.hurry()
            self._changed.notify_all()

    def trouble(self) -> Exception | None:
        """Return why it could not be read when that was tried last.

        Beside an answer that is young all the same it is told once.
        """
        with self._changed:
            attempt = self._attempt
            if attempt is None or not attempt.is_over:
                return None
            is_young = self._kept is not None and self._is_young(self._kept.at)
            return None if is_young and attempt.is_told else attempt.told()

    def so_far(self) -> A | None:
        """Return what is kept, or what the pages make that are there; None where none is."""
        with self._changed:
            if self._kept is not None:
                return self._kept.value
            attempt = self._attempt
            return self._made(attempt) if attempt is not None and attempt.fetch.parts else None

    @property
    def is_complete(self) -> bool:
        """Whether all of it was read, or no more of it can be."""
        return self._kept is not None

    @property
    def is_fresh(self) -> bool:
        """Whether asking for it takes no call."""
        last = self._attempt
        return last is not None and last.is_complete and self._is_young(last.fetch.begun_at)

    @property
    def is_under_way(self) -> bool:
        """Whether a thread is at it."""
        return self._attempt is not None and not self._attempt.is_over

    @property
    def is_idle(self) -> bool:
        """Whether nothing of it is worth keeping."""
        kept = self._kept is not None and self._clock() - self._kept.at < max(STALE, self._spec.ttl)
        begun = self._attempt is not None and self._is_young(self._attempt.fetch.begun_at)
        return not (kept or begun or self.is_under_way)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        with self._changed:
            fetch = self._attempt.fetch if self._attempt else None
            pages, wait = (len(fetch.parts), fetch.wait) if fetch else (0, 0.0)
            expected = self._pages_before or self._sizes.get(self._spec.size, 0)
            return Progress(pages, expected if expected > pages else None, wait)

    def _is_young(self, at: float) -> bool:
        return self._clock() - at < self._spec.ttl

    def _wait_for(self, pages: int | None, patience: float) -> Attempt[P]:
        """Wait until so many pages are there, it has failed, or the patience would not suffice."""
        deadline = self._clock() + patience
        attempt = self._wanted(pages)
        while not attempt.has(pages) and attempt.error is None:
            left = deadline - self._clock()
            if left <= 0 or attempt.fetch.wait > left:
                break
            self._changed.wait(min(left, _SLICE))
            if attempt.is_cancelled or (attempt.is_over and attempt.error is None):
                attempt = self._wanted(pages)
        return attempt

    def _wanted(self, pages: int | None) -> Attempt[P]:
        """Return the attempt that has what is wanted, is under way to it, or is begun for it."""
        before = self._attempt
        if before is None or not (self.is_under_way or self._is_young(before.fetch.begun_at)):
            return self._begun(self._fetch(), pages)
        if self.is_under_way:
            before.want(pages)
        has_news = before.error is not None and not before.is_told
        if self.is_under_way or before.has(pages) or has_news:
            return before
        # A page that was had and could not be made anything of is not asked for a second time.
        is_spoilt = before.error is not None and not isinstance(before.error, VisierError)
        return self._begun(self._fetch() if is_spoilt else before.fetch, pages)

    def _fetch(self) -> ListFetch[P]:
        return ListFetch(
            self._spec.ask,
            self._spec.part,
            self._now(),
            clock=self._clock,
            jitter=self._jitter,
        )

    def _begun(self, fetch: ListFetch[P], pages: int | None) -> Attempt[P]:
        attempt = self._attempt = Attempt(fetch, pages)
        threading.Thread(target=self._work, args=(attempt,), daemon=True).start()
        return attempt

    def _made(self, attempt: Attempt[P]) -> A:
        if self._kept is not None and attempt.is_complete:
            return self._kept.value
        parts = list(attempt.fetch.parts)
        if self._partial is None or self._partial[0] != len(parts):
            self._partial = len(parts), self._spec.whole(parts, attempt.fetch.as_of)
        return self._partial[1]

    def _work(self, attempt: Attempt[P]) -> None:
        fetch, kept = attempt.fetch, None
        try:
            while not (fetch.is_complete or attempt.has(attempt.pages) or attempt.is_cancelled):
                if self._clock() - self._seen_at > UNWATCHED:
                    break
                client = None if fetch.wait else self._client()
                if client is None:
                    self._rest(min(fetch.wait, _SLICE) or _SLICE)
                    continue
                fetch.go_on(client)
                self._rest(0.0)
            if fetch.is_complete:
                kept = _Kept(self._spec.whole(fetch.parts, fetch.as_of), fetch.as_of, 0.0)
        except Exception as error:  # whatever it is, it is raised where somebody waits
            attempt.error = error
        finally:
            self._end(attempt, kept)

    def _end(self, attempt: Attempt[P], kept: _Kept[A] | None) -> None:
        with self._changed:
            if kept is not None and not attempt.is_cancelled:
                self._kept, self._asker = kept._replace(at=self._clock()), None
                self._pages_before = len(attempt.fetch.parts)
                if self._spec.size:
                    self._sizes[self._spec.size] = self._pages_before
                attempt.is_complete = True
            attempt.is_over, attempt.ended_at = True, self._clock()
            self._changed.notify_all()

    def _client(self) -> Client | None:
        asker = self._asker
        try:
            client = asker and asker()
        except SignedOut:
            client = None
        with self._changed:
            if client is None and self._asker is asker:
                self._asker = None
        tenant = self._spec.tenant
        return client.in_tenant(tenant) if client is not None and tenant else client

    def _rest(self, seconds: float) -> None:
        """Tell how far it is, and wait that long unless somebody comes."""
        with self._changed:
            self._changed.notify_all()
            if seconds:
                self._changed.wait(seconds)
