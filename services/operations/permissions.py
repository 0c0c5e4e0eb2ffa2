"""Who may do what: the one door that everything passes before it sends or goes on sending.

A disabled button is a courtesy to people; what counts is asked here, and what is refused is
written down as well.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from services.ledger import Event, Ledger, NewItem, NewOperation, Operation

from .kinds import FORMER_VERBS, CredentialVerb, Verb
from .start_forms import StartVerb

EVERY_VERB: Final = frozenset[str](str(verb) for verb in (*Verb, *StartVerb, *CredentialVerb))
REFUSED: Final = "Refused"
UNPERMITTED: Final = "Your groups do not permit “{verb}”."


class NotAllowed(Exception):
    """This person may not do this here; the text says why, in a sentence for people."""


@dataclass(frozen=True)
class Permissions:
    """What one person may do: ``who`` it is, as the ledger names people, and which ``verbs``.

    ``closed`` says, in a sentence for people, why nothing at all may be done; it is empty when
    something may.
    """

    who: str
    verbs: Collection[str] = EVERY_VERB
    closed: str = ""

    def refusal(self, verb: str) -> str:
        """Say why this verb may not be done, or nothing when it may.

        One of an earlier version takes all that it stood for: which of them it was is not known.
        """
        if self.closed:
            return self.closed
        needed = FORMER_VERBS.get(verb, frozenset({verb}))
        return "" if needed.issubset(self.verbs) else UNPERMITTED.format(verb=verb)


def permitted(names: Iterable[str]) -> frozenset[str]:
    """Return the verbs that settings name, those of earlier versions as what they stood for."""
    return frozenset(verb for name in names for verb in FORMER_VERBS.get(name, {name}))


def begin(
    ledger: Ledger, permissions: Permissions, operation: NewOperation, items: Iterable[NewItem]
) -> None:
    """Write an operation down as begun; or as refused, without its items.

    Raises NotAllowed; services.ledger.AlreadyApplied, LedgerTrouble. A refusal spends no id: the
    same plan may be applied by whoever may.
    """
    refusal = permissions.refusal(operation.verb)
    if refusal:
        listed = list(items)
        meant = listed[0].label if len(listed) == 1 else f"{len(listed):,} items"
        refused = replace(operation, id=str(uuid4()))
        ledger.refuse(refused, Event(kind=REFUSED, text=f"{refusal} Nothing was sent: {meant}."))
        raise NotAllowed(refusal)
    ledger.begin(operation, items)


def take_up(ledger: Ledger, permissions: Permissions, operation_id: str) -> Operation:
    """Return an operation that is there to whoever may act on it; or note that it was refused.

    Raises NotAllowed; services.ledger.UnknownOperation, LedgerTrouble.
    """
    operation = ledger.operation(operation_id)
    refusal = permissions.refusal(operation.verb)
    if refusal:
        ledger.note(operation_id, Event(kind=REFUSED, text=f"{permissions.who}: {refusal}"))
        raise NotAllowed(refusal)
    return operation
