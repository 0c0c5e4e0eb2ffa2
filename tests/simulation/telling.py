"""What a history came to, and how it failed."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field

from services.ledger import LedgerTrouble, TakenOver


@dataclass(frozen=True)
class Failure:
    """A promise that was broken: which, how, after how many steps, and what led there."""

    seed: int
    step: int
    promise: str
    what: str
    trace: tuple[str, ...]
    acts: tuple[str, ...]
    only: frozenset[str] | None = None
    focus: str = ""

    def __str__(self) -> str:
        lines = [f"{self.promise}: {self.what}", *self.trace]
        again = f"--seed {self.seed} --steps {self.step}"
        if self.focus:
            again += f" --focus {self.focus}"
        if self.only is not None:
            again += f" --only {','.join(sorted(self.only))}"
        return "\n".join([*lines, f'make simulate ARGS="{again}"'])


@dataclass
class Report:
    """What a history came to."""

    steps: int = 0
    seconds: float = 0.0
    operations: int = 0
    requests: int = 0
    faults: int = 0
    crashes: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    suspended: Counter[str] = field(default_factory=Counter)
    looks: int = 0
    trace: list[str] = field(default_factory=list)


class BrokeOff(logging.Handler):
    """Keeps what made work break off that is no trouble of the ledger."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, LedgerTrouble | TakenOver):
            formatter = logging.Formatter()
            trail = formatter.formatException(record.exc_info) if record.exc_info else ""
            self.told.append(f"{record.getMessage()} {trail}")
