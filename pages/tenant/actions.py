"""What can be done to the tenant: plans for what is selected, ways to the screens that do more."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard import navigation, session
from dashboard.components import formats, tenant_search
from dashboard.connection import Connection
from dashboard.navigation import Query, Screen
from dashboard.operations import recovery_link, start_link
from dashboard.operations.drawer import drawer
from dashboard.operations.start_wording import STARTS
from dashboard.streamlit_compat import deferred_button
from pages.tenant.lineage import UPLOADS
from pages.tenant.read import Found
from pages.tenant.versions import VERSIONS
from services.frames.membership import is_among
from services.operations import (
    Plan,
    Verb,
    plan_disable_data_versions,
    plan_exclude_uploads,
    plan_include_uploads,
)

ANY_LOAD = "Recover from a bad load…"
WHICH_LOAD = "Opens Recovery for this tenant. Select uploads below to recover from exactly those."


def name_of_plan(code: str) -> str:
    """Return the name under which a plan for a tenant, and what comes of it, is shown."""
    return f"tenant {code}"


def ways(code: str) -> None:
    """Draw the ways to other screens, with exactly this tenant."""
    only = tenant_search.code_range(code, code)
    screens: tuple[tuple[Screen, Query], ...] = (
        (navigation.UPLOADS, {"up_tenant": only, "up_window": "everything"}),
        (navigation.DATA_VERSIONS, {"dv_tenant": only}),
        (navigation.JOBS, {"job_tenant": only, "job_window": "7d"}),
        (navigation.CONNECTORS, {"con_tenants": code, "con_check": "true"}),
        (navigation.CREDENTIALS, {"cred_tenants": code}),
    )
    for verb in (Verb.START_PROCESSING, Verb.START_EXTRACTION):
        label = f"{STARTS[verb]}…"
        if st.button(label, key=f"ten.{verb}", icon=navigation.START_JOBS.icon):
            start_link.hand_over([code], verb)
    recovery_link.button(
        recovery_link.of_tenants([code]), key="ten.recover", label=ANY_LOAD, help_text=WHICH_LOAD
    )
    with st.popover("Open in", icon=":material/open_in_new:"):
        for screen, query in screens:
            navigation.link(screen, screen.title, query, icon=screen.icon)


def bar(connection: Connection, found: Found, now: datetime) -> None:
    """Draw the plans for what is selected, at the foot of the page; nothing where nothing is."""
    uploads = _selected(found.uploads.frame if found.uploads else None, UPLOADS)
    versions = _selected(found.versions.versions if found.versions else None, VERSIONS)
    if uploads.empty and versions.empty:
        return
    with (
        st.bottom,
        st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="tenant-bar"),
    ):
        _of_uploads(found, uploads)
        _of_versions(connection, found, versions, now)
        st.button("Clear selection", key="ten.clear", type="tertiary", on_click=_clear)


def _selected(rows: pd.DataFrame | None, selection: str) -> pd.DataFrame:
    if rows is None:
        return pd.DataFrame()
    return rows[is_among(rows["key"], session.selected(selection))]


def _clear() -> None:
    for selection in (UPLOADS, VERSIONS):
        session.select(selection, frozenset())


def _of_uploads(found: Found, chosen: pd.DataFrame) -> None:
    if chosen.empty or found.uploads is None:
        return
    recovery_link.button(
        recovery_link.of_uploads(chosen), key="ten.recover_from", label=_from_load(chosen)
    )
    current, count = found.uploads.frame, formats.counted(len(chosen), "upload")
    included = chosen["included"].fillna(True).astype(bool)
    if included.any():
        _button(
            f"Exclude {count}…",
            "ten.exclude",
            ":material/remove_circle:",
            lambda: plan_exclude_uploads(chosen, current),
            found,
        )
    if not included.all():
        _button(
            f"Include {count}…",
            "ten.include",
            ":material/add_circle:",
            lambda: plan_include_uploads(chosen, current),
            found,
        )


def _from_load(chosen: pd.DataFrame) -> str:
    """Return the label of the way to Recovery: `Recover from the load of 28 Nov 18:08…`."""
    if len(chosen) > 1:
        return f"Recover from these {len(chosen):,} loads…"
    arrived = chosen["upload_time"].iloc[0]
    if pd.isna(arrived):
        return recovery_link.LABEL
    return f"Recover from the load of {formats.here(arrived)}…"


def _of_versions(connection: Connection, found: Found, chosen: pd.DataFrame, now: datetime) -> None:
    if chosen.empty or found.versions is None:
        return
    listed, days = found.versions.versions, connection.app.settings().dashboard_fallback_days
    _button(
        f"Disable {formats.counted(len(chosen), 'data version')}…",
        "ten.disable",
        ":material/block:",
        lambda: plan_disable_data_versions(
            chosen, listed, now=now, fallback_older_than=timedelta(days=days)
        ),
        found,
    )


def _button(label: str, key: str, icon: str, plan: Callable[[], Plan], found: Found) -> None:
    def review() -> None:
        drawer(name_of_plan(found.code)).review(plan(), f"tenant={found.code}")

    reads = (session.selection_key(UPLOADS), session.selection_key(VERSIONS))
    deferred_button.button(label, review, key=key, reads=reads, icon=icon)
