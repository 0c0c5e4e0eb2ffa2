"""The report of a recovery: one JSON document, and a page of HTML drawn from it."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, TypeAlias

import jinja2
import orjson

from services.ledger import Ledger, Operation, Outcome
from services.visier import iso_utc

from ..looking import every_item
from ..start_forms import FORM_OF
from ..start_outcomes import UNSEEN
from .case import (
    WORST_FIRST,
    Change,
    Choices,
    Compared,
    Recovery,
    Step,
    TenantCase,
    TenantVerified,
    Verdict,
    changes,
)
from .steps import Standing, jobs_told, part_in_words, parts_of, standing, words_of

Write: TypeAlias = Callable[[dict[str, Any]], bytes]

NOT_YET: Final = "It has not been verified yet."
MARKS: Final = {
    Verdict.CONFIRMED: "✓",
    Verdict.NOT_CONFIRMED: "✕",
    Verdict.TO_COME: "◔",
    Verdict.NOT_TOLD: "?",
    Verdict.LEFT_OUT: "-",
}
STANDING_MARKS: Final = {
    Standing.TO_DO: "○",
    Standing.RUNNING: "◔",
    Standing.UNCLEAR: "?",
    Standing.STARTED: "▷",
    Standing.DONE: "✓",
    Standing.FAILED: "✕",
    Standing.OFF: "-",
    Standing.NOTHING: "-",
}
DID: Final = {
    Change.SAVE_PLAN: "Plan saved",
    Change.LEAVE_OUT: "Step left out",
    Change.VERIFY: "Verified",
    Change.CLOSE: "Closed",
}
_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader(__package__, ""),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def document(ledger: Ledger, recovery: Recovery, *, now: datetime) -> dict[str, Any]:
    """Return everything that is worth keeping of a recovery, as JSON takes it; times are UTC."""
    operation, case, verified = recovery.operation, recovery.case, recovery.verification
    choices = recovery.choices or Choices()
    told = {each.code: each for each in verified.tenants} if verified else {}
    return {
        "report": "Recovery from a bad load",
        "written_at": iso_utc(now),
        "id": recovery.id,
        "state": operation.state.value,
        "begun_at": iso_utc(operation.started_at),
        "begun_by": operation.actor.user,
        "tenant": operation.actor.tenant,
        "host": operation.actor.host,
        "reason": operation.reason,
        "found": {
            "how": case.how,
            "at": iso_utc(case.found_at),
            "receiving_job": case.receiving_job,
            "data_category": case.data_category,
            "file_names": list(case.file_names),
            "unreadable": list(case.unreadable),
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
            "metric_values_not_compared": verified.not_compared if verified else NOT_YET,
            "unreadable": list(verified.unreadable) if verified else [],
        },
        "tenants": [_tenant(each, told.get(each.code)) for each in worst_first(recovery)],
    }


def counts(recovery: Recovery) -> dict[Verdict, int]:
    """Return how many tenants there are of each verdict; none before it is verified."""
    verified = recovery.verification
    return dict(Counter(each.verdict for each in verified.tenants)) if verified else {}


def worst_first(recovery: Recovery) -> list[TenantCase]:
    """Return the tenants, those first that are not what they were to be."""
    verified = recovery.verification
    if verified is None:
        return list(recovery.case.tenants)
    place = {each.code: WORST_FIRST.index(each.verdict) for each in verified.tenants}
    return sorted(recovery.case.tenants, key=lambda tenant: place[tenant.code])


def _summary(recovery: Recovery) -> dict[str, int]:
    tenants, verdicts = recovery.case.tenants, counts(recovery)
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
        "standing": standing(recovery, step).value,
        "jobs": _jobs(recovery) if step is Step.REPROCESS else None,
        "left_out": list(choices.left_out.get(step, ())),
        "operations": [_operation(ledger, recovery, each) for each in parts_of(recovery, step)],
    }


def _jobs(recovery: Recovery) -> dict[str, int] | None:
    """Return what became of the processing jobs, as far as that was seen or read back."""
    told = jobs_told(recovery)
    if not told.is_told:
        return None
    return {
        "jobs": told.counts.total(),
        "succeeded": told.counts["succeeded"],
        "not_succeeded": told.counts["failed"] + told.counts["cancelled"],
        "still_to_come": told.counts["live"],
        "not_told": told.counts[UNSEEN],
    }


def _operation(ledger: Ledger, recovery: Recovery, part: Operation) -> dict[str, Any]:
    return {
        "id": part.id,
        "what": words_of(ledger, part),
        "by": part.actor.user,
        "at": iso_utc(part.started_at),
        "state": part_in_words(recovery, part),
        "reason": part.reason,
        "undoes": part.undo_of,
        "tries_again": part.retry_of,
        "requests": part.request_count,
        "items": {_word(part, outcome): part.item_counts[outcome] for outcome in _there(part)},
        "not_succeeded": [
            {
                "tenant": item.tenant_code,
                "what": item.label,
                "outcome": item.outcome.value,
                "message": item.message,
            }
            for item in every_item(ledger, part.id, frozenset(Outcome) - {Outcome.SUCCEEDED})
        ],
    }


def _word(part: Operation, outcome: Outcome) -> str:
    """Return what an outcome is called: a start that succeeded says nothing of its jobs."""
    is_start = part.verb in FORM_OF and outcome is Outcome.SUCCEEDED
    return Standing.STARTED.value if is_start else outcome.value


def _there(part: Operation) -> Iterable[Outcome]:
    return (outcome for outcome in Outcome if part.item_counts[outcome])


def _tenant(tenant: TenantCase, verified: TenantVerified | None) -> dict[str, Any]:
    hit = {
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
        return {**hit, "verdict": None, "checks": [], "metric_values": _compared(before)}
    checks = {"Data version": verified.version, "Upload": verified.upload, "Job": verified.job}
    return {
        **hit,
        "verdict": verified.verdict.value,
        "checks": [
            {"what": what, "verdict": check.verdict.value, "words": check.words}
            for what, check in checks.items()
        ],
        "metric_values": _compared(verified.figures),
    }


def _compared(figures: Iterable[Compared]) -> list[dict[str, Any]]:
    return [{"name": each.name, "before": each.before, "after": each.after} for each in figures]


def to_json(told: dict[str, Any]) -> bytes:
    """Return the document as indented UTF-8 JSON."""
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def to_html(told: dict[str, Any]) -> bytes:
    """Return the document as one page that loads nothing from anywhere, and prints."""
    marks = {verdict.value: mark for verdict, mark in MARKS.items()}
    standings = {stands.value: mark for stands, mark in STANDING_MARKS.items()}
    page = _TEMPLATES.get_template("report.html.jinja")
    did = {change.value: words for change, words in DID.items()}
    return page.render(told=told, marks=marks, standings=standings, did=did, number=number).encode()


def number(value: float | None) -> str:
    """Return a metric value as a person reads it."""
    return "—" if value is None else f"{value:,.6g}" if abs(value) < 1 else f"{value:,.10g}"
