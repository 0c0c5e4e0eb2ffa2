"""The choice of tenants that cost a call each, from a handful to all of 50,000.

The search runs here, not in the browser, which is only ever given a few of the tenants found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from dashboard import data, navigation, session
from dashboard.components import errors, formats, tables, tenant_search, tenants
from services.frames.membership import is_among
from services.typed_text import NAMED_AT_MOST, clean
from services.visier import InvalidArgument

# A widget sends all its options to the browser with every run.
OFFERED = 100
# Codes of about 12 letters: more make an address that proxies may refuse.
IN_LINK_AT_MOST = 50
TOO_LONG = (
    f"{{texts}} skipped: a tenant code has at most {NAMED_AT_MOST} characters. "
    "Separate codes with spaces, commas or line breaks."
)


@dataclass
class _Picked:
    codes: tuple[str, ...] | None = None
    linked: dict[str, tuple[str, ...]] = field(default_factory=dict)


def _picked() -> _Picked:
    return session.own(_Picked)


def choose(codes: Iterable[str]) -> None:
    """Choose the tenants for what costs a call each, in place of those before."""
    _picked().codes = tuple(dict.fromkeys(codes))


def linked_in(page: str) -> tuple[str, ...]:
    """Return the tenants that this page's own link was last given: another link is somebody's.

    So is the link of a page one comes back to: there are none once another page's was given some.
    """
    return _picked().linked.get(page, ())


def put_linked(page: str, codes: tuple[str, ...]) -> None:
    """Note the tenants that this page's link is given."""
    _picked().linked = {page: codes}


def pick(known: data.TenantDirectory, *, key: str) -> list[str]:
    """Draw the choice; return the codes chosen.

    The screens of connectors and of credentials share it. The link holds the codes as long as they
    are few. A list pasted as one entry becomes its codes.
    """
    chosen = _chosen(known, key)
    with st.container(key="tenant-picker"):
        with st.container(horizontal=True, vertical_alignment="center", key="filters-tenants"):
            found = _find(known, chosen, key)
            if len(chosen) <= OFFERED:
                _choice(known, chosen, found, key)
            else:
                _many(known, chosen, key)
            _paste(key)
        _note(known, chosen, is_searching=bool(st.session_state[f"{key}.find"]))
    _put_in_link(chosen, key)
    return list(chosen)


def hand_over_button(codes: "pd.Series[str]", *, key: str) -> None:
    """Draw the way to the connectors of the tenants another screen shows."""
    distinct = codes.unique()
    these = "this tenant" if len(distinct) == 1 else f"these {len(distinct):,} tenants"
    label = f"Connectors of {these}…"
    if st.button(label, key=key, icon=":material/cable:", disabled=not len(distinct)):
        hand_over(distinct)


def hand_over(codes: Iterable[str], *, checks: bool = False) -> None:
    """Leave for the connectors of these tenants, and their credentials where those are checked."""
    choose(codes)
    navigation.go_to(navigation.CONNECTORS, {"con_check": "true"} if checks else {})


def _chosen(known: data.TenantDirectory, key: str) -> tuple[str, ...]:
    """Return what is chosen: by the link, else before, else the administrating tenant."""
    linked = tuple(dict.fromkeys(st.query_params.get_all(key)))
    if linked and linked != linked_in(key):
        _choose(linked)
    elif _picked().codes is None:
        own = known.administrating_tenant
        choose([own] if own else [])
    return _picked().codes or ()


def _put_in_link(chosen: Sequence[str], key: str) -> None:
    linked = tuple(chosen) if len(chosen) <= IN_LINK_AT_MOST else ()
    st.query_params[key] = list(linked)
    put_linked(key, linked)


def _find(known: data.TenantDirectory, chosen: Sequence[str], key: str) -> list[str]:
    """Draw the search; return the first codes it finds."""
    text = st.text_input(
        "Find tenants",
        key=f"{key}.find",
        type="search",
        placeholder="Code, name, range or pasted list",
        help="Part of a tenant code or display name, a regular expression, a range of codes "
        "(first..last), or a list of codes separated by spaces or commas.",
        width=260,
    )
    codes, names = known.frame["tenant_code"], known.frame["display_name"]
    found = tenant_search.match(codes, names.fillna(""), text or "")
    hits = codes[found.mask]
    if text:
        new = hits[~is_among(hits, chosen)]
        st.button(
            f"Add {len(new):,} found",
            key=f"{key}.add",
            icon=":material/add:",
            disabled=new.empty,
            help=found.note or None,
            on_click=lambda: choose([*chosen, *new]),
        )
    return list(hits.head(OFFERED))


def _choice(
    known: data.TenantDirectory, chosen: Sequence[str], found: Sequence[str], key: str
) -> None:
    options = list(dict.fromkeys([*chosen, *found]))
    labels = tenants.labels(options, known)
    listed = known.frame["tenant_code"]
    names = {*listed[is_among(listed, options)]}
    widget = f"{key}.pick"
    # Before the widget is drawn: afterwards Streamlit refuses to set its value.
    st.session_state[widget] = list(chosen)

    def take() -> None:
        entries: list[str] = st.session_state[widget]
        # A list pasted as one entry becomes its codes; a known code may have separators in it.
        _choose(code for each in entries for code in ([each] if each in names else codes_in(each)))

    st.multiselect(
        "Tenants",
        options,
        format_func=lambda code: labels.get(code, code),
        # A pasted list arrives as one new option.
        accept_new_options=True,
        select_all=False,
        key=widget,
        on_change=take,
        placeholder="Select tenants or paste their codes",
        help="Each tenant costs one call.",
    )


def codes_in(text: str) -> list[str]:
    """Return the codes in a pasted text."""
    words = (
        word.strip(tenant_search.QUOTES) for word in tenant_search.SEPARATORS.split(clean(text))
    )
    return [word for word in words if word]


def _choose(entries: Iterable[str]) -> None:
    """Choose what can be tenant codes; what is too long for one is said in this run or the next."""
    distinct = list(dict.fromkeys(entries))
    codes = [entry for entry in distinct if len(entry) <= NAMED_AT_MOST]
    choose(codes)
    if len(codes) < len(distinct):
        texts = formats.counted(len(distinct) - len(codes), "text")
        errors.keep(InvalidArgument(TOO_LONG.format(texts=texts)))


def _many(known: data.TenantDirectory, chosen: Sequence[str], key: str) -> None:
    st.text(f"{formats.counted(len(chosen), 'tenant')} selected", width="stretch")
    with st.popover("Show them", key=f"{key}.shown"):
        rows = pd.DataFrame({"tenant_code": chosen}, dtype="str")
        rows = tenants.with_names(rows, known)
        columns = tables.tenant_columns(rows)
        st.dataframe(rows[list(columns)], hide_index=True, column_config=dict(columns), height=320)
    st.button(
        "Clear",
        key=f"{key}.none",
        icon=":material/close:",
        on_click=choose,
        args=((),),
    )


def _paste(key: str) -> None:
    with (
        st.popover("Paste", icon=":material/content_paste:", key=f"{key}.paste"),
        st.form(f"{key}.pasted", border=False, clear_on_submit=True),
    ):
        text = st.text_area(
            "Tenant codes",
            key=f"{key}.pasted.codes",
            height=200,
            placeholder="Separated by spaces, commas or line breaks",
        )
        if st.form_submit_button("Replace the selection", key=f"{key}.pasted.go"):
            _choose(codes_in(text or ""))
            st.rerun()


def _note(known: data.TenantDirectory, chosen: Sequence[str], *, is_searching: bool) -> None:
    notes = []
    if is_searching and not known.is_complete:
        notes.append(f"Only the first {len(known.frame):,} tenants are searched so far.")
    if len(chosen) > IN_LINK_AT_MOST:
        notes.append(
            f"A link holds at most {IN_LINK_AT_MOST} tenants, so this one leaves them out."
        )
    if notes:
        st.caption(" ".join(notes), width="content")
