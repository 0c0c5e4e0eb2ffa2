"""What each trend shows, in numbers and in words."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from textwrap import shorten
from typing import Any, Final, TypeVar

import pandas as pd

from dashboard.components import formats
from dashboard.components.charts import layout
from pages.history.trend_charts import KINDS_AT_MOST, SERIES_AT_MOST, Series
from services.monitoring.phrases import duration
from services.monitoring.watch import trends
from services.monitoring.watch.observation import DeliverySizes, FailureKind, Failures, JobDurations
from services.monitoring.watch.totals import words_of
from services.monitoring.watch.trends import Share, Totals

_NAME_AT_MOST: Final = 28
_TOLD_AT_MOST: Final = 52
_TICKS: Final = 4
_CODE: Final = re.compile(r"\[([A-Z][A-Z_-]*\d+)\]")
_PERCENT: Final = {"tickformat": ".0%", "range": [0, 1.04]}
_LOADED_HELP: Final = (
    "Of the tenants that loaded, failed, were late or had all uploads excluded. Add a deadline on "
    "Watch to see the share that had loaded by it."
)
_DURATIONS_HELP: Final = (
    "Of processing jobs that began in the night and succeeded. Visier reports no end times: an end "
    "is known to within the two looks around it, at most 10 minutes apart, or from a pushed event."
)

T = TypeVar("T")
C = TypeVar("C", JobDurations, DeliverySizes)

Deadlines = Mapping[str, Mapping[date, Share]]
"""By the words of each deadline what became of it, as far as known."""


@dataclass(frozen=True)
class Trend:
    """One chart: `told` is a sentence above it; of the nights that `is_known` says no of, nothing.

    `axis` is the axis of values, as Plotly names it.
    """

    title: str
    told: str
    series: Sequence[Series]
    is_known: Sequence[bool]
    axis: Mapping[str, Any]
    help_text: str | None = None
    is_stacked: bool = False


def fresh(totals: Sequence[Totals], deadlines: Deadlines) -> Trend:
    """Return the share that had loaded by each deadline; without any, that loaded in the night."""
    if not deadlines:
        shares = [each.loaded for each in totals]
        return Trend(
            "Loaded in the night",
            "No deadline is set on Watch: share of the tenants that were due",
            [_shares("Loaded", "loaded", shares)],
            _known(shares),
            _PERCENT,
            _LOADED_HELP,
        )
    drawn = [*deadlines.items()][:SERIES_AT_MOST]
    shares_by = {name: [found.get(each.night) for each in totals] for name, found in drawn}
    told = f"By {drawn[0][0]}" if len(deadlines) == 1 else ""
    if len(deadlines) > SERIES_AT_MOST:
        told = f"The first {SERIES_AT_MOST} of {len(deadlines)} deadlines; the export has all"
    return Trend(
        "Fresh by the deadline",
        told,
        [_shares(_short(name), f"by {_plain(name)}", each) for name, each in shares_by.items()],
        # Each deadline may be known of other nights.
        [any(_known(each)) for each in zip(*shares_by.values(), strict=True)],
        _PERCENT,
    )


def failures(totals: Sequence[Totals]) -> Trend:
    """Return how many jobs failed, by the kinds of most of them."""
    known = [each.failures for each in totals]
    kinds = trends.kinds(totals, KINDS_AT_MOST)
    counts = [_values(known, partial(_jobs, kind=kind)) for kind in kinds]
    series = [_kind(kind, of, known) for kind, of in zip(kinds, counts, strict=True)]
    others = [
        None if each is None else each.jobs - sum(_jobs(each, kind) for kind in kinds)
        for each in known
    ]
    if any(others) or not series:
        words = [_counted(each, known[place]) for place, each in enumerate(others)]
        series.append(Series("Other kinds", others, [f"{each}: other kinds" for each in words]))
    told = ""
    if kinds:
        most = sum(each or 0 for each in counts[0])
        jobs = sum(each.jobs for each in known if each)
        why = shorten(words_of(kinds[0]), _TOLD_AT_MOST, placeholder=" …")
        told = f"{most:,} of {formats.counted(jobs, 'failure')}: {why}"
    most_of_a_night = max([each.jobs for each in known if each], default=0)
    return Trend(
        "Failed jobs by kind",
        told,
        series,
        _known(known),
        _whole_numbers(most_of_a_night),
        is_stacked=True,
    )


def durations(totals: Sequence[Totals]) -> Trend:
    """Return how long processing jobs took, in minutes."""
    known = [each.durations for each in totals]
    words = [_duration(each) if each else "" for each in known]
    return Trend(
        "Duration of processing jobs",
        _newest(totals, words),
        [
            Series("Median", _values(_some(known), lambda each: each.median / 60), words),
            Series("Nine in ten within", _values(_some(known), lambda each: each.p90 / 60), words),
        ],
        _known(known),
        {"ticksuffix": " min"},
        _DURATIONS_HELP,
    )


def deliveries(totals: Sequence[Totals]) -> Trend:
    """Return how many uploads a delivery brought."""
    known = [each.deliveries for each in totals]
    words = [_delivery(each) if each else "" for each in known]
    return Trend(
        "Uploads per delivery",
        _newest(totals, words),
        [
            Series("Median", _values(_some(known), lambda each: each.median), words),
            Series("Nine in ten at most", _values(_some(known), lambda each: each.p90), words),
        ],
        _known(known),
        _whole_numbers(max([each.p90 for each in known if each], default=0)),
    )


def exported(totals: Sequence[Totals], deadlines: Deadlines) -> pd.DataFrame:
    """Return all figures, a row per night; what is not known, or is of none, is missing."""
    nights = [each.night for each in totals]
    shares = [each.loaded for each in totals]
    failed = [each.failures for each in totals]
    took, sizes = [each.durations for each in totals], [each.deliveries for each in totals]
    return pd.DataFrame(
        {
            "night": [each.isoformat() for each in nights],
            "loaded": _values(shares, lambda each: each.part),
            "loaded_of": _values(shares, lambda each: each.of),
            **{
                f"share by {name}": _values([*map(found.get, nights)], lambda each: each.value)
                for name, found in deadlines.items()
            },
            "failed_jobs": _values(failed, lambda each: each.jobs),
            "processing_jobs": _values(took, lambda each: each.count),
            "median_seconds": _values(_some(took), lambda each: each.median),
            "p90_seconds": _values(_some(took), lambda each: each.p90),
            "deliveries": _values(sizes, lambda each: each.count),
            "uploads": _values(sizes, lambda each: each.uploads),
            "median_uploads": _values(_some(sizes), lambda each: each.median),
            "p90_uploads": _values(_some(sizes), lambda each: each.p90),
        }
    )


def _shares(name: str, what: str, shares: Sequence[Share | None]) -> Series:
    words = [
        f"{each.part / each.of:.0%} {what}: {each.part:,} of {formats.counted(each.of, 'tenant')}"
        if each is not None and each.of
        else "Nothing was due"
        for each in shares
    ]
    return Series(name, _values(shares, lambda each: each.value), words)


def _kind(
    kind: FailureKind, of: Sequence[float | None], known: Sequence[Failures | None]
) -> Series:
    words = [
        f"{_counted(number, each)}: {_plain(words_of(kind))}"
        for number, each in zip(of, known, strict=True)
    ]
    return Series(_short_of(words_of(kind)), of, words)


def _jobs(found: Failures, kind: FailureKind) -> int:
    return sum(each.jobs for each in found.kinds if each.key == kind.key)


def _counted(number: float | None, of: Failures | None) -> str:
    return f"{number:,} of {formats.counted(of.jobs, 'failure')}" if of and number else "None"


def _duration(found: JobDurations) -> str:
    if not found.count:
        return "No processing job succeeded"
    return (
        f"Median {duration(found.median)}, nine in ten within {duration(found.p90)} "
        f"({formats.counted(found.count, 'job')})"
    )


def _delivery(found: DeliverySizes) -> str:
    if not found.count:
        return "Nothing was delivered"
    return (
        f"Median {found.median:,.0f}, nine in ten at most {found.p90:,.0f} "
        f"({formats.counted(found.count, 'delivery')}, {formats.counted(found.uploads, 'upload')})"
    )


def _whole_numbers(most: float) -> Mapping[str, Any]:
    """Return an axis of counts up to this one, without a tick between two of them."""
    return {"tickformat": ",d", **({"dtick": 1} if most < _TICKS else {})}


def _values(found: Sequence[T | None], of: Callable[[T], float | None]) -> list[float | None]:
    return [None if each is None else of(each) for each in found]


def _some(found: Sequence[C | None]) -> list[C | None]:
    """Return what is of some, None also for what is of none."""
    return [each if each is not None and each.count else None for each in found]


def _known(found: Sequence[object | None]) -> list[bool]:
    return [each is not None for each in found]


def _newest(totals: Sequence[Totals], words: Sequence[str]) -> str:
    """Return what is known of the newest night of which anything is."""
    told = [
        f"Night to {each.night:%d %b}: {text}"
        for each, text in zip(totals, words, strict=True)
        if text
    ]
    return told[-1] if told else ""


def _short_of(words: str) -> str:
    """Return the code of an error where there is one, for a legend has no room for more."""
    code = _CODE.search(words)
    return code[1] if code else _short(words)


def _short(words: str) -> str:
    return _plain(shorten(words, _NAME_AT_MOST, placeholder="…"))


def _plain(words: str) -> str:
    return str(layout.plain(pd.Series([words], dtype="str")).iloc[0])
