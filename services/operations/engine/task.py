"""What a worker carries out, and which of it may be sent again."""

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
"""Items of one request, as their task has them."""


class Policy(StrEnum):
    """What may be done about a request that never left."""

    REPEATABLE = "repeatable"
    ONCE = "once"


@dataclass(frozen=True)
class Prepared:
    """What of a batch goes out, and what became of the rest of it."""

    going: Batch
    stopped: Sequence[ItemResult] = ()
    events: Sequence[Event] = ()


@dataclass(frozen=True)
class Told:
    """What an answer tells of the items of a batch."""

    results: Sequence[ItemResult]
    events: Sequence[Event] = ()


class Task(ABC):
    """What a worker carries out.

    What is REPEATABLE may be sent later where it never left, for it is read again before. Of what
    is sent ONCE nothing is sent again: the first request that cannot leave ends it, and ``unsent``
    is what becomes of what was not sent.
    """

    policy: ClassVar[Policy]
    unsent: ClassVar[Outcome] = Outcome.PLANNED
    lane: ClassVar[visier.Lane] = visier.Lane.BULK
    has_secrets: ClassVar[bool] = False

    def __init__(self, batches: Sequence[Batch]) -> None:
        self.batches = deque(batches)

    def begin(self, client: visier.Client) -> None:
        """Take the client through which everything is asked."""
        self.client = client

    @abstractmethod
    def keys(self, going: Batch) -> list[str]:
        """Return the keys of items as the ledger has them."""

    @abstractmethod
    def prepare(self, batch: Batch) -> Prepared:
        """Look just before sending; raises the errors of ``services.visier`` and of frames."""

    @abstractmethod
    def send(self, going: Batch) -> visier.Payload:
        """Send the one request; raises the errors of ``services.visier``."""

    @abstractmethod
    def interpret(self, going: Batch, payload: visier.Payload) -> Told:
        """Return what an answer tells; raises ``services.frames.UnexpectedResponse``."""

    @abstractmethod
    def request(self, going: Batch, answer: object) -> Sequence[Event]:
        """Return the request, and what came back, as the ledger keeps them: without secrets."""

    def result(self, key: str, outcome: Outcome, finding: Finding | None, words: str) -> ItemResult:
        """Return what became of an item."""
        return ItemResult(key, outcome, finding or "", {}, words)

    def reconcile(self, ledger: Ledger, operation_id: str) -> None:  # noqa: B027 - few have to
        """Look up what became of items whose fate is unknown."""
