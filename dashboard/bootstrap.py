"""The composition root: the only place that builds clients, limiters and the sandbox."""

import hashlib
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

import streamlit as st

from dashboard import embedded_sandbox, metrics
from dashboard.connection import App, Connection, Identity
from dashboard.connection_settings import ConnectionSettings, host_of
from dashboard.oidc_user import OidcUser
from dashboard.settings import Settings
from dashboard.settings import read as read_settings
from dashboard.tickets import Tickets
from services import visier
from services.clock import CLOCK
from services.ledger import Ledger, Operation, RateLimitSlots
from services.monitoring import JobHistory, JobMonitor
from services.operations import VERBS, Runner, Threads

T = TypeVar("T")

_log = logging.getLogger("dashboard")
# Known apart from the cache: /readyz asks whether it runs without starting one.
_NEWEST_SANDBOX: Final[deque[embedded_sandbox.EmbeddedSandbox]] = deque(maxlen=1)
# Two sessions that begin at the same moment must get the same object.
_SHARED_LOCK: Final = Lock()
# A request is given up after 65 seconds; what became of it is then to be written down.
LAST_REQUEST_SECONDS = 70.0


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings, read once; raises dashboard.settings.WrongSetting."""
    return read_settings()


@lru_cache(maxsize=1)
def auth_section() -> Mapping[str, object] | None:
    """Return what `st.login` reads of the secrets, or None when there is nothing of the kind.

    Whatever is there closes the doors, also what is no table, and secrets that cannot be read. Read
    once: a file that cannot be read any more must not open them.
    """
    if not st.secrets.load_if_toml_exists():
        is_there = any(Path(file).exists() for file in st.get_option("secrets.files"))
        return {} if is_there else None
    found = [value for name, value in st.secrets.items() if name.lower() == "auth"]
    if not found:
        return None
    return dict(found[0]) if isinstance(found[0], Mapping) else {}


@lru_cache(maxsize=1)
def ended_sign_ins() -> deque[str]:
    """Return which sign-ins by OIDC were ended here: their cookies may live on in other tabs."""
    # A bound for the memory; a sign-in lasts hours, so the oldest of so many has expired.
    return deque(maxlen=10_000)


@st.cache_resource(
    show_spinner="Starting the sandbox…",
    max_entries=1,
    # Asked on every access: one that has ended is started again.
    validate=lambda sandbox: sandbox.is_running,
    on_release=lambda sandbox: sandbox.stop(),
)
def sandbox() -> embedded_sandbox.EmbeddedSandbox:
    """Return the embedded sandbox, starting it when it does not run."""
    _NEWEST_SANDBOX.append(embedded_sandbox.start(settings()))
    return _NEWEST_SANDBOX[0]


def sandbox_is_running() -> bool:
    """Return whether the sandbox started last still runs; start none."""
    return any(started.is_running for started in _NEWEST_SANDBOX)


@st.cache_resource(show_spinner=False, max_entries=1, on_release=lambda opened: opened.close())
def whole_ledger() -> Ledger:
    """Return the ledger of all places, for what runs apart from anybody's page.

    Its tables are up to date. Raises services.ledger.LedgerTrouble when its database cannot be
    used.
    """
    opened = Ledger.open(settings().dashboard_ledger_url, on_end=_note_end)
    now = CLOCK.now()
    opened.prune(now - timedelta(days=settings().dashboard_ledger_days))
    opened.incidents.prune(now - timedelta(days=settings().dashboard_ledger_days))
    observed_since = now - timedelta(days=settings().dashboard_job_observations_days)
    opened.job_observations.prune(observed_since)
    opened.tracked_jobs.prune(observed_since)
    opened.webhook_events.prune(observed_since)
    opened.connector_readings.prune(observed_since)
    return opened


def _note_end(ended: Operation) -> None:
    facts = {"operation_id": ended.id, "verb": ended.verb, "outcome": metrics.ended_as(ended)}
    _log.info("operation %s, %s: %s", *facts.values(), extra=facts)
    metrics.count_operation(ended)


@st.cache_resource(
    show_spinner=False, max_entries=1, on_release=lambda made: made.leave(LAST_REQUEST_SECONDS)
)
def threads() -> Threads:
    """Return the threads that work on operations here, apart from any page."""
    return Threads()


@st.cache_resource(show_spinner=False, max_entries=1)
def runner() -> Runner:
    """Return what applies plans."""
    return Runner(whole_ledger(), VERBS, threads=threads())


@st.cache_resource(
    show_spinner=False,
    max_entries=256,
    # Its name is the whole of an identity, and holds no secret.
    hash_funcs={Identity: lambda identity: identity.name},
)
def job_monitor(identity: Identity) -> JobMonitor:
    """Return the job monitor that everyone signed in under this identity shares."""
    days = settings().dashboard_job_observations_days
    history = JobHistory(whole_ledger, identity.name, remembered=timedelta(days=days))
    made = JobMonitor(history)
    _monitors()[identity] = made
    return made


@lru_cache(maxsize=1)
def _monitors() -> WeakValueDictionary[Identity, JobMonitor]:
    return WeakValueDictionary()


def job_monitors_at(host: str) -> list[JobMonitor]:
    """Return the job monitors there are, of all who read at one Visier."""
    return [made for identity, made in list(_monitors().items()) if identity.host == host]


@st.cache_resource(show_spinner=False, max_entries=1)
def _shared() -> WeakValueDictionary[tuple[Identity, str], Any]:
    """Return what the browser sessions of each identity share, for as long as one holds it."""
    # Weak: what was read for an identity goes with the last session that holds it.
    return WeakValueDictionary()


def shared(identity: Identity, name: str, make: Callable[[], T]) -> T:
    """Return what all who are signed in under this identity share by this name.

    It is gone once nobody holds what is returned here: nothing of an identity outlives its last
    browser session.
    """
    with _SHARED_LOCK:
        found: T = _shared().setdefault((identity, name), make())
    return found


@st.cache_resource(show_spinner=False, max_entries=1024)
def _list_sizes(name: str) -> dict[str, int]:  # noqa: ARG001 - each identity has its own
    """Return how many pages the lists of an identity had when they were read last."""
    return {}


def shared_lists(identity: Identity) -> visier.SharedLists:
    """Return the lists that all who are signed in under this identity share, as `shared` says."""
    sizes = _list_sizes(identity.name)
    return shared(identity, "lists", lambda: visier.SharedLists(sizes))


def shared_lists_at(host: str) -> list[visier.SharedLists]:
    """Return the lists that browser sessions hold, of all who read at one Visier."""
    found = list(_shared().items())
    return [made for (identity, name), made in found if name == "lists" and identity.host == host]


@st.cache_resource(show_spinner=False, max_entries=1)
def tickets() -> Tickets:
    """Return the downloads that were asked for and have not begun."""
    return Tickets()


APP: Final = App(settings, whole_ledger, runner, threads, job_monitor)


@st.cache_resource(
    show_spinner=False, max_entries=1, on_release=lambda slots: slots and slots.close()
)
def _rate_limit_slots() -> RateLimitSlots | None:
    """Return where calls are counted together with other replicas; None when there are none."""
    return RateLimitSlots.of_url(settings().dashboard_ledger_url)


# Of one API key and not of one user: Visier counts the calls of a key.
@st.cache_resource(show_spinner=False, max_entries=256)
def _rate_limiter(base_url: str, key_digest: str) -> visier.RateLimiter:
    shared = _rate_limit_slots()
    slots = None if shared is None else shared.of(f"{base_url} {key_digest[:12]}")
    return visier.RateLimiter(slots=slots)


def configured(name: str) -> ConnectionSettings:
    """Return the settings of a connection; "" is the first, where there is only one by its name."""
    connections = settings().connections
    return connections[name] if name else next(iter(connections.values()))


def connect(
    base_url: str,
    credentials: visier.Credentials,
    *,
    user: str,
    target_tenant: str | None = None,
    is_sandbox: bool = False,
    is_by_settings: bool = False,
    name: str = "",
) -> Connection:
    """Build a connection; nothing is sent yet. All of one API key share one call budget."""
    given = configured(name)
    # The digest stands in cache keys and metrics, where the key itself must not.
    digest = hashlib.sha256(credentials.api_key.encode()).hexdigest()
    client = visier.Client(
        base_url,
        credentials,
        _rate_limiter(base_url, digest),
        target_tenant=target_tenant,
        encoding=visier.BodyEncoding(given.body_encoding),
        observe=metrics.of_key(digest),
        name=name,
    )
    identity = Identity(base_url, digest, user, target_tenant)
    is_theirs = not given.is_embedded and host_of(given.address) == identity.host
    kind = "sandbox" if is_sandbox else given.kind if is_theirs else None
    return Connection(identity, client, APP, is_sandbox, is_by_settings, name=name, kind=kind)


def owner_of(token: str) -> str:
    """Return a name for whoever holds a token: no two of them may be taken for one person."""
    return f"security token {hashlib.sha256(token.encode()).hexdigest()[:8]}"


def with_token(connection: Connection, token: str) -> Connection:
    """Build a connection like this one for whoever holds another security token.

    Nothing is sent yet. Raises visier.InvalidArgument for what cannot be a token.
    """
    identity = replace(connection.identity, user=owner_of(token))
    client = connection.client.with_token(token)
    return replace(connection, identity=identity, _client=client, is_by_settings=False)


# A sandbox that is started again has another address.
@st.cache_resource(show_spinner=False, max_entries=4, on_release=lambda made: made.client.close())
def _sandbox_connection(base_url: str, name: str) -> Connection:
    return connect(
        base_url,
        visier.Password(
            embedded_sandbox.API_KEY,
            embedded_sandbox.USERNAME,
            embedded_sandbox.PASSWORD,
            embedded_sandbox.VANITY_NAME,
        ),
        user=embedded_sandbox.USERNAME,
        is_sandbox=True,
        is_by_settings=True,
        name=name,
    )


def sandbox_connection(person: OidcUser | None, name: str = "") -> Connection:
    """Return the connection to the embedded sandbox; all who look at it share one client."""
    return _sandbox_connection(sandbox().url, name).of(person)


@st.cache_resource(show_spinner=False, max_entries=64)
def _operator_connection(name: str) -> Connection | None:
    given = configured(name)
    credentials = given.credentials
    if credentials is None:
        return None
    return connect(
        given.address,
        credentials,
        user=given.username or "",
        target_tenant=given.target_tenant_id,
        is_by_settings=True,
        name=name,
    )


def default_connection(person: OidcUser | None, name: str = "") -> Connection | None:
    """Return what a fresh visitor of a configured connection is signed in to, once they may come.

    The sandbox where it is the embedded one; the operator's own tenant when the settings hold whole
    credentials; None when a person has to sign in.
    """
    if configured(name).is_embedded:
        return sandbox_connection(person, name)
    made = _operator_connection(name)
    return made and made.of(person)
