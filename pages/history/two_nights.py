"""Two nights, and what differs between them for each tenant."""

from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from dashboard.components import formats, night_states, page, tables, tenant_link
from dashboard.components.filter_row import FilterRow
from dashboard.connection import Connection
from dashboard.watch import history
from dashboard.wording import DIFFERENCES
from pages.history import filters as history_filters
from pages.history import record
from services.clock import CLOCK
from services.monitoring.watch import differences
from services.monitoring.watch.differences import Difference
from services.monitoring.watch.history import History
from services.monitoring.watch.night import empty_rows
from services.monitoring.watch.states import STATES, NightState

_COLUMNS = [*differences.COLUMNS, "metrics"]
_METRICS = ("metrics_before", "metrics")
_TOKENS = [str(each) for each in Difference]
_NOT_OBSERVED = STATES.index(NightState.NOT_OBSERVED)
WHAT_DIFFERS = (
    "Of the later night against the earlier one. Where either was not observed for a tenant, "
    "nothing is said of its loads."
)


def draw(
    connection: Connection,
    row: FilterRow,
    found: History,
    every: pd.DataFrame,
    kept: "pd.Series[bool]",
) -> None:
    """Draw the choice of two nights, and the tenants for which they differ."""
    if len(found.nights) == 1:
        page.empty("One night on record", "Two nights can be compared from tomorrow on.")
        return
    now = CLOCK.now()
    before, after = history_filters.two_nights(row, found.nights, record.latest(found, now))
    missing = [each for each in (before, after) if each not in found.recorded]
    if before == after:
        page.empty("The same night twice", "Choose another night to compare it with.")
        return
    if missing:
        names = " and ".join(f"the night to {each:%a %d %b}" for each in missing)
        page.empty("Nothing to compare", f"Not observed: {names}. Choose another night.")
        return
    rows = _differences(connection, found, before, after, now)
    # Whoever is on record of a night is among the tenants of all nights.
    rows = every[kept].merge(rows, on="tenant_code")
    differing = differences.any_of(rows)
    with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
        counts = {token: int(rows[token].sum()) for token in _TOKENS}
        chosen = history_filters.by_difference({history_filters.ANY: int(differing.sum())} | counts)
    shown = rows[differing if chosen == history_filters.ANY else rows[chosen]]
    if rows.empty:
        page.nothing_matches("tenant", history_filters.FILTERS)
    elif shown.empty and chosen == history_filters.ANY:
        page.empty("No difference", _known(rows, found, (before, after), now))
    elif shown.empty:
        page.nothing_matches("tenant", history_filters.FILTERS)
    else:
        _table(shown, rows, found, (before, after), now)


def _differences(
    connection: Connection, found: History, before: date, after: date, now: datetime
) -> pd.DataFrame:
    nothing = empty_rows()[_COLUMNS]
    both = [
        _with_states(history.rows_of(connection, each, _COLUMNS, nothing), found, each)
        for each in (before, after)
    ]
    rows = differences.differences(
        *both,
        before_is_whole=record.is_whole(found, before, now),
        now_is_whole=record.is_whole(found, after, now),
    )
    for name, of_night in zip(_METRICS, both, strict=True):
        rows[name] = rows["tenant_code"].map(of_night.set_index("tenant_code")["metrics"])
    return rows


def _with_states(rows: pd.DataFrame, found: History, night: date) -> pd.DataFrame:
    return rows.assign(state=found.of(rows["tenant_code"])[:, found.nights.index(night)])


def _table(
    shown: pd.DataFrame,
    rows: pd.DataFrame,
    found: History,
    nights: tuple[date, date],
    now: datetime,
) -> None:
    marks = shown[_TOKENS].to_numpy(bool)
    # The worst first: by the first of what differs.
    order = np.lexsort([shown["tenant_code"].to_numpy(str), marks.argmax(axis=1)])
    shown, marks = shown.iloc[order].reset_index(drop=True), marks[order]
    shown = shown.assign(differs=_lists(marks, [*DIFFERENCES.values()]))
    states = {name: shown[name] for name in ("state_before", "state")}
    shown = shown.assign(**{name: night_states.labels(each) for name, each in states.items()})
    for name in ("data_version_before", "data_version"):
        shown[name] = formats.version_numbers(shown[name])
    columns = _columns(shown, nights)
    tokens = np.array([str(state) for state in STATES])
    exported = shown.assign(
        night_before=nights[0].isoformat(),
        night=nights[1].isoformat(),
        differs=[" ".join(each) for each in _lists(marks, _TOKENS)],
        **{name: tokens[each.to_numpy()] for name, each in states.items()},
    )
    shown = shown.assign(**{name: record.metric_words(shown[name]) for name in _METRICS})
    names = ["night_before", "night", *tables.exported(exported, columns)]
    text = f"{tables.counted(shown, len(rows), 'tenant')} · {_known(rows, found, nights, now)}"
    tables.head(text, exported[names], key="hist.differing")
    clicked = tables.clicked(shown, columns, key="hist.differing")
    if clicked is not None:
        tenant_link.go(str(shown["tenant_code"].iloc[clicked]))


def _columns(shown: pd.DataFrame, nights: tuple[date, date]) -> tables.Columns:
    before, after = (f"{each:%d %b}" for each in nights)
    lists, count = st.column_config.ListColumn, tables.count_column
    help_text = "Of the version that was loaded in the night"
    metrics = {
        name: st.column_config.TextColumn(f"Metric values {at}", width=260, help=help_text)
        for name, at in zip(_METRICS, (before, after), strict=True)
        if shown[name].notna().any()
    }
    return {
        **tables.tenant_columns(shown, width=172),
        "differs": lists("What differs", width=330, help=WHAT_DIFFERS),
        "state_before": lists(f"Night to {before}", width=128),
        "state": lists(f"Night to {after}", width=128),
        "data_version_before": tables.version_column(
            f"Version {before}", shown["data_version_before"], 116
        ),
        "data_version": tables.version_column(f"Version {after}", shown["data_version"], 116),
        "upload_count_before": count(f"Uploads {before}", width=116),
        "upload_count": count(f"Uploads {after}", width=116),
        "jobs_failed_before": count(f"Jobs failed {before}", width=136),
        "jobs_failed": count(f"Jobs failed {after}", width=136),
        **metrics,
    }


def _known(rows: pd.DataFrame, found: History, nights: tuple[date, date], now: datetime) -> str:
    """Return how far both nights are on record, in words."""
    told = [f"the night to {each:%d %b} {record.of_what(found, each, now)}" for each in nights]
    unknown = int((rows[["state_before", "state"]] == _NOT_OBSERVED).any(axis=1).sum())
    if unknown:
        told.append(f"{formats.counted(unknown, 'tenant')} not observed in one of them")
    return ", ".join(told)


def _lists(marks: npt.NDArray[np.bool_], words: list[str]) -> pd.Series:
    """Return for each row the list of the words that it marks."""
    # Of tens of thousands of rows few are marked in another way.
    patterns, places = np.unique(marks, axis=0, return_inverse=True)
    lists = [[words[place] for place in np.flatnonzero(each)] for each in patterns]
    return pd.Series([lists[place] for place in places.ravel()], dtype="object")
