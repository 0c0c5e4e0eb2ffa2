"""The tenant directory on a page: names beside codes, and the search field."""

import pandas as pd
import streamlit as st

from dashboard import data, tenant_search
from dashboard.session import Connection
from dashboard.ui import formats

_EVERY_NAME = "tenants.every_name"


def directory(connection: Connection) -> data.TenantDirectory:
    """Return the tenants known by name: the first 1,000, or all once a person asked for them."""
    return data.load_tenants(connection, bool(st.session_state.get(_EVERY_NAME)))


def with_names(frame: pd.DataFrame, known: data.TenantDirectory) -> pd.DataFrame:
    """Return the frame with a column `tenant_name`, "" where the name is not known."""
    names = known.frame.drop_duplicates("tenant_code").set_index("tenant_code")["display_name"]
    return frame.assign(tenant_name=frame["tenant_code"].map(names).astype("str").fillna(""))


def search(frame: pd.DataFrame, known: data.TenantDirectory, *, key: str) -> pd.Series:
    """Draw the search field; return which rows it keeps. `frame` has names (`with_names`)."""
    text = st.text_input(
        "Tenants",
        key=key,
        bind="query-params",
        type="search",
        placeholder="Code, name or pasted list",
        help="Part of a tenant code or display name, a regular expression, a range of codes "
        "(first..last), or a list of codes separated by spaces or commas.",
        width=300,
    )
    found = tenant_search.match(frame["tenant_code"], frame["tenant_name"], text or "")
    if found.note:
        st.text(found.note)
    _offer_every_name(known, frame["tenant_code"].nunique())
    return found.mask


def _offer_every_name(known: data.TenantDirectory, tenants: int) -> None:
    calls = -(-tenants // data.DIRECTORY_PAGE)
    offer_every_tenant(known, f"Look up every display name ({formats.counted(calls, 'call')})")


def offer_every_tenant(known: data.TenantDirectory, label: str) -> None:
    """Offer to read the rest of the directory, where only its first page was read."""
    if known.is_complete:
        return
    st.button(
        label,
        key=_EVERY_NAME + ".ask",
        type="tertiary",
        on_click=st.session_state.update,
        args=({_EVERY_NAME: True},),
    )
