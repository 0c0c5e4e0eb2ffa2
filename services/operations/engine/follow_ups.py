"""Plans that follow from what was applied: taking it back, or trying the failed items again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

import pandas as pd

from services.clock import CLOCK
from services.ledger import Ledger, Outcome

from ..tokens import BEGIN_CHAINS, Verb
from .plan import Plan, Registry
from .reconcile import every_item


class NoInverse(Exception):
    """Nothing of this verb can be undone from here."""

    def __init__(self, verb: Verb) -> None:
        super().__init__(f"{verb} cannot be undone.")
        self.verb = verb


def undo_plan(ledger: Ledger, operation_id: str, current: pd.DataFrame, registry: Registry) -> Plan:
    """Plan to restore what the succeeded items of an operation were before.

    ``current`` is what the operation's own planning function takes for it. Items that no longer
    stand as the operation left them are skipped, each with its reason. Uploads too old to be listed
    are planned by the record and read before anything is sent. Raises NoInverse, UnknownOperation.
    """
    spec = registry[ledger.operation(operation_id).verb]
    if not spec.can_undo:
        raise NoInverse(spec.verb)
    done = every_item(ledger, operation_id, {Outcome.SUCCEEDED})
    plan = replace(
        spec.undo([spec.read_item(item) for item in done], current), undo_of=operation_id
    )
    return _beside(ledger, operation_id, plan)


def retry_plan(
    ledger: Ledger,
    operation_id: str,
    current: pd.DataFrame,
    registry: Registry,
    *,
    now: Callable[[], datetime] = CLOCK.now,
) -> Plan:
    """Plan the failed items of an operation anew, and no others.

    ``current`` is what the operation's own planning function takes for it; items that have become
    what they were meant to be are skipped. Raises UnknownOperation.
    """
    spec = registry[ledger.operation(operation_id).verb]
    failed = [spec.read_item(item) for item in every_item(ledger, operation_id, {Outcome.FAILED})]
    plan = replace(spec.again(failed, current, now()), retry_of=operation_id)
    return _beside(ledger, operation_id, plan)


def _beside(ledger: Ledger, operation_id: str, plan: Plan) -> Plan:
    """Return the plan as part of the same whole as the operation it follows from, if there is one.

    What several people go on with together follows once from each operation: its id is the same
    whoever asks.
    """
    operation = ledger.operation(operation_id)
    whole = operation.part_of
    if whole is None:
        # What is tried again of the first of a chain belongs to it, as often as that is done.
        goes_on = plan.retry_of and operation.verb in BEGIN_CHAINS
        return replace(plan, part_of=operation_id) if goes_on else plan
    follows = "undo" if plan.undo_of else "retry"
    return replace(plan, part_of=whole, id=str(uuid5(UUID(operation_id), follows)))
