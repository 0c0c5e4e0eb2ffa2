"""What is read tenant by tenant: once per identity, read on in a thread when it is much."""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

import pandas as pd

from dashboard import bootstrap, list_load, session
from dashboard.connection import Connection
from dashboard.data import Snapshot
from services import visier
from services.clock import CLOCK
from services.frames import (
    UnexpectedResponse,
    connector_settings,
    connectors,
    credentials,
    leaving_out,
)
from services.frames.membership import is_among
from services.operations import Verb
from services.visier.shared_list import Asker

# seconds: a tab in the background may be slowed down to a sign of life a minute
UNSEEN_AT_MOST: Final = 120.0
# Joined one by one, every frame would copy all that was read before it.
_MERGE_AT: Final = 200
# What else goes wrong would go wrong for the next tenant too.
_OF_ONE_TENANT = (visier.NotFound, visier.NotPermitted, visier.Refused)


class TenantResource(StrEnum):
    """What can be read of one tenant, in one call."""

    CONNECTORS = "connectors"
    CREDENTIALS = "credentials"
    SETTINGS = "connector settings"


def _connectors(client: visier.Client, code: str) -> pd.DataFrame:
    return connectors.to_frame(client.iter_data_connectors(tenant_code=code), code)


def _credentials(client: visier.Client, code: str) -> pd.DataFrame:
    return credentials.to_frame(client.iter_data_connector_credentials(tenant_code=code), code)


def _settings(client: visier.Client, code: str) -> pd.DataFrame:
    return connector_settings.to_frame([client.in_tenant(code).list_connector_settings()], code)


class Reader(NamedTuple):
    """How one kind is read of a tenant, and the columns of what is read."""

    read: Callable[[visier.Client, str], pd.DataFrame]
    to_frame: Callable[[Iterable[object]], pd.DataFrame]


READERS: Final[Mapping[TenantResource, Reader]] = MappingProxyType(
    {
        TenantResource.CONNECTORS: Reader(_connectors, connectors.to_frame),
        TenantResource.CREDENTIALS: Reader(_credentials, credentials.to_frame),
        TenantResource.SETTINGS: Reader(_settings, connector_settings.to_frame),
    }
)
# What is out of date once an operation has ended.
CHANGED_BY: Final[Mapping[str, tuple[TenantResource, ...]]] = MappingProxyType(
    {
        Verb.ASSIGN_CREDENTIALS: (TenantResource.CONNECTORS,),
        Verb.SET_CONNECTOR_SETTINGS: (TenantResource.SETTINGS,),
        Verb.DELETE_CREDENTIALS: (TenantResource.CREDENTIALS, TenantResource.CONNECTORS),
        Verb.CREATE_CREDENTIALS: (TenantResource.CREDENTIALS,),
        Verb.CHANGE_CREDENTIAL: (TenantResource.CREDENTIALS,),
        Verb.ROTATE_SECRETS: (TenantResource.CREDENTIALS,),
    }
)


@dataclass(frozen=True, slots=True)
class ReadProgress:
    """The progress of a thread; ``error`` is what ended it early."""

    done: int
    of: int
    is_running: bool
    error: Exception | None


class TenantReads:
    """One resource by tenant, read once for all browser sessions of one identity.

    A thread reads only while somebody watches: after two minutes without ``saw`` it stops, since
    every tenant costs a call of a shared budget. It uses the client of whoever watched last: who
    has signed out reads nothing any more.
    """

    def __init__(self, reader: Reader, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = reader.read
        self._asker: Asker = lambda: None
        self._clock = clock
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._merged = reader.to_frame([])
        self._loose: list[pd.DataFrame] = []
        self._read_at: dict[str, datetime] = {}
        self._left_out: dict[str, Sequence[str]] = {}
        self._failures: dict[str, visier.VisierError] = {}
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._seen_at = 0.0
        self._progress = ReadProgress(0, 0, False, None)

    def missing(self, codes: Iterable[str]) -> list[str]:
        """Return the tenants that were neither read nor refused."""
        return [code for code in codes if code not in self._read_at and code not in self._failures]

    def failures(self, codes: Iterable[str]) -> dict[str, visier.VisierError]:
        """Return what Visier said of the tenants it refused."""
        return {code: self._failures[code] for code in codes if code in self._failures}

    def snapshot(self, codes: Sequence[str]) -> Snapshot | None:
        """Return the rows of the tenants that were read, in the order of `codes`.

        They are as old as the oldest of them. None when none was read.
        """
        with self._lock:
            times = [self._read_at[code] for code in codes if code in self._read_at]
            self._merge()
            rows = self._merged[is_among(self._merged["tenant_code"], codes)]
        if not times:
            return None
        places = rows["tenant_code"].map({code: place for place, code in enumerate(codes)})
        ordered = rows.loc[places.sort_values(kind="stable").index]
        left_out = [text for code in codes for text in self._left_out.get(code, ())]
        return Snapshot(ordered.reset_index(drop=True), min(times), left_out)

    def read(self, client: visier.Client, codes: Iterable[str]) -> None:
        """Read these tenants at once, as a click. Raises what is not about one tenant alone."""
        for code in codes:
            self._take(client, code)

    def read_missing(self, client: visier.Client, codes: Iterable[str]) -> None:
        """Read at once those of these tenants that nobody has read, or is reading, meanwhile."""
        with self._reading:
            self.read(client, self.missing(codes))

    def start(self, asker: Asker, codes: Sequence[str]) -> None:
        """Start reading these tenants in a thread; what was read before stays until then.

        Does nothing while another reading is on its way.
        """
        self.saw(asker)
        with self._lock:
            if self.progress.is_running:
                return
            self._stopped.clear()
            self._progress = ReadProgress(0, len(codes), True, None)
            self._thread = threading.Thread(target=self._work, args=(tuple(codes),), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop reading after the call under way; keep what was read."""
        self._stopped.set()

    def saw(self, asker: Asker) -> None:
        """Note that somebody watches, through whose client it may read."""
        self._asker, self._seen_at = asker, self._clock()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until nothing is being read."""
        if self._thread is not None:
            self._thread.join(timeout)

    @property
    def progress(self) -> ReadProgress:
        """The progress of reading."""
        return self._progress

    def forget(self, codes: Collection[str] | None = None) -> None:
        """Forget these tenants, or all."""
        with self._lock:
            self._merge()
            gone = set(self._merged["tenant_code"] if codes is None else codes)
            self._merged = self._merged[~is_among(self._merged["tenant_code"], gone)]
            for known in (self._read_at, self._failures):
                for code in list(known) if codes is None else gone & set(known):
                    del known[code]

    def _work(self, codes: Sequence[str]) -> None:
        error: Exception | None = None
        done = 0
        try:
            for code in codes:
                if self._is_over():
                    break
                client = self._client()
                if client is None:
                    break
                self._take(client.in_lane(visier.Lane.BULK, self._is_over), code)
                done += 1
                self._progress = ReadProgress(done, len(codes), True, None)
        except visier.Interrupted:
            pass
        except (visier.VisierError, visier.InvalidArgument, UnexpectedResponse) as trouble:
            error = trouble
        finally:
            self._progress = ReadProgress(done, len(codes), False, error)

    def _client(self) -> visier.Client | None:
        """Return the client of whoever looks; when they have left, wait a while for another."""
        while not self._is_over():
            # Who left may come back, or another may look: the loop ends when nobody does for long.
            with suppress(visier.SignedOut):
                client = self._asker()
                if client is not None:
                    return client
            self._stopped.wait(1.0)
        return None

    def _is_over(self) -> bool:
        return self._stopped.is_set() or self._clock() - self._seen_at > UNSEEN_AT_MOST

    def _take(self, client: visier.Client, code: str) -> None:
        try:
            with leaving_out() as left_out:
                frame = self._read(client, code)
        except _OF_ONE_TENANT as refusal:
            self._failures[code] = refusal
            return
        except UnexpectedResponse as odd:
            self._failures[code] = visier.UnreadableAnswer(str(odd))
            return
        if code in self._read_at:
            self.forget([code])
        with self._lock:
            self._failures.pop(code, None)
            self._loose.append(frame)
            self._read_at[code] = CLOCK.now()
            self._left_out[code] = left_out
            if len(self._loose) >= _MERGE_AT:
                self._merge()

    def _merge(self) -> None:
        if self._loose:
            self._merged = pd.concat([self._merged, *self._loose], ignore_index=True)
            self._loose = []


def of(connection: Connection, kind: TenantResource) -> TenantReads:
    """Return what was read of this kind by all who share this identity."""
    identity = connection.identity

    def shared() -> TenantReads:
        return bootstrap.shared(identity, kind, lambda: TenantReads(READERS[kind]))

    return session.kept(f"{list_load.SHARED}{kind} {identity.name}", shared)


def forget_changed(connection: Connection, verb: str, codes: Collection[str]) -> None:
    """Forget what an operation of this verb may have changed in these tenants."""
    # What an administrating tenant has, the others may inherit.
    everyone = any("~" not in code for code in codes)
    for kind in CHANGED_BY.get(verb, ()):
        of(connection, kind).forget(None if everyone else codes)
