"""The tables. Rows are only ever added; what is newest holds. Retention alone deletes.

Apart from operations stand what was seen of jobs (of the newest observation, last_seen moves on),
the jobs somebody tracks, the views people save and the rules of the watch, which come and go, its
incidents and messages, which move on, the slots of calls, which go round, the leases, which change
hands, the nights, each rewritten at every look at it, and the events Visier pushed, whose state
changes once.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from .models import Outcome
from .truncation import storable

SCHEMA = sa.MetaData()


class UtcTime(sa.types.TypeDecorator[datetime]):
    """A time in UTC, also where the database knows no time zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Give the database UTC."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Take the database's word as UTC where it names no zone."""
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


class PlainText(sa.types.TypeDecorator[str]):
    """Text that any database can hold, whatever came from outside."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: sa.Dialect) -> str | None:
        """Give the database text without what it would refuse."""
        return value and storable(value)


def count_column(outcome: Outcome) -> str:
    """Name the column that counts the items of this outcome."""
    return outcome.name.lower()


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, PlainText, nullable=False, **options)


def _number(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, autoincrement=False, **options)


def _time(name: str) -> sa.Column[datetime]:
    return sa.Column(name, UtcTime, nullable=False)


def _instant(name: str, **options: Any) -> sa.Column[int]:
    """Milliseconds since 1970: by the hundred thousand, frames take them without any parsing."""
    return sa.Column(name, sa.BigInteger, **options)


def _of_operation(**options: Any) -> sa.Column[str]:
    return _text("operation_id", **options)


def _goes_with_operation() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], ondelete="CASCADE")


operation = sa.Table(
    "operation",
    SCHEMA,
    _text("id", primary_key=True),
    _text("verb"),
    _text("user"),
    _text("tenant"),
    _text("host"),
    _text("identity"),
    _text("reason"),
    _text("filter_text"),
    sa.Column("undo_of", PlainText),
    sa.Column("retry_of", PlainText),
    sa.Column("part_of", PlainText),
    _time("started_at"),
    sa.Index("operation_by_start", "started_at", "id"),
    sa.Index("operation_by_identity", "identity", "started_at"),
    sa.Index("operation_by_whole", "part_of", "started_at"),
)

# How an operation stood since one write about it: the revisions of each are numbered from 0.
operation_revision = sa.Table(
    "operation_revision",
    SCHEMA,
    _of_operation(primary_key=True),
    _number("revision", primary_key=True),
    _time("at"),
    _text("state"),
    _time("state_at"),
    _text("owner"),
    _time("heartbeat_at"),  # when its owner gave the last sign of life
    _number("request_count"),
    *(_number(count_column(outcome)) for outcome in Outcome),
    _goes_with_operation(),
    sqlite_with_rowid=False,
)

item = sa.Table(
    "item",
    SCHEMA,
    _of_operation(primary_key=True),
    _number("number", primary_key=True),
    _text("key"),
    _text("tenant_code"),
    _text("name"),
    _text("before"),
    _text("after"),
    _text("outcome"),
    _text("skip"),
    _text("finding"),
    _text("facts"),
    _text("message"),
    _goes_with_operation(),
    sa.Index("item_by_key", "operation_id", "key", unique=True),
    sa.Index("item_by_tenant", "tenant_code", "operation_id"),
)

# What became of an item by a revision of its operation; before the first, what its own row says.
item_status_change = sa.Table(
    "item_status_change",
    SCHEMA,
    _of_operation(primary_key=True),
    _number("number", primary_key=True),
    _number("revision", primary_key=True),
    _text("outcome"),
    _text("finding"),
    _text("facts"),
    _text("message"),
    _goes_with_operation(),
    sqlite_with_rowid=False,
)

event = sa.Table(
    "event",
    SCHEMA,
    sa.Column("id", sa.Integer, primary_key=True),
    _of_operation(),
    _time("at"),
    _text("kind"),
    _text("text"),
    _text("request"),
    _text("answer"),
    _text("who", server_default=""),
    _goes_with_operation(),
    sa.Index("event_by_kind", "operation_id", "kind", "id"),
)

# Made storable by the column before they come here: there are many.
JOB_OBSERVATION_TEXTS = (
    *("tenant_code", "job_type", "job_type_word", "status", "status_word"),
    *("stage", "data_version", "message", "parent_job_id"),
)

# What a job was seen to be, from the first reading that found it so to the last. The observations
# of each job, which is its type and its id, are numbered; an empty text is a missing one.
job_observation = sa.Table(
    "job_observation",
    SCHEMA,
    sa.Column("id", sa.Integer, primary_key=True),
    _text("identity"),
    _text("job_id"),
    _number("number"),
    *(sa.Column(name, sa.Text, nullable=False) for name in JOB_OBSERVATION_TEXTS),
    _instant("start_time"),
    _instant("first_seen", nullable=False),
    _instant("last_seen", nullable=False),
    _instant("end_time"),  # of the newest alone: what an event of Visier told
    sa.Index("job_observation_by_job", "identity", "job_id", "job_type", "number", unique=True),
    sa.Index("job_observation_by_time", "identity", "last_seen"),
    sa.Index("job_observation_by_parent", "identity", "parent_job_id"),
)

tracked_job = sa.Table(
    "tracked_job",
    SCHEMA,
    _text("identity", primary_key=True),
    _text("job_id", primary_key=True),
    _time("at"),
    _text("note"),
    sqlite_with_rowid=False,
)

# The filters of a screen under a name: `query` and `lists` are JSON.
saved_view = sa.Table(
    "saved_view",
    SCHEMA,
    _text("id", primary_key=True),
    *map(_text, ("host", "tenant", "owner", "user", "screen", "name", "query", "lists")),
    *(sa.Column(name, sa.Boolean, nullable=False) for name in ("is_shared", "is_default")),
    _time("created_at"),
    _time("changed_at"),
    sa.Index("saved_view_by_place", "host", "tenant"),
)

# What the watch reports of one tenant set, and where: `body` is JSON with a version.
rule = sa.Table(
    "rule",
    SCHEMA,
    _text("id", primary_key=True),
    *map(_text, ("host", "tenant", "body", "created_by", "changed_by")),
    sa.Column("is_enabled", sa.Boolean, nullable=False),
    sa.Column("muted_until", UtcTime),
    _time("created_at"),
    _time("changed_at"),
    sa.Index("rule_by_place", "host", "tenant"),
)

# One episode of what a rule reports: `facts` and `resolution` are JSON.
incident = sa.Table(
    "incident",
    SCHEMA,
    _text("id", primary_key=True),
    *map(_text, ("host", "tenant", "rule_id", "cause", "state", "facts")),
    *map(_text, ("acknowledged_by", "note", "assignee", "resolution")),
    _time("opened_at"),
    sa.Column("acknowledged_until", UtcTime),
    sa.Column("resolved_at", UtcTime),
    sa.Index("incident_by_place", "host", "tenant", "opened_at"),
    # Two that look at once cannot open one episode twice.
    sa.Index(
        "incident_unresolved",
        "rule_id",
        "cause",
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    ),
)

# Messages on their way: the id is a digest of what makes each one of its kind, so that planning one
# again adds none.
outbox = sa.Table(
    "outbox",
    SCHEMA,
    _text("id", primary_key=True),
    *map(_text, ("host", "tenant", "incident_id", "rule_id", "kind", "occasion", "destination")),
    *map(_text, ("facts", "state", "error", "owner")),
    _number("attempts"),
    _time("due_at"),
    _time("state_at"),
    sa.Column("sent_at", UtcTime),
    sa.Index("outbox_by_place", "host", "tenant", "state_at"),
    sa.Index("outbox_by_state", "state", "due_at"),
    sa.Index("outbox_by_incident", "incident_id"),
)

# One night of one place: `night` is an ISO date, `rows` a Parquet document, `facts` JSON.
night = sa.Table(
    "night",
    SCHEMA,
    *(_text(name, primary_key=True) for name in ("host", "tenant", "night")),
    _time("first_look_at"),
    _time("looked_at"),
    sa.Column("is_complete", sa.Boolean, nullable=False),
    _number("tenant_count"),
    _text("facts"),
    sa.Column("rows", sa.LargeBinary, nullable=False),
    sa.Column("fence", sa.BigInteger, nullable=False),
)

# Who does what only one process may do; `fence` grows whenever it changes hands.
lease = sa.Table(
    "lease",
    SCHEMA,
    _text("name", primary_key=True),
    _text("owner"),
    sa.Column("fence", sa.BigInteger, nullable=False),
    _time("until"),
)

# As many slots as calls fit into a minute of a budget, each with the time it is free again.
rate_limit_slot = sa.Table(
    "rate_limit_slot",
    SCHEMA,
    _text("budget", primary_key=True),
    _number("number", primary_key=True),
    _instant("free_at", nullable=False),
    sqlite_with_rowid=False,
)

# An event that Visier pushed, as it came: `connection` is the one it was sent for.
webhook_event = sa.Table(
    "webhook_event",
    SCHEMA,
    _text("event_id", primary_key=True),
    _time("received_at"),
    *map(_text, ("connection", "event_type", "signature_form", "body", "state")),
    sa.Index("webhook_event_by_time", "received_at"),
    sa.Index("webhook_event_by_connection", "connection", "received_at"),
)

# What the watch has read last of the connectors of a tenant.
connector_reading = sa.Table(
    "connector_reading",
    SCHEMA,
    *(_text(name, primary_key=True) for name in ("host", "tenant", "tenant_code")),
    _time("tried_at"),
    sa.Column("read_at", UtcTime),
    sa.Column("lacks_credential", sa.Boolean),
)
