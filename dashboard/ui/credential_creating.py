"""A new credential in the chosen tenants, and changes of one that is there."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import access, bootstrap, session
from dashboard.connection import Connection
from dashboard.ui import confirm, credential_fields, errors, formats, permits, pressing
from dashboard.ui.credential_fields import Spend
from services.operations import CredentialVerb
from services.operations.credentials import (
    Submission,
    TableInheritance,
    change,
    creation,
    submit,
)
from services.visier.providers import PROVIDERS

NAME = "credentials"
CREATE, CHANGE = "credential.new", "credential.change"
AS_IT_IS, ALLOWED, DENIED = "As it is", "Can inherit it", "Cannot inherit it"
INHERITS = {AS_IT_IS: None, ALLOWED: True, DENIED: False}
TABLES = {
    TableInheritance.NONE: "Not inherited",
    TableInheritance.DESIGN_ONLY: "Their design, no data",
    TableInheritance.FULL_DATA: "Their design and all data",
    TableInheritance.FILTERED_DATA: "Their design and a tenant's own data",
}
ABOUT_TABLES = "What analytic tenants get, read-only, of the SQL tables behind the credential."
ROTATION = (
    "These replace the stored parameters and secrets as a whole: fill in every field the provider "
    "needs, also those that stay the same. Visier signs in with them before it saves them."
)


def new(connection: Connection, codes: Sequence[str]) -> None:
    """Draw the form of a new credential in these tenants."""
    st.text(_where(codes))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        provider = st.selectbox(
            "Provider",
            list(PROVIDERS),
            format_func=lambda name: credential_fields.certainty(PROVIDERS[name]),
            key=f"{CREATE}.provider",
            help="The providers that Visier itself has named for this come first.",
            width=340,
        )
        display_name = st.text_input(
            "Display name", key=f"{CREATE}.name", autocomplete="off", width=300
        )
        description = st.text_input(
            "Description", key=f"{CREATE}.description", autocomplete="off", width="stretch"
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tables = _tables(CREATE)
        inherit = st.toggle("Analytic tenants can inherit it", key=f"{CREATE}.inherit")
    reason = _reason(CREATE)
    few = len(codes) <= confirm.TYPED_ABOVE
    sure = few or confirm.typed(str(len(codes)), key=f"{CREATE}.typed.{len(codes)}")

    may = permits.explain(connection, CredentialVerb.CREATE)

    def create(params: dict[str, Any], spend: Spend) -> None:
        made = creation(
            params,
            tenants=codes,
            display_name=display_name.strip(),
            description=description.strip(),
            can_children_inherit=inherit,
            tables=tables or TableInheritance.NONE,
        )
        _submit(connection, made, reason, spend)

    credential_fields.form(
        PROVIDERS[provider],
        name=f"{CREATE}.{provider}",
        label=f"Create in {formats.counted(len(codes), 'tenant')}",
        ready=bool(display_name.strip() and codes and sure and may),
        act=create,
        reads=_reads(CREATE),
    )
    if not display_name.strip():
        st.caption("Give it a display name first.")


def _reads(name: str) -> tuple[str, ...]:
    """Return the names of what is asked outside the form of a provider: nothing that is secret."""
    asked = ("name", "description", "inherit", "tables", "reason", "typed")
    return ("cred_tenants", *(f"{name}.{each}" for each in asked))


def _where(codes: Sequence[str]) -> str:
    if not codes:
        return "Choose above the tenants that are to get it."
    calls = formats.counted(2 * len(codes), "API call")
    named = ", ".join(codes[:5]) + (", …" if len(codes) > 5 else "")
    return (
        f"In {formats.counted(len(codes), 'tenant')}: {named} · {calls}: what a tenant has is read "
        "just before, so that an unclear outcome can be told by what is new."
    )


def _tables(name: str, *, unless_changed: str = "") -> TableInheritance | None:
    """Draw what becomes of the SQL tables; None for `unless_changed`, where that is offered."""
    before: list[TableInheritance | None] = [None] if unless_changed else []
    return st.selectbox(
        "SQL tables",
        [*before, *TABLES],
        format_func=lambda mode: TABLES[mode] if mode else unless_changed,
        key=f"{name}.tables",
        help=ABOUT_TABLES,
        width=260,
    )


def _reason(name: str) -> str:
    return st.text_input(
        "Reason",
        key=f"{name}.reason",
        placeholder="Why, for whoever reads this later (optional)",
        max_chars=500,
    )


def edit(connection: Connection, credential: "pd.Series[Any]") -> None:
    """Draw what can be changed of one credential; only what changes is sent."""
    id_, current = str(credential["credential_id"]), str(credential["display_name"])
    name = f"{CHANGE}.{id_}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        display_name = st.text_input(
            "Display name", current, key=f"{name}.name", autocomplete="off", width=300
        )
        description = st.text_input(
            "New description",
            key=f"{name}.description",
            placeholder="Left as it is when empty",
            autocomplete="off",
            width="stretch",
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        inherits = st.segmented_control(
            "Analytic tenants",
            list(INHERITS),
            default=AS_IT_IS,
            required=True,
            key=f"{name}.inherit",
        )
        tables = _tables(name, unless_changed=AS_IT_IS)
    reason = _reason(name)
    renamed = display_name.strip() if display_name.strip() != current else ""
    rest: dict[str, Any] = {
        "display_name": renamed,
        "description": description.strip(),
        "can_children_inherit": INHERITS[inherits or AS_IT_IS],
        "tables": tables,
    }
    differs = any(value not in ("", None) for value in rest.values())
    make = partial(change, str(credential["tenant_code"]), id_, current, **rest)
    provider = PROVIDERS.get(str(credential["data_provider"]))
    may = permits.explain(connection, CredentialVerb.CHANGE)
    if provider is not None and st.toggle("Rotate its secrets", key=f"{name}.rotate"):
        st.caption(ROTATION)
        credential_fields.form(
            provider,
            name=f"{name}.{provider.name}",
            label="Change it and rotate its secrets" if differs else "Rotate its secrets",
            ready=may,
            act=lambda params, spend: _submit(connection, make(params=params), reason, spend),
            reads=_reads(name),
        )
        return
    number = session.form_number(name)
    spend = partial(session.spend_form, name, number)

    def send() -> None:
        if session.is_form_at_hand(name, number):
            _submit(connection, make(), reason, spend)

    pressing.button(
        "Change it",
        send,
        key=f"{name}.send.{number}",
        reads=_reads(name),
        primary=True,
        disabled=not (differs and may),
    )


def _submit(connection: Connection, what: Submission, reason: str, spend: Spend) -> None:
    may = access.permissions(connection)
    session.discard(NAME)
    session.follow(NAME, what.id)
    # Another click can end a callback wherever it touches the session, so that nothing may lie
    # between the two: the form is spent, and what it asks for is on its way.
    if not spend():
        return
    try:
        submit(
            bootstrap.ledger(),
            connection.client,
            what,
            connection.actor,
            identity=connection.identity.name,
            permissions=may,
            reason=reason.strip(),
            workers=bootstrap.workers(),
        )
    except errors.KNOWN as error:
        session.keep_error(error)
        session.unfollow(NAME, what.id)
