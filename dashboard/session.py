"""The signed-in connection of this browser session; the only module that names session keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import streamlit as st

from services import visier
from services.ledger import Actor
from services.operations import Plan
from services.operations.starting import Started

_CONNECTION = "session.connection"
_DRAFT = "session.draft."
_ENDED = "session.ended"
_GENERATION = "session.generation."
_REFRESH_ERROR = "session.refresh_error"
_TENANTS_READ = "session.tenants_read."
_HANDED_OVER = "session.handed_over"
_STARTED = "session.started"
_OPERATION = "session.operation."
_PLAN = "session.plan."
_SELECTED = "session.selected."
_SIGNED_OUT = "session.signed_out"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking whom: what every cached answer is kept under."""

    base_url: str
    key_digest: str
    user: str
    target_tenant: str | None

    @property
    def name(self) -> str:
        """One text for the whole identity, as the ledger keeps it; it holds no secret."""
        parts = (self.base_url, self.key_digest[:12], self.user, self.target_tenant or "")
        return " ".join(parts)

    @property
    def host(self) -> str:
        """The host without its scheme, as a person knows it."""
        return urlsplit(self.base_url).netloc


@dataclass(frozen=True, slots=True)
class Connection:
    """A signed-in client and whose it is."""

    identity: Identity
    client: visier.Client = field(repr=False)
    is_sandbox: bool


def actor(made: Connection) -> Actor:
    """Return who acts through this connection, for the ledger."""
    identity = made.identity
    return Actor(user=identity.user, tenant=identity.target_tenant or "", host=identity.host)


def connection() -> Connection | None:
    """Return this browser session's connection, or None when nobody is signed in."""
    return st.session_state.get(_CONNECTION)


def signed_in() -> Connection:
    """Return this browser session's connection; pages run only when there is one."""
    made: Connection = st.session_state[_CONNECTION]
    return made


def sign_in(made: Connection) -> None:
    """Make this the session's connection."""
    st.session_state[_CONNECTION] = made
    st.session_state[_SIGNED_OUT] = False


def generation(load: str) -> int:
    """Return how often the answers of a load were refreshed in this browser session."""
    number: int = st.session_state.get(_GENERATION + load, 0)
    return number


def put_generation(load: str, number: int) -> None:
    """Note a refresh of the answers of a load."""
    st.session_state[_GENERATION + load] = number


def refresh_error() -> Exception | None:
    """Return, once, why the last refresh failed."""
    error: Exception | None = st.session_state.pop(_REFRESH_ERROR, None)
    return error


def put_refresh_error(error: Exception) -> None:
    """Note why a refresh failed."""
    st.session_state[_REFRESH_ERROR] = error


def tenants_read(name: str) -> frozenset[str]:
    """Return the tenants whose reading a person has agreed to under this name."""
    codes: frozenset[str] = st.session_state.get(_TENANTS_READ + name, frozenset())
    return codes


def agree_to_read(name: str, codes: Iterable[str]) -> None:
    """Note that a person has agreed to the calls these tenants cost."""
    st.session_state[_TENANTS_READ + name] = tenants_read(name).union(codes)


def selected(name: str) -> frozenset[str]:
    """Return the keys a person has selected under this name."""
    keys: frozenset[str] = st.session_state.get(_SELECTED + name, frozenset())
    return keys


def select(name: str, keys: frozenset[str]) -> None:
    """Replace what is selected under this name."""
    st.session_state[_SELECTED + name] = keys


def draft(name: str) -> Mapping[str, bool]:
    """Return the changes a person has drafted under this name: a key and what it is to become."""
    changes: Mapping[str, bool] = st.session_state.get(_DRAFT + name, {})
    return changes


def put_draft(name: str, changes: Mapping[str, bool]) -> None:
    """Replace what is drafted under this name."""
    st.session_state[_DRAFT + name] = changes


def plan(name: str) -> Plan | None:
    """Return the plan under review under this name."""
    reviewed: Plan | None = st.session_state.get(_PLAN + name)
    return reviewed


def review(name: str, made: Plan | None) -> None:
    """Put a plan under review under this name, or none."""
    st.session_state[_PLAN + name] = made


def operation(name: str) -> str | None:
    """Return the id of the operation whose course is shown under this name."""
    shown: str | None = st.session_state.get(_OPERATION + name)
    return shown


def follow(name: str, operation_id: str | None) -> None:
    """Show the course of an operation under this name, or of none."""
    st.session_state[_OPERATION + name] = operation_id


def handed_over() -> str:
    """Return the tenant codes another screen has handed to Start jobs, one per line."""
    codes: str = st.session_state.get(_HANDED_OVER, "")
    return codes


def hand_over(tenant_codes: Iterable[str]) -> None:
    """Hand tenants to Start jobs, in place of what it was about."""
    st.session_state[_HANDED_OVER] = "\n".join(tenant_codes)
    put_started(None)


def started() -> Started | None:
    """Return what this browser session started last and still looks at."""
    began: Started | None = st.session_state.get(_STARTED)
    return began


def put_started(began: Started | None) -> None:
    """Look at a start, or at none."""
    st.session_state[_STARTED] = began


def sees_end_of(operation_id: str) -> bool:
    """Whether this browser session is told for the first time that an operation has ended."""
    seen: frozenset[str] = st.session_state.get(_ENDED, frozenset())
    st.session_state[_ENDED] = seen | {operation_id}
    return operation_id not in seen


def sign_out() -> None:
    """Forget the connection and everything else this session holds."""
    st.session_state.clear()
    st.session_state[_SIGNED_OUT] = True


def has_signed_out() -> bool:
    """Whether the person left on purpose, so that nothing signs them in again unasked."""
    return bool(st.session_state.get(_SIGNED_OUT))
