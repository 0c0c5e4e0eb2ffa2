from typing import Any

import pytest

from tests.services.sandbox.api import ADMIN, C7O, E1A, I1O, Api

CONNECTORS = "/v1/op/data-connectors"
CREDENTIALS = "/v1/op/data-connector-credentials"
ASSIGN = f"{CONNECTORS}/assignCredentials"
SETTINGS = f"{CONNECTORS}/connector-settings"
REDSHIFT, UKG, TEST = (
    "36ac4635-5e40-4225-87bf-56e2a2b0a146",
    "4dfe8794-d3b0-40a7-bafc-cd2586a902c1",
    "cc8a7ddd-80c7-4645-8369-acbeea8cdfe5",
)
C7O_TEST, E1A_TEST = (
    "780ed445-3a58-4be6-8db1-038279b0c521",
    "5781eec0-7f1d-4d3b-b9bd-8c08ff632cfb",
)
INHERITED = "bf944bf1-3120-44cd-846d-64cd88b295d9"
DELETED_BY_THE_SAMPLE = "bff2adb6-f772-49a5-ba64-b31dcc51ee61"


def a_credential(**auth: object) -> dict[str, Any]:
    return {
        "dataProviderAuthParams": {
            "provider": "UKG",
            "ultimateAuthParams": {"username": "user", "password": "canary"},
            **auth,
        },
        "dataProviderBasicInformation": {"displayName": "Name", "description": "Text"},
    }


def connectors(api: Api, code: str) -> dict[str, str]:
    found = api.get(CONNECTORS, tenantCode=code)["dataConnectors"]
    return {item["connectorId"]: item["credentialId"] for item in found}


def credentials(api: Api, code: str) -> dict[str, dict[str, Any]]:
    found = api.get(CREDENTIALS, tenantCode=code)["connectorCredentials"]
    return {item["credentialId"]: item for item in found}


def test_the_connectors_of_the_code_sample(api: Api) -> None:
    answer = api.get(CONNECTORS, tenantCode=C7O)
    assert answer["dataConnectors"][:2] == [
        {
            "connectorId": REDSHIFT,
            "displayName": "Redshift Jupiter",
            "credentialId": "d1dc6e91-e28f-4507-b9d5-0064b795d02a",
        },
        {
            "connectorId": UKG,
            "displayName": "UKG Callisto",
            "credentialId": "d3607390-ab20-4619-97d8-9e33e7697430",
        },
    ]
    assert (answer["limit"], answer["start"]) == (100, 0)


def test_lists_page(api: Api) -> None:
    assert len(api.get(CONNECTORS, tenantCode=C7O, limit=1, start=1)["dataConnectors"]) == 1
    found = api.get(CREDENTIALS, tenantCode=C7O, limit=2, start=1)
    assert (len(found["connectorCredentials"]), found["limit"], found["start"]) == (2, 2, 1)


def test_credentials_are_own_or_inherited(api: Api) -> None:
    found = credentials(api, C7O)
    assert found[INHERITED] == {
        "credentialId": INHERITED,
        "displayName": "AWS S3 Jupiter",
        "dataProvider": "BasicS3",
        "isInherited": True,
        "authContext": "DefaultDataExtraction",
    }
    assert found[C7O_TEST]["isInherited"] is False
    assert credentials(api, ADMIN)[INHERITED]["isInherited"] is False
    assert "8e4b7c55-0d1e-4f6a-a2b3-c4d5e6f70855" not in found


def test_a_tenant_always_has_the_same_connectors(api: Api) -> None:
    codes = [tenant.code for tenant in api.world.listed]
    forwards = {code: connectors(api, code) for code in codes[:20]}
    api.sandbox.control.reset()
    assert {code: connectors(api, code) for code in reversed(codes[:20])} == forwards


def test_a_credential_is_created_as_in_the_code_sample(api: Api) -> None:
    first = api.post(CREDENTIALS, a_credential(), tenantCode=E1A)
    assert first["symbolName"] == first["objectName"] == "Extractor_Credential_Design_0"
    second = api.post(CREDENTIALS, a_credential(), tenantCode=E1A)
    assert second["symbolName"] == "Extractor_Credential_Design_1"
    shown = credentials(api, E1A)[first["uuid"]]
    assert (shown["displayName"], shown["dataProvider"]) == ("Name", "UKG")
    assert first["uuid"] not in credentials(api, C7O)


def test_a_secret_is_not_kept(api: Api) -> None:
    uuid = api.post(CREDENTIALS, a_credential(), tenantCode=E1A)["uuid"]
    kept = api.world.connections.credential(E1A, uuid)
    assert kept
    assert "canary" not in repr(kept)
    assert len(kept.digest) == 64


def test_a_credential_children_can_inherit(api: Api) -> None:
    body = {**a_credential(), "dataProviderMetadata": {"canChildrenInherit": True}}
    uuid = api.post(CREDENTIALS, body)["uuid"]
    assert credentials(api, C7O)[uuid]["isInherited"] is True


def test_a_credential_that_reads_less_says_what_is_missing(api: Api) -> None:
    body = a_credential(ultimateAuthParams={"username": "limited user"})
    missing = api.post(CREDENTIALS, body)["missingConnectionProperties"]
    assert set(missing[0]) == {"subject", "attributes", "errorMessage"}
    assert "missingConnectionProperties" not in api.post(CREDENTIALS, a_credential())


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"dataProviderAuthParams": "secret"},
        a_credential(provider="Abacus"),
        a_credential(provider=None),
        a_credential(ultimateAuthParams="none"),
        a_credential(ultimateAuthParams={"password": "wrong"}),
        {**a_credential(), "dataProviderBasicInformation": {}},
    ],
)
def test_a_credential_that_cannot_be_is_refused(api: Api, body: dict[str, object]) -> None:
    before = credentials(api, ADMIN)
    api.refused("POST", CREDENTIALS, 400, json=body)
    assert credentials(api, ADMIN) == before


def test_an_update_changes_only_what_is_present(api: Api) -> None:
    path = f"{CREDENTIALS}/{E1A_TEST}"
    kept = api.world.connections.credential(E1A, E1A_TEST)
    assert kept
    kept.digest = "before"
    assert api.put(path, {"displayName": "New"}, tenantCode=E1A)["displayName"] == "New"
    assert kept.digest == "before"
    rotated = {"dataProviderAuthParams": a_credential()["dataProviderAuthParams"]}
    answer = api.put(path, rotated, tenantCode=E1A)
    assert (answer["credentialId"], answer["displayName"]) == (E1A_TEST, "New")
    assert kept.digest != "before"
    assert connectors(api, E1A)[TEST] == E1A_TEST


@pytest.mark.parametrize(
    "auth",
    [
        {"provider": "UKG"},
        {"provider": "Redshift", "redshiftAuthParams": {"password": "x"}},
        {"provider": "UKG", "ultimateAuthParams": {"password": "********"}},
        {"provider": "UKG", "ultimateAuthParams": {"password": "wrong"}},
    ],
)
def test_an_update_that_cannot_be_changes_nothing(api: Api, auth: dict[str, object]) -> None:
    path, body = f"{CREDENTIALS}/{E1A_TEST}", {"displayName": "New", "dataProviderAuthParams": auth}
    api.refused("PUT", path, 400, json=body, params={"tenantCode": E1A})
    assert credentials(api, E1A)[E1A_TEST]["displayName"] == "Test Credential"


def test_what_is_inherited_of_sql_tables_is_kept_and_must_be_a_known_mode(api: Api) -> None:
    def kept(credential_id: str) -> str:
        found = api.world.connections.credential(E1A, credential_id)
        assert found
        return found.table_mode

    def mode(word: str) -> dict[str, str]:
        return {"sqlTableInheritanceMode": word}

    path, query = f"{CREDENTIALS}/{E1A_TEST}", {"tenantCode": E1A}
    design, filtered = (
        f"SQL_TABLE_INHERITANCE_MODE_{name}" for name in ("DESIGN_ONLY", "FILTERED_DATA")
    )
    api.put(path, mode(design), **query)
    api.put(path, {"displayName": "New"}, **query)
    assert kept(E1A_TEST) == design
    api.refused("PUT", path, 400, json=mode("SOME"), params=query)
    body = {**a_credential(), "dataProviderMetadata": mode(filtered)}
    assert kept(api.post(CREDENTIALS, body, **query)["uuid"]) == filtered
    assert kept(api.post(CREDENTIALS, a_credential(), **query)["uuid"]).endswith("_NONE")
    body["dataProviderMetadata"] = mode("SOME")
    api.refused("POST", CREDENTIALS, 400, json=body, params=query)


def test_a_deleted_credential_leaves_its_connectors_empty(api: Api) -> None:
    path = f"{CREDENTIALS}/{DELETED_BY_THE_SAMPLE}"
    answer = api.ask("DELETE", path, params={"tenantCode": E1A})
    assert (answer.status_code, answer.json()) == (200, "OK")
    assert DELETED_BY_THE_SAMPLE not in credentials(api, E1A)
    assert connectors(api, E1A)[UKG] == ""
    api.refused("DELETE", path, 404, params={"tenantCode": E1A})


def test_an_inherited_credential_is_not_a_childs_to_change(api: Api) -> None:
    path = f"{CREDENTIALS}/{INHERITED}"
    api.refused("DELETE", path, 403, params={"tenantCode": C7O})
    api.refused("PUT", path, 403, json={"displayName": "x"}, params={"tenantCode": C7O})


def test_deleting_an_inherited_credential_above_reaches_the_tenants(api: Api) -> None:
    assert api.ask("DELETE", f"{CREDENTIALS}/{INHERITED}").status_code == 200
    assert INHERITED not in credentials(api, C7O)
    for tenant in api.world.listed:
        assert INHERITED not in connectors(api, tenant.code).values()


def assign(api: Api, *items: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Assign (connector, tenant, credential); give the results by tenant."""
    body = [
        {"connectorId": c, "tenants": [{"tenantCode": t, "credentialId": credential}]}
        for c, t, credential in items
    ]
    results: list[dict[str, Any]] = api.post(ASSIGN, {"connectors": body})["tenants"]
    return results


def test_credentials_are_assigned_as_in_the_code_sample(api: Api) -> None:
    assert assign(api, (TEST, E1A, E1A_TEST), (TEST, C7O, C7O_TEST)) == [
        {
            "tenantCode": code,
            "connectors": [
                {
                    "connector": {"connectorId": TEST, "displayName": "Test Connector"},
                    "credential": {"credentialId": credential, "displayName": name},
                }
            ],
            "status": "Succeed",
        }
        for code, credential, name in (
            (E1A, E1A_TEST, "Test Credential"),
            (C7O, C7O_TEST, "Credential"),
        )
    ]


def test_what_is_assigned_is_shown_from_then_on(api: Api) -> None:
    assign(api, (REDSHIFT, C7O, INHERITED))
    assert connectors(api, C7O)[REDSHIFT] == INHERITED


@pytest.mark.parametrize(
    ("item", "word"),
    [
        ((TEST, C7O, E1A_TEST), "credential"),
        (("unknown", C7O, C7O_TEST), "connector"),
        ((TEST, "WFF_j1r~nobody", C7O_TEST), "permissions"),
    ],
)
def test_an_assignment_that_cannot_be_fails_for_its_tenant(
    api: Api, item: tuple[str, str, str], word: str
) -> None:
    before = connectors(api, C7O)
    failed, succeeded = assign(api, item, (TEST, E1A, E1A_TEST))
    assert (failed["status"], succeeded["status"]) == ("Failed", "Succeed")
    assert word in failed["message"]
    assert "message" not in succeeded
    assert connectors(api, C7O) == before


def test_one_tenant_with_several_connectors_is_one_result(api: Api) -> None:
    results = assign(api, (TEST, C7O, C7O_TEST), (REDSHIFT, C7O, "unknown"))
    assert len(results) == 1
    assert results[0]["status"] == "Failed"
    assert len(results[0]["connectors"]) == 2


def set_settings(api: Api, code: str, **settings: str) -> dict[str, Any]:
    wanted = [{"settingKey": key, "value": value} for key, value in settings.items()]
    tenants = [{"tenantCode": code, "connectorSettings": wanted}]
    body = {"connectors": [{"connectorId": TEST, "tenants": tenants}]}
    result: dict[str, Any] = api.put(SETTINGS, body)["tenants"][0]
    return result


def test_settings_are_read_in_the_login_tenant(api: Api) -> None:
    found = api.within(C7O).get(SETTINGS)["connectors"]
    assert [item["connectorId"] for item in found] == [REDSHIFT, UKG, TEST]
    assert {"settingKey": "timeZone", "value": "UTC"} in found[0]["connectorSettings"]


def test_a_setting_is_changed_for_one_tenant(api: Api) -> None:
    assert set_settings(api, C7O, timeZone="Europe/Oslo") == {
        "tenantCode": C7O,
        "connectors": [
            {
                "connector": {"connectorId": TEST, "displayName": "Test Connector"},
                "settings": [{"key": "timeZone", "value": "Europe/Oslo"}],
            }
        ],
        "status": "Succeed",
    }

    def time_zone(code: str) -> str:
        found = api.within(code).get(SETTINGS)["connectors"]
        settings = next(c for c in found if c["connectorId"] == TEST)["connectorSettings"]
        value: str = next(s["value"] for s in settings if s["settingKey"] == "timeZone")
        return value

    assert (time_zone(C7O), time_zone(E1A)) == ("Europe/Oslo", "UTC")


def test_a_setting_that_does_not_exist_fails(api: Api) -> None:
    result = set_settings(api, C7O, colour="red")
    assert result["status"] == "Failed"
    assert result["connectors"][0]["settings"][0]["message"]


def test_no_connectors_stand_for_all_of_the_tenant_and_change_nothing(api: Api) -> None:
    own = api.within(C7O)
    before = own.get(SETTINGS)
    (result,) = own.put(SETTINGS, {"connectors": []})["tenants"]
    assert (result["tenantCode"], result["status"]) == (C7O, "Succeed")
    named = [each["connector"]["connectorId"] for each in result["connectors"]]
    assert named == [each["connectorId"] for each in before["connectors"]]
    assert own.get(SETTINGS) == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", ASSIGN, {}),
        ("POST", ASSIGN, {"connectors": []}),
        ("POST", ASSIGN, {"connectors": [{"connectorId": TEST}]}),
        ("POST", ASSIGN, {"connectors": [{"connectorId": TEST, "tenants": ["x"]}]}),
        ("PUT", SETTINGS, {"connectors": [{"connectorId": TEST, "tenants": [{}]}]}),
        (
            "PUT",
            SETTINGS,
            {
                "connectors": [
                    {
                        "connectorId": TEST,
                        "tenants": [{"tenantCode": I1O, "connectorSettings": [1]}],
                    }
                ]
            },
        ),
    ],
)
def test_a_change_without_its_parts_is_refused(
    api: Api, method: str, path: str, body: dict[str, object]
) -> None:
    api.refused(method, path, 400, json=body)
