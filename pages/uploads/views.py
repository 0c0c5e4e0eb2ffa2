"""The picture of Uploads: marks for few tenants; above that, deliveries to look at, and bands."""

from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import list_load, navigation, session, time_zone
from dashboard.components import (
    chart_strip,
    delivery_words,
    fetch_progress,
    filters,
    tenants,
    theme,
)
from dashboard.deliveries import DeliveriesSnapshot
from pages.uploads import actions, charts
from pages.uploads import filters as upload_filters

SELECTION = actions.NAME
OF_LANES: Final = "Colour and mark: an unusual delivery (hollow: excluded). "
HOW_TO_READ: Final = (
    f"{OF_LANES}Blue: number of other uploads. Hatched: share of uploads excluded. "
)
TO_FILTER: Final = "Select a cell to drill in."
TO_SELECT: Final = "Draw a box or lasso around cells to select their uploads."
BY_TIMES: Final = "Jobs cannot be read, so deliveries are derived from upload times"
NOT_ANEW: Final = "Jobs cannot be refreshed, so deliveries may be out of date"


def which(snapshot: DeliveriesSnapshot) -> None:
    """Show which delivery is filtered by, and why it is unusual."""
    chosen = upload_filters.delivery()
    if chosen in ("", charts.OTHERS):
        return
    row = snapshot.row(chosen)
    if row is None:
        st.text("The filtered delivery is no longer listed.")
        if snapshot.refusal:
            st.text(f"{BY_TIMES}. {snapshot.refusal}")
        return
    (why,) = delivery_words.reasons(row.to_frame().T, snapshot.found.reasons)
    st.text(f"{delivery_words.title(row, time_zone.chosen())} · {why}")


def timeline(
    shown: pd.DataFrame,
    snapshot: DeliveriesSnapshot | None,
    jobs: list_load.Listed | None,
    toolbar: DeltaGenerator,
) -> None:
    """Draw a mark per upload, to be selected; otherwise as `density`."""
    zone = time_zone.chosen()
    lanes = None if snapshot is None else lanes_of(snapshot, zone)
    figure = charts.timeline(shown, zone, session.selected(SELECTION), lanes)
    with chart_strip.scrolled(figure, toolbar, key="up"):
        filters.selecting_chart(
            figure,
            key="up.timeline",
            selection=SELECTION,
            shown=shown["key"],
            alt="Data uploads per tenant over time",
        )
    filters.not_drawn(shown["upload_time"], "upload")
    _how_known(snapshot, jobs)
    st.caption((OF_LANES if lanes is not None and len(lanes.rows) else "") + filters.HOW_TO_SELECT)


def density(
    shown: pd.DataFrame,
    snapshot: DeliveriesSnapshot | None,
    jobs: list_load.Listed | None,
    toolbar: DeltaGenerator,
) -> None:
    """Draw the unusual deliveries and all else by band and time.

    `snapshot` is None where deliveries are not known (yet); `jobs` are those they are known by,
    None for the uploads of one job. A delivery that is filtered by is drawn alone, in bands, and
    needs no lane. `toolbar` is the line above the picture.
    """
    is_one = upload_filters.delivery() not in ("", charts.OTHERS)
    lanes = None if snapshot is None or is_one else lanes_of(snapshot, time_zone.chosen())
    is_whole = chart_strip.is_open(toolbar, key="up")
    rows = charts.ROWS_AT_MOST if is_whole else chart_strip.ROWS
    picture = charts.density(shown, time_zone.chosen(), lanes, rows=rows, on_dark=theme.is_dark())
    if not is_whole:
        chart_strip.flat(picture.figure)
    # Where boxes are drawn, no click arrives.
    by_box = is_whole and toolbar.toggle("Select by box or lasso", key="up.by_box")
    if by_box:
        _selecting(picture, shown)
    else:
        filters.zooming_chart(picture.figure, zoom, key="up.density")
    filters.not_drawn(shown["upload_time"], "upload")
    _how_known(snapshot, jobs)
    st.caption(HOW_TO_READ + (TO_SELECT if by_box else TO_FILTER))


def _how_known(snapshot: DeliveriesSnapshot | None, jobs: list_load.Listed | None) -> None:
    """Show in a line, below the picture so that it stays where it is, what the jobs come to.

    And how many unusual deliveries have no lane, and where they are.
    """
    if jobs is None:
        return
    if snapshot is None or jobs.is_under_way:
        fetch_progress.line(jobs, "Reading a week of jobs to find deliveries", ".deliveries")
    elif snapshot.refusal:
        st.text(f"{BY_TIMES}. {snapshot.refusal}")
    elif trouble := jobs.trouble():
        st.text(f"{NOT_ANEW}. {trouble}")
    if snapshot is not None and (
        more := len(snapshot.unusual) - len(upload_filters.apart(snapshot))
    ):
        query = {"del_show": "unusual", "del_window": upload_filters.EVERYTHING}
        icon = navigation.DELIVERIES.icon
        navigation.link(navigation.DELIVERIES, f"{more:,} more in Deliveries", query, icon=icon)


def lanes_of(snapshot: DeliveriesSnapshot, zone: ZoneInfo) -> charts.Lanes:
    """Return the most unusual deliveries in words, and which uploads are theirs."""
    rows = upload_filters.apart(snapshot)
    words = {
        "delivery_id": rows["delivery_id"],
        "label": [delivery_words.arrived(each, zone) for each in rows["arrived"]],
        "title": [delivery_words.title(row, zone) for _, row in rows.iterrows()],
        "why": delivery_words.reasons(rows, snapshot.found.reasons),
    }
    lanes = pd.DataFrame(words, dtype="str").reset_index(drop=True)
    return charts.Lanes(lanes, snapshot.places(lanes["delivery_id"]))


def zoom(cell: list[str]) -> None:
    """Filter by exactly what a cell counts."""
    first, last, begin, end, delivery = cell
    if delivery:
        filters.put(upload_filters.DELIVERY, delivery, delivery)
    if first is not None:
        tenants.zoom(first, last, key="up_tenant", within_key="up_codes")
        filters.put_span("up_from", "up_to", begin, end)


def _selecting(picture: charts.Density, shown: pd.DataFrame) -> None:
    key = "up.cells"

    def take() -> None:
        points: list[dict[str, Any]] = st.session_state[key]["selection"]["points"]
        before = session.selected(SELECTION).difference(shown["key"])
        session.select(SELECTION, before.union(picked(picture, shown, points)))

    st.plotly_chart(
        picture.figure.update_layout(dragmode="select"),
        key=key,
        on_select=take,
        selection_mode=("box", "lasso"),
        alt="Draw a box around cells to select their uploads",
    )


def picked(
    picture: charts.Density, shown: pd.DataFrame, points: list[dict[str, Any]]
) -> "pd.Series[str]":
    """Return the keys of the uploads in the cells that these points stand for.

    A lane counts as a whole: all of it is taken where a cell of it is that has uploads.
    """
    at = {point["point_index"]: point["customdata"] for point in points if point.get("customdata")}
    width = picture.figure.data[0].z.shape[1]
    of_lanes = [cell for cell, carried in at.items() if carried[0] is None]
    lane = picture.cell // width
    is_whole = lane.isin(lane[picture.cell.isin(of_lanes)])
    keys: pd.Series[str] = shown["key"].loc[
        picture.cell.index[is_whole | picture.cell.isin(list(at))]
    ]
    return keys
