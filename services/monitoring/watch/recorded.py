"""Observations as the ledger keeps them: rows as a document, facts as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final

import orjson
import pandas as pd

from services.ledger import Ledger, Night, Place

from .observation import (
    NIGHT_SCHEMA,
    DeliverySizes,
    FailureKind,
    Failures,
    JobDurations,
    NightFacts,
    Observation,
    UnusualDelivery,
)

_TIMES: Final = ("lists_at", "jobs_at")
# Columns that earlier versions did not record.
_ADDED: Final = ("began_at", "metrics")


def document(facts: NightFacts) -> str:
    """Return facts as JSON."""
    return orjson.dumps(asdict(facts)).decode()


def facts_of(text: str) -> NightFacts:
    """Return the facts of a document; none where it cannot be read."""
    try:
        told: Mapping[str, Any] = orjson.loads(text)
        without = told["without_credential"]
        return NightFacts(
            unusual=tuple(map(_unusual, told["unusual"])),
            without_credential=None if without is None else tuple(without),
            budget_left=told["budget_left"],
            operations=tuple(told["operations"]),
            is_given=bool(told["is_given"]),
            # Nights that an earlier version recorded do not have these.
            failures=_failures(told.get("failures")),
            durations=_durations(told.get("durations")),
            deliveries=_deliveries(told.get("deliveries")),
            # Nights of earlier versions have none.
            connectors_read={
                key: datetime.fromisoformat(at)
                for key, at in told.get("connectors_read", {}).items()
            },
            **{name: _time(told[name]) for name in _TIMES},
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return NightFacts()


def observation(night: Night, rows: pd.DataFrame) -> Observation:
    """Return what was observed of a night on record, of which these are the rows."""
    return Observation(night.night, night.looked_at, rows, facts_of(night.facts))


def rows(
    ledger: Ledger,
    place: Place,
    nights: Iterable[date],
    columns: Sequence[str] = tuple(NIGHT_SCHEMA),
) -> dict[date, pd.DataFrame]:
    """Return the rows of these nights with some columns of NIGHT_SCHEMA; of one not on record none.

    What an earlier version did not record is missing. Raises services.ledger.LedgerTrouble.
    """
    found = ledger.nights.rows(place, nights, columns)
    return {night: _whole(each, columns) for night, each in found.items()}


def _whole(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    added = [name for name in _ADDED if name in columns and name not in rows]
    return rows.assign(
        **{name: pd.Series(None, rows.index, dtype=NIGHT_SCHEMA[name]) for name in added}
    )


def read(
    ledger: Ledger,
    place: Place,
    *,
    since: date | None = None,
    limit: int = 400,
    columns: Sequence[str] = tuple(NIGHT_SCHEMA),
) -> list[tuple[Night, Observation]]:
    """Return the nights on record at a place, newest first, each with what was observed.

    `rows` has the columns of NIGHT_SCHEMA, or those that are named. At most `limit` nights, from
    the one that ends at `since` on. Raises services.ledger.LedgerTrouble.
    """
    nights = ledger.nights.listed(place, since=since, limit=limit)
    found = rows(ledger, place, [each.night for each in nights], columns)
    return [(each, observation(each, found[each.night])) for each in nights if each.night in found]


def _unusual(told: Mapping[str, Any]) -> UnusualDelivery:
    return UnusualDelivery(
        delivery_id=str(told["delivery_id"]),
        arrived_at=datetime.fromisoformat(told["arrived_at"]),
        reasons=tuple(told["reasons"]),
        tenant_codes=tuple(told["tenant_codes"]),
    )


def _failures(told: Mapping[str, Any] | None) -> Failures | None:
    if told is None:
        return None
    return Failures(told["jobs"], tuple(FailureKind(**kind) for kind in told["kinds"]))


def _durations(told: Sequence[Mapping[str, Any]] | None) -> tuple[JobDurations, ...] | None:
    return None if told is None else tuple(JobDurations(**each) for each in told)


def _deliveries(told: Mapping[str, Any] | None) -> DeliverySizes | None:
    return None if told is None else DeliverySizes(**told)


def _time(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)
