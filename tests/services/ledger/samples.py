"""A clock that stands, operations to write down, and an ear at the database."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from services.ledger import Actor, ItemResult, Ledger, NewItem, NewOperation, Outcome

ANN = Actor("ann@example.com", "WFF_j1r", "https://example.api.visier.io")
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = START
        self.passed = 0.0

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.passed

    def advance(self, seconds: float) -> datetime:
        self.passed += seconds
        return self.jump(seconds)

    def jump(self, seconds: float) -> datetime:
        """Show another time, although none has passed."""
        self.now += timedelta(seconds=seconds)
        return self.now


def key(number: int) -> str:
    return json.dumps([f"WFF_j1r~t{number}", "2026-03-01T02:00:00.000Z"])


def new_item(number: int, **changes: Any) -> NewItem:
    told = {
        "tenant_code": f"WFF_j1r~t{number}",
        "name": f"Upload {number}",
        "before": '[1,"included"]',
        "after": '[1,"excluded"]',
    }
    return NewItem(**{"key": key(number), **told, **changes})


def new_operation(**changes: Any) -> NewOperation:
    told = {"verb": "exclude_uploads", "actor": ANN, "identity": "ann"}
    return NewOperation(**{"id": str(uuid4()), **told, **changes})


def begin(ledger: Ledger, items: int = 3, **changes: Any) -> str:
    """Begin an operation of that many planned items; give its id."""
    operation = new_operation(**changes)
    ledger.begin(operation, [new_item(number) for number in range(items)])
    return operation.id


def results(outcome: Outcome, numbers: Iterable[int], message: str = "") -> list[ItemResult]:
    return [ItemResult(key(number), outcome, message=message) for number in numbers]


def counts(ledger: Ledger, operation_id: str) -> Mapping[Outcome, int]:
    """Give the outcomes there are, with how many items came to them."""
    told = ledger.operation(operation_id).item_counts
    return {outcome: count for outcome, count in told.items() if count}


def outcomes(ledger: Ledger, operation_id: str) -> list[Outcome]:
    return [item.outcome for item in ledger.items(operation_id)]


@contextmanager
def sql_sent() -> Iterator[list[tuple[str, Any]]]:
    """Give the statements and their parameters that any database is sent meanwhile."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, text: str, values: Any, *_rest: object) -> None:
        statements.append((text, values))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(sa.Engine, "before_cursor_execute", note)
