"""Who may do what, and where: the one door that everything passes before it sends anything.

An operation is the business of those alone who are connected to the Visier and the tenant it was
begun at; what they may do there goes by its verb. A disabled button is a courtesy to people; what
counts is asked here, and what is refused is written down as well.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

import orjson

from services.ledger import Actor, Event, EventKind, Ledger, NewItem, NewOperation, Operation

from ..tokens import FORMER_NAMES, FORMER_VERBS, Verb

EVERY_VERB: Final = frozenset[str](Verb)


class NotAllowed(Exception):
    """This person may not do this verb here.

    ``closed`` says, in a sentence for people, why nobody like them may do anything; it is empty
    where it is this verb that they lack.
    """

    def __init__(self, verb: str, closed: str = "") -> None:
        super().__init__(closed or f"{verb} is not permitted.")
        self.verb = verb
        self.closed = closed


@dataclass(frozen=True)
class Permissions:
    """What one person may do: which ``verbs``, and where they are connected to, as ``actor`` tells.

    ``closed`` says, in a sentence for people, why nothing at all may be done; it is empty when
    something may.
    """

    actor: Actor
    verbs: Collection[str] = EVERY_VERB
    closed: str = ""

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
    ledger = ledger.at(permissions.actor.place)
    refusal = permissions.refusal(operation.verb)
    if refusal:
        meant = [*items]
        one = {"name": meant[0].name, "after": meant[0].after} if len(meant) == 1 else {}
        answer = orjson.dumps({"items": len(meant), **one})
        refused = replace(operation, id=str(uuid4()))
        why = Event(kind=EventKind.REFUSED, text=refusal.closed, answer=answer.decode())
        ledger.refuse(refused, why)
        raise refusal
    ledger.begin(operation, items, events)


def take_up(ledger: Ledger, permissions: Permissions, operation_id: str) -> Operation:
    """Return an operation that is there to whoever may act on it; or note that it was refused.

    Raises NotAllowed; services.ledger.Elsewhere, UnknownOperation, LedgerTrouble.
    """
    ledger = ledger.at(permissions.actor.place)
    operation = ledger.operation(operation_id)
    refusal = permissions.refusal(operation.verb)
    if refusal:
        why = Event(kind=EventKind.REFUSED, text=refusal.closed, who=permissions.who)
        ledger.note(operation_id, why)
        raise refusal
    return operation
