"""Jobs are told apart by type and id: two of one id no longer follow upon each other."""

from alembic import op

revision = "0008"
down_revision = "0007"

_NAME, _TABLE = "sighting_by_job", "sighting"


def upgrade() -> None:
    """Find sightings by type too; what was numbered per id stays in its order."""
    op.drop_index(_NAME, _TABLE)
    columns = ["identity", "job_id", "job_type", "number"]
    op.create_index(_NAME, _TABLE, columns, unique=True)
