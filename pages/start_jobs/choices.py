"""Fields of a start whose values Visier lists: chosen from the list, or pasted."""

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from dashboard import data, tenant_reads
from dashboard.components import errors, pasted_names
from dashboard.connection import Connection
from dashboard.operations.start_wording import FieldWords
from dashboard.tenant_reads import TenantResource
from pages.start_jobs import scope
from services.operations.starts.forms import DATABRICKS
from services.typed_text import trimmed

CREDENTIALS = "start.credentials"
CONNECTORS = "start.connectors"

Choice = Callable[[Connection, FieldWords, str, data.TenantDirectory], object]


def category(
    connection: Connection, field: FieldWords, key: str, _known: data.TenantDirectory
) -> str | None:
    """Draw the choice of a data category; an id that is not listed can be pasted."""
    return _one_of(field, key, category_names(connection), width=260)


def category_names(connection: Connection) -> dict[str, str]:
    """Return the names of the data categories by their ids; none where they cannot be read."""
    return _names(data.listed_categories(connection), "id", "name")


def consolidated(
    _connection: Connection, field: FieldWords, key: str, known: data.TenantDirectory
) -> str | None:
    """Draw the choice of a consolidated analytics tenant: those listed, or a pasted code."""
    codes = known.frame["tenant_code"]
    rows = known.frame[codes.str.contains("~CA", regex=False, na=False)]
    names = _names(rows, "tenant_code", "display_name")
    return _one_of(field, key, names, width=420, says=lambda code: f"{code}  {names[code]}")


def connectors(
    connection: Connection, field: FieldWords, key: str, known: data.TenantDirectory
) -> list[str] | None:
    """Draw the choice of connectors; they are listed on request, at one call."""
    listed = _listed(connection, known, CONNECTORS)
    names = {} if listed is None else _names(listed, "connector_id", "display_name")
    chosen = st.multiselect(
        field.label,
        list(names),
        key=key,
        format_func=lambda one: names.get(one) or one,
        accept_new_options=True,
        select_all=False,
        persist_state="session",
        placeholder=f"{field.default}; select or paste ids",
        help=field.help,
    )
    _offer(connection, known, CONNECTORS, "List this tenant's connectors (1 call)")
    return pasted_names.names("\n".join(chosen)) or None


def credential(
    connection: Connection, field: FieldWords, key: str, known: data.TenantDirectory
) -> str | None:
    """Draw the choice of a Databricks credential; they are listed on request, at one call."""
    listed = _listed(connection, known, CREDENTIALS)
    names = {}
    if listed is not None:
        fitting = listed[listed["data_provider"] == DATABRICKS]
        names = _names(fitting, "credential_id", "display_name")
    chosen = _one_of(field, key, names, width=320)
    if listed is not None and not names:
        st.caption("This tenant has no Databricks credential.")
    _offer(connection, known, CREDENTIALS, "List this tenant's Databricks credentials (1 call)")
    return chosen


def providers(connection: Connection, known: data.TenantDirectory) -> dict[str, str]:
    """Return the provider of each credential that was listed, by its id."""
    listed = _listed(connection, known, CREDENTIALS)
    return {} if listed is None else _names(listed, "credential_id", "data_provider")


CHOICES: Mapping[str, Choice] = {
    "data_category_id": category,
    "tenant_code": consolidated,
    "connector_ids": connectors,
    "credential_id": credential,
}

LISTS: Mapping[str, TenantResource] = {
    CONNECTORS: TenantResource.CONNECTORS,
    CREDENTIALS: TenantResource.CREDENTIALS,
}


def _listed(connection: Connection, known: data.TenantDirectory, name: str) -> pd.DataFrame | None:
    """Return what the tenant signed in to has; None where nobody asked, or it cannot be read."""
    own, _ = scope.login_tenant(connection, known)
    reads = tenant_reads.of(connection, LISTS[name])
    for error in reads.failures([own or ""]).values():
        # The rest of the form is good without it, and ids can be pasted.
        st.text(f"The list cannot be read: {error}")
    snapshot = reads.snapshot([own or ""])
    return None if snapshot is None else snapshot.frame


def _offer(connection: Connection, known: data.TenantDirectory, name: str, label: str) -> None:
    own, _ = scope.login_tenant(connection, known)
    if own and tenant_reads.of(connection, LISTS[name]).snapshot([own]) is None:
        st.button(
            label,
            key=f"{name}.ask",
            type="tertiary",
            icon=":material/list:",
            on_click=_read,
            args=(connection, LISTS[name], own),
        )


def _read(connection: Connection, kind: TenantResource, code: str) -> None:
    try:
        tenant_reads.of(connection, kind).read(connection.client, [code])
    except errors.KNOWN as error:
        errors.keep(error)


def _names(listed: pd.DataFrame, key: str, value: str) -> dict[str, str]:
    # What is chosen goes by its key: without one nothing can be chosen.
    keyed = listed.dropna(subset=key)
    return dict(zip(keyed[key], keyed[value].fillna(""), strict=True))


def _one_of(
    field: FieldWords,
    key: str,
    names: Mapping[str, str],
    *,
    width: int,
    says: Callable[[str], str] | None = None,
) -> str | None:
    chosen: str | None = st.selectbox(
        field.label,
        list(names),
        index=None,
        key=key,
        format_func=lambda one: (says or names.__getitem__)(one) if one in names else one,
        accept_new_options=True,
        persist_state="session",
        placeholder=field.default or ("Choose or paste one" if names else "Paste one"),
        help=field.help,
        width=width,
    )
    return trimmed(chosen or "") or None
