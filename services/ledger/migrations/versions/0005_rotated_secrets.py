"""Changing a credential's details and rotating its secrets, which were one verb, told apart."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_FORMER = "Change a credential"

_operation = sa.table("operation", sa.column("id"), sa.column("verb"))
_event = sa.table("event", sa.column("operation_id"), sa.column("kind"), sa.column("request"))


def upgrade() -> None:
    """Name each by the request it kept; what kept none was never sent, or nobody knows."""
    # In a text that somebody typed the quotes would be escaped.
    is_rotation = _event.c.request.contains('"dataProviderAuthParams":', autoescape=True)
    _rename("Rotate secrets", is_rotation)
    _rename("Change credential details", ~is_rotation)


def _rename(verb: str, told: sa.ColumnElement[bool]) -> None:
    kept = sa.select(_event.c.operation_id).where(_event.c.kind == "Request", told)
    former = (_operation.c.verb == _FORMER, _operation.c.id.in_(kept))
    op.execute(_operation.update().where(*former).values(verb=verb))
