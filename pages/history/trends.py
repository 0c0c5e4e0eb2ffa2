"""Trends over the nights on record: a small chart each, and all figures as an export."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard.components import filters, formats, page, rule_words, tables
from dashboard.connection import Connection
from dashboard.watch import notifying
from pages.history import filters as history_filters
from pages.history import trend_charts, trend_series
from pages.history.trend_series import Deadlines, Trend
from services.clock import CLOCK
from services.monitoring.watch import trends
from services.monitoring.watch.history import History
from services.monitoring.watch.trends import Share
from services.notifications.freshness import fresh
from services.notifications.rules import Deadline, UnreadableRule, read

# Two stand side by side where there is room.
_NARROWEST: Final = 430
_GAPS: Final = "Dotted: not observed to its end, or not recorded yet. Click a night to open it."


def draw(
    connection: Connection, found: History, every: pd.DataFrame, kept: "pd.Series[bool]"
) -> None:
    """Draw the trends; `every` has the tenants of the history, with names."""
    zone = notifying.watch_zone()
    nights = trends.over(found, CLOCK.now(), zone)
    if not nights:
        page.empty("No night is over yet", "Trends begin when the first night on record has ended.")
        return
    if not kept.any():
        page.nothing_matches("tenant", history_filters.FILTERS)
        return
    totals = trends.totals(found, kept.to_numpy(bool), nights, zone)
    deadlines = _deadlines(connection, found, every, kept, nights)
    drawn = (
        trend_series.fresh(totals, deadlines),
        trend_series.failures(totals),
        trend_series.durations(totals),
        trend_series.deliveries(totals),
    )
    exported = trend_series.exported(totals, deadlines)
    tables.head(_of_what(nights, kept, drawn[0].title), exported, key="hist.trends")
    with st.grid("auto", min_column_width=_NARROWEST, gap="small"):
        for place, trend in enumerate(drawn):
            _chart(nights, trend, key=f"hist.trend{place}")
    st.caption(_GAPS)


def _of_what(nights: Sequence[date], kept: "pd.Series[bool]", first: str) -> str:
    text = f"{formats.counted(len(nights), 'night')}, without the one under way"
    if kept.all():
        return text
    return (
        f"{text} · {first}: {tables.counted(kept[kept].to_frame(), len(kept), 'tenant')}, "
        "all else: all tenants"
    )


def _deadlines(
    connection: Connection,
    found: History,
    every: pd.DataFrame,
    kept: "pd.Series[bool]",
    nights: Sequence[date],
) -> Deadlines:
    """Return what became of each deadline of the rules that are on."""
    names = dict(zip(every["tenant_code"], every["tenant_name"].fillna(""), strict=True))
    scope = notifying.scope_at(connection.app.ledger(), connection.actor.place, names)
    zone, by_words = notifying.watch_zone(), dict[str, dict[date, Share]]()
    for stored in connection.ledger.rules.listed(connection.actor.place):
        try:
            condition = read(stored.body).condition
        except UnreadableRule:
            continue
        if isinstance(condition, Deadline) and stored.is_enabled:
            who = rule_words.tenant_set(condition.tenants, {})
            by_words[f"{rule_words.daily(condition.by)}, {who}"] = fresh(
                condition, found, kept.to_numpy(bool), nights, scope=scope, zone=zone
            )
    return by_words


def _chart(nights: Sequence[date], trend: Trend, *, key: str) -> None:
    with st.container(gap="xxsmall", key=f"trend-{key}"):
        st.header(trend.title, anchor=False, help=trend.help_text)
        if trend.told:
            st.text(trend.told)
        if any(trend.is_known):
            draw_chart = trend_charts.bars if trend.is_stacked else trend_charts.lines
            figure = draw_chart(nights, trend.series, trend.is_known, **trend.axis)
            filters.zooming_chart(figure, _open, key=key)
        else:
            st.caption("Not recorded of any night yet.")


def _open(mark: list[Any]) -> None:
    """Open the night of a mark."""
    night = str(mark[0])
    filters.put("hist_night", night, night)
    filters.put("hist_view", history_filters.NIGHTS, "")
