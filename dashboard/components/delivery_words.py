"""Deliveries in words: when, what stands out, how sure."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.components.formats import counted, local_time, moment
from services.clock import CLOCK
from services.monitoring.deliveries import Confidence, Judgement, Made, Reason

MARK, MARK_OF_EXCLUDED = "◆", "◇"
CONFIDENCE: Final[Mapping[str, str]] = {
    Confidence.TOLD: "From jobs",
    Confidence.AMBIGUOUS: "Partly ambiguous",
    Confidence.CLUSTERED: "By upload times",
}
CONFIDENCE_HELP: Final = (
    "From jobs: a receiving job brought each upload. Partly ambiguous: "
    "another delivery's jobs may have brought some. By upload times: no job is known; uploads "
    "that arrived together form one delivery."
)
MADE: Final[Mapping[str, str]] = {
    Made.YES: "",
    Made.NOT_LISTED: "Processed, version not listed as enabled",
    Made.DISABLED: "Data version disabled",
    Made.RUNNING: "Processing",
    Made.FAILED: "Processing failed",
    Made.CANCELLED: "Processing cancelled",
    Made.EXCLUDED: "Excluded before processing",
    Made.NOT_STARTED: "Not processed since",
    Made.UNKNOWN: "Unknown (older than the listed jobs)",
}
JUDGEMENT: Final[Mapping[str, str]] = {
    Judgement.USUAL: "As usual",
    Judgement.TOO_LITTLE_KNOWN: "Too little known",
}


def arrived(at: pd.Timestamp, zone: ZoneInfo) -> str:
    """Return when a delivery arrived, as tables write a time; "" where that is not known."""
    return "" if pd.isna(at) else moment(at, zone, CLOCK.now())


def title(row: pd.Series, zone: ZoneInfo) -> str:
    """Return `Delivery of 28 Nov 23:14, 40 tenants`, of today without the day."""
    return _title(row, arrived(row["arrived"], zone))


def title_on_record(row: pd.Series, zone: ZoneInfo) -> str:
    """Return `Delivery of 28 Nov 2026 23:14, 40 tenants`, as it is read on any day."""
    return _title(row, local_time(row["arrived"], zone, "%d %b %Y %H:%M"))


def _title(row: pd.Series, arrived_at: str) -> str:
    return f"Delivery of {arrived_at}, {counted(int(row['tenants']), 'tenant')}"


def reason(row: Mapping[Any, Any]) -> str:
    """Return why a delivery is unusual, of a row of `Deliveries.reasons`."""
    return _REASONS[Reason(row["reason"])](row)


def reasons(
    rows: pd.DataFrame, unusual: pd.DataFrame, *, with_disabled: bool = True
) -> "pd.Series[str]":
    """Return for each delivery its reasons, the most telling first, or that there is none.

    Of one that is wholly excluded it is told: what stood out there stands out no more. Of one
    without uploads it is told why. `tells_disabled` is false where a column says that already.
    """
    words: dict[str, list[str]] = {}
    for row in unusual.to_dict("records"):
        words.setdefault(row["delivery_id"], []).append(reason(row))
    of_each = {id_: "; ".join(each) for id_, each in words.items()}
    # Where none is unusual, they would be numbers that are missing.
    unusual_words = rows["delivery_id"].map(of_each).astype("str")
    is_empty = rows["uploads"] == 0
    others = (
        rows["judgement"]
        .astype("str")
        .map(JUDGEMENT)
        .mask(is_empty, "Nothing arrived")
        .mask(is_empty & (rows["live_jobs"] > 0), "Nothing arrived yet; its job is running")
        .mask(is_empty & (rows["received"] > 0), "Its uploads are no longer listed")
    )
    is_excluded = rows["is_excluded"].astype(bool)
    usual = (f"{MARK} " + unusual_words).fillna(others)
    is_disabled = (rows["disabled"] > 0) & with_disabled
    what = pd.Series("Excluded", rows.index).mask(is_disabled, "Excluded, disabled")
    excluded: pd.Series[str] = (f"{MARK_OF_EXCLUDED} " + what + ": " + unusual_words).fillna(what)
    return usual.mask(is_excluded, excluded)


def _share(words: str) -> Callable[[Mapping[Any, Any]], str]:
    return lambda row: f"{row['value']:,.0f} of {row['out_of']:,.0f} {words}"


_REASONS: Final[Mapping[Reason, Callable[[Mapping[Any, Any]], str]]] = {
    Reason.OFF_HOURS: lambda _row: "Unusual hour",
    Reason.MORE: lambda row: f"{row['value']:,.0f} tenants, usually {row['usual']:,.0f}",
    Reason.FEWER: lambda row: (
        f"Only {row['value']:,.0f} arrived at this hour, usually {row['usual']:,.0f}"
    ),
    Reason.NOT_DUE: _share("not due"),
    Reason.AGAIN: _share("delivered again"),
    Reason.FAILURES: _share("tenants had failed jobs"),
    Reason.FEW_VERSIONS: _share("uploads without version"),
}
