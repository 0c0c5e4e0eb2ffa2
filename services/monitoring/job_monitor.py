"""Polling jobs: one snapshot for all tabs of one identity, read again no faster than it pays.

A `JobMonitor` serves everybody who is signed in as the same user with the same key to the same
tenant. It is asked, it does not run by itself: while no tab is open, nothing is read.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import pandas as pd

from services.clock import CLOCK, LONG_AGO
from services.frames import ENDED, JobType, UnexpectedResponse, job_readings, job_tree
from services.frames.membership import is_among
from services.ledger import TrackedJob
from services.visier import Budget, Client, InvalidArgument, VisierError

from . import listing
from .circuit_breaker import CircuitBreaker
from .fetch_cache import FetchCache, JobFetch, merged
from .job_history import JobHistory
from .older import Older
from .pushed_jobs import PushedJobs
from .snapshots import FAST, JobsSnapshot, affordable_every, pace
from .touched import Touched
from .views import View, Views
from .windows import Window

# A right that was given meanwhile is noticed, and a refusal is no call every five seconds.
REFUSED_FOR: Final = timedelta(minutes=10)
# A new job can take minutes to be listed.
LISTED_WITHIN: Final = timedelta(minutes=5)
# Somebody whose stages were on screen may come back to them; after that nobody reads along.
FOLLOWED_FOR: Final = timedelta(minutes=3)
# Each costs a call or two: the newest ones are those that people follow.
TRACKED_READ: Final = 20
# One call lists a day of jobs: of more than these it costs less than a call each.
PUSHED_READ: Final = 3
_COMPARED: Final = [
    "job_key",
    "status_word",
    "stage",
    "data_version",
    "message",
    "parent_job_id",
    "total_jobs_dispatched",
    "mark",
]


class Lock(Protocol):
    """What `threading.RLock` makes."""

    def acquire(self, blocking: bool = ...) -> bool:
        """Take it, after waiting for it unless told not to; say whether that was so."""

    def release(self) -> None:
        """Give it back."""

    def __enter__(self) -> bool: ...

    def __exit__(self, *_: object) -> None: ...


class JobMonitor:
    """The shared snapshots of one identity; safe to use from any number of threads.

    `now` gives the time with its zone; `lock` is held while one reads, again by who holds it. The
    client that reads is that of whoever asks. Everything but `poll` raises the errors of
    services.visier and services.frames.
    """

    def __init__(
        self,
        history: JobHistory,
        *,
        now: Callable[[], datetime] = CLOCK.now,
        lock: Lock | None = None,
    ) -> None:
        self._history = history
        self._now = now
        self._lock = lock or threading.RLock()
        self._breaker = CircuitBreaker(now)
        self._views = Views()
        self._cache = FetchCache()
        self._older = Older()
        self._touched = Touched()
        self._pushed = PushedJobs()
        self._followed: dict[str, datetime] = {}
        self._refusal = ""
        self._refused_until = self._changed_at = LONG_AGO

    def snapshot(self, client: Client, window: Window, *, older: bool = False) -> JobsSnapshot:
        """Return the snapshot that is kept, or take the first.

        With `older`, what started before the window and still runs is read as well. What is kept
        is returned at once, whoever polls meanwhile: a page would stand still for as long.
        """
        if (kept := self._still_good(window, older=older)) is not None:
            return kept
        with self._lock:
            than = self._now() if self._lacks_older(older=older) else self._changed_at
            return self.refresh(client, window, than=than, older=older)

    def _still_good(self, window: Window, *, older: bool) -> JobsSnapshot | None:
        kept = self._views.of(window).snapshot
        is_good = kept is not None and kept.as_of > self._changed_at
        return kept if is_good and not self._lacks_older(older=older) else None

    def _lacks_older(self, *, older: bool) -> bool:
        return older and not (self._older.was_asked or self._refusal)

    def kept(self, window: Window) -> JobsSnapshot | None:
        """Return the newest snapshot without a call, and without waiting for whoever reads one."""
        return self._views.snapshot(window)

    @property
    def changed_at(self) -> datetime:
        """When something was changed last: `snapshot` reads again what was read before."""
        return self._changed_at

    def refresh(
        self,
        client: Client,
        window: Window,
        *,
        than: datetime,
        whole: bool = False,
        older: bool = False,
    ) -> JobsSnapshot:
        """Read again unless somebody has after that time; `whole` reads every part anew.

        `older` is as in `snapshot`.
        """
        view = self._views.of(window)
        with self._lock:
            if view.snapshot is not None and view.snapshot.as_of > than:
                return view.snapshot
            if whole:
                self._refused_until = LONG_AGO
                # One that broke off goes on; until it is whole, what was read before it stays.
                if not any(piece.read_at > than for piece in view.pieces):
                    view.before, view.pieces = view.pieces, []
            return self._read(client, window, view, older=older)

    def poll(
        self, client: Client, window: Window, *, follow: str = "", older: bool = False
    ) -> JobsSnapshot:
        """Return the newest snapshot; poll again when that is due and nobody else is at it.

        `follow` is the key or the id of a dispatching or receiving job whose lists are to be read
        along. Does not raise once there is a snapshot: why reading failed is its `trouble`. `older`
        is as in `snapshot`.
        """
        if follow:
            self._followed[follow] = self._now()
        view = self._views.of(window)
        if view.snapshot is None:
            return self.snapshot(client, window, older=older)
        budget = client.budget()
        now, due = self._now(), view.tried_at + pace(view.snapshot, budget)
        pushed = self._unread(view) if now < due else {}
        if pushed:
            due = min(due, _due_of_pushed(view, len(pushed), view.snapshot, budget))
        # Whoever holds the lock is reading already: a tab that waited for it would only read again.
        if now < due or not self._lock.acquire(blocking=False):
            return view.snapshot
        try:
            if 0 < len(pushed) <= PUSHED_READ:
                return self._read_pushed(client, view, view.snapshot, pushed)
            return self._take_turn(client, window, view, older=older)
        except (VisierError, UnexpectedResponse) as error:
            view.snapshot = replace(view.snapshot, trouble=str(error))
            return view.snapshot
        finally:
            self._lock.release()

    def read_below(
        self,
        client: Client,
        window: Window,
        names: Iterable[str],
        kinds: Collection[JobType] = tuple(JobType),
    ) -> JobsSnapshot:
        """Read the lists of these types below jobs, and return the snapshot with what they tell.

        `names` are keys or ids of jobs.
        """
        with self._lock:
            snapshot, now = self.snapshot(client, window), self._now()
            read = self._cache.read_lists
            calls = sum(read(client, name, snapshot.jobs, now, kinds) for name in names)
            return self._publish(self._views.of(window), calls, now, as_of=snapshot.as_of)

    def has_read(self, name: str, kinds: Collection[JobType]) -> bool:
        """Say whether the lists of these types below a job, by its key or id, were read."""
        return self._cache.has_lists(name, kinds)

    def fetch(self, client: Client, window: Window, job_ids: Iterable[str]) -> JobsSnapshot:
        """Read single jobs, whenever they started, and return the snapshot with them."""
        with self._lock:
            now, view = self._now(), self._views.of(window)
            calls = sum(self._cache.fetch(client, id_, now) for id_ in job_ids)
            as_of = view.snapshot.as_of if view.snapshot else None
            return self._publish(view, calls, now, as_of)

    def track(self, job_id: str, note: str) -> None:
        """Have a job shown whatever the window; raises services.ledger.LedgerTrouble."""
        self._history.track(job_id, self._now(), note)
        self.expect_change()

    def untrack(self, job_id: str) -> None:
        """Let go of a tracked job; raises services.ledger.LedgerTrouble."""
        self._history.untrack(job_id)
        self.expect_change()

    def tracked(self) -> list[TrackedJob]:
        """Return the tracked jobs, newest first; none where they cannot be read."""
        nothing: list[TrackedJob] = []
        return self._breaker.ask(lambda: self._history.tracked(TRACKED_READ), nothing)

    def baseline_stats(self) -> pd.DataFrame:
        """Return how long jobs were seen to take, as `durations.baseline_stats` does."""
        return self._history.baseline_stats()

    def expect_change(self, job_ids: Iterable[str] = ()) -> None:
        """Have every window read anew when it is asked for next: something was changed.

        Jobs that were touched are read again with every poll until they have ended, for a while.
        """
        self._changed_at = self._now()
        self._touched.add(job_ids, self._changed_at)

    def push(self, job_ids: Collection[str], ends: Mapping[str, datetime]) -> None:
        """Have jobs read by the next poll that an event of Visier has named just now.

        `ends` says when which of them ended, as the event tells: it is recorded with the end once
        that was read.
        """
        self._pushed.add(job_ids, ends, self._now())

    def awaits_pushed(self, window: Window) -> bool:
        """Say whether a job that an event has named was not read again in this window."""
        return bool(self._unread(self._views.of(window)))

    def _unread(self, view: View) -> dict[str, datetime]:
        # Where job-status is refused it is so for single jobs as well.
        return {} if self._refusal else self._pushed.since(view.pushed_read_at)

    def _read_pushed(
        self, client: Client, view: View, before: JobsSnapshot, pushed: Mapping[str, datetime]
    ) -> JobsSnapshot:
        """Read the jobs that events have named, and nothing else of the window."""
        now = view.pushed_read_at = self._now()
        calls = self._cache.fetch_since(client, pushed, now)
        return self._publish(view, max(calls, before.calls), now, before.as_of)

    def _take_turn(
        self, client: Client, window: Window, view: View, *, older: bool
    ) -> JobsSnapshot:
        """Read the window again or, when that is due, what is older: either has a turn of its own.

        So nothing is asked more often than the pace allows. What is older is shown with the next
        reading of the window: its time is not that of jobs which started since the last one.
        """
        now, snapshot = self._now(), view.snapshot
        if snapshot is None or not (older and view.holds_older and not self._refusal):
            return self._read(client, window, view)
        # After each turn of what is older the window has one: at a slow pace it would have none.
        if snapshot.as_of < view.tried_at or not self._older.is_due(now):
            return self._read(client, window, view)
        view.tried_at = now
        self._older.read(client, now)
        return snapshot

    def _read(
        self, client: Client, window: Window, view: View, *, older: bool = False
    ) -> JobsSnapshot:
        now = view.tried_at = self._now()
        calls = self._read_window(client, window, view, now)
        if older and view.holds_older and not self._refusal:
            calls += self._older.read(client, now)
        try:
            calls += self._read_more(client, view, now)
        except (VisierError, UnexpectedResponse, InvalidArgument) as error:
            # The list itself is good: one job that cannot be read must not cost all others.
            view.snapshot = replace(self._publish(view, calls + 1, now), trouble=str(error))
            return view.snapshot
        return self._publish(view, calls, now)

    def _read_more(self, client: Client, view: View, now: datetime) -> int:
        """Read what is tracked and not listed, and the lists that are followed."""
        tracked = self._tracked_ids()
        if self._refusal:
            return self._cache.read_trees(client, tracked, now)
        followed = self._followed_now(now)
        calls = self._fetch_touched(client, view, now)
        calls += self._fetch_pushed(client, view, now)
        if not (tracked or followed):
            return calls
        known = self._combined(view, now)
        listed = set(known["job_id"])
        unlisted = [job_id for job_id in tracked if job_id not in listed]
        calls += self._cache.fetch_stale(client, unlisted, now)
        for name in followed:
            calls += self._cache.read_lists(client, name, known, now)
        return calls

    def _fetch_touched(self, client: Client, view: View, now: datetime) -> int:
        """Read the touched jobs that no piece of the window holds."""
        touched = self._touched.unsettled(view.snapshot, now)
        unread = [id_ for id_ in touched if not any(each.holds([id_]) for each in view.pieces)]
        return sum(self._cache.fetch(client, id_, now) for id_ in unread[:TRACKED_READ])

    def _fetch_pushed(self, client: Client, view: View, now: datetime) -> int:
        """Read the jobs that events have named, and that no piece read just now holds."""
        fresh = [each for each in view.pieces if each.read_at == now]
        unread = {
            id_: at
            for id_, at in self._unread(view).items()
            if not any(each.holds([id_]) for each in fresh)
        }
        view.pushed_read_at = now
        newest = dict([*unread.items()][-TRACKED_READ:])
        return self._cache.fetch_since(client, newest, now)

    def _tracked_ids(self) -> list[str]:
        return [job.job_id for job in self.tracked()]

    def _read_window(self, client: Client, window: Window, view: View, now: datetime) -> int:
        if now < self._refused_until:
            return 0
        try:
            touched = self._touched.unsettled(view.snapshot, now)
            listing.read_window(client, window, view.pieces, now, touched)
        except VisierError as error:
            if not listing.is_absent(error):
                raise
            # Once the refusal is lifted every piece is read anew: what it held is as old as that.
            view.pieces = []
            self._refusal, self._refused_until = str(error), now + REFUSED_FOR
            return 1
        self._refusal, view.before = "", []
        return sum(piece.read_at == now for piece in view.pieces)

    def _followed_now(self, now: datetime) -> list[str]:
        self._followed = {
            each: at for each, at in self._followed.items() if now - at < FOLLOWED_FOR
        }
        return list(self._followed)

    def _combined(self, view: View, now: datetime) -> pd.DataFrame:
        """Return every job of the window once, as the latest fetch tells."""
        if not self._refusal:
            kept = (*view.before, *view.pieces)
            pieces = [JobFetch(each.jobs, each.read_at) for each in kept]
            older = self._older.fetches() if view.holds_older else []
            return self._cache.with_window([*pieces, *older], now)
        read = self._cache.trees(self._tracked_ids())
        trees = merged(read)
        # The sample endpoints give no start times; earlier readings of job-status may have.
        ids = trees["job_id"].dropna().tolist()
        known = self._breaker.ask(lambda: self._history.known(ids, now), job_readings.combine([]))
        both = merged([JobFetch(known, LONG_AGO), *read])
        return both[is_among(both["job_key"], trees["job_key"])].reset_index(drop=True)

    def _publish(
        self, view: View, calls: int, now: datetime, as_of: datetime | None = None
    ) -> JobsSnapshot:
        combined, before = self._combined(view, now), view.snapshot
        tree = job_tree.roll_up(job_tree.with_missing_parents(combined))
        seen_before = before.jobs["job_key"] if before else None
        # What is missing stands above all else, so that a tree without it is one as well.
        there = tree[~tree["is_missing"]]
        ends = self._pushed.ends()
        followed = [*self._tracked_ids(), *ends]
        self._breaker.ask(lambda: self._history.record(there, seen_before, followed, now), None)
        if ends:
            self._breaker.ask(lambda: self._note_ends(there, ends, now), None)
        known = self._history.join(tree, now)
        is_news = before is None or not known[_COMPARED].equals(before.jobs[_COMPARED])
        view.snapshot = JobsSnapshot(
            jobs=known,
            as_of=as_of or now,
            number=(before.number if before else 0) + is_news,
            calls=calls,
            refusal=self._refusal,
            not_listed=self._not_listed(combined, now),
            may_be_cut=any(piece.may_be_cut for piece in view.pieces),
            has_older=view.holds_older and self._older.was_asked and not self._older.trouble,
            older_trouble=self._older.trouble,
            forgotten=self._breaker.trouble,
            left_out=tuple(text for piece in view.pieces for text in piece.left_out),
        )
        return view.snapshot

    def _note_ends(self, jobs: pd.DataFrame, ends: Mapping[str, datetime], now: datetime) -> None:
        ended = jobs[is_among(jobs["job_id"], ends) & jobs["status"].isin(ENDED)]
        # An event names an id alone: of several jobs that share one, nobody knows which has ended.
        alone = ended[~ended["job_id"].duplicated(keep=False)]
        self._history.note_ends(alone, ends, now)
        self._pushed.forget_ends(ended["job_id"])

    def _not_listed(self, combined: pd.DataFrame, now: datetime) -> tuple[str, ...]:
        listed = set(combined["job_id"])
        young = (job for job in self.tracked() if now - job.at < LISTED_WITHIN)
        return tuple(job.job_id for job in young if job.job_id not in listed)


def _due_of_pushed(view: View, pushed: int, snapshot: JobsSnapshot, budget: Budget) -> datetime:
    """Return when jobs that events have named may be read: few by themselves, many with the window.

    At once after a silence, and never so often that they take more than polling may.
    """
    if pushed <= PUSHED_READ:
        read_at = max(view.tried_at, view.pushed_read_at)
        return read_at + affordable_every(pushed, budget)
    return view.tried_at + max(FAST, affordable_every(snapshot.calls, budget))
