"""What jobs were observed to be, from one reading to the next.

`ledger.job_observations.record(identity, jobs, at)` after every reading of jobs; `of` gives back
what was observed, for `services.monitoring`. Nobody but the dashboard remembers any of it: the API
tells what a job is, not when it became so.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import numpy as np
import pandas as pd
import sqlalchemy as sa

from . import database, truncation
from .tables import JOB_OBSERVATION_TEXTS, job_observation

# A difference in one of these makes a new observation.
_COMPARED: Final = ("status_word", "stage", "data_version", "message")
_TEXTS: Final = ("job_id", *JOB_OBSERVATION_TEXTS)
_NAMES: Final = ("job_type", "job_id")  # an id alone may be that of jobs of several types
_TIMES: Final = ("start_time", "first_seen", "last_seen", "end_time")
_Key = TypeVar("_Key")
_UTC_TIME: Final = pd.DatetimeTZDtype("ms", "UTC")
_NEWEST_FIRST: Final = (job_observation.c.last_seen.desc(), job_observation.c.id.desc())
_SLICE: Final = 1000  # keys in one question, well below what any database takes
# The starts a few open tabs show; each may hold the rows of 5,000 jobs.
_FAMILIES_KEPT: Final = 4
_WRITERS_LOCK: Final = 7_418_524  # any number, the same for everybody who writes observations


class JobObservations:
    """What was observed of jobs: `identity` is whose session read them.

    Every method raises LedgerTrouble when the database cannot do its part. All who write stand in
    one line, whatever their process, so that two who see the same change write it down once.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._families: dict[tuple[str, frozenset[str]], tuple[object, pd.DataFrame]] = {}

    def record(self, identity: str, jobs: pd.DataFrame, at: datetime) -> None:
        """Record new, live and changed jobs of one reading.

        `jobs` has the columns of services.frames.jobs.SCHEMA, `at` is when it was read. A job
        whose status word, stage, data version or message differs from its newest observation gets a
        new one, seen first and last at `at`; of any other, the newest was last seen at `at`. What
        is missing now but was known is no difference: not every endpoint tells everything. Jobs
        read before they were last seen change nothing any more. Jobs without an id, or with one
        longer than truncation.JOB_ID_LIMIT, are passed over; a job is its type and its id, and of
        one given twice the last counts.
        """
        observed = _observed(jobs)
        seen_at = _milliseconds(at)
        # Of two processes whose readings overlap, the one that began later may have been answered
        # sooner: the ledger, which knows no status, keeps Running after Succeeded then. Nothing is
        # called done by that which is not, and the next reading puts it right: an end that nobody
        # sees any more is at worst dated later. In one process readings do not overlap: JobMonitor.
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            newest = _newest(connection, identity, observed.index.unique("job_id"))
            compared = observed.join(newest)
            differs = _differs(compared)
            same = compared.loc[~differs & (compared["last_seen"] < seen_at), "id"]
            for some in _slices(same.astype("int64").tolist()):
                seen_again = job_observation.update().where(job_observation.c.id.in_(some))
                connection.execute(seen_again.values(last_seen=seen_at))
            new = compared[differs & ~(compared["last_seen"] > seen_at)]
            if len(new):
                connection.execute(job_observation.insert(), _new_rows(new, identity, seen_at))

    def of(
        self,
        identity: str,
        *,
        since: datetime,
        job_ids: Collection[str] | None = None,
        limit: int = 200_000,
    ) -> pd.DataFrame:
        """Return what was last seen at `since` or later, of these jobs or of all, oldest first.

        Columns: job_id, tenant_code, job_type, job_type_word, status, status_word, stage,
        data_version, message, parent_job_id str; start_time, first_seen, last_seen, end_time (when
        it ended, where `note_ends` was told) datetime64[ms, UTC]. Of more than `limit` observations
        the newest are returned. Those of one job stand in the order in which they came about.
        """
        columns = (job_observation.c[name] for name in (*_TEXTS, *_TIMES, "id"))
        mine = sa.select(*columns).where(job_observation.c.identity == identity)
        first = _milliseconds(since)
        with database.transaction(self._engine) as connection:
            if job_ids is None:
                newest = mine.where(job_observation.c.last_seen >= first).order_by(*_NEWEST_FIRST)
                rows = list(connection.execute(newest.limit(limit)).all())
            else:
                # Named alone, the time would lead through all jobs instead of to these.
                lately = mine.where(job_observation.c.last_seen + 0 >= first)
                slices = (
                    lately.where(job_observation.c.job_id.in_(some))
                    for some in _slices(set(job_ids))
                )
                rows = [row for one in slices for row in connection.execute(one)]
                rows = sorted(rows, key=lambda row: (-row.last_seen, -row.id))[:limit]
        return _frame(rows[::-1])

    def note_ends(self, identity: str, ends: Mapping[tuple[str, str], datetime]) -> None:
        """Note when jobs ended that were seen to have ended, by their type and id.

        It stands with the newest observation of each: a job without any is passed over.
        """
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            for (job_type, job_id), at in ends.items():
                own = job_observation.c
                newest = sa.select(sa.func.max(own.id)).where(
                    own.identity == identity, own.job_id == job_id, own.job_type == job_type
                )
                noted = job_observation.update().where(own.id == connection.scalar(newest))
                connection.execute(noted.values(end_time=_milliseconds(at)))

    def family(self, identity: str, job_ids: Collection[str]) -> pd.DataFrame:
        """Return what was last seen of these jobs and of all below them, each job once.

        A parent is named by its id alone: jobs of other types that share one come along. Columns as
        `of` returns them, of the newest observation of each. The frame is shared: not to be written
        into.
        """
        asked = (identity, frozenset(job_ids))
        with database.transaction(self._engine) as connection:
            newest = [connection.scalar(question) for question in _whats_new(identity)]
            at, found = self._families.get(asked, (None, None))
            # Tens of thousands of jobs would be read again for every press on a screen.
            if found is None or at != newest:
                found = _family(connection, *asked)
                kept = [*self._families.items()][1 - _FAMILIES_KEPT :]
                self._families = {**dict(kept), asked: (newest, found)}
        return found

    def prune(self, older_than: datetime) -> int:
        """Delete what was last seen before then; return how many rows."""
        outdated = job_observation.delete().where(
            job_observation.c.last_seen < _milliseconds(older_than)
        )
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            return connection.execute(outdated).rowcount


def nothing_seen() -> pd.DataFrame:
    """Return no observations, with the columns and dtypes of `JobObservations.of`."""
    return _frame([])


def _observed(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return what to keep by type and id: the other texts, "" where missing, and start_time."""
    kept = jobs[jobs["job_id"].str.len() <= truncation.JOB_ID_LIMIT]
    texts = {
        name: truncation.kept_column(name, kept[name].astype("str").fillna("").tolist())
        for name in JOB_OBSERVATION_TEXTS
    }
    texts["job_id"] = [truncation.storable(each) for each in kept["job_id"]]
    observed = pd.DataFrame(texts, dtype=object).assign(start_time=kept["start_time"].array)
    return observed.drop_duplicates([*_NAMES], keep="last").set_index([*_NAMES])


def _milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)


def _newest(connection: sa.Connection, identity: str, job_ids: pd.Index) -> pd.DataFrame:
    """Return the newest by type and id: id, number, last_seen, what is compared as `…_known`."""
    known = [job_observation.c[name].label(f"{name}_known") for name in _COMPARED]
    others = (job_observation.c[name] for name in (*_NAMES, "id", "number", "last_seen"))
    columns = [*others, *known]
    asked = sa.select(*columns).where(job_observation.c.identity == identity, _is_newest())
    rows = [
        row
        for some in _slices(job_ids.tolist())
        for row in connection.execute(asked.where(job_observation.c.job_id.in_(some))).all()
    ]
    newest = pd.DataFrame(
        [tuple(row) for row in rows], columns=[each.name for each in columns], dtype=object
    )
    return newest.set_index([*_NAMES])


def _whats_new(identity: str) -> tuple[sa.Select[Any], ...]:
    """Ask for what is another once anything more was seen: by anybody, and when by this one."""
    last_reading = sa.select(sa.func.max(job_observation.c.last_seen)).where(
        job_observation.c.identity == identity
    )
    return sa.select(sa.func.max(job_observation.c.id)), last_reading


def _family(connection: sa.Connection, identity: str, job_ids: Collection[str]) -> pd.DataFrame:
    mine = sa.select(*(job_observation.c[name] for name in (*_TEXTS, *_TIMES)))
    mine = mine.where(job_observation.c.identity == identity, _is_newest())
    rows = [
        row
        for some in _slices(job_ids)
        # One condition for both would lead through all jobs.
        for chosen in (some, _below(identity, some))
        for row in connection.execute(mine.where(job_observation.c.job_id.in_(chosen)))
    ]
    return _frame(rows).drop_duplicates([*_NAMES], ignore_index=True)


def _is_newest() -> sa.ColumnElement[bool]:
    other = job_observation.alias().c
    numbers = sa.select(sa.func.max(other.number)).where(
        other.identity == job_observation.c.identity,
        *(other[name] == job_observation.c[name] for name in _NAMES),
    )
    return job_observation.c.number == numbers.scalar_subquery()


def _below(identity: str, job_ids: Collection[str]) -> sa.Select[Any]:
    """Select the ids of the jobs below these, at whatever distance."""
    own = job_observation.alias().c
    children = sa.select(own.job_id).where(own.identity == identity, own.parent_job_id.in_(job_ids))
    below = children.cte("below", recursive=True)
    deeper = sa.select(own.job_id).where(
        own.identity == identity, own.parent_job_id == below.c.job_id
    )
    # A union leaves out what is there already, so that jobs in a ring of parents end it, too.
    return sa.select(below.union(deeper).c.job_id)


def _differs(compared: pd.DataFrame) -> "pd.Series[bool]":
    """Return which jobs are unlike their newest observation, or have none."""
    differs = compared["id"].isna()
    for name in _COMPARED:
        now = compared[name]
        differs |= (now != "") & (now != compared[f"{name}_known"])
    return differs


def _new_rows(new: pd.DataFrame, identity: str, seen_at: int) -> list[dict[str, Any]]:
    numbers = new["number"].astype("Float64").fillna(-1).astype("int64") + 1
    new = new.reset_index()
    columns = {
        "number": numbers.tolist(),
        **{name: new[name].tolist() for name in _TEXTS},
        "start_time": _whole_milliseconds(new["start_time"]),
    }
    always = {"identity": identity, "first_seen": seen_at, "last_seen": seen_at}
    names = tuple(columns)
    return [
        dict(zip(names, values, strict=True)) | always
        for values in zip(*columns.values(), strict=True)
    ]


def _whole_milliseconds(times: "pd.Series[pd.Timestamp]") -> list[int | None]:
    numbers = times.to_numpy("datetime64[ms]").view(np.int64).tolist()
    return [
        number if is_known else None
        for number, is_known in zip(numbers, times.notna(), strict=True)
    ]


def _slices(keys: Collection[_Key]) -> Iterator[list[_Key]]:
    listed = list(keys)
    return (listed[start : start + _SLICE] for start in range(0, len(listed), _SLICE))


def _frame(rows: Sequence[sa.Row[Any]]) -> pd.DataFrame:
    columns = {name: [row[place] for row in rows] for place, name in enumerate((*_TEXTS, *_TIMES))}
    texts = {
        name: pd.Series([text or None for text in columns[name]], dtype="str") for name in _TEXTS
    }
    times = {name: pd.Series(_instants(columns[name]), dtype=_UTC_TIME) for name in _TIMES}
    return pd.DataFrame(texts | times, copy=False)


def _instants(numbers: Sequence[int | None]) -> Any:
    floats = np.array(numbers, dtype=np.float64)  # milliseconds since 1970 fit exactly
    missing = np.isnan(floats)
    whole = np.where(missing, 0, floats).astype(np.int64).view("datetime64[ms]")
    return pd.DatetimeIndex(np.where(missing, np.datetime64("NaT", "ms"), whole)).tz_localize("UTC")
