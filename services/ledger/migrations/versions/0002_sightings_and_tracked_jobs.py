"""What jobs were seen to be at each look, and the jobs somebody keeps an eye on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create both tables."""
    _create_sighting()
    _create_tracked_job()


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _create_sighting() -> None:
    op.create_table(
        "sighting",
        sa.Column("id", sa.Integer, nullable=False),
        *_texts("identity", "job_id"),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        *_texts("tenant_code", "job_type", "job_type_word", "status", "status_word"),
        *_texts("stage", "data_version", "message", "parent_job_id"),
        sa.Column("start_time", sa.BigInteger),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("last_seen", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("sighting_by_job", "sighting", ["identity", "job_id", "number"], unique=True)
    op.create_index("sighting_by_time", "sighting", ["identity", "last_seen"])


def _create_tracked_job() -> None:
    op.create_table(
        "tracked_job",
        *_texts("identity", "job_id"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_texts("note"),
        sa.PrimaryKeyConstraint("identity", "job_id"),
        sqlite_with_rowid=False,
    )
