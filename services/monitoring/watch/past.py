"""The past of a sandbox, given as observed: its nights before anybody watched.

A sandbox begins with a past that nobody saw. What its API lists of it ends after five versions and
uploads, so that it tells the rest through its control API, in the same shapes.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from services.frames import data_versions, job_tree, jobs, uploads
from services.monitoring import deliveries

from . import night, totals
from .observation import NightFacts, Observation

NIGHTS: Final = 90
LATEST: Final = 30
"""So many nights, which most screens show, are given before those that are older."""
_LISTED: Final = 5  # versions and uploads of a tenant, as many as the API lists
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)

Answer = Mapping[str, Any]
Ask = Callable[[datetime, datetime], Answer]
"""Asks a sandbox what happened between two times; raises OSError or ValueError."""
Past = Callable[[datetime], Iterator[Observation]]
"""Gives the nights before a time, each when it is asked for: the latest, then those before."""


def of_sandbox(ask: Ask, zone: ZoneInfo) -> Past:
    """Return the past of a sandbox, without the night before the present one: that can be read."""

    def tell(now: datetime) -> Iterator[Observation]:
        present = night.night_of(now, zone)
        for first, end in ((LATEST, 1), (NIGHTS, LATEST)):
            yield from _nights(ask, zone, [present - days * _DAY for days in range(first, end, -1)])

    return tell


def _nights(ask: Ask, zone: ZoneInfo, nights: list[date]) -> Iterator[Observation]:
    """Give nights in their order, with what the API would have listed in each."""
    oldest, _ = night.span(nights[0], zone)
    before = ask(_LONG_AGO, oldest)
    versions, came = _versions(before), _uploads(before)
    for which in nights:
        begins, ends = span = night.span(which, zone)
        answer = ask(begins, ends)
        versions = _newest(pd.concat([versions, _versions(answer)]), "data_version_date")
        brought = _uploads(answer)
        came = _newest(pd.concat([came, brought]), "upload_time")
        began = _jobs(answer)
        rows = night.rows(
            span, _of_all(versions, answer["tenantCodes"]), came, began, uploads_at=ends
        )
        found = deliveries.find(
            brought,
            job_tree.roll_up(job_tree.with_missing_parents(began)),
            jobs_since=begins,
            now=ends,
        )
        facts = NightFacts(
            lists_at=ends,
            jobs_at=ends,
            is_given=True,
            failures=totals.failures_of(began, rows["tenant_code"], span),
            durations=totals.durations_of(began, rows["tenant_code"], span),
            deliveries=totals.delivery_sizes_of(found, span),
        )
        yield Observation(which, ends, rows, facts)


def _jobs(answer: Answer) -> pd.DataFrame:
    """Return the jobs that began, with what would have been observed of them."""
    began = jobs.from_job_status(answer["jobs"])
    ended_at = pd.to_datetime(began["job_id"].map(answer["ends"]), utc=True, format="ISO8601")
    ended_at = ended_at.dt.as_unit("ms")
    return began.assign(
        mark="",
        last_live_at=ended_at,
        ended_at=ended_at,
        end_seen=ended_at.notna(),
        seconds=(ended_at - began["start_time"]).dt.total_seconds(),
    )


def _versions(answer: Answer) -> pd.DataFrame:
    return data_versions.to_frame([answer["versions"]])


def _uploads(answer: Answer) -> pd.DataFrame:
    return uploads.to_frame([answer["uploads"]])


def _newest(rows: pd.DataFrame, time: str) -> pd.DataFrame:
    """Return what the API would list of each tenant, the newest first."""
    newest_first = rows.sort_values(time, ascending=False, kind="stable")
    return newest_first.groupby("tenant_code").head(_LISTED).reset_index(drop=True)


def _of_all(versions: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    """Return the versions and, as the API does, a row for each tenant that has none."""
    known = set(versions["tenant_code"])
    none = pd.DataFrame({"tenant_code": pd.Series(sorted(set(codes) - known), dtype="str")})
    return pd.concat([versions, none], ignore_index=True).astype(versions.dtypes)
