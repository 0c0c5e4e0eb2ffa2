"""What is read of one tenant: a call each for its name, versions and uploads, and for jobs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import pandas as pd
from streamlit.delta_generator import DeltaGenerator

from dashboard import data, deliveries, session
from dashboard.components import errors, page, rhythms
from dashboard.connection import Connection
from dashboard.operations import start_outcome
from services import visier
from services.clock import CLOCK
from services.frames import UnexpectedResponse, jobs
from services.ledger import LedgerTrouble, Operation, OperationFilter
from services.monitoring import JobsSnapshot, Recent
from services.operations.starts.forms import FORMS
from services.operations.starts.outcomes import StartOutcome

# A call for each day, which are jobs of all tenants: there is no other way to those of one.
UNASKED: Final = Recent(timedelta(days=1))
# Visier lists no more uploads of a tenant.
LISTED_AT_MOST: Final = 5
# Of the newest; each start among them is read with its jobs.
OPERATIONS_AT_MOST: Final = 50


class Places(NamedTuple):
    """Where the parts of the page stand: also what keeps one from being read."""

    overdue: DeltaGenerator
    timeline: DeltaGenerator
    lineage: DeltaGenerator
    versions: DeltaGenerator
    rest: DeltaGenerator


@dataclass(frozen=True, eq=False)
class Found:
    """What was found of a tenant; None where it could not be read, which its place says.

    `jobs` are of all tenants, in the `window`. `operations` were done from here, newest first;
    `starts` is what is known of those among them that started jobs.
    """

    code: str
    places: Places
    versions: data.DataVersions | None
    uploads: data.Snapshot | None
    jobs: JobsSnapshot | None
    window: Recent
    operations: Sequence[Operation]
    starts: dict[str, StartOutcome]

    @property
    def as_of(self) -> datetime | None:
        """When the oldest part was read, None where none could be."""
        parts = (self.versions, self.uploads, self.jobs)
        return min((each.as_of for each in parts if each is not None), default=None)

    @property
    def own_jobs(self) -> pd.DataFrame:
        """The jobs of the tenant; none where they are not known."""
        if self.jobs is None:
            return jobs.from_job_status([])
        listed = self.jobs.listed
        return listed[listed["tenant_code"] == self.code]


def tenant(connection: Connection, code: str) -> data.Snapshot | None:
    """Read what a tenant is called; None where that cannot be read, which takes nothing away."""
    try:
        return data.load_tenant(connection, code)
    except errors.OF_EVERY_READ:
        raise
    except (visier.VisierError, visier.StillFetching, UnexpectedResponse):
        return None


def name_of(listed: data.Snapshot | None) -> str:
    """Return the display name of a tenant, "" where it is not known."""
    if listed is None or listed.frame.empty:
        return ""
    return str(listed.frame["display_name"].fillna("").iloc[0])


def everything(connection: Connection, code: str, places: Places) -> Found:
    """Read the rest part by part; what cannot be read costs its own part of the page alone."""
    versions, uploads, snapshot = None, None, None
    with _part(places.versions, "Enabled data versions", "versions"):
        versions = data.load_versions_of(connection, code)
        page.left_out(versions.left_out)
    with _part(places.lineage, "From upload to data version", "uploads"):
        uploads = data.load_uploads_of(connection, code)
        page.left_out(uploads.left_out)
    if versions is not None:
        versions = rhythms.from_loads(connection, versions, uploads)
    window = _window(connection)
    with _part(places.timeline, "Timeline", "jobs"):
        snapshot = connection.job_monitor.snapshot(connection.client, window)
    operations, starts = _operations(connection, code, places)
    return Found(code, places, versions, uploads, snapshot, window, operations, starts)


@contextmanager
def _part(place: DeltaGenerator, title: str, name: str) -> Iterator[None]:
    """Read what stands below this title, or say there why it cannot be."""
    place.header(title, anchor=False)
    with place, errors.part(name), page.loading(160):
        yield


def _window(connection: Connection) -> Recent:
    """Return the last day of jobs, or a week where that is at hand or was asked for."""
    monitor = connection.job_monitor
    is_wide = is_asked_for_more() or monitor.kept(deliveries.WINDOW) is not None
    return deliveries.WINDOW if is_wide else UNASKED


def is_asked_for_more() -> bool:
    """Return whether a person has asked for a week of jobs."""
    return session.is_asked("tenant.jobs", "week")


def ask_for_more() -> None:
    """Request a week of jobs, from the next run on."""
    session.ask("tenant.jobs", "week")


def _operations(
    connection: Connection, code: str, places: Places
) -> tuple[list[Operation], dict[str, StartOutcome]]:
    """Read from the ledger what was done with the tenant from here."""
    try:
        return _done(connection, code)
    except LedgerTrouble as trouble:
        with places.rest:
            errors.show(trouble, ".done")
        return [], {}


def _done(connection: Connection, code: str) -> tuple[list[Operation], dict[str, StartOutcome]]:
    actor, ledger = connection.actor, connection.ledger
    here = OperationFilter(tenant=actor.tenant, host=actor.host)
    changes = ledger.operations(replace(here, item_tenant=code), OPERATIONS_AT_MOST)
    begun = ledger.operations(replace(here, verbs=tuple(FORMS)), OPERATIONS_AT_MOST)
    starts = {
        id_: start
        for id_, start in start_outcome.known(connection, begun).items()
        if code in start.tenants
    }
    own = {each.id: each for each in (*changes, *(each for each in begun if each.id in starts))}
    newest = sorted(own.values(), key=lambda each: each.started_at, reverse=True)
    return newest[:OPERATIONS_AT_MOST], starts


def refresh(connection: Connection, found: Found) -> None:
    """Read the versions, the uploads and the jobs anew."""
    data.load_versions_of.refresh(connection, found.code)
    data.load_uploads_of.refresh(connection, found.code)
    monitor = connection.job_monitor
    than = found.jobs.as_of if found.jobs else CLOCK.now()
    monitor.refresh(connection.client, found.window, than=than, whole=True)
