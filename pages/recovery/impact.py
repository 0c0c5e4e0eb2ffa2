"""What a bad load hit: tenants, data versions, uploads, files and later jobs."""

import pandas as pd
import streamlit as st

from dashboard import data, session
from dashboard.components import (
    file_downloads,
    formats,
    page,
    states,
    tables,
    tenants,
    token_choices,
)
from dashboard.connection import Connection
from dashboard.operations import chain_panel, recovery_words
from pages.recovery import find
from pages.recovery.find import Found
from services.operations.recovery.finding import Impact, by_tenant
from services.operations.recovery.incident import AffectedTenant, Recovery
from services.visier import PAGE_SIZE

BY_TENANT, VERSIONS, UPLOADS, JOBS = "tenants", "data_versions", "uploads", "jobs"
VIEWS = {
    BY_TENANT: "Tenants",
    VERSIONS: "Data versions",
    UPLOADS: "Uploads",
    JOBS: "Jobs",
    "files": "Files",
}
JOBS_EXPORT = (
    "tenant_code",
    "tenant_name",
    "job_type",
    "status",
    "status_word",
    "start_time",
    "job_id",
)
SELECTION = "recovery.files"
# Each is read with its chain.
DONE_AT_MOST = 5
HELD = (
    "Enabled data versions made since the upload arrived: a processing job loads "
    "every upload included when it begins. Visier lists at most five versions of a tenant."
)
DISABLED = "{uploads} loaded into data versions that are now disabled."
NONE_HOLDS = "No enabled data version contains these uploads."
DONE = "## :material/history: Earlier operations on these uploads"
MADE = (
    "{made} made from these uploads, {later} made later that contain them too. "
    "The plan disables both."
)
RUNNING = (
    "{jobs} of these tenants {have} not finished and may load the bad data "
    "again. Cancel them in Jobs or wait until they finish."
)


def draw_found(connection: Connection, found: Found) -> None:
    """Draw what was found, before anything is begun."""
    impact = found.impact
    st.markdown("## :material/target: Impact")
    _figures(impact)
    _made(found)
    find.tell(found.notes)
    if found.taken_out_by:
        with st.container(border=True, key="rec-done"):
            st.markdown(DONE)
            for each in found.taken_out_by[:DONE_AT_MOST]:
                chain_panel.tell(connection, each)
    if len(impact.running):
        jobs, have = len(impact.running), "has" if len(impact.running) == 1 else "have"
        st.warning(
            RUNNING.format(jobs=formats.counted(jobs, "job"), have=have), icon=":material/warning:"
        )
    if found.missing_jobs:
        found.missing_jobs()
    view = token_choices.view(VIEWS, key="rec_view")
    known = tenants.directory(connection)
    if view == BY_TENANT:
        _tenants(tenants.with_names(by_tenant(impact), known))
    elif view == VERSIONS:
        st.caption(HELD)
        rows = tenants.with_names(impact.versions, known)
        rows = rows.assign(data_version=formats.version_numbers(rows["data_version"]))
        columns = _version_columns(rows)
        tables.show(rows, columns, key="rec.versions", of=len(rows), noun="data version")
    elif view == UPLOADS:
        rows = tenants.with_names(impact.uploads, known)
        tables.show(rows, _upload_columns(rows), key="rec.uploads", of=len(rows), noun="upload")
    elif view == JOBS and not impact.knows_jobs:
        page.empty("Not read yet", "Use the button above to read later jobs.")
    elif view == JOBS:
        _jobs(tenants.with_names(impact.jobs, known))
    else:
        _files(connection, impact)


def _made(found: Found) -> None:
    """Show which versions were made of the uploads, where that was looked for."""
    if found.disabled:
        st.text(DISABLED.format(uploads=formats.counted(found.disabled, "upload")))
    if found.made is None:
        return
    later = len(found.impact.versions) - found.made
    if found.made or later:
        st.text(MADE.format(made=formats.counted(found.made, "data version"), later=f"{later:,}"))
    else:
        st.text(NONE_HOLDS)


def _figures(impact: Impact) -> None:
    included = int(impact.uploads["included"].fillna(False).sum())
    figures = {
        "Tenants": len(impact.tenants),
        "Bad uploads": len(impact.uploads),
        "Still included": included,
        "Data versions containing them": len(impact.versions),
    }
    if impact.knows_jobs:
        figures |= {"Later jobs": len(impact.later_jobs), "Active": len(impact.running)}
    with st.container(horizontal=True):
        for title, number in figures.items():
            st.metric(title, f"{number:,}", border=True)


def _version_columns(rows: pd.DataFrame) -> tables.Columns:
    return {
        **tables.tenant_columns(rows),
        "data_version": tables.version_column("Data version", rows["data_version"]),
        "data_version_date": tables.time_column("Version date"),
    }


def _upload_columns(rows: pd.DataFrame) -> tables.Columns:
    as_written = st.column_config.TextColumn("Upload time (API)", width=220)
    return {
        **tables.tenant_columns(rows),
        "upload_time": tables.time_column("Upload time"),
        "upload_time_text": as_written,
        "included": st.column_config.CheckboxColumn("Included"),
    }


def _tenants(rows: pd.DataFrame) -> None:
    held = rows["data_versions"]
    fallbacks = formats.version_numbers(rows["falls_back_to"])
    rows = rows.assign(data_versions=held.mask(held.eq("")), falls_back_to=fallbacks)
    columns: tables.Columns = {
        **tables.tenant_columns(rows),
        "upload_time": tables.time_column("First bad upload"),
        "uploads": tables.count_column("Uploads", width=80),
        "included": tables.count_column("Still included", width=110),
        "data_versions": st.column_config.TextColumn(
            "Versions containing it", help=HELD, width=200
        ),
        "falls_back_to": tables.version_column("Falls back to", fallbacks, width=120),
        "falls_back_date": tables.time_column("Fallback date"),
        "later_jobs": tables.count_column("Later jobs", width=90),
    }
    tables.show(rows, columns, key="rec.tenants", of=len(rows), noun="tenant")


def _jobs(rows: pd.DataFrame) -> None:
    if rows.empty:
        page.empty("No jobs", "Visier lists no later job of these tenants.")
        return
    rows = rows.assign(state=states.labels(rows))
    columns: tables.Columns = {
        **tables.tenant_columns(rows),
        "job_type": st.column_config.TextColumn("Type", width=110),
        "state": states.column(),
        "start_time": tables.time_column("Started"),
        "job_id": st.column_config.TextColumn("Job id", width=290),
    }
    tables.show(rows, columns, key="rec.job_table", of=len(rows), noun="job", export=JOBS_EXPORT)


def _files(connection: Connection, impact: Impact) -> None:
    """Draw the files of the receiving jobs that brought the uploads, once they are asked for."""
    deliveries = impact.deliveries
    if not deliveries:
        page.empty("No receiving job known", "Uploads lists the files.")
        return
    what, calls = " ".join(deliveries), len(deliveries)
    if not session.is_asked("recovery.files", what):
        st.button(
            f"List the files of {formats.counted(calls, 'receiving job')} "
            f"({formats.counted(calls, 'call')}, one more for each {PAGE_SIZE:,} files)",
            key="rec.files",
            icon=":material/download:",
            on_click=session.ask,
            args=("recovery.files", what),
        )
        return
    with page.loading():
        files = files_of(connection, impact)
    page.left_out(files.left_out)
    shown = tenants.named(connection, files.frame)
    columns: tables.Columns = {
        **tables.tenant_columns(shown),
        "filename": "File",
        "source_object_name": "Source",
        "upload_time_text": st.column_config.TextColumn("Upload time (API)"),
        "included": st.column_config.CheckboxColumn("Included"),
    }
    tables.show_selectable(
        shown,
        columns,
        key="rec.file_table",
        of=len(files.frame),
        noun="file",
        selection=SELECTION,
    )
    file_downloads.of_selected(connection, files.frame, SELECTION)


def files_of(connection: Connection, impact: Impact) -> data.Snapshot:
    """Return the files of the bad uploads; columns as of `data.load_received_files`."""
    reads = [data.load_received_files(connection, each) for each in impact.deliveries]
    listed = pd.concat([each.frame for each in reads], ignore_index=True)
    bad = impact.uploads[["tenant_code", "upload_time_text"]].drop_duplicates()
    return data.Snapshot(
        listed.merge(bad, on=["tenant_code", "upload_time_text"]),
        min(each.as_of for each in reads),
        [text for each in reads for text in each.left_out],
    )


def draw_incident(recovery: Recovery) -> None:
    """Draw what a recovery is about, as it was written down when it was begun."""
    incident = recovery.incident
    with st.container(horizontal=True):
        st.metric("Tenants", f"{len(incident.tenants):,}", border=True)
        uploads = sum(len(each.uploads) for each in incident.tenants)
        st.metric("Bad uploads", f"{uploads:,}", border=True)
        versions = sum(len(each.versions) for each in incident.tenants)
        st.metric("Data versions containing them", f"{versions:,}", border=True, help=HELD)
        later = [each.later_jobs for each in incident.tenants if each.later_jobs is not None]
        if len(later) == len(incident.tenants):
            st.metric("Later jobs", f"{sum(later):,}", border=True)
    if incident.file_names:
        st.text(f"Files: {', '.join(incident.file_names)}")
    why_not = recovery_words.not_compared(incident.not_compared)
    if why_not:
        st.text(f"Metric values will not be compared. {why_not}")
    page.left_out(incident.unreadable)
    rows = pd.DataFrame([_row(each) for each in incident.tenants])
    columns: tables.Columns = {
        **tables.tenant_columns(rows),
        "uploads": st.column_config.TextColumn("Bad uploads", width=220),
        "versions": st.column_config.TextColumn("Versions containing them", width=200),
        "later_jobs": tables.count_column("Later jobs", width=90),
        "figures": st.column_config.TextColumn("Metric values before", width=300),
    }
    tables.show(rows, columns, key="rec.case", of=len(rows), noun="tenant")


def _row(tenant: AffectedTenant) -> dict[str, object]:
    figures = (f"{each.name} {each.value:,g}" for each in tenant.figures if each.value is not None)
    return {
        "tenant_code": tenant.code,
        "tenant_name": tenant.name,
        "uploads": ", ".join(upload.time for upload in tenant.uploads),
        "versions": ", ".join(version.number for version in tenant.versions) or None,
        "later_jobs": tenant.later_jobs,
        "figures": ", ".join(figures) or None,
    }
