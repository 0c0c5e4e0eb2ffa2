"""From each upload through its jobs to the data versions that hold it, as far as Visier tells."""

from typing import Final

import pandas as pd
import streamlit as st

from dashboard import exclusions
from dashboard.components import delivery_words, tables
from dashboard.components.job_states import face
from dashboard.connection import Connection
from pages.tenant.read import LISTED_AT_MOST, Found
from services.frames import data_versions, job_tree, jobs
from services.frames import uploads as uploads_frame
from services.monitoring.deliveries import Made, Tie, lineage
from services.monitoring.loads import reprocessed

UPLOADS = "tenant.uploads"
EXPORT: Final = (
    "tenant_code",
    "upload_time_text",
    "upload_time",
    "included",
    "receiving_status",
    "receiving_status_word",
    "processing_status",
    "processing_status_word",
    "data_versions",
    "known",
    "delivery_id",
)
"""The name of the selection."""
_TIES: Final = {
    Tie.BELOW: "From jobs",
    Tie.BY_TIME: "By time",
}
_TIED = (
    "Visier does not report which uploads a version contains. From jobs: the "
    "version's processing job is a child of the job that brought the upload. By time: the version "
    "was the first made soon after the upload, or was made before the next one. Later versions "
    "contain the upload too, but for those made while it was excluded. Reprocessed: no upload "
    "arrived since the previous version, so this one was made from every upload included then."
)
_AGAIN: Final = ":material/replay: Reprocessed from earlier uploads, without a new one: {numbers}."
AT_MOST_FIVE = (
    f"Visier lists at most the latest {LISTED_AT_MOST} uploads of a tenant. "
    "There may be older ones."
)


def rows_of(connection: Connection, found: Found) -> pd.DataFrame:
    """Return the lineage of the uploads of a tenant: columns of `lineage`, and key."""
    uploads = found.uploads.frame if found.uploads else uploads_frame.to_frame([])
    versions = found.versions.versions if found.versions else None
    since = None
    if found.jobs is not None and not found.jobs.refusal:
        since = found.window.span(found.jobs.as_of)[0]
    absences = exclusions.absences_of(uploads, exclusions.changes_here(connection))
    return lineage(
        uploads,
        _tree(found),
        versions,
        jobs_since=since,
        absences=absences,
        disabled=exclusions.disabled_here(connection),
    )


def _tree(found: Found) -> pd.DataFrame:
    """Return the jobs of the tenant, each below the topmost job of its tree."""
    if found.jobs is None or found.jobs.refusal:
        nothing = jobs.from_job_status([])
        return job_tree.roll_up(job_tree.with_missing_parents(nothing))
    tree = found.jobs.jobs
    return tree[(tree["tenant_code"] == found.code) | (tree["depth"] == 0)]


def draw(connection: Connection, found: Found) -> None:
    """Draw one row per upload, newest first."""
    if found.uploads is None:
        return
    rows = rows_of(connection, found)
    if rows.empty:
        st.caption(":material/inbox: Visier lists no upload of this tenant.")
        return
    rows = rows.assign(reprocessed=_reprocessed(connection, found, rows))
    shown = rows.assign(
        received=_jobs(rows, "receiving"),
        processed=_jobs(rows, "processing"),
        data_versions=_in_versions(rows, found),
        known=_known(rows),
    )
    columns: tables.Columns = {
        "upload_time": tables.time_column("Upload time"),
        "included": st.column_config.CheckboxColumn("Included", width=75),
        "received": st.column_config.TextColumn("Received", width=160),
        "processed": st.column_config.TextColumn("Processed", width=160),
        "data_versions": st.column_config.TextColumn("Version", width=210),
        "known": st.column_config.TextColumn("Source", width=270, help=_TIED),
    }
    tables.show_selectable(
        shown,
        columns,
        key="ten.lineage",
        of=len(found.uploads.frame),
        noun="upload",
        selection=UPLOADS,
        export=EXPORT,
    )
    if len(again := _again(found)):
        st.caption(_AGAIN.format(numbers=", ".join(again["data_version"])))
    if len(rows) >= LISTED_AT_MOST:
        st.caption(AT_MOST_FIVE)


def _again(found: Found) -> pd.DataFrame:
    """Return the versions that were reprocessed, newest first; none where that is not known."""
    if found.versions is None or not found.versions.knows_loads:
        return data_versions.to_frame([])
    versions = found.versions.versions.dropna(subset=["data_version", "data_version_date"])
    return versions[versions["loaded_at"].isna()]


def _reprocessed(connection: Connection, found: Found, rows: pd.DataFrame) -> "pd.Series[str]":
    """Return for each upload the numbers of the versions that were reprocessed from it, or ""."""
    again = _again(found)
    if again.empty:
        return pd.Series("", rows.index)
    absences = exclusions.absences_of(rows, exclusions.changes_here(connection))
    pairs = reprocessed(again, rows, absences)
    numbers = again["data_version"].reindex(pairs["version"]).set_axis(pairs["upload"])
    told: pd.Series[str] = numbers.groupby(level=0).agg(", ".join).reindex(rows.index).fillna("")
    return told


def _in_versions(rows: pd.DataFrame, found: Found) -> "pd.Series[str]":
    """Return the numbers of the versions that hold each upload, newest first; missing for none."""
    order = [] if found.versions is None else list(found.versions.versions["data_version"])

    def held(numbers: str) -> str | None:
        each = {number for number in numbers.split(", ") if number}
        return ", ".join(sorted(each, key=order.index)) or None

    both = rows["reprocessed"] + ", " + rows["data_versions"].fillna("")
    return pd.Series([held(numbers) for numbers in both], rows.index, dtype="str")


def _jobs(rows: pd.DataFrame, what: str) -> "pd.Series[str]":
    """Return how a job of each upload stands, in words; that none is known is a dash."""
    status = rows[f"{what}_status"].astype("str")
    return status.map(lambda token: face(token).label, na_action="ignore")


def _known(rows: pd.DataFrame) -> "pd.Series[str]":
    """Return how it is known that a version holds an upload, or why none is known to."""
    why = rows["made"].astype("str").map({**delivery_words.MADE, Made.YES: ""})
    again = rows["reprocessed"].map(lambda numbers: "Reprocessed" if numbers else "")
    tied = rows["tie"].astype("str").map(_TIES)
    both = tied.where(again == "", tied + "; " + again.str.lower())
    told: pd.Series[str] = both.fillna(why.where(again == "", again))
    return told
