"""Tables and columns by the names of the field.

Only names change: no row is read or written. A replica of an earlier version does not find these
tables any more, so it can note nothing, and sends nothing.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_TABLES: Final = {
    "standing": "operation_revision",
    "settlement": "item_status_change",
    "sighting": "job_observation",
    "call_place": "rate_limit_slot",
}
_COLUMNS: Final = {
    "operation_revision": {"moment": "revision", "heard_at": "heartbeat_at"},
    "item_status_change": {"moment": "revision"},
}
_INDEXES: Final = {
    "by_job": ["identity", "job_id", "job_type", "number"],
    "by_time": ["identity", "last_seen"],
    "by_parent": ["identity", "parent_job_id"],
}


def upgrade() -> None:
    """Rename tables, columns, indexes and what PostgreSQL has named after them."""
    for old, new in _TABLES.items():
        op.rename_table(old, new)
        for column, name in _COLUMNS.get(new, {}).items():
            op.execute(f"ALTER TABLE {new} RENAME COLUMN {column} TO {name}")
        if op.get_bind().dialect.name == "postgresql":
            _rename_constraints(old, new)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER SEQUENCE sighting_id_seq RENAME TO job_observation_id_seq")
    # SQLite cannot rename an index.
    for name, columns in _INDEXES.items():
        op.drop_index(f"sighting_{name}", "job_observation")
        unique = name == "by_job"
        op.create_index(f"job_observation_{name}", "job_observation", columns, unique=unique)


def _rename_constraints(old: str, new: str) -> None:
    """Rename keys, and since PostgreSQL 18 also NOT NULLs, which are named after their column."""
    named_after = sa.text(
        "SELECT conname FROM pg_constraint WHERE conrelid = CAST(:new AS regclass)"
    )
    for constraint in op.get_bind().scalars(named_after, {"new": new}).all():
        name = constraint.replace(f"{old}_", f"{new}_", 1)
        for column, renamed in _COLUMNS.get(new, {}).items():
            name = name.replace(f"_{column}_", f"_{renamed}_")
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT {constraint} TO {name}")
