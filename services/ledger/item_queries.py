"""What is asked of items and of their tenants, as statements, and what the rows mean."""

from collections.abc import Collection
from dataclasses import fields
from typing import Any

import orjson
import sqlalchemy as sa

from .models import Item, Outcome
from .tables import item, item_status_change, operation_revision

_ITEM = tuple(field.name for field in fields(Item))


def _newest(column: str) -> sa.ScalarSelect[Any]:
    own = item_status_change.c
    of_item = (own.operation_id == item.c.operation_id, own.number == item.c.number)
    found = sa.select(own[column]).where(*of_item).correlate(item)
    return found.order_by(own.revision.desc()).limit(1).scalar_subquery()


def _changed_at() -> sa.ScalarSelect[Any]:
    own = operation_revision.c
    newest = sa.func.coalesce(_newest("revision"), 0)
    of_item = (own.operation_id == item.c.operation_id, own.revision == newest)
    return sa.select(own.at).where(*of_item).correlate(item).scalar_subquery()


# What an item's own row says holds until its first change. Asking for one column at a time is
# quick with any number of rows; a join on the newest change is so only in SQLite.
_CHANGING = ("outcome", "finding", "facts", "message")
_NOW = {name: sa.func.coalesce(_newest(name), item.c[name]) for name in _CHANGING}


def item_rows(operation_id: str, *columns: str) -> sa.Select[Any]:
    """Select columns of the items of an operation as they stand."""
    known = {**item.c, **_NOW, "at": _changed_at()}
    shown = (known[name].label(name) for name in columns)
    return sa.select(*shown).where(item.c.operation_id == operation_id)


def items_in_order(operation_id: str, *columns: str) -> sa.Select[Any]:
    """Select columns of the items of an operation as they stand, in the order of its plan."""
    return item_rows(operation_id, *columns).order_by(item.c.number)


def items(
    operation_id: str, outcomes: Collection[Outcome] | None, limit: int, after: str | None
) -> sa.Select[Any]:
    """Select items of these outcomes, those after the item of a key, in the order of the plan."""
    found = items_in_order(operation_id, *_ITEM).limit(limit)
    if outcomes is not None:
        found = found.where(_NOW["outcome"].in_(outcomes))
    if after is not None:
        of_key = (item.c.operation_id == operation_id, item.c.key == after)
        last = sa.select(item.c.number).where(*of_key).correlate(None).scalar_subquery()
        found = found.where(item.c.number > last)
    return found


def tenants(operation_ids: Collection[str]) -> sa.Select[Any]:
    """Select the tenants of the items of operations, each once, in the order of their plans."""
    of_operation = (item.c.operation_id, item.c.tenant_code)
    found = sa.select(*of_operation).where(_with_tenant(operation_ids))
    return found.group_by(*of_operation).order_by(sa.func.min(item.c.number))


def _with_tenant(operation_ids: Collection[str]) -> sa.ColumnElement[bool]:
    return item.c.operation_id.in_(operation_ids) & (item.c.tenant_code != "")


def tenant_counts(operation_ids: Collection[str]) -> sa.Select[Any]:
    """Select how many tenants the items of operations are of."""
    tenant_count = sa.func.count(sa.distinct(item.c.tenant_code)).label("tenant_count")
    found = sa.select(item.c.operation_id, tenant_count)
    return found.where(_with_tenant(operation_ids)).group_by(item.c.operation_id)


def as_item(row: sa.Row[Any]) -> Item:
    """Read one row of `items`."""
    columns = dict(row._mapping)
    facts = orjson.loads(columns["facts"]) if columns["facts"] else {}
    return Item(**columns | {"outcome": Outcome(columns["outcome"]), "facts": facts})
