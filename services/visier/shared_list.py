"""The lists of one identity: each fetched once for all its browser sessions, and cached.

Age. A finished list is kept for its ``ttl``, counted from its last page; its ``as_of`` is the time
of its first. A fetch that broke off, because it failed or nobody waited any more, is continued
until its first page is older than the ttl, and then begun anew. A running fetch is never restarted
because of its age.

Changes. ``services.visier.calls.Pages`` makes sure that an item present all along appears once.
What is added or removed after the first page may be missing or still be listed. A list that an
operation has changed is dropped, also while it is being fetched.

End. A thread fetches only while somebody waits: it stops two minutes after the last interest, and
its pages stay. It calls through the client of whoever asked last, so that nothing is read on behalf
of somebody who has signed out.

A refresh begins a new fetch or joins a running one; the old list stays until the new one is whole.
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

# Seconds. Reloading a page or coming back to its tab takes less, so that fetching goes on.
UNWATCHED: Final = 120.0
# Seconds. Where a list cannot be read again, an hour-old one that says so beats an empty page.
STALE: Final = 3600.0
# Seconds after which a wait looks again: a fetch may be continued, or cancelled, by others.
_SLICE: Final = 1.0

P = TypeVar("P")
A = TypeVar("A")

Asker = Callable[[], Client | None]
"""Returns the client of somebody who waits; None, or raises SignedOut, once they have left."""


@dataclass(frozen=True)
class Progress:
    """The progress of a list: pages fetched, pages expected (None if unknown), seconds of wait."""

    pages: int
    expected: int | None
    wait: float


class StillFetching(Exception):
    """The list ``of`` is not complete yet; fetching continues while somebody waits for it."""

    def __init__(self, of: "SharedList[Any, Any]") -> None:
        super().__init__("The list is still being read.")
        self.of = of


class _Kept(Generic[A], NamedTuple):
    """A finished list, when its fetch began, and when it was complete, in seconds of the clock."""

    value: A
    as_of: datetime
    at: float


class SharedList(Generic[P, A]):
    """One list of one identity, as far as it is fetched; safe to share between threads."""

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
        """Return the cached list, or fetch it; with ``pages``, that many pages are enough.

        While it is fetched again, or cannot be, a list of the last hour is returned instead; see
        ``is_under_way`` and ``trouble``. An error of the last ``hold`` seconds is raised again
        without another try. Raises StillFetching after ``patience`` seconds, and the errors of
        the fetch.
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
        """Fetch it anew; return whether that is complete within ``patience`` seconds.

        Joins a running fetch. Nothing is fetched where the cached list was begun after ``than``.
        Raises the errors of the fetch; the cached list stays until there is a new one.
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
        """Note that somebody waits for it, and through whose client it may be fetched."""
        with self._changed:
            self._asker, self._seen_at = asker, self._clock()
            self._changed.notify_all()

    def forget(self, since: datetime | None = None) -> None:
        """Drop what was fetched, or begun, before that moment; None for everything."""
        with self._changed:
            if self._kept is not None and (since is None or self._kept.as_of < since):
                self._kept = None
            attempt = self._attempt
            if attempt is not None and (since is None or attempt.fetch.as_of < since):
                attempt.is_cancelled, self._attempt, self._partial = True, None, None
                self._changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until no fetch is running; return whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.is_under_way, timeout)

    def try_now(self) -> None:
        """End the wait of a running fetch."""
        with self._changed:
            if self._attempt is not None:
                self._attempt.fetch.hurry()
            self._changed.notify_all()

    def trouble(self) -> Exception | None:
        """Return the error of the last fetch, if it failed.

        Beside a cached list that is still fresh the error is returned once.
        """
        with self._changed:
            attempt = self._attempt
            if attempt is None or not attempt.is_over:
                return None
            is_young = self._kept is not None and self._is_young(self._kept.at)
            return None if is_young and attempt.is_told else attempt.told()

    def so_far(self) -> A | None:
        """Return the cached list, or a partial one of the pages so far; None without any."""
        with self._changed:
            if self._kept is not None:
                return self._kept.value
            attempt = self._attempt
            return self._made(attempt) if attempt is not None and attempt.fetch.parts else None

    @property
    def is_complete(self) -> bool:
        """Whether the whole list is cached."""
        return self._kept is not None

    @property
    def is_fresh(self) -> bool:
        """Whether getting it takes no call."""
        last = self._attempt
        return last is not None and last.is_complete and self._is_young(last.fetch.begun_at)

    @property
    def is_under_way(self) -> bool:
        """Whether a thread is fetching it."""
        return self._attempt is not None and not self._attempt.is_over

    @property
    def is_idle(self) -> bool:
        """Whether nothing of it is worth keeping in memory."""
        kept = self._kept is not None and self._clock() - self._kept.at < max(STALE, self._spec.ttl)
        begun = self._attempt is not None and self._is_young(self._attempt.fetch.begun_at)
        return not (kept or begun or self.is_under_way)

    @property
    def progress(self) -> Progress:
        """How far the fetch is."""
        with self._changed:
            fetch = self._attempt.fetch if self._attempt else None
            pages, wait = (len(fetch.parts), fetch.wait) if fetch else (0, 0.0)
            expected = self._pages_before or self._sizes.get(self._spec.size, 0)
            return Progress(pages, expected if expected > pages else None, wait)

    def _is_young(self, at: float) -> bool:
        return self._clock() - at < self._spec.ttl

    def _wait_for(self, pages: int | None, patience: float) -> Attempt[P]:
        """Wait until so many pages are fetched, it has failed, or patience would not suffice."""
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
        """Return an attempt that has so many pages, is fetching them, or is begun for them."""
        before = self._attempt
        if before is None or not (self.is_under_way or self._is_young(before.fetch.begun_at)):
            return self._begun(self._fetch(), pages)
        if self.is_under_way:
            before.want(pages)
        has_news = before.error is not None and not before.is_told
        if self.is_under_way or before.has(pages) or has_news:
            return before
        # A page that could not be parsed would fail again: only an error of the call is continued.
        is_spoilt = before.error is not None and not isinstance(before.error, VisierError)
        return self._begun(self._fetch() if is_spoilt else before.fetch, pages)

    def _fetch(self) -> ListFetch[P]:
        return ListFetch(
            self._spec.ask,
            self._spec.part,
            self._now(),
            comforts=self._spec.comforts,
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
                # Nobody is read for any more: the client goes with its session.
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
            # Somebody else may have asked meanwhile: only the one who has left is dropped.
            if client is None and self._asker is asker:
                self._asker = None
        tenant = self._spec.tenant
        return client.in_tenant(tenant) if client is not None and tenant else client

    def _rest(self, seconds: float) -> None:
        """Wake those who wait for progress, and wait so long unless somebody comes."""
        with self._changed:
            self._changed.notify_all()
            if seconds:
                self._changed.wait(seconds)
