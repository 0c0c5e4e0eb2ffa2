"""What was done, by whom, why, and what became of each item of it."""

from .errors import AlreadyApplied, LedgerTrouble, TakenOver, UnknownItem, UnknownOperation
from .ledger import Ledger, default_url
from .records import (
    LIVE,
    Actor,
    Control,
    Event,
    Item,
    ItemResult,
    NewItem,
    NewOperation,
    NotedEvent,
    Operation,
    OperationFilter,
    Outcome,
    State,
)

__all__ = [
    "LIVE",
    "Actor",
    "AlreadyApplied",
    "Control",
    "Event",
    "Item",
    "ItemResult",
    "Ledger",
    "LedgerTrouble",
    "NewItem",
    "NewOperation",
    "NotedEvent",
    "Operation",
    "OperationFilter",
    "Outcome",
    "State",
    "TakenOver",
    "UnknownItem",
    "UnknownOperation",
    "default_url",
]
