"""Looking at jobs: one answer for all tabs of one identity, read again no faster than it pays.

A `JobMonitor` serves everybody who is signed in as the same user with the same key to the same
tenant. It is asked, it does not run by itself: when nobody looks, nothing is read.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, Protocol, TypeVar

import pandas as pd

from services.clock import CLOCK, LONG_AGO
from services.frames import ENDED, LIVE, JobType, UnexpectedResponse, job_readings, job_tree
from services.frames.membership import is_among
from services.ledger import LedgerTrouble, TrackedJob
from services.visier import Budget, Client, InvalidArgument, VisierError

from . import listing
from .fetch_cache import FetchCache, JobFetch, merged
from .job_history import JobHistory
from .listing import Piece
from .older import Older
from .touched import Touched
from .windows import Between, Window

# Something runs: people watch it.
FAST: Final = timedelta(seconds=5)
# Nothing runs: what begins next is seen within half a minute.
SLOW: Final = timedelta(seconds=30)
# Looking by itself takes a fifth of the limit at most, however many windows are open.
SHARE: Final = 0.2
# Visier's limit, until its own header is heard.
CALLS_A_MINUTE: Final = 100
# A right that was given meanwhile is noticed, and a refusal is no call every five seconds.
REFUSED_FOR: Final = timedelta(minutes=10)
# A new job can take minutes to be listed.
LISTED_WITHIN: Final = timedelta(minutes=5)
# Somebody whose stages were on screen may come back to them; after that nobody reads along.
FOLLOWED_FOR: Final = timedelta(minutes=3)
# The windows of a few open tabs; each holds up to 31 days of jobs.
WINDOWS_KEPT: Final = 6
# Each costs a call or two: the newest ones are those that people follow.
TRACKED_READ: Final = 20
# The ledger is tried again, but does not hold up each look while it is away.
FORGETS_FOR: Final = timedelta(minutes=1)
T = TypeVar("T")
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
_log = logging.getLogger("services.monitoring")


class Lock(Protocol):
    """What `threading.RLock` makes."""

    def acquire(self, blocking: bool = ...) -> bool:
        """Take it, after waiting for it unless told not to; say whether that was so."""

    def release(self) -> None:
        """Give it back."""

    def __enter__(self) -> bool: ...

    def __exit__(self, *_: object) -> None: ...


@dataclass(frozen=True, eq=False)
class JobsSnapshot:
    """The jobs of a window as they were seen at one moment.

    `jobs` has the columns of `services.frames.job_tree.roll_up` and `JobHistory.join`, and
    is_missing (bool: a parent that is not in the window, of which only the id is known). `as_of` is
    when they were read (aware, UTC); `number` grows whenever anything differs from the snapshot
    before; `calls` is what the snapshot cost. `refusal` holds Visier's words when job-status is
    refused or absent and the jobs are those below tracked ones. `not_listed` are jobs tracked a
    moment ago that Visier does not list yet. `may_be_cut` says that the list is suspiciously round.
    `trouble` says why reading again failed last, and is empty once it succeeds. `has_older` says
    that what started before the window and still runs is among the jobs, `older_trouble` why that
    is not known; `forgotten` says why nothing is known of earlier looks. `left_out` says what of
    the list could not be read.
    """

    jobs: pd.DataFrame
    as_of: datetime
    number: int
    calls: int
    refusal: str = ""
    not_listed: tuple[str, ...] = ()
    may_be_cut: bool = False
    trouble: str = ""
    has_older: bool = False
    older_trouble: str = ""
    forgotten: str = ""
    left_out: tuple[str, ...] = ()

    @cached_property
    def is_live(self) -> bool:
        """Whether anything still moves, or is waited for."""
        return bool(self.jobs["status"].isin(LIVE).any()) or bool(self.not_listed)

    @cached_property
    def listed(self) -> pd.DataFrame:
        """The jobs of which more than the id is known."""
        return self.jobs[~self.jobs["is_missing"]]


def pace(snapshot: JobsSnapshot, budget: Budget) -> timedelta:
    """Return how long to wait before the next poll.

    Short while something runs, longer when nothing does, and never so short that looking would
    take more than a fifth of the calls a minute.
    """
    affordable = SHARE * (budget.minute_limit or CALLS_A_MINUTE)
    return max(FAST if snapshot.is_live else SLOW, timedelta(minutes=snapshot.calls / affordable))


def is_overdue(snapshot: JobsSnapshot, budget: Budget, now: datetime) -> bool:
    """Say whether a snapshot is older than the pace allows, as on a page nobody had open.

    Not where reading again has failed: that waits its turn.
    """
    return not snapshot.trouble and now - snapshot.as_of > pace(snapshot, budget)


@dataclass(eq=False)
class _View:
    """What is kept of one window."""

    window: Window
    pieces: list[Piece] = field(default_factory=list)
    before: list[Piece] = field(default_factory=list)
    snapshot: JobsSnapshot | None = None
    tried_at: datetime = LONG_AGO

    @property
    def holds_older(self) -> bool:
        """Whether what started before and still runs belongs to its window: not to a past one."""
        return not isinstance(self.window, Between)


class JobMonitor:
    """The shared snapshots of one identity; safe to use from any number of threads.

    `now` gives the time with its zone; `lock` is held while one reads, again by who holds it. The
    client that reads is that of whoever asks. Everything
    but `poll` raises the errors of services.visier and services.frames.
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
        # Apart from the other, which is held while one reads: who polls waits for nobody.
        self._views_lock = threading.Lock()
        self._views: OrderedDict[Window, _View] = OrderedDict()
        self._cache = FetchCache()
        self._older = Older()
        self._touched = Touched()
        self._followed: dict[str, datetime] = {}
        self._refusal = ""
        self._refused_until = self._changed_at = self._forgets_until = LONG_AGO
        self._forgotten = ""

    def snapshot(self, client: Client, window: Window, *, older: bool = False) -> JobsSnapshot:
        """Return the snapshot that is kept, or take the first.

        With `older`, what started before the window and still runs is looked at as well.
        """
        with self._lock:
            is_new = older and not (self._older.was_asked or self._refusal)
            than = self._now() if is_new else self._changed_at
            return self.refresh(client, window, than=than, older=older)

    def kept(self, window: Window) -> JobsSnapshot | None:
        """Return the newest snapshot without a call, and without waiting for whoever reads one."""
        view = self._views.get(window)
        return view.snapshot if view else None

    @property
    def changed_at(self) -> datetime:
        """When something was changed last: `snapshot` reads again what was looked at before."""
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
        """Look again unless somebody has after that moment; `whole` reads every part anew.

        `older` is as in `snapshot`.
        """
        view = self._view(window)
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
        view = self._view(window)
        if view.snapshot is None:
            return self.snapshot(client, window, older=older)
        due = view.tried_at + pace(view.snapshot, client.budget())
        if self._now() < due or not self._lock.acquire(blocking=False):
            return view.snapshot
        try:
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
            return self._publish(self._view(window), calls, now, as_of=snapshot.as_of)

    def has_read(self, name: str, kinds: Collection[JobType]) -> bool:
        """Say whether the lists of these types below a job, by its key or id, were read."""
        return self._cache.has_lists(name, kinds)

    def fetch(self, client: Client, window: Window, job_ids: Iterable[str]) -> JobsSnapshot:
        """Read single jobs, whenever they started, and return the snapshot with them."""
        with self._lock:
            now, view = self._now(), self._view(window)
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
        return self._recalled(lambda: self._history.tracked(TRACKED_READ), nothing)

    def baseline_stats(self) -> pd.DataFrame:
        """Return how long jobs were seen to take, as `durations.baseline_stats` does."""
        return self._history.baseline_stats()

    def expect_change(self, job_ids: Iterable[str] = ()) -> None:
        """Have every window read anew when it is looked at next: something was changed.

        Jobs that were touched are read again with every look until they have ended, for a while.
        """
        self._changed_at = self._now()
        self._touched.add(job_ids, self._changed_at)

    def _view(self, window: Window) -> _View:
        with self._views_lock:
            view = self._views.setdefault(window, _View(window))
            self._views.move_to_end(window)
            while len(self._views) > WINDOWS_KEPT:
                self._views.popitem(last=False)
            return view

    def _take_turn(
        self, client: Client, window: Window, view: _View, *, older: bool
    ) -> JobsSnapshot:
        """Read the window again or, when that is due, what is older: either has a turn of its own.

        So nothing is asked more often than the pace allows. What is older is told with the next
        look at the window: of jobs that started since the last one nothing is shown under its time.
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
        self, client: Client, window: Window, view: _View, *, older: bool = False
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

    def _read_more(self, client: Client, view: _View, now: datetime) -> int:
        """Read what is tracked and not listed, and the lists that are followed."""
        tracked = self._tracked_ids()
        if self._refusal:
            return self._cache.read_trees(client, tracked, now)
        followed = self._followed_now(now)
        calls = self._fetch_touched(client, view, now)
        if not (tracked or followed):
            return calls
        known = self._combined(view, now)
        listed = set(known["job_id"])
        unlisted = [job_id for job_id in tracked if job_id not in listed]
        calls += self._cache.fetch_stale(client, unlisted, now)
        for name in followed:
            calls += self._cache.read_lists(client, name, known, now)
        return calls

    def _fetch_touched(self, client: Client, view: _View, now: datetime) -> int:
        """Read the touched jobs that no piece of the window has told of."""
        touched = self._touched_now(view, now)
        untold = [id_ for id_ in touched if not any(each.holds([id_]) for each in view.pieces)]
        return sum(self._cache.fetch(client, id_, now) for id_ in untold[:TRACKED_READ])

    def _tracked_ids(self) -> list[str]:
        return [job.job_id for job in self.tracked()]

    def _read_window(self, client: Client, window: Window, view: _View, now: datetime) -> int:
        if now < self._refused_until:
            return 0
        try:
            touched = self._touched_now(view, now)
            listing.read_window(client, window, view.pieces, now, touched)
        except VisierError as error:
            if not listing.is_absent(error):
                raise
            view.pieces = []
            self._refusal, self._refused_until = str(error), now + REFUSED_FOR
            return 1
        self._refusal, view.before = "", []
        return sum(piece.read_at == now for piece in view.pieces)

    def _touched_now(self, view: _View, now: datetime) -> list[str]:
        """Return the jobs that were touched a moment ago and are not known to have ended since."""
        if view.snapshot is None:
            return self._touched.unsettled((), LONG_AGO, now)
        told, has_ended = view.snapshot.jobs["job_id"], view.snapshot.jobs["status"].isin(ENDED)
        # Jobs of several types may have one id: it is over once all of them are.
        over = set(told[has_ended]).difference(told[~has_ended])
        return self._touched.unsettled(over, view.snapshot.as_of, now)

    def _followed_now(self, now: datetime) -> list[str]:
        self._followed = {
            each: at for each, at in self._followed.items() if now - at < FOLLOWED_FOR
        }
        return list(self._followed)

    def _combined(self, view: _View, now: datetime) -> pd.DataFrame:
        """Return every job of the window once, as the latest fetch tells."""
        if not self._refusal:
            both = (*view.before, *view.pieces)
            pieces = [JobFetch(each.jobs, each.read_at) for each in both]
            older = self._older.fetches() if view.holds_older else []
            return self._cache.with_window([*pieces, *older], now)
        read = self._cache.trees(self._tracked_ids())
        trees = merged(read)
        # The sample endpoints tell no start times; looks at job-status may have seen them.
        ids = trees["job_id"].dropna().tolist()
        known = self._recalled(lambda: self._history.known(ids, now), job_readings.combine([]))
        told = merged([JobFetch(known, LONG_AGO), *read])
        return told[is_among(told["job_key"], trees["job_key"])].reset_index(drop=True)

    def _publish(
        self, view: _View, calls: int, now: datetime, as_of: datetime | None = None
    ) -> JobsSnapshot:
        combined, before = self._combined(view, now), view.snapshot
        tree = job_tree.roll_up(job_tree.with_missing_parents(combined))
        seen_before = before.jobs["job_key"] if before else None
        # What is missing stands above all else, so that a tree without it is one as well.
        there = tree[~tree["is_missing"]]
        self._recalled(
            lambda: self._history.take_in(there, seen_before, self._tracked_ids(), now), None
        )
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
            forgotten=self._forgotten,
            left_out=tuple(text for piece in view.pieces for text in piece.left_out),
        )
        return view.snapshot

    def _recalled(self, ask: Callable[[], T], instead: T) -> T:
        """Ask the history, which is a comfort: while the ledger cannot be used, do without it."""
        now = self._now()
        if now < self._forgets_until:
            return instead
        try:
            answer = ask()
        except LedgerTrouble as trouble:
            _log.warning("Nothing is known of earlier looks at jobs: %s", trouble)
            # A database that does not answer may take half a minute to say so.
            self._forgotten, self._forgets_until = str(trouble), now + FORGETS_FOR
            return instead
        self._forgotten = ""
        return answer

    def _not_listed(self, combined: pd.DataFrame, now: datetime) -> tuple[str, ...]:
        listed = set(combined["job_id"])
        young = (job for job in self.tracked() if now - job.at < LISTED_WITHIN)
        return tuple(job.job_id for job in young if job.job_id not in listed)
