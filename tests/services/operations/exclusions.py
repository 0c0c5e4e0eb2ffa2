"""A plan to exclude uploads, and what was sent of it."""

import threading
from collections.abc import Callable

import pytest

from services.ledger import Ledger
from services.operations import Plan, plan_exclude_uploads
from tests.services.operations.conftest import Desk, in_batches_of

EXCLUDE = "exclude_data_uploads"


def exclusion(desk: Desk, items: int = 6, per_request: int = 2) -> Plan:
    """Plan to exclude one upload each of some tenants, so many a request."""
    current = desk.uploads()
    chosen = current[current["included"].fillna(False)].drop_duplicates("tenant_code").head(items)
    plan = plan_exclude_uploads(chosen, current)
    return in_batches_of(per_request, plan)


def chosen_uploads(plan: Plan) -> list[tuple[str, str]]:
    return list(zip(plan.items["tenant_code"], plan.items["upload_time_text"], strict=True))


def after_first(
    monkeypatch: pytest.MonkeyPatch, ledger: Ledger, method: str, act: Callable[[str], None]
) -> None:
    """Do something right after the ledger's method was called first."""
    original, called = getattr(ledger, method), threading.Event()

    def call(operation_id: str, *arguments: object) -> None:
        original(operation_id, *arguments)
        if not called.is_set():
            called.set()
            act(operation_id)

    monkeypatch.setattr(ledger, method, call)


def sent(desk: Desk, operation: str = EXCLUDE) -> list[tuple[str, str]]:
    """Give every upload that was sent, as often as it was."""
    objects = [each["body"]["uploads"] for each in desk.sandbox.control.requests(operation)]
    return [
        (item["tenantCode"], time)
        for items in objects
        for item in items
        for time in item["uploadTimes"]
    ]
