"""What was read of jobs beyond the list of a window: single ones, and what is below some."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import pandas as pd

from services.frames import ENDED, JobType, job_readings, jobs
from services.frames.membership import is_among
from services.visier import Client, VisierError

from . import sample_endpoints
from .sample_endpoints import LISTED_BELOW, UNKNOWN_ID, Begun

# What is below a job is read along with a poll, but not with every one.
READ_AGAIN: Final = timedelta(minutes=1)
# Jobs move on: what was read of a list longer ago is read again with the rest of it.
BEGUN_KEPT: Final = timedelta(minutes=5)
# The batches of a few days; each may hold 5,000 jobs.
TREES_KEPT: Final = 24
# Single jobs: those of some open tabs and all that are tracked.
FETCHED_KEPT: Final = 200


@dataclass(frozen=True, eq=False)
class JobFetch:
    """Jobs, with the columns of services.frames.jobs.SCHEMA, and when they were read."""

    jobs: pd.DataFrame
    at: datetime

    @property
    def may_change(self) -> bool:
        """Whether any of them may still change, or come to be known."""
        return self.jobs.empty or not self.jobs["status"].isin(ENDED).all()


def merged(fetches: Iterable[JobFetch]) -> pd.DataFrame:
    """Return each job once, as the latest fetch tells."""
    oldest_first = sorted(fetches, key=lambda fetch: fetch.at)
    return job_readings.combine(fetch.jobs for fetch in oldest_first)


class _Bounded(OrderedDict[str, JobFetch]):
    """Fetches by a job's id or key, of which the oldest are let go."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, name: str, fetch: JobFetch) -> None:
        self[name] = fetch
        self.move_to_end(name)
        while len(self) > self._most:
            self.popitem(last=False)


class FetchCache:
    """Fetches of single jobs and of trees, kept for all windows.

    A single job is asked for by its id, of whatever type it is; a tree stands below one job, that a
    key or, while its type is not known, an id names. What reads gives the calls it took, and raises
    what reading raises.
    """

    def __init__(self) -> None:
        self._single = _Bounded(FETCHED_KEPT)
        self._trees = _Bounded(TREES_KEPT)
        self._kinds: dict[str, JobType] = {}
        self._lists_read: dict[str, frozenset[JobType]] = {}
        self._begun: OrderedDict[str, Begun] = OrderedDict()

    def with_window(self, pieces: Iterable[JobFetch], now: datetime) -> pd.DataFrame:
        """Return the jobs of a window, and with them single ones and those of their trees.

        Of jobs that the window does not list, a tree tells only what cannot be out of date.
        """
        listed = [*pieces, *self._single.values()]
        if not self._trees:
            return merged(listed)
        known = merged(listed)
        roots = set(known["job_key"])
        trees = [
            tree
            for key, tree in self._trees.items()
            if not roots.isdisjoint((key, jobs.key_of(JobType.OTHER, jobs.kind_and_id(key)[1])))
        ]
        return merged([*listed, *(_current(tree, known["job_key"], now) for tree in trees)])

    def trees(self, job_ids: Iterable[str]) -> list[JobFetch]:
        """Return what was read below these jobs."""
        keys = map(self._key, job_ids)
        return [self._trees[key] for key in keys if key in self._trees]

    def has_lists(self, name: str, kinds: Collection[JobType]) -> bool:
        """Say whether the lists of these types below a job were read."""
        key = self._key(name)
        return key in self._trees and self._lists_read.get(key, frozenset()).issuperset(kinds)

    def fetch(self, client: Client, job_id: str, now: datetime) -> int:
        """Read one job by its id; one that Visier does not know leaves an empty fetch.

        Data and Job Handling API, GET /v1/op/job-status/jobs/{jobId}.
        """
        before = self._single.get(job_id)
        # Whatever comes of it, it is not asked for again at once.
        self._single.keep(
            job_id, JobFetch(before.jobs if before else job_readings.combine([]), now)
        )
        try:
            found = jobs.from_job_id_status(client.job_id_status(job_id), job_id)
        except UNKNOWN_ID:
            found = job_readings.combine([])
        self._single.keep(job_id, JobFetch(found, now))
        return 1

    def fetch_stale(self, client: Client, job_ids: Iterable[str], now: datetime) -> int:
        """Read these jobs by their ids, each once and then every minute while it may change."""
        stale = [job_id for job_id in job_ids if _is_stale(self._single.get(job_id), now)]
        return sum(self.fetch(client, job_id, now) for job_id in stale)

    def fetch_since(self, client: Client, job_ids: Mapping[str, datetime], now: datetime) -> int:
        """Read these jobs by their ids, each unless it was read after the time given with it."""
        unread = [
            job_id
            for job_id, at in job_ids.items()
            if (read := self._single.get(job_id)) is None or read.at < at
        ]
        return sum(self.fetch(client, job_id, now) for job_id in unread)

    def read_trees(self, client: Client, job_ids: Iterable[str], now: datetime) -> int:
        """Read the trees of these jobs through the sample endpoints, while they may change."""
        calls = 0
        for job_id in job_ids:
            known = self._trees.get(self._key(job_id))
            if known is None or (len(known.jobs) and known.may_change) or _is_stale(known, now):
                calls += self._read_tree(client, job_id, now)
        return calls

    def read_lists(
        self,
        client: Client,
        name: str,
        known: pd.DataFrame,
        now: datetime,
        kinds: Collection[JobType] = tuple(JobType),
    ) -> int:
        """Read those lists of these types below a job of `known` that may hold something new."""
        by_name, job_id = jobs.kind_and_id(name)
        types = {by_name, *jobs.named(known, name)["job_type"]}
        kind = next((kind for kind in LISTED_BELOW if kind in types), None)
        if kind is None:
            return self._read_tree(client, job_id, now)
        key = jobs.key_of(kind, job_id)
        before, read = self._trees.get(key), self._lists_read.get(key, frozenset())
        moved = _lists_moved(before, known) if before else frozenset()
        wanted = LISTED_BELOW[kind].intersection(kinds) & ((LISTED_BELOW[kind] - read) | moved)
        if not wanted:
            return 0
        with self._lists_begun(job_id, now) as begun:
            tree = sample_endpoints.read_below(client, job_id, kind, wanted, begun=begun, now=now)
        fetched = JobFetch(tree.jobs, tree.as_of)
        both = JobFetch(merged([before, fetched]), now) if before else fetched
        self._trees.keep(key, both)
        self._kinds[job_id] = kind
        self._lists_read[key] = read | wanted
        return tree.calls

    def _read_tree(self, client: Client, job_id: str, now: datetime) -> int:
        with self._lists_begun(job_id, now) as begun:
            tree = sample_endpoints.read_tree(client, job_id, self._kinds.get(job_id), begun, now)
        if tree.kind:
            self._kinds[job_id] = tree.kind
            self._lists_read[self._key(job_id)] = LISTED_BELOW[tree.kind]
        self._trees.keep(self._key(job_id), JobFetch(tree.jobs, tree.as_of))
        return tree.calls

    def _key(self, name: str) -> str:
        """Return the key under which the tree of a job is kept, by its key or its id."""
        kind, job_id = jobs.kind_and_id(name)
        is_typed = kind is not JobType.OTHER
        return name if is_typed else jobs.key_of(self._kinds.get(job_id, kind), job_id)

    @contextmanager
    def _lists_begun(self, job_id: str, now: datetime) -> Iterator[Begun]:
        """Give the lists below a job of which reading broke off just now.

        Where it breaks off again for an error of Visier's they stay for the next try.
        """
        while len(self._begun) >= TREES_KEPT:
            self._begun.popitem(last=False)
        begun = self._begun.setdefault(job_id, {})
        for place in [place for place, each in begun.items() if now - each.as_of > BEGUN_KEPT]:
            del begun[place]
        try:
            yield begun
        except VisierError:
            raise
        except Exception:
            # What was read cannot be made anything of.
            self._begun.pop(job_id, None)
            raise
        self._begun.pop(job_id, None)


def _current(tree: JobFetch, listed: "pd.Series[str]", now: datetime) -> JobFetch:
    if not _is_stale(tree, now):
        return tree
    return JobFetch(tree.jobs[is_among(tree.jobs["job_key"], listed)], tree.at)


def _is_stale(known: JobFetch | None, now: datetime) -> bool:
    return known is None or (known.may_change and now - known.at >= READ_AGAIN)


def _lists_moved(before: JobFetch, known: pd.DataFrame) -> frozenset[JobType]:
    """Return the types of which a job below is not, or may soon not be, as it was listed."""
    words = before.jobs.drop_duplicates("job_key").set_index("job_key")["status_word"]
    above = is_among(known["parent_job_id"], before.jobs["job_id"])
    family = known[is_among(known["job_key"], words.index) | above]
    moved = family["job_key"].map(words).ne(family["status_word"]) | ~family["status"].isin(ENDED)
    # job-status tells all there is to know of a receiving job.
    return frozenset(map(JobType, family.loc[moved, "job_type"].unique())) - {JobType.RECEIVING}
