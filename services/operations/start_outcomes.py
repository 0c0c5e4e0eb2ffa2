"""What came of starts: whose they are, and what this dashboard has seen of their jobs.

Visier is not asked. The ledger has the requests, and what looks at jobs saw is kept there too, as
long as sightings are. What became of the jobs of a start is a part of its record, as the outcome of
an item is of another operation's: whoever may read the operation reads what was seen by who began
it, and what they saw themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from services.frames import JobType, job_tree, jobs
from services.frames.membership import is_among
from services.ledger import Ledger, Operation, nothing_seen

from .start_course import FOUND, JOB_ID, REQUEST, Noted
from .start_forms import FORM_OF


@dataclass(frozen=True, eq=False)
class StartOutcome:
    """What is known of one start without asking Visier.

    ``jobs`` are its own and then all below it, as last seen: the columns of `job_tree.roll_up`, and
    last_seen (datetime64[ms, UTC]). How many its own has dispatched is what the request or the
    first look at it says. There are none where nobody saw any.
    """

    noted: Noted
    jobs: pd.DataFrame

    @cached_property
    def tenants(self) -> tuple[str, ...]:
        """The tenants its request names; else those of its jobs, as far as they were seen."""
        named = self.noted.named_tenants
        if named:
            return named
        below = self.jobs["tenant_code"].iloc[1:].dropna().unique()
        if len(below) or self.noted.is_for_all:
            return tuple(below)
        own = [*self.jobs["tenant_code"].dropna()]
        told = [found.tenant_code] if (found := self.noted.found) else []
        return tuple(filter(None, [*own, *told, self.noted.operation.actor.tenant]))[:1]


def outcomes(
    ledger: Ledger, operations: Iterable[Operation], identity: str
) -> dict[str, StartOutcome]:
    """Return by its id what is known of each start among these operations.

    ``identity`` is whose looks count beside those of who started it.
    """
    starts = [each for each in operations if each.verb in FORM_OF]
    if not starts:
        return {}
    events = ledger.newest_events([each.id for each in starts], (REQUEST, JOB_ID, FOUND))
    noted = [Noted(each, tuple(events.get(each.id, ()))) for each in starts]
    tree = _seen(ledger, noted, identity)
    own = tree[is_among(tree["job_id"], [each.job_id for each in noted])]
    return {
        each.operation.id: StartOutcome(each, job_tree.family(tree, _key(own, each)))
        for each in noted
    }


def _key(own: pd.DataFrame, start: Noted) -> str:
    """Return the key of the job of a start: Visier tells its id, which others may have."""
    alike = own[own["job_id"] == start.job_id]
    keys = dict(zip(alike["job_type"], alike["job_key"], strict=True))
    told = start.found.job_type if start.found else JobType.OTHER
    fits = FORM_OF[start.operation.verb].fits if told is JobType.OTHER else {told}
    likely = [kind for kind in JobType if kind in fits]
    return next((keys[kind] for kind in (*likely, JobType.OTHER) if kind in keys), "")


def _seen(ledger: Ledger, noted: Sequence[Noted], identity: str) -> pd.DataFrame:
    """Return the jobs of starts and all below them as one tree, each as whoever looked last saw."""
    wanted: dict[str, set[str]] = {}
    for each in noted:
        for whose in {each.operation.identity, identity} if each.job_id else ():
            wanted.setdefault(whose, set()).add(each.job_id)
    looks = [ledger.sightings.family(whose, job_ids) for whose, job_ids in wanted.items()]
    looked = pd.concat([nothing_seen(), *looks])
    seen = jobs.with_types(looked.sort_values("last_seen", kind="stable", ignore_index=True))
    tree = job_tree.roll_up(job_tree.with_missing_parents(jobs.from_sightings(seen)))
    last_seen = seen.drop_duplicates("job_key", keep="last").set_index("job_key")["last_seen"]
    dispatches = tree["job_type"].isin([JobType.DISPATCHING, JobType.OTHER])
    told = {each.job_id: _dispatched(each) for each in noted}
    dispatched = pd.Series(told, dtype="Int64").reindex(tree["job_id"]).array
    return tree.assign(
        last_seen=last_seen.reindex(tree["job_key"]).array,
        total_jobs_dispatched=pd.Series(dispatched, tree.index).where(dispatches),
    )


def _dispatched(start: Noted) -> int | None:
    """Return how many jobs a start is known to have dispatched, or was to: one for each tenant."""
    found = start.found
    if found is not None and found.job_type not in {JobType.DISPATCHING, JobType.OTHER}:
        return None
    return max((found and found.dispatched) or 0, len(set(start.named_tenants))) or None
