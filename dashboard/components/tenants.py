"""The tenant directory on a page: names beside codes, and the search field."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from dashboard import data, list_load
from dashboard.components import filters, pasted_lists, tenant_search, typed
from dashboard.components.charts.job_bars import NO_TENANT
from dashboard.connection import Connection
from services.visier import PAGE_SIZE
from services.visier.rate_limiter import CLICK_PATIENCE

# A widget sends all its options to the browser with every run.
OFFERED_AT_MOST = 1000
# Their codes stand in an address, which has an end.
NAMED_IN_A_CALL = 100
# Seconds: rows stand by their codes first, and are drawn anew once the names are there.
NAMES_PATIENCE = 0.0


def directory(connection: Connection) -> data.TenantDirectory:
    """Return the tenants known by name so far, of all that are read in the background.

    Where they cannot be read there are none, and a line below the page's head says so.
    """
    return data.directory(connection, patience=NAMES_PATIENCE)


def listed(connection: Connection) -> data.TenantDirectory:
    """Return what `directory` does, with the first 1,000: for a page that is made of them."""
    return data.directory(connection, patience=CLICK_PATIENCE)


def of_some(connection: Connection, codes: Sequence[str], of: int) -> data.TenantDirectory:
    """Return the names of the first of these among so many tenants, in one call.

    For a screen that shows few of them. Where one call reads all names, it does.
    """
    if of <= PAGE_SIZE or data.load_tenants.of(connection).is_complete:
        return directory(connection)
    few = data.load_names_of.of(connection, tuple(sorted(codes[:NAMED_IN_A_CALL])))
    found = list_load.comfort("names", few, patience=NAMES_PATIENCE)
    return at_hand(connection) if found is None else found


def at_hand(connection: Connection) -> data.TenantDirectory:
    """Return the tenants that are known by name without a call: nobody where none was read yet."""
    names = data.load_tenants.of(connection)
    known = names.so_far()
    return data.NOBODY if known is None else replace(known, is_complete=names.is_complete)


def with_names(frame: pd.DataFrame, known: data.TenantDirectory) -> pd.DataFrame:
    """Return the frame with a column `tenant_name`, "" where the name is not known."""
    of_rows, codes, names = (
        pa.array(texts, pa.large_string())
        for texts in (frame["tenant_code"], known.frame["tenant_code"], known.frame["display_name"])
    )
    # Not a merge: rows keep their order and index, and 50,000 names are looked up at once.
    places = pc.index_in(of_rows, value_set=codes, skip_nulls=True)
    found = pc.fill_null(names.take(places), "")
    return frame.assign(tenant_name=pd.Series(found, index=frame.index, dtype="str"))


def named(connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
    """Return what `with_names` does, by the names that are known without a call."""
    return with_names(frame, at_hand(connection))


def labels(codes: Sequence[str], known: data.TenantDirectory) -> dict[str, str]:
    """Return by code how each tenant is called in a line: `Europa Health · WFF_j1r~e1a`."""
    rows = with_names(pd.DataFrame({"tenant_code": codes}, dtype="str"), known)
    pairs = zip(rows["tenant_code"], rows["tenant_name"], strict=True)
    return {code: f"{name} · {code}" if name else code for code, name in pairs}


def search_field(placeholder: str, *, key: str) -> str:
    """Draw the field in which tenants are searched for; return what is typed.

    A long list is kept in this browser session, and a name for it stands in field and address.
    """
    pasted_lists.keep(key)
    # A browser shows the end of what does not fit, and a list is known by how it begins.
    is_list = pasted_lists.is_name(st.session_state.get(key) or "")
    text = st.text_input(
        "Tenants",
        key=key,
        bind="query-params",
        type="search",
        placeholder=placeholder,
        help="Part of a tenant code or display name, a regular expression, a range of codes "
        "(first..last), or a list of codes separated by spaces or commas.",
        width=370 if is_list else 200,
    )
    if pasted_lists.is_long(text or ""):
        # It came by a link: from the next run on, the session knows it.
        st.rerun()
    return pasted_lists.text_of(text or "")


def search(frame: pd.DataFrame, *, key: str) -> pd.Series:
    """Draw the search field; return which rows it keeps. `frame` has names (`with_names`)."""
    text = search_field("Code, name or list", key=key)
    found = tenant_search.match(frame["tenant_code"], frame["tenant_name"], text)
    note = " ".join(filter(None, (found.note, pasted_lists.note(st.session_state[key] or ""))))
    if note:
        # The style sheet puts it below the filters it would else stand between.
        with st.container(horizontal=True, vertical_alignment="center", key=f"below-{key}"):
            st.text(note)
    return found.mask


def within(frame: pd.DataFrame, *, key: str) -> "pd.Series[bool]":
    """Draw the span of tenant codes that is filtered by, if any; return which rows lie in it."""
    every = pd.Series(True, index=frame.index)
    if not (st.session_state.get(key) or st.query_params.get(key)):
        return every
    text = typed.line(
        "Tenant codes",
        key=key,
        bind="query-params",
        type="search",
        help="Range of codes, first..last, as set by selecting in a chart.",
        width=190,
    )
    first, _, last = text.partition("..")
    codes = frame["tenant_code"].fillna(NO_TENANT)
    return codes.between(first, last or first) if first else every


def zoom(first: str, last: str, *, key: str, within_key: str) -> None:
    """Filter by the tenants of a band, in a callback, beside what is searched for."""
    band = tenant_search.code_range(first, last)
    searched = str(st.session_state.get(key) or "").strip()
    # A band of all tenants, or of a range of them, is what a search for it finds.
    is_whole = not searched or tenant_search.RANGE.fullmatch(searched)
    if is_whole and tenant_search.RANGE.fullmatch(band) and not st.session_state.get(within_key):
        st.session_state[key] = band
    else:
        filters.put(within_key, band, band)


def finder(known: data.TenantDirectory, *, adds_to: str, key: str) -> None:
    """Draw a search among the tenants that are listed, and ways to add them to a text.

    `adds_to` is the key of a text area that is drawn after this, with one tenant code a line.
    """
    rows = known.frame.assign(tenant_name=known.frame["display_name"].fillna(""))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Find tenants",
            key=key,
            type="search",
            placeholder="Code, name, first..last",
            help="Part of a tenant code or display name, a regular expression, a range of codes "
            "(first..last), or a list of codes.",
            width=190,
        )
        match = tenant_search.match(rows["tenant_code"], rows["tenant_name"], text)
        found = rows[match.mask]
        so_far = "listed" if known.is_complete else "listed so far"
        label = f"Add from the {len(found):,} {so_far}"
        _picker(found, known, label, adds_to=adds_to, key=f"{key}.pick")
        if text and len(found):
            label = f"Add all {len(found):,} found"
            codes = list(found["tenant_code"])
            st.button(label, key=f"{key}.all", on_click=_add, args=(adds_to, codes))
    if match.note:
        st.text(match.note)


def _picker(
    found: pd.DataFrame, known: data.TenantDirectory, label: str, *, adds_to: str, key: str
) -> None:
    offered = labels(list(found["tenant_code"].head(OFFERED_AT_MOST)), known)

    def take() -> None:
        _add(adds_to, st.session_state[key])
        st.session_state[key] = []

    st.multiselect(
        label,
        list(offered),
        format_func=lambda code: offered.get(code, code),
        select_all=False,
        key=key,
        on_change=take,
        placeholder="Choose tenants" if offered else "Nothing found",
        disabled=not offered,
        width=250,
    )


def _add(adds_to: str, codes: list[str]) -> None:
    before = st.session_state.get(adds_to) or ""
    there = tenant_search.SEPARATORS.split(before)
    st.session_state[adds_to] = "\n".join(
        filter(None, [before.rstrip(), *(code for code in codes if code not in set(there))])
    )
