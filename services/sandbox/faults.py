"""What can be made to go wrong, queued per operation."""

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
PARTIAL_FAILURE, FIVE_UPLOADS = "partial_failure", "five_uploads"


@dataclass(slots=True)
class Fault:
    """One fault. It meets `times` requests of its operation; 0 is until it is cleared.

    `when` says whether it strikes before or after the operation took effect (before, but
    after for what garbles the answer); `seconds` is for what takes time; `value` is the
    field, word, key or message a fault is about; `status` is that of `gateway`; `every` is
    for `partial_failure`: every how many items one fails.
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
        """Change how the operation itself goes about its work."""
        if self.fault == PARTIAL_FAILURE:
            call.refused_every = max(1, self.every)
        elif self.fault == FIVE_UPLOADS:
            call.query = {"numberOfDataUploads": "5", **call.query}
        elif self.fault == STRANGE_EVERYTHING:
            take_out(call, self.value)


@dataclass(slots=True)
class Faults:
    """The faults that wait. A request takes the first in line and every standing one."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault, operations: Collection[str]) -> None:
        """Queue a fault; ValueError when it or its operation is unknown."""
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
        """Return the faults that meet a request of this operation."""
        meant = [fault for fault in self.waiting if fault.operation in (ANY, operation)]
        standing = [fault for fault in meant if fault.times == 0]
        counted = next((fault for fault in meant if fault.times > 0), None)
        if counted is None:
            return standing
        counted.times -= 1
        if counted.times == 0:
            self.waiting = [fault for fault in self.waiting if fault is not counted]
        return [counted, *standing]

    def clear(self) -> None:
        """Forget all faults."""
        self.waiting.clear()
