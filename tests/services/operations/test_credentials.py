"""Creating and changing credentials: sent once, told apart, no secret left behind."""

import logging
from collections.abc import Callable, Iterable

import pytest

from services.ledger import AlreadyApplied, Ledger, NewItem, NewOperation, Outcome, State
from services.operations.credentials.outcomes import candidates, missing_access, settle_by_hand
from services.operations.credentials.submission import (
    Submission,
    TableInheritance,
    creation,
    submit,
)
from services.visier.providers import PROVIDERS, filled_in
from tests.samples import samples
from tests.services.operations.conftest import ACTOR, ADA, Desk
from tests.services.operations.connecting import C7O, E1A, E1A_TEST
from tests.services.operations.secrets_sent import (
    CANARY,
    CREATE,
    UPDATE,
    changed,
    new_one,
    rotated,
    run,
    ukg,
)

SAMPLE = samples()[CREATE].body


def test_a_credential_is_created_as_in_the_code_sample(desk: Desk) -> None:
    typed = SAMPLE["dataProviderAuthParams"]["ultimateAuthParams"]
    about = SAMPLE["dataProviderBasicInformation"]
    what = creation(
        ukg(**typed),
        tenants=[E1A],
        display_name=about["displayName"],
        description=about["description"],
    )
    desk.client.sign_in()
    desk.sandbox.control.clear_requests()
    id_ = run(desk, what)
    assert desk.outcomes(id_) == [Outcome.SUCCEEDED]
    assert len(desk.sandbox.control.requests()) == what.calls
    (sent,) = desk.sandbox.control.requests(CREATE)
    assert sent["body"] == SAMPLE | {"dataProviderMetadata": {"canChildrenInherit": False}}
    assert sent["query"] == {"tenantCode": E1A}
    assert sent["encoding"] == "form-model"


def test_it_is_created_in_each_tenant_once_and_never_by_a_second_click(desk: Desk) -> None:
    what = new_one(E1A, C7O, E1A)
    id_ = run(desk, what)
    with pytest.raises(AlreadyApplied):
        submit(desk.ledger, desk.client, what, ACTOR, identity="ada", permissions=ADA)
    assert desk.outcomes(id_) == [Outcome.SUCCEEDED] * 2
    assert [each["query"]["tenantCode"] for each in desk.sandbox.control.requests(CREATE)] == [
        E1A,
        C7O,
    ]
    operation = desk.ledger.operation(id_)
    assert (operation.state, operation.request_count) == (State.FINISHED, 2)


def test_what_it_cannot_read_is_told_by_subject_and_attribute(desk: Desk) -> None:
    id_ = run(desk, new_one(E1A, username="limited user", password=CANARY))
    assert "works but cannot read everything: Compensation_Payout" in desk.messages(id_)[0]
    missing = missing_access(desk.ledger, id_)
    assert missing.iloc[0].to_dict() == {
        "tenant_code": E1A,
        "subject": "Compensation_Payout",
        "attributes": "baseSalary, bonus",
        "error_message": "The integration user may not read this subject.",
    }
    assert missing_access(desk.ledger, run(desk, new_one())).empty


def test_one_tenant_that_refuses_does_not_stop_the_others(desk: Desk) -> None:
    desk.sandbox.control.fault(CREATE, "403", value=f"Not with {CANARY}.")
    id_ = run(desk, new_one(E1A, C7O))
    assert desk.outcomes(id_) == [Outcome.FAILED, Outcome.SUCCEEDED]
    assert desk.messages(id_)[0].startswith("Not with •••.")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", ["cut", "504", "500"])
def test_an_unclear_creation_is_not_sent_again_but_compared_with_before(
    desk: Desk, fault: str, when: str
) -> None:
    desk.sandbox.control.fault(CREATE, fault, when=when)
    id_ = run(desk, new_one())
    assert desk.outcomes(id_) == [Outcome.UNCERTAIN]
    assert len(desk.sandbox.control.requests(CREATE)) == 1
    found = candidates(desk.ledger, desk.client, id_)
    assert list(found["display_name"]) == (["Name"] if when == "after" else [])
    settle_by_hand(desk.ledger, id_, E1A, ADA, done=when == "after")
    assert desk.outcomes(id_) == [Outcome.SUCCEEDED if when == "after" else Outcome.FAILED]
    assert candidates(desk.ledger, desk.client, id_).empty


@pytest.mark.parametrize("fault", ["empty", "html", "malformed"])
def test_an_answer_that_says_nothing_leaves_it_open(desk: Desk, fault: str) -> None:
    desk.sandbox.control.fault(CREATE, fault)
    id_ = run(desk, new_one())
    assert desk.outcomes(id_) == [Outcome.UNCERTAIN]
    assert len(candidates(desk.ledger, desk.client, id_)) == 1


def test_an_answer_without_an_id_is_no_success(desk: Desk) -> None:
    desk.sandbox.control.fault(CREATE, "drop_field", value="uuid")
    assert desk.outcomes(run(desk, new_one())) == [Outcome.NO_RESULT]


@pytest.mark.parametrize("fault", ["403", "files_in_tenants"])
def test_nothing_is_created_where_it_could_not_be_looked_before(desk: Desk, fault: str) -> None:
    desk.sandbox.control.fault("data_connector_credentials", fault)
    id_ = run(desk, new_one(E1A, C7O))
    assert desk.outcomes(id_) == [Outcome.FAILED, Outcome.SUCCEEDED]
    assert len(desk.sandbox.control.requests(CREATE)) == 1


def test_told_to_stop_it_creates_no_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    intend = desk.ledger.intend

    def intend_and_stop(id_: str, keys: Iterable[str]) -> None:
        intend(id_, keys)
        desk.runner.stop(id_, ADA)

    monkeypatch.setattr(desk.ledger, "intend", intend_and_stop)
    id_ = run(desk, new_one(E1A, C7O, "WFF_j1r~i1o"))
    assert desk.ledger.operation(id_).state is State.STOPPED
    assert desk.outcomes(id_) == [Outcome.SUCCEEDED, Outcome.PLANNED, Outcome.PLANNED]
    assert len(desk.sandbox.control.requests(CREATE)) == 1


def test_only_what_changes_is_sent(desk: Desk) -> None:
    id_ = run(desk, changed(display_name="New name", can_children_inherit=False))
    assert desk.outcomes(id_) == [Outcome.SUCCEEDED]
    (sent,) = desk.sandbox.control.requests(UPDATE)
    assert sent["body"] == {"displayName": "New name", "canChildrenInherit": False}
    with pytest.raises(ValueError, match="Nothing"):
        changed()


def test_what_is_inherited_of_sql_tables_is_said_where_it_is_chosen(desk: Desk) -> None:
    run(desk, changed(tables=TableInheritance.DESIGN_ONLY))
    (sent,) = desk.sandbox.control.requests(UPDATE)
    assert sent["body"] == {"sqlTableInheritanceMode": "SQL_TABLE_INHERITANCE_MODE_DESIGN_ONLY"}
    parameters = ukg(username="u", password="p")
    made = creation(
        parameters, tenants=[E1A], display_name="N", tables=TableInheritance.FILTERED_DATA
    )
    run(desk, made)
    (sent,) = desk.sandbox.control.requests(CREATE)
    assert sent["body"]["dataProviderMetadata"] == {
        "canChildrenInherit": False,
        "sqlTableInheritanceMode": "SQL_TABLE_INHERITANCE_MODE_FILTERED_DATA",
    }


def test_secrets_are_rotated_as_a_whole_set(desk: Desk) -> None:
    kept = desk.sandbox.inside.world.connections.credential(E1A, E1A_TEST)
    assert kept
    id_ = run(desk, rotated(params=ukg(username="ann", password=CANARY)))
    assert desk.outcomes(id_) == [Outcome.SUCCEEDED]
    (sent,) = desk.sandbox.control.requests(UPDATE)
    assert sent["body"] == {
        "dataProviderAuthParams": {
            "provider": "UKG",
            "ultimateAuthParams": {"username": "ann", "password": CANARY},
        }
    }
    assert kept.display_name == "Test Credential"


def test_another_provider_is_refused_by_visier_and_shown(desk: Desk) -> None:
    provider = PROVIDERS["Greenhouse"]
    params = filled_in(provider, provider.parameters[0], {"apiKey": CANARY})
    id_ = run(desk, rotated(params=params))
    assert desk.outcomes(id_) == [Outcome.FAILED]
    assert "provider" in desk.messages(id_)[0]


@pytest.mark.parametrize("fault", ["cut", "html", "empty", "504"])
def test_an_unclear_change_is_said_to_be_so(desk: Desk, fault: str) -> None:
    desk.sandbox.control.fault(UPDATE, fault, when="after")
    id_ = run(desk, changed(display_name="New name"))
    assert desk.outcomes(id_) == [Outcome.UNCERTAIN]
    settle_by_hand(desk.ledger, id_, E1A, ADA, done=True)
    assert desk.messages(id_) == ["ada@example.com reports that it was done."]


def test_an_answer_about_another_credential_is_no_success(desk: Desk) -> None:
    desk.sandbox.control.fault(UPDATE, "drop_field", value="credentialId")
    assert desk.outcomes(run(desk, changed(display_name="New"))) == [Outcome.NO_RESULT]
    desk.sandbox.control.fault(UPDATE, "other_value", value="credentialId=780ed445")
    id_ = run(desk, changed(display_name="Newer"))
    assert desk.outcomes(id_) == [Outcome.UNCERTAIN]
    assert desk.messages(id_) == ["Visier's answer names a different item: 780ed445."]


def test_what_broke_off_can_be_closed_once_it_is_settled(desk: Desk) -> None:
    broken = _broken_off(desk, new_one(E1A, C7O))
    settle_by_hand(desk.ledger, broken, E1A, ADA, done=False)
    assert desk.ledger.operation(broken).state is State.STOPPED
    assert desk.outcomes(broken) == [Outcome.FAILED, Outcome.PLANNED]


def _broken_off(desk: Desk, what: Submission) -> str:
    """Leave a submission as a process leaves it that dies with its first request on the way."""
    items = [
        NewItem(code, code, "Name", "[1,null]", '[1,{"done":"created"}]') for code in what.tenants
    ]
    desk.ledger.begin(NewOperation(what.id, what.verb, ACTOR, "ada"), items)
    desk.ledger.intend(what.id, [what.tenants[0]])
    desk.ledger.set_state(what.id, State.INTERRUPTED)
    return what.id


def _crash(_self: object, _secrets: object) -> str:
    raise RuntimeError(f"a defect that shows {CANARY}")


PATHS: dict[str, Callable[[Desk], object]] = {
    "success": lambda desk: desk.sandbox.control.clear_faults(),
    "refused": lambda desk: desk.sandbox.control.fault(CREATE, "400", value=f"Bad {CANARY}"),
    "unclear": lambda desk: desk.sandbox.control.fault(CREATE, "cut", when="after"),
    "garbled": lambda desk: desk.sandbox.control.fault(CREATE, "malformed"),
    "echoed": lambda desk: desk.sandbox.control.fault(CREATE, "extra_field", value=CANARY),
}


@pytest.mark.parametrize("path", [*PATHS, "crash"])
def test_no_secret_is_in_the_ledger_or_the_log(
    desk: Desk,
    path: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    if path == "crash":
        monkeypatch.setattr("services.operations.credentials.submission.redact", _crash)
    else:
        PATHS[path](desk)
    what = new_one(E1A, C7O, username="ann", password=CANARY, apiKey=f"{CANARY}&x")
    assert CANARY not in repr(what)
    id_ = run(desk, what)
    state = desk.ledger.operation(id_).state
    assert state is (State.INTERRUPTED if path == "crash" else State.FINISHED)
    assert CANARY not in caplog.text
    assert CANARY not in _everything(desk.ledger, id_)


def _everything(ledger: Ledger, id_: str) -> str:
    events = [repr(event) for event in ledger.events(id_, 1000)]
    broke_off = ledger.operation(id_).state is State.INTERRUPTED
    assert broke_off or any("ultimateAuthParams" in event for event in events)
    return "\n".join([*events, repr(ledger.operation(id_)), *map(repr, ledger.items(id_))])
