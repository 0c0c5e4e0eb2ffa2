"""The tenant directory on a page: names beside codes, and the search field."""

import pandas as pd
import streamlit as st

from dashboard import data, tenant_search
from dashboard.session import Connection
from dashboard.ui import formats

READ_UNASKED = 10
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


def pick(known: data.TenantDirectory, *, key: str) -> list[str]:
    """Draw the choice of tenants that cost one call each; return the codes to read now.

    More than a few are read only once a person has agreed to the cost.
    """
    names = dict(zip(known.frame["tenant_code"], known.frame["display_name"], strict=True))
    own = known.administrating_tenant
    chosen = st.multiselect(
        "Tenants",
        [own, *names] if own and own not in names else list(names),
        default=[own] if own else [],
        format_func=lambda code: f"{code}  {names[code]}" if code in names else code,
        accept_new_options=True,
        key=key,
        bind="query-params",
        placeholder="Choose tenants, or paste their codes",
        help="Each tenant costs one call of the budget.",
    )
    codes = list(dict.fromkeys(code for text in chosen for code in _pasted(text, names)))
    return codes if len(codes) <= READ_UNASKED or _agreed(codes, key) else []


def _pasted(text: str, names: dict[str, str]) -> list[str]:
    """Return the codes in an entry: itself, or those of a list pasted as one."""
    return [text] if text in names else [*filter(None, tenant_search.SEPARATORS.split(text))]


def _agreed(codes: list[str], key: str) -> bool:
    agreed = f"{key}.agreed"
    if st.session_state.get(agreed) == codes:
        return True
    st.button(
        f"Read {formats.counted(len(codes), 'tenant')} ({formats.counted(len(codes), 'call')})",
        key=f"{key}.agree",
        type="primary",
        on_click=st.session_state.update,
        args=({agreed: codes},),
    )
    return False


def read_each(
    connection: Connection, codes: list[str], load: data.CachedLoad[[Connection, str], data.Look]
) -> data.Look:
    """Read one tenant after the other with progress; return all rows and the oldest `as_of`."""
    progress = st.empty()
    looks = []
    for number, code in enumerate(codes):
        if len(codes) > READ_UNASKED:
            progress.progress(number / len(codes), text=f"{number:,} of {len(codes):,} tenants")
        looks.append(load(connection, code))
    progress.empty()
    frame = pd.concat([look.frame for look in looks], ignore_index=True)
    return data.Look(frame, min(look.as_of for look in looks))
