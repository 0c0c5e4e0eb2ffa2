"""Saved views: filters of a screen under a name."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_TEXTS = ("id", "host", "tenant", "owner", "user", "screen", "name", "query", "lists")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "saved_view",
        *(sa.Column(name, sa.Text, nullable=False) for name in _TEXTS),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("is_shared", "is_default")),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=False)
            for name in ("created_at", "changed_at")
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("saved_view_by_place", "saved_view", ["host", "tenant"])
