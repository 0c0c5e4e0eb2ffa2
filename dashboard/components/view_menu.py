"""*Views* in the filter row: open a saved view, save one, change or delete one's own."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from dashboard import connections, navigation, page_notes, saved_views, session, time_zone
from dashboard.components import formats, forms, pasted_lists
from dashboard.connection import Connection
from dashboard.navigation import Query, Screen
from services.clock import CLOCK
from services.ledger import (
    LedgerTrouble,
    NewView,
    SavedView,
    UnknownView,
    ViewNameTaken,
    ViewRefused,
)
from services.ledger.saved_views import NAME_AT_MOST
from services.typed_text import clean

# More are found by name, with Ctrl+K.
LISTED_AT_MOST: Final = 25
# What "(changed)" leaves room for.
LETTERS_BESIDE_CHANGED: Final = 20
OWN, SHARED, DEFAULT = ":material/bookmark:", ":material/group:", ":material/star:"
MENU: Final = "menu"
GONE: Final = (
    "The saved view in this link is not available here: it was deleted, is not shared, or belongs "
    "to another tenant or screen. The filters in the link apply."
)
ANONYMOUS: Final = (
    "You signed in with a security token, which does not say who you are: with the next one you "
    "see only shared views. Share a view to keep it."
)
UNREADABLE: Final = "Saved views cannot be read. The filters in the link apply."
UNKNOWN: Final = "Unknown in this saved view, so ignored:"
LIST_GONE: Final = "Not saved. Paste the list of tenants again first: this session has lost it."

FilterQuery = Mapping[str, Sequence[str]]


@dataclass
class _Asked:
    """What a person is asked, or told, about a view of theirs."""

    words: str = ""
    about: NewView | None = None
    replaces: str = ""
    deletes: str = ""


@dataclass(frozen=True, slots=True)
class _Form:
    """A form that saves a view: its screen and filters, its number, how its keys begin."""

    screen: Screen
    query: FilterQuery
    key: str
    number: int


def label(view: SavedView) -> str:
    """Return a view's name, and whose it is where another shares it."""
    return view.name if view.is_own else f"{view.name} · {view.user}"


def link(screen: Screen, view: SavedView, *, icon: str, within: str) -> None:
    """Draw a link to a view of a screen; the style sheet marks the one that is open."""
    is_open = st.query_params.get(saved_views.OPENED) == view.id
    with st.container(key=f"view-open-{within}" if is_open else None):
        shared = " · shared" if within == MENU and view.is_own and view.is_shared else ""
        text, query = f"{formats.literal(label(view))}{shared}", saved_views.query_of(view)
        navigation.link(screen, text, query, icon=icon, width="stretch")


def _icon(view: SavedView) -> str:
    """Return the icon of the default view, of any other that is shared, or of one's own."""
    if view.is_default:
        return DEFAULT
    return SHARED if view.is_shared else OWN


def draw(connection: Connection) -> None:
    """Draw *Views* into the row of the page, which has drawn its filters by now."""
    notes = page_notes.of_page()
    row, notes.filters = notes.filters, None
    if row is None:
        return
    query = _in_force(row.parameters)
    view = saved_views.opened(row.screen)
    is_changed = view is not None and not _is_same(query, view.query, row.parameters)
    _note(view, row.parameters)
    with row.place:
        menu = st.expander(
            _title(view, is_changed=is_changed),
            icon=OWN,
            key="over-views",
            width=105 if view is None else 220,
        )
    with menu:
        if trouble := saved_views.trouble():
            st.text(f"Saved views cannot be read or saved. {trouble} {trouble.advice}")
            return
        _list(row.screen, is_filtered=bool(query) or view is not None)
        own = view if view is not None and view.is_own else None
        if query:
            _address(query if is_changed or view is None else saved_views.query_of(view))
        if connection.client.is_by_token and connection.person is None:
            st.caption(ANONYMOUS)
        _form(connection, row.screen, query, own, is_changed=is_changed)
        _answer(connection, row.screen, query)
        if own:
            _deletion(connection, own)


def _title(view: SavedView | None, *, is_changed: bool) -> str:
    if view is None:
        return "Views"
    if not is_changed:
        return formats.literal(view.name)
    is_long = len(view.name) > LETTERS_BESIDE_CHANGED
    name = f"{view.name[:LETTERS_BESIDE_CHANGED]}…" if is_long else view.name
    return f"{formats.literal(name)} (changed)"


def _in_force(parameters: Collection[str]) -> FilterQuery:
    """Return the filters of this screen as they stand in the address, with the zone of times."""
    named = {name: st.query_params.get_all(name) for name in parameters}
    given = {name: values for name, values in named.items() if any(values)}
    if time_zone.names_a_time(given):
        given[time_zone.KEY] = [time_zone.chosen().key]
    return given


def _is_same(query: FilterQuery, saved: FilterQuery, parameters: Collection[str]) -> bool:
    known = {*parameters, time_zone.KEY}
    plain = {name: sorted(values) for name, values in saved.items() if name in known}
    return plain == {name: sorted(values) for name, values in query.items()}


def _note(view: SavedView | None, parameters: Collection[str]) -> None:
    """Say below the head of the page what the link names and is not there."""
    say = page_notes.of_page().sentences.append
    if view is not None:
        unknown = set(view.query) - {*parameters, time_zone.KEY}
        if unknown:
            say(f"{UNKNOWN} {', '.join(sorted(unknown))}")
    elif saved_views.OPENED in st.query_params:
        say(UNREADABLE if saved_views.trouble() else GONE)


def _list(screen: Screen, *, is_filtered: bool) -> None:
    """Draw the views of the screen as links, and the way back to all rows."""
    views = saved_views.listed(screen)
    with st.container(key="views-listed", gap="xxsmall"):
        for view in views[:LISTED_AT_MOST]:
            link(screen, view, icon=_icon(view), within=MENU)
        if len(views) > LISTED_AT_MOST:
            more = len(views) - LISTED_AT_MOST
            st.caption(f"{more:,} more: find them by name with Ctrl+K.")
        if is_filtered:
            icon = ":material/filter_alt_off:"
            navigation.link(screen, "Clear filters", icon=icon, width="stretch")


def _address(query: Query) -> None:
    """Draw the address of this page with these filters, with a button that copies it."""
    page = st.context.url
    if page is None:
        return
    st.caption("Link to this view, for those who may open the console")
    named = {**connections.in_link(), **time_zone.in_link(query), **query}
    # A code of one tenant and a time of day are read as they are.
    st.code(f"{page}?{urlencode(named, doseq=True, safe='~:')}", language=None)


def _form(
    connection: Connection,
    screen: Screen,
    query: FilterQuery,
    own: SavedView | None,
    *,
    is_changed: bool,
) -> None:
    """Draw the form that saves these filters: as a new view, or in the place of the open one."""
    number = forms.form("view").number
    key = f"views.{screen.name}.{own.id if own else ''}.{number}"
    save = partial(_save, connection, _Form(screen, query, key, number))
    with st.form("views.form", border=False, enter_to_submit=True):
        st.text_input(
            "Name",
            value=own.name if own else "",
            key=f"{key}.name",
            max_chars=NAME_AT_MOST,
            placeholder="Save these filters as…",
        )
        st.checkbox(
            "Share with everyone here",
            value=own is not None and own.is_shared,
            key=f"{key}.shared",
            help="Everyone signed in to this tenant can open it. Only you can change or delete it.",
        )
        st.checkbox(
            "Open this screen with it",
            value=own is not None and own.is_default,
            key=f"{key}.default",
            help="The menu opens this screen with it, for you alone. A link with filters wins.",
        )
        _form_buttons(save, own, is_changed=is_changed)


def _form_buttons(save: Callable[..., None], own: SavedView | None, *, is_changed: bool) -> None:
    # Enter in the field presses the first.
    with st.container(horizontal=True, gap="xsmall"):
        if own:
            st.form_submit_button(
                "Save changes",
                key="views.save",
                type="primary" if is_changed else "secondary",
                on_click=save,
                args=(own.id,),
            )
        new = "Save as new" if own else "Save this view"
        st.form_submit_button(new, key="views.add", on_click=save)


def _answer(connection: Connection, screen: Screen, query: FilterQuery) -> None:
    """Draw why these filters were not saved, and what is asked."""
    asked = session.own(_Asked)
    if asked.about is None or (asked.about.screen, asked.about.query) != (screen.name, query):
        return
    st.text(asked.words)
    if asked.replaces:
        st.button(
            "Replace it",
            key="views.replace",
            on_click=_write,
            args=(connection, asked.about, asked.replaces, forms.form("view").number),
        )


def _deletion(connection: Connection, own: SavedView) -> None:
    """Draw the way to delete the open view, and the question before that."""
    asked = session.own(_Asked)
    if asked.deletes != own.id:
        st.button(
            "Delete…",
            key="views.delete",
            type="tertiary",
            icon=":material/delete:",
            on_click=partial(setattr, asked, "deletes", own.id),
        )
        return
    others = " Nobody here can open it any more." if own.is_shared else ""
    st.text(f"Delete “{own.name}”?{others} The filters stay.")
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Delete it", key="views.delete_now", on_click=_delete, args=(connection, own))
        st.button("Keep it", key="views.keep", on_click=partial(setattr, asked, "deletes", ""))


def _save(connection: Connection, form: _Form, replaces: str = "") -> None:
    """Save the filters under what is typed, in a callback."""
    name, is_shared, is_default = (
        st.session_state[f"{form.key}.{field}"] for field in ("name", "shared", "default")
    )
    values = {value for values in form.query.values() for value in values}
    lists = {each: pasted_lists.kept_text(each) for each in values if pasted_lists.is_name(each)}
    view = NewView(form.screen.name, clean(name), form.query, lists, is_shared, is_default)
    if all(lists.values()):
        _write(connection, view, replaces, form.number)
    else:
        _say(LIST_GONE, view)


def _write(connection: Connection, view: NewView, replaces: str, number: int) -> None:
    """Save a view, in a callback: in the place of one, or as a new one; and open it."""
    form = forms.form("view")
    if form.number != number:
        # A second click: what it asks for is done.
        return
    owner, now = saved_views.owner(connection), CLOCK.now()
    try:
        views = connection.ledger.saved_views
        if replaces:
            views.replace(owner, replaces, view, now)
        else:
            replaces = views.add(owner, view, now)
    except ViewNameTaken as taken:
        _say(f"You already have a view “{view.name}” on this screen.", view, taken.view_id)
    except (ViewRefused, UnknownView) as refusal:
        _say(f"Not saved. {refusal}", view)
    except LedgerTrouble as trouble:
        st.toast(f"Not saved. {trouble} {trouble.advice}", icon=":material/warning:")
    else:
        _say("", None)
        form.spend(number)
        st.query_params[saved_views.OPENED] = replaces
        st.toast(f"Saved “{formats.literal(view.name)}”.", icon=OWN)


def _say(words: str, about: NewView | None, replaces: str = "") -> None:
    asked = session.own(_Asked)
    asked.words, asked.about, asked.replaces, asked.deletes = words, about, replaces, ""


def _delete(connection: Connection, view: SavedView) -> None:
    """Delete a view, in a callback; what it has filtered stays filtered."""
    _say("", None)
    try:
        connection.ledger.saved_views.delete(saved_views.owner(connection), view.id)
    except LedgerTrouble as trouble:
        st.toast(f"Not deleted. {trouble} {trouble.advice}", icon=":material/warning:")
    else:
        st.query_params.pop(saved_views.OPENED, None)
        st.toast(f"Deleted “{formats.literal(view.name)}”.", icon=":material/delete:")
