"""What was seen of jobs is found by the job they stand below."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Find by it."""
    op.create_index("sighting_by_parent", "sighting", ["identity", "parent_job_id"])
