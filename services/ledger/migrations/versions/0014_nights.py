"""Nights that the watch has recorded, and the leases by which one process at a time watches."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "night",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("host", "tenant", "night")),
        *(sa.Column(name, _TIME, nullable=False) for name in ("first_look_at", "looked_at")),
        sa.Column("is_complete", sa.Boolean, nullable=False),
        sa.Column("tenant_count", sa.Integer, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("rows", sa.LargeBinary, nullable=False),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("host", "tenant", "night"),
    )
    op.create_table(
        "lease",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "owner")),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
