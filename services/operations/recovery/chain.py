"""A chain of operations: exclude, disable what was made of it, process again, verify.

The first is an operation like any other; those that follow from it are its parts. The selection
is that of the first, so that a chain stores only its operations and the result of verifying.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from services.ledger import EventKind, Item, Ledger, Operation, Outcome, State

from ..engine import permissions as door
from ..engine.changes import by_tenant, read_key
from ..engine.permissions import Permissions
from ..engine.plan import Plan
from ..engine.reconcile import every_item
from ..starts.outcomes import StartOutcome, Tally, outcomes, tally
from ..starts.request import JobRequest, processing
from ..tokens import Verb
from .incident import (
    AffectedTenant,
    BadUpload,
    BadVersion,
    Choices,
    Incident,
    Recovery,
    Step,
    document,
    pieces,
)
from .steps import STEP_OF, part_id, parts_of
from .verdicts import OF_VERIFICATION, NotCompared, Uncompared, Verification

FIRST: Final = frozenset({Verb.EXCLUDE_UPLOADS, Verb.DISABLE_VERSIONS, Verb.START_PROCESSING})
_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
NOT_SENT: Final = frozenset({Outcome.SKIPPED, Outcome.CHANGED_SINCE_PLAN, Outcome.PLANNED})
NOT_COMPARED: Final = NotCompared(Uncompared.NO_RECOVERY)


@dataclass(frozen=True, eq=False)
class Chain:
    """The operations of a chain, in their order.

    ``items`` are those of its exclusions and disablings, each with its latest outcome.
    """

    operations: tuple[Operation, ...]
    items: Mapping[Step, Mapping[str, Item]]
    started: Mapping[str, StartOutcome]
    verification: Verification | None

    @property
    def first(self) -> Operation:
        """The operation it began with."""
        return self.operations[0]

    @property
    def reason(self) -> str:
        """The reason that was given last: the next step is most likely done for the same."""
        given = (each.reason for each in reversed(self.operations))
        return next(filter(None, given), "")

    def done(self, step: Step) -> tuple[str, ...]:
        """Return the keys of the succeeded items of a step."""
        own = self.items[step]
        return tuple(key for key, item in own.items() if item.outcome is Outcome.SUCCEEDED)

    @cached_property
    def tenants(self) -> tuple[str, ...]:
        """The changed tenants, which are to be processed again."""
        keys = [*self.done(Step.EXCLUDE), *self.done(Step.DISABLE)]
        return tuple(dict.fromkeys(read_key(key)[0] for key in keys))

    @cached_property
    def held_back(self) -> tuple[str, ...]:
        """The changed tenants that must wait: one of their bad uploads is still included."""
        done = {Outcome.SUCCEEDED, Outcome.SKIPPED}
        items = self.items[Step.EXCLUDE].items()
        left = {read_key(key)[0] for key, item in items if item.outcome not in done}
        return tuple(code for code in self.tenants if code in left)

    @property
    def starts(self) -> tuple[Operation, ...]:
        """The starts of processing jobs that Visier has not refused."""
        found = [each for each in self.operations if each.verb == Verb.START_PROCESSING]
        return tuple(each for each in found if not each.item_counts[Outcome.FAILED])

    @property
    def last_body(self) -> Mapping[str, Any]:
        """The body of the last start, empty where there is none or it is unknown."""
        return (self.started[self.starts[-1].id].noted.body or {}) if self.starts else {}

    @cached_property
    def jobs(self) -> Tally:
        """The states of the processed tenants, each by its last job."""
        return tally(self.started[each.id] for each in self.starts)

    def as_recovery(self, names: Mapping[str, str] = _NOBODY) -> Recovery:
        """Return the chain as a recovery that chose all of it, so that it is verified alike.

        ``names`` are display names by tenant code.
        """
        uploads, versions = (
            by_tenant(map(read_key, self.done(step))) for step in (Step.EXCLUDE, Step.DISABLE)
        )
        tenants = tuple(
            AffectedTenant(
                code,
                names.get(code, ""),
                tuple(BadUpload(time, True) for _, time in uploads.get(code, ())),
                tuple(BadVersion(number, date) for _, number, date, _ in versions.get(code, ())),
                None,
            )
            for code in self.tenants
        )
        processed = {code for each in self.started.values() for code in each.tenants}
        left_out = {
            Step.EXCLUDE: tuple(each.code for each in tenants if not each.uploads),
            Step.REPROCESS: tuple(each.code for each in tenants if each.code not in processed),
        }
        incident = Incident(self.first.started_at, tenants, not_compared=NOT_COMPARED)
        choices = Choices(left_out=left_out)
        return Recovery(
            self.first, incident, choices, self.verification, self.operations, self.started
        )


def read(ledger: Ledger, operation: Operation, identity: str) -> Chain | None:
    """Return the chain that an operation belongs to; None without one, and in a recovery.

    ``identity`` is whose observations of its jobs count beside those of who started them.
    """
    first = ledger.operation(operation.part_of) if operation.part_of else operation
    if first.verb == Verb.RECOVER or first.verb not in FIRST:
        return None
    # A refused part has changed nothing.
    parts = (part for part in ledger.parts(first.id) if part.state is not State.REFUSED)
    operations = (first, *parts)
    items = {step: _items(ledger, operations, step) for step in (Step.EXCLUDE, Step.DISABLE)}
    # Of a data category other than the primary one there are no uploads to go back to.
    if any(read_key(key)[3] for key in items[Step.DISABLE]):
        return None
    return Chain(
        operations,
        items,
        outcomes(ledger, operations, identity),
        document(ledger, first.id, EventKind.VERIFIED, OF_VERIFICATION),
    )


def _items(ledger: Ledger, operations: tuple[Operation, ...], step: Step) -> dict[str, Item]:
    """Return by key the items of a step, each as the last operation that did something left it.

    Of two people who plan the same, the second finds it done: that takes nothing back.
    """
    verb = {Step.EXCLUDE: Verb.EXCLUDE_UPLOADS, Step.DISABLE: Verb.DISABLE_VERSIONS}[step]
    found: dict[str, Item] = {}
    for operation in operations:
        if operation.verb == verb:
            for item in every_item(ledger, operation.id, set(Outcome)):
                before = found.get(item.key)
                is_done = before is not None and before.outcome is Outcome.SUCCEEDED
                if not (is_done and item.outcome in NOT_SENT):
                    found[item.key] = item
    return found


def as_part(chain: Chain, step: Step, plan: Plan) -> Plan:
    """Return a plan as a step of a chain, applied once however many people ask for it.

    Its id follows from the number of earlier attempts: what was left out may be done later.
    """
    attempt = len([each for each in chain.operations[1:] if STEP_OF.get(each.verb) is step])
    return replace(plan, id=part_id(chain.first.id, step, attempt), part_of=chain.first.id)


def start_of(chain: Chain, codes: tuple[str, ...], *, publish: bool) -> JobRequest:
    """Return the request to process these tenants, with the data category of the last start.

    Its id follows from the number of earlier starts, so that it is sent once, whoever clicks.
    """
    attempt = len(parts_of(chain.as_recovery(), Step.REPROCESS))
    start = processing(
        tenants=codes,
        data_category_id=chain.last_body.get("dataCategoryId"),
        publish_to_production=publish,
    )
    id_ = part_id(chain.first.id, Step.REPROCESS, attempt)
    filter_text = chain.first.filter_text
    return replace(start, id=id_, part_of=chain.first.id, filter_text=filter_text)


def write_down(
    ledger: Ledger, chain: Chain, verification: Verification, permissions: Permissions
) -> None:
    """Record a verification; raises NotAllowed."""
    door.authorize_existing(ledger, permissions, chain.first.id)
    events = pieces(EventKind.VERIFIED, OF_VERIFICATION, verification, permissions.who)
    ledger.note(chain.first.id, *events)
