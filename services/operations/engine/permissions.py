"""Who may do what, and where: every change is checked here before anything is sent.

Only people connected to the Visier and the tenant where an operation was begun may act on it, and
their permissions go by its verb. A disabled button is a courtesy; this check decides. Refusals are
recorded.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

import orjson

from services.ledger import (
    Actor,
    Event,
    EventKind,
    Ledger,
    NewItem,
    NewOperation,
    NotOpen,
    Operation,
)

from ..tokens import FORMER_NAMES, FORMER_VERBS, Verb

EVERY_VERB: Final = frozenset[str](Verb)


class Bar(StrEnum):
    """Why somebody may change nothing at all."""

    NOT_SIGNED_IN = "not_signed_in"
    EXPIRED = "expired"
    SIGNED_OUT = "signed_out"
    SOMEBODY_ELSE = "somebody_else"
    IDLE = "idle"
    READ_ONLY = "read_only"
    NO_GROUPS = "no_groups"
    NO_PERSON = "no_person"
    RECOVERY_CLOSED = "recovery_closed"


@dataclass(frozen=True)
class Closed:
    """Why somebody may change nothing, with the minutes (IDLE) or the claim (NO_GROUPS) of it."""

    why: Bar
    about: str = ""


class NotAllowed(Exception):
    """This person may not do this verb here.

    ``closed`` is why they may change nothing at all; None where they lack this verb.
    """

    def __init__(self, verb: str, closed: Closed | None = None) -> None:
        super().__init__(f"{verb} is not permitted{f': {closed.why}' if closed else ''}.")
        self.verb = verb
        self.closed = closed


@dataclass(frozen=True)
class Permissions:
    """What one person may do: which ``verbs``, at the place of ``actor``.

    ``closed`` is why they may change nothing at all; None when they may.
    """

    actor: Actor
    verbs: Collection[str] = EVERY_VERB
    closed: Closed | None = None

    @property
    def who(self) -> str:
        """Who it is, as the ledger names people."""
        return self.actor.user

    def refusal(self, verb: str) -> NotAllowed | None:
        """Return why this verb may not be done, or None when it may.

        A verb of an earlier version requires all verbs it was divided into: which of them it was is
        unknown.
        """
        needed = FORMER_VERBS.get(verb, frozenset({verb}))
        may = not self.closed and needed.issubset(self.verbs)
        return None if may else NotAllowed(verb, self.closed)


def permitted(names: Iterable[str]) -> frozenset[str]:
    """Return the verbs that settings name, with names of earlier versions as the verbs of now."""
    return frozenset(verb for name in names for verb in FORMER_NAMES.get(name, {name}))


def begin(
    ledger: Ledger,
    permissions: Permissions,
    operation: NewOperation,
    items: Iterable[NewItem],
    events: Iterable[Event] = (),
) -> None:
    """Record an operation as begun; or as refused, without its items.

    Raises NotAllowed; services.ledger.AlreadyApplied, LedgerTrouble; and Elsewhere when it follows
    from an operation of another place. A refusal does not spend the plan's id: somebody with the
    permission may still apply the plan.
    """
    # At the place of the person: operations of other places raise Elsewhere.
    ledger, meant = ledger.at(permissions.actor.place), [*items]
    refusal = permissions.refusal(operation.verb) or _begin(ledger, operation, meant, events)
    if refusal:
        one = {"name": meant[0].name, "after": meant[0].after} if len(meant) == 1 else {}
        # Under an id of its own: the plan may still be applied by somebody else.
        refused = replace(operation, id=str(uuid4()))
        ledger.refuse(refused, _refused(refusal, items=len(meant), **one))
        raise refusal


def _begin(
    ledger: Ledger, operation: NewOperation, items: list[NewItem], events: Iterable[Event]
) -> NotAllowed | None:
    """Record it as begun; or return the refusal when its recovery was closed meanwhile."""
    try:
        ledger.begin(operation, items, events, while_open=_recovery_of(ledger, operation))
    except NotOpen:
        return NotAllowed(Verb.RECOVER, Closed(Bar.RECOVERY_CLOSED))
    return None


def _recovery_of(ledger: Ledger, operation: NewOperation) -> str | None:
    """Return the recovery that an operation is a step of, and which must be open for it.

    Undoing and retrying stay possible after it is closed: they are no steps of it.
    """
    if operation.part_of is None or operation.undo_of or operation.retry_of:
        return None
    whole = ledger.operation(operation.part_of)
    return whole.id if whole.verb == Verb.RECOVER else None


def authorize_existing(ledger: Ledger, permissions: Permissions, operation_id: str) -> Operation:
    """Return an existing operation if this person may act on it; otherwise record the refusal.

    Raises NotAllowed; services.ledger.Elsewhere, UnknownOperation, LedgerTrouble.
    """
    ledger = ledger.at(permissions.actor.place)
    operation = ledger.operation(operation_id)
    refusal = permissions.refusal(operation.verb)
    if refusal:
        ledger.note(operation_id, replace(_refused(refusal), who=permissions.who))
        raise refusal
    return operation


def _refused(refusal: NotAllowed, **meant: Any) -> Event:
    closed = asdict(refusal.closed) if refusal.closed else None
    answer = orjson.dumps({"closed": closed, **meant}).decode()
    return Event(kind=EventKind.REFUSED, text="", answer=answer)
