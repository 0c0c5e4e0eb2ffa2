"""Events that Visier pushed, and when they said that a job ended."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_TEXTS = ("connection", "event_type", "signature_form", "body", "state")


def upgrade() -> None:
    """Create the table, and add the end to the observations of jobs."""
    op.create_table(
        "webhook_event",
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in _TEXTS),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("webhook_event_by_time", "webhook_event", ["received_at"])
    op.add_column("job_observation", sa.Column("end_time", sa.BigInteger))
