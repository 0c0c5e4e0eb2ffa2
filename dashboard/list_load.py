"""Lists read once for all browser sessions of an identity, and kept while one of them lives.

What they return is shared by all these sessions: filter it, never write into it.
"""

import weakref
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Generic, NamedTuple, ParamSpec, TypeAlias, TypeVar

import pandas as pd

from dashboard import bootstrap, page_notes, session
from dashboard.connection import Connection
from services import visier
from services.frames import UnexpectedResponse, leaving_out
from services.frames.parts import put_together
from services.visier import Client, ListSpec, SharedList, SharedLists
from services.visier.rate_limiter import CLICK_PATIENCE
from services.visier.shared_list import Asker

P = ParamSpec("P")
R = TypeVar("R")
Listed: TypeAlias = SharedList[Any, Any]

# As long as people look at one thing; who wants it newer refreshes.
KEPT: Final = timedelta(minutes=15)
# What only comforts is not asked for again before this, unless a person says so.
COMFORT_AGAIN: Final = timedelta(minutes=5)
SHARED: Final = "shared "


class Page(NamedTuple):
    """The rows of a page, and in words what of it could not be read."""

    frame: pd.DataFrame
    left_out: Sequence[str]


class ListLoad(Generic[P, R]):
    """A list that is read once for all browser sessions of one identity, and kept for a time."""

    def __init__(self, spec: Callable[P, ListSpec[Any, R]]) -> None:
        self.name: str = spec.__name__
        self._spec = spec

    def of(self, connection: Connection, *args: P.args, **kwargs: P.kwargs) -> SharedList[Any, R]:
        """Return the list itself: how far it is, and what keeps it from being read."""
        return self.among(lists(connection), *args, **kwargs)

    def among(
        self, of_identity: SharedLists, *args: P.args, **kwargs: P.kwargs
    ) -> SharedList[Any, R]:
        """Return the list among those of an identity, for whoever holds these apart from a page."""
        key = (args, tuple(kwargs.items()))
        return of_identity.of(self.name, key, self._spec(*args, **kwargs))

    def __call__(self, connection: Connection, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what is kept, or read it; what goes on in the background is noted for the page."""
        listed = self.of(connection, *args, **kwargs)
        answer = listed.get(asker(connection))
        page_notes.of_page().note_list(listed)
        return answer

    def refresh(self, connection: Connection, *args: P.args, **kwargs: P.kwargs) -> None:
        """Read anew, or join whoever does; the old answer stays until that is complete.

        Goes on in the background when it takes long. Raises why it failed.
        """
        self.of(connection, *args, **kwargs).refresh(asker(connection))

    def read_anew(
        self, connection: Connection, than: datetime, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Return what was begun to be read later than that moment, now if need be.

        Raises StillFetching while it is not complete: ask again with the same moment.
        """
        listed = self.of(connection, *args, **kwargs)
        if not listed.refresh(asker(connection), than=than):
            raise visier.StillFetching(listed)
        return listed.get(asker(connection))


def lists(connection: Connection) -> SharedLists:
    """Return the lists of whoever is connected; they live as long as a browser session has them."""
    identity = connection.identity
    return session.kept(f"{SHARED}{identity.name}", lambda: bootstrap.shared_lists(identity))


def asker(connection: Connection) -> Asker:
    """Return what reads through this connection for as long as its browser session has it."""
    # Weak: a list read in the background must not keep the credentials of who has left.
    there = weakref.ref(connection)

    def client() -> Client | None:
        found = there()
        return None if found is None else found.client

    return client


def in_frames(
    ask: Callable[[Client], Any],
    to_frame: Callable[[Iterable[object]], pd.DataFrame],
    whole: Callable[[pd.DataFrame, datetime, Sequence[str]], R],
    *,
    ttl: timedelta = KEPT,
    most: int = 4,
    size: str = "",
    tenant: str | None = None,
    comforts: bool = False,
) -> ListSpec[Page, R]:
    """Return a list whose pages become frames as they come: as parsed they take ten times as much.

    `whole` is given all rows, when the first of them were read (aware, UTC), and in words what
    could not be.
    """

    def part(page: object) -> Page:
        with leaving_out() as left_out:
            return Page(to_frame([page]), left_out)

    def made(parts: Sequence[Page], as_of: datetime) -> R:
        frame = put_together([each.frame for each in parts]) if parts else to_frame([])
        return whole(frame, as_of, [text for each in parts for text in each.left_out])

    return ListSpec(ask, part, made, ttl.total_seconds(), most, size, tenant, comforts)


def comfort(
    name: str,
    listed: SharedList[Any, R],
    pages: int | None = None,
    patience: float = CLICK_PATIENCE,
) -> R | None:
    """Return what was read of a list that no page depends on; note what keeps it from being whole.

    Of what was refused lately nothing is asked again. ``patience`` is in seconds.
    """
    made = session.signed_in()
    page_notes.of_page().without[name] = page_notes.Without(listed, listed.progress.pages)
    hold = COMFORT_AGAIN.total_seconds()
    try:
        return listed.get(asker(made), pages=pages, patience=patience, hold=hold)
    except (visier.StillFetching, visier.VisierError, visier.InvalidArgument, UnexpectedResponse):
        return listed.so_far()


def begun(connection: Connection) -> set[str]:
    """Return the operations that all who share this identity look out for the end of."""
    identity = connection.identity
    return session.kept(
        f"{SHARED}begun {identity.name}", lambda: bootstrap.shared(identity, "begun", set[str])
    )


def forget() -> None:
    """Forget everything this browser session has read; what others share stays with them."""
    session.forget_kept(SHARED)
