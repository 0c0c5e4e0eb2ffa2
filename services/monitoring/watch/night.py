"""Nights: which one a time belongs to, and what became of each tenant in it; pure.

A night is named by the date it ends on. It runs from noon to noon, so that no load of a night is
cut in two; at noon no zone changes its clocks.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.frames import FAILURES, LIVE, Status, data_versions
from services.monitoring import failures
from services.monitoring.deliveries import Deliveries
from services.monitoring.durations import LATE, STUCK
from services.monitoring.loads import loaded_at
from services.monitoring.rhythm import rhythms

from . import measured
from .observation import NIGHT_SCHEMA, NightFacts, UnusualDelivery

NOON: Final = time(12)
NEVER: Final = -1
_DAY: Final = timedelta(days=1)
_OF_JOBS: Final = ["jobs_succeeded", "jobs_failed", "jobs_running", "failure"]
_STICKY: Final = ["is_stuck", "is_late"]
_MINUTE: Final = pd.Timedelta(minutes=1)

Span = tuple[datetime, datetime]
Minutes = npt.NDArray[np.int16]


def night_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the night that a time (with its zone) belongs to, by the clocks of `zone`."""
    local = at.astimezone(zone)
    return local.date() + _DAY if local.time() >= NOON else local.date()


def span(night: date, zone: ZoneInfo) -> Span:
    """Return when a night begins and when it ends (not part of it), in UTC.

    It has 23 or 25 hours where clocks change in it.
    """
    begins, ends = (datetime.combine(day, NOON, zone) for day in (night - _DAY, night))
    return begins.astimezone(UTC), ends.astimezone(UTC)


def clock_minutes(times: "pd.Series[pd.Timestamp]", night: date, zone: ZoneInfo) -> Minutes:
    """Return how many whole minutes after its noon a night's times lie, by the clocks of `zone`.

    NEVER for none. Jobs begin by the clock: five in the morning is the same minute in a night in
    which clocks change. `times` are in UTC.
    """
    begins, ends = span(night, zone)
    noon = pd.Timestamp(datetime.combine(night - _DAY, NOON))
    if ends - begins == _DAY:
        passed = times - pd.Timestamp(begins)
    else:
        passed = times.dt.tz_convert(zone).dt.tz_localize(None) - noon
    return np.asarray((passed // _MINUTE).fillna(NEVER).clip(lower=NEVER), np.int16)


def at_clock_minute(minute: float, night: date, zone: ZoneInfo) -> datetime:
    """Return the time at which the clocks of `zone` show so many minutes after noon, in UTC.

    A time that the clocks skip counts as if they had not been changed yet; of one that comes twice
    the first counts.
    """
    shown = datetime.combine(night - _DAY, NOON) + timedelta(minutes=minute)
    return shown.replace(tzinfo=zone).astimezone(UTC)


def empty_rows() -> pd.DataFrame:
    """Return no rows, with the columns and dtypes of NIGHT_SCHEMA."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in NIGHT_SCHEMA.items()})


def rows(
    of: Span,
    versions: pd.DataFrame,
    uploads: pd.DataFrame,
    jobs: pd.DataFrame | None,
    *,
    uploads_at: datetime,
    metrics: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what became of each tenant in a night, with the columns of NIGHT_SCHEMA.

    `versions` and `uploads` have the columns of services.frames.data_versions and uploads,
    unfiltered; the tenants are those of these two. `jobs` has the columns of
    services.monitoring.JobsSnapshot.jobs, None where they were not read: then no job is counted.
    What came after the night is left out. `uploads_at` is when uploads were read. `metrics` has the
    columns of measured.texts, None where metric values were not read.
    """
    begins, ends = (pd.Timestamp(each) for each in of)
    codes = _codes(versions, uploads)
    known = versions[~(versions["data_version_date"] >= ends)]
    came = uploads[~(uploads["upload_time"] >= ends)]
    loaded = loaded_at(known, came, read_until=pd.Timestamp(uploads_at))
    latest = data_versions.latest(known).set_index("tenant_code").reindex(codes)
    rhythm = rhythms(known, loaded).reindex(codes)
    tonight = loaded[(loaded >= begins) & (loaded < ends)]
    its_uploads = came[came["upload_time"] >= begins]
    is_out = its_uploads["included"].eq(False).fillna(False)
    found = {
        "tenant_code": codes,
        "data_version": latest["data_version"],
        "version_at": latest["data_version_date"],
        # A deadline is met by the first: what comes again later takes nothing back.
        "loaded_at": tonight.groupby(known["tenant_code"]).min().reindex(codes),
        "upload_count": _count(its_uploads["tenant_code"], codes),
        "excluded_count": _count(its_uploads.loc[is_out, "tenant_code"], codes),
        **_of_jobs(jobs, codes, begins, ends),
        "due_at": rhythm["due_at"],
        "late_at": rhythm["late_at"],
        "metrics": pd.Series(pd.NA, codes, "str"),
    }
    seen = _night({name: found[name] for name in NIGHT_SCHEMA})
    return seen.assign(metrics=measured.of_night(seen, metrics))


def carried_on(before: pd.DataFrame, now: pd.DataFrame, *, with_jobs: bool) -> pd.DataFrame:
    """Return the rows of a night as seen now, with what was seen earlier and is not told any more.

    The API lists five uploads and enabled versions of a tenant, and a job is stuck only while it
    runs: what was once seen in a night has been in it. Without `with_jobs` jobs are counted as
    `before` has them. A tenant that is not listed any more is kept where something of it was seen,
    and is not due any more. Both have the columns of NIGHT_SCHEMA, as has what is returned.
    """
    gone = before[~before["tenant_code"].isin(now["tenant_code"]) & _saw_something(before)]
    none_due = pd.Series(pd.NaT, gone.index, NIGHT_SCHEMA["due_at"])
    gone = gone.assign(due_at=none_due, late_at=none_due)
    codes = pd.Index(now["tenant_code"])
    known = before.set_index("tenant_code").reindex(codes).reset_index(drop=True)
    seen = now.reset_index(drop=True)
    had_more = known["upload_count"].fillna(0) > seen["upload_count"]
    merged: dict[str, Any] = {
        **{name: _earlier(known[name], seen[name]) for name in ("began_at", "loaded_at")},
        **{
            name: seen[name].where(~had_more, known[name].fillna(0))
            for name in ("upload_count", "excluded_count")
        },
        **{name: seen[name] | known[name].eq(True).fillna(False) for name in _STICKY},
        # Of another version than the one they were read of they say nothing.
        "metrics": seen["metrics"].fillna(
            known["metrics"].where(known["data_version"] == seen["data_version"])
        ),
    }
    if not with_jobs:
        of_jobs = {name: known[name] for name in _OF_JOBS}
        merged |= {
            name: column if name == "failure" else column.fillna(0)
            for name, column in of_jobs.items()
        }
    carried = pd.concat([_night({**seen, **merged}), gone], ignore_index=True)
    return carried.sort_values("tenant_code", ignore_index=True).astype(NIGHT_SCHEMA)


def _saw_something(rows: pd.DataFrame) -> "pd.Series[bool]":
    counts = rows[["upload_count", *_OF_JOBS[:3]]].sum(axis=1)
    return rows["loaded_at"].notna() | (counts > 0) | rows[_STICKY].any(axis=1)


def _earlier(
    known: "pd.Series[pd.Timestamp]", seen: "pd.Series[pd.Timestamp]"
) -> "pd.Series[pd.Timestamp]":
    """Return the earlier of two times, or the one there is."""
    return seen.fillna(known).mask(known < seen, known)


def facts_carried_on(before: NightFacts, now: NightFacts) -> NightFacts:
    """Return the facts of a night as known now, with what was seen earlier in it.

    What is not known now is as it was.
    Its unusual deliveries are those of `now`: a delivery that grows may turn out to be usual.
    """
    left = [each for each in (before.budget_left, now.budget_left) if each is not None]
    return replace(
        now,
        without_credential=(
            before.without_credential if now.without_credential is None else now.without_credential
        ),
        connectors_read=(
            before.connectors_read if now.without_credential is None else now.connectors_read
        ),
        budget_left=min(left, default=None),
        operations=tuple(sorted({*before.operations, *now.operations})),
        lists_at=now.lists_at or before.lists_at,
        jobs_at=now.jobs_at or before.jobs_at,
        failures=before.failures if now.failures is None else now.failures,
        durations=before.durations if now.durations is None else now.durations,
        deliveries=before.deliveries if now.deliveries is None else now.deliveries,
    )


def unusual(found: Deliveries, of: Span) -> tuple[UnusualDelivery, ...]:
    """Return the unusual deliveries that arrived in a night, that of most tenants first."""
    begins, ends = (pd.Timestamp(each) for each in of)
    listed = found.rows
    is_here = (listed["arrived"] >= begins) & (listed["arrived"] < ends)
    chosen = listed[(listed["unusual"] > 0) & is_here].sort_values("unusual", ascending=False)
    tenants = found.uploads[found.uploads["delivery_id"].isin(chosen["delivery_id"])]
    codes = tenants.groupby("delivery_id")["tenant_code"].unique()
    reasons = found.reasons.groupby("delivery_id")["reason"].unique()
    return tuple(
        UnusualDelivery(
            delivery_id=str(delivery_id),
            arrived_at=arrived.to_pydatetime(),
            reasons=tuple(map(str, _of(reasons, delivery_id))),
            tenant_codes=tuple(sorted(map(str, _of(codes, delivery_id)))),
        )
        for delivery_id, arrived in zip(chosen["delivery_id"], chosen["arrived"], strict=True)
    )


def _of(by_delivery: pd.Series, delivery_id: object) -> Sequence[object]:
    found: Sequence[object] = by_delivery.get(delivery_id, ())
    return found


def _codes(*frames: pd.DataFrame) -> pd.Index:
    both = pd.concat([frame["tenant_code"] for frame in frames]).dropna()
    codes: pd.Index = pd.Index(sorted(both.unique()), dtype="str", name="tenant_code")
    return codes


def _count(of: "pd.Series[str]", codes: pd.Index) -> "pd.Series[int]":
    return of.value_counts().reindex(codes, fill_value=0)


def _of_jobs(
    jobs: pd.DataFrame | None, codes: pd.Index, begins: pd.Timestamp, ends: pd.Timestamp
) -> dict[str, Any]:
    if jobs is None:
        zeros = pd.Series(0, codes)
        no = zeros.astype(bool)
        counts = dict.fromkeys(_OF_JOBS[:3], zeros)
        return {
            **counts,
            "began_at": pd.Series(pd.NaT, codes, dtype=NIGHT_SCHEMA["began_at"]),
            "failure": pd.Series(pd.NA, codes, "str"),
            **dict.fromkeys(_STICKY, no),
        }
    begun = jobs[jobs["start_time"] < ends]
    its = begun[begun["start_time"] >= begins]
    which = {
        "jobs_succeeded": its["status"] == Status.SUCCEEDED,
        "jobs_failed": its["status"].isin(FAILURES),
    }
    # One that is stuck began a night or more ago: it runs in this one as well.
    live = begun.loc[begun["status"].isin(LIVE), "tenant_code"]
    slow = {"is_stuck": STUCK, "is_late": LATE}
    return {
        **{name: _count(its.loc[rows, "tenant_code"], codes) for name, rows in which.items()},
        "began_at": its.groupby("tenant_code")["start_time"].min().reindex(codes),
        "jobs_running": _count(live, codes),
        "failure": _main_failure(its).reindex(codes),
        **{
            name: pd.Series(codes.isin(begun.loc[begun["mark"] == mark, "tenant_code"]), codes)
            for name, mark in slow.items()
        },
    }


def _main_failure(jobs: pd.DataFrame) -> "pd.Series[str]":
    """Return by tenant the key of the pattern that most of its failures follow."""
    keys = failures.keys(jobs)
    by = pd.DataFrame({"tenant_code": jobs["tenant_code"].reindex(keys.index), "key": keys})
    counts = by.groupby(["tenant_code", "key"]).size().rename("jobs").reset_index()
    # The same of two that are as many: what is read again must not differ.
    most = counts.sort_values(["tenant_code", "jobs", "key"], ascending=[True, False, True])
    return most.drop_duplicates("tenant_code").set_index("tenant_code")["key"]


def _night(columns: dict[Any, Any]) -> pd.DataFrame:
    """Return columns of one length as rows of a night, whatever their index and dtypes."""
    return pd.DataFrame(
        {
            name: pd.Series(np.asarray(column) if kind == "bool" else column.array, dtype=kind)
            for (name, kind), column in zip(
                NIGHT_SCHEMA.items(), (columns[name] for name in NIGHT_SCHEMA), strict=True
            )
        }
    )
