"""What was delivered lately, for every screen that lists deliveries or begins with one."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard import bootstrap, data, list_load, session
from dashboard.connection import Connection, Identity
from dashboard.exclusions import (
    absences_of,
    changes_here,
    disabled_here,
    exclusions_of,
    key_of,
    taken_out_by,
)
from services import visier
from services.clock import CLOCK
from services.frames import UnexpectedResponse, job_tree, jobs
from services.frames.membership import is_among
from services.monitoring import JobsSnapshot, Recent, deliveries
from services.monitoring.deliveries import Deliveries
from services.operations.recovery.finding import assess_impact

# A call for each day.
DAYS: Final = 7
WINDOW: Final = Recent(timedelta(days=DAYS))
CANNOT: Final = (visier.VisierError, visier.InvalidArgument, UnexpectedResponse)
NO_JOBS: Final = job_tree.roll_up(
    job_tree.with_missing_parents(jobs.from_job_status({"jobStatus": []}))
)


@dataclass(frozen=True, eq=False)
class DeliveriesSnapshot:
    """Deliveries as they were found at one moment.

    `found` names uploads and versions by their rows in `uploads` and `versions`, which are the
    unfiltered lists; `versions` is None where nobody has read them yet. `refusal` holds Visier's
    words where jobs cannot be listed, and deliveries are found by the times of uploads. `excluded`
    has a row for each of `uploads`, as of `exclusions_of`, and `jobs` are those listed of the week.
    `left_out` says what could not be read.
    """

    found: Deliveries
    uploads: pd.DataFrame
    versions: pd.DataFrame | None
    as_of: datetime
    refusal: str
    excluded: pd.DataFrame
    jobs: pd.DataFrame
    left_out: Sequence[str] = ()

    def row(self, delivery_id: str) -> pd.Series | None:
        """Return a delivery of `found.rows`, None where it is not among them."""
        rows = self.found.rows
        own = rows[rows["delivery_id"] == delivery_id]
        return None if own.empty else own.iloc[0]

    def uploads_of(self, delivery_id: str) -> pd.DataFrame:
        """Return the uploads that came with a delivery."""
        return self.uploads.loc[self.found.uploads_of(delivery_id).sort_values()]

    def versions_of(self, delivery_id: str) -> pd.DataFrame | None:
        """Return the versions made of uploads of a delivery, None where they were not read."""
        if self.versions is None:
            return None
        return self.versions.loc[self.found.versions_of(delivery_id).sort_values()]

    def held_later(self, delivery_id: str) -> int | None:
        """Count the versions that hold uploads of a delivery and were not made of them.

        They were made later, while these were included. None where versions were not read.
        """
        made = self.versions_of(delivery_id)
        if made is None or self.versions is None:
            return None
        own = self.uploads_of(delivery_id)
        out_since = self.excluded.loc[own.index, "excluded_at"]
        impact = assess_impact(own, self.versions, self.jobs, out_since)
        return len(impact.versions) - impact.made_of(made)

    def taken_out_by(self, delivery_id: str) -> str | None:
        """Return what took most of the uploads of a delivery out from here, None for nothing.

        It is the id of an operation, or of the chain or recovery that it is a part of.
        """
        return next(iter(taken_out_by(self.uploads_of(delivery_id), self.excluded)), None)

    @property
    def unusual(self) -> pd.DataFrame:
        """Return the unusual ones of `found.rows`, that of which most tenants stand out first."""
        rows = self.found.rows
        return rows[rows["unusual"] > 0].sort_values("unusual", ascending=False, kind="stable")

    def places(self, delivery_ids: "pd.Series[str]") -> "pd.Series[int]":
        """Return for each of `uploads` the place of its delivery in a list, -1 for another."""
        own = self.found.uploads[is_among(self.found.uploads["delivery_id"], delivery_ids)]
        places = pd.Series(-1, index=self.uploads.index)
        places.loc[own["upload"]] = pd.Index(delivery_ids).get_indexer(pd.Index(own["delivery_id"]))
        return places


def ask() -> None:
    """Agree to read deliveries, wherever this browser session needs them."""
    session.ask("deliveries", "all")


def is_asked() -> bool:
    """Return whether a person has agreed to read deliveries."""
    return session.is_asked("deliveries", "all")


@list_load.ListLoad
def load_jobs(identity: Identity) -> visier.ListSpec[visier.Payload, JobsSnapshot | None]:
    """Read the jobs of the week beside a page, or those that may have moved.

    The jobs are those of everybody who polls the week: bootstrap.job_monitor.
    """
    monitor = bootstrap.job_monitor(identity)

    def ask(client: visier.Client) -> visier.InTurn:
        begun, before = CLOCK.now(), monitor.kept(WINDOW)
        was_refused = before is not None and bool(before.refusal)

        def read(asked: visier.Client) -> visier.Payload:
            # Clicks come first, and nobody else who looks at jobs waits until there are calls.
            client = asked.in_lane(visier.Lane.WATCH)
            monitor.refresh(client, WINDOW, than=begun, whole=was_refused)
            return []

        return visier.InTurn(client, read)

    return visier.ListSpec(
        ask, lambda page: page, lambda *_: monitor.kept(WINDOW), list_load.KEPT.total_seconds()
    )


def load(connection: Connection, *, with_versions: bool = False) -> DeliveriesSnapshot:
    """Read uploads, and jobs of a week; versions where asked to, or where they are at hand.

    Raises as the lists of dashboard.data do, and StillFetching.
    """
    uploads = data.load_uploads(connection, None)
    monitor = connection.job_monitor
    seen = monitor.snapshot(connection.client, WINDOW)
    known = None
    if with_versions or data.load_data_versions.of(connection, None).is_complete:
        known = data.load_data_versions(connection, None)
        if known.as_of > seen.as_of and (known.versions["data_version_date"] > seen.as_of).any():
            # Which job made a version that came since is not known yet.
            seen = monitor.refresh(connection.client, WINDOW, than=known.as_of)
    return _snapshot(connection, uploads, seen, known)


def beside(
    connection: Connection, uploads: data.Snapshot, *, patience: float = 0.0
) -> DeliveriesSnapshot | None:
    """Return the deliveries of all uploads, None until the jobs are known that tell of them.

    These are read in the background (`jobs_beside`), and waited for no longer than `patience`
    (seconds). Where they cannot be read deliveries are found by the times of uploads: uploads are
    there without jobs too.
    """
    monitor = connection.job_monitor
    seen, changed_at = monitor.kept(WINDOW), monitor.changed_at
    if seen is None or seen.as_of <= changed_at:
        listed, asker = jobs_beside(connection), list_load.asker(connection)
        listed.forget(changed_at)
        try:
            again = list_load.COMFORT_AGAIN.total_seconds()
            seen = listed.get(asker, patience=patience, hold=again)
        except visier.StillFetching:
            pass
        except CANNOT as error:
            words = str(error)
            seen = seen or JobsSnapshot(NO_JOBS, uploads.as_of, number=-1, calls=0, refusal=words)
    if seen is None:
        return None
    versions = data.load_data_versions.of(connection, None)
    known = versions.so_far() if versions.is_complete else None
    return _snapshot(connection, uploads, seen, known)


def jobs_beside(connection: Connection) -> list_load.Listed:
    """Return the jobs that `beside` reads as a list: how far it is, and why it failed."""
    return load_jobs.of(connection, connection.identity)


def refresh_beside(connection: Connection) -> None:
    """Start reading the jobs that may have changed, unless nobody has asked for any yet.

    The list holds what keeps them from being read.
    """
    listed = jobs_beside(connection)
    if connection.job_monitor.kept(WINDOW) or listed.trouble():
        # What was read before stays, and the list itself says why it is old.
        with suppress(*CANNOT):
            listed.refresh(list_load.asker(connection), patience=0.0)


def _snapshot(
    connection: Connection,
    uploads: data.Snapshot,
    seen: JobsSnapshot,
    known: data.DataVersions | None,
) -> DeliveriesSnapshot:
    changes, disabled = changes_here(connection), disabled_here(connection)
    excluded = exclusions_of(uploads.frame, changes)
    of = (
        uploads.as_of,
        seen.as_of,
        seen.number,
        known.as_of if known else None,
        key_of(changes),
        0 if disabled is None else len(disabled),
    )
    versions = None if known is None else known.versions
    found = _found(connection.identity.name, of, uploads.frame, seen, versions, changes, disabled)
    left_out = (*uploads.left_out, *seen.left_out, *(known.left_out if known else ()))
    as_of = min(uploads.as_of, seen.as_of)
    return DeliveriesSnapshot(
        found, uploads.frame, versions, as_of, seen.refusal, excluded, seen.listed, left_out
    )


# A resource, not data: cache_data would pickle the frames and copy them in every run.
@st.cache_resource(
    scope="session", ttl=timedelta(hours=1), max_entries=2, show_spinner=False
)  # a filter or a selection finds nothing anew
def _found(
    identity: str,  # noqa: ARG001 - part of the key
    of: tuple[Any, ...],
    _uploads: pd.DataFrame,
    _jobs: JobsSnapshot,
    _versions: pd.DataFrame | None,
    _changes: pd.DataFrame | None,
    _disabled: pd.DataFrame | None,
) -> Deliveries:
    is_refused = bool(_jobs.refusal)
    tree = _jobs.jobs.iloc[:0] if is_refused else _jobs.jobs
    since = None if is_refused else WINDOW.span(_jobs.as_of)[0]
    now: datetime = max(of[0], of[1])
    return deliveries.find(
        _uploads,
        tree,
        _versions,
        jobs_since=since,
        now=now,
        absences=absences_of(_uploads, _changes),
        disabled=_disabled,
    )


def refresh(connection: Connection, snapshot: DeliveriesSnapshot) -> None:
    """Read uploads and jobs anew; the versions too, where they are known."""
    data.load_uploads.refresh(connection, None)
    if snapshot.versions is not None:
        data.load_data_versions.refresh(connection, None)
    monitor = connection.job_monitor
    monitor.refresh(connection.client, WINDOW, than=snapshot.as_of, whole=True)
