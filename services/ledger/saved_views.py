"""Saved views: the filters of a screen under a name, own or shared with everyone at their place."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from . import database, truncation
from .errors import UnknownView, ViewNameTaken, ViewRefused
from .models import NewView, Place, SavedView, ViewOwner
from .tables import saved_view
from .writes import kept_place

NAME_AT_MOST: Final = 60
QUERY_AT_MOST: Final = 8_000
"""Characters of a view's parameters at most, as JSON; an address has no more."""
LISTS_AT_MOST: Final = 1_000_000
"""Characters of a view's pasted lists at most: the codes of some 80,000 tenants."""
VIEWS_AT_MOST: Final = 50
"""Views of one owner at one place at most."""
ViewFilters = Mapping[str, tuple[str, ...]]
"""The values of each parameter of an address."""
_WRITERS_LOCK: Final = 7_418_526  # any number, the same for everybody who saves views
_LISTED: Final = tuple(column for column in saved_view.c if column is not saved_view.c.lists)


class SavedViews:
    """The views that people have saved: own ones, and at a place those that are shared there.

    A view of another place, or of another owner who does not share it, is not there. Every method
    raises LedgerTrouble when the database cannot do its part.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def visible_to(self, owner: ViewOwner, limit: int = 300) -> list[SavedView]:
        """Return at most `limit` views: their own by name, then shared ones by name.

        Their pasted lists are not read: see `lists_of`.
        """
        is_own = saved_view.c.owner == owner.key
        order = (sa.case((is_own, 0), else_=1), saved_view.c.name, saved_view.c.id)
        asked = sa.select(*_LISTED).where(_is_visible_to(owner)).order_by(*order).limit(limit)
        with database.transaction(self._engine) as connection:
            rows = connection.execute(asked).mappings().all()
        views = [view for row in rows if (view := _as_view(row, owner)) is not None]
        # Databases differ in the order of letters.
        return sorted(views, key=lambda view: (not view.is_own, view.name.casefold(), view.screen))

    def lists_of(self, owner: ViewOwner, view_id: str) -> dict[str, str]:
        """Return the pasted lists of a view by their names; raises UnknownView."""
        asked = sa.select(saved_view.c.lists).where(
            saved_view.c.id == view_id, _is_visible_to(owner)
        )
        with database.transaction(self._engine) as connection:
            found = connection.scalar(asked)
        if found is None:
            raise UnknownView(view_id)
        lists: dict[str, str] = orjson.loads(found)
        return lists

    def filters_of(self, place: Place, view_id: str) -> tuple[str, ViewFilters]:
        """Return the screen and the filters of a view of a place, whoever it is of.

        Its pasted lists stand in the filters in the place of their names. Raises UnknownView.
        """
        here = kept_place(place)
        asked = sa.select(saved_view.c.screen, saved_view.c.query, saved_view.c.lists).where(
            saved_view.c.id == view_id,
            saved_view.c.host == here.host,
            saved_view.c.tenant == here.tenant,
        )
        with database.transaction(self._engine) as connection:
            found = connection.execute(asked).first()
        if found is None:
            raise UnknownView(view_id)
        lists = orjson.loads(found.lists)
        query: dict[str, list[str]] = orjson.loads(found.query)
        return found.screen, {
            name: tuple(lists.get(value, value) for value in values)
            for name, values in query.items()
        }

    def add(self, owner: ViewOwner, view: NewView, at: datetime) -> str:
        """Save a view; return its id.

        Raises ViewNameTaken when the owner has one of this name on its screen, ViewRefused for
        what is too large, or one too many.
        """
        row = {**_row(view, at), "id": secrets.token_urlsafe(6), "created_at": at}
        place = kept_place(owner.place)
        row |= {"host": place.host, "tenant": place.tenant, "owner": owner.key}
        row |= truncation.kept({"user": owner.user})
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            _check_name(connection, owner, view)
            own = sa.select(sa.func.count()).select_from(saved_view).where(_is_of(owner))
            if connection.execute(own).scalar_one() >= VIEWS_AT_MOST:
                raise ViewRefused(
                    f"You have {VIEWS_AT_MOST} saved views, which is the limit. Delete one first."
                )
            _take_default(connection, owner, view)
            connection.execute(saved_view.insert(), row)
        return str(row["id"])

    def replace(self, owner: ViewOwner, view_id: str, view: NewView, at: datetime) -> None:
        """Put a view in the place of one of the owner's, under the same id.

        Raises UnknownView when the owner has none of this id, else as `add`.
        """
        row = _row(view, at)
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            _check_name(connection, owner, view, but=view_id)
            _take_default(connection, owner, view)
            changed = saved_view.update().where(saved_view.c.id == view_id, _is_of(owner))
            if not connection.execute(changed, row).rowcount:
                raise UnknownView(view_id)

    def delete(self, owner: ViewOwner, view_id: str) -> None:
        """Delete a view of the owner's, if it is there."""
        gone = saved_view.delete().where(saved_view.c.id == view_id, _is_of(owner))
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            connection.execute(gone)


def _row(view: NewView, at: datetime) -> dict[str, Any]:
    kept = {name: [*map(truncation.storable, values)] for name, values in view.query.items()}
    query = orjson.dumps(kept).decode()
    lists = orjson.dumps(dict(view.lists)).decode()
    if not view.name or len(view.name) > NAME_AT_MOST:
        raise ViewRefused(f"A name has 1 to {NAME_AT_MOST} characters.")
    if len(query) > QUERY_AT_MOST:
        raise ViewRefused(f"These filters are too long to save: over {QUERY_AT_MOST:,} characters.")
    if len(lists) > LISTS_AT_MOST:
        raise ViewRefused(
            f"The pasted list is too long to save: over {LISTS_AT_MOST:,} characters."
        )
    return {
        "screen": view.screen,
        "name": truncation.composed(view.name),
        "query": query,
        "lists": lists,
        "is_shared": view.is_shared,
        "is_default": view.is_default,
        "changed_at": at,
    }


def _as_view(row: sa.RowMapping, owner: ViewOwner) -> SavedView | None:
    """Return a row as its reader sees it; None where its parameters cannot be read."""
    try:
        query = {
            str(name): tuple(map(str, values))
            for name, values in orjson.loads(row["query"]).items()
        }
    except (ValueError, AttributeError, TypeError):
        return None
    is_own = row["owner"] == owner.key
    return SavedView(
        id=row["id"],
        screen=row["screen"],
        name=row["name"],
        query=query,
        is_shared=row["is_shared"],
        is_default=row["is_default"] and is_own,
        is_own=is_own,
        user=row["user"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )


def _is_here(owner: ViewOwner) -> sa.ColumnElement[bool]:
    place = kept_place(owner.place)
    return sa.and_(saved_view.c.host == place.host, saved_view.c.tenant == place.tenant)


def _is_of(owner: ViewOwner) -> sa.ColumnElement[bool]:
    return sa.and_(_is_here(owner), saved_view.c.owner == owner.key)


def _is_visible_to(owner: ViewOwner) -> sa.ColumnElement[bool]:
    return sa.and_(_is_here(owner), sa.or_(saved_view.c.owner == owner.key, saved_view.c.is_shared))


def _check_name(
    connection: sa.Connection, owner: ViewOwner, view: NewView, *, but: str = ""
) -> None:
    # Not by a unique index: these texts together are longer than PostgreSQL's rows of one may be.
    same = sa.select(saved_view.c.id).where(
        _is_of(owner),
        saved_view.c.screen == view.screen,
        saved_view.c.name == truncation.composed(view.name),
        saved_view.c.id != but,
    )
    if (taken := connection.scalar(same)) is not None:
        raise ViewNameTaken(taken)


def _take_default(connection: sa.Connection, owner: ViewOwner, view: NewView) -> None:
    """Take the default away from the owner's other views of this screen, where it goes to this."""
    if view.is_default:
        others = saved_view.update().where(_is_of(owner), saved_view.c.screen == view.screen)
        connection.execute(others.values(is_default=False))
