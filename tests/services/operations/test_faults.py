"""Whatever goes wrong on the way, no item is claimed to be what it is not, none is sent twice."""

from typing import Any, NamedTuple

import pytest

from services.ledger import EventKind, ItemResult, Ledger, Outcome, State
from services.operations import (
    VERBS,
    LookedUp,
    Plan,
    Runner,
    look_up,
    plan_disable_data_versions,
    plan_exclude_all_uploads,
    plan_exclude_uploads,
)
from services.visier import Timeouts
from services.visier.answers import Response
from services.visier.failures import UntrustedCertificate
from services.visier.protocol import Request
from services.visier.transport import Transport
from tests.sandboxes import Sandbox
from tests.services.operations.conftest import Clock, Desk, MakeClient
from tests.services.visier.clock import Clock as RateLimiterClock

DONE, FAILED, UNCERTAIN = Outcome.SUCCEEDED, Outcome.FAILED, Outcome.UNCERTAIN
MISSING, PLANNED = Outcome.NO_RESULT, Outcome.PLANNED
ITEMS = 4


class Case(NamedTuple):
    """A fault, what the items end as, and what they are after a look some minutes later."""

    fault: str
    details: dict[str, Any]
    at_first: list[Outcome]
    later: list[Outcome]
    state: State = State.FINISHED

    def __str__(self) -> str:
        return " ".join([self.fault, *map(str, self.details.values())])


def lost(fault: str, **details: Any) -> Case:
    """Nothing happened, and nobody can know that at once."""
    details["when"] = "before"
    return Case(fault, details, [UNCERTAIN] * ITEMS, [FAILED] * ITEMS)


def unheard(fault: str, **details: Any) -> Case:
    """It happened, but the answer is lost: a look settles it at once."""
    details["when"] = "after"
    return Case(fault, details, [DONE] * ITEMS, [DONE] * ITEMS)


def told(fault: str, outcomes: list[Outcome] | None = None, **details: Any) -> Case:
    """Visier says what became of it."""
    outcomes = outcomes or [DONE] * ITEMS
    return Case(fault, details, outcomes, outcomes)


def unsent(fault: str, **details: Any) -> Case:
    """It certainly was not executed, and there is no going on: it stays planned."""
    return Case(fault, details, [PLANNED] * ITEMS, [PLANNED] * ITEMS, State.STOPPED)


CASES = (
    lost("hang", seconds=60),
    unheard("hang", seconds=60),
    *(lost(status) for status in ("500", "502", "504")),
    *(unheard(status) for status in ("500", "502", "504")),
    lost("cut"),
    unheard("cut"),
    lost("html"),
    unheard("html"),
    lost("malformed"),
    unheard("malformed"),
    lost("empty"),
    unheard("empty"),
    lost("gateway", status=503),
    told("429", times=2, retry_after=7),
    told("429"),
    told("401"),
    unsent("401", times=0),
    unsent("gateway", status=401, value="No API key found in request"),
    told("400", [FAILED] * ITEMS),
    told("403", [FAILED] * ITEMS),
    told("404", [FAILED] * ITEMS),
    told("partial_failure", [FAILED, DONE, FAILED, DONE]),
    told("duplicate_item"),
    told("extra_item"),
    told("extra_field"),
    Case("missing_item", {}, [DONE, DONE, DONE, MISSING], [DONE] * ITEMS),
    Case("drop_field", {"value": "tenantCode"}, [MISSING] * ITEMS, [DONE] * ITEMS),
    told("drop_field", value="status"),
    told("unknown_status"),
    told("null_field", value="message"),
)
OF_UPLOADS = (
    told("other_key"),
    Case("drop_field", {"value": "uploadTime"}, [MISSING] * ITEMS, [DONE] * ITEMS),
)
OF_VERSIONS = (
    told("other_key"),
    Case("drop_field", {"value": "dataVersion"}, [MISSING] * ITEMS, [DONE] * ITEMS),
)


@pytest.fixture
def desk(sandbox: Sandbox, make_client: MakeClient, ledger: Ledger, clock: Clock) -> Desk:
    client = make_client(RateLimiterClock().rate_limiter(None), Timeouts(5, 0.5))
    return Desk(sandbox, client, ledger, Runner(ledger, VERBS, now=clock), clock)


def exclusion(desk: Desk) -> Plan:
    """Plan to exclude one upload of each of four tenants."""
    current = desk.uploads()
    chosen = current[current["included"].fillna(False)].drop_duplicates("tenant_code").head(ITEMS)
    return plan_exclude_uploads(chosen, current)


def disabling(desk: Desk) -> Plan:
    versions = desk.versions()
    chosen = versions.dropna().drop_duplicates("tenant_code").head(ITEMS)
    return plan_disable_data_versions(chosen, versions, now=desk.clock())


def really_done(desk: Desk, plan: Plan) -> list[bool]:
    """Say of each item whether the sandbox has done it."""
    codes = plan.items["tenant_code"]
    if "data_version" in plan.items:
        pairs = zip(codes, plan.items["data_version"], strict=True)
        return [not desk.enabled(code, number) for code, number in pairs]
    pairs = zip(codes, plan.items["upload_time_text"], strict=True)
    return [not desk.included(code, text) for code, text in pairs]


def check(desk: Desk, plan: Plan, case: Case, operation: str) -> None:
    desk.sandbox.control.clear_requests()
    desk.sandbox.control.fault(operation, case.fault, **case.details)

    id_ = desk.apply(plan)

    assert desk.outcomes(id_) == case.at_first
    assert desk.progress(id_).state is case.state
    asked = desk.sandbox.control.requests(operation)
    assert len([each for each in asked if each["status"] not in {401, 429}]) <= 1

    desk.sandbox.control.clear_faults()
    desk.clock.advance(minutes=3)
    look_up(desk.ledger, desk.client, id_)

    assert desk.outcomes(id_) == case.later
    assert len(desk.sandbox.control.requests(operation)) == len(asked)
    assert [outcome is DONE for outcome in case.later] == really_done(desk, plan)


@pytest.mark.parametrize("case", CASES + OF_UPLOADS, ids=str)
def test_excluding(desk: Desk, case: Case) -> None:
    check(desk, exclusion(desk), case, "exclude_data_uploads")


@pytest.mark.parametrize("case", CASES + OF_VERSIONS, ids=str)
def test_disabling(desk: Desk, case: Case) -> None:
    check(desk, disabling(desk), case, "disable_dv")


def test_what_was_not_given_to_an_untrusted_server_is_not_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = Transport.send

    def unless_it_writes(self: Transport, request: Request, headers: Any) -> Response:
        if request.operation.writes:
            raise UntrustedCertificate("has expired")
        return send(self, request, headers)

    current = desk.uploads()
    plan = plan_exclude_uploads(current[current["included"].fillna(False)].head(ITEMS), current)
    monkeypatch.setattr(Transport, "send", unless_it_writes)
    id_ = desk.apply(plan)
    assert desk.outcomes(id_) == [PLANNED] * ITEMS
    assert desk.ledger.operation(id_).state is State.STOPPED


def test_of_200_every_failure_is_shown(desk: Desk) -> None:
    current = desk.uploads()
    chosen = current[current["included"].fillna(False)].head(200)
    desk.sandbox.control.fault("exclude_data_uploads", "partial_failure", every=3)

    plan = plan_exclude_uploads(chosen, current)
    id_ = desk.apply(plan)

    counts = desk.progress(id_).counts
    assert plan.count == counts[DONE] + counts[FAILED] == len(chosen)
    assert counts[FAILED] > len(chosen) / 4
    assert [outcome is DONE for outcome in desk.outcomes(id_)] == really_done(desk, plan)
    failed = [text for text in desk.messages(id_) if text]
    assert failed == ["[SIM0006] The data upload could not be changed."] * counts[FAILED]


def test_what_was_answered_beside_the_question_is_noted_not_believed(desk: Desk) -> None:
    desk.sandbox.control.fault("exclude_data_uploads", "extra_item")

    id_ = desk.apply(exclusion(desk))

    (extra,) = desk.events(id_, EventKind.EXTRA_RESULTS)
    assert "ffffffff-ffff-4fff-8fff-ffffffffffff" in extra
    assert len(desk.events(id_, EventKind.TOTALS)) == 1


@pytest.mark.parametrize("fault", ["500", "html", "cut", "empty"])
def test_without_a_second_reading_nothing_is_sent(desk: Desk, fault: str) -> None:
    plan = exclusion(desk)
    desk.sandbox.control.fault("retrieve_data_uploads", fault, times=0)

    id_ = desk.apply(plan)

    assert desk.outcomes(id_) == [PLANNED] * ITEMS
    assert desk.progress(id_).state is State.STOPPED
    assert len(desk.events(id_, EventKind.TROUBLE)) == 1
    assert desk.sandbox.control.requests("exclude_data_uploads") == []


EARLY = "Looked up: still Included. The request may still arrive. Look it up again in two minutes."


def test_a_look_too_early_settles_nothing_and_says_so(desk: Desk) -> None:
    desk.sandbox.control.fault("exclude_data_uploads", "504", when="before")
    id_ = desk.apply(exclusion(desk))

    assert look_up(desk.ledger, desk.client, id_) == LookedUp(0, ITEMS, ITEMS)
    assert desk.outcomes(id_) == [UNCERTAIN] * ITEMS
    for text in desk.messages(id_):
        assert "504" in text
        assert text.endswith(EARLY)

    desk.clock.advance(minutes=2)
    assert look_up(desk.ledger, desk.client, id_) == LookedUp(ITEMS, 0, 0)
    assert desk.outcomes(id_) == [FAILED] * ITEMS


def test_looking_often_does_not_put_off_the_answer(desk: Desk) -> None:
    desk.sandbox.control.fault("exclude_data_uploads", "504", when="before")
    id_ = desk.apply(exclusion(desk))
    for _ in range(3):
        desk.clock.advance(seconds=30)
        look_up(desk.ledger, desk.client, id_)
    assert desk.outcomes(id_) == [UNCERTAIN] * ITEMS

    desk.clock.advance(seconds=30)
    assert look_up(desk.ledger, desk.client, id_) == LookedUp(ITEMS, 0, 0)


def test_an_item_without_a_result_is_told_when_to_look_again(desk: Desk) -> None:
    desk.sandbox.control.fault("exclude_data_uploads", "504", when="before")
    id_ = desk.apply(exclusion(desk))
    keys = [item.key for item in desk.ledger.items(id_)]
    words = "Visier's answer does not mention this item."
    desk.ledger.settle(id_, [ItemResult(key, MISSING, words) for key in keys])

    assert look_up(desk.ledger, desk.client, id_) == LookedUp(0, ITEMS, ITEMS)

    assert desk.outcomes(id_) == [MISSING] * ITEMS
    assert desk.messages(id_) == [EARLY] * ITEMS


def test_what_changed_meanwhile_is_no_longer_called_too_early(desk: Desk) -> None:
    current = desk.uploads()
    included = current[current["included"].fillna(False)]["tenant_code"].value_counts()
    (code, *_) = included[included > 1].index
    desk.sandbox.control.fault("exclude_data_uploads", "504", when="before")
    id_ = desk.apply(plan_exclude_all_uploads([code], current))
    (text,) = desk.messages(id_)
    assert text.endswith("Look it up again in two minutes.")

    next(each for each in reversed(desk.tenant(code).uploads) if each.included).flags = 0
    look_up(desk.ledger, desk.client, id_)

    assert desk.outcomes(id_) == [UNCERTAIN]
    (text,) = desk.messages(id_)
    assert text.count("Looked up: ") == 1
    assert text.endswith("This does not show whether it was done.")
