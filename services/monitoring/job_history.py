"""What was observed of the jobs of one identity before, and what that tells of them."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

import pandas as pd

from services.clock import LONG_AGO
from services.frames import LIVE, job_readings, job_tree
from services.frames.membership import is_among
from services.ledger import JobObservations, Ledger, TrackedJob, nothing_seen

from . import durations

# A month of nights tells what is usual; settings may say otherwise.
REMEMBERED: Final = timedelta(days=30)
# What other processes saw is read now and then: it only sharpens what is usual.
RECALLED_EVERY: Final = timedelta(minutes=10)
# That nothing changed is written once a minute, not at every poll.
CONFIRMED_EVERY: Final = timedelta(minutes=1)
# Once a day is enough for what is kept by days.
PRUNED_EVERY: Final = timedelta(days=1)
COMPARED: Final = ["status_word", "stage", "data_version", "message"]
_JOINED: Final = ["changed_at", "last_live_at", "ended_at", "end_seen", "seconds"]


class JobHistory:
    """The observations and the tracked jobs of one identity, as the ledger keeps them.

    Used by one thread at a time. Every method but `baseline_stats` and `join` raises
    services.ledger.LedgerTrouble when the database cannot do its part, or cannot be opened.
    """

    def __init__(
        self, ledger: Callable[[], Ledger], identity: str, *, remembered: timedelta = REMEMBERED
    ) -> None:
        self._ledger = ledger
        self._identity = identity
        self._remembered = remembered
        self._recorded = pd.Series(dtype="str")
        self._job_histories = durations.job_histories(nothing_seen())
        self._baseline_stats = durations.baseline_stats(self._job_histories)
        self._recalled_at = self._confirmed_at = self._pruned_at = LONG_AGO

    @property
    def _job_observations(self) -> JobObservations:
        return self._ledger().job_observations

    def tracked(self, most: int) -> list[TrackedJob]:
        """Return the jobs that are tracked, newest first."""
        return self._ledger().tracked_jobs.of(self._identity, most)

    def track(self, job_id: str, at: datetime, note: str) -> None:
        """Track a job."""
        self._ledger().tracked_jobs.add(self._identity, job_id, at, note)

    def untrack(self, job_id: str) -> None:
        """Untrack a job."""
        self._ledger().tracked_jobs.remove(self._identity, job_id)

    def baseline_stats(self) -> pd.DataFrame:
        """Return how long jobs were seen to take, as `durations.baseline_stats` does."""
        return self._baseline_stats

    def known(self, job_ids: list[str], now: datetime) -> pd.DataFrame:
        """Return what was last seen of these jobs, with the columns of SCHEMA."""
        seen = self._job_observations.of(
            self._identity, since=now - self._remembered, job_ids=job_ids
        )
        return job_readings.from_job_observations(seen)

    def record(
        self,
        listed: pd.DataFrame,
        seen_before: "pd.Series[str] | None",
        tracked: Collection[str],
        now: datetime,
    ) -> None:
        """Record new, live and just-ended jobs.

        `listed` is a tree of `job_tree.roll_up`, `seen_before` the keys of the reading before. What
        had ended before the first reading is not recorded, since nobody saw when it did, but for
        the `tracked` jobs, by their ids, and all below them: what became of these will be asked.
        That nothing has changed is confirmed once a minute.
        """
        self._recall(now)
        current = self._recordable(listed, seen_before, tracked)
        states = _compared(current)
        before = current["job_key"].map(self._recorded).astype("str")
        news = current[(states != before).to_numpy()]
        confirms = now - self._confirmed_at >= CONFIRMED_EVERY
        if confirms:
            self._confirmed_at = now
        # A write for each poll of each tab would be most of what the database does.
        if confirms or len(news):
            self._job_observations.record(self._identity, current if confirms else news, now)
        if len(news):
            self._learn(news["job_id"], now)
        self._recorded = pd.Series(states.array, index=pd.Index(current["job_key"]), dtype="str")
        self._confirm(current["job_key"], now)

    def note_ends(self, ended: pd.DataFrame, ends: Mapping[str, datetime], now: datetime) -> None:
        """Record when these jobs ended, which `record` was given before: `ends` is by their ids."""
        if ended.empty:
            return
        names = zip(ended["job_type"].astype("str"), ended["job_id"], strict=True)
        self._job_observations.note_ends(
            self._identity, {(kind, job_id): ends[job_id] for kind, job_id in names}
        )
        self._learn(ended["job_id"], now)

    def join(self, tree: pd.DataFrame, now: datetime) -> pd.DataFrame:
        """Return the jobs with what was observed of them.

        Adds the columns of `durations.job_histories` that say how a job went (changed_at,
        last_live_at, ended_at, end_seen, seconds) and `mark` and `why` of `durations.anomalies`.
        """
        job_histories = self._job_histories.set_index("job_key")[_JOINED]
        joined = job_histories.reindex(tree["job_key"]).set_index(tree.index)
        end_seen = joined["end_seen"].eq(True).fillna(False).astype(bool)
        anomalies = durations.anomalies(tree, self._job_histories, self._baseline_stats, now)
        return pd.concat([tree, joined.assign(end_seen=end_seen), anomalies], axis=1)

    def _recordable(
        self,
        listed: pd.DataFrame,
        seen_before: "pd.Series[str] | None",
        tracked: Collection[str],
    ) -> pd.DataFrame:
        keys, is_tracked = listed["job_key"], is_among(listed["job_id"], tracked)
        has_ended = self._job_histories["ended_at"].notna()
        ended, unended = (
            self._job_histories.loc[each, "job_key"] for each in (has_ended, ~has_ended)
        )
        chosen = listed["status"].isin(LIVE) | is_among(keys, unended)
        chosen |= job_tree.branches(listed, is_tracked) & ~is_among(keys, ended)
        if seen_before is not None:
            chosen |= ~is_among(keys, seen_before)
        return listed[chosen & keys.notna()]

    def _learn(self, job_ids: "pd.Series[str]", now: datetime) -> None:
        since = now - self._remembered
        seen = self._job_observations.of(self._identity, since=since, job_ids=list(job_ids))
        learnt = durations.job_histories(seen)
        others = self._job_histories[~is_among(self._job_histories["job_id"], job_ids)]
        self._job_histories = pd.concat([others, learnt], ignore_index=True)
        if learnt["ended_at"].notna().any():
            self._baseline_stats = durations.baseline_stats(self._job_histories)

    def _confirm(self, job_keys: "pd.Series[str]", now: datetime) -> None:
        """Note that these jobs are as they were."""
        here = is_among(self._job_histories["job_key"], job_keys)
        seen_at = pd.Timestamp(now).as_unit("ms")
        living = here & self._job_histories["ended_at"].isna()
        self._job_histories.loc[here, "last_seen"] = seen_at
        self._job_histories.loc[living, "last_live_at"] = seen_at

    def _recall(self, now: datetime) -> None:
        if now - self._recalled_at < RECALLED_EVERY:
            return
        since = now - self._remembered
        if now - self._pruned_at >= PRUNED_EVERY:
            self._job_observations.prune(since)
            self._ledger().tracked_jobs.prune(since)
            self._ledger().webhook_events.prune(since)
            self._pruned_at = now
        self._job_histories = durations.job_histories(
            self._job_observations.of(self._identity, since=since)
        )
        self._baseline_stats = durations.baseline_stats(self._job_histories)
        self._recalled_at = now


def _compared(rows: pd.DataFrame) -> "pd.Series[str]":
    """Return in one text what a new observation of a job would differ in."""
    first, *others = COMPARED
    joined: pd.Series[str] = rows[first].fillna("").str.cat(rows[others].fillna(""), sep="\n")
    return joined
