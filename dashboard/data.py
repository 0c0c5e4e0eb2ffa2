"""Cached loads: what each screen reads, kept per browser session and identity.

A frame returned here is shared by all reruns of a session: filter it, never write into it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Generic, ParamSpec, TypeVar, cast

import pandas as pd
import streamlit as st

from dashboard import bootstrap, session
from dashboard.connection import Connection
from services import visier
from services.frames import (
    categories,
    data_versions,
    leaving_out,
    tenants,
    uploaded_files,
    uploads,
)
from services.frames.answers import note_lost
from services.watching.details import Answer, JobPlace, questions
from services.watching.phrases import counted

P = ParamSpec("P")
R = TypeVar("R")

DIRECTORY_PAGE = 1000
CODES_COMPARED = 100


@dataclass(frozen=True, slots=True)
class Look:
    """A frame, the moment it was read (aware, UTC), and what of it could not be, in words."""

    frame: pd.DataFrame
    as_of: datetime
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class TenantDirectory:
    """The tenants known by name.

    `frame` has the columns of `services.frames.tenants`. `is_complete` is False when only the
    first page was read.
    """

    frame: pd.DataFrame
    is_complete: bool

    @property
    def administrating_tenant(self) -> str | None:
        """The code of the tenant that administers the others, or None when it cannot be told.

        An analytic tenant's code is that of its administrating tenant, "~" and its own part. What
        most of them share counts: one code may be odd.
        """
        codes = self.frame["tenant_code"].head(CODES_COMPARED)
        common = Counter(code.partition("~")[0] for code in codes).most_common(1)
        return common[0][0] if common else None


NOBODY = TenantDirectory(tenants.to_frame([]), True)


@dataclass(frozen=True, slots=True)
class DataVersions:
    """`versions`: one row per enabled data version; `tenants`: one row per tenant, its latest.

    `left_out` says in words what could not be read.
    """

    versions: pd.DataFrame
    tenants: pd.DataFrame
    as_of: datetime
    left_out: Sequence[str] = ()


class CachedLoad(Generic[P, R]):
    """A read whose answer is kept per browser session and per identity, for a bounded time."""

    def __init__(self, load: Callable[P, R], ttl: timedelta, max_entries: int) -> None:
        self._name = load.__name__

        def look(generation: int, *args: Any) -> R:  # noqa: ARG001 - it is part of the key
            answer: R = cast("Any", load)(*args)
            return answer

        # Streamlit tells caches apart by the function's name and source.
        look.__qualname__ = load.__qualname__
        self._look = st.cache_resource(
            scope="session",
            ttl=ttl,
            max_entries=max_entries,
            show_spinner=False,
            hash_funcs={Connection: lambda connection: astuple(connection.identity)},
        )(look)

    def __call__(self, *args: P.args, **_: P.kwargs) -> R:
        """Return the answer that is kept, or read it."""
        return self._look(session.generation(self._name), *args)

    def refresh(self, *args: P.args, **_: P.kwargs) -> None:
        """Read anew; when that fails, its error is raised and the old answer stays."""
        generation = session.generation(self._name) + 1
        self._look(generation, *args)
        session.put_generation(self._name, generation)

    def clear(self) -> None:
        """Forget every answer."""
        self._look.clear()


def _kept(ttl: timedelta, max_entries: int) -> Callable[[Callable[P, R]], CachedLoad[P, R]]:
    return lambda load: CachedLoad(load, ttl, max_entries)


def _now() -> datetime:
    return datetime.now(UTC)


@_kept(timedelta(hours=8), max_entries=2)
def load_tenants(connection: Connection, every_page: bool) -> TenantDirectory:
    """Read the tenants' codes and display names: the first 1,000, or all of them.

    Who may not list tenants gets an empty directory: names are a comfort, not a condition.
    """
    pages = connection.client.iter_tenants()
    try:
        with leaving_out():
            frame = tenants.to_frame(pages if every_page else islice(pages, 1))
    except (visier.NotPermitted, visier.NotFound):
        return NOBODY
    # Where the code cannot be read, there is nothing the name could stand beside.
    named = frame.dropna(subset="tenant_code", ignore_index=True)
    return TenantDirectory(named, every_page or len(frame) < DIRECTORY_PAGE)


@_kept(timedelta(hours=1), max_entries=2)
def load_categories(connection: Connection) -> Look:
    """Read the data categories; columns as in `services.frames.categories`."""
    payload = connection.client.retrieve_data_categories()
    with leaving_out() as left_out:
        return Look(categories.to_frame([payload]), _now(), left_out)


@_kept(timedelta(minutes=15), max_entries=4)
def load_data_versions(connection: Connection, data_category: str | None) -> DataVersions:
    """Read up to five enabled data versions of every tenant, of one category or the primary one."""
    pages = connection.client.iter_latest_enabled_dv(data_category=data_category)
    with leaving_out() as left_out:
        versions = _of_tenants(data_versions.to_frame(pages))
    latest = data_versions.latest(versions)
    # The same number may be another version in another category.
    category = f" {data_category}" if data_category else ""
    return DataVersions(
        _keyed(versions, suffix=category), _keyed(latest, suffix=category), _now(), left_out
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


@_kept(timedelta(minutes=15), max_entries=4)
def load_uploads(connection: Connection, upload_job_id: str | None) -> Look:
    """Read up to five data uploads of every tenant, or those of one receiving job."""
    pages = connection.client.iter_retrieve_data_uploads(upload_job_id=upload_job_id)
    with leaving_out() as left_out:
        frame = _of_tenants(uploads.to_frame(pages))
    return Look(_keyed(frame, "upload_time_text"), _now(), left_out)


@_kept(timedelta(minutes=15), max_entries=16)
def load_uploaded_files(
    connection: Connection, tenant_code: str, file_name_regex: str | None
) -> Look:
    """Read the uploaded files of one tenant, all or those whose name fits Visier's own regex."""
    client = connection.client.in_tenant(tenant_code)
    pages = client.iter_retrieve_tenant_source_files(file_name_regex=file_name_regex)
    with leaving_out() as left_out:
        frame = uploaded_files.to_frame(pages)
    return Look(_keyed(frame, "identifier"), _now(), left_out)


@_kept(timedelta(minutes=15), max_entries=64)
def load_job_answers(connection: Connection, place: JobPlace, status_word: str) -> list[Answer]:  # noqa: ARG001 - a job that has moved on is asked about anew
    """Read what Visier says of one job, in one or two calls."""
    return [Answer(each, each.ask(connection.client)) for each in questions(place)]


@_kept(timedelta(minutes=15), max_entries=16)
def load_received_files(connection: Connection, job_id: str) -> Look:
    """Read the files a receiving job brought; columns as in `services.frames.uploaded_files`."""
    pages = connection.client.iter_retrieve_receiving_job_extracted_files(job_id)
    with leaving_out() as left_out:
        return Look(uploaded_files.to_frame(pages), _now(), left_out)


LOADS = (
    load_tenants,
    load_categories,
    load_data_versions,
    load_uploads,
    load_uploaded_files,
    load_job_answers,
    load_received_files,
)


def forget_what_changes(connection: Connection) -> None:
    """Forget the answers that an operation may have changed, and have jobs looked at anew."""
    bootstrap.job_watch(connection.identity).expect_change()
    for load in (load_data_versions, load_uploads, load_uploaded_files):
        load.clear()


def forget() -> None:
    """Forget every answer of this browser session."""
    for load in LOADS:
        load.clear()
