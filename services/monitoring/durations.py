"""How long jobs take, as far as this dashboard saw it, and which of them do not keep to it.

The API tells when a job started and never when it ended: what is known of an end is known from
readings before and after it.
"""

from collections.abc import Hashable
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.frames import ENDED, LIVE, JobType, Status
from services.frames.job_readings import with_types
from services.monitoring.phrases import DAY_SECONDS, HOUR_SECONDS, counted, duration, in_words

LATE, STUCK, QUICK = "late", "stuck", "quick"

EVERY_TENANT: Final = ""
# Of fewer runs of one tenant the 90th percentile is just the longest.
OF_TENANT_AT_LEAST: Final = 5
# Tenants differ in size: of a whole type more runs are needed to say anything.
OF_TYPE_AT_LEAST: Final = 20
# An end is known when the readings before and after it are at most this far apart, …
_END_SEEN_SECONDS: Final = 120.0
# … or, of a long job, a tenth of how long it took.
_END_SEEN_SHARE: Final = 0.1
# Cancelling takes seconds to a few minutes where it works.
_CANCELLING_SECONDS: Final = 600.0
# Nothing changed for three times as long as nine in ten such jobs take altogether.
_STUCK_TIMES: Final = 3
# A tenth of half of all runs: so quick is a job that had nothing to do.
_QUICK_SHARE: Final = 0.1

_Rows = npt.NDArray[np.intp]
_Seconds = npt.NDArray[np.float64]


def job_histories(job_observations: pd.DataFrame) -> pd.DataFrame:
    """Return one row per job of `ledger.job_observations.of`: what is known of its history.

    Columns: job_key, job_id, tenant_code, job_type, status (as last seen) str; start_time,
    first_seen; changed_at (the first reading that found its present status and stage); last_seen;
    last_live_at (the last reading that found it not ended, NaT if none), ended_at (the first that
    found it ended for good, or before that the time an event gave, NaT if none) datetime64[ms,
    UTC]; end_seen bool (an event gave the time, or these two are at most 2 minutes or a tenth of
    the time since its start apart, whichever is more: its end was seen); seconds float64 (from its
    start to its end where that was seen, else NaN). Of what only some readings gave, the last
    counts.
    """
    job_observations = with_types(job_observations).astype({"job_type": "str"})
    codes, _ = pd.factorize(job_observations["job_key"])
    seen = job_observations.take(np.argsort(codes, kind="stable")).reset_index(drop=True)
    sizes = np.bincount(codes) if len(codes) else np.array([], np.intp)
    last = np.cumsum(sizes) - 1
    starts = last - sizes + 1
    lived, ended = _lived_and_ended(seen["status"], starts, sizes)
    changed = _last_where(_changes(seen, starts), starts)
    found = {
        **{name: seen[name].array.take(starts) for name in ("job_key", "job_id")},
        **{name: _last_known(seen[name], starts) for name in ("tenant_code", "job_type")},
        "status": seen["status"].array.take(last),
        "start_time": _last_known(seen["start_time"], starts),
        "first_seen": seen["first_seen"].array.take(starts),
        "changed_at": seen["first_seen"].array.take(changed),
        "last_seen": seen["last_seen"].array.take(last),
        "last_live_at": seen["last_seen"].array.take(lived, allow_fill=True),
        "ended_at": seen["first_seen"].array.take(ended, allow_fill=True),
    }
    told = pd.Series(_last_known(seen["end_time"], starts))
    return _with_ends(pd.DataFrame(found, copy=False), told)


def _with_ends(found: pd.DataFrame, told: "pd.Series[pd.Timestamp]") -> pd.DataFrame:
    ended_at = found["ended_at"]
    # A clock that is ahead of ours cannot make a job end after it was found ended.
    is_told = (told < ended_at).to_numpy()
    found = found.assign(ended_at=ended_at.where(~is_told, told))
    took = _seconds(found["ended_at"] - found["start_time"])
    unseen = _seconds(found["ended_at"] - found["last_live_at"])
    tolerance = np.fmax(_END_SEEN_SECONDS, _END_SEEN_SHARE * took)
    end_seen = (unseen <= tolerance) | is_told
    return found.assign(end_seen=end_seen, seconds=np.where(end_seen, np.maximum(took, 0), np.nan))


def baseline_stats(job_histories: pd.DataFrame) -> pd.DataFrame:
    """Return how long jobs take that succeeded and whose end was seen, by kind.

    Columns: job_type, tenant_code str (EVERY_TENANT for all of a type together), count int64,
    median_seconds, p90_seconds float64.
    """
    known = job_histories[
        (job_histories["status"] == Status.SUCCEEDED) & job_histories["seconds"].notna()
    ]
    by_tenant = known.dropna(subset="tenant_code")
    together = pd.concat([by_tenant, known.assign(tenant_code=EVERY_TENANT)])
    seconds = together.groupby(["job_type", "tenant_code"])["seconds"]
    return pd.DataFrame(
        {
            "count": seconds.count(),
            "median_seconds": seconds.median(),
            "p90_seconds": seconds.quantile(0.9),
        }
    ).reset_index()


def anomalies(
    jobs: pd.DataFrame, job_histories: pd.DataFrame, baseline_stats: pd.DataFrame, now: datetime
) -> pd.DataFrame:
    """Return which jobs deviate from what is usual, with the index of `jobs`.

    `jobs` has the columns of services.frames.jobs.SCHEMA; the others are what `job_histories` and
    `baseline_stats` return. Columns, both str: mark (LATE, STUCK, QUICK or "") and why, a sentence
    or "".

    A job is compared with those of its type and tenant, at least 5 of which were seen to succeed,
    or else of its type, at least 20. Late is one that has been live longer than nine in ten of
    them took. Stuck is one that is live and has not changed for three times that and at least an
    hour, or, with nothing to compare it with, has been live for a day; or that has been Cancelling
    for 10 minutes. Quick is one that succeeded in less than a tenth of what half of them took.
    """
    known = _known(jobs, job_histories, baseline_stats, now)
    live = jobs["status"].isin(LIVE).to_numpy()
    compared = known["p90_seconds"].notna().to_numpy()
    age, still = known["age"].to_numpy(), known["unchanged"].to_numpy()
    p90, median = known["p90_seconds"].to_numpy(), known["median_seconds"].to_numpy()
    succeeded = (jobs["status"] == Status.SUCCEEDED).to_numpy()
    cancelling = (jobs["status"] == Status.CANCELLING).to_numpy() & (still > _CANCELLING_SECONDS)
    unmoved = live & (still > np.fmax(_STUCK_TIMES * p90, HOUR_SECONDS)) & compared
    endless = live & ~compared & (age > DAY_SECONDS)
    # The first that fits is said.
    rules = (
        (STUCK, cancelling, _cancelling),
        (STUCK, unmoved, _unmoved),
        (STUCK, endless, _endless),
        (LATE, live & (age > p90), _late),
        (QUICK, succeeded & (known["seconds"].to_numpy() < _QUICK_SHARE * median), _quick),
    )
    mark, why = np.full(len(jobs), "", object), np.full(len(jobs), "", object)
    for name, fits, sentence in rules:
        rows = np.flatnonzero(fits & (mark == ""))
        mark[rows] = name
        why[rows] = [sentence(row) for row in known.iloc[rows].to_dict("records")]
    return pd.DataFrame({"mark": mark, "why": why}, jobs.index, dtype="str")


def _known(
    jobs: pd.DataFrame, job_histories: pd.DataFrame, baseline_stats: pd.DataFrame, now: datetime
) -> pd.DataFrame:
    """Return per job, by position: age, unchanged and seconds; what it is compared with."""
    of_job = job_histories.set_index("job_key")[["changed_at", "seconds", "status"]]
    of_job = of_job.reindex(jobs["job_key"]).reset_index(drop=True)
    as_of = pd.Timestamp(now)
    ages = {
        "status": jobs["status"].astype("str").array,
        "job_type": jobs["job_type"].astype("str").array,
        "age": _seconds(as_of - jobs["start_time"]),
        "unchanged": _seconds(as_of - of_job["changed_at"]),
        "seconds": of_job["seconds"].array,
    }
    known = pd.DataFrame(ages)
    # Of what has changed since it was last written down, nothing has stood still.
    known["unchanged"] = known["unchanged"].where(known["status"] == of_job["status"])
    of_kind = baseline_stats.set_index(["job_type", "tenant_code"])
    by_tenant = _usual_of(of_kind, known["job_type"], jobs["tenant_code"].array)
    by_type = _usual_of(of_kind, known["job_type"], [EVERY_TENANT] * len(jobs))
    enough = by_tenant["count"] >= OF_TENANT_AT_LEAST
    compared = by_tenant.where(enough, by_type.where(by_type["count"] >= OF_TYPE_AT_LEAST))
    return known.join(compared).assign(of_tenant=enough)


def _usual_of(of_kind: pd.DataFrame, job_types: pd.Series, tenant_codes: Any) -> pd.DataFrame:
    kinds = pd.MultiIndex.from_arrays([job_types, tenant_codes])
    return of_kind.reindex(kinds).reset_index(drop=True)


_Known = dict[Hashable, Any]


def _cancelling(job: _Known) -> str:
    return f"Cancelling for {duration(job['unchanged'])} (observed)."


def _unmoved(job: _Known) -> str:
    still = f"No change observed for {duration(job['unchanged'])}"
    return f"{still}; {_nine_in_ten(job)}"


def _endless(job: _Known) -> str:
    return f"{_so_far(job)}; too little history for a typical duration."


def _late(job: _Known) -> str:
    return f"{_so_far(job)}; {_nine_in_ten(job)}"


def _quick(job: _Known) -> str:
    took = f"Succeeded in {duration(job['seconds'])}"
    return f"{took}; the median of {_kind(job)} is {duration(job['median_seconds'])}."


def _so_far(job: _Known) -> str:
    age = duration(job["age"])
    if job["status"] == Status.RUNNING:
        return f"Running for {age}"
    return f"{in_words(job['status']).capitalize()} after {age}"


def _nine_in_ten(job: _Known) -> str:
    return f"90% of {_kind(job)} took at most {duration(job['p90_seconds'])}."


def _kind(job: _Known) -> str:
    noun = "" if job["job_type"] == JobType.OTHER else f"{in_words(job['job_type'])} "
    of_tenant = " of this tenant" if job["of_tenant"] else ""
    return f"{counted(int(job['count']), f'observed {noun}job')}{of_tenant}"


def _seconds(spans: "pd.Series[pd.Timedelta]") -> _Seconds:
    seconds: _Seconds = np.asarray(spans.dt.total_seconds(), np.float64)
    return seconds


def _changes(seen: pd.DataFrame, starts: _Rows) -> npt.NDArray[np.bool_]:
    """Return which observations differ from the one before of the same job in status or stage.

    A missing stage is the one before: not every reading gives it.
    """
    is_first = np.zeros(len(seen), np.bool_)
    is_first[starts] = True
    last_given = np.where(seen["stage"].notna() | is_first, np.arange(len(seen)), 0)
    stages, _ = pd.factorize(seen["stage"])
    statuses, _ = pd.factorize(seen["status_word"])
    return is_first | _steps(stages[np.maximum.accumulate(last_given)]) | _steps(statuses)


def _steps(codes: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    return np.concatenate([np.zeros(min(1, len(codes)), np.bool_), codes[1:] != codes[:-1]])


def _last_where(mask: npt.NDArray[np.bool_], starts: _Rows) -> _Rows:
    """Return the last row of each job where the mask holds, -1 where it never does."""
    return np.maximum.reduceat(np.where(mask, np.arange(len(mask)), -1), starts)


def _lived_and_ended(
    statuses: "pd.Series[str]", starts: _Rows, sizes: _Rows
) -> tuple[_Rows, _Rows]:
    """Return the last row of each job that lived, and the first after it that had ended, or -1.

    A word that nobody knows is no end, and does not take back one that was seen.
    """
    has_ended = statuses.isin(ENDED).to_numpy()
    first_end = _first_where(has_ended, starts)
    before_any_end = np.arange(len(statuses)) < np.repeat(first_end, sizes)
    is_live = statuses.isin(LIVE).to_numpy() | (~has_ended & before_any_end)
    lived = _last_where(is_live, starts)
    after = np.arange(len(statuses)) > np.repeat(lived, sizes)
    ended = _first_where(has_ended & after, starts)
    return lived, np.where(ended < len(statuses), ended, -1)


def _first_where(mask: npt.NDArray[np.bool_], starts: _Rows) -> _Rows:
    """Return the first row of each job where the mask holds, the number of rows where none does."""
    return np.minimum.reduceat(np.where(mask, np.arange(len(mask)), len(mask)), starts)


def _last_known(column: pd.Series, starts: _Rows) -> Any:
    return column.array.take(_last_where(column.notna().to_numpy(), starts), allow_fill=True)
