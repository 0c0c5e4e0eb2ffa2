"""Uploads: what arrived when for every tenant, and whether the next data version takes it in."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard import data, deliveries, session
from dashboard.charts import layout
from dashboard.connection import Connection
from dashboard.ui import (
    drafts,
    errors,
    filters,
    formats,
    page,
    plan_panel,
    tables,
    tenant_picker,
    tenants,
    upload_actions,
    upload_files,
    upload_filters,
    upload_picture,
)
from services.frames.membership import is_among

RETURNED_AT_MOST = 5
SELECTION = upload_actions.NAME
EXPORT = ("tenant_code", "tenant_name", "upload_time", "upload_time_text", "included")
AT_MOST_FIVE = (
    "Visier returns the latest five uploads of a tenant at most. Where there are five, there may "
    "be older ones: select a row to list the tenant's files."
)


def main() -> None:
    """Load, filter, show."""
    connection = session.signed_in()
    head = page.head("Uploads", "What arrived when, and whether the next data version takes it in.")
    known = tenants.directory(connection)
    filter_row = filters.row()
    with filter_row:
        job_id = upload_filters.receiving_job()
    look = _read(connection, job_id)
    page.as_of(head, look.as_of, "up", lambda: _refresh(connection, job_id, look))
    page.left_out(look.left_out)
    if look.frame.empty and not job_id:
        page.empty("No uploads", "Visier lists no data upload for this sign-in.")
        plan_panel.slot(connection, SELECTION)
        return
    rows = tenants.with_names(look.frame, known)
    told = _deliveries(connection, None if job_id else look) if upload_filters.delivery() else None
    with filter_row:
        kept = upload_filters.mask(rows, known, datetime.now(UTC))
        if told is not None:
            kept &= upload_filters.of_delivery(rows, told)
        shown = rows[kept]
    if told is not None:
        upload_picture.which(told)
    if shown.empty:
        page.nothing_matches("upload", upload_filters.FILTERS)
    _shown(connection, shown, look, job_id, of=int(rows["upload_time"].notna().sum()))


def _shown(
    connection: Connection, shown: pd.DataFrame, look: data.Look, job_id: str | None, *, of: int
) -> None:
    """Draw the uploads that the filters keep, and what can be done with them."""
    above, selected, acting, below = (st.container() for _ in range(4))

    def table() -> None:
        with selected:
            _selected(shown)
        with below:
            _table(shown, of, datetime.now(UTC))

    def rest() -> None:
        if not shown.empty:
            with above:
                _figures(shown, look.frame, job_id)
                _picture(connection, shown, None if job_id else look)
        with acting:
            upload_actions.bar(look.frame, job_id)
            plan_panel.slot(connection, SELECTION)

    if shown.empty:
        rest()
        return
    tables.in_order(table, rest, selection=SELECTION)
    upload_files.panel(connection, shown)


def _read(connection: Connection, job_id: str | None) -> data.Look:
    try:
        with page.loading():
            return data.load_uploads(connection, job_id)
    except errors.KNOWN:
        # A result stays, also where a receiving job is asked for that does not exist.
        plan_panel.slot(connection, SELECTION)
        raise


def _refresh(connection: Connection, job_id: str | None, look: data.Look) -> None:
    """Read the uploads anew, and where the picture shows deliveries the jobs that move."""
    data.load_uploads.refresh(connection, job_id)
    if not job_id and look.frame["tenant_code"].nunique() > layout.ROWS_AT_MOST:
        deliveries.refresh_jobs(connection, than=look.as_of)


def _deliveries(connection: Connection, uploads: data.Look | None) -> deliveries.Look:
    with page.loading():
        return deliveries.load_or_cluster(connection, uploads)


def _picture(connection: Connection, shown: pd.DataFrame, uploads: data.Look | None) -> None:
    """Draw the uploads; `uploads` are all there are, None where these are those of one job."""
    if shown["tenant_code"].nunique() <= layout.ROWS_AT_MOST:
        upload_picture.timeline(shown)
    elif uploads is None:
        upload_picture.density(shown, None)
    else:
        upload_picture.density(shown, _deliveries(connection, uploads))


def _figures(shown: pd.DataFrame, every: pd.DataFrame, job_id: str | None) -> None:
    excluded = int(shown["included"].eq(False).sum())
    of_shown = is_among(every["tenant_code"], shown["tenant_code"].drop_duplicates())
    returned = every.loc[of_shown, "tenant_code"].value_counts()
    full = int((returned >= RETURNED_AT_MOST).sum())
    with st.container(horizontal=True):
        st.metric("Uploads", f"{len(shown):,}", border=True)
        st.metric("Excluded", f"{excluded:,}", border=True)
        st.metric("Tenants", f"{shown['tenant_code'].nunique():,}", border=True)
        if not job_id:
            st.metric("Tenants that may have more", f"{full:,}", border=True, help=AT_MOST_FIVE)


def _selected(shown: pd.DataFrame) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        tables.selection_bar(shown["key"], "upload", selection=SELECTION)
        tenant_picker.hand_over_button(shown["tenant_code"], key="up.connectors")


def _table(shown: pd.DataFrame, of: int, now: datetime) -> None:
    rows = shown.sort_values("upload_time", ascending=False)
    rows = rows.assign(
        age=formats.age_seconds(rows["upload_time"], now),
        tick=drafts.labels(rows["included"], rows["key"], draft=SELECTION),
    )
    columns: tables.Columns = {
        "tenant_code": tables.code_column(),
        "tenant_name": tables.name_column(),
        "upload_time": tables.time_column("Upload time"),
        "age": tables.age_column(),
        "tick": drafts.column(
            "Included", rows["included"], rows["key"], draft=SELECTION, key="up.included"
        ),
        "upload_time_text": st.column_config.TextColumn("As Visier writes it"),
    }
    tables.show_selectable(
        rows,
        columns,
        key="up.table",
        of=of,
        noun="upload",
        selection=SELECTION,
        export=EXPORT,
    )
    st.caption(AT_MOST_FIVE)


main()
