"""Uploads: what arrived when for every tenant, and whether the next data version takes it in."""

from datetime import datetime

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import data, deliveries, navigation, session
from dashboard.components import (
    errors,
    filter_row,
    formats,
    page,
    tables,
    tenants,
)
from dashboard.components.charts import layout
from dashboard.connection import Connection
from dashboard.operations import plan_panel
from pages.uploads import actions, drafts, files, views
from pages.uploads import filters as upload_filters
from services.clock import CLOCK
from services.frames.membership import is_among
from services.visier import StillFetching
from services.visier.rate_limiter import CLICK_PATIENCE

# What Visier lists of a tenant.
RETURNED_AT_MOST = 5
SELECTION = actions.NAME
EXPORT = ("tenant_code", "tenant_name", "upload_time", "upload_time_text", "included")
AT_MOST_FIVE = (
    "Visier lists at most the latest five uploads of a tenant. A tenant with "
    "five may have older ones: select a row to list its files."
)


def main() -> None:
    """Load, filter, show."""
    connection = session.signed_in()
    head = page.head("Uploads")
    known = tenants.directory(connection)
    row = filter_row.row(navigation.UPLOADS, upload_filters.FILTERS)
    with row.more():
        job_id = upload_filters.receiving_job()
    snapshot = _read(connection, job_id)
    page.as_of(head, snapshot.as_of, "up", lambda: _refresh(connection, job_id))
    page.left_out(snapshot.left_out)
    if snapshot.frame.empty and not job_id:
        page.empty("No uploads", "Visier lists no data uploads for your account.")
        plan_panel.slot(connection, SELECTION)
        return
    rows = tenants.with_names(snapshot.frame, known)
    told = _deliveries(connection, snapshot, job_id) if upload_filters.delivery() else None
    kept = upload_filters.mask(row, rows, CLOCK.now())
    if told is not None:
        with row.more():
            kept &= upload_filters.of_delivery(rows, told)
    row.draw_chips(upload_filters.CHIPS, upload_filters.FILTERS)
    if told is not None:
        views.which(told)
    toolbar = st.container(horizontal=True, vertical_alignment="center", key="toolbar")
    with toolbar:
        shown = rows[kept]
        shown = shown[upload_filters.included(shown)]
    if shown.empty:
        page.nothing_matches("upload", upload_filters.FILTERS)
    of = int(rows["upload_time"].notna().sum())
    _shown(connection, shown, snapshot, job_id, toolbar=toolbar, of=of)


def _shown(
    connection: Connection,
    shown: pd.DataFrame,
    snapshot: data.Snapshot,
    job_id: str | None,
    *,
    toolbar: DeltaGenerator,
    of: int,
) -> None:
    """Draw the uploads that the filters keep, and what can be done with them."""
    plan_panel.slot(connection, SELECTION)
    actions.draft(snapshot.frame, job_id)
    if shown.empty:
        return
    toolbar.caption(_figures(shown, snapshot.frame, job_id), width="stretch")
    _picture(connection, shown, None if job_id else snapshot, toolbar)
    _table(shown, of, CLOCK.now())
    tables.selection_bar(
        shown["key"],
        "upload",
        selection=SELECTION,
        actions=lambda: actions.bar(snapshot.frame, job_id),
    )
    files.panel(connection, shown)


def _read(connection: Connection, job_id: str | None) -> data.Snapshot:
    try:
        with page.loading():
            return data.load_uploads(connection, job_id)
    except errors.KNOWN:
        # A result stays, also where a receiving job is asked for that does not exist.
        plan_panel.slot(connection, SELECTION)
        raise


def _refresh(connection: Connection, job_id: str | None) -> None:
    """Read the uploads anew, and beside them the jobs that tell of deliveries."""
    data.load_uploads.refresh(connection, job_id)
    deliveries.refresh_beside(connection)


def _deliveries(
    connection: Connection, snapshot: data.Snapshot, job_id: str | None
) -> deliveries.DeliveriesSnapshot:
    """Return the deliveries, where the filter needs them: without them it can keep nothing."""
    try:
        with page.loading():
            uploads = data.load_uploads(connection, None) if job_id else snapshot
            found = deliveries.beside(connection, uploads, patience=CLICK_PATIENCE)
            if found is None:
                raise StillFetching(deliveries.jobs_beside(connection))
            return found
    except errors.KNOWN:
        plan_panel.slot(connection, SELECTION)
        raise


def _picture(
    connection: Connection,
    shown: pd.DataFrame,
    uploads: data.Snapshot | None,
    toolbar: DeltaGenerator,
) -> None:
    """Draw the uploads; `uploads` are all there are, None where these are those of one job."""
    found = None if uploads is None else deliveries.beside(connection, uploads)
    jobs = None if uploads is None else deliveries.jobs_beside(connection)
    if shown["tenant_code"].nunique() <= layout.ROWS_AT_MOST:
        views.timeline(shown, found, jobs, toolbar)
    else:
        views.density(shown, found, jobs, toolbar)


def _figures(shown: pd.DataFrame, every: pd.DataFrame, job_id: str | None) -> str:
    """Return in a line what is shown: the room below is the picture's and the table's."""
    codes = shown["tenant_code"].drop_duplicates()
    returned = every.loc[is_among(every["tenant_code"], codes), "tenant_code"].value_counts()
    full = int((returned >= RETURNED_AT_MOST).sum())
    counted = [
        formats.counted(len(codes), "tenant"),
        *([] if job_id else [f"{full:,} of them may have older uploads"]),
    ]
    return " · ".join(counted)


def _table(shown: pd.DataFrame, of: int, now: datetime) -> None:
    rows = tables.only_selected(shown, SELECTION).sort_values("upload_time", ascending=False)
    rows = rows.assign(
        age=formats.ages(rows["upload_time"], now),
        tick=drafts.labels(rows["included"], rows["key"], draft=SELECTION),
    )
    columns: tables.Columns = {
        **tables.tenant_columns(rows),
        "upload_time": tables.time_column("Upload time"),
        "age": tables.age_column(),
        "tick": drafts.column(
            "Included", rows["included"], rows["key"], draft=SELECTION, key="up.included"
        ),
        "upload_time_text": st.column_config.TextColumn("Upload time (API)"),
    }
    tables.show_selectable(
        rows,
        columns,
        key="up.table",
        of=of,
        noun="upload",
        selection=SELECTION,
        export=EXPORT,
        every=shown["key"],
    )
    st.caption(AT_MOST_FIVE)


main()
