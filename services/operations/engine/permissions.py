"""Who may do what, and where: the one door that everything passes before it sends anything.

An operation is the business of those alone who are connected to the Visier and the tenant it was
begun at; what they may do there goes by its verb. A disabled button is a courtesy to people; what
counts is asked here, and what is refused is written down as well.
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
    """Why somebody may do nothing at all."""

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
    """Why somebody may do nothing, with the minutes (IDLE) or the claim (NO_GROUPS) it is about."""

    why: Bar
    about: str = ""


class NotAllowed(Exception):
    """This person may not do this verb here.

    ``closed`` tells why nobody like them may do anything; it is None where it is this verb that
    they lack.
    """

    def __init__(self, verb: str, closed: Closed | None = None) -> None:
        super().__init__(f"{verb} is not permitted{f': {closed.why}' if closed else ''}.")
        self.verb = verb
        self.closed = closed


@dataclass(frozen=True)
class Permissions:
    """What one person may do: which ``verbs``, and where they are connected to, as ``actor`` tells.

    ``closed`` tells why nothing at all may be done; it is None when something may.
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

        One of an earlier version takes all that it stood for: which of them it was is not known.
        """
        needed = FORMER_VERBS.get(verb, frozenset({verb}))
        may = not self.closed and needed.issubset(self.verbs)
        return None if may else NotAllowed(verb, self.closed)


def permitted(names: Iterable[str]) -> frozenset[str]:
    """Return the verbs that settings name, those of earlier versions as what they stood for."""
    return frozenset(verb for name in names for verb in FORMER_NAMES.get(name, {name}))


def begin(
    ledger: Ledger,
    permissions: Permissions,
    operation: NewOperation,
    items: Iterable[NewItem],
    events: Iterable[Event] = (),
) -> None:
    """Write an operation down as begun; or as refused, without its items.

    Raises NotAllowed; services.ledger.AlreadyApplied, LedgerTrouble; and Elsewhere when it follows
    from an operation of another place. A refusal spends no id: the same plan may be applied by
    whoever may.
    """
    ledger, meant = ledger.at(permissions.actor.place), [*items]
    refusal = permissions.refusal(operation.verb) or _begin(ledger, operation, meant, events)
    if refusal:
        one = {"name": meant[0].name, "after": meant[0].after} if len(meant) == 1 else {}
        refused = replace(operation, id=str(uuid4()))
        ledger.refuse(refused, _refused(refusal, items=len(meant), **one))
        raise refusal


def _begin(
    ledger: Ledger, operation: NewOperation, items: list[NewItem], events: Iterable[Event]
) -> NotAllowed | None:
    """Write it down as begun; or return why it was not: its recovery was closed meanwhile."""
    try:
        ledger.begin(operation, items, events, while_open=_recovery_of(ledger, operation))
    except NotOpen:
        return NotAllowed(Verb.RECOVER, Closed(Bar.RECOVERY_CLOSED))
    return None


def _recovery_of(ledger: Ledger, operation: NewOperation) -> str | None:
    """Return the recovery that an operation is a step of, which begins only while that is open.

    What was done in it can be undone and tried again all the same: these are no steps of it.
    """
    if operation.part_of is None or operation.undo_of or operation.retry_of:
        return None
    whole = ledger.operation(operation.part_of)
    return whole.id if whole.verb == Verb.RECOVER else None


def authorize_existing(ledger: Ledger, permissions: Permissions, operation_id: str) -> Operation:
    """Return an operation that is there to whoever may act on it; or note that it was refused.

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
