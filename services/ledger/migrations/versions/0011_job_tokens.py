"""Statuses and types of jobs by tokens, where they were stored in the words people read."""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_STATUSES: Final = {
    "Pending": "pending",
    "Running": "running",
    "Rescheduling": "rescheduling",
    "Cancelling": "cancelling",
    "Succeeded": "succeeded",
    "Failed": "failed",
    "Error": "error",
    "Cancelled": "cancelled",
    "Rolled back": "rolled_back",
    "Rescheduled": "rescheduled",
    "Unknown": "unknown",
}
_TYPES: Final = {
    "Dispatching": "dispatching",
    "Extraction": "extraction",
    "Receiving": "receiving",
    "Processing": "processing",
    "Consolidated analytics": "consolidated_analytics",
    "Other": "other",
}


def upgrade() -> None:
    """Put a token in the place of each word."""
    _rename("status", _STATUSES)
    _rename("job_type", _TYPES)
    id_: sa.ColumnClause[str] = sa.column("id")
    cancelled = sa.select(id_).select_from(sa.table("operation"))
    cancelled = cancelled.where(sa.column("verb") == "cancel_jobs")
    of_jobs = sa.column("operation_id").in_(cancelled)
    for table, names in {"item": ("before", "after", "facts"), "settlement": ("facts",)}.items():
        for name in names:
            _rewrite(table, name, {"status": _STATUSES, "job_type": _TYPES}, of_jobs)
    found = sa.column("kind") == "found_job"
    _rewrite("event", "answer", {"job_type": _TYPES}, found)


def _rename(name: str, tokens: Mapping[str, str]) -> None:
    column: sa.ColumnClause[str] = sa.column(name)
    changed = sa.table("sighting", column).update().where(column.in_(tokens))
    op.execute(changed.values({name: sa.case(tokens, value=column)}))


def _rewrite(
    table: str, name: str, fields: Mapping[str, Mapping[str, str]], where: sa.ColumnElement[bool]
) -> None:
    """Change the words of these fields in documents, all of which were written without spaces.

    In a text within a document every quotation mark has a backslash before it: no text is taken
    for a field.
    """
    column: sa.ColumnClause[str] = sa.column(name)
    told: sa.ColumnElement[str] = column
    for field, tokens in fields.items():
        for word, token in tokens.items():
            told = sa.func.replace(told, f'"{field}":"{word}"', f'"{field}":"{token}"')
    changed = sa.table(table, column).update().where(where, column.like('%":"%'))
    op.execute(changed.values({name: told}))
