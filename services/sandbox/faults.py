"""Faults, queued per operation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.sandbox.distortions import DISTORTIONS
from services.sandbox.strange_texts import STRANGE_EVERYTHING, take_out

if TYPE_CHECKING:
    from collections.abc import Collection

    from services.sandbox.call import Call

ANY = "*"
BEFORE, AFTER = "before", "after"
GARBLING = ("slow_body", "html", "malformed", "empty")
DISRUPTIONS = ("latency", "hang", "cut", "gateway", *GARBLING)
# Of events that are pushed: no operation answers them.
EVENT = "webhook_event"
LOST, REPEATED, LATE, BAD_SIGNATURE = "lost", "repeated", "late", "bad_signature"
OTHER_SPELLING, SIGNATURE_FORM, WITHOUT_FIELD = "other_spelling", "signature_form", "without_field"
OF_EVENTS = (
    *(LOST, REPEATED, LATE, BAD_SIGNATURE),
    *(OTHER_SPELLING, SIGNATURE_FORM, WITHOUT_FIELD),
)
PARTIAL_FAILURE, FIVE_UPLOADS = "partial_failure", "five_uploads"


@dataclass(slots=True)
class Fault:
    """One fault. It applies to `times` requests of its operation; 0 means until it is cleared.

    `when` is `before` or `after` the operation takes effect (by default before, but after for
    faults that garble the answer); `seconds` is the duration of a delay; `value` is a field, word,
    key or message; `status` is that of `gateway`; with `every`, `partial_failure` fails every n-th
    item.
    """

    operation: str
    fault: str
    when: str = ""
    times: int = 1
    seconds: float = 0.0
    retry_after: int | None = None
    value: str = ""
    status: int = 503
    every: int = 2

    def __post_init__(self) -> None:
        self.when = self.when or (AFTER if self.fault in GARBLING else BEFORE)

    @property
    def status_code(self) -> int:
        """The status a fault named by its number answers with; 0 for all others."""
        return int(self.fault) if self.fault.isdigit() else 0

    def bend(self, call: Call) -> None:
        """Change the call before the operation runs, for faults of the operation itself."""
        if self.fault == PARTIAL_FAILURE:
            call.refused_every = max(1, self.every)
        elif self.fault == FIVE_UPLOADS:
            call.query = {"numberOfDataUploads": "5", **call.query}
        elif self.fault == STRANGE_EVERYTHING:
            take_out(call, self.value)


@dataclass(slots=True)
class Faults:
    """The queue of faults. A request takes the first counted one and all standing ones."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault, operations: Collection[str]) -> None:
        """Queue a fault; raise ValueError for an unknown one or an unknown operation."""
        if fault.operation == EVENT:
            if fault.fault not in OF_EVENTS:
                raise ValueError(f"unknown fault of a pushed event: {fault.fault}")
            self.waiting.append(fault)
            return
        if fault.operation not in (ANY, *operations):
            raise ValueError(f"unknown operation: {fault.operation}")
        named = (*DISRUPTIONS, PARTIAL_FAILURE, FIVE_UPLOADS, *DISTORTIONS)
        if fault.fault not in named and not 200 <= fault.status_code <= 599:
            raise ValueError(f"unknown fault: {fault.fault}")
        if fault.when not in (BEFORE, AFTER):
            raise ValueError(f"when must be {BEFORE} or {AFTER}: {fault.when}")
        if fault.times < 0:
            raise ValueError(f"times must not be negative: {fault.times}")
        self.waiting.append(fault)

    def take(self, operation: str) -> list[Fault]:
        """Return the faults of a request of this operation, and count them down."""
        return self._take([each for each in self.waiting if each.operation in (ANY, operation)])

    def take_of_event(self) -> Fault | None:
        """Return the fault of an event that is pushed, and count it down."""
        taken = self._take([each for each in self.waiting if each.operation == EVENT])
        return taken[0] if taken else None

    def _take(self, meant: list[Fault]) -> list[Fault]:
        standing = [fault for fault in meant if fault.times == 0]
        # One counted fault a request, so that a test can queue what happens one after the other.
        counted = next((fault for fault in meant if fault.times > 0), None)
        if counted is None:
            return standing
        counted.times -= 1
        if counted.times == 0:
            self.waiting = [fault for fault in self.waiting if fault is not counted]
        return [counted, *standing]

    def clear(self) -> None:
        """Remove all faults."""
        self.waiting.clear()
