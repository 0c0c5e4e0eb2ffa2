"""What a worker does: batches of items, one request each, with a policy for unsent ones."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

from services import visier
from services.ledger import Event, ItemResult, Ledger, Outcome

from .changes import Finding

Batch: TypeAlias = Sequence[Any]
"""The items of one request, in the task's own type."""


class Policy(StrEnum):
    """Whether a request that never left may be sent later."""

    REPEATABLE = "repeatable"
    ONCE = "once"


@dataclass(frozen=True)
class Prepared:
    """The items of a batch to send, and the results of the others."""

    going: Batch
    stopped: Sequence[ItemResult] = ()
    events: Sequence[Event] = ()


@dataclass(frozen=True)
class Told:
    """The results that an answer has for the items of a batch."""

    results: Sequence[ItemResult]
    events: Sequence[Event] = ()


class Task(ABC):
    """The work of one operation.

    A REPEATABLE request that never left may be sent later, since its items are read again before.
    A task that sends ONCE ends with the first request that cannot leave; ``unsent`` is the outcome
    of the items not sent.
    """

    policy: ClassVar[Policy]
    unsent: ClassVar[Outcome] = Outcome.PLANNED
    lane: ClassVar[visier.Lane] = visier.Lane.BULK
    has_secrets: ClassVar[bool] = False

    def __init__(self, batches: Sequence[Batch]) -> None:
        self.batches = deque(batches)

    def begin(self, client: visier.Client) -> None:
        """Take the client that makes all calls."""
        self.client = client

    @abstractmethod
    def keys(self, going: Batch) -> list[str]:
        """Return the keys of items as the ledger keeps them."""

    @abstractmethod
    def prepare(self, batch: Batch) -> Prepared:
        """Check the items just before sending; raises the errors of visier and frames."""

    @abstractmethod
    def send(self, going: Batch) -> visier.Payload:
        """Send the one request; raises the errors of ``services.visier``."""

    @abstractmethod
    def interpret(self, going: Batch, payload: visier.Payload) -> Told:
        """Return the results in an answer; raises ``services.frames.UnexpectedResponse``."""

    @abstractmethod
    def request(self, going: Batch, answer: object) -> Sequence[Event]:
        """Return the request and its answer as the ledger keeps them: without secrets."""

    def result(self, key: str, outcome: Outcome, finding: Finding | None, words: str) -> ItemResult:
        """Return the result of an item."""
        return ItemResult(key, outcome, finding or "", {}, words)

    def reconcile(self, ledger: Ledger, operation_id: str) -> None:  # noqa: B027 - few have to
        """Look up the items whose outcome is unknown."""
