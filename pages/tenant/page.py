"""Tenant: what came for one tenant, what was made of it, what was done, and what can be done."""

from datetime import datetime

import streamlit as st

from dashboard import session
from dashboard.components import night_strip, page, tenant_link
from dashboard.connection import Connection
from dashboard.operations import plan_panel
from dashboard.operations.drawer import drawer
from pages.tenant import (
    actions,
    connections,
    done,
    lineage,
    overdue,
    read,
    search,
    timeline,
    versions,
)
from services.clock import CLOCK
from services.typed_text import NAMED_AT_MOST, clean
from services.visier import InvalidArgument

TOO_LONG = f"A tenant code has at most {NAMED_AT_MOST} characters."


def main() -> None:
    """Load, show, act."""
    connection = session.signed_in()
    head = page.head("Tenant")
    code = clean(st.query_params.get(tenant_link.CODE, ""))
    if len(code) > NAMED_AT_MOST:
        raise InvalidArgument(TOO_LONG)
    if not code:
        search.draw(connection)
        return
    with page.loading(80):
        listed = read.tenant(connection, code)
    if listed is not None and listed.frame.empty:
        page.empty("No such tenant", "Visier lists no tenant with exactly this code:")
        st.code(code, language=None)
        search.draw(connection)
        return
    _tenant(code, read.name_of(listed))
    plan = actions.name_of_plan(code)
    plan_panel.slot(connection, plan)
    # A plan stands where whoever pressed the button looks: nothing else is as long.
    if drawer(plan).under_review is not None:
        return
    found = read.everything(connection, code, read.Places(*(st.container() for _ in range(5))))
    page.as_of(head, found.as_of, "ten", lambda: read.refresh(connection, found))
    now = CLOCK.now()
    _draw(connection, found, now)
    actions.bar(connection, found, now)


def _tenant(code: str, name: str) -> None:
    """Draw whose screen it is, and the ways from here with exactly this tenant."""
    with st.container(horizontal=True, vertical_alignment="center", key="tenant-name"):
        st.header(name or code, anchor=False, width="content")
        if name:
            st.text(code, width="content")
        actions.ways(code)


def _draw(connection: Connection, found: read.Found, now: datetime) -> None:
    with found.places.overdue:
        overdue.draw(found, now)
        night_strip.of_tenant(connection, found.code)
    with found.places.timeline:
        timeline.draw(found, now)
    with found.places.lineage:
        lineage.draw(connection, found)
    with found.places.versions:
        versions.draw(connection, found, now)
    with found.places.rest:
        connections.draw(connection, found.code)
        done.draw(found)


main()
