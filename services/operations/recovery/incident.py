"""One recovery in the ledger: its incident, the choices made, the verification.

It is an operation that stays open until somebody closes it: its items are the affected tenants, its
parts the operations of its steps, and the rest is in its events, as JSON documents.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar
from uuid import uuid4

from pydantic import TypeAdapter

from services.ledger import Actor, Event, EventKind, Ledger, Operation, OperationFilter, State

from ..starts.outcomes import StartOutcome, outcomes
from ..tokens import Verb
from .finding import By
from .verdicts import OF_VERIFICATION, NotCompared, Verification

T = TypeVar("T")

_PIECE: Final = 15_000  # characters, less than an event keeps
# 30 million characters: an incident of 50,000 tenants has about ten.
_PIECES_AT_MOST: Final = 2_000
# As many as a person reads.
_CHANGES_AT_MOST: Final = 100


class Change(StrEnum):
    """A person's change of a recovery, as the ledger keeps it."""

    SAVE_PLAN = "save_plan"
    LEAVE_OUT = "leave_out"
    VERIFY = "verify"
    CLOSE = "close"


class Step(StrEnum):
    """The steps of a recovery, in their order.

    Versions first: users see the previous one while the rest is repaired.
    """

    DISABLE = "disable_versions"
    EXCLUDE = "exclude_uploads"
    REPROCESS = "reprocess"


@dataclass(frozen=True)
class Figure:
    """One metric value; None where Visier gives none."""

    symbol: str
    name: str
    value: float | None


@dataclass(frozen=True)
class BadUpload:
    """An upload, by its time as Visier writes it, and whether it was included."""

    time: str
    included: bool | None


@dataclass(frozen=True)
class BadVersion:
    """A data version that holds a bad upload; its date as ISO 8601 in UTC, or empty."""

    number: str
    date: str


@dataclass(frozen=True)
class AffectedTenant:
    """One affected tenant, with its metric values from before the recovery.

    ``later_jobs`` is None where its jobs were not read.
    """

    code: str
    name: str
    uploads: tuple[BadUpload, ...]
    versions: tuple[BadVersion, ...]
    later_jobs: int | None
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class FoundBy:
    """How a bad load was found, with the details of that way.

    ``job_id`` is of a receiving job; ``delivery_id``, ``arrived`` and ``of_tenants`` (a count) are
    of a delivery. ``since`` and ``until`` (both inclusive) bound a time window, ``tenants`` is the
    text searched for, and ``failure`` an example of a failure message, in Visier's words.
    """

    by: By
    job_id: str = ""
    delivery_id: str = ""
    arrived: datetime | None = None
    of_tenants: int = 0
    since: datetime | None = None
    until: datetime | None = None
    tenants: str = ""
    failure: str = ""


@dataclass(frozen=True)
class Incident:
    """The bad load of a recovery, as it was when the recovery was begun.

    ``found_by`` is how it was found; ``receiving_job`` is set where one brought all of it, and
    ``data_category`` (an objectName, with its id) where it is not the primary one. ``not_compared``
    is why there are no metric values, or empty. ``unreadable`` are sentences on what could not be
    read of Visier's answers and may be missing. Earlier versions stored as text ``how`` it was
    found, and why it is ``not_compared``.
    """

    found_at: datetime
    tenants: tuple[AffectedTenant, ...]
    found_by: FoundBy | None = None
    how: str = ""
    receiving_job: str = ""
    data_category: str = ""
    data_category_id: str = ""
    file_names: tuple[str, ...] = ()
    not_compared: NotCompared | str = ""
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choices:
    """The steps left out, and the tenants left out of each of the others."""

    off: tuple[Step, ...] = ()
    left_out: Mapping[Step, tuple[str, ...]] = field(default_factory=dict)
    publish: bool = False

    def takes(self, step: Step, code: str) -> bool:
        """Return whether this step includes this tenant."""
        return step not in self.off and code not in self.left_out.get(step, ())


@dataclass(frozen=True)
class Changed:
    """A change of a recovery, by whom and when."""

    what: Change
    who: str
    at: datetime


@dataclass(frozen=True)
class Recovery:
    """One recovery; ``choices`` and ``verification`` are None until there are any.

    ``started`` has, by the id of each part that is a start, the observations of its jobs.
    """

    operation: Operation
    incident: Incident
    choices: Choices | None
    verification: Verification | None
    parts: tuple[Operation, ...]
    started: Mapping[str, StartOutcome] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of its operation."""
        return self.operation.id

    @property
    def is_closed(self) -> bool:
        """Whether somebody has closed it."""
        return self.operation.state is State.FINISHED

    def codes(self, step: Step) -> list[str]:
        """Return the codes of the tenants of a step, by the choices so far."""
        choices = self.choices or Choices()
        return [each.code for each in self.incident.tenants if choices.takes(step, each.code)]


class NoIncident(LookupError):
    """The operation is no recovery, or its incident cannot be read."""


OF_INCIDENT, OF_CHOICES = TypeAdapter(Incident), TypeAdapter(Choices)
OF_FOUND_BY = TypeAdapter(FoundBy)


def read(ledger: Ledger, recovery_id: str, identity: str = "") -> Recovery:
    """Read a recovery from the ledger; raises NoIncident, UnknownOperation.

    ``identity`` is whose observations of its jobs count beside those of who started them.
    """
    operation = ledger.operation(recovery_id)
    incident = document(ledger, recovery_id, EventKind.INCIDENT, OF_INCIDENT)
    if incident is None:
        raise NoIncident("This operation is no recovery.")
    parts = tuple(ledger.parts(recovery_id))
    return Recovery(
        operation,
        incident,
        document(ledger, recovery_id, EventKind.CHOICES, OF_CHOICES),
        document(ledger, recovery_id, EventKind.VERIFIED, OF_VERIFICATION),
        parts,
        outcomes(ledger, parts, identity),
    )


def changes(ledger: Ledger, recovery_id: str) -> list[Changed]:
    """Return the latest changes of a recovery, newest first, at most 100."""
    events = ledger.events(recovery_id, _CHANGES_AT_MOST, [EventKind.RECOVERY_CHANGED])
    return [Changed(Change(event.text), event.who, event.at) for event in events]


def recoveries(ledger: Ledger, actor: Actor, limit: int) -> list[Operation]:
    """Return the recoveries of this tenant by any user, newest first, without refused ones."""
    wanted = OperationFilter(
        verbs=(Verb.RECOVER,),
        tenant=actor.tenant,
        host=actor.host,
        states=tuple(state for state in State if state is not State.REFUSED),
    )
    return ledger.operations(wanted, limit)


def pieces(kind: str, adapter: TypeAdapter[T], document: T, who: str) -> Iterator[Event]:
    """Yield a document in pieces; each event names it, since several may be written at a time."""
    text = adapter.dump_json(document).decode()
    name, of = str(uuid4()), -(-len(text) // _PIECE)
    for number in range(of):
        piece = text[number * _PIECE : (number + 1) * _PIECE]
        yield Event(kind=kind, text=f"{name} {number + 1} {of}", answer=piece, who=who)


def document(ledger: Ledger, recovery_id: str, kind: str, adapter: TypeAdapter[T]) -> T | None:
    """Return the newest document of a kind that is complete; None without one."""
    found: dict[str, dict[int, str]] = {}
    for event in ledger.events(recovery_id, _PIECES_AT_MOST, [kind]):
        name, number, of = event.text.split()
        pieces = found.setdefault(name, {})
        pieces[int(number)] = event.answer
        # An incomplete one is skipped: its process died while writing.
        if len(pieces) == int(of):
            return adapter.validate_json("".join(pieces[each] for each in sorted(pieces)))
    return None
