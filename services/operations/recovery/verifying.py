"""Verifying a recovery from each tenant's versions, uploads, jobs and metric values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from services.frames import FAILURES, LIVE, Status
from services.frames.times import parse_one
from services.ledger import ItemResult, Ledger, Outcome
from services.visier import iso_utc

from ..engine.changes import Finding, write_key
from ..engine.permissions import Permissions
from ..verbs import uploads as upload_states
from ..verbs import versions as version_states
from ..verbs.uploads import Inclusion, UploadKey
from ..verbs.versions import VersionKey, VersionState
from .baseline import figures_of
from .changing import note_verification
from .incident import AffectedTenant, Choices, Recovery, Step
from .verdicts import (
    OF_EVIDENCE,
    Check,
    Compared,
    Evidence,
    NotCompared,
    Seen,
    TenantVerified,
    Verdict,
    Verification,
)

LEFT_OUT = Check(Verdict.LEFT_OUT, (Evidence(Seen.LEFT_OUT),))
OUTCOME_OF = {
    Verdict.CONFIRMED: Outcome.SUCCEEDED,
    Verdict.NOT_CONFIRMED: Outcome.FAILED,
    Verdict.TO_COME: Outcome.PLANNED,
    Verdict.NOT_TOLD: Outcome.UNCERTAIN,
    Verdict.LEFT_OUT: Outcome.SKIPPED,
}


@dataclass(frozen=True, eq=False)
class ReadBack:
    """What was read to verify a recovery.

    `versions` and `uploads` are the present, unfiltered lists (uploads of the incident's receiving
    job if it has one), `jobs` the processing jobs of its starts with the columns of jobs.SCHEMA,
    `metrics` the present metric values or why there are none. `has_started` is whether any start is
    known to have happened, `unreadable` are sentences on what could not be read.
    """

    versions: pd.DataFrame
    uploads: pd.DataFrame
    jobs: pd.DataFrame
    metrics: pd.DataFrame | NotCompared
    has_started: bool
    unreadable: tuple[str, ...] = ()


def verify(recovery: Recovery, read: ReadBack, *, at: datetime, by: str) -> Verification:
    """Return for each tenant which of the chosen changes have taken effect. Pure."""
    jobs = _newest_jobs(read.jobs)
    enabled = _enabled(read.versions)
    uploads = upload_states.states(read.uploads, _upload_keys(recovery))
    versions: dict[str, dict[str, VersionState]] = {}
    for key, state in version_states.DISABLE.states(read.versions, _version_keys(recovery)).items():
        versions.setdefault(key[0], {})[key[1]] = state
    metrics = read.metrics
    refused = recovery.incident.not_compared or (
        metrics if isinstance(metrics, NotCompared) else ""
    )
    after = {} if refused or isinstance(metrics, NotCompared) else figures_of(metrics)
    choices = recovery.choices or Choices()
    tenants = []
    for tenant in recovery.incident.tenants:
        job = _job(choices, tenant, jobs.get(tenant.code), has_started=read.has_started)
        states = versions.get(tenant.code, {})
        version = _version(choices, tenant, states, enabled.get(tenant.code), job)
        upload = _upload(choices, tenant, uploads)
        values = {figure.symbol: figure.value for figure in after.get(tenant.code, ())}
        compared = [
            Compared(each.name, each.value, values.get(each.symbol)) for each in tenant.figures
        ]
        figures = () if refused else tuple(compared)
        tenants.append(TenantVerified(tenant.code, version, upload, job, figures))
    return Verification(at, by, tuple(tenants), refused, read.unreadable)


def write_down(
    ledger: Ledger, recovery: Recovery, verification: Verification, permissions: Permissions
) -> None:
    """Record a verification, and each tenant's outcome by it.

    Raises NotAllowed, also when somebody has closed the recovery meanwhile.
    """
    note_verification(ledger, recovery.id, verification, permissions)
    results = []
    for each in verification.tenants:
        evidence = (*each.version.evidence, *each.upload.evidence, *each.job.evidence)
        facts = {"evidence": OF_EVIDENCE.dump_python(evidence, mode="json")}
        key, outcome = write_key((each.code,)), OUTCOME_OF[each.verdict]
        results.append(ItemResult(key, outcome, Finding.READ_BACK, facts))
    ledger.settle(recovery.id, results)


def _version_keys(recovery: Recovery) -> list[VersionKey]:
    return [
        VersionKey(tenant.code, each.number, each.date, recovery.incident.data_category)
        for tenant in recovery.incident.tenants
        for each in tenant.versions
    ]


def _upload_keys(recovery: Recovery) -> list[UploadKey]:
    return [
        UploadKey(tenant.code, each.time)
        for tenant in recovery.incident.tenants
        for each in tenant.uploads
    ]


def _enabled(versions: pd.DataFrame) -> dict[str, list[tuple[str, pd.Timestamp]]]:
    """Return the enabled versions of each tenant that is listed, newest first."""
    found: dict[str, list[tuple[str, pd.Timestamp]]] = {}
    columns = (versions[name] for name in ("tenant_code", "data_version", "data_version_date"))
    for code, number, date in zip(*columns, strict=True):
        own = found.setdefault(code, [])
        if not pd.isna(number):
            own.append((number, date))
    return found


def _newest_jobs(jobs: pd.DataFrame) -> dict[str, Mapping[str, object]]:
    in_order = jobs.sort_values("start_time", na_position="first", kind="stable")
    newest = in_order.dropna(subset="tenant_code").drop_duplicates("tenant_code", keep="last")
    columns = newest[["tenant_code", "job_id", "status", "status_word", "data_version", "message"]]
    records = columns.astype(object).where(columns.notna(), "").to_dict("records")
    return {str(row["tenant_code"]): {str(name): row[name] for name in row} for row in records}


def _job(
    choices: Choices, tenant: AffectedTenant, job: Mapping[str, object] | None, *, has_started: bool
) -> Check:
    if not choices.takes(Step.REPROCESS, tenant.code):
        return LEFT_OUT
    if job is None:
        # A new job takes minutes to be listed.
        if has_started:
            return _check(Verdict.TO_COME, Seen.NOT_LISTED)
        return _check(Verdict.NOT_CONFIRMED, Seen.NO_START)
    return _ended(job)


def _ended(job: Mapping[str, object]) -> Check:
    status, word = Status(str(job["status"])), str(job["status_word"])
    if status is Status.SUCCEEDED:
        made = {"data_version": str(job["data_version"])} if job["data_version"] else {}
        return _check(Verdict.CONFIRMED, Seen.SUCCEEDED, **made)
    if status in LIVE:
        return _check(Verdict.TO_COME, Seen.RUNS, status_word=word)
    if status in FAILURES or status is Status.CANCELLED:
        facts = {"status_word": word, "message": str(job["message"])}
        return _check(Verdict.NOT_CONFIRMED, Seen.ENDED, **facts)
    return _check(Verdict.NOT_TOLD, Seen.STANDS, status_word=word)


def _check(verdict: Verdict, seen: Seen, **facts: Any) -> Check:
    return Check(verdict, (Evidence(seen, facts),))


def _upload(
    choices: Choices, tenant: AffectedTenant, states: Mapping[UploadKey, Inclusion]
) -> Check:
    if not choices.takes(Step.EXCLUDE, tenant.code):
        return LEFT_OUT
    inclusions = [states.get(UploadKey(tenant.code, each.time)) for each in tenant.uploads]
    if Inclusion.INCLUDED in inclusions:
        return _check(Verdict.NOT_CONFIRMED, Seen.STILL_INCLUDED)
    if set(inclusions) == {Inclusion.EXCLUDED}:
        return _check(Verdict.CONFIRMED, Seen.EXCLUDED)
    return _check(Verdict.NOT_TOLD, Seen.UPLOAD_UNLISTED)


def _version(
    choices: Choices,
    tenant: AffectedTenant,
    states: Mapping[str, VersionState],
    enabled: Sequence[tuple[str, pd.Timestamp]] | None,
    job: Check,
) -> Check:
    disabled = _disabled(choices, tenant, states)
    # A bad version still in use outweighs a newer one: users may see it.
    if disabled.verdict in (Verdict.NOT_CONFIRMED, Verdict.NOT_TOLD):
        return disabled
    if job.verdict is not Verdict.LEFT_OUT:
        newer = _newer(tenant, enabled, job)
        return Check(newer.verdict, disabled.evidence + newer.evidence)
    if disabled.verdict is Verdict.LEFT_OUT:
        return LEFT_OUT
    left = Evidence(Seen.NONE_LEFT)
    if enabled:
        left = Evidence(Seen.FALLS_BACK, {"data_version": enabled[0][0]})
    return Check(disabled.verdict, (*disabled.evidence, left))


def _disabled(
    choices: Choices, tenant: AffectedTenant, states: Mapping[str, VersionState]
) -> Check:
    """Return the check that the bad versions are disabled; left out where there are none."""
    if not tenant.versions or not choices.takes(Step.DISABLE, tenant.code):
        return Check(Verdict.LEFT_OUT)
    numbers = [each.number for each in tenant.versions]
    still = [number for number in numbers if states.get(number) in _IN_USE]
    if still:
        return _check(Verdict.NOT_CONFIRMED, Seen.STILL_ENABLED, data_versions=still)
    if any(number not in states for number in numbers):
        return _check(Verdict.NOT_TOLD, Seen.NOT_TOLD)
    return _check(Verdict.CONFIRMED, Seen.DISABLED, data_versions=numbers)


_IN_USE = frozenset({VersionState.LATEST, VersionState.ENABLED})


def _newer(
    tenant: AffectedTenant, enabled: Sequence[tuple[str, pd.Timestamp]] | None, job: Check
) -> Check:
    if enabled is None:
        return _check(Verdict.NOT_TOLD, Seen.VERSIONS_UNLISTED)
    bad = {each.number for each in tenant.versions}
    times = [*(each.date for each in tenant.versions), *(each.time for each in tenant.uploads)]
    # Newer than all that was bad, not only than the version before.
    after = max((time for text in times if (time := parse_one(text))), default=None)
    number, date = enabled[0] if enabled else ("", pd.NaT)
    if number and number not in bad and after and not pd.isna(date) and date > after:
        facts = {"data_version": number, "date": iso_utc(date)}
        return _check(Verdict.CONFIRMED, Seen.IN_USE, **facts)
    verdict = Verdict.TO_COME if job.verdict in (Verdict.TO_COME, Verdict.NOT_TOLD) else job.verdict
    # A job that succeeded without a newer version in use has not repaired anything: with manual
    # release, for one, a new version waits to be released in Studio.
    verdict = Verdict.NOT_CONFIRMED if verdict is Verdict.CONFIRMED else verdict
    if number:
        return _check(verdict, Seen.NO_NEWER, data_version=number)
    return _check(verdict, Seen.NONE_IN_USE)
