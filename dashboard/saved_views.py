"""The saved views that a person sees here: read once in a run, for all who ask."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from dashboard import session
from dashboard.connection import Connection
from dashboard.navigation import Query, Screen
from services.ledger import LedgerTrouble, SavedView, UnknownView, ViewOwner

OPENED: Final = "view"
"""What the open view is called in the address of every screen."""


@dataclass
class _Listed:
    views: list[SavedView] = field(default_factory=list)
    trouble: LedgerTrouble | None = None


def owner(connection: Connection) -> ViewOwner:
    """Return who saves views through a connection; another API key makes nobody another.

    A security token that was typed does not say whose it is: who has signed in by OIDC too is known
    by that alone, and everyone else is another person with the next token.
    """
    identity = connection.identity
    by_person = bool(identity.person) and connection.client.is_by_token
    key = "\n".join(("" if by_person else identity.user, identity.person))
    return ViewOwner(connection.actor.place, key, connection.actor.user)


def read(connection: Connection) -> None:
    """Read the views once for this run; without the ledger there are none."""
    listed = session.own(_Listed)
    listed.views, listed.trouble = [], None
    try:
        listed.views = connection.ledger.saved_views.visible_to(owner(connection))
    except LedgerTrouble as trouble:
        listed.trouble = trouble


def listed(screen: Screen | None = None) -> list[SavedView]:
    """Return the views of a screen, or of all: own ones by name, then shared ones by name."""
    views = session.own(_Listed).views
    return [view for view in views if screen is None or view.screen == screen.name]


def trouble() -> LedgerTrouble | None:
    """Return why the views could not be read, if so."""
    return session.own(_Listed).trouble


def query_of(view: SavedView) -> Query:
    """Return the query of a link that opens a view."""
    return {**view.query, OPENED: view.id}


def default_of(screen: Screen) -> Query:
    """Return the query with which the menu opens a screen: that of the default view, if any."""
    return next((query_of(view) for view in listed(screen) if view.is_default), {})


def opened(screen: Screen) -> SavedView | None:
    """Return the view that the address of a screen names, if it is there."""
    return next(_named(listed(screen)), None)


def _named(views: Iterable[SavedView]) -> Iterator[SavedView]:
    return (view for view in views if view.id == st.query_params.get(OPENED))


def holding(list_name: str) -> SavedView | None:
    """Return the view that the address names, if a pasted list of this name is part of it."""
    return next(
        (
            view
            for view in _named(listed())
            if any(list_name in values for values in view.query.values())
        ),
        None,
    )


def pasted_list(list_name: str) -> str:
    """Return the text of a pasted list from the view that the address names, or ""."""
    view, connection = holding(list_name), session.signed_in()
    if view is None:
        return ""
    try:
        return connection.ledger.saved_views.lists_of(owner(connection), view.id)[list_name]
    except (LedgerTrouble, UnknownView, KeyError):
        return ""
