"""Verbs, states, outcomes and events by tokens, where they were kept in the words people read."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_VERBS = {
    "Exclude data uploads": "exclude_uploads",
    "Include data uploads": "include_uploads",
    "Exclude all data uploads": "exclude_all_uploads",
    "Include all data uploads": "include_all_uploads",
    "Exclude files": "exclude_files",
    "Include files": "include_files",
    "Disable data versions": "disable_versions",
    "Cancel jobs": "cancel_jobs",
    "Start a data load": "start_load",
    "Start extraction jobs": "start_extraction",
    "Start processing jobs": "start_processing",
    "Start a consolidated analytics job": "start_consolidation",
    "Assign credentials": "assign_credentials",
    "Set connector settings": "set_connector_settings",
    "Create credentials": "create_credentials",
    "Change credential details": "change_credential_details",
    "Rotate secrets": "rotate_secrets",
    "Change a credential": "change_credential",
    "Delete credentials": "delete_credentials",
    "Recover from a bad load": "recover",
    "Download source files": "download_files",
}
_STATES = {
    "Running": "running",
    "Paused": "paused",
    "Stopping": "stopping",
    "Stopped": "stopped",
    "Finished": "finished",
    "Interrupted": "interrupted",
    "Refused": "refused",
    "Open": "open",
}
_OUTCOMES = {
    "Planned": "planned",
    "Skipped": "skipped",
    "Intended": "intended",
    "Succeeded": "succeeded",
    "Failed": "failed",
    "Drifted": "changed_since_plan",
    "No result returned": "no_result",
    "Uncertain": "uncertain",
}
_EVENTS = {
    "Answer": "answer",
    "Case": "case",
    "Choices": "choices",
    "Control": "control",
    "Extra results": "extra_results",
    "Found": "found_job",
    "Job id": "job_id",
    "Listed before": "listed_before",
    "Look-up": "look_up",
    "Not listed before": "not_listed_before",
    "Refused": "refused",
    "Remark": "remark",
    "Request": "request",
    "Totals": "totals",
    "Trouble": "trouble",
    "Verified": "verified",
    "Where to look": "where_listed",
}
_CONTROLS = {"Pause": "pause", "Resume": "resume", "Stop": "stop"}
_STEPS = {
    "Disable the data versions": "disable_versions",
    "Exclude the uploads": "exclude_uploads",
    "Process the tenants again": "reprocess",
}
_VERDICTS = {
    "Confirmed": "confirmed",
    "Not confirmed": "not_confirmed",
    "Still to come": "to_come",
    "Not told": "not_told",
    "Left out": "left_out",
}

_event = sa.table(
    "event", *(sa.column(name) for name in ("id", "operation_id", "kind", "text", "answer"))
)


def upgrade() -> None:
    """Put a token in the place of each word."""
    op.execute("ALTER TABLE standing RENAME COLUMN drifted TO changed_since_plan")
    _rename("operation", "verb", _VERBS)
    _rename("standing", "state", _STATES)
    _rename("item", "outcome", _OUTCOMES)
    _rename("settlement", "outcome", _OUTCOMES)
    _rename("event", "kind", _EVENTS)
    _rename("event", "text", _CONTROLS, sa.column("kind") == "control")
    _rewrite("choices", _choices)
    _rewrite("verified", _verification)


def _rename(
    table: str, name: str, tokens: Mapping[str, str], where: sa.ColumnElement[bool] | None = None
) -> None:
    column: sa.ColumnClause[str] = sa.column(name)
    changed = sa.table(table, column).update().where(column.in_(tokens))
    if where is not None:
        changed = changed.where(where)
    op.execute(changed.values({name: sa.case(tokens, value=column)}))


def _rewrite(kind: str, change: Callable[[Any], Any]) -> None:
    """Change the documents of a kind; each stands in pieces, cut anywhere, one in an event."""
    rows = op.get_bind().execute(sa.select(_event).where(_event.c.kind == kind))
    documents: dict[tuple[str, str], dict[int, sa.Row[Any]]] = defaultdict(dict)
    for row in rows:
        name, number, _ = row.text.split()
        documents[row.operation_id, name][int(number)] = row
    for pieces in documents.values():
        in_order = [pieces[number] for number in sorted(pieces)]
        try:
            told = change(json.loads("".join(row.answer for row in in_order)))
        except ValueError:
            continue  # It is not there as a whole, and nobody reads it.
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        _write(in_order, text)


def _write(rows: Sequence[sa.Row[Any]], text: str) -> None:
    """Put a text into as many pieces as there were: it counts whether all are there."""
    size = -(-len(text) // len(rows))
    for number, row in enumerate(rows):
        answer = text[number * size : (number + 1) * size]
        op.execute(_event.update().where(_event.c.id == row.id).values(answer=answer))


def _choices(told: dict[str, Any]) -> dict[str, Any]:
    off = [_STEPS.get(step, step) for step in told["off"]]
    left_out = {_STEPS.get(step, step): codes for step, codes in told["left_out"].items()}
    return told | {"off": off, "left_out": left_out}


def _verification(told: dict[str, Any]) -> dict[str, Any]:
    for tenant in told["tenants"]:
        for check in ("version", "upload", "job"):
            verdict = tenant[check]["verdict"]
            tenant[check]["verdict"] = _VERDICTS.get(verdict, verdict)
    return told
