"""What came of creating or changing credentials, and what can follow."""

from contextlib import suppress

import pandas as pd
import streamlit as st

from dashboard import access
from dashboard.components import errors, formats, permits, tables, tenant_picker, tenants
from dashboard.connection import Connection
from dashboard.operations.drawer import awaited
from services.ledger import UNSETTLED, Operation, Outcome, State, TakenOver
from services.operations import Verb
from services.operations.credentials.outcomes import (
    candidates,
    close,
    missing_access,
    settle_by_hand,
)

# Two buttons each; what is settled makes room for the next.
ASKED_AT_ONCE = 20
REFUSED = (
    "Failed items were not done. Correct what Visier's message names, then fill "
    "in the form again for those tenants."
)
UNSENT = (
    "Unsent items cannot be sent later because secrets are not kept. Fill in the "
    "form again for those tenants."
)


def show(connection: Connection, operation: Operation) -> None:
    """Draw what Visier could not read with new credentials, and what is still open."""
    _missing(connection, operation)
    if operation.verb == Verb.CREATE_CREDENTIALS and operation.item_counts[Outcome.SUCCEEDED]:
        _offer_assigning(connection, operation)
    if any(operation.item_counts.get(outcome) for outcome in UNSETTLED):
        _open(connection, operation)
    elif operation.state is State.INTERRUPTED:
        _close_button(connection, operation)
    if operation.item_counts.get(Outcome.FAILED):
        st.caption(REFUSED)
    if operation.item_counts.get(Outcome.PLANNED):
        st.caption(UNSENT)


def _offer_assigning(connection: Connection, operation: Operation) -> None:
    """Draw the way to the connectors that can use the new credentials, all of them read there."""
    items = connection.ledger.item_frame(operation.id)
    codes = items.loc[items["outcome"] == Outcome.SUCCEEDED, "tenant_code"].unique()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.text("No connector uses a new credential until it is assigned.", width="content")
        label = f"Assign it in {formats.counted(len(codes), 'tenant')}…"
        key = f"operation.{operation.id}.assign"
        if st.button(label, key=key, type="primary", icon=":material/link:"):
            tenant_picker.hand_over(codes, checks=True)


def _close_button(connection: Connection, operation: Operation) -> None:
    st.button(
        "Close (sends nothing more)",
        key=f"operation.{operation.id}.close",
        disabled=not permits.explain(connection, operation.verb),
        on_click=_close,
        args=(connection, operation.id),
    )


def _close(connection: Connection, operation_id: str) -> None:
    # Whoever else is at it closes it; what comes of that is shown next.
    with suppress(TakenOver), errors.kept():
        close(connection.ledger, operation_id, access.permissions(connection))


def _missing(connection: Connection, operation: Operation) -> None:
    missing = tenants.named(connection, missing_access(connection.ledger, operation.id))
    if missing.empty:
        return
    st.warning(
        "The credential works, but Visier cannot read these with it.", icon=":material/warning:"
    )
    columns: tables.Columns = {
        **tables.tenant_columns(missing),
        "subject": "Subject",
        "attributes": "Attributes",
        "error_message": st.column_config.TextColumn("Message from Visier", width=420),
    }
    tables.rows(missing, columns, key=f"operation.missing.{operation.id}")


def _open(connection: Connection, operation: Operation) -> None:
    ledger = connection.ledger
    items = ledger.items(operation.id, UNSETTLED, limit=ASKED_AT_ONCE)
    creates = operation.verb == Verb.CREATE_CREDENTIALS
    st.caption(
        "It is not sent again. Compare what the tenants list now with the list from just before, "
        "then record the outcome."
        if creates
        else "Sending the same values again is safe. Send again, or record the outcome."
    )
    key = f"operation.{operation.id}"
    if creates and st.button("Look for new credentials", key=f"{key}.candidates"):
        with errors.boundary("credential_results"):
            found = candidates(ledger, connection.client, operation.id)
            _candidates(tenants.named(connection, found), key)
    may = permits.explain(connection, operation.verb)
    labels = tenants.labels([item.tenant_code for item in items], tenants.at_hand(connection))
    for item in items:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(labels[item.tenant_code], width=300)
            for label, done in (("It was done", True), ("It was not", False)):
                st.button(
                    label,
                    key=f"{key}.{done}.{item.tenant_code}",
                    disabled=not may,
                    on_click=_settle,
                    args=(connection, operation.id, item.tenant_code, done),
                )


def _settle(connection: Connection, operation_id: str, code: str, done: bool) -> None:
    # Whoever else is at it settles it; what comes of that is shown next.
    with suppress(TakenOver):
        try:
            may = access.permissions(connection)
            settle_by_hand(connection.ledger, operation_id, code, may, done=done)
        except errors.KNOWN as error:
            errors.keep(error)
            return
    awaited().add(operation_id)


def _candidates(found: pd.DataFrame, key: str) -> None:
    if found.empty:
        st.text("No new credential is listed. It may still appear.")
        return
    st.text("New since just before sending:")
    columns: tables.Columns = {
        **tables.tenant_columns(found),
        "display_name": "Credential",
        "data_provider": "Provider",
        "credential_id": st.column_config.TextColumn("Credential id", width=290),
    }
    tables.rows(found, columns, key=f"{key}.listed")
