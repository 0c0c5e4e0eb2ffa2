"""Outcomes of starts, from their requests and from observations of their jobs.

Nothing is read from Visier. The ledger has the requests, and the observations for as long as these
are kept. Observations of a start's jobs are part of its record, like the outcome of an item of
another operation: whoever may read the operation sees what was observed by the person who began it,
and by themselves.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Final

import pandas as pd

from services.frames import LIVE, JobType, job_readings, job_tree, jobs
from services.frames.job_tree import Below
from services.frames.membership import is_among
from services.ledger import UNSETTLED, EventKind, Ledger, Operation, Outcome, State, nothing_seen

from .forms import FORMS
from .record import NotedStart


@dataclass(frozen=True, eq=False)
class StartOutcome:
    """What is known of one start without reading from Visier.

    ``jobs`` are its own job and then all below it, as last observed: the columns of
    `job_tree.roll_up`, and last_seen (datetime64[ms, UTC]). The number of jobs its own has
    dispatched comes from the request or the first look at it. Empty where none was observed.
    """

    noted: NotedStart
    jobs: pd.DataFrame

    @cached_property
    def tenants(self) -> tuple[str, ...]:
        """The codes of the tenants in its request; otherwise those of its observed jobs."""
        named = self.noted.named_tenants
        if named:
            return named
        below = self.jobs["tenant_code"].iloc[1:].dropna().unique()
        if len(below) or self.noted.is_for_all:
            return tuple(below)
        own = [*self.jobs["tenant_code"].dropna()]
        of_found = [found.tenant_code] if (found := self.noted.found) else []
        return tuple(filter(None, [*own, *of_found, self.noted.operation.actor.tenant]))[:1]

    @cached_property
    def goes_on(self) -> bool:
        """Whether one of its jobs was last observed not to have ended."""
        top = self.jobs.iloc[:1]
        below_is_live = (job_tree.below(top)["live_below"] > 0).any()
        return bool(top["status"].isin(LIVE).any() or below_is_live)

    @cached_property
    def is_over(self) -> bool:
        """Whether its job and all jobs below it were observed to have ended."""
        if self.jobs.empty or not self.jobs["is_settled"].iloc[0]:
            return False
        top = job_tree.below(self.jobs.iloc[:1]).iloc[0]
        return top["below"] != Below.UNLISTED and not self.unlisted

    @cached_property
    def unlisted(self) -> int:
        """How many jobs its own has dispatched, or was to, that were not observed."""
        if self.jobs.empty:
            return 0
        return int(job_tree.below(self.jobs.iloc[:1])["unlisted_below"].fillna(0).iloc[0])

    def as_listed(self, listed: pd.DataFrame, at: datetime) -> "StartOutcome":
        """Return it updated from a tree of `job_tree.roll_up` that was read at that time.

        Later observations stay. Without its job in the tree, it is returned unchanged.
        """
        own = listed[listed["job_id"] == self.noted.job_id]
        key = _key(own, self.noted)
        found, columns = job_tree.family(listed, key), [*jobs.from_job_status([]).columns]
        if found.empty:
            return self
        moment = pd.Timestamp(at).as_unit("ms")
        is_older = not self.jobs.empty and self.jobs["last_seen"].max() > moment
        oldest_first = (found, self.jobs) if is_older else (self.jobs, found)
        both = job_readings.combine(each[columns] for each in oldest_first)
        tree = job_tree.family(job_tree.roll_up(both), key)
        seen_before = self.jobs.drop_duplicates("job_key").set_index("job_key")["last_seen"]
        before = seen_before.reindex(tree["job_key"])
        is_read = is_among(tree["job_key"], found["job_key"])
        before = before.set_axis(tree.index)
        seen = before.mask(is_read & ~(before > moment), moment)
        return replace(self, jobs=_with_dispatched(tree, self.noted).assign(last_seen=seen))


UNSEEN: Final = "unseen"
_GROUP_OF: Final = {
    status: group for group, statuses in job_tree.GROUPS.items() for status in statuses
}


@dataclass(frozen=True)
class Tally:
    """The states of the tenants of consecutive starts, each by its last start.

    ``groups`` has the state of each tenant's job: one of `job_tree.GROUPS`, or UNSEEN where no job
    of the last start that names it was observed yet. ``more_unseen`` counts the jobs that a start
    for all tenants has dispatched beyond those observed.
    """

    groups: Mapping[str, str]
    more_unseen: int = 0

    @cached_property
    def counts(self) -> Counter[str]:
        """How many tenants are in each group."""
        return Counter(self.groups.values()) + Counter({UNSEEN: self.more_unseen})

    @property
    def is_told(self) -> bool:
        """Whether any job was observed."""
        return self.counts.total() > self.counts[UNSEEN]

    @property
    def goes_on(self) -> bool:
        """Whether a job has not ended, or was not observed yet."""
        return bool(self.counts["live"] or self.counts[UNSEEN])

    @property
    def failed(self) -> tuple[str, ...]:
        """The tenants whose last job has failed."""
        return tuple(code for code, group in self.groups.items() if group == "failed")


def tally(starts: Iterable[StartOutcome]) -> Tally:
    """Return the states of the tenants of these starts, which come oldest first.

    A start that Visier refused has changed nothing; one of unknown outcome may have started.
    """
    groups: dict[str, str] = {}
    more_unseen = 0
    for start in starts:
        if not start.noted.operation.item_counts[Outcome.FAILED]:
            groups |= _groups(start)
            more_unseen += 0 if start.noted.named_tenants else start.unlisted
    return Tally(groups, more_unseen)


def _groups(start: StartOutcome) -> Mapping[str, str]:
    own = start.jobs[start.jobs["job_type"] == JobType.PROCESSING].dropna(subset="tenant_code")
    own = own[own["status"].isin(_GROUP_OF)].sort_values("start_time", na_position="first")
    seen = dict(zip(own["tenant_code"], own["status"].map(_GROUP_OF), strict=True))
    return dict.fromkeys(start.noted.named_tenants, UNSEEN) | seen


class StartState(StrEnum):
    """The state of a start beyond its operation's, whose request was answered."""

    STARTED = "started"
    JOBS_RUNNING = "jobs_running"
    UNCERTAIN = "uncertain"


def effective_state(operation: Operation, start: StartOutcome | None) -> State | StartState:
    """Return the state of an operation: of a start, by its jobs and not by its one request.

    A start has finished when all its jobs were observed to have ended, and not before.
    """
    if start is None or operation.state is not State.FINISHED:
        return operation.state
    counts = operation.item_counts
    if any(counts[outcome] for outcome in UNSETTLED):
        return StartState.UNCERTAIN
    if not counts[Outcome.SUCCEEDED] or start.is_over:
        return operation.state
    return StartState.JOBS_RUNNING if start.goes_on else StartState.STARTED


def outcomes(
    ledger: Ledger, operations: Iterable[Operation], identity: str
) -> dict[str, StartOutcome]:
    """Return the outcome of each start among these operations, by its id.

    ``identity`` is whose observations count beside those of who started it.
    """
    starts = [each for each in operations if each.verb in FORMS]
    if not starts:
        return {}
    events = ledger.newest_events(
        [each.id for each in starts], (EventKind.REQUEST, EventKind.JOB_ID, EventKind.FOUND_JOB)
    )
    noted = [NotedStart(each, tuple(events.get(each.id, ()))) for each in starts]
    tree = _seen(ledger, noted, identity)
    own = tree[is_among(tree["job_id"], [each.job_id for each in noted])]
    return {
        each.operation.id: StartOutcome(each, job_tree.family(tree, _key(own, each)))
        for each in noted
    }


def _key(own: pd.DataFrame, start: NotedStart) -> str:
    """Return the job_key of a start's job: Visier names its id, which other jobs may have."""
    alike = own[own["job_id"] == start.job_id]
    keys = dict(zip(alike["job_type"], alike["job_key"], strict=True))
    kind_found = start.found.job_type if start.found else JobType.OTHER
    fits = FORMS[start.operation.verb].fits if kind_found is JobType.OTHER else {kind_found}
    likely = [kind for kind in JobType if kind in fits]
    return next((keys[kind] for kind in (*likely, JobType.OTHER) if kind in keys), "")


def _seen(ledger: Ledger, noted: Sequence[NotedStart], identity: str) -> pd.DataFrame:
    """Return the jobs of starts and all below them as one tree, each by its last observation."""
    wanted: dict[str, set[str]] = {}
    for each in noted:
        # Observations are kept by identity: those of who began it, and of who asks.
        for whose in {each.operation.identity, identity} if each.job_id else ():
            wanted.setdefault(whose, set()).add(each.job_id)
    families = [ledger.job_observations.family(whose, job_ids) for whose, job_ids in wanted.items()]
    observed = pd.concat([nothing_seen(), *families])
    observed = observed.sort_values("last_seen", kind="stable", ignore_index=True)
    seen = job_readings.with_types(observed)
    tree = job_tree.roll_up(job_tree.with_missing_parents(job_readings.from_job_observations(seen)))
    last_seen = seen.drop_duplicates("job_key", keep="last").set_index("job_key")["last_seen"]
    counts = {each.job_id: _dispatched(each) for each in noted}
    dispatched = pd.Series(counts, dtype="Int64").reindex(tree["job_id"]).array
    return tree.assign(
        last_seen=last_seen.reindex(tree["job_key"]).array,
        total_jobs_dispatched=pd.Series(dispatched, tree.index).where(_dispatches(tree)),
    )


def _with_dispatched(tree: pd.DataFrame, start: NotedStart) -> pd.DataFrame:
    """Return the tree of a start with the number of jobs its own has dispatched, or was to."""
    counts, dispatched = tree["total_jobs_dispatched"].copy(), _dispatched(start)
    if dispatched and _dispatches(tree).iloc[0]:
        counts.iloc[0] = max(dispatched, counts.fillna(0).iloc[0])
    return tree.assign(total_jobs_dispatched=counts)


def _dispatches(tree: pd.DataFrame) -> "pd.Series[bool]":
    return tree["job_type"].isin([JobType.DISPATCHING, JobType.OTHER])


def _dispatched(start: NotedStart) -> int | None:
    """Return how many jobs a start has dispatched, or was to: one for each tenant."""
    found = start.found
    if found is not None and found.job_type not in {JobType.DISPATCHING, JobType.OTHER}:
        return None
    return max((found and found.dispatched) or 0, len(set(start.named_tenants))) or None
