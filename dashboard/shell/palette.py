"""Go to a screen, action, saved view, tenant, job or operation by its name or id (Ctrl+K)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import quote

import streamlit as st

from dashboard import access, navigation, saved_views, wording
from dashboard.components import (
    formats,
    job_choices,
    job_names,
    states,
    tenant_link,
    tenant_search,
    tenants,
    typed,
    view_menu,
)
from dashboard.connection import Connection
from dashboard.navigation import Query, Screen
from dashboard.operations.start_link import KIND_OF_START
from dashboard.operations.start_wording import STARTS
from services.ledger import LedgerTrouble, OperationFilter
from services.operations import Verb
from services.typed_text import SEARCHED_AT_MOST, clean

OPENED = "go_to"
SHORTCUT = "Mod+K"
# What fits below the field without scrolling, of each kind.
LISTED = 5
# As many letters of an id as tell a job from others, among those a screen has read.
LEAST_OF_AN_ID = 8
# By so many a job is looked for that no screen has read: this list makes no call.
LEAST_OF_A_WHOLE_ID = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go: a screen with filters, and how it is called in the list."""

    label: str
    screen: Screen
    query: Query = field(default_factory=dict)


# What is begun on a screen, by the words of its form; nothing is sent before a person confirms it.
ACTIONS = (
    *(
        Place(f"Start jobs: {words}", navigation.START_JOBS, {KIND_OF_START: verb})
        for verb, words in STARTS.items()
    ),
    Place("New credential", navigation.CREDENTIALS, {"cred_view": "new"}),
    Place("Failures and their reasons", navigation.JOBS, {"job_view": "failures"}),
)


def button(connection: Connection) -> None:
    """Draw the button that opens the list of places."""
    st.button(
        "Go to…",
        key="shell.palette",
        icon=":material/search:",
        type="tertiary",
        shortcut=SHORTCUT,
        disabled=navigation.is_covered(),
        on_click=lambda: st.query_params.update({OPENED: "true"}),
    )
    # In the address it outlives that a page looks again by itself, and a place's link ends it.
    if OPENED in st.query_params:
        _show(connection)


def _close() -> None:
    st.query_params.pop(OPENED, None)


@st.dialog("Go to", icon=":material/search:", on_dismiss=_close)
@access.while_it_holds
def _show(connection: Connection) -> None:
    text = st.text_input(
        "Name or id",
        key="shell.palette.text",
        live=True,
        placeholder="Screen, action, saved view, tenant, job id or operation",
        label_visibility="collapsed",
    )
    found = [*places(connection, clean(text))]
    for place in found:
        # What people and Visier call things is text, never markdown.
        label = formats.literal(place.label)
        navigation.link(place.screen, label, place.query, icon=place.screen.icon)
    if not found:
        st.caption("Nothing is called so. Tenants are found among those whose names were read.")
    st.caption("Enter opens the first, Tab and Enter another; Esc closes the list.")
    # browser.js opens nothing that was found for what stood in the field before. Written as in an
    # address: of an attribute Streamlit drops the spaces around it, and all of it with a `-->`.
    found_for = quote(text, safe="!*'()")
    st.html(f'<span data-found-for="{found_for}"></span>')


def places(connection: Connection, text: str) -> Iterator[Place]:
    """Return the places a text names, screens first; every screen for no text. Makes no call."""
    for screen in (*navigation.SCREENS, navigation.ACTIVITY):
        if text.casefold() in screen.title.casefold():
            yield Place(screen.title, screen, saved_views.default_of(screen))
    if not text or len(text) > SEARCHED_AT_MOST:
        return
    yield from (each for each in ACTIONS if text.casefold() in each.label.casefold())
    yield from islice(_views(text), LISTED)
    yield from _tenants(connection, text)
    yield from _jobs(connection, text)
    yield from _operations(connection, text)


def _views(text: str) -> Iterator[Place]:
    for screen in (*navigation.SCREENS, navigation.ACTIVITY):
        for view in saved_views.listed(screen):
            if text.casefold() in view.name.casefold():
                label = f"{view_menu.label(view)} · {screen.title}"
                yield Place(label, screen, saved_views.query_of(view))


def _tenants(connection: Connection, text: str) -> Iterator[Place]:
    known = tenants.at_hand(connection).frame
    names = known["display_name"].fillna("")
    hits = known[tenant_search.match(known["tenant_code"], names, text).mask]
    for code, name in hits[["tenant_code", "display_name"]].head(LISTED).itertuples(index=False):
        label = f"{name} · {code}" if isinstance(name, str) and name else code
        yield Place(label, navigation.TENANT, {tenant_link.CODE: code})
    if (more := len(hits) - LISTED) > 0:
        label = f"And {formats.counted(more, 'more tenant')}"
        yield Place(label, navigation.TENANT, {tenant_link.FIND: text})


def _jobs(connection: Connection, text: str) -> Iterator[Place]:
    """Return the jobs whose ids begin so, of those that screens have read."""
    if not typed.JOB_ID.fullmatch(text) or len(text) < LEAST_OF_AN_ID:
        return
    found: dict[str, Place] = {}
    for window in (job_choices.DEFAULT, *job_choices.WINDOWS, job_choices.LAST_NIGHT):
        snapshot = connection.job_monitor.kept(job_choices.named(window))
        if snapshot is None:
            continue
        ids = snapshot.listed["job_id"].str.casefold()
        hits = snapshot.listed[ids.str.startswith(text.casefold()).fillna(False)]
        hits = tenants.named(connection, hits.head(LISTED))
        for (_, job), (state,) in zip(hits.iterrows(), states.labels(hits), strict=True):
            label = f"{job_names.name_of(job)} · {state} · {job['job_id']}"
            query = {"job": str(job["job_key"]), "job_window": window}
            found.setdefault(job["job_key"], Place(label, navigation.JOBS, query))
    yield from islice(found.values(), LISTED)
    if not found and len(text) >= LEAST_OF_A_WHOLE_ID:
        yield Place(f"Job {text}", navigation.JOBS, {"job_id": text, "job_window": "7d"})


def _operations(connection: Connection, text: str) -> Iterator[Place]:
    actor = connection.actor
    wanted = OperationFilter(
        tenant=actor.tenant, host=actor.host, text=text, verbs_of_text=wording.verbs_that_say(text)
    )
    try:
        found = connection.ledger.operations(wanted, LISTED)
    except LedgerTrouble:
        return
    for operation in found:
        began = formats.here(operation.started_at)
        state = wording.STATES[operation.state]
        words = (wording.verb(operation.verb), state, began, operation.reason)
        label = " · ".join(filter(None, words))
        if operation.verb == Verb.RECOVER:
            yield Place(label, navigation.RECOVERY, {"recovery": operation.id})
        else:
            yield Place(label, navigation.ACTIVITY, {"act_op": operation.id})
