"""What the ledger takes in and gives back. All times are UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final


class Outcome(StrEnum):
    """What became of one item."""

    PLANNED = "planned"
    SKIPPED = "skipped"
    INTENDED = "intended"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CHANGED_SINCE_PLAN = "changed_since_plan"
    NO_RESULT = "no_result"
    UNCERTAIN = "uncertain"


class State(StrEnum):
    """How an operation stands; one that is planning reads how its items stand before it goes on.

    One that is open is nobody's work by itself: people go on with it, its parts are what is done.
    """

    PLANNING = "planning"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    REFUSED = "refused"
    OPEN = "open"


LIVE: Final = frozenset({State.PLANNING, State.RUNNING, State.PAUSED, State.STOPPING})
# What an item stands at of which something may still come.
UNSETTLED: Final = frozenset({Outcome.INTENDED, Outcome.UNCERTAIN, Outcome.NO_RESULT})


class Control(StrEnum):
    """What can be asked of an operation that is at work, from any tab and any process."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


class EventKind(StrEnum):
    """What an event tells of."""

    ANSWER = "answer"
    INCIDENT = "case"
    CHOICES = "choices"
    CONTROL = "control"
    EXTRA_RESULTS = "extra_results"
    FOUND_JOB = "found_job"
    JOB_ID = "job_id"
    LISTED_BEFORE = "listed_before"
    LOOK_UP = "look_up"
    NOT_LISTED_BEFORE = "not_listed_before"
    RECOVERY_CHANGED = "recovery_changed"
    REFUSED = "refused"
    REMARK = "remark"
    REQUEST = "request"
    TOTALS = "totals"
    TROUBLE = "trouble"
    VERIFIED = "verified"
    WHERE_LISTED = "where_listed"


@dataclass(frozen=True)
class Place:
    """Where an operation is done: at which Visier (host, port and path), in which tenant.

    ``tenant`` is the target tenant; it is empty for the administrating tenant, whose address the
    host is.
    """

    host: str
    tenant: str


@dataclass(frozen=True)
class Actor:
    """Who did it: the user signed in, to which tenant, at which host."""

    user: str
    tenant: str
    host: str

    @property
    def place(self) -> Place:
        """Where it was done."""
        return Place(self.host, self.tenant)


@dataclass(frozen=True)
class NewOperation:
    """An operation about to begin; ``id`` is its plan's id, ``identity`` whose session it is.

    ``part_of`` is the operation it is a part of; ``state`` is running, open, or
    refused; finished for what nobody could go on with.
    """

    id: str
    verb: str
    actor: Actor
    identity: str
    reason: str = ""
    filter_text: str = ""
    undo_of: str | None = None
    retry_of: str | None = None
    part_of: str | None = None
    state: State = State.RUNNING


@dataclass(frozen=True)
class Operation:
    """An operation as it stands; ``state_at`` is when it came to that state.

    For an interrupted one it is the last sign of life. ``request_count`` counts the events that
    hold a request, and ``item_counts`` has a number for every outcome.
    """

    id: str
    verb: str
    actor: Actor
    identity: str
    reason: str
    filter_text: str
    undo_of: str | None
    retry_of: str | None
    part_of: str | None
    started_at: datetime
    state: State
    state_at: datetime
    request_count: int
    item_counts: Mapping[Outcome, int]


@dataclass(frozen=True)
class NewItem:
    """One item of a plan; ``outcome`` is planned or skipped, ``skip`` the token of why.

    ``key`` and the states ``before`` and ``after`` are stable JSON text, kept whole; ``name`` is
    what Visier calls the item, where its key does not say it.
    """

    key: str
    tenant_code: str
    name: str
    before: str
    after: str
    outcome: Outcome = Outcome.PLANNED
    skip: str = ""


@dataclass(frozen=True)
class ItemResult:
    """What became of the item of this key.

    ``finding`` is the token of what it rests on, with its ``facts`` as JSON takes them; ``message``
    is in Visier's words, or empty.
    """

    key: str
    outcome: Outcome
    finding: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""


@dataclass(frozen=True)
class Item:
    """One item as it stands; ``at`` is when it came to its outcome."""

    key: str
    tenant_code: str
    name: str
    before: str
    after: str
    outcome: Outcome
    skip: str
    finding: str
    facts: Mapping[str, Any]
    message: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something worth keeping; ``request`` and ``answer`` hold no secret and are kept whole.

    ``who`` is the user whose doing it is, empty where it is the operation's own.
    """

    kind: str
    text: str
    request: str = ""
    answer: str = ""
    who: str = ""


@dataclass(frozen=True, kw_only=True)
class NotedEvent(Event):
    """An event as it was noted."""

    at: datetime


@dataclass(frozen=True)
class OperationFilter:
    """Which operations to list: those that fit everything that is given.

    ``tenant`` and ``host`` are the actor's, exactly. ``actor`` is part of the user's name, without
    regard to case. ``since`` (inclusive) and ``until`` (exclusive) bound the start. ``outcome`` is
    that of any item, ``item_tenant`` the code of a tenant among the items. ``text`` is part of the
    reason or filter, or is exactly the id of an operation, or of the one it is a part of, the id of
    a job that it has started, or that is an item where it is one of ``verbs_of_jobs``, or the code
    of a tenant among its items or those of the one it is a part of; ``verbs_of_text`` are the
    verbs, ``tenants_of_text`` the codes of tenants that fit it as well.
    """

    verbs: tuple[str, ...] = ()
    actor: str = ""
    tenant: str = ""
    host: str = ""
    since: datetime | None = None
    until: datetime | None = None
    outcome: Outcome | None = None
    states: tuple[State, ...] = ()
    item_tenant: str = ""
    text: str = ""
    verbs_of_text: tuple[str, ...] = ()
    tenants_of_text: tuple[str, ...] = ()
    verbs_of_jobs: tuple[str, ...] = ()


class TrackedBy(StrEnum):
    """How it has come that a job is kept an eye on."""

    STARTED_HERE = "started_here"
    BY_HAND = "by_hand"


@dataclass(frozen=True)
class TrackedJob:
    """A job somebody keeps an eye on; ``at`` is when it was last said so."""

    job_id: str
    at: datetime
    note: str


class WebhookEventState(StrEnum):
    """Whether what an event names was handed on to whoever reads it."""

    RECEIVED = "received"
    SETTLED = "settled"


@dataclass(frozen=True)
class ReceivedEvent:
    """An event Visier pushed for a connection; ``body`` is what came, as text.

    ``event_type`` is Visier's own word, ``signature_form`` how its signature was written.
    """

    event_id: str
    received_at: datetime
    connection: str
    event_type: str
    signature_form: str
    body: str = field(repr=False)


@dataclass(frozen=True)
class ViewOwner:
    """Who saves and sees views, and where: ``key`` tells people apart, ``user`` is read."""

    place: Place
    key: str
    user: str


@dataclass(frozen=True)
class NewView:
    """The filters of a screen to be saved under a name.

    ``query`` has the values of each parameter of its address. A pasted list stands there by its
    name, and ``lists`` has its text. ``is_default`` opens the screen with it, for its owner.
    """

    screen: str
    name: str
    query: Mapping[str, Sequence[str]]
    lists: Mapping[str, str] = field(default_factory=dict)
    is_shared: bool = False
    is_default: bool = False


@dataclass(frozen=True)
class SavedView:
    """A saved view as one of those who may see it does; times are in UTC.

    ``user`` is whose it is, ``is_own`` whether it is the reader's, ``is_default`` whether it is
    what they open its screen with.
    """

    id: str
    screen: str
    name: str
    query: Mapping[str, tuple[str, ...]]
    is_shared: bool
    is_default: bool
    is_own: bool
    user: str
    created_at: datetime
    changed_at: datetime
