"""Webhooks: where Visier pushes events to, what becomes of them here, and what can be done."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import data, wording
from dashboard.components import errors, page, permits, tables
from dashboard.connection import Connection
from dashboard.operations.drawer import drawer
from dashboard.streamlit_compat import deferred_button
from pages.watch import endpoint
from services import visier
from services.operations import Plan, Verb
from services.operations.verbs import webhooks
from services.operations.verbs.webhook_items import (
    EVENTS,
    READ_HERE,
    EventKey,
    WebhookKey,
    WrongWebhook,
    new_webhook,
)
from services.typed_text import trimmed

NAME = "webhooks"
OPENED = "wa_hook"
NEW = "webhook.new"
STATUS_ONLY = (
    "Visier lets you see no more than which webhooks are active. Managing them takes its "
    "capability for webhooks."
)
STATUSES = ("webhook_id", "state", "events")
NO_WEBHOOK = "Visier pushes events nowhere. Create a webhook below."
NOT_HERE = "No active webhook pushes to the address of this dashboard."


def draw(connection: Connection, head: DeltaGenerator, text: str) -> None:
    """Draw what this dashboard receives, the webhooks, and what can be done with them."""
    endpoint.draw(connection)
    with errors.part("webhooks"):
        _listed(connection, head, text)


def _listed(connection: Connection, head: DeltaGenerator, text: str) -> None:
    try:
        with page.loading():
            found = data.load_webhooks(connection)
    except visier.NotPermitted as refused:
        with page.loading():
            found = data.load_webhook_statuses(connection)
        columns = _columns()
        _table(found.frame, text, {name: columns[name] for name in STATUSES})
        st.caption(f":material/lock: {STATUS_ONLY}")
        st.text(refused.advice)
        return
    page.as_of(head, found.as_of, "wa.hooks", partial(data.load_webhooks.refresh, connection))
    page.left_out(found.left_out)
    rows = _rows(connection, found.frame)
    if rows.empty:
        page.empty("No webhooks", NO_WEBHOOK)
    else:
        _table(rows, text, _columns())
        _missing(connection, rows)
        _one(rows, found.frame)
    _new(connection, found.frame)


def _rows(connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the webhooks as they are shown: without what an address may hold in secret."""
    here = frame["target_url"].isin(endpoint.addresses(connection))
    shown = frame["target_url"].map(endpoint.told, na_action="ignore").astype("str")
    return frame.drop(columns="target_url").assign(
        address=shown,
        here=here.map({True: "This dashboard", False: ""}).astype("str"),
        authenticates=frame["credential_reference"].notna(),
    )


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Return webhooks, or their states alone, with words for their state and their events."""
    words = {True: "Active", False: "Inactive"}
    return frame.assign(
        key=frame["webhook_id"].fillna(""),
        state=frame["is_active"].map(words).fillna("Unknown").astype("str"),
        events=frame["events"].map(_events, na_action="ignore").astype("str"),
    )


def _table(frame: pd.DataFrame, text: str, columns: tables.Columns) -> None:
    shown = in_words(frame)
    parts = shown[list(columns)].astype("str").fillna("")
    texts = parts.agg(" ".join, axis="columns").str.casefold()
    kept = shown[texts.str.contains(text.casefold(), regex=False)] if text else shown
    if len(shown) and kept.empty:
        page.nothing_matches("webhook", {"wa_text": ""})
        return
    tables.show(kept, columns, key="wa.hooks", of=len(shown), noun="webhook", opens=OPENED)


def _columns() -> tables.Columns:
    column = st.column_config.TextColumn
    return {
        "display_name": column("Webhook", width=170),
        "state": column("State", width=75),
        "here": column("Pushes to", width=115),
        "address": column("Address", width=330),
        "events": column("Events", width=260),
        "key_name": column("Signed with", width=140),
        "authenticates": st.column_config.CheckboxColumn("Authenticates", width=95),
        "webhook_id": column("Webhook id", width=290),
    }


def _events(types: str) -> str:
    return ", ".join(wording.PUSHED_EVENTS.get(each, each) for each in types.split(", "))


def _missing(connection: Connection, rows: pd.DataFrame) -> None:
    if endpoint.addresses(connection) and not (rows["here"].ne("") & rows["is_active"]).any():
        st.caption(f":material/info: {NOT_HERE}")


def _one(rows: pd.DataFrame, current: pd.DataFrame) -> None:
    """Draw what can be done with the webhook that is open."""
    opened = rows[rows["webhook_id"] == st.query_params.get(OPENED)]
    if opened.empty:
        st.caption("Select a row to test, activate, deactivate or delete a webhook.")
        return
    row = opened.iloc[0]
    id_ = str(row["webhook_id"])
    name = id_ if pd.isna(row["display_name"]) else str(row["display_name"])
    with st.container(border=True, key="webhook"):
        st.text(f"{name} · {row['address']}")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _test(row, name, current)
            key = WebhookKey("", id_, name)
            is_active = row["is_active"]
            if pd.isna(is_active) or not is_active:
                _button("Activate…", webhooks.ACTIVATE, key, current, primary=True)
            if pd.isna(is_active) or is_active:
                _button("Deactivate…", webhooks.DEACTIVATE, key, current)
            _button("Delete…", webhooks.DELETE, key, current)


def _test(row: "pd.Series[Any]", name: str, current: pd.DataFrame) -> None:
    own = [] if pd.isna(row["events"]) else str(row["events"]).split(", ")
    id_ = str(row["webhook_id"])
    event = st.selectbox(
        "Test event",
        [*dict.fromkeys([*own, *EVENTS])],
        format_func=lambda each: wording.PUSHED_EVENTS.get(each, each),
        key=f"wa.hook.event.{id_}",
        width=230,
        help="Visier pushes it at once, also to a webhook that is inactive.",
    )
    key = EventKey("", id_, name, str(event))
    _button("Send it…", webhooks.TEST, key, current)


def _button(
    label: str,
    spec: Any,
    key: WebhookKey | EventKey,
    current: pd.DataFrame,
    *,
    primary: bool = False,
) -> None:
    """Draw a button that puts a plan for one webhook under review."""

    def review() -> None:
        _review(spec.plan([key], current))

    deferred_button.button(
        label,
        review,
        key=f"wa.hook.{spec.verb}.{key.webhook_id}",
        reads=("wa.hook.event.",),
        primary=primary,
    )


def _review(plan: Plan) -> None:
    drawer(NAME).follow(None)
    drawer(NAME).review(plan, "")


def _new(connection: Connection, current: pd.DataFrame) -> None:
    """Draw the form of a new webhook; it is created inactive, once its plan was reviewed."""
    with st.expander("New webhook", icon=":material/add:", key=NEW):
        known = endpoint.addresses(connection)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input("Name", "Load dashboard", key=f"{NEW}.name", width=220)
            address = st.text_input(
                "Address",
                known[0] if known else "",
                key=f"{NEW}.address",
                placeholder="https://",
                width=400,
            )
            key_name = st.text_input(
                "Encryption key",
                key=f"{NEW}.key_name",
                width=220,
                help="Its display name in Visier, not its value: Visier signs events with it. Its "
                "algorithm must be HmacSHA256.",
            )
        events = st.multiselect(
            "Events",
            list(EVENTS),
            default=list(READ_HERE),
            format_func=wording.PUSHED_EVENTS.__getitem__,
            key=f"{NEW}.events",
            help="The five that are chosen name what this dashboard reads.",
        )
        permits.explain(connection, Verb.CREATE_WEBHOOKS)
        try:
            made = new_webhook(trimmed(name), trimmed(address), trimmed(key_name), events)
        except WrongWebhook as wrong:
            st.caption(f":material/info: {wrong}")
            return
        if not made.key_name:
            st.caption(
                ":material/info: Without an encryption key events are not signed, and this "
                "dashboard refuses them."
            )

        def review() -> None:
            _review(webhooks.CREATE.plan([made], current))

        deferred_button.button(
            "Review…",
            review,
            key=f"{NEW}.review",
            reads=(f"{NEW}.",),
            primary=True,
            icon=":material/rule:",
        )
