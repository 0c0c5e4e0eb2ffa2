from typing import Any

import pytest

from tests.services.sandbox.api import C7O, E1A, I1O, Api

VERSIONS = "/v1/op/data-versions"
DISABLE = "/v1/op/data-versions/disable"


def numbers(api: Api, code: str, **query: Any) -> list[str]:
    found = api.get(VERSIONS, tenantCode=code, **query)["tenants"]
    return [version["dataVersion"] for version in found[0]["dataVersions"]]


def disable(api: Api, *items: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = api.form("PUT", DISABLE, {"dataVersionObjects": list(items)})
    return answer


def test_the_first_tenants_are_those_of_the_code_sample(api: Api) -> None:
    assert api.get(VERSIONS, limit=2) == {
        "tenants": [
            {
                "tenant": I1O,
                "dataVersions": [
                    {"dataVersion": "123415", "dataVersionDate": "2019-10-02T20:35:21.420Z"},
                    {"dataVersion": "121415", "dataVersionDate": "2018-10-02T20:35:21.420Z"},
                ],
            },
            {"tenant": C7O, "dataVersions": []},
        ],
        "limit": 2,
        "start": 0,
    }


def test_pages_are_of_tenants_and_their_default_is_1000(api: Api) -> None:
    answer = api.get(VERSIONS)
    assert (answer["limit"], answer["start"], len(answer["tenants"])) == (1000, 0, 60)
    codes = [t["tenant"] for t in answer["tenants"]]
    second = api.get(VERSIONS, limit=25, start=50)
    assert [t["tenant"] for t in second["tenants"]] == codes[50:]
    assert api.get(VERSIONS, start=60)["tenants"] == []


def test_a_page_above_the_maximum_is_lowered_and_says_so(api: Api) -> None:
    assert api.get(VERSIONS, limit=5000)["limit"] == 1000


@pytest.mark.parametrize("number", [1, 3, 5, 9])
def test_the_number_of_versions_is_at_most_five(api: Api, number: int) -> None:
    tenant = max(api.world.listed, key=lambda t: len(t.enabled_versions("Workforce")))
    newest = [version.number for version in tenant.enabled_versions("Workforce")]
    assert len(newest) > 5
    assert numbers(api, tenant.code, numberOfVersions=number) == newest[: min(number, 5)]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "many"},
        {"limit": 0},
        {"start": -1},
        {"numberOfVersions": 0},
        {"dataCategory": "Unknown"},
        {"tenantCode": "WFF_j1r~nobody"},
    ],
)
def test_a_query_that_makes_no_sense_is_refused(api: Api, query: dict[str, object]) -> None:
    api.refused("GET", VERSIONS, 400, params=query)


def test_a_category_has_versions_of_its_own(api: Api) -> None:
    found = [
        tenant
        for tenant in api.get(VERSIONS, dataCategory="Talent_Acquisition")["tenants"]
        if tenant["dataVersions"]
    ]
    assert 0 < len(found) < 20
    workforce = numbers(api, found[0]["tenant"])
    assert not {v["dataVersion"] for v in found[0]["dataVersions"]} & set(workforce)


def test_disabling_as_in_the_code_sample(api: Api) -> None:
    assert disable(api, {"tenantCode": C7O, "dataVersion": "5166161"}, {"tenantCode": E1A}) == {
        "totalFailures": 1,
        "totalSuccess": 1,
        "results": [
            {
                "jobId": "",
                "dataVersion": "",
                "tenantCode": C7O,
                "status": "Failed",
                "message": f"There was no enabled data version for tenant {C7O}.",
            },
            {
                "jobId": "a3722f30-e02a-458d-8ce6-cbbcb36d0c0f",
                "dataVersion": "5166161",
                "tenantCode": E1A,
                "status": "Succeeded",
                "message": "",
            },
        ],
    }
    assert numbers(api, E1A) == ["5166154"]


def test_without_a_number_each_call_walks_down_to_the_next_older(api: Api) -> None:
    item = {"tenantCode": I1O}
    walked = [disable(api, item)["results"][0]["dataVersion"] for _ in range(3)]
    assert walked == ["123415", "121415", ""]
    assert numbers(api, I1O) == []


def test_an_explicit_number_cannot_be_disabled_twice(api: Api) -> None:
    item = {"tenantCode": I1O, "dataVersion": "121415"}
    assert disable(api, item)["totalSuccess"] == 1
    assert disable(api, item)["results"][0]["status"] == "Failed"
    assert numbers(api, I1O) == ["123415"]


@pytest.mark.parametrize(
    "item",
    [
        {"tenantCode": "WFF_j1r~nobody", "dataVersion": "1"},
        {"tenantCode": I1O, "dataVersion": "999"},
        {"tenantCode": I1O, "dataVersion": "123415", "dataCategory": "Learning"},
        {"dataVersion": "123415"},
    ],
)
def test_what_is_not_there_fails_alone(api: Api, item: dict[str, str]) -> None:
    answer = disable(api, item, {"tenantCode": I1O, "dataVersion": "123415"})
    assert [result["status"] for result in answer["results"]] == ["Failed", "Succeeded"]


def test_a_tenant_beyond_the_login_tenant_fails(api: Api) -> None:
    answer = disable(api.within(C7O), {"tenantCode": I1O, "dataVersion": "123415"})
    message = "Insufficient permissions to access the specified tenant."
    assert answer["results"][0]["message"] == message
    assert numbers(api, I1O) == ["123415", "121415"]


def test_more_than_1000_objects_disable_nothing(api: Api) -> None:
    items = [{"tenantCode": I1O, "dataVersion": "123415"}] * 1001
    api.refused("PUT", DISABLE, 400, json={"dataVersionObjects": items})
    assert "123415" in numbers(api, I1O)


def test_a_wrong_category_anywhere_disables_nothing(api: Api) -> None:
    items = [{"tenantCode": I1O}, {"tenantCode": E1A, "dataCategory": "Unknown"}]
    api.refused("PUT", DISABLE, 400, json={"dataVersionObjects": items})
    assert "123415" in numbers(api, I1O)


@pytest.mark.parametrize("body", [{}, {"dataVersionObjects": []}, {"dataVersionObjects": ["x"]}])
def test_without_objects_there_is_nothing_to_disable(api: Api, body: dict[str, object]) -> None:
    api.refused("PUT", DISABLE, 400, json=body)


def test_the_categories_include_those_the_samples_name(api: Api) -> None:
    categories = api.get("/v1/op/data/categories")["categories"]
    ids = [category["id"] for category in categories]
    assert "a3e5ba0d-2413-4787-ae4f-ddc44fa9ce7a" in ids
    assert "28f53042-1269-43b7-bfac-1placeholder" in ids
    assert all(set(category) == {"name", "id", "objectName"} for category in categories)
