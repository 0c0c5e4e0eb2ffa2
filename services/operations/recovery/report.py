"""The report of a recovery: a JSON document of tokens, from which screens make a page."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from services.ledger import Ledger, Operation, Outcome
from services.visier import iso_utc

from ..engine.reconcile import every_item
from ..starts.forms import FORMS
from ..starts.outcomes import UNSEEN
from .incident import OF_FOUND_BY, AffectedTenant, Choices, Recovery, Step, changes
from .steps import StepStatus, jobs_told, part_state, parts_of, step_status
from .verdicts import (
    OF_CHECK,
    OF_NOT_COMPARED,
    WORST_FIRST,
    Compared,
    TenantVerified,
    Verdict,
    Verification,
)


def document(ledger: Ledger, recovery: Recovery, *, now: datetime) -> dict[str, Any]:
    """Return the report of a recovery as JSON takes it; times are UTC."""
    operation, incident, verified = recovery.operation, recovery.incident, recovery.verification
    choices = recovery.choices or Choices()
    by_code = {each.code: each for each in verified.tenants} if verified else {}
    return {
        "report": "recovery",
        "written_at": iso_utc(now),
        "id": recovery.id,
        "state": operation.state.value,
        "begun_at": iso_utc(operation.started_at),
        "begun_by": operation.actor.user,
        "tenant": operation.actor.tenant,
        "host": operation.actor.host,
        "reason": operation.reason,
        "found": {
            "by": incident.found_by and OF_FOUND_BY.dump_python(incident.found_by, mode="json"),
            "how": incident.how,
            "at": iso_utc(incident.found_at),
            "receiving_job": incident.receiving_job,
            "data_category": incident.data_category,
            "file_names": list(incident.file_names),
            "unreadable": list(incident.unreadable),
        },
        "summary": _summary(recovery),
        "changes": [
            {"what": each.what.value, "by": each.who, "at": iso_utc(each.at)}
            for each in changes(ledger, recovery.id)
        ],
        "steps": [_step(ledger, recovery, choices, step) for step in Step],
        "verification": {
            "at": iso_utc(verified.at) if verified else None,
            "by": verified.by if verified else None,
            "metric_values_not_compared": _not_compared(verified),
            "unreadable": list(verified.unreadable) if verified else [],
        },
        "tenants": [_tenant(each, by_code.get(each.code)) for each in worst_first(recovery)],
    }


def _not_compared(verified: Verification | None) -> Any:
    """Return why no values are compared; None where they are, and before the verification."""
    return (verified and OF_NOT_COMPARED.dump_python(verified.not_compared, mode="json")) or None


def counts(recovery: Recovery) -> dict[Verdict, int]:
    """Return how many tenants have each verdict; empty before the verification."""
    verified = recovery.verification
    return dict(Counter(each.verdict for each in verified.tenants)) if verified else {}


def worst_first(recovery: Recovery) -> list[AffectedTenant]:
    """Return the tenants, those with the worst verdict first."""
    verified = recovery.verification
    if verified is None:
        return list(recovery.incident.tenants)
    place = {each.code: WORST_FIRST.index(each.verdict) for each in verified.tenants}
    return sorted(recovery.incident.tenants, key=lambda tenant: place[tenant.code])


def _summary(recovery: Recovery) -> dict[str, int]:
    tenants, verdicts = recovery.incident.tenants, counts(recovery)
    return {
        "tenants": len(tenants),
        "data_versions": sum(len(each.versions) for each in tenants),
        "uploads": sum(len(each.uploads) for each in tenants),
        "confirmed": verdicts.get(Verdict.CONFIRMED, 0),
        "not_confirmed": verdicts.get(Verdict.NOT_CONFIRMED, 0),
        "still_to_come": verdicts.get(Verdict.TO_COME, 0),
        "not_told": verdicts.get(Verdict.NOT_TOLD, 0),
        "left_out": verdicts.get(Verdict.LEFT_OUT, 0),
    }


def _step(ledger: Ledger, recovery: Recovery, choices: Choices, step: Step) -> dict[str, Any]:
    return {
        "step": step.value,
        "standing": step_status(recovery, step).value,
        "jobs": _jobs(recovery) if step is Step.REPROCESS else None,
        "left_out": list(choices.left_out.get(step, ())),
        "operations": [_operation(ledger, recovery, each) for each in parts_of(recovery, step)],
    }


def _jobs(recovery: Recovery) -> dict[str, int] | None:
    """Return how the processing jobs ended, as far as observed or read back."""
    jobs = jobs_told(recovery)
    if not jobs.is_told:
        return None
    return {
        "jobs": jobs.counts.total(),
        "succeeded": jobs.counts["succeeded"],
        "not_succeeded": jobs.counts["failed"] + jobs.counts["cancelled"],
        "still_to_come": jobs.counts["live"],
        "not_told": jobs.counts[UNSEEN],
    }


def _operation(ledger: Ledger, recovery: Recovery, part: Operation) -> dict[str, Any]:
    return {
        "id": part.id,
        "verb": part.verb,
        "starts": _start(ledger, part),
        "by": part.actor.user,
        "at": iso_utc(part.started_at),
        "state": part_state(recovery, part).value,
        "reason": part.reason,
        "undoes": part.undo_of,
        "tries_again": part.retry_of,
        "requests": part.request_count,
        "items": {
            _outcome(part, outcome).value: part.item_counts[outcome]
            for outcome in Outcome
            if part.item_counts[outcome]
        },
        "not_succeeded": [
            {
                "tenant": item.tenant_code,
                "key": item.key,
                "name": item.name,
                "before": item.before,
                "after": item.after,
                "outcome": item.outcome.value,
                "skip": item.skip,
                "finding": item.finding,
                "facts": dict(item.facts),
                "message": item.message,
            }
            for item in every_item(ledger, part.id, frozenset(Outcome) - {Outcome.SUCCEEDED})
        ],
    }


def _start(ledger: Ledger, part: Operation) -> dict[str, Any] | None:
    """Return the one item of a start, which has its target; None for other operations."""
    if part.verb not in FORMS:
        return None
    (request,) = ledger.items(part.id, limit=1)
    return {"name": request.name, "after": request.after}


def _outcome(part: Operation, outcome: Outcome) -> Outcome | StepStatus:
    """Return an outcome's token: of a start, success of the request is not that of its jobs."""
    is_start = part.verb in FORMS and outcome is Outcome.SUCCEEDED
    return StepStatus.STARTED if is_start else outcome


def _tenant(tenant: AffectedTenant, verified: TenantVerified | None) -> dict[str, Any]:
    impact = {
        "code": tenant.code,
        "name": tenant.name,
        "data_versions": [
            {"data_version": each.number, "date": each.date} for each in tenant.versions
        ],
        "uploads": [
            {"upload_time": each.time, "was_included": each.included} for each in tenant.uploads
        ],
        "later_jobs": tenant.later_jobs,
    }
    if verified is None:
        before = [Compared(each.name, each.value, None) for each in tenant.figures]
        return {**impact, "verdict": None, "checks": [], "metric_values": _compared(before)}
    checks = {"data_version": verified.version, "upload": verified.upload, "job": verified.job}
    return {
        **impact,
        "verdict": verified.verdict.value,
        "checks": [
            {"what": what, **OF_CHECK.dump_python(check, mode="json")}
            for what, check in checks.items()
        ],
        "metric_values": _compared(verified.figures),
    }


def _compared(figures: Iterable[Compared]) -> list[dict[str, Any]]:
    return [{"name": each.name, "before": each.before, "after": each.after} for each in figures]


def to_json(report: dict[str, Any]) -> bytes:
    """Return the document as indented UTF-8 JSON."""
    return orjson.dumps(report, option=orjson.OPT_INDENT_2)
