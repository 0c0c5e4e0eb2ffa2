"""What was done, by whom, why, and what became of each item of it; what jobs were seen to be."""

from .database import address
from .errors import (
    AlreadyApplied,
    Elsewhere,
    LedgerTrouble,
    NotOpen,
    TakenOver,
    UnknownItem,
    UnknownOperation,
)
from .job_observations import JobObservations, nothing_seen
from .ledger import Ledger, default_url
from .models import (
    LIVE,
    UNSETTLED,
    Actor,
    Control,
    Event,
    EventKind,
    Item,
    ItemResult,
    NewItem,
    NewOperation,
    NotedEvent,
    Operation,
    OperationFilter,
    Outcome,
    Place,
    State,
    TrackedBy,
    TrackedJob,
)
from .rate_limit_slots import RateLimitSlots
from .tracked_jobs import TrackedJobs
from .truncation import JOB_ID_LIMIT, excerpt

__all__ = [
    "JOB_ID_LIMIT",
    "LIVE",
    "UNSETTLED",
    "Actor",
    "AlreadyApplied",
    "Control",
    "Elsewhere",
    "Event",
    "EventKind",
    "Item",
    "ItemResult",
    "JobObservations",
    "Ledger",
    "LedgerTrouble",
    "NewItem",
    "NewOperation",
    "NotOpen",
    "NotedEvent",
    "Operation",
    "OperationFilter",
    "Outcome",
    "Place",
    "RateLimitSlots",
    "State",
    "TakenOver",
    "TrackedBy",
    "TrackedJob",
    "TrackedJobs",
    "UnknownItem",
    "UnknownOperation",
    "address",
    "default_url",
    "excerpt",
    "nothing_seen",
]
