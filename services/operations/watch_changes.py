"""Changes of rules and incidents: permitted and recorded like an operation, of one item.

Nothing is sent to Visier.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

from services.ledger import Actor, ItemResult, Ledger, NewItem, NewOperation, Outcome, State

from .engine.changes import write_state
from .engine.permissions import Permissions, begin
from .tokens import Verb

# A list of 50,000 tenants is read in the rule itself.
_FACTS_AT_MOST: Final = 20_000


class Done(StrEnum):
    """What was done to a rule, an incident or a message."""

    ADDED = "rule_added"
    CHANGED = "rule_changed"
    MUTED = "rule_muted"
    UNMUTED = "rule_unmuted"
    TURNED_ON = "rule_on"
    TURNED_OFF = "rule_off"
    DELETED = "rule_deleted"
    TESTED = "destination_tested"
    ACKNOWLEDGED = "incident_acknowledged"
    REOPENED = "incident_reopened"
    SENT_AGAIN = "message_sent_again"
    DISMISSED = "message_dismissed"


_OF_INCIDENTS: Final = (Done.ACKNOWLEDGED, Done.REOPENED, Done.SENT_AGAIN, Done.DISMISSED)


@dataclass(frozen=True)
class WatchChange:
    """A change of the watch: what is done to which rule, incident, message or destination.

    `facts` is a JSON object of what it comes to; `id` is spent by it.
    """

    done: Done
    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def verb(self) -> Verb:
        """The verb that has to be permitted."""
        return Verb.HANDLE_INCIDENTS if self.done in _OF_INCIDENTS else Verb.CHANGE_RULES


@contextmanager
def recorded(
    ledger: Ledger, permissions: Permissions, change: WatchChange, actor: Actor, identity: str
) -> Iterator[None]:
    """Record a change, make it in the block, and record its result.

    Raises NotAllowed before the block, and records that; the errors of ``services.ledger``.
    """
    operation = NewOperation(
        change.id, change.verb, actor, identity, reason=change.reason, state=State.FINISHED
    )
    after = write_state({"done": change.done, **change.facts})
    if len(after) > _FACTS_AT_MOST:
        after = write_state({"done": change.done})
    begin(ledger, permissions, operation, [NewItem(change.key, "", "", write_state(None), after)])
    try:
        yield
    except Exception as error:
        _end(ledger, change, Outcome.FAILED, str(error))
        raise
    _end(ledger, change, Outcome.SUCCEEDED)


def _end(ledger: Ledger, change: WatchChange, outcome: Outcome, words: str = "") -> None:
    ledger.settle(change.id, [ItemResult(change.key, outcome, "", {}, words)])
    # It is finished already; this tells those who count operations that have ended.
    ledger.set_state(change.id, State.FINISHED)
