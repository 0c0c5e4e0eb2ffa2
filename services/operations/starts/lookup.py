"""Finding the job of a start whose outcome is unknown. Sends reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from services.frames import JobType, job_tree, jobs
from services.ledger import (
    LIVE,
    UNSETTLED,
    Actor,
    EventKind,
    Ledger,
    OperationFilter,
    Outcome,
    State,
)
from services.visier import Client, VisierError

from ..engine.changes import Finding
from ..engine.permissions import Permissions, authorize_existing
from ..tokens import START_VERBS
from .forms import FORMS, ConsolidationForm
from .record import (
    RECENT,
    NotedStart,
    StartRecord,
    is_refusal,
    note_job_id,
    record_of,
    settle,
    unless_refused,
    without_parent,
)
from .request import JobRequest

# More starts than anybody makes in half an hour.
_STARTS_AT_MOST = 200


@dataclass(frozen=True)
class LookupResult:
    """The jobs that a start may have begun; or Visier's message where it lists no jobs at all."""

    candidates: pd.DataFrame
    refused: str = ""


def find_job(ledger: Ledger, client: Client, record: StartRecord, now: datetime) -> LookupResult:
    """Find the job of a start; raises the errors of reading except for a 403, 404 or 501."""
    try:
        return LookupResult(candidates(ledger, client, record, now))
    except VisierError as error:
        if not is_refusal(error):
            raise
        return LookupResult(jobs.from_job_status([]), str(error))


def candidates(ledger: Ledger, client: Client, record: StartRecord, now: datetime) -> pd.DataFrame:
    """Return the jobs that this start may have begun, with the columns of job_tree.roll_up.

    The earliest comes first, as the nearest to the request. Candidates began between shortly before
    the request and now, have no parent, were not listed before, belong to no other start, and fit
    the start by type and tenant; an unknown type fits. Raises the errors of reading. Data and Job
    Handling API, GET /v1/op/job-status/jobs.
    """
    payload = client.job_status(start_time=record.looked_from, end_time=now)
    listed = without_parent(job_tree.roll_up(jobs.from_job_status(payload)))
    named = listed[listed["job_id"].notna()]
    known = (record.listed_before or frozenset()) | _claimed(ledger, record, named["job_id"])
    is_known = named["job_id"].isin(known) | named["job_key"].isin(known)
    fresh = named[~is_known]
    types = [*FORMS[record.operation.verb].fits, JobType.OTHER]
    fitting = fresh[fresh["job_type"].isin(types) & _in_scope(fresh["tenant_code"], record)]
    return fitting.sort_values("start_time", ignore_index=True)


def is_listed(client: Client, record: StartRecord, now: datetime) -> bool:
    """Return whether the list of jobs has this start's job; True where Visier offers no list.

    Raises the errors of reading. Data and Job Handling API, GET /v1/op/job-status/jobs.
    """
    since = record.looked_from
    payload = unless_refused(lambda: client.job_status(start_time=since, end_time=now))
    return payload is None or record.job_id in jobs.from_job_status(payload)["job_id"].array


def claim(ledger: Ledger, record: StartRecord, job_id: str, permissions: Permissions) -> bool:
    """Record a person's claim that this job is the start's; False when another start has it.

    Raises NotAllowed without the permission for its verb.
    """
    authorize_existing(ledger, permissions, record.operation.id)
    if _claimed(ledger, record, [job_id]):
        return False
    note_job_id(ledger, record.operation.id, job_id)
    facts = {"who": permissions.who, "done": True, "job_id": job_id}
    settle(ledger, record.operation.id, Outcome.SUCCEEDED, Finding.PERSON, facts)
    return True


def same_started(
    ledger: Ledger, actor: Actor, what: JobRequest, since: datetime
) -> StartRecord | None:
    """Return the newest start of the same body since then by any user of this tenant, or None.

    Refused and failed starts do not count: they have started nothing.
    """
    wanted = OperationFilter(verbs=(what.verb,), tenant=actor.tenant, host=actor.host, since=since)
    requests = dict(ledger.events_of(wanted, EventKind.REQUEST, _STARTS_AT_MOST))
    begun = (
        each
        for each in ledger.operations(wanted, _STARTS_AT_MOST)
        if each.state is not State.REFUSED
        and not each.item_counts[Outcome.FAILED]
        and each.id in requests
        and NotedStart(each, (requests[each.id],)).body == what.body
    )
    same = next(begun, None)
    return None if same is None else record_of(ledger, same)


def unsettled(ledger: Ledger, actor: Actor, since: datetime) -> list[StartRecord]:
    """Return the starts of this user since then with an unknown outcome, newest first."""
    found = [
        record_of(ledger, operation)
        for outcome in UNSETTLED
        for operation in ledger.operations(
            OperationFilter(
                verbs=START_VERBS,
                actor=actor.user,
                tenant=actor.tenant,
                host=actor.host,
                since=since,
                outcome=outcome,
            ),
            _STARTS_AT_MOST,
        )
        # Its own worker is still sending a live one.
        if operation.state not in LIVE
    ]
    return sorted(found, key=lambda each: each.operation.started_at, reverse=True)


def _claimed(ledger: Ledger, record: StartRecord, job_ids: Collection[str]) -> frozenset[str]:
    """Return those of the jobs that belong to other starts of this time and place."""
    operation = record.operation
    wanted = OperationFilter(
        verbs=START_VERBS,
        tenant=operation.actor.tenant,
        host=operation.actor.host,
        since=record.looked_from - RECENT,
    )
    # People who look at the same time may claim one job more than once.
    at_most = _STARTS_AT_MOST + len(job_ids)
    noted = ledger.events_of(wanted, EventKind.JOB_ID, at_most, job_ids)
    return frozenset(event.text for id_, event in noted if id_ != operation.id)


def _in_scope(codes: pd.Series, record: StartRecord) -> "pd.Series[bool]":
    """Return which of the tenants the start was for, including the one it was sent from."""
    body, login = record.body, record.operation.actor.tenant
    everyone = pd.Series(True, index=codes.index)
    if body is None:
        return everyone
    if record.operation.verb == ConsolidationForm.verb:
        return codes.isna() | (codes == str(body["tenantCode"]))
    # A dispatching job belongs to the sender; only analytic tenants have a ~ in their codes.
    sender = codes == login if login else ~codes.str.contains("~", na=False)
    fits: pd.Series[bool] = everyone
    if body.get("allTenants"):
        fits = sender | ~codes.isin(body.get("excludedTenants", ()))
    elif body.get("tenants"):
        fits = sender | codes.isin(body["tenants"])
    elif login:
        fits = sender
    return fits | codes.isna()
