import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest
import requests

from services.sandbox.distortions import DISTORTIONS
from services.sandbox.faults import DISRUPTIONS
from tests.sandboxes import TIMEOUT, ask
from tests.services.sandbox.api import C7O, E1A, I1O, Api

CATEGORIES = "/v1/op/data/categories"
VERSIONS = "/v1/op/data-versions"
DISABLE = "/v1/op/data-versions/disable"
PROCESS = "/v1alpha/op/jobs/processing-jobs"
LATEST = {"dataVersionObjects": [{"tenantCode": I1O}]}


def latest(api: Api) -> str:
    version: str = api.get(VERSIONS, tenantCode=I1O)["tenants"][0]["dataVersions"][0]["dataVersion"]
    return version


@pytest.mark.parametrize(
    ("status", "body_has"),
    [
        ("401", "localizedMessage"),
        ("403", "localizedMessage"),
        ("429", "message"),
        ("500", "localizedMessage"),
        ("502", "message"),
        ("504", "message"),
    ],
)
@pytest.mark.parametrize(("when", "left"), [("before", "123415"), ("after", "121415")])
def test_an_error_before_or_after_the_effect(
    api: Api, status: str, body_has: str, when: str, left: str
) -> None:
    api.sandbox.control.fault("disable_dv", status, when=when)
    answer = api.ask("PUT", DISABLE, json=LATEST)
    assert answer.status_code == int(status)
    assert body_has in answer.json()
    assert latest(api) == left


@pytest.mark.parametrize(("when", "left"), [("before", "123415"), ("after", "121415")])
@pytest.mark.parametrize("fault", ["cut", "hang"])
def test_a_cut_connection_before_or_after_the_effect(
    api: Api, fault: str, when: str, left: str
) -> None:
    api.sandbox.control.fault("disable_dv", fault, when=when, seconds=0)
    with pytest.raises(requests.ConnectionError):
        api.ask("PUT", DISABLE, json=LATEST)
    assert latest(api) == left
    assert api.sandbox.control.requests("disable_dv")[-1]["status"] == 0


@contextmanager
def unanswered(api: Api, method: str, path: str, body: object) -> Iterator[HTTPConnection]:
    """Send a request and do not wait for its answer."""
    connection = HTTPConnection(api.sandbox.url.removeprefix("http://"), timeout=TIMEOUT)
    headers = {**api.headers, "Content-Type": "application/json"}
    connection.request(method, path, json.dumps(body), headers)
    try:
        yield connection
    finally:
        connection.close()


def test_a_hang_after_the_effect_leaves_the_caller_in_the_dark(api: Api) -> None:
    api.sandbox.control.fault("disable_dv", "hang", when="after", seconds=600)
    with unanswered(api, "PUT", DISABLE, LATEST):
        api.advance_until(lambda: latest(api) == "121415", step=1)
        assert api.sandbox.control.requests("disable_dv")[-1]["status"] == 0


def test_of_a_slow_body_only_half_comes_at_first(api: Api) -> None:
    expected = api.ask("GET", CATEGORIES).content
    api.sandbox.control.fault("retrieve_data_categories", "slow_body", seconds=600)
    with unanswered(api, "GET", CATEGORIES, None) as connection:
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.read(len(expected) // 2) == expected[: len(expected) // 2]


def test_a_slow_body_arrives_whole_in_the_end(api: Api) -> None:
    expected = api.get(CATEGORIES)
    api.sandbox.control.fault("retrieve_data_categories", "slow_body")
    assert api.get(CATEGORIES) == expected


def test_latency_changes_nothing_else(api: Api) -> None:
    api.sandbox.control.fault("disable_dv", "latency", seconds=0.001)
    assert api.put(DISABLE, LATEST)["totalSuccess"] == 1


@pytest.mark.parametrize(("fault", "start"), [("html", "<!doctype html>"), ("empty", "")])
def test_a_200_that_is_no_answer_comes_after_the_effect(api: Api, fault: str, start: str) -> None:
    api.sandbox.control.fault("disable_dv", fault)
    answer = api.ask("PUT", DISABLE, json=LATEST)
    assert answer.status_code == 200
    assert answer.text.startswith(start)
    assert bool(answer.text) == bool(start)
    assert latest(api) == "121415"


def test_malformed_json_is_the_answer_broken_off(api: Api) -> None:
    api.sandbox.control.fault("retrieve_data_categories", "malformed")
    answer = api.ask("GET", CATEGORIES)
    assert answer.text.startswith('{"categories"')
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


def test_a_gateway_error_has_any_status_and_message(api: Api) -> None:
    api.sandbox.control.fault("retrieve_data_categories", "gateway", status=503, value="Busy")
    answer = api.ask("GET", CATEGORIES)
    assert (answer.status_code, answer.json()) == (503, {"message": "Busy"})


def test_a_429_may_say_when_to_come_back(api: Api) -> None:
    api.sandbox.control.fault("retrieve_data_categories", "429", retry_after=7)
    answer = api.ask("GET", CATEGORIES)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json() == {"message": "API rate limit exceeded"}


def test_a_206_keeps_the_answer(api: Api) -> None:
    api.sandbox.control.fault("retrieve_data_categories", "206", when="after")
    answer = api.ask("GET", CATEGORIES)
    assert answer.status_code == 206
    assert answer.json()["categories"]


def test_a_fault_strikes_as_often_as_asked_and_only_its_operation(api: Api) -> None:
    api.sandbox.control.fault("retrieve_data_categories", "500", times=2)
    api.get(VERSIONS)
    seen = [api.ask("GET", CATEGORIES).status_code for _ in range(4)]
    assert seen == [500, 500, 200, 200]


def test_faults_queue_and_strike_one_after_the_other(api: Api) -> None:
    for fault in ("500", "429", "504"):
        api.sandbox.control.fault("retrieve_data_categories", fault)
    seen = [api.ask("GET", CATEGORIES).status_code for _ in range(4)]
    assert seen == [500, 429, 504, 200]


def test_a_standing_fault_stays_until_cleared_and_joins_others(api: Api) -> None:
    api.sandbox.control.fault("latest_enabled_dv", "tenant_code_key", times=0)
    api.sandbox.control.fault("latest_enabled_dv", "empty_text")
    tenants = api.get(VERSIONS, limit=2)["tenants"]
    assert (tenants[1]["tenantCode"], tenants[1]["dataVersions"]) == (C7O, "")
    tenants = api.get(VERSIONS, limit=2)["tenants"]
    assert (tenants[1]["tenantCode"], tenants[1]["dataVersions"]) == (C7O, [])
    api.sandbox.control.clear_faults()
    assert api.get(VERSIONS, limit=1)["tenants"][0]["tenant"] == I1O


def test_a_fault_may_meet_any_operation(api: Api) -> None:
    api.sandbox.control.fault("*", "500")
    assert api.ask("GET", VERSIONS).status_code == 500


@pytest.mark.parametrize(
    "fault",
    [
        {"operation": "no_such_operation", "fault": "500"},
        {"operation": "disable_dv", "fault": "no_such_fault"},
        {"operation": "disable_dv", "fault": "700"},
        {"operation": "disable_dv", "fault": "500", "when": "during"},
        {"operation": "disable_dv", "fault": "500", "times": -1},
        {"operation": "disable_dv", "fault": "500", "times": "often"},
        {"operation": "disable_dv", "fault": "500", "colour": "red"},
        {},
    ],
)
def test_a_fault_that_is_not_known_is_refused(api: Api, fault: dict[str, object]) -> None:
    url = f"{api.sandbox.url}/_sandbox/faults"
    answer = ask("POST", url, json=fault)
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert ask("GET", url).json() == {"faults": []}


def test_partial_failures_leave_what_failed_undone(api: Api) -> None:
    api.sandbox.control.fault("exclude_data_uploads", "partial_failure", every=2)
    items = [{"tenantCode": code, "excludeAll": True} for code in (C7O, E1A)]
    answer = api.put("/v1/op/data/uploads/exclude", {"uploads": items})
    assert [result["status"] for result in answer["uploads"]] == ["Failed", "Succeeded", "Failed"]
    found = api.get("/v1/op/data/uploads", numberOfDataUploads=5, limit=3)["tenants"]
    flags = [upload["included"] for tenant in found[1:] for upload in tenant["uploads"]]
    assert flags == [True, False, True]


@pytest.mark.parametrize(
    ("method", "path", "operation", "body"),
    [
        ("PUT", DISABLE, "disable_dv", LATEST),
        (
            "POST",
            "/v1/op/jobs/cancel",
            "cancel_jobs",
            {"jobIds": ["574beb98-d2bb-4038-b568-a97e13d0e032"]},
        ),
        (
            "POST",
            "/v1/op/data-connectors/assignCredentials",
            "assign_connector_credential",
            {
                "connectors": [
                    {
                        "connectorId": "cc8a7ddd-80c7-4645-8369-acbeea8cdfe5",
                        "tenants": [
                            {
                                "tenantCode": E1A,
                                "credentialId": "5781eec0-7f1d-4d3b-b9bd-8c08ff632cfb",
                            }
                        ],
                    }
                ]
            },
        ),
    ],
)
def test_every_batch_can_fail_in_part(
    api: Api, method: str, path: str, operation: str, body: dict[str, Any]
) -> None:
    api.sandbox.control.fault(operation, "partial_failure", every=1)
    failed = api.ask(method, path, json=body).text
    succeeded = api.ask(method, path, json=body).text
    assert "CANCEL_SUCCEEDED" not in failed
    assert '"Succeed' not in failed.replace('"totalSuccess"', "")
    assert "Succe" in succeeded.replace('"totalSuccess"', "") or "CANCEL_SUCCEEDED" in succeeded


def test_five_uploads_come_by_default_when_asked_for(api: Api) -> None:
    api.sandbox.control.fault("retrieve_data_uploads", "five_uploads")
    path = "/v1/op/data/uploads"
    assert len(api.get(path, tenantCode=I1O)["tenants"][0]["uploads"]) == 5
    assert len(api.get(path, tenantCode=I1O)["tenants"][0]["uploads"]) == 1


def distorted(payload: object, name: str, value: str = "") -> Any:
    return DISTORTIONS[name](json.loads(json.dumps(payload)), value)


ANSWER: dict[str, Any] = {
    "jobId": "a",
    "tenants": [
        {"tenant": "x", "jobId": "1", "status": "Succeeded", "dataVersions": []},
        {"tenant": "y", "jobId": "2", "status": "Failed", "dataVersions": ["v"]},
    ],
}


def test_a_field_is_dropped_or_null_everywhere() -> None:
    for item in distorted(ANSWER, "drop_field", "status")["tenants"]:
        assert "status" not in item
    for item in distorted(ANSWER, "null_field", "status")["tenants"]:
        assert item["status"] is None


def test_an_unknown_field_is_everywhere() -> None:
    found = distorted(ANSWER, "extra_field")
    assert "notYetDocumented" in found
    assert all("notYetDocumented" in item for item in found["tenants"])


def test_an_unknown_status_is_of_any_wording() -> None:
    assert distorted(ANSWER, "unknown_status")["tenants"][0]["status"] == "Levitating"
    assert distorted(ANSWER, "unknown_status", "Odd")["tenants"][1]["status"] == "Odd"


def test_an_unknown_status_leaves_a_list_of_that_name_alone() -> None:
    jobs = distorted({"jobStatus": [{"jobId": "a", "jobStatus": "Running"}]}, "unknown_status")
    assert jobs == {"jobStatus": [{"jobId": "a", "jobStatus": "Levitating"}]}
    assert distorted({"status": {"since": 1}}, "unknown_status") == {"status": {"since": 1}}


def test_another_value_is_said_everywhere() -> None:
    answer = {"tenants": [{"value": "a"}, {"value": "b", "key": "c"}]}
    assert distorted(answer, "other_value", "value=z=z") == {
        "tenants": [{"value": "z=z"}, {"value": "z=z", "key": "c"}]
    }


def test_another_key_is_echoed() -> None:
    assert distorted(ANSWER, "other_key", "z")["jobId"] == "z"
    assert distorted({"results": [{"jobId": "1"}, {"jobId": "2"}]}, "other_key", "z") == {
        "results": [{"jobId": "z"}, {"jobId": "2"}]
    }


def test_items_are_missing_extra_or_there_twice() -> None:
    def ids(name: str) -> list[str]:
        return [item["jobId"] for item in distorted(ANSWER, name)["tenants"]]

    assert ids("missing_item") == ["1"]
    assert ids("extra_item") == ["1", "2", "ffffffff-ffff-4fff-8fff-ffffffffffff"]
    assert ids("duplicate_item") == ["1", "2", "1"]


def test_other_spellings() -> None:
    assert distorted(ANSWER, "tenant_code_key")["tenants"][0]["tenantCode"] == "x"
    assert distorted({"tenantCode": "x"}, "tenant_key") == {"tenant": "x"}
    assert distorted({"jobId": "x"}, "capital_job_id") == {"JobId": "x"}
    assert [t["dataVersions"] for t in distorted(ANSWER, "empty_text")["tenants"]] == ["", ["v"]]
    assert [t["dataVersions"] for t in distorted(ANSWER, "null_lists")["tenants"]] == [None, ["v"]]
    assert distorted([{"jobId": "x"}], "as_object") == {"jobId": "x"}
    cancelled = [{"jobId": "x"}, {"jobId": "y", "cancelStatus": "CANCEL_SUCCEEDED"}]
    words = [item["cancelStatus"] for item in distorted(cancelled, "cancel_failed_word")]
    assert words == ["CANCEL_FAILED", "CANCEL_SUCCEEDED"]


def test_the_three_shapes_of_a_file_list(api: Api) -> None:
    path, operation = "/v1alpha/op/data/uploaded-files", "retrieve_tenant_source_files"
    expected = api.get(path, limit=40)
    assert (expected["tenantCode"], len(expected["sourceFiles"])) == ("WFF_j1r", 40)
    api.sandbox.control.fault(operation, "files_in_tenants")
    assert api.get(path, limit=40) == {"tenants": [expected]}
    api.sandbox.control.fault(operation, "files_as_list")
    assert api.get(path, limit=40) == [expected]


def test_a_token_may_end_with_a_line_break_and_still_be_good(api: Api) -> None:
    api.sandbox.control.fault("security_token", "newline")
    token = api.sandbox.token()
    assert token.endswith("\n")
    api.headers["Cookie"] = f"VisierASIDToken={token.strip()}"
    api.get(CATEGORIES)


@pytest.mark.parametrize("name", sorted(DISTORTIONS))
@pytest.mark.parametrize("payload", [{}, [], {"a": []}, "text", None, {"a": {"b": [1]}}, [[]]])
def test_no_distortion_stumbles_over_any_answer(name: str, payload: object) -> None:
    json.dumps(DISTORTIONS[name](json.loads(json.dumps(payload)), "x"))


def test_no_two_faults_have_one_name() -> None:
    assert not set(DISRUPTIONS) & set(DISTORTIONS)
