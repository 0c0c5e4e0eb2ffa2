"""What can be done with the delivery that is open: a plan for each, nothing is sent from here."""

from contextlib import suppress
from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard import time_zone
from dashboard.components import delivery_words, filters, formats
from dashboard.connection import Connection
from dashboard.deliveries import DeliveriesSnapshot
from dashboard.operations import chain_panel, recovery_link
from dashboard.operations.drawer import drawer
from dashboard.streamlit_compat import deferred_button
from pages.deliveries import opened
from services.clock import CLOCK
from services.ledger import LedgerTrouble, UnknownOperation
from services.operations import Plan, plan_disable_data_versions, plan_exclude_uploads
from services.operations.recovery import chain as chains
from services.operations.recovery.chain import Chain
from services.operations.recovery.incident import Step
from services.visier import PAGE_SIZE

NONE_MADE = "No data version made from them is enabled."
_READS = ("del_",)


def bar(connection: Connection, snapshot: DeliveriesSnapshot) -> None:
    """Draw the actions on the delivery that is open, at the foot of the page."""
    row = snapshot.row(opened.key()) if opened.key() else None
    if row is None:
        return
    with (
        st.bottom,
        st.container(
            horizontal=True, vertical_alignment="center", gap="xsmall", key="delivery-bar"
        ),
    ):
        st.text(
            delivery_words.title(row, time_zone.chosen()),
            width="content",
            help=formats.exactly(row["arrived"]),
        )
        _exclude(snapshot, row)
        _disable(connection, snapshot, row)
        recovery_link.button(
            recovery_link.of_delivery(row["delivery_id"]),
            key="del.recover",
            disabled=row["uploads"] == 0,
        )
        st.button("Close", key="del.close", type="tertiary", on_click=opened.close)


def _review(plan: Plan, row: pd.Series, reason: str = "") -> None:
    words = delivery_words.title_on_record(row, time_zone.chosen())
    selected_by = f"{words}, {filters.in_words('del_')}"
    drawer(opened.NAME).review(plan, selected_by, reason)


def _exclude(snapshot: DeliveriesSnapshot, row: pd.Series) -> None:
    own = snapshot.uploads_of(row["delivery_id"])
    chosen = own[own["included"].fillna(True)]
    if chosen.empty:
        return

    def review() -> None:
        _review(plan_exclude_uploads(chosen, snapshot.uploads), row)

    deferred_button.button(
        f"Exclude {formats.counted(len(chosen), 'upload')}…",
        review,
        key="del.exclude",
        reads=_READS,
        icon=":material/remove_circle:",
    )


def _disable(connection: Connection, snapshot: DeliveriesSnapshot, row: pd.Series) -> None:
    versions, chosen = snapshot.versions, snapshot.versions_of(row["delivery_id"])
    if versions is None or chosen is None:
        calls = -(-snapshot.uploads["tenant_code"].nunique() // PAGE_SIZE)
        st.button(
            f"Read versions made ({formats.counted(calls, 'call')})",
            key="del.versions",
            icon=":material/download:",
            on_click=opened.ask_for_versions,
        )
        return
    if chosen.empty:
        st.text(NONE_MADE, width="content")
        return

    def review() -> None:
        days = connection.app.settings().dashboard_fallback_days
        plan = plan_disable_data_versions(
            chosen, versions, now=CLOCK.now(), fallback_older_than=timedelta(days=days)
        )
        chain = _chain(connection, snapshot, row)
        if chain is None:
            _review(plan, row)
        else:
            _review(chains.as_part(chain, Step.DISABLE, plan), row, chain.first.reason)

    deferred_button.button(
        f"Disable {formats.counted(len(chosen), 'data version')} made from them…",
        review,
        key="del.disable",
        reads=_READS,
        icon=":material/block:",
    )


def _chain(connection: Connection, snapshot: DeliveriesSnapshot, row: pd.Series) -> Chain | None:
    """Return the chain that began with excluding the uploads, None where there is none to go on."""
    whole_id = snapshot.taken_out_by(row["delivery_id"])
    # Without the ledger the delivery can still be excluded: only the next step is not offered.
    with suppress(LedgerTrouble, UnknownOperation):
        return chain_panel.of_whole(connection, whole_id)[1] if whole_id else None
    return None
