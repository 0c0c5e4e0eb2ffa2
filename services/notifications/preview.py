"""What a rule would have said on each recorded night; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from services.monitoring.watch.observation import Observation

from .evaluating import Finding, View, evaluate
from .rules import Condition, Deadline, Digest, NoCredential, Rule, Scope, set_key

COLUMNS: Final = (
    *("tenant_code", "loaded_at", "jobs_failed", "jobs_running", "failure"),
    *("is_stuck", "is_late", "late_at"),
)
"""The columns of a night's rows that a preview needs."""


@dataclass(frozen=True)
class Previewed:
    """One night and what a rule would have said of it.

    `is_known` is whether the night was looked at for long enough to tell. A deadline goes by when
    each tenant loaded; of the rest only what was so at the end of the night counts.
    """

    night: date
    findings: tuple[Finding, ...] = ()
    is_known: bool = True


def preview(
    rule: Rule, nights: Iterable[Observation], *, scope: Scope, zone: ZoneInfo
) -> list[Previewed]:
    """Return what a rule would have said on each of these nights, in their order.

    `zone` is that of the watch.
    """
    return [_night(rule.condition, View(each, scope, zone, hindsight=True)) for each in nights]


def _night(condition: Condition, view: View) -> Previewed:
    if isinstance(condition, Digest):
        said = tuple(Finding(moment.isoformat()) for moment in view.moments(condition.at))
        return Previewed(view.night, said)
    if isinstance(condition, Deadline):
        # A night that was last looked at before the deadline does not tell who has missed it.
        is_known = all(due <= view.lists_at for due in view.moments(condition.by))
        return Previewed(view.night, tuple(_of_deadline(condition, view)), is_known)
    # Connectors are read in turns: until all of a set were, nothing found does not mean none.
    is_known = not isinstance(condition, NoCredential) or (
        set_key(condition.tenants) in view.observation.facts.connectors_read
    )
    return Previewed(view.night, tuple(evaluate(condition, view)), is_known)


def _of_deadline(condition: Deadline, view: View) -> Iterator[Finding]:
    for due in view.moments(condition.by):
        # Without a warning both are one.
        for at in dict.fromkeys((due - condition.warning, due)):
            if at <= view.lists_at:
                found = evaluate(condition, replace(view, as_of=at))
                yield from (each for each in found if each.cause == due.isoformat())
