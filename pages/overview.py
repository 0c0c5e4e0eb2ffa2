"""Overview: whether the loads worked, for everyone; every figure leads to what it counts."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import bootstrap, clicks, data, session
from dashboard.connection import Connection
from dashboard.data import DataVersions, Look
from dashboard.ui import (
    chrome,
    errors,
    formats,
    freshness,
    job_notices,
    live,
    overview_activity,
    overview_attention,
    overview_jobs,
    overview_period,
    overview_uploads,
    overview_versions,
    page,
    tenants,
)
from dashboard.ui.overview_period import Period
from services.watching import JobsLook, overview

T = TypeVar("T")
ATTENTION = "Tenants that need attention"


class Part(NamedTuple):
    """Where a part of the page stands: beside its title, and below."""

    head: DeltaGenerator
    body: DeltaGenerator


class Places(NamedTuple):
    """The parts of the page; each is drawn when what it needs is there."""

    answer: DeltaGenerator
    versions: Part
    jobs: Part
    uploads: Part
    attention: DeltaGenerator
    failures: Part
    activity: Part


class Read(NamedTuple):
    """What has come; None where it could not be read."""

    versions: DataVersions | None
    jobs: JobsLook | None
    uploads: Look | None


def main() -> None:
    """Lay out, read what costs least first, draw what has come."""
    connection = session.signed_in()
    now = datetime.now(UTC)
    head = page.head("Overview", "Did the loads work, for everyone?")
    with head:
        period = overview_period.choose(now)
    trouble = st.container()
    places = _lay_out(period)
    with places.activity.body, errors.part("activity"):
        overview_activity.draw(connection)
    # What keeps everything from being read is said above all of it.
    with trouble, errors.boundary():
        jobs = _jobs(connection, period, places)
        versions = _versions(connection, places, now)
        _answer(versions, jobs, period, places.answer)
        uploads = _uploads(connection, period, places)
        read = [look.as_of for look in (versions, uploads) if look is not None]
        _head(head, connection, period, jobs, min(read, default=now))
        with places.attention:
            _attention(connection, period, Read(versions, jobs, uploads), now)


def _lay_out(period: Period) -> Places:
    answer = st.container(horizontal=True, key="overview-answer", gap="small")
    left, right = st.columns(2, gap="medium")
    with left:
        versions = _part("Data versions")
    with right:
        jobs, uploads = _part(f"Jobs {period.words}"), _part("Uploads")
    left, right = st.columns([2, 1], gap="medium")
    with left:
        attention = st.container()
    with right:
        failures, activity = _part("What went wrong"), _part("Done from here lately")
    return Places(answer, versions, jobs, uploads, attention, failures, activity)


def _part(title: str) -> Part:
    head = st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key=f"part-{title}",
    )
    head.header(title, anchor=False, width="content")
    return Part(head, st.container(gap="xsmall"))


def _read(part: Part, name: str, load: Callable[[], T], height: int) -> T | None:
    """Return what is read, or show in its place why it cannot be."""
    with part.body, errors.part(name), page.loading(height):
        return load()
    return None


def _as_of(part: Part, moment: datetime) -> None:
    words = f"as of {formats.clock_time(moment, chrome.time_zone())}"
    part.head.caption(words, width="content")


def _jobs(connection: Connection, period: Period, places: Places) -> JobsLook | None:
    watch = bootstrap.job_watch(connection.identity)
    look = _read(
        places.jobs, "jobs", lambda: watch.look(connection.client, period.window), height=220
    )
    with places.failures.body:
        overview_jobs.went_wrong(look, period)
    if look is not None:
        with places.jobs.body:
            job_notices.draw(look)
            overview_jobs.tiles(look, period)
    return look


def _versions(connection: Connection, places: Places, now: datetime) -> DataVersions | None:
    load = data.load_data_versions
    read = _read(places.versions, "versions", lambda: load(connection, None), height=330)
    if read is None:
        return None
    with places.versions.body:
        if read.tenants.empty:
            page.empty("No tenants", "Visier lists no tenant with data versions for this sign-in.")
            return read
        overview_versions.tiles(read.tenants, now)
        overview_versions.picture(read.tenants, now)
    _as_of(places.versions, read.as_of)
    return read


def _answer(
    versions: DataVersions | None, jobs: JobsLook | None, period: Period, place: DeltaGenerator
) -> None:
    with place:
        if versions is not None and not versions.tenants.empty:
            overview_versions.answer(versions.tenants, period)
        if jobs is not None:
            overview_jobs.answer(jobs.listed, period)


def _uploads(connection: Connection, period: Period, places: Places) -> Look | None:
    load = data.load_uploads
    read = _read(places.uploads, "uploads", lambda: load(connection, None), height=110)
    if read is not None:
        with places.uploads.body:
            overview_uploads.tiles(read.frame, period)
        _as_of(places.uploads, read.as_of)
    return read


def _attention(connection: Connection, period: Period, read: Read, now: datetime) -> None:
    """Draw who needs attention, and what of it is not known."""
    has_jobs = read.jobs is not None and not read.jobs.refusal
    if read.versions is None:
        with _part(ATTENTION).body:
            overview_attention.not_known(versions=False)
    elif not read.versions.tenants.empty:
        needing = overview.attention(
            read.versions.tenants,
            freshness.fresh_after(now).to_pydatetime(),
            jobs=None if read.jobs is None else read.jobs.listed,
            uploads=None if read.uploads is None else read.uploads.frame,
        )
        if not has_jobs:
            needing["failed_jobs"] = pd.array([None] * len(needing), "Int64")
        known = tenants.directory(connection)
        has_uploads = read.uploads is not None
        # "Show all" draws nothing else anew.
        draw = st.fragment(clicks.noted(_needing))
        draw(needing, period, known, now, has_jobs=has_jobs, has_uploads=has_uploads)


def _needing(
    needing: pd.DataFrame,
    period: Period,
    known: data.TenantDirectory,
    now: datetime,
    *,
    has_jobs: bool,
    has_uploads: bool,
) -> None:
    part = _part(ATTENTION)
    with part.head:
        shown = overview_attention.shown(needing)
    with part.body, errors.part("attention"):
        overview_attention.not_known(jobs=has_jobs, uploads=has_uploads)
        overview_attention.table(shown, len(needing), period, known, now)


def _head(
    head: DeltaGenerator,
    connection: Connection,
    period: Period,
    jobs: JobsLook | None,
    rest_as_of: datetime,
) -> None:
    def the_rest() -> None:
        data.load_data_versions.refresh(connection, None)
        data.load_uploads.refresh(connection, None)

    if jobs is None:
        page.as_of(head, rest_as_of, "ov", the_rest)
    else:
        live.head(head, connection, period.window, jobs, also=the_rest)


main()
