"""Assigning credentials, setting connectors, deleting credentials: planned, sent, seen, undone."""

import threading

import pytest

from dashboard.operations.change_words import of_plan
from dashboard.operations.warning_words import REGRETS, warning
from services.ledger import EventKind, Outcome
from services.operations import (
    curl_of,
    look_up,
    plan_delete_credentials,
    plan_set_connector_settings,
    requests_of,
    retry_plan,
    undo_plan,
)
from services.visier import RateLimiter
from tests.services.operations.conftest import ACTOR, ADA, LONG_ENOUGH, Desk, MakeClient
from tests.services.operations.connecting import (
    ADMIN,
    BOTH,
    C7O,
    C7O_TEST,
    C7O_UKG,
    CROSSED,
    E1A,
    E1A_TEST,
    E1A_UKG,
    OSLO,
    TEST,
    UKG,
    assignment,
    changes,
    connectors_of,
    credentials_of,
    deletion,
    settings_of,
    used_by,
)
from tests.services.visier.clock import Clock as RateLimiterClock

REDSHIFT = "bf27d5f8-e780-436f-b2dc-990ea52c91d3"


def assigned(desk: Desk) -> dict[tuple[str, str], str]:
    inside = desk.sandbox.inside.world.connections
    return {(code, connector): inside.assigned(code, connector) for code, connector, _ in CROSSED}


def wanted() -> dict[tuple[str, str], str]:
    return {(code, connector): credential for code, connector, credential in CROSSED}


def test_credentials_are_assigned_in_one_request_and_given_back(desk: Desk) -> None:
    before = assigned(desk)
    plan = assignment(desk, *CROSSED)
    assert of_plan(plan)["change"].iloc[0] == "Credential → UKG Callisto"
    desk.sandbox.control.clear_requests()
    id_ = desk.apply(plan)
    assert set(desk.outcomes(id_)) == {Outcome.SUCCEEDED}
    assert assigned(desk) == wanted()
    assert len(desk.sandbox.control.requests()) == plan.calls == 3
    (sent,) = desk.sandbox.control.requests("assign_connector_credential")
    assert sent["body"]["connectors"] == [
        {
            "connectorId": TEST,
            "tenants": [
                {"tenantCode": C7O, "credentialId": C7O_UKG},
                {"tenantCode": E1A, "credentialId": E1A_UKG},
            ],
        },
        {"connectorId": UKG, "tenants": [{"tenantCode": E1A, "credentialId": E1A_TEST}]},
    ]
    back = undo_plan(desk.ledger, id_, connectors_of(desk))
    assert back.count == 3
    desk.apply(back)
    assert assigned(desk) == before


def test_undoing_leaves_alone_what_was_changed_since_and_what_had_none(desk: Desk) -> None:
    inside = desk.sandbox.inside.world.connections
    del inside.of(E1A).assigned[TEST]
    id_ = desk.apply(assignment(desk, *CROSSED))
    inside.of(C7O).assigned[TEST] = REDSHIFT
    back = undo_plan(desk.ledger, id_, connectors_of(desk))
    assert back.count == 1
    reasons = dict(zip(back.items["tenant_code"], of_plan(back)["reason"], strict=True))
    assert reasons[C7O] == "Changed since the operation."
    told = of_plan(back)
    assert told.loc[told["tenant_code"] == E1A, "reason"].str.contains("cannot remove one").any()


def test_what_cannot_be_assigned_is_skipped_with_its_reason(desk: Desk) -> None:
    plan = assignment(
        desk,
        (C7O, TEST, C7O_TEST),
        (C7O, "nothing", C7O_TEST),
        (C7O, UKG, E1A_TEST),
        (E1A, UKG, ""),
    )
    assert plan.count == 0
    assert list(of_plan(plan)["reason"]) == [
        "Already uses this credential.",
        "The tenant has no such connector.",
        "The tenant has no such credential.",
        "The tenant has no such credential.",
    ]


def test_another_provider_is_warned_of(desk: Desk) -> None:
    plan = assignment(desk, (C7O, TEST, REDSHIFT))
    (concern,) = plan.warnings
    assert list(concern.rows["before"]) == ["UKG"]
    assert list(concern.rows["after"]) == ["Redshift"]
    assert assignment(desk, *CROSSED).warnings == ()


def test_of_a_tenant_that_failed_in_part_each_connector_gets_its_own_outcome(desk: Desk) -> None:
    plan = assignment(desk, (E1A, TEST, E1A_UKG), (E1A, UKG, E1A_TEST), (C7O, TEST, C7O_UKG))
    # Only the credential the first connector is to get is gone when the request arrives.
    inside = desk.sandbox.inside.world.connections
    gone = inside.credential(E1A, E1A_UKG)
    assert gone
    inside.of(E1A).credentials.remove(gone)
    id_ = desk.apply(plan)
    assert desk.outcomes(id_) == [Outcome.FAILED, Outcome.SUCCEEDED, Outcome.SUCCEEDED]
    assert "does not exist" in desk.messages(id_)[0]
    assert (
        desk.messages(id_)[1]
        == "Looked up: now Test Credential (5781eec0-7f1d-4d3b-b9bd-8c08ff632cfb)."
    )


def test_what_drifted_is_not_assigned(desk: Desk) -> None:
    plan = assignment(desk, *CROSSED)
    desk.sandbox.inside.world.connections.of(C7O).assigned[TEST] = REDSHIFT
    id_ = desk.apply(plan)
    assert desk.outcomes(id_)[0] is Outcome.CHANGED_SINCE_PLAN
    assert assigned(desk)[C7O, TEST] == REDSHIFT


@pytest.mark.parametrize("fault", ["cut", "504", "html"])
def test_an_assignment_whose_answer_is_lost_is_looked_up(desk: Desk, fault: str) -> None:
    desk.sandbox.control.fault("assign_connector_credential", fault, when="after")
    id_ = desk.apply(assignment(desk, *CROSSED))
    assert set(desk.outcomes(id_)) == {Outcome.SUCCEEDED}
    assert len(desk.sandbox.control.requests("assign_connector_credential")) == 1


def test_what_failed_can_be_assigned_again(desk: Desk) -> None:
    desk.sandbox.control.fault("assign_connector_credential", "403", value="Not for you.")
    id_ = desk.apply(assignment(desk, *CROSSED))
    again = retry_plan(desk.ledger, id_, connectors_of(desk), now=desk.clock)
    assert again.count == 3
    desk.apply(again)
    assert assigned(desk) == wanted()


def test_an_answer_that_names_another_credential_is_looked_up_and_said(desk: Desk) -> None:
    plan = assignment(desk, *CROSSED)
    desk.sandbox.control.fault(
        "assign_connector_credential", "other_value", value="credentialId=780ed445"
    )
    id_ = desk.apply(plan)
    # What was read afterwards is what counts: here Visier has assigned what was asked for.
    assert set(desk.outcomes(id_)) == {Outcome.SUCCEEDED}
    assert all(text.startswith("Looked up: ") for text in desk.messages(id_))
    (said,) = desk.events(id_, EventKind.EXTRA_RESULTS)
    assert said.startswith("3 results name unrequested items: ")
    assert said.count("(780ed445)") == 3


def value(desk: Desk, code: str, key: str) -> str | None:
    links = desk.sandbox.inside.world.connections.of(code)
    return links.settings.get((TEST, key))


def test_settings_are_set_and_given_back(desk: Desk) -> None:
    more = (C7O, TEST, "extractionMode", "")
    plan = plan_set_connector_settings(changes(*OSLO, more), settings_of(desk))
    assert list(of_plan(plan)["before"]) == ["“UTC”", "“UTC”", "“Incremental”"]
    id_ = desk.apply(plan)
    assert set(desk.outcomes(id_)) == {Outcome.SUCCEEDED}
    (sent,) = desk.sandbox.control.requests("set_connector_setting")
    (entry,) = sent["body"]["connectors"]
    assert entry["tenants"][0] == {
        "tenantCode": C7O,
        "connectorSettings": [
            {"settingKey": "timeZone", "value": "Europe/Oslo"},
            {"settingKey": "extractionMode", "value": ""},
        ],
    }
    assert (value(desk, E1A, "timeZone"), value(desk, C7O, "extractionMode")) == ("Europe/Oslo", "")
    desk.apply(undo_plan(desk.ledger, id_, settings_of(desk)))
    assert value(desk, C7O, "timeZone") == "UTC"
    assert value(desk, C7O, "extractionMode") == "Incremental"


def test_a_setting_that_is_listed_twice_is_set_once(desk: Desk) -> None:
    plan = plan_set_connector_settings(changes(*OSLO, OSLO[0]), settings_of(desk))
    assert desk.outcomes(desk.apply(plan)) == [Outcome.SUCCEEDED] * 2


def test_a_setting_that_is_not_there_or_is_so_already_is_skipped(desk: Desk) -> None:
    wanted = changes((C7O, TEST, "colour", "red"), (C7O, TEST, "timeZone", "UTC"))
    plan = plan_set_connector_settings(wanted, settings_of(desk))
    assert plan.count == 0
    assert list(of_plan(plan)["reason"]) == [
        "The tenant has no such setting.",
        "Already has this value.",
    ]


@pytest.mark.parametrize("asked", ["Europe/Oslo", ""])
def test_an_answer_that_names_another_value_is_looked_up_and_said(desk: Desk, asked: str) -> None:
    plan = plan_set_connector_settings(changes((C7O, TEST, "timeZone", asked)), settings_of(desk))
    desk.sandbox.control.fault("set_connector_setting", "other_value", value="value=Mars")
    id_ = desk.apply(plan)
    assert desk.messages(id_) == [f"Looked up: now “{asked}”."]


def test_settings_refused_by_a_tenant_can_be_set_again(desk: Desk) -> None:
    desk.sandbox.control.fault("set_connector_setting", "partial_failure", every=2)
    id_ = desk.apply(plan_set_connector_settings(changes(*OSLO), settings_of(desk)))
    assert sorted(desk.outcomes(id_)) == [Outcome.FAILED, Outcome.SUCCEEDED]
    desk.apply(retry_plan(desk.ledger, id_, settings_of(desk), now=desk.clock))
    assert {value(desk, code, "timeZone") for code in BOTH} == {"Europe/Oslo"}


def there(desk: Desk, code: str, credential_id: str) -> bool:
    return desk.sandbox.inside.world.connections.credential(code, credential_id) is not None


def test_credentials_are_deleted_and_seen_to_be_gone(desk: Desk) -> None:
    plan = deletion(desk, (E1A, E1A_UKG), (E1A, E1A_TEST))
    desk.sandbox.control.clear_requests()
    id_ = desk.apply(plan)
    assert desk.outcomes(id_) == [Outcome.SUCCEEDED] * 2
    assert len(desk.sandbox.control.requests()) == plan.calls == 6
    assert not there(desk, E1A, E1A_UKG)
    queries = [each["query"] for each in desk.sandbox.control.requests(DELETE)]
    assert queries == [{"tenantCode": E1A}] * 2


DELETE = "delete_connector_credential"


def test_the_last_credential_of_a_tenant_is_seen_to_be_gone_too(desk: Desk) -> None:
    connections = desk.sandbox.inside.world.connections
    connections.of(ADMIN).credentials.clear()
    (last, *others) = connections.of(E1A).credentials
    for other in others:
        connections.of(E1A).credentials.remove(other)
    desk.sandbox.control.fault(DELETE, "cut", when="after")
    id_ = desk.apply(deletion(desk, (E1A, last.id)))
    assert desk.outcomes(id_) == [Outcome.SUCCEEDED]


def test_an_inherited_credential_is_not_deleted_below(desk: Desk) -> None:
    plan = deletion(desk, (C7O, REDSHIFT), (C7O, "gone"))
    assert plan.count == 0
    assert "Inherited" in of_plan(plan)["reason"].iloc[0]
    assert deletion(desk, (ADMIN, REDSHIFT)).count == 1


def test_a_deletion_nobody_can_look_at_is_uncertain_until_it_can(desk: Desk) -> None:
    plan = deletion(desk, (E1A, E1A_UKG))
    control = desk.sandbox.control
    # Not the reading before it, but the two that come behind, three attempts each.
    control.fault("data_connector_credentials", "latency", seconds=0)
    control.fault("data_connector_credentials", "500", times=6)
    id_ = desk.apply(plan)
    assert desk.outcomes(id_) == [Outcome.UNCERTAIN]
    assert "could not be verified" in desk.messages(id_)[0]
    assert look_up(desk.ledger, desk.client, id_).settled == 1
    assert desk.messages(id_) == ["Looked up: now Deleted."]
    assert len(control.requests(DELETE)) == 1


def test_a_deletion_that_may_not_have_arrived_is_not_sent_again(desk: Desk) -> None:
    desk.sandbox.control.fault(DELETE, "cut", when="before")
    id_ = desk.apply(deletion(desk, (E1A, E1A_UKG)))
    assert desk.outcomes(id_) == [Outcome.UNCERTAIN]
    desk.clock.advance(minutes=3)
    look_up(desk.ledger, desk.client, id_)
    assert desk.outcomes(id_) == [Outcome.FAILED]
    assert there(desk, E1A, E1A_UKG)
    assert len(desk.sandbox.control.requests(DELETE)) == 1


def test_a_deletion_that_was_sent_is_looked_at_although_it_is_stopped_meanwhile(
    desk: Desk, make_client: MakeClient
) -> None:
    plan, time = deletion(desk, (E1A, E1A_UKG)), RateLimiterClock()

    def wait(condition: threading.Condition, seconds: float) -> None:
        desk.runner.stop(plan.id, ADA)
        time.wait(condition, seconds)

    # A token, the reading before and the deletion itself use the budget up.
    client = make_client(RateLimiter(time, wait, assumed_per_minute=3))
    desk.runner.apply(plan, client, ACTOR, identity="ada", permissions=ADA)
    assert desk.runner.wait(plan.id, LONG_ENOUGH)

    assert time.waits
    assert desk.outcomes(plan.id) == [Outcome.SUCCEEDED]
    assert len(desk.sandbox.control.requests(DELETE)) == 1


def test_connectors_in_use_are_warned_of_and_there_is_no_way_back(desk: Desk) -> None:
    listed = credentials_of(desk)
    chosen = listed[listed["credential_id"] == E1A_UKG]
    plan = plan_delete_credentials(chosen, listed, used_by(E1A))
    assert "next extraction would fail" in warning(plan.warnings[0])
    assert "permanent" in REGRETS[plan.verb]


def test_the_commands_of_a_deletion_name_tenant_and_credential(desk: Desk) -> None:
    command = curl_of(requests_of(deletion(desk, (E1A, E1A_UKG))))
    assert "--request DELETE" in command
    assert f"{E1A_UKG}?tenantCode=WFF_j1r~e1a" in command.replace("%7E", "~")


def test_a_connector_named_twice_gets_neither_credential(desk: Desk) -> None:
    rows = [(C7O, TEST, C7O_UKG), (C7O, TEST, REDSHIFT), (E1A, TEST, E1A_UKG), (E1A, TEST, E1A_UKG)]
    plan = assignment(desk, *rows)
    assert list(plan.eligible["tenant_code"]) == [E1A]
    assert of_plan(plan)[~plan.items["eligible"]]["reason"].str.contains("more than once").all()
