"""Who will miss the deadlines of the night under way; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from services.monitoring.watch.forecast import Forecast
from services.monitoring.watch.usual import Flags

from .evaluating import moments
from .rules import Daily, Deadline, Rule, Scope


@dataclass(frozen=True, eq=False)
class Prospect:
    """A deadline of tonight (`due` in UTC), and which tenants miss it, in the forecast's order.

    `by` is the time of day its rule names. Once it `has_passed` they have missed it; before that,
    they will more likely than not.
    """

    rule_id: str
    rule: Rule
    by: Daily
    due: datetime
    has_passed: bool
    misses: Flags


def prospects(
    rules: Iterable[tuple[str, Rule]], forecast: Forecast, scope: Scope
) -> list[Prospect]:
    """Return the deadlines among rules (each with its id) that fall into a night, by their time.

    One that has no tenants is left out.
    """
    codes = pd.Series(forecast.codes)
    found = []
    for rule_id, rule in rules:
        condition = rule.condition
        if not isinstance(condition, Deadline):
            continue
        is_meant = scope(condition.tenants, codes).to_numpy(bool)
        for due in moments(condition.by, forecast.night, forecast.zone):
            if is_meant.any():
                misses = is_meant & forecast.misses(due)
                passed = forecast.has_passed(due)
                found.append(Prospect(rule_id, rule, condition.by, due, passed, misses))
    return sorted(found, key=lambda each: each.due)
