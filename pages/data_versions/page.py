"""Data versions: which enabled data versions every tenant is on."""

from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import data, navigation, session, time_zone
from dashboard.components import (
    chart_strip,
    filter_row,
    filters,
    formats,
    page,
    rhythms,
    tables,
    tenants,
    theme,
)
from dashboard.components.charts import layout
from dashboard.data import DataVersions
from dashboard.operations import plan_panel
from dashboard.wording import RHYTHMS
from pages.data_versions import actions, charts
from pages.data_versions import filters as version_filters
from services.clock import CLOCK
from services.frames.membership import is_among
from services.monitoring.rhythm import Rhythm

SELECTION = actions.NAME
# Their numbers are read in a strip, too.
BANDS_OF_STRIP = 5
USUALLY = "Median time between its listed loads (at least three)"
LAST_LOAD = (
    "When its newest version with new data was made. Overdue counts from then. "
    "If earlier than the latest version's date, that version was reprocessed from earlier uploads"
)
OVERDUE_BY = (
    "Time since its next load was due, beyond its usual variation. Reprocessed "
    "versions do not count as loads where uploads are known"
)


def main() -> None:
    """Load, filter, show."""
    connection = session.signed_in()
    head = page.head("Data versions")
    known = tenants.directory(connection)
    row = filter_row.row(navigation.DATA_VERSIONS, version_filters.PARAMETERS)
    with row.more():
        category = filters.data_category(connection, key="dv_category")
    with page.loading():
        read = data.load_data_versions(connection, category)
    page.as_of(
        head, read.as_of, "dv", lambda: data.load_data_versions.refresh(connection, category)
    )
    page.left_out(read.left_out)
    if read.tenants.empty:
        page.empty("No tenants", "Visier lists no tenant with data versions for this sign-in.")
        plan_panel.slot(connection, SELECTION)
        return
    now = CLOCK.now()
    if category is None:
        read = rhythms.from_loads(connection, read, rhythms.at_hand(connection))
        rhythms.measure(connection, read.tenants, now)
    every_tenant = tenants.with_names(read.tenants, known)
    shown = every_tenant[version_filters.mask(row, every_tenant)]
    toolbar = st.container(horizontal=True, vertical_alignment="center", key="toolbar")
    with toolbar:
        shown = shown[version_filters.by_rhythm(shown, now)]
        st.caption("What is overdue?", help=_rules(rhythms.rule(read)), width="content")
    plan_panel.slot(connection, SELECTION)
    if shown.empty:
        page.nothing_matches("tenant", version_filters.FILTERS)
        return
    _picture(shown, read, now, toolbar)
    _table(shown, len(every_tenant), now, knows_loads=read.knows_loads)
    tables.selection_bar(
        shown["key"],
        "data version",
        selection=SELECTION,
        in_view=_in_view(shown, read.versions),
        actions=lambda: actions.bar(connection, read.versions, category, now),
    )


def _rules(overdue: str) -> str:
    return f"{overdue} {RHYTHMS[Rhythm.ODD_DATE]}: {rhythms.WHAT_IS_ODD}"


def _picture(
    shown: pd.DataFrame, read: DataVersions, now: datetime, toolbar: DeltaGenerator
) -> None:
    if len(shown) > layout.ROWS_AT_MOST:
        is_whole = chart_strip.is_open(toolbar, key="dv")
        rows = layout.BANDS_AT_MOST if is_whole else BANDS_OF_STRIP
        zone, on_dark = time_zone.chosen(), theme.is_dark()
        figure = charts.freshness(shown, now, zone, rows=rows, on_dark=on_dark)
        if not is_whole:
            chart_strip.flat(figure)
        filters.zooming_chart(figure, _zoom, key="dv.freshness")
        st.caption(
            f"Over {layout.ROWS_AT_MOST} tenants: tenants by age of latest version. Select a cell "
            "to drill in."
        )
        return
    versions = read.versions.merge(shown[["tenant_code", "tenant_name"]], on="tenant_code")
    enabled = versions[versions["data_version"].notna()]
    filters.not_drawn(enabled["data_version_date"], "data version")
    if not layout.is_drawn(enabled["data_version_date"]).any():
        st.caption("None of these tenants has an enabled data version.")
        return
    figure = charts.timeline(versions, time_zone.chosen(), now, session.selected(SELECTION))
    with chart_strip.scrolled(figure, toolbar, key="dv"):
        filters.selecting_chart(
            figure,
            key="dv.timeline",
            selection=SELECTION,
            shown=versions["key"],
            alt="Enabled data versions per tenant over time",
        )
    st.caption(
        f"Shows at most the last {charts.RECENT.days} days. A triangle at the left edge marks an "
        "older latest version. Double-click the chart to show all versions. "
        + filters.HOW_TO_SELECT
    )


def _zoom(cell: list[Any]) -> None:
    """Filter by the tenants of a cell and by when their latest versions came, if any."""
    first, last, begin, end, is_odd = cell
    tenants.zoom(str(first), str(last), key="dv_tenant", within_key="dv_codes")
    filters.put_span("dv_from", "dv_to", begin, end)
    if begin is None and end is None:
        state = Rhythm.ODD_DATE if is_odd else Rhythm.NONE_ENABLED
        filters.put("dv_state", state.value, state.value)


def _in_view(shown: pd.DataFrame, versions: pd.DataFrame) -> "pd.Series[str]":
    """Return the keys of the versions in the table, and of those in the picture with marks."""
    if len(shown) > layout.ROWS_AT_MOST:
        return shown["key"]
    pictured = versions.loc[is_among(versions["tenant_code"], shown["tenant_code"]), "key"]
    keys: pd.Series[str] = pd.concat([shown["key"], pictured]).drop_duplicates()
    return keys


def _worst_first(shown: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Return the tenants with `overdue_by` in seconds, the longest first, then who has none."""
    found = shown.assign(
        overdue_by=rhythms.overdue_seconds(shown, now), has_one=shown["data_version"].notna()
    )
    order = ["overdue_by", "has_one", "tenant_code"]
    return found.sort_values(order, ascending=[False, True, True])


def _table(shown: pd.DataFrame, of: int, now: datetime, *, knows_loads: bool) -> None:
    rows = _worst_first(tables.only_selected(shown, SELECTION), now)
    rows = rows.assign(
        age=formats.ages(rows["data_version_date"], now),
        data_version=formats.version_numbers(rows["data_version"]),
        usual=rows["usual_gap"].dt.total_seconds().round(),
    )
    columns: tables.Columns = {
        **tables.tenant_columns(rows, width=172),
        "data_version": tables.version_column("Version", rows["data_version"]),
        "data_version_date": tables.time_column("Version date"),
        "age": tables.age_column(),
        # A young version may be overdue all the same: it was reprocessed.
        **({"loaded_at": tables.time_column("Last load", LAST_LOAD)} if knows_loads else {}),
        "overdue_by": tables.age_column("Overdue by", OVERDUE_BY),
        "usual": tables.age_column("Usually every", USUALLY),
        "enabled_versions": tables.count_column(
            "Enabled", "Visier lists at most five versions of a tenant"
        ),
        "data_versions": "Up to five versions, newest first",
    }
    tables.show_selectable(
        rows,
        columns,
        key="dv.table",
        of=of,
        noun="tenant",
        selection=SELECTION,
        every=shown["key"],
    )


main()
