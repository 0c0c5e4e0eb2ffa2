"""One credential: where it comes from and is used; changing, rotating and deleting it."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components import formats, page, tables, tenant_picker, tenant_reading, tenants
from dashboard.components.credentials_offered import offered_to
from dashboard.connection import Connection
from dashboard.operations.drawer import drawer
from dashboard.streamlit_compat import deferred_button
from dashboard.tenant_reads import TenantResource
from pages.credentials import creating
from pages.credentials.creating import NAME
from services.frames.links import uses
from services.frames.membership import is_among
from services.operations import plan_assign_credentials, plan_delete_credentials

WHAT = LOOK, CHANGE, ROTATE, DELETE = (
    "Where it is used",
    "Change details",
    "Rotate secrets",
    "Delete",
)
FORMS = {CHANGE: creating.edit, ROTATE: creating.rotate}


def panel(
    connection: Connection,
    credential: "pd.Series[Any]",
    credentials: pd.DataFrame,
    codes: Sequence[str],
) -> None:
    """Draw the credential a row names. `credentials` are all of the chosen tenants `codes`."""
    with st.container(border=True, key="credential"):
        st.markdown("## :material/key: Credential")
        st.text(
            f"{credential['display_name']} · {credential['data_provider']} · "
            f"in {credential['tenant_code']} · {credential['credential_id']}"
        )
        inherited = pd.notna(credential["is_inherited"]) and bool(credential["is_inherited"])
        if inherited:
            _origin(credential, credentials, codes)
        offered = WHAT[:1] if inherited else WHAT
        what = st.segmented_control(
            "What",
            offered,
            default=LOOK,
            required=True,
            key=f"cred.what.{credential['key']}",
            label_visibility="collapsed",
        )
        if what in FORMS:
            with st.container(width=page.FORM_WIDTH):
                FORMS[what](connection, credential)
        else:
            _used(connection, credential, credentials, codes, deleting=what == DELETE)


def _origin(credential: "pd.Series[Any]", credentials: pd.DataFrame, codes: Sequence[str]) -> None:
    """Show where an inherited credential comes from."""
    own = credentials[credentials["is_inherited"].eq(False)]
    owners = own.loc[own["credential_id"] == credential["credential_id"], "tenant_code"]
    above = str(credential["tenant_code"]).partition("~")[0]
    if len(owners):
        st.text(f"Inherited from {owners.iloc[0]}. Change or delete it there.")
        return
    st.text(f"Inherited from a parent tenant, usually {above}. Change or delete it there.")
    if above not in codes:
        st.button(
            f"Read {above} too (1 call)",
            key="cred.above",
            on_click=tenant_picker.choose,
            args=([*codes, above],),
        )


def _used(
    connection: Connection,
    credential: "pd.Series[Any]",
    credentials: pd.DataFrame,
    codes: Sequence[str],
    *,
    deleting: bool,
) -> None:
    snapshot = tenant_reading.show(
        connection, codes, TenantResource.CONNECTORS, key="credentials.connectors"
    )
    if snapshot is None:
        st.caption("Read the connectors to see where it is used.")
        return
    used = tenants.named(connection, uses(credential.to_frame().T, snapshot.frame))
    of_tenants = formats.counted(used["tenant_code"].nunique(), "tenant")
    st.text(
        f"Used by {formats.counted(len(used), 'connector')} in {of_tenants}, among "
        f"{formats.counted(len(codes), 'selected tenant')}. Others were not read."
    )
    if len(used):
        columns: tables.Columns = {
            **tables.tenant_columns(used),
            "connector_name": "Connector",
            "connector_id": st.column_config.TextColumn("Connector id", width=290),
        }
        tables.show(used, columns, key="cred.uses", of=len(used), noun="connector")
    if deleting:
        _delete(credential, credentials, snapshot.frame, used)


def _delete(
    credential: "pd.Series[Any]",
    credentials: pd.DataFrame,
    connectors: pd.DataFrame,
    used: pd.DataFrame,
) -> None:
    sure = True
    if len(used):
        st.warning(
            "Connectors use it. Assign them another credential first: without one, their next "
            "extraction fails.",
            icon=":material/warning:",
        )
        _reassign(credential, credentials, connectors, used)
        sure = st.checkbox(
            f"Delete anyway; leaves {formats.counted(len(used), 'connector')} without a credential",
            key=f"cred.delete.sure.{credential['key']}",
        )

    def review() -> None:
        plan = plan_delete_credentials(
            credential.to_frame().T, credentials, used[["tenant_code", "connector_name"]]
        )
        drawer(NAME).review(plan, str(credential["display_name"]))

    deferred_button.button(
        "Delete it…",
        review,
        key="cred.delete",
        reads=("cred.table", "cred.delete.sure."),
        icon=":material/delete:",
        disabled=not sure,
    )


def _reassign(
    credential: "pd.Series[Any]",
    credentials: pd.DataFrame,
    connectors: pd.DataFrame,
    used: pd.DataFrame,
) -> None:
    others = credentials[
        is_among(credentials["tenant_code"], used["tenant_code"].unique())
        & (credentials["credential_id"] != credential["credential_id"])
    ]
    offered = offered_to(others, pd.Series([credential["data_provider"]]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(
            "Replacement credential",
            list(offered),
            index=None,
            key=f"cred.other.{credential['key']}",
            placeholder="Select a credential",
            width=520,
        )

        def review() -> None:
            mapping = used[["tenant_code", "connector_id"]].assign(
                credential_id=used["tenant_code"].map(offered[picked or ""])
            )
            plan = plan_assign_credentials(mapping, connectors, credentials)
            drawer(NAME).review(plan, f"where {credential['display_name']} is used")

        deferred_button.button(
            f"Assign to {formats.counted(len(used), 'connector')}…",
            review,
            key="cred.reassign",
            reads=("cred.other.",),
            primary=True,
            icon=":material/link:",
            disabled=picked is None,
        )
