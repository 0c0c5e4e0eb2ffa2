"""The tenant directory on a page: names beside codes, and the search field."""

import pandas as pd
import streamlit as st

from dashboard import data, session, tenant_search
from dashboard.connection import Connection
from dashboard.ui import formats
from services import visier

READ_UNASKED = 10
OFFERED_AT_MOST = 1000
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
    calls = -(-frame["tenant_code"].nunique() // data.DIRECTORY_PAGE)
    _offer_every_name(known, f"Look up every display name ({formats.counted(calls, 'call')})")
    return found.mask


def _offer_every_name(known: data.TenantDirectory, label: str) -> None:
    if known.is_complete:
        return
    st.button(
        label,
        key=_EVERY_NAME + ".ask",
        type="tertiary",
        on_click=st.session_state.update,
        args=({_EVERY_NAME: True},),
    )


def pick(known: data.TenantDirectory, *, key: str) -> list[str]:
    """Draw the choice of tenants that cost one call each; return the codes chosen.

    The link holds the plain codes. A list pasted as one entry becomes its codes.
    """
    names = dict(zip(known.frame["tenant_code"], known.frame["display_name"], strict=True))
    own = known.administrating_tenant
    linked = st.query_params.get_all(key) or ([own] if own else [])
    widget = f"{key}.pick"

    def split_pasted() -> None:
        entries: list[str] = st.session_state[widget]
        st.session_state[widget] = list(
            dict.fromkeys(code for entry in entries for code in _codes_in(entry, names))
        )

    chosen = st.multiselect(
        "Tenants",
        list(dict.fromkeys([*linked, *names])),
        default=linked,
        format_func=lambda code: f"{code}  {names[code]}" if code in names else code,
        accept_new_options=True,
        select_all=False,
        key=widget,
        on_change=split_pasted,
        placeholder="Choose tenants, or paste their codes",
        help="Each tenant costs one call of the budget.",
    )
    st.query_params[key] = chosen
    return chosen


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
        _picker(found, adds_to=adds_to, key=f"{key}.pick")
        if text and len(found):
            label = f"Add all {len(found):,} found"
            codes = list(found["tenant_code"])
            st.button(label, key=f"{key}.all", on_click=_add, args=(adds_to, codes))
    if match.note:
        st.text(match.note)
    _offer_every_name(known, f"List every tenant (1 call for each {data.DIRECTORY_PAGE:,})")


def _picker(found: pd.DataFrame, *, adds_to: str, key: str) -> None:
    offered = found.head(OFFERED_AT_MOST)
    names = dict(zip(offered["tenant_code"], offered["tenant_name"], strict=True))

    def take() -> None:
        _add(adds_to, st.session_state[key])
        st.session_state[key] = []

    st.multiselect(
        f"Add from the {len(found):,} listed",
        list(names),
        format_func=lambda code: f"{code}  {names.get(code, '')}",
        select_all=False,
        key=key,
        on_change=take,
        placeholder="Choose tenants" if names else "Nothing found",
        disabled=not names,
        width=250,
    )


def _add(adds_to: str, codes: list[str]) -> None:
    before = st.session_state.get(adds_to) or ""
    there = tenant_search.SEPARATORS.split(before)
    st.session_state[adds_to] = "\n".join(
        filter(None, [before.rstrip(), *(code for code in codes if code not in set(there))])
    )


def _codes_in(entry: str, names: dict[str, str]) -> list[str]:
    """Return the codes in an entry: itself, or those of a list pasted as one."""
    return [entry] if entry in names else [*filter(None, tenant_search.SEPARATORS.split(entry))]


def read_each(
    connection: Connection,
    codes: list[str],
    load: data.CachedLoad[[Connection, str], data.Look],
    *,
    key: str,
) -> data.Look | None:
    """Read one tenant after the other with progress; return all rows and the oldest `as_of`.

    More than a few are read only once a person has agreed to the cost; what was read before is
    returned meanwhile. A tenant that cannot be read is named and left out; when none can be, the
    first error is raised. None: nothing is read yet.
    """
    looks: list[data.Look] = []
    failures: dict[str, visier.VisierError] = {}
    progress = st.empty()
    readable = _agreed(codes, key)
    for number, code in enumerate(readable):
        if len(readable) > READ_UNASKED:
            progress.progress(number / len(readable), text=f"{number:,} of {len(readable):,}")
        try:
            looks.append(load(connection, code))
        except (visier.NotFound, visier.NotPermitted, visier.Refused) as error:
            failures[code] = error
    progress.empty()
    if failures and not looks:
        raise next(iter(failures.values()))
    if failures:
        with st.container(border=True, key="unread-tenants"):
            st.markdown("#### :material/person_off: Not every tenant could be read")
            st.text("\n".join(f"{code}: {error.message}" for code, error in failures.items()))
    if not looks:
        return None
    frame = pd.concat([look.frame for look in looks], ignore_index=True)
    return data.Look(frame, min(look.as_of for look in looks))


def _agreed(codes: list[str], key: str) -> list[str]:
    """Return the codes that may be read now; offer to read the others when they are many."""
    read = session.tenants_read(key)
    pending = [code for code in codes if code not in read]
    if len(pending) <= READ_UNASKED:
        session.agree_to_read(key, pending)
        return codes
    label = formats.counted(len(pending), "more tenant" if len(pending) < len(codes) else "tenant")
    st.button(
        f"Read {label} ({formats.counted(len(pending), 'call')})",
        key=f"{key}.agree",
        type="primary",
        on_click=session.agree_to_read,
        args=(key, pending),
    )
    return [code for code in codes if code in read]
