"""The past of a sandbox, given as observed: its nights before anybody watched.

A sandbox begins with a past that nobody saw. What its API lists of it ends after five versions and
uploads, so that it tells the rest through its control API, in the same shapes.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from services.frames import data_versions, jobs, uploads

from . import night
from .observation import NightFacts, Observation

NIGHTS: Final = 90
_LISTED: Final = 5  # versions and uploads of a tenant, as many as the API lists
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)

Answer = Mapping[str, Any]
Ask = Callable[[datetime, datetime], Answer]
"""Asks a sandbox what happened between two times; raises OSError or ValueError."""
Past = Callable[[datetime], Iterator[Observation]]
"""Gives the nights before a time, oldest first; each is read when it is asked for."""


def of_sandbox(ask: Ask, zone: ZoneInfo) -> Past:
    """Return the past of a sandbox, without the night before the present one: that can be read."""

    def tell(now: datetime) -> Iterator[Observation]:
        present = night.night_of(now, zone)
        oldest, _ = night.span(present - NIGHTS * _DAY, zone)
        before = ask(_LONG_AGO, oldest)
        versions, came = _versions(before), _uploads(before)
        for days in range(NIGHTS, 1, -1):
            which = present - days * _DAY
            begins, ends = span = night.span(which, zone)
            answer = ask(begins, ends)
            versions = _newest(pd.concat([versions, _versions(answer)]), "data_version_date")
            came = _newest(pd.concat([came, _uploads(answer)]), "upload_time")
            rows = night.rows(
                span,
                _of_all(versions, answer["tenantCodes"]),
                came,
                jobs.from_job_status(answer["jobs"]).assign(mark=""),
                uploads_at=ends,
            )
            facts = NightFacts(lists_at=ends, jobs_at=ends, is_given=True)
            yield Observation(which, ends, rows, facts)

    return tell


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
