"""All lists of one identity."""

import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, MutableMapping
from datetime import datetime
from typing import Any, TypeVar

from services.clock import CLOCK

from .list_fetch import ListSpec
from .shared_list import SharedList

P = TypeVar("P")
A = TypeVar("A")


class SharedLists:
    """The lists of one identity, of each kind the most recently used; ``sizes`` outlives them."""

    def __init__(
        self,
        sizes: MutableMapping[str, int] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = CLOCK.now,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._sizes = {} if sizes is None else sizes
        self._clock = clock
        self._now = now
        self._jitter = jitter
        self._lock = threading.Lock()
        self._lists: OrderedDict[tuple[str, Hashable], SharedList[Any, Any]] = OrderedDict()

    def of(self, kind: str, key: Hashable, spec: ListSpec[P, A]) -> SharedList[P, A]:
        """Return the list of a kind and key; the first caller's spec decides how it is read."""
        name = (kind, key)
        with self._lock:
            if name not in self._lists:
                self._make_room(kind, spec.most)
                self._lists[name] = SharedList(
                    spec, self._sizes, clock=self._clock, now=self._now, jitter=self._jitter
                )
            self._lists.move_to_end(name)
            return self._lists[name]

    def forget(self, kinds: Collection[str] | None = None, since: datetime | None = None) -> None:
        """Drop what was fetched of these kinds, or begun, before that moment; None for all."""
        with self._lock:
            found = [
                listed
                for (kind, _), listed in self._lists.items()
                if kinds is None or kind in kinds
            ]
        for listed in found:
            listed.forget(since)

    def forget_one(self, kind: str, key: Hashable) -> None:
        """Drop what was fetched of one list, if it is kept."""
        with self._lock:
            listed = self._lists.get((kind, key))
        if listed is not None:
            listed.forget(None)

    def __len__(self) -> int:
        """Return how many lists there are."""
        return len(self._lists)

    def _make_room(self, kind: str, most: int) -> None:
        """Drop idle lists, and of this kind the least recently used ones above ``most``.

        A running fetch that is dropped ends by itself when nobody waits for it.
        """
        # Only when a list is added: nothing runs by itself here.
        for name in [name for name, each in self._lists.items() if each.is_idle]:
            del self._lists[name]
        alike = [name for name in self._lists if name[0] == kind]
        for name in alike[: max(0, len(alike) - most + 1)]:
            del self._lists[name]
