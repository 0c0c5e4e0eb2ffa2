"""Rules of the watch: what is reported, as JSON that services.notifications reads."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from . import database, truncation
from .errors import RuleRefused, UnknownRule
from .models import Place
from .tables import rule
from .writes import kept_place

BODY_AT_MOST: Final = 1_000_000
"""Characters of a rule at most: the codes of some 80,000 tenants."""
RULES_AT_MOST: Final = 100
"""Rules of one place at most: each is evaluated at every look."""
_WRITERS_LOCK: Final = 7_418_527  # any number, the same for everybody who changes rules


@dataclass(frozen=True, kw_only=True)
class StoredRule:
    """A rule as it is kept; times are in UTC. It is silent until `muted_until`."""

    id: str
    body: str
    is_enabled: bool
    muted_until: datetime | None
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime


class Rules:
    """The rules of each place; those of another place are not there.

    Every method raises LedgerTrouble when the database cannot do its part.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def listed(self, place: Place) -> list[StoredRule]:
        """Return the rules of a place, the oldest first."""
        asked = sa.select(rule).where(_is_at(place)).order_by(rule.c.created_at, rule.c.id)
        with database.transaction(self._engine) as connection:
            return [_as_rule(row) for row in connection.execute(asked).mappings()]

    def add(self, place: Place, body: str, by: str, at: datetime) -> str:
        """Save a rule, enabled; return its id. Raises RuleRefused when it is one too many."""
        rule_id, here = secrets.token_urlsafe(6), kept_place(place)
        who = truncation.kept({"user": by})["user"]
        row = {"id": rule_id, "host": here.host, "tenant": here.tenant, "body": _checked(body)}
        row |= {"created_by": who, "changed_by": who}
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            counted = sa.select(sa.func.count()).select_from(rule).where(_is_at(place))
            if connection.execute(counted).scalar_one() >= RULES_AT_MOST:
                raise RuleRefused(f"There are {RULES_AT_MOST} rules here, which is the limit.")
            times = {"created_at": at, "changed_at": at, "muted_until": None}
            connection.execute(rule.insert(), {**row, **times, "is_enabled": True})
        return rule_id

    def replace(self, place: Place, rule_id: str, body: str, by: str, at: datetime) -> None:
        """Put another body in the place of a rule's; raises UnknownRule."""
        self._change(place, rule_id, by, at, body=_checked(body))

    def enable(self, place: Place, rule_id: str, by: str, at: datetime, *, on: bool) -> None:
        """Have a rule evaluated, or not; raises UnknownRule."""
        self._change(place, rule_id, by, at, is_enabled=on)

    def mute(
        self, place: Place, rule_id: str, by: str, at: datetime, until: datetime | None
    ) -> None:
        """Keep a rule silent until then, or no longer; raises UnknownRule."""
        self._change(place, rule_id, by, at, muted_until=until)

    def delete(self, place: Place, rule_id: str) -> None:
        """Delete a rule, if it is there."""
        gone = rule.delete().where(rule.c.id == rule_id, _is_at(place))
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            connection.execute(gone)

    def _change(
        self,
        place: Place,
        rule_id: str,
        by: str,
        at: datetime,
        **values: str | bool | datetime | None,
    ) -> None:
        values |= {"changed_by": truncation.kept({"user": by})["user"], "changed_at": at}
        changed = rule.update().where(rule.c.id == rule_id, _is_at(place)).values(**values)
        with database.in_line(self._engine, _WRITERS_LOCK) as connection:
            if not connection.execute(changed).rowcount:
                raise UnknownRule(rule_id)


def _checked(body: str) -> str:
    if len(body) > BODY_AT_MOST:
        raise RuleRefused(f"This list of tenants is too long: over {BODY_AT_MOST:,} characters.")
    return body


def _as_rule(row: sa.RowMapping) -> StoredRule:
    names = ("id", "body", "is_enabled", "muted_until")
    by = ("created_by", "created_at", "changed_by", "changed_at")
    return StoredRule(**{name: row[name] for name in (*names, *by)})


def _is_at(place: Place) -> sa.ColumnElement[bool]:
    here = kept_place(place)
    return sa.and_(rule.c.host == here.host, rule.c.tenant == here.tenant)
