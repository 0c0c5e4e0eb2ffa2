"""How old the versions of all tenants are, who is overdue, and who has loaded in the period."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import pandas as pd
import streamlit as st

from dashboard import navigation
from dashboard.components import figures, filters, formats, rhythms
from dashboard.components.charts import layout
from dashboard.data import DataVersions
from dashboard.navigation import DATA_VERSIONS, Query
from pages.overview import charts
from pages.overview.period import Period, loaded_query
from services.monitoring import overview

ENDS: Final = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=30))


def answer(tenants: pd.DataFrame, period: Period, now: datetime) -> None:
    """Say for how many tenants the loads of the period worked; each part is a link."""
    dates, masks = tenants["data_version_date"], rhythms.masks(tenants, now)
    none_enabled, odd = (
        int(masks[name].sum()) for name in (rhythms.NONE_ENABLED, rhythms.ODD_DATE)
    )
    is_new = (dates >= period.since) & ~masks[rhythms.ODD_DATE]
    loaded, again = int(is_new.sum()), int((is_new & (tenants["loaded_at"] < period.since)).sum())
    older = len(tenants) - loaded - none_enabled - odd
    # Nothing is left out by an end, but versions that are dated in the future.
    until = pd.Timestamp(now + overview.CLOCKS_APART).ceil("min") if odd else None
    all_of_them = "All " if loaded == len(tenants) else f"{loaded:,} of "
    words = f"loaded {period.words}."
    if again:
        words = (
            f"have a version made {period.words}, {again:,} of them reprocessed from "
            "earlier uploads."
        )
    figures.clause(
        f"**{all_of_them}{formats.counted(len(tenants), 'tenant')}** {words}",
        DATA_VERSIONS,
        loaded_query(period, until),
        icon=":material/check_circle:" if loaded == len(tenants) else ":material/donut_large:",
    )
    if older:
        figures.clause(
            f"**{older:,}** have only an older version.",
            DATA_VERSIONS,
            filters.in_link("dv_from", "dv_to", before=period.since),
            icon=":material/schedule:",
        )
    if none_enabled:
        verb = "has" if none_enabled == 1 else "have"
        figures.clause(
            f"**{none_enabled:,}** {verb} no enabled version.",
            DATA_VERSIONS,
            {"dv_state": rhythms.NONE_ENABLED},
            icon=":material/block:",
        )
    if odd:
        verb = "has" if odd == 1 else "have"
        figures.clause(
            f"**{odd:,}** {verb} a date in the future or an unreadable one.",
            DATA_VERSIONS,
            {"dv_state": rhythms.ODD_DATE},
            icon=":material/event_busy:",
        )


def tiles(read: DataVersions, now: datetime) -> None:
    """Draw how many tenants are overdue, on time or without a version, worst first."""
    masks = rhythms.masks(read.tenants, now)
    with figures.row():
        for name in masks:
            mark, color = rhythms.FACES[name]
            query = {"dv_state": name}
            count = int(masks[name].sum())
            if name == rhythms.ODD_DATE and not count:
                continue
            figures.tile(name, count, DATA_VERSIONS, query, mark=mark, color=color)
    st.caption(rhythms.rule(read))


def picture(tenants: pd.DataFrame, now: datetime) -> None:
    """Draw how old the latest versions are; a click on a bar shows its tenants.

    An odd date tells no age, so those tenants are in no bar.
    """
    tenants = tenants[~rhythms.masks(tenants, now)[rhythms.ODD_DATE]]
    minute = pd.Timestamp(now).floor("min").to_pydatetime()
    rows = overview.age_bands(tenants["data_version_date"], minute, ENDS)
    names = [*_names(ENDS), rhythms.NONE_ENABLED]
    told = (
        f"{name}: {formats.counted(count, 'tenant')}"
        for name, count in zip(names, rows["tenants"], strict=True)
    )
    event = st.plotly_chart(
        # An age alone is no judgement: who is loaded once a week is not late after two days.
        charts.freshness(rows, names, [layout.BLUE] * (len(names) - 1) + [layout.GREY]),
        key="ov.freshness",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Age of the latest enabled version. " + "; ".join(told),
    )
    for point in event["selection"]["points"]:
        navigation.go_to(DATA_VERSIONS, _band_query(rows.iloc[point["point_index"]]))


def _names(ends: Sequence[timedelta]) -> list[str]:
    words = [formats.duration(end.total_seconds()) for end in ends]
    between = [f"{younger} to {older}" for younger, older in pairwise(words)]
    return [f"under {words[0]}", *between, f"over {words[-1]}"]


def _band_query(band: pd.Series) -> Query:
    since, until = (None if pd.isna(end) else end for end in (band["since"], band["until"]))
    if since is None and until is None:
        return {"dv_state": rhythms.NONE_ENABLED}
    return filters.in_link("dv_from", "dv_to", since=since, before=until)
