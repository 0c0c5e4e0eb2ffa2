"""Assigning a credential to the selected connectors: a plan, nothing is sent from here."""

from functools import partial

import pandas as pd
import streamlit as st

from dashboard import session
from dashboard.components import formats
from dashboard.components.credentials_offered import offered_to
from dashboard.operations.drawer import drawer
from dashboard.streamlit_compat import deferred_button
from services.frames.membership import is_among
from services.operations import plan_assign_credentials

NAME = "connectors"


def bar(rows: pd.DataFrame, credentials: pd.DataFrame, *, checks: bool) -> None:
    """Draw the choice of a credential for the selected connectors, and the way to the plan.

    `rows` are all connectors with `key`; `credentials` what their tenants list, once read. It is
    there before anything is selected: what appeared by a tick would move the table under the next.
    """
    chosen = rows[is_among(rows["key"], session.selected(NAME))]
    if not checks:
        st.caption("To assign another credential, first check the credentials too.")
        return
    codes = list(chosen["tenant_code"].unique())
    offered = offered_to(
        credentials[credentials["tenant_code"].isin(codes)], chosen["data_provider"]
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(
            "Credential to assign",
            list(offered),
            index=None,
            format_func=lambda choice: f"{choice} · in {len(offered[choice]):,} of {len(codes):,}",
            key="con.assign.choice",
            placeholder="Select a credential" if codes else "Select connectors first",
            disabled=not codes,
            help=(
                "A credential that several tenants inherit, or each tenant's credential with "
                "this name. Tenants without it are left out."
            ),
            width=520,
        )
        deferred_button.button(
            f"Assign to {formats.counted(len(chosen), 'connector')}…",
            partial(_review, chosen, offered.get(picked or "", {}), rows, credentials),
            key="con.assign",
            reads=(session.selection_key(NAME), "con.assign.choice"),
            icon=":material/link:",
            disabled=picked is None,
        )


def _review(
    chosen: pd.DataFrame, ids: dict[str, str], rows: pd.DataFrame, credentials: pd.DataFrame
) -> None:
    mapping = chosen[["tenant_code", "connector_id"]].assign(
        credential_id=chosen["tenant_code"].map(ids)
    )
    plan = plan_assign_credentials(mapping, rows, credentials)
    tenants = formats.counted(chosen["tenant_code"].nunique(), "tenant")
    drawer(NAME).review(plan, f"{formats.counted(len(chosen), 'connector')} in {tenants}")
