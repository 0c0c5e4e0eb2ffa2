"""What the watch has read of connectors, and pushed events by their connection."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_TIME = sa.DateTime(timezone=True)
_KEY = ("host", "tenant", "tenant_code")


def upgrade() -> None:
    """Create the table and the index."""
    op.create_table(
        "connector_reading",
        *(sa.Column(name, sa.Text, nullable=False) for name in _KEY),
        sa.Column("tried_at", _TIME, nullable=False),
        sa.Column("read_at", _TIME),
        sa.Column("lacks_credential", sa.Boolean),
        sa.PrimaryKeyConstraint(*_KEY),
    )
    op.create_index("webhook_event_by_connection", "webhook_event", ["connection", "received_at"])
