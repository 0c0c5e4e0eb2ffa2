"""Overview: whether the loads worked, for everyone; every figure leads to what it counts."""

from datetime import datetime
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import data, session
from dashboard.components import errors, job_notices, live, night_strip, page, rhythms, tonight
from dashboard.connection import Connection
from dashboard.data import DataVersions, Snapshot
from pages.overview import activity, attention, deliveries
from pages.overview import jobs as overview_jobs
from pages.overview import period as overview_period
from pages.overview import places as overview_places
from pages.overview import uploads as overview_uploads
from pages.overview import versions as overview_versions
from pages.overview.period import Period
from pages.overview.places import Places
from pages.overview.reader import Reader
from services.clock import CLOCK
from services.monitoring import JobsSnapshot, overview


def main() -> None:
    """Lay out, read what costs least first, draw what has come."""
    connection = session.signed_in()
    now = CLOCK.now()
    head = page.head("Overview")
    with head:
        period = overview_period.choose(now)
    trouble = st.container()
    places = overview_places.lay_out(period)
    with places.activity.body, errors.part("activity"):
        activity.draw(connection)
    with places.tonight:
        tonight.of_place(connection)
    with places.nights:
        night_strip.of_all(connection)
    # What keeps everything from being read is said above all of it.
    reader = Reader(trouble)
    with trouble, errors.boundary("overview"):
        jobs = _jobs(reader, connection, period, places)
        versions = _read_versions(reader, connection, places)
        uploads = _uploads(reader, connection, period, places)
        versions = _versions(connection, versions, uploads, places, now)
        _answer(connection, versions, jobs, period, places, now=now)
        if uploads is not None:
            with places.answer, errors.part("deliveries"):
                deliveries.answer(connection, uploads, jobs, period.window, now)
        read = [snapshot.as_of for snapshot in (versions, uploads) if snapshot is not None]
        _head(head, connection, period, jobs, min(read, default=None))
        with places.attention:
            found = attention.Read(versions, jobs, uploads)
            attention.draw(connection, partial(reader.names, connection), found, now)


def _jobs(
    reader: Reader, connection: Connection, period: Period, places: Places
) -> JobsSnapshot | None:
    monitor = connection.job_monitor
    snapshot = reader.read(
        places.jobs,
        "jobs",
        lambda: monitor.snapshot(connection.client, period.window, older=True),
        height=220,
    )
    if snapshot is None:
        with places.failures.body:
            st.caption(":material/question_mark: Unknown: the jobs could not be read.")
    return snapshot


def _read_versions(reader: Reader, connection: Connection, places: Places) -> DataVersions | None:
    load = data.load_data_versions
    return reader.read(places.versions, "versions", lambda: load(connection, None), height=330)


def _versions(
    connection: Connection,
    read: DataVersions | None,
    uploads: Snapshot | None,
    places: Places,
    now: datetime,
) -> DataVersions | None:
    """Draw how the tenants stand to the rhythm of their loads, which uploads tell of."""
    if read is None:
        return None
    with places.versions.body:
        if read.tenants.empty:
            page.empty("No tenants", "Visier lists no tenant with data versions for your account.")
            return read
        page.left_out(read.left_out)
        read = rhythms.from_loads(connection, read, uploads)
        rhythms.measure(connection, read.tenants, now)
        overview_versions.tiles(read, now)
        overview_versions.picture(read.tenants, now)
    places.versions.as_of(read.as_of)
    return read


def _answer(
    connection: Connection,
    versions: DataVersions | None,
    jobs: JobsSnapshot | None,
    period: Period,
    places: Places,
    *,
    now: datetime,
) -> None:
    tenants = None if versions is None else versions.tenants
    with places.answer:
        if tenants is not None and not tenants.empty:
            overview_versions.answer(tenants, period, now)
    if jobs is None:
        return
    mended = overview.put_right(jobs.listed, tenants)
    with places.answer:
        overview_jobs.answer(jobs, period, mended)
    with places.failures.body:
        overview_jobs.went_wrong(connection, jobs, period, mended)
    with places.jobs.body:
        job_notices.draw(jobs)
        overview_jobs.tiles(jobs, period, mended)


def _uploads(
    reader: Reader, connection: Connection, period: Period, places: Places
) -> Snapshot | None:
    load = data.load_uploads
    read = reader.read(places.uploads, "uploads", lambda: load(connection, None), height=110)
    if read is not None:
        with places.uploads.body:
            page.left_out(read.left_out)
            overview_uploads.tiles(read.frame, period)
        places.uploads.as_of(read.as_of)
    return read


def _head(
    head: DeltaGenerator,
    connection: Connection,
    period: Period,
    jobs: JobsSnapshot | None,
    rest_as_of: datetime | None,
) -> None:
    def the_rest() -> None:
        data.load_data_versions.refresh(connection, None)
        data.load_uploads.refresh(connection, None)

    if jobs is None:
        page.as_of(head, rest_as_of, "ov", the_rest)
    else:
        follow = overview_jobs.follow(connection, jobs.jobs)
        live.head(
            head, connection, period.window, jobs, key="ov_live", follow=follow, also=the_rest
        )


main()
