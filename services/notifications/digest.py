"""The digest: a night in a few numbers, at a time of one's choosing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

from services.ledger import NewMessage

from .evaluating import FAILURES_NAMED, View, failure_kinds
from .incidents import MessageKind, WatchedRule
from .rules import Digest

LATE_BY_AT_MOST: Final = timedelta(hours=3)
"""A digest that could not be planned by then is left out: nobody wants the morning at noon."""


def due(own: WatchedRule, condition: Digest, view: View, standing: int) -> Iterator[NewMessage]:
    """Yield the digests whose time has come; planned a second time, each is still one message.

    `standing` is how many incidents are unresolved.
    """
    for moment in view.moments(condition.at):
        if moment <= view.at < moment + LATE_BY_AT_MOST:
            muted = own.stored.muted_until
            if muted and muted > view.at:
                continue
            facts = summary(condition, view, standing)
            for destination in own.rule.destinations:
                yield NewMessage(
                    rule_id=own.stored.id,
                    kind=MessageKind.DIGEST,
                    occasion=moment.isoformat(),
                    destination=destination,
                    due_at=view.at,
                    facts=facts,
                )


def summary(condition: Digest, view: View, standing: int) -> dict[str, Any]:
    """Return what a digest says of a night, as JSON: counts of tenants, and what stands out."""
    rows = view.rows(condition)
    has_failed = (rows["jobs_failed"] > 0) & rows["loaded_at"].isna()
    overdue = (rows["late_at"] <= pd.Timestamp(view.lists_at)) & rows["loaded_at"].isna()
    failures = rows.loc[has_failed, "failure"].value_counts().head(FAILURES_NAMED)
    return {
        "night": view.night.isoformat(),
        "at": _iso(view.at),
        "tenants": len(rows),
        "loaded": int(rows["loaded_at"].notna().sum()),
        "failed": int(has_failed.sum()),
        "overdue": int(overdue.sum()),
        "running": int((rows["jobs_running"] > 0).sum()),
        "excluded": int((rows["excluded_count"] > 0).sum()),
        "unusual": len(view.observation.facts.unusual),
        "failures": [[str(key), int(count)] for key, count in failures.items()],
        "standing": standing,
        **failure_kinds(condition.tenants, view, map(str, failures.index)),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat()
