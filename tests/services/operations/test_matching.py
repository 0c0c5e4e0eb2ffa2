"""Results find their items by key, whatever their number and order."""

from collections.abc import Sequence
from typing import Any

import pytest

from services.ledger import Outcome
from services.operations.engine.changes import Finding
from services.operations.engine.matching import match
from services.operations.engine.verb_spec import VerbSpec
from services.operations.verbs.all_uploads import EXCLUDE as EXCLUDE_ALL
from services.operations.verbs.all_uploads import TenantKey
from services.operations.verbs.assigning import ASSIGN, AssignKey
from services.operations.verbs.connector_settings import SET_SETTINGS, SettingKey
from services.operations.verbs.uploads import EXCLUDE, UploadKey
from services.operations.verbs.versions import DISABLE, VersionKey

DONE, FAILED, MISSING = Outcome.SUCCEEDED, Outcome.FAILED, Outcome.NO_RESULT
FIRST, SECOND = "2026-03-01T03:00:00.000Z", "2026-03-02T03:00:00.000Z"


def matched(
    spec: VerbSpec[Any, Any], told: Sequence[tuple[str, ...]], answered: list[dict[str, Any]]
) -> list[Outcome]:
    keys = [spec.key_type(*each) for each in told]
    name = "results" if spec is DISABLE else "uploads"
    found = match(spec, keys, spec.answer.to_frame([{name: answered}]))
    assert [spec.read_key(result.key) for result in found.results] == keys
    return [result.outcome for result in found.results]


def upload(code: str, time: str, status: str = "Succeeded", message: str = "") -> dict[str, Any]:
    return {"tenantCode": code, "uploadTime": time, "status": status, "message": message}


def version(code: str, number: str, status: str = "Succeeded") -> dict[str, Any]:
    return {"tenantCode": code, "dataVersion": number, "status": status, "message": "words"}


def test_the_order_means_nothing() -> None:
    keys = [("a", FIRST), ("b", FIRST), ("a", SECOND)]
    answered = [upload("a", SECOND), upload("b", FIRST, "Failed"), upload("a", FIRST)]
    assert matched(EXCLUDE, keys, answered) == [DONE, FAILED, DONE]


def test_a_time_written_in_another_way_is_the_same_time() -> None:
    answered = [upload("a", "2026-03-01T04:00:00+01:00")]
    assert matched(EXCLUDE, [("a", FIRST)], answered) == [DONE]


@pytest.mark.parametrize(
    ("answered", "outcome"),
    [
        ([], MISSING),
        ([upload("a", SECOND)], Outcome.UNCERTAIN),
        ([upload("a", SECOND, "Failed")], MISSING),
        ([upload("b", FIRST)], MISSING),
        ([upload("a", FIRST), upload("a", FIRST)], DONE),
        ([upload("a", FIRST), upload("a", FIRST, "Failed")], Outcome.UNCERTAIN),
        ([upload("a", FIRST, "Levitating")], Outcome.UNCERTAIN),
        ([upload("a", "", "Failed")], FAILED),
        ([upload("a", "")], MISSING),
        ([upload("a", "", "Failed"), upload("a", "", "Failed")], MISSING),
    ],
)
def test_what_one_item_becomes(answered: list[dict[str, Any]], outcome: Outcome) -> None:
    assert matched(EXCLUDE, [("a", FIRST)], answered) == [outcome]


def test_a_failure_without_a_number_belongs_to_the_only_item_it_can_belong_to() -> None:
    keys = [("a", "9", "", ""), ("a", "8", "", ""), ("b", "9", "", "")]
    answered = [version("a", "", "Failed"), version("b", "9"), version("a", "9")]
    assert matched(DISABLE, keys, answered) == [DONE, FAILED, DONE]
    assert matched(DISABLE, keys, [version("a", "", "Failed")]) == [MISSING] * 3
    assert matched(DISABLE, keys, [version("a", "", "Failed")] * 2) == [FAILED, FAILED, MISSING]


def test_a_success_about_another_of_the_tenant_is_said_and_nothing_is_concluded() -> None:
    keys = [VersionKey("a", "9"), VersionKey("b", "9")]
    done = [version("a", "8"), version("b", "9"), version("b", "8")]
    found = match(
        DISABLE, [VersionKey(*key) for key in keys], DISABLE.answer.to_frame([{"results": done}])
    ).results
    assert [each.outcome for each in found] == [Outcome.UNCERTAIN, DONE]
    assert (found[0].finding, found[0].facts) == (Finding.ANOTHER, {"named": ["8"]})


@pytest.mark.parametrize(
    ("answered", "outcome"),
    [
        ({"credentialId": "asked"}, DONE),
        ({"credentialId": "other", "displayName": "UKG"}, Outcome.UNCERTAIN),
        ({}, DONE),
    ],
)
def test_an_assigned_credential_must_be_the_one_that_was_asked_for(
    answered: dict[str, str], outcome: Outcome
) -> None:
    link = {"connector": {"connectorId": "c"}, "credential": answered}
    told = {"tenantCode": "a", "status": "Succeed", "connectors": [link]}
    key = AssignKey("a", "c", "asked", "", "", "")
    (found,) = match(ASSIGN, [key], ASSIGN.answer.to_frame([{"tenants": [told]}])).results
    assert found.outcome == outcome
    assert found.facts == ({} if outcome is DONE else {"named": ["UKG (other)"]})


@pytest.mark.parametrize(
    ("asked", "answered", "outcome"),
    [
        ("UTC", {"value": "UTC"}, DONE),
        ("UTC", {"value": ""}, Outcome.UNCERTAIN),
        ("", {"value": "UTC"}, Outcome.UNCERTAIN),
        ("", {"value": ""}, DONE),
        ("UTC", {}, DONE),
    ],
)
def test_a_setting_must_have_the_value_that_was_asked_for(
    asked: str, answered: dict[str, str], outcome: Outcome
) -> None:
    link = {"connector": {"connectorId": "c"}, "settings": [{"key": "zone", **answered}]}
    told = {"tenantCode": "a", "status": "Succeed", "connectors": [link]}
    key = SettingKey("a", "c", "zone", asked)
    to_frame = SET_SETTINGS.answer.to_frame
    (found,) = match(SET_SETTINGS, [key], to_frame([{"tenants": [told]}])).results
    assert found.outcome == outcome


def test_a_whole_tenant_gathers_its_results() -> None:
    keys = [TenantKey(code) for code in "abcd"]
    answered = [
        *(upload("a", FIRST), upload("a", SECOND)),
        *(upload("b", FIRST), upload("b", SECOND, "Failed", "No.")),
        upload("c", "", "Failed", "The data upload does not exist for the tenant."),
    ]
    found = match(EXCLUDE_ALL, keys, EXCLUDE_ALL.answer.to_frame([{"uploads": answered}]))
    assert [each.outcome for each in found.results] == [DONE, FAILED, FAILED, MISSING]
    told = found.results[1]
    assert (told.finding, told.message) == (Finding.IN_PART, "No.")
    assert told.facts == {"failed": 1, "of": 2}
    assert found.extra == []


def test_what_was_not_asked_for_is_said_in_words() -> None:
    answered = [upload("a", FIRST), upload("x", SECOND, "Failed", "Who?")]
    found = match(
        EXCLUDE, [UploadKey("a", FIRST)], EXCLUDE.answer.to_frame([{"uploads": answered}])
    )
    assert found.extra == [["x", "2026-03-02T03:00:00+00:00", "Failed", "Who?"]]
