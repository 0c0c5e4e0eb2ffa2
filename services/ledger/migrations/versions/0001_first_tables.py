"""First tables: operations, how they stand, their items, what became of these, events."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_COUNTS = (
    "planned",
    "skipped",
    "intended",
    "succeeded",
    "failed",
    "drifted",
    "no_result",
    "uncertain",
)


def upgrade() -> None:
    """Create everything."""
    _create_operation()
    _create_standing()
    _create_item()
    _create_settlement()
    _create_event()


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=False, autoincrement=False) for name in names]


def _time(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _goes_with_operation() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], ondelete="CASCADE")


def _create_operation() -> None:
    op.create_table(
        "operation",
        *_texts("id", "verb", "user", "tenant", "host", "identity", "reason", "filter_text"),
        sa.Column("undo_of", sa.Text),
        sa.Column("retry_of", sa.Text),
        _time("started_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("operation_by_start", "operation", ["started_at", "id"])
    op.create_index("operation_by_identity", "operation", ["identity", "started_at"])


def _create_standing() -> None:
    op.create_table(
        "standing",
        *_texts("operation_id"),
        *_numbers("moment"),
        _time("at"),
        *_texts("state"),
        _time("state_at"),
        *_texts("owner"),
        _time("heard_at"),
        *_numbers("request_count", *_COUNTS),
        sa.PrimaryKeyConstraint("operation_id", "moment"),
        _goes_with_operation(),
        sqlite_with_rowid=False,
    )


def _create_item() -> None:
    op.create_table(
        "item",
        *_texts("operation_id"),
        *_numbers("number"),
        *_texts("key", "tenant_code", "label", "before", "after", "outcome", "message"),
        sa.PrimaryKeyConstraint("operation_id", "number"),
        _goes_with_operation(),
    )
    op.create_index("item_by_key", "item", ["operation_id", "key"], unique=True)
    op.create_index("item_by_tenant", "item", ["tenant_code", "operation_id"])


def _create_settlement() -> None:
    op.create_table(
        "settlement",
        *_texts("operation_id"),
        *_numbers("number", "moment"),
        *_texts("outcome", "message"),
        sa.PrimaryKeyConstraint("operation_id", "number", "moment"),
        _goes_with_operation(),
        sqlite_with_rowid=False,
    )


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, nullable=False),
        *_texts("operation_id"),
        _time("at"),
        *_texts("kind", "text", "request", "answer"),
        sa.PrimaryKeyConstraint("id"),
        _goes_with_operation(),
    )
    op.create_index("event_by_kind", "event", ["operation_id", "kind", "id"])
