"""Plans that follow from an operation: undoing it, or retrying its failed items."""

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
    """This verb cannot be undone through Visier's API."""

    def __init__(self, verb: Verb) -> None:
        super().__init__(f"{verb} cannot be undone.")
        self.verb = verb


def undo_plan(ledger: Ledger, operation_id: str, current: pd.DataFrame, registry: Registry) -> Plan:
    """Return a plan that restores the former states of an operation's succeeded items.

    ``current`` is the present state as the verb's planning function takes it. Items changed since
    the operation are skipped, each with its reason. Uploads too old to be listed are planned from
    the record, and read before anything is sent. Raises NoInverse, UnknownOperation.
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
    """Return a plan of the failed items of an operation, and no others.

    ``current`` is the present state as the verb's planning function takes it; items already in the
    wanted state are skipped. Raises UnknownOperation.
    """
    spec = registry[ledger.operation(operation_id).verb]
    failed = [spec.read_item(item) for item in every_item(ledger, operation_id, {Outcome.FAILED})]
    plan = replace(spec.again(failed, current, now()), retry_of=operation_id)
    return _beside(ledger, operation_id, plan)


def _beside(ledger: Ledger, operation_id: str, plan: Plan) -> Plan:
    """Return the plan as part of the recovery or chain that its operation belongs to, if any.

    Several people work on these: the plan's id follows from the operation, so that it is applied
    once whoever asks.
    """
    operation = ledger.operation(operation_id)
    whole = operation.part_of
    if whole is None:
        # Each retry of the first operation of a chain belongs to the chain.
        goes_on = plan.retry_of and operation.verb in BEGIN_CHAINS
        return replace(plan, part_of=operation_id) if goes_on else plan
    # Deterministic: two people who ask for the same get one plan.
    follows = "undo" if plan.undo_of else "retry"
    return replace(plan, part_of=whole, id=str(uuid5(UUID(operation_id), follows)))
