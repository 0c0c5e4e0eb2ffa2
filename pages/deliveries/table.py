"""The deliveries as a table, newest first."""

from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.components import delivery_words, states, tables
from dashboard.components.job_states import Color
from dashboard.deliveries import DeliveriesSnapshot
from services.frames import JobType

OPENED = "del_open"
# Rows in view beside an open delivery, so that its own lists are in view too.
_AT_ONCE = 4
_BAR_WIDTH = 74  # pixels
_FROM = {JobType.RECEIVING: "Batch", JobType.DISPATCHING: "Dispatch"}
PROCESSED: Final = (
    "Uploads whose processing job succeeded. Whether their data versions are "
    "enabled is not read yet: open a delivery to read it"
)
DISABLED: Final = "Uploads whose data version is known to be disabled"
OUTCOME: Final = (
    "Uploads. Green: loaded. Orange, hollow: version disabled. Blue, low: processing. Gray, low "
    "and hollow: not processed, or excluded first. Violet, a line: cancelled. Red, tall: "
    "processing failed"
)
NOT_READ: Final = "Disabled from this dashboard. What was disabled elsewhere is not read yet"
# What became of the uploads -> its colour, from left to right.
_OUTCOMES: Final[Mapping[str, Color]] = {
    "made": "green",
    "disabled": "orange",
    "running": "blue",
    "left": "gray",
    "cancelled": "violet",
    "processing_failed": "red",
}


def draw(snapshot: DeliveriesSnapshot, shown: pd.DataFrame, *, opened: str) -> None:
    """Draw one row per delivery, the opened one first; a click opens it.

    While one is open there is room left for what is below.
    """
    are_read = snapshot.versions is not None
    failed = shown["receiving_failed"] + shown["processing_failed"]
    left = shown["none"] - shown["cancelled"] - shown["processing_failed"]
    rows = shown.assign(
        key=shown["delivery_id"],
        what=delivery_words.reasons(shown, snapshot.found.reasons, with_disabled=False),
        by=shown["job_type"].astype("str").map(_FROM).fillna(""),
        usual=shown["usual_around"].round(),
        with_version=shown["made"] if are_read else shown["made"] + shown["disabled"],
        disabled=disabled(shown["disabled"], are_read=are_read),
        failed=failed.where(shown["job_type"].notna()),
        outcome=states.stacked(shown.assign(left=left), _OUTCOMES, width=_BAR_WIDTH),
        sure=shown["confidence"].astype("str").map(delivery_words.CONFIDENCE),
    )
    # In the few rows that are in view, the one that is open is seen.
    rows = rows.sort_values(
        "key", key=lambda keys: keys != opened, kind="stable", ignore_index=True
    )
    columns = _columns(are_read=are_read)
    exported = ("delivery_id", *(name for name in columns if name != "outcome"))
    if not shown["disabled"].any():
        del columns["disabled"]
    tables.show(
        rows,
        columns,
        key="del.list",
        of=len(snapshot.found.rows),
        noun="delivery",
        opens=OPENED,
        export=exported,
        at_once=_AT_ONCE if opened else None,
    )


def disabled(counts: "pd.Series[int]", *, are_read: bool) -> "pd.Series[int]":
    """Return counts of uploads in disabled versions, missing where none is known and none read.

    Without the versions only those disabled from here are known.
    """
    known = counts.astype("Int64")
    return known if are_read else known.mask(known == 0)


def _columns(*, are_read: bool) -> dict[str, ColumnConfig | str]:
    loaded = (
        _count("Loaded", "Uploads loaded into a data version", width=65)
        if are_read
        else _count("Processed", PROCESSED, width=75)
    )
    return {
        "arrived": tables.time_column("Arrived"),
        "what": st.column_config.TextColumn(
            "What stands out",
            width=282,
            help="Compared with its hour and weekday and with its tenants' own rhythm",
        ),
        "tenants": _count("Tenants"),
        "usual": _count(
            "Usual", "Tenants that usually arrive within half an hour of this time", width=52
        ),
        "uploads": _count("Uploads"),
        "excluded": _count("Excluded", width=66),
        "outcome": st.column_config.ImageColumn(
            "Outcome",
            width=_BAR_WIDTH + 16,
            help=OUTCOME,
        ),
        "with_version": loaded,
        "disabled": _count("Disabled", DISABLED if are_read else NOT_READ, width=66),
        "none": _count(
            "Not loaded",
            "Uploads not loaded into a data version. Open the delivery to see why",
            width=80,
        ),
        "failed": _count(
            "Jobs failed", "Failed extraction, receiving and processing jobs", width=82
        ),
        "sure": st.column_config.TextColumn(
            "Certainty", width=100, help=delivery_words.CONFIDENCE_HELP
        ),
        "by": st.column_config.TextColumn("Brought by", width=80),
    }


def _count(label: str, help_text: str | None = None, *, width: int = 60) -> ColumnConfig:
    return tables.count_column(label, help_text, width=width)
