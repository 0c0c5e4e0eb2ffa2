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
    """Return the frame with `display_name` behind `tenant_code`; "" where it is not known."""
    names = known.frame.drop_duplicates("tenant_code").set_index("tenant_code")["display_name"]
    position = frame.columns.get_loc("tenant_code") + 1
    named = frame.copy()
    named.insert(position, "display_name", frame["tenant_code"].map(names).fillna("").astype("str"))
    return named


def search(frame: pd.DataFrame, known: data.TenantDirectory, *, key: str) -> pd.Series:
    """Draw the search field; return which rows it keeps. `frame` has names (`with_names`)."""
    text = st.text_input(
        "Tenants",
        key=key,
        bind="query-params",
        type="search",
        placeholder="Code, name, regular expression, first..last, or a pasted list",
    )
    found = tenant_search.match(frame["tenant_code"], frame["display_name"], text or "")
    if found.note:
        st.caption(found.note.replace("_", "\\_"))
    _offer_every_name(known, frame["tenant_code"].nunique())
    return found.mask


def _offer_every_name(known: data.TenantDirectory, tenants: int) -> None:
    if known.is_complete:
        return
    calls = -(-tenants // data.DIRECTORY_PAGE)
    st.button(
        f"Look up every display name ({formats.counted(calls, 'call')})",
        key=_EVERY_NAME + ".ask",
        type="tertiary",
        on_click=st.session_state.update,
        args=({_EVERY_NAME: True},),
    )
