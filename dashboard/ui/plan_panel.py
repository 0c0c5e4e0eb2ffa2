"""The one panel for every write: preview, confirm in proportion, then follow what was applied."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard import bootstrap, session
from dashboard.session import Connection
from dashboard.ui import formats, operation_panel, tables
from services.ledger import AlreadyApplied
from services.operations import Plan, curl_of, requests_of, seconds_for

TYPED_ABOVE = 25


def slot(connection: Connection, name: str, refresh: Callable[[], None], filter_text: str) -> None:
    """Draw the plan under review under this name, or the operation that came of one.

    `refresh` forgets what the operation has changed; `filter_text` says in words how its items
    were found.
    """
    reviewed = session.plan(name)
    if reviewed is not None:
        with st.container(border=True, key="plan-panel"):
            _preview(connection, name, reviewed, filter_text)
        return
    followed = session.operation(name)
    if followed is not None:
        with st.container(border=True, key="operation-panel"):
            operation_panel.show(connection, followed, name=name, on_end=refresh)
            st.button("Close", key=f"{name}.close", on_click=session.follow, args=(name, None))


def _preview(connection: Connection, name: str, plan: Plan, filter_text: str) -> None:
    st.markdown(f"#### :material/rule: {plan.verb}")
    st.text(_summary(connection, plan))
    for concern in plan.warnings:
        st.warning(concern.sentence, icon=":material/warning:")
        with st.expander(formats.counted(len(concern.tenants), "tenant")):
            st.dataframe(concern.tenants, hide_index=True)
    if plan.regret:
        st.info(plan.regret, icon=":material/undo:")
    _items(plan)
    if plan.count:
        with st.expander("Copy as curl", icon=":material/terminal:", key=f"{name}.curl"):
            st.caption("Set VISIER_APIKEY and VISIER_ASID_TOKEN in the shell first.")
            st.code(_curl(connection, plan), language="bash", height=240)
    _confirm(connection, name, plan, filter_text)


def _curl(connection: Connection, plan: Plan) -> str:
    identity = connection.identity
    return curl_of(
        requests_of(plan), address=identity.base_url, target_tenant=identity.target_tenant
    )


def _summary(connection: Connection, plan: Plan) -> str:
    seconds = max(1, seconds_for(plan.calls, connection.client.budget()))
    parts = [f"{formats.counted(plan.count, 'item')} will change"]
    if len(plan.skipped):
        parts.append(f"{len(plan.skipped):,} are skipped")
    parts.append(f"{formats.counted(plan.calls, 'API call')}, about {formats.duration(seconds)}")
    return " · ".join(parts)


def _items(plan: Plan) -> None:
    items = plan.items.assign(change=_changes(plan.items))
    columns: tables.Columns = {
        "tenant_code": tables.code_column(),
        "label": st.column_config.TextColumn("What", width=260),
        "change": st.column_config.TextColumn("Change", width=220),
        "reason": st.column_config.TextColumn("Skipped because", width=420),
    }
    tables.show(items, columns, key="plan.items", of=len(items), noun="item")


def _changes(items: pd.DataFrame) -> pd.Series:
    change = items["before"] + " → " + items["after"]
    return change.where(items["eligible"], items["before"])


def _confirm(connection: Connection, name: str, plan: Plan, filter_text: str) -> None:
    reason = st.text_input(
        "Reason",
        key=f"{name}.reason",
        placeholder="Why, for whoever reads this later (optional)",
        max_chars=500,
    )
    agreed = plan.count > 0
    if plan.count > TYPED_ABOVE:
        typed = st.text_input(
            f"Type {plan.count:,} to confirm", key=f"{name}.typed", autocomplete="off", width=220
        )
        agreed = typed.strip().replace(",", "") == str(plan.count)
    with st.container(horizontal=True):
        st.button(
            f"{plan.verb} ({plan.count:,})",
            key=f"{name}.apply",
            type="primary",
            disabled=not agreed,
            on_click=_apply,
            args=(connection, name, plan, reason, filter_text),
        )
        st.button("Discard", key=f"{name}.discard", on_click=session.review, args=(name, None))


def _apply(connection: Connection, name: str, plan: Plan, reason: str, filter_text: str) -> None:
    operation_id = plan.id
    try:
        bootstrap.runner().apply(
            plan,
            connection.client,
            session.actor(connection),
            identity=connection.identity.name,
            reason=reason.strip(),
            filter_text=filter_text,
        )
    except AlreadyApplied as spent:
        operation_id = spent.operation_id
    session.review(name, None)
    session.follow(name, operation_id)
