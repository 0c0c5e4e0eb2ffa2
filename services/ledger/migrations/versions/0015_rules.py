"""Rules of the watch, their incidents, and messages on their way."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "rule",
        *_texts("id", "host", "tenant", "body", "created_by", "changed_by"),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        _time("muted_until", nullable=True),
        _time("created_at"),
        _time("changed_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("rule_by_place", "rule", ["host", "tenant"])
    op.create_table(
        "incident",
        *_texts("id", "host", "tenant", "rule_id", "cause", "state", "facts"),
        *_texts("acknowledged_by", "note", "assignee", "resolution"),
        _time("opened_at"),
        _time("acknowledged_until", nullable=True),
        _time("resolved_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("incident_by_place", "incident", ["host", "tenant", "opened_at"])
    unresolved = sa.text("resolved_at IS NULL")
    op.create_index(
        "incident_unresolved",
        "incident",
        ["rule_id", "cause"],
        unique=True,
        sqlite_where=unresolved,
        postgresql_where=unresolved,
    )
    op.create_table(
        "outbox",
        *_texts("id", "host", "tenant", "incident_id", "rule_id", "kind", "occasion"),
        *_texts("destination", "facts", "state", "error", "owner"),
        sa.Column("attempts", sa.Integer, nullable=False, autoincrement=False),
        _time("due_at"),
        _time("state_at"),
        _time("sent_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("outbox_by_place", "outbox", ["host", "tenant", "state_at"])
    op.create_index("outbox_by_state", "outbox", ["state", "due_at"])
    op.create_index("outbox_by_incident", "outbox", ["incident_id"])
