"""Who an event is the doing of; and where an operation was done, with the path of its address.

Until now an address was kept without its path and as it was typed, so that two Visiers behind one
host were one. The identity of who began an operation begins with the whole address.
"""

from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column, and tell the places of earlier operations apart."""
    op.add_column("event", sa.Column("who", sa.Text, nullable=False, server_default=""))
    operation = sa.table("operation", *(sa.column(name) for name in ("host", "identity")))
    known = op.get_bind().execute(sa.select(operation.c.host, operation.c.identity).distinct())
    for host, identity in known.all():
        place = _place(identity.partition(" ")[0], host)
        if place != host:
            of_both = (operation.c.host == host, operation.c.identity == identity)
            op.execute(operation.update().where(*of_both).values(host=place))


def _place(address: str, host: str) -> str:
    """Return the host as it is kept from now on, as it was where the address is another's."""
    try:
        parts = urlsplit(address)
        port = {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return host
    if port is None or parts.netloc != host:
        return host
    return f"{host.lower().removesuffix(f':{port}')}{parts.path.rstrip('/')}"
