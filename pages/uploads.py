"""Uploads: what arrived when for every tenant, and whether the next data version takes it in."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard import data, session
from dashboard.charts import layout
from dashboard.charts import uploads as charts
from dashboard.ui import chrome, filters, formats, page, tables, tenants

RETURNED_AT_MOST = 5
AT_MOST_FIVE = (
    "Visier returns the latest five uploads of a tenant at most. Where there are five, there may "
    "be older ones: select a row to list the tenant's files."
)
EVERYTHING = "Everything"
WINDOWS = {"24 hours": 1, "7 days": 7, "30 days": 30, "90 days": 90}
ANY, INCLUDED, EXCLUDED = "Any", "Included", "Excluded"
DEFAULTS: dict[str, object] = {
    "up_tenant": "",
    "up_window": "30 days",
    "up_state": ANY,
    "up_from": None,
    "up_to": None,
}


def main() -> None:
    """Load, filter, show."""
    connection = session.signed_in()
    head = page.head("Uploads", "What arrived when, and whether the next data version takes it in.")
    known = tenants.directory(connection)
    filter_row = filters.row()
    with filter_row:
        job_id = _receiving_job()
    with page.loading():
        look = data.load_uploads(connection, job_id)
    page.as_of(head, look.as_of, "up", lambda: data.load_uploads.clear(connection, job_id))
    if look.frame.empty:
        page.empty("No uploads", "Visier lists no data upload for this sign-in.")
        return
    rows = tenants.with_names(look.frame, known)
    now = datetime.now(UTC)
    with filter_row:
        shown = rows[_filter(rows, known, now)]
    if shown.empty:
        page.nothing_matches("upload", DEFAULTS)
        return
    _figures(shown)
    _picture(shown)
    tenant_code = _table(shown, int(rows["upload_time"].notna().sum()), now)
    if tenant_code:
        _files(connection, tenant_code)


def _receiving_job() -> str | None:
    typed = st.text_input(
        "Receiving job",
        key="up_job",
        bind="query-params",
        placeholder="Any",
        help="The id of a receiving job: only the uploads it brought.",
        width=200,
    )
    return (typed or "").strip() or None


def _filter(rows: pd.DataFrame, known: data.TenantDirectory, now: datetime) -> "pd.Series[bool]":
    mask = tenants.search(rows, known, key="up_tenant")
    chosen = st.segmented_control(
        "State",
        (ANY, INCLUDED, EXCLUDED),
        default=ANY,
        required=True,
        key="up_state",
        bind="query-params",
    )
    if chosen in (INCLUDED, EXCLUDED):
        mask &= (rows["included"] == (chosen == INCLUDED)).fillna(False)
    within = st.selectbox(
        "Arrived within",
        (*WINDOWS, EVERYTHING),
        index=list(WINDOWS).index("30 days"),
        key="up_window",
        bind="query-params",
        width=130,
    )
    days = WINDOWS.get(within)
    since = filters.moment("From", key="up_from")
    until = filters.moment("To", key="up_to")
    if days and since is None and until is None:
        since = pd.Timestamp(now - timedelta(days=days))
    return mask & rows["upload_time"].notna() & filters.between(rows["upload_time"], since, until)


def _figures(shown: pd.DataFrame) -> None:
    excluded = int((shown["included"] == False).sum())  # noqa: E712 - three-valued
    full = int((shown.groupby("tenant_code").size() >= RETURNED_AT_MOST).sum())
    with st.container(horizontal=True):
        st.metric("Uploads", f"{len(shown):,}", border=True)
        st.metric("Excluded", f"{excluded:,}", border=True)
        st.metric("Tenants", f"{shown['tenant_code'].nunique():,}", border=True)
        st.metric("Tenants that may have more", f"{full:,}", border=True, help=AT_MOST_FIVE)


def _picture(shown: pd.DataFrame) -> None:
    zone = chrome.time_zone()
    count = shown["tenant_code"].nunique()
    if count > layout.ROWS_AT_MOST:
        st.caption(f"Above {layout.ROWS_AT_MOST} tenants: share excluded. Click to zoom in.")
        filters.zooming_chart(charts.density(shown, zone), key="up.density", search_key="up_tenant")
        return
    figure = charts.timeline(shown, zone)
    st.plotly_chart(figure, key="up.timeline", alt="Data uploads per tenant over time")


def _table(shown: pd.DataFrame, of: int, now: datetime) -> str | None:
    """Draw the table; return the tenant of the row that is selected."""
    newest_first = shown.sort_values("upload_time", ascending=False)
    rows = newest_first.assign(age=formats.age_seconds(newest_first["upload_time"], now))
    columns: tables.Columns = {
        "tenant_code": tables.code_column(),
        "tenant_name": "Name",
        "upload_time": tables.time_column("Upload time"),
        "age": tables.age_column(),
        "included": st.column_config.CheckboxColumn("Included", width=90),
        "upload_time_text": st.column_config.TextColumn("As Visier writes it"),
    }
    chosen = tables.show(rows, columns, key="up.table", of=of, noun="upload", selectable=True)
    st.caption(AT_MOST_FIVE)
    return None if chosen is None else str(chosen["tenant_code"])


def _files(connection: session.Connection, tenant_code: str) -> None:
    with st.container(border=True):
        st.markdown("#### :material/description: Files")
        st.text(f"Every uploaded file of {tenant_code}, also those of older uploads.")
        if not st.toggle("List the files", key="up.files"):
            return
        with page.loading(height=120):
            look = data.load_uploaded_files(connection, tenant_code)
        if look.frame.empty:
            page.empty("No files", "Visier lists no uploaded file of this tenant.")
            return
        tables.show(look.frame, FILE_COLUMNS, key="up.file_table", of=len(look.frame), noun="file")


FILE_COLUMNS: tables.Columns = {
    "filename": "File",
    "upload_time_text": "Upload time as Visier writes it",
    "source_object_name": "Source",
    "included": st.column_config.CheckboxColumn("Included"),
    "identifier": "Identifier",
}

main()
