"""A new credential in the chosen tenants, and changes of one that is there."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import access, session
from dashboard.components import confirm, errors, formats, forms, permits
from dashboard.connection import Connection
from dashboard.operations.drawer import drawer
from dashboard.streamlit_compat import deferred_button
from pages.credentials import fields
from pages.credentials.submitted import Spend
from services.ledger import Outcome, UnknownOperation
from services.operations import Verb
from services.operations.credentials.submission import (
    Submission,
    TableInheritance,
    change,
    creation,
    rotation,
    submit,
)
from services.typed_text import trimmed
from services.visier.providers import PROVIDERS

NAME = "credentials"
CREATE, CHANGE, ROTATE = "credential.new", "credential.change", "credential.rotate"
MADE = "Sent: the result is below. Pressing again would create another one."
AS_IT_IS, ALLOWED, DENIED = "Unchanged", "Can inherit it", "Cannot inherit it"
INHERITS = {AS_IT_IS: None, ALLOWED: True, DENIED: False}
TABLES = {
    TableInheritance.NONE: "Not inherited",
    TableInheritance.DESIGN_ONLY: "Table design, no data",
    TableInheritance.FULL_DATA: "Table design and all data",
    TableInheritance.FILTERED_DATA: "Table design and the tenant's own data",
}
ABOUT_TABLES = "Read-only access of analytic tenants to the SQL tables behind the credential."
ROTATION = (
    "These replace all stored parameters and secrets. Fill in every field the "
    "provider needs, including unchanged ones. Visier signs in with them before saving."
)
NO_FIELDS = "This provider's fields are unknown here. Rotate its secrets in Visier."


def new(connection: Connection, codes: Sequence[str]) -> None:
    """Draw the form of a new credential in these tenants."""
    st.text(_where(codes))
    provider, display_name, description = _about()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tables = _tables(CREATE)
        inherit = st.toggle("Analytic tenants can inherit it", key=f"{CREATE}.inherit")
    reason = _reason(CREATE)
    few = len(codes) <= confirm.TYPED_ABOVE
    sure = few or confirm.typed(str(len(codes)), key=f"{CREATE}.typed.{len(codes)}")

    may = permits.explain(connection, Verb.CREATE_CREDENTIALS)
    wanted = (provider, display_name, *codes)
    is_made = _is_made(connection, wanted)

    def create(params: dict[str, Any], spend: Spend) -> None:
        made = creation(
            params,
            tenants=codes,
            display_name=display_name,
            description=description,
            can_children_inherit=inherit,
            tables=tables or TableInheritance.NONE,
        )
        session.put_draft(CREATE, {made.id: wanted})
        _submit(connection, made, reason, spend)

    fields.form(
        PROVIDERS[provider],
        name=f"{CREATE}.{provider}",
        label=f"Create {'once more ' if is_made else ''}in {formats.counted(len(codes), 'tenant')}",
        primary=not is_made,
        ready=bool(display_name and codes and sure and may),
        act=create,
        reads=_reads(CREATE),
    )
    if not display_name:
        st.caption("Enter a display name first.")
    elif is_made:
        st.caption(MADE)


def _about() -> tuple[str, str, str]:
    """Draw what a new credential is; return its provider, display name and description."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        provider = st.selectbox(
            "Provider",
            list(PROVIDERS),
            format_func=lambda name: fields.certainty(PROVIDERS[name]),
            key=f"{CREATE}.provider",
            help="Providers documented by Visier come first.",
            width=340,
        )
        display_name = st.text_input(
            "Display name", key=f"{CREATE}.name", autocomplete="off", width=300
        )
        description = st.text_input(
            "Description", key=f"{CREATE}.description", autocomplete="off", width="stretch"
        )
    return provider, trimmed(display_name), trimmed(description)


def _is_made(connection: Connection, wanted: tuple[str, ...]) -> bool:
    """Return whether the result below is about what would be created, and not all of it failed."""
    shown = drawer(NAME).operation
    if shown is None or session.draft(CREATE).get(shown) != wanted:
        return False
    with suppress(UnknownOperation):  # It is being written down at this moment.
        counts = connection.ledger.operation(shown).item_counts
        return counts[Outcome.FAILED] < sum(counts.values())
    return True


def _reads(name: str) -> tuple[str, ...]:
    """Return the names of what is asked outside the form of a provider: nothing that is secret."""
    asked = ("name", "description", "inherit", "tables", "reason", "typed")
    return ("cred_tenants", *(f"{name}.{each}" for each in asked))


def _where(codes: Sequence[str]) -> str:
    if not codes:
        return "Select the tenants above."
    calls = formats.counted(2 * len(codes), "API call")
    named = ", ".join(codes[:5]) + (", …" if len(codes) > 5 else "")
    return f"Creates it in {formats.counted(len(codes), 'tenant')} ({calls}): {named}"


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
        placeholder="Why (optional, shown in Activity)",
        max_chars=500,
    )


def edit(connection: Connection, credential: "pd.Series[Any]") -> None:
    """Draw what can be changed of one credential's details; only what changes is sent."""
    id_, current = str(credential["credential_id"]), str(credential["display_name"])
    name = f"{CHANGE}.{id_}"
    wanted = _changes(name, current)
    reason = _reason(name)
    may = permits.explain(connection, Verb.CHANGE_CREDENTIAL)
    number = forms.form(name).number
    spend = partial(forms.form(name).spend, number)

    def send() -> None:
        if forms.form(name).is_at_hand(number):
            made = change(str(credential["tenant_code"]), id_, current, **wanted)
            _submit(connection, made, reason, spend)

    deferred_button.button(
        "Change details",
        send,
        key=f"{name}.send.{number}",
        reads=_reads(name),
        primary=True,
        disabled=not (may and any(value not in ("", None) for value in wanted.values())),
    )


def _changes(name: str, current: str) -> dict[str, Any]:
    """Draw what can be changed; return it, "" and None for what stays as it is."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        display_name = st.text_input(
            "Display name", current, key=f"{name}.name", autocomplete="off", width=300
        )
        description = st.text_input(
            "New description",
            key=f"{name}.description",
            placeholder="Leave empty to keep the current one",
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
    renamed = trimmed(display_name)
    return {
        "display_name": renamed if renamed != current else "",
        "description": trimmed(description),
        "can_children_inherit": INHERITS[inherits or AS_IT_IS],
        "tables": tables,
    }


def rotate(connection: Connection, credential: "pd.Series[Any]") -> None:
    """Draw the form of new secrets for one credential."""
    id_ = str(credential["credential_id"])
    provider = PROVIDERS.get(str(credential["data_provider"]))
    if provider is None:
        st.text(NO_FIELDS)
        return
    name = f"{ROTATE}.{id_}"
    st.caption(ROTATION)
    reason = _reason(name)

    def send(params: dict[str, Any], spend: Spend) -> None:
        tenant, current = str(credential["tenant_code"]), str(credential["display_name"])
        _submit(connection, rotation(tenant, id_, current, params), reason, spend)

    fields.form(
        provider,
        name=f"{name}.{provider.name}",
        label="Rotate secrets",
        ready=permits.explain(connection, Verb.ROTATE_SECRETS),
        act=send,
        reads=_reads(name),
    )


def _submit(connection: Connection, what: Submission, reason: str, spend: Spend) -> None:
    may = access.permissions(connection)
    drawer(NAME).discard()
    drawer(NAME).follow(what.id)
    # A click that comes seconds later may be served beside this callback (whole_callbacks.py), so
    # that nothing may lie between the two: the form is spent, and what it asks for is on its way.
    if not spend():
        return
    try:
        submit(
            connection.ledger,
            connection.client,
            what,
            connection.actor,
            identity=connection.identity.name,
            permissions=may,
            reason=reason.strip(),
            threads=connection.app.threads(),
        )
    except errors.KNOWN as error:
        errors.keep(error)
        drawer(NAME).unfollow(what.id)
