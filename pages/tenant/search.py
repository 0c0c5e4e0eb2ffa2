"""The choice of a tenant, where the address names none that there is."""

import pandas as pd
import streamlit as st

from dashboard import data
from dashboard.components import formats, page, tables, tenant_link, tenant_search, tenants
from dashboard.connection import Connection
from services.typed_text import NAMED_AT_MOST, clean

# Nobody reads more: a longer text finds fewer.
SHOWN = 100


def draw(connection: Connection) -> None:
    """Draw the search among the tenants that are listed; a row opens the tenant."""
    known = tenants.listed(connection)
    text = clean(
        st.text_input(
            "Find a tenant",
            key=tenant_link.FIND,
            bind="query-params",
            type="search",
            placeholder="Code or name",
            help="Part of a tenant code or display name, or a regular expression.",
            width=320,
        )
        or ""
    )
    rows = known.frame.assign(tenant_name=known.frame["display_name"].fillna(""))
    match = tenant_search.match(rows["tenant_code"], rows["tenant_name"], text)
    found = rows[match.mask]
    if match.note:
        st.text(match.note)
    if found.empty:
        _not_listed(text, known)
        return
    shown = found.head(SHOWN)
    st.text(f"{_counted(shown, len(found), known)}. Select one to open it.")
    clicked = tables.clicked(shown, tables.tenant_columns(shown), key="ten.found")
    if clicked is not None:
        tenant_link.go(str(shown["tenant_code"].iloc[clicked]))


def _counted(shown: pd.DataFrame, found: int, known: data.TenantDirectory) -> str:
    """Return how many of all are shown; where not all were read, it is said of how many that is."""
    if known.is_complete:
        return tables.counted(shown, found, "tenant")
    among = f"the first {formats.counted(len(known.frame), 'tenant')} read so far"
    return f"{len(shown):,} of {found:,} found among {among}; there may be more"


def _not_listed(text: str, known: data.TenantDirectory) -> None:
    """Offer to open what may be the code of a tenant that is not listed here."""
    if not text:
        page.empty("No tenants", "Visier lists no tenants for your account. Enter a tenant code.")
        return
    among = "" if known.is_complete else f" among the first {len(known.frame):,} read so far"
    page.empty("No tenant found", f"No code or name{among} matches.")
    is_code = len(text) <= NAMED_AT_MOST and not tenant_search.SEPARATORS.search(text)
    if is_code and st.button("Open it by this code", key="ten.open"):
        tenant_link.go(text)
