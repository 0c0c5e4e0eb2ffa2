"""Cached loads: what each screen reads, kept per identity.

Lists are read once for all browser sessions of an identity (services.visier.shared_list), and go
with the last of these sessions. What is returned here is shared by all of them: filter it, never
write into it. A load raises visier.StillFetching while its list is not complete, and what reading
raises.
"""

import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Generic, NamedTuple, ParamSpec, TypeAlias, TypeVar

import pandas as pd
import streamlit as st

from dashboard import bootstrap, page_notes, session
from dashboard.connection import Connection
from services import visier
from services.frames import (
    UnexpectedResponse,
    categories,
    data_versions,
    leaving_out,
    metric_values,
    tenants,
    uploaded_files,
    uploads,
)
from services.frames.answers import note_lost
from services.frames.parts import put_together
from services.ledger import LedgerTrouble, Operation, OperationFilter, Outcome
from services.monitoring.details import Answer, JobPlace, questions
from services.monitoring.phrases import counted
from services.monitoring.rhythm import rhythms
from services.operations import Verb
from services.operations.excluded import EXCLUDING, INCLUDING, disabled_by, excluded_by, that_hold
from services.visier import Client, ListSpec, SharedList, SharedLists
from services.visier.shared_list import Asker

P = ParamSpec("P")
R = TypeVar("R")
Listed: TypeAlias = SharedList[Any, Any]

EXCLUSIONS_READ = 50
CODES_COMPARED = 100
KEPT: Final = timedelta(minutes=15)
# What only comforts is not asked for again before this, unless a person says so.
COMFORT_AGAIN: Final = timedelta(minutes=5)
# Lists that name every tenant have about as many pages as each other.
OF_EVERY_TENANT: Final = "every tenant"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frame, the moment it was read (aware, UTC), and what of it could not be, in words."""

    frame: pd.DataFrame
    as_of: datetime
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class TenantDirectory:
    """The tenants known by name.

    `frame` has the columns of `services.frames.tenants`. `is_complete` is False when there may be
    more than were read so far, `is_under_way` says that they are being read.
    """

    frame: pd.DataFrame
    is_complete: bool
    is_under_way: bool = False

    @property
    def administrating_tenant(self) -> str | None:
        """The code of the tenant that administers the others, or None when it cannot be told.

        An analytic tenant's code is that of its administrating tenant, "~" and its own part. What
        most of them share counts: one code may be odd.
        """
        codes = self.frame["tenant_code"].head(CODES_COMPARED)
        common = Counter(code.partition("~")[0] for code in codes).most_common(1)
        return common[0][0] if common else None


NOBODY = TenantDirectory(tenants.to_frame([]), is_complete=True)
SHARED: Final = "shared "


@dataclass(frozen=True, slots=True)
class DataVersions:
    """`versions`: one row per enabled data version; `tenants`: one row per tenant, its latest.

    `tenants` also has the columns of services.monitoring.rhythm.rhythms; `knows_loads` says that
    these count from new data, not from every version, and that `versions` also has loaded_at as of
    services.monitoring.loads. `left_out` says in words what could not be read.
    """

    versions: pd.DataFrame
    tenants: pd.DataFrame
    as_of: datetime
    left_out: Sequence[str] = ()
    knows_loads: bool = False


class _Page(NamedTuple):
    """The rows of a page, and in words what of it could not be read."""

    frame: pd.DataFrame
    left_out: Sequence[str]


class ListLoad(Generic[P, R]):
    """A list that is read once for all browser sessions of one identity, and kept for a time."""

    def __init__(self, spec: Callable[P, ListSpec[Any, R]]) -> None:
        self.name: str = spec.__name__
        self._spec = spec

    def of(self, connection: Connection, *args: P.args, **kwargs: P.kwargs) -> SharedList[Any, R]:
        """Return the list itself: how far it is, and what keeps it from being read."""
        key = (args, tuple(kwargs.items()))
        return lists(connection).of(self.name, key, self._spec(*args, **kwargs))

    def __call__(self, connection: Connection, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what is kept, or read it; what goes on in the background is noted for the page."""
        listed = self.of(connection, *args, **kwargs)
        answer = listed.get(asker(connection))
        page_notes.of_page().note_list(listed)
        return answer

    def refresh(self, connection: Connection, *args: P.args, **kwargs: P.kwargs) -> None:
        """Read anew, or join whoever does; the old answer stays until that is complete.

        Goes on in the background when it takes long. Raises why it failed.
        """
        self.of(connection, *args, **kwargs).refresh(asker(connection))

    def read_anew(
        self, connection: Connection, than: datetime, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Return what was begun to be read later than that moment, now if need be.

        Raises StillFetching while it is not complete: ask again with the same moment.
        """
        listed = self.of(connection, *args, **kwargs)
        if not listed.refresh(asker(connection), than=than):
            raise visier.StillFetching(listed)
        return listed.get(asker(connection))


def lists(connection: Connection) -> SharedLists:
    """Return the lists of whoever is connected; they live as long as a browser session has them."""
    identity = connection.identity
    return session.kept(f"{SHARED}{identity.name}", lambda: bootstrap.shared_lists(identity))


def asker(connection: Connection) -> Asker:
    """Return what reads through this connection for as long as its browser session has it."""
    there = weakref.ref(connection)

    def client() -> Client | None:
        found = there()
        return None if found is None else found.client

    return client


def _in_frames(
    ask: Callable[[Client], Any],
    to_frame: Callable[[Iterable[object]], pd.DataFrame],
    whole: Callable[[pd.DataFrame, datetime, Sequence[str]], R],
    *,
    ttl: timedelta = KEPT,
    most: int = 4,
    size: str = "",
    tenant: str | None = None,
) -> ListSpec[_Page, R]:
    """Return a list whose pages become frames as they come: as parsed they take ten times as much.

    `whole` is given all rows, when the first of them were read (aware, UTC), and in words what
    could not be.
    """

    def part(page: object) -> _Page:
        with leaving_out() as left_out:
            return _Page(to_frame([page]), left_out)

    def made(parts: Sequence[_Page], as_of: datetime) -> R:
        frame = put_together([each.frame for each in parts]) if parts else to_frame([])
        return whole(frame, as_of, [text for each in parts for text in each.left_out])

    return ListSpec(ask, part, made, ttl.total_seconds(), most, size, tenant)


@ListLoad
def load_tenants() -> ListSpec[_Page, TenantDirectory]:
    """Read the tenants' codes and display names; `directory` is the way to them."""
    return _in_frames(
        lambda client: client.iter_tenants(),
        tenants.to_frame,
        # Where the code cannot be read, there is nothing the name could stand beside.
        lambda frame, *_: TenantDirectory(
            frame.dropna(subset="tenant_code", ignore_index=True), is_complete=True
        ),
        ttl=timedelta(hours=8),
        size=OF_EVERY_TENANT,
    )


@ListLoad
def load_tenant(tenant_code: str) -> ListSpec[_Page, Snapshot]:
    """Read what one tenant is called: no row where there is none of this code."""

    def whole(frame: pd.DataFrame, *read: Any) -> Snapshot:
        # Part of a code is taken for it, and a list of codes for several.
        return Snapshot(frame[frame["tenant_code"] == tenant_code], *read)

    return _in_frames(
        lambda client: client.iter_tenants(tenant_codes=[tenant_code]),
        tenants.to_frame,
        whole,
        most=16,
    )


def directory(connection: Connection, *, every_page: bool) -> TenantDirectory:
    """Return the tenants known by name: the first 1,000, or of all as many as were read so far.

    Never raises: names are a comfort, not a condition. Where they cannot be read there are none,
    and the page is given a note that says so.
    """
    listed = load_tenants.of(connection)
    known = _comfort("names", listed, None if every_page else 1)
    if known is None:
        return NOBODY
    return replace(known, is_complete=listed.is_complete, is_under_way=listed.is_under_way)


@ListLoad
def load_categories() -> ListSpec[_Page, Snapshot]:
    """Read the data categories; columns as in `services.frames.categories`."""
    return _in_frames(
        lambda client: visier.InTurn(client, lambda asked: asked.retrieve_data_categories()),
        categories.to_frame,
        Snapshot,
        ttl=timedelta(hours=1),
    )


def listed_categories(connection: Connection) -> pd.DataFrame:
    """Return the data categories, none where they cannot be read: the page is given a note then."""
    look = _comfort("categories", load_categories.of(connection))
    return categories.to_frame([]) if look is None else look.frame


def _comfort(name: str, listed: SharedList[Any, R], pages: int | None = None) -> R | None:
    """Return what was read of a list that no page depends on; note what keeps it from being whole.

    Of what was refused lately nothing is asked again.
    """
    made = session.signed_in()
    page_notes.of_page().without[name] = listed
    try:
        return listed.get(asker(made), pages=pages, hold=COMFORT_AGAIN.total_seconds())
    except (visier.StillFetching, visier.VisierError, visier.InvalidArgument, UnexpectedResponse):
        return listed.so_far()


@ListLoad
def load_data_versions(data_category: str | None) -> ListSpec[_Page, DataVersions]:
    """Read up to five enabled data versions of every tenant, of one category or the primary one."""
    return _data_versions(data_category, size=OF_EVERY_TENANT)


@ListLoad
def load_versions_of(tenant_code: str) -> ListSpec[_Page, DataVersions]:
    """Read up to five enabled data versions of one tenant, of the primary category."""
    return _data_versions(None, tenant_code, most=16)


def _data_versions(
    data_category: str | None, tenant_code: str | None = None, **kept: Any
) -> ListSpec[_Page, DataVersions]:
    # The same number may be another version in another category.
    suffix = f" {data_category}" if data_category else ""

    def whole(versions: pd.DataFrame, as_of: datetime, left_out: Sequence[str]) -> DataVersions:
        latest = data_versions.latest(versions).join(rhythms(versions), on="tenant_code")
        of_each, of_latest = (_keyed(rows, suffix=suffix) for rows in (versions, latest))
        return DataVersions(of_each, of_latest, as_of, left_out)

    return _in_frames(
        lambda client: client.iter_latest_enabled_dv(
            tenant_code=tenant_code, data_category=data_category
        ),
        lambda pages: _of_tenants(data_versions.to_frame(pages)),
        whole,
        **kept,
    )


def _of_tenants(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose tenant is told: of nobody's nothing could be said or done."""
    nobodys = int(rows["tenant_code"].isna().sum())
    if not nobodys:
        return rows
    note_lost(f"{counted(nobodys, 'row')} without a tenant code.")
    return rows.dropna(subset="tenant_code", ignore_index=True)


def _keyed(rows: pd.DataFrame, of: str = "data_version", suffix: str = "") -> pd.DataFrame:
    """Return the rows with `key`, which names one of them as the API does, by tenant and `of`."""
    return rows.assign(key=rows["tenant_code"] + " " + rows[of].fillna("") + suffix)


@ListLoad
def load_uploads(upload_job_id: str | None) -> ListSpec[_Page, Snapshot]:
    """Read up to five data uploads of every tenant, or those of one receiving job."""
    return _in_frames(
        lambda client: client.iter_retrieve_data_uploads(upload_job_id=upload_job_id),
        lambda pages: _of_tenants(uploads.to_frame(pages)),
        lambda frame, *read: Snapshot(_keyed(frame, "upload_time_text"), *read),
        size="" if upload_job_id else OF_EVERY_TENANT,
    )


@ListLoad
def load_uploads_of(tenant_code: str) -> ListSpec[_Page, Snapshot]:
    """Read up to five data uploads of one tenant."""
    return _in_frames(
        lambda client: client.iter_retrieve_data_uploads(tenant_code=tenant_code),
        lambda pages: _of_tenants(uploads.to_frame(pages)),
        lambda frame, *read: Snapshot(_keyed(frame, "upload_time_text"), *read),
        most=16,
    )


@ListLoad
def load_uploaded_files(tenant_code: str, file_name_regex: str | None) -> ListSpec[_Page, Snapshot]:
    """Read the uploaded files of one tenant, all or those whose name fits Visier's own regex."""
    return _in_frames(
        lambda client: client.iter_retrieve_tenant_source_files(file_name_regex=file_name_regex),
        uploaded_files.to_frame,
        lambda frame, *read: Snapshot(_keyed(frame, "identifier"), *read),
        most=16,
        tenant=tenant_code,
    )


@ListLoad
def load_received_files(job_id: str) -> ListSpec[_Page, Snapshot]:
    """Read the files a receiving job brought; columns as of `load_uploaded_files`."""
    return _in_frames(
        lambda client: client.iter_retrieve_receiving_job_extracted_files(job_id),
        uploaded_files.to_frame,
        lambda frame, *read: Snapshot(_keyed(frame, "identifier"), *read),
        most=16,
    )


@ListLoad
def load_metric_values(codes: tuple[str, ...] | None) -> ListSpec[_Page, Snapshot]:
    """Read the metric values of every tenant page by page, or of some by a call each.

    Columns as in `services.frames.metric_values`.
    """
    if codes is None:
        return _in_frames(
            lambda client: client.iter_validation_tenants(),
            metric_values.to_frame,
            Snapshot,
            size=OF_EVERY_TENANT,
        )
    calls = [partial(_metric_values, code) for code in codes]
    return _in_frames(
        lambda client: visier.InTurn(client, *calls),
        lambda pages: pd.concat([metric_values.of_tenant(page) for page in pages]),
        Snapshot,
    )


def _metric_values(code: str, client: Client) -> visier.Payload:
    return client.validation_tenant(code)


@ListLoad
def load_job_answers(place: JobPlace, status_word: str) -> ListSpec[visier.Payload, list[Answer]]:  # noqa: ARG001 - a job that has moved on is asked about anew
    """Read what Visier says of one job, in one or two calls."""
    asked = list(questions(place))
    return ListSpec(
        ask=lambda client: visier.InTurn(client, *(each.ask for each in asked)),
        part=lambda payload: payload,
        whole=lambda payloads, _: [
            Answer(each, payload) for each, payload in zip(asked, payloads, strict=True)
        ],
        ttl=KEPT.total_seconds(),
        most=64,
    )


@st.cache_resource(
    scope="session", ttl=timedelta(hours=1), max_entries=EXCLUSIONS_READ, show_spinner=False
)
def load_exclusions(_connection: Connection, operation_id: str, count: int) -> pd.DataFrame:
    """Read from the ledger what an operation has excluded: columns as in `excluded_by`."""
    return excluded_by(_connection.ledger, operation_id, count)


def _done_here(connection: Connection, *verbs: Verb) -> list[Operation]:
    """Return the last operations of some verbs that have done something; raises LedgerTrouble."""
    actor = connection.actor
    wanted = OperationFilter(
        verbs=verbs, tenant=actor.tenant, host=actor.host, outcome=Outcome.SUCCEEDED
    )
    return connection.ledger.operations(wanted, EXCLUSIONS_READ)


@st.cache_resource(
    scope="session", ttl=timedelta(hours=1), max_entries=EXCLUSIONS_READ, show_spinner=False
)
def load_disabled(_connection: Connection, operation_id: str, count: int) -> pd.DataFrame:
    """Read from the ledger what an operation has disabled: columns as in `disabled_by`."""
    return disabled_by(_connection.ledger, operation_id, count)


def disabled_here(connection: Connection) -> pd.DataFrame | None:
    """Return the versions that were disabled from here lately, as `disabled_by`; None for none."""
    with suppress(LedgerTrouble):
        found = [
            load_disabled(connection, each.id, each.item_counts[Outcome.SUCCEEDED])
            for each in _done_here(connection, Verb.DISABLE_VERSIONS)
        ]
        return pd.concat(found, ignore_index=True) if found else None
    return None


def excluded_here(connection: Connection) -> pd.DataFrame | None:
    """Return what was excluded from here lately and not included again; None for nothing.

    Columns as in `excluded_by` and `that_hold`, and first_id str: the operation it was done by, or
    the one that is a part of. Without the ledger nothing is known of it.
    """
    with suppress(LedgerTrouble):
        found = [
            load_exclusions(connection, each.id, each.item_counts[Outcome.SUCCEEDED]).assign(
                verb=each.verb, first_id=each.part_of or each.id
            )
            for each in _done_here(connection, *EXCLUDING, *INCLUDING)
        ]
        return that_hold(pd.concat(found, ignore_index=True)) if found else None
    return None


CHANGING: Final = frozenset(
    load.name
    for load in (
        load_data_versions,
        load_versions_of,
        load_uploads,
        load_uploads_of,
        load_uploaded_files,
    )
)


def forget_what_changes(
    connection: Connection, since: datetime, job_ids: Iterable[str] = ()
) -> None:
    """Have anew what was read before an operation ended, and jobs looked at again.

    Those of these ids are read again whatever their window.
    """
    connection.job_monitor.expect_change(job_ids)
    lists(connection).forget(CHANGING, since)


def begun(connection: Connection) -> set[str]:
    """Return the operations that all who share this identity look out for the end of."""
    identity = connection.identity
    return session.kept(
        f"{SHARED}begun {identity.name}", lambda: bootstrap.shared(identity, "begun", set[str])
    )


def forget() -> None:
    """Let go of everything this browser session has read; what another shares stays with it."""
    session.forget_kept(SHARED)
