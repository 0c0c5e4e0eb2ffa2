"""Operations that are parts of another one, as the steps of a recovery are."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column, and find by it."""
    op.add_column("operation", sa.Column("part_of", sa.Text))
    op.create_index("operation_by_whole", "operation", ["part_of", "started_at"])
