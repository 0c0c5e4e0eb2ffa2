"""For any selection and any behaviour of the other side, the ledger agrees with what is so."""

from collections.abc import Iterator
from dataclasses import dataclass

import hypothesis.strategies as st
import pytest
from hypothesis import given

from services.ledger import Ledger, Outcome
from services.operations import (
    VERBS,
    Plan,
    Runner,
    look_up,
    plan_disable_data_versions,
    plan_exclude_uploads,
)
from services.visier import Client, Password
from tests.sandboxes import Control, Sandbox
from tests.services.operations.conftest import Clock, Desk, in_batches_of
from tests.services.visier.clock import Clock as RateLimiterClock

FAULTS = (
    *("500", "502", "504", "cut", "html", "malformed", "empty"),
    *("partial_failure", "missing_item", "extra_item", "duplicate_item", "other_key"),
    *("unknown_status", "drop_field"),
)
# What is refused like this was not executed: these never come after the effect.
REFUSALS = ("400", "401", "403", "404", "429")
OF_READING = ("500", "502", "cut", "html", "401", "429", "missing_item", "duplicate_item")
NOT_DONE = {Outcome.FAILED, Outcome.PLANNED}
UNKNOWN = {Outcome.UNCERTAIN, Outcome.NO_RESULT}

Fault = tuple[str, str, int, str]


def faults(named: tuple[str, ...]) -> st.SearchStrategy[list[Fault]]:
    one = st.tuples(
        st.sampled_from(named),
        st.sampled_from(["before", "after"]),
        st.integers(1, 3),
        st.sampled_from(["tenantCode", "status", "uploadTime", "dataVersion", "totalSuccess"]),
    )
    return st.lists(one, max_size=4)


@pytest.fixture(scope="module")
def kept(running: Sandbox, ledger: Ledger, clock: Clock) -> Iterator[Desk]:
    time = RateLimiterClock()
    client = Client(
        running.url,
        Password(running.api_key, running.username, running.password, running.vanity_name),
        time.rate_limiter(None),
        sleep=lambda _seconds: None,
    )
    yield Desk(running, client, ledger, Runner(ledger, VERBS, now=clock), clock)
    client.close()


def exclusion(desk: Desk, picked: set[int]) -> Plan:
    current = desk.uploads()
    rows = sorted({place % len(current) for place in picked})
    return plan_exclude_uploads(current.iloc[rows], current)


def disabling(desk: Desk, picked: set[int]) -> Plan:
    versions = desk.versions()
    rows = sorted({place % len(versions) for place in picked})
    return plan_disable_data_versions(versions.iloc[rows], versions, now=desk.clock())


def really_done(desk: Desk, plan: Plan) -> list[bool]:
    """Say of each item that was to be sent whether it stands as the verb leaves it."""
    codes = plan.eligible["tenant_code"]
    if "data_version" in plan.items:
        pairs = zip(codes, plan.eligible["data_version"], strict=True)
        return [not desk.enabled(code, number) for code, number in pairs]
    pairs = zip(codes, plan.eligible["upload_time_text"], strict=True)
    return [not desk.included(code, text) for code, text in pairs]


def drift(desk: Desk, plan: Plan, picked: set[int]) -> set[int]:
    """Let somebody else do some of it first; give which."""
    drifted = {place % plan.count for place in picked} if plan.count else set()
    for place in drifted:
        item = plan.eligible.iloc[place]
        tenant = desk.tenant(item["tenant_code"])
        if "data_version" in plan.items:
            found = next(each for each in tenant.versions if each.number == item["data_version"])
            found.enabled = False
        else:
            next(each for each in tenant.uploads if each.time == item["upload_time_text"]).flags = 0
    return drifted


def agree(desk: Desk, plan: Plan, id_: str, drifted: set[int]) -> None:
    items = [each for each in desk.ledger.items(id_) if each.outcome is not Outcome.SKIPPED]
    done = really_done(desk, plan)
    for place, (item, is_done) in enumerate(zip(items, done, strict=True)):
        if item.outcome is Outcome.SUCCEEDED:
            assert is_done
        elif item.outcome in NOT_DONE and place not in drifted:
            assert not is_done
        elif item.outcome is Outcome.CHANGED_SINCE_PLAN:
            assert drifted
        else:
            assert item.outcome in UNKNOWN or place in drifted


def sent_once(desk: Desk, operation: str) -> bool:
    """Say whether no item was executed, or may have been, more than once."""
    bodies = [
        next(iter(each["body"].values()))
        for each in desk.sandbox.control.requests(operation)
        if each["status"] not in {401, 429}
    ]
    keys = [
        (item["tenantCode"], part)
        for items in bodies
        for item in items
        for part in item.get("uploadTimes") or [item["dataVersion"]]
    ]
    return len(keys) == len(set(keys))


@dataclass(frozen=True)
class Scenario:
    """What is picked, what somebody else does first, how it is cut, and what goes wrong."""

    disables: bool
    picked: set[int]
    others: set[int]
    per_request: int
    writing: list[Fault]
    reading: list[Fault]

    def plan(self, desk: Desk) -> Plan:
        plan = (disabling if self.disables else exclusion)(desk, self.picked)
        # A tenant's versions, five at most, always travel together.
        most = self.per_request + 5 * self.disables
        return in_batches_of(most, plan)

    def go_wrong(self, control: Control, writes: str, reads: str) -> None:
        for operation, queued in ((writes, self.writing), (reads, self.reading)):
            for fault, when, times, field in queued:
                moment = "before" if fault in REFUSALS else when
                control.fault(operation, fault, when=moment, times=times, value=field)


SCENARIOS = st.builds(
    Scenario,
    disables=st.booleans(),
    picked=st.sets(st.integers(0, 10_000), min_size=1, max_size=12),
    others=st.sets(st.integers(0, 10_000), max_size=2),
    per_request=st.integers(1, 5),
    writing=faults(FAULTS + REFUSALS),
    reading=faults(OF_READING),
)


@given(scenario=SCENARIOS)
def test_the_ledger_agrees_with_the_sandbox_or_says_it_does_not_know(
    kept: Desk, scenario: Scenario
) -> None:
    control = kept.sandbox.control
    control.reset(rate_limit=0)
    plan = scenario.plan(kept)
    drifted = drift(kept, plan, scenario.others)
    control.clear_requests()
    writes = plan.spec.operation
    reads = "latest_enabled_dv" if scenario.disables else "retrieve_data_uploads"
    scenario.go_wrong(control, writes, reads)

    id_ = kept.apply(plan)

    agree(kept, plan, id_, drifted)
    assert sent_once(kept, writes)

    control.clear_faults()
    kept.clock.advance(minutes=3)
    look_up(kept.ledger, kept.client, id_)

    agree(kept, plan, id_, drifted)
    left = kept.progress(id_).counts
    assert left[Outcome.UNCERTAIN] == left[Outcome.NO_RESULT] == 0
    assert sent_once(kept, writes)
