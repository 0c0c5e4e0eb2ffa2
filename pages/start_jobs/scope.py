"""For which tenants a start is: always chosen, never left to a default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import streamlit as st

from dashboard import data
from dashboard.components import formats, pasted_names, tenant_picker, tenant_search, tenants
from dashboard.connection import Connection
from dashboard.operations import start_link, start_sentences, start_wording
from dashboard.operations.drawer import START
from dashboard.operations.start_link import TENANTS
from services.frames import TenantStatus
from services.operations.starts.target import Listed

KIND = "start.scope"
# The first are enough to see what kind of mistake it is.
NAMED_AT_MOST = 5


class ScopeKind(StrEnum):
    """Which tenants a start is for."""

    OWN = "own"
    CHOSEN = "chosen"
    ALL_BUT = "all_but"
    ALL = "all"


SCOPES: Final[Mapping[ScopeKind, str]] = {
    ScopeKind.OWN: "This tenant",
    ScopeKind.CHOSEN: "Chosen tenants",
    ScopeKind.ALL_BUT: "All but some",
    ScopeKind.ALL: "All tenants",
}


@dataclass(frozen=True)
class Scope:
    """The fields of the form, why they cannot be sent, and of all tenants how many are listed."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    problems: Sequence[str] = ()
    listed: Listed | None = None


def scope_fields(kind: ScopeKind, codes: Sequence[str], own: str | None) -> dict[str, Any]:
    """Return the fields that say which tenants are meant; ``codes`` are chosen or left out.

    ``own`` is the code of the administrating tenant. Without it nothing is said of ``OWN``, as
    from an analytic tenant, where the fields are invalid: Visier takes the tenant that asks.
    """
    match kind:
        case ScopeKind.OWN:
            return {"all_tenants": False, "tenants": [own]} if own else {}
        case ScopeKind.CHOSEN:
            return {"all_tenants": False, "tenants": codes}
        case ScopeKind.ALL_BUT:
            return {"all_tenants": True, "excluded_tenants": codes}
        case ScopeKind.ALL:
            return {"all_tenants": True}


def codes_key(kind: ScopeKind) -> str:
    """Return the key of the text area that holds the tenants of this kind of scope."""
    return f"start.tenants.{kind}"


def take_hand_over() -> None:
    """Put the tenants that were handed over in place of those chosen.

    Another screen has handed them over, or somebody's link: one's own after reloading the page.
    """
    codes, linked = start_link.take(), _linked()
    if linked != tenant_picker.linked_in(START):
        tenant_picker.put_linked(START, linked)
        codes = codes or "\n".join(linked)
    if codes:
        st.session_state[KIND] = ScopeKind.CHOSEN
        st.session_state[codes_key(ScopeKind.CHOSEN)] = codes


def _linked() -> tuple[str, ...]:
    return tuple(dict.fromkeys(st.query_params.get_all(TENANTS)))


def unlink_others(codes: Sequence[str] = ()) -> None:
    """Take the tenants out of the address where these are chosen: loading it would bring them."""
    if {*codes} != {*_linked()}:
        st.query_params.pop(TENANTS, None)


def login_tenant(connection: Connection, known: data.TenantDirectory) -> tuple[str | None, bool]:
    """Return the code of the tenant signed in to, where it is known, and whether it is a lone one.

    A lone tenant administrates no other: an analytic one, or one that is listed all by itself.
    """
    code = connection.identity.target_tenant or known.administrating_tenant
    listed = set(known.frame["tenant_code"])
    return code, "~" in (code or "") or (known.is_complete and listed == {code})


def draw(connection: Connection, known: data.TenantDirectory) -> Scope:
    """Draw the choice of tenants."""
    own, is_lone = login_tenant(connection, known)
    if is_lone:
        st.text(f"This tenant, {own}. It administers no others.")
        return Scope(scope_fields(ScopeKind.OWN, (), None))
    kind = st.segmented_control(
        "Scope",
        list(ScopeKind),
        format_func=SCOPES.__getitem__,
        default=ScopeKind.CHOSEN,
        required=True,
        key=KIND,
        persist_state="session",
        label_visibility="collapsed",
    )
    codes = _codes(known, kind, own or "")
    unlink_others(codes if kind is ScopeKind.CHOSEN else ())
    if kind is ScopeKind.OWN:
        st.text(f"The administrating tenant itself{f', {own}' if own else ''}.")
    # A start of named tenants stays the same one while more are listed.
    listed = _listed(known) if kind in (ScopeKind.ALL, ScopeKind.ALL_BUT) else None
    if kind is ScopeKind.ALL:
        st.text(f"Every tenant you can access: {start_sentences.listed(listed)}.")
    return Scope(scope_fields(kind, codes, own), _left_over(known, kind, codes), listed)


def _listed(known: data.TenantDirectory) -> Listed | None:
    if known.frame.empty:
        return None
    disabled = int((known.frame["status"] == TenantStatus.DISABLED).sum())
    return Listed(len(known.frame), known.is_complete, disabled)


def _codes(known: data.TenantDirectory, kind: ScopeKind, administrating: str) -> list[str]:
    if kind in (ScopeKind.OWN, ScopeKind.ALL):
        return []
    key = codes_key(kind)
    if not known.frame.empty:
        tenants.finder(known, adds_to=key, key="start.find")
    text = st.text_area(
        start_wording.SCOPE["tenants" if kind is ScopeKind.CHOSEN else "excluded_tenants"],
        key=key,
        height=140,
        persist_state="session",
        placeholder="Tenant codes, separated by spaces, commas or line breaks",
    )
    codes = pasted_names.tenant_codes(text or "", administrating)
    if codes:
        st.text(f"{formats.counted(len(codes), 'tenant')} named{_unlisted(known, codes)}")
    return codes


def _unlisted(known: data.TenantDirectory, codes: Sequence[str]) -> str:
    """Return how many of the codes are not listed; the administrating tenant never is."""
    if known.frame.empty:
        return ""
    listed = {*known.frame["tenant_code"], known.administrating_tenant}
    missing = [code for code in codes if code not in listed]
    if not missing:
        return ", all listed."
    quoted = (code[: tenant_search.QUOTED_AT_MOST] for code in missing[:NAMED_AT_MOST])
    named = ", ".join(quoted) + (", …" if len(missing) > NAMED_AT_MOST else "")
    among = "" if known.is_complete else f" among the first {len(known.frame):,}"
    return f", {len(missing):,} not listed{among}: {named}"


def _left_over(
    known: data.TenantDirectory, kind: ScopeKind, codes: Sequence[str]
) -> tuple[str, ...]:
    everyone = set(known.frame["tenant_code"])
    nobody = kind is ScopeKind.ALL_BUT and known.is_complete and everyone and everyone <= {*codes}
    return ("Every listed tenant is left out: none remains.",) if nobody else ()
