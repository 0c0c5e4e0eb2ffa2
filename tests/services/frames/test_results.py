import pandas as pd
import pytest

from services.frames import Outcome, UnexpectedResponse, results
from tests.samples import samples

ITEM = {"tenantCode": "WFF_j1r~c7o", "uploadTime": "2019-10-12T20:35:21.420Z", "message": ""}


def outcomes(frame: pd.DataFrame) -> list[str]:
    return list(frame["outcome"])


def test_the_sample_of_disabling() -> None:
    frame = results.from_disable_dv([samples()["disable_dv"].response])
    assert outcomes(frame) == [Outcome.SUCCEEDED, Outcome.FAILED]
    assert list(frame["data_version"].fillna("-")) == ["5166161", "-"]
    assert list(frame["job_id"].isna()) == [False, True]
    assert frame["message"][1] == "There was no enabled data version for tenant WFF_j1r~c7o."
    assert frame["message"].isna()[0]


@pytest.mark.parametrize("operation", ["exclude_data_uploads", "include_data_uploads"])
def test_the_samples_of_excluding_and_including(operation: str) -> None:
    frame = results.from_data_uploads([samples()[operation].response])
    assert outcomes(frame) == [Outcome.SUCCEEDED, Outcome.FAILED, Outcome.FAILED]
    assert list(frame["upload_time_text"].str[:10]) == ["2019-10-12", "2019-10-11", "2019-10-22"]
    assert str(frame["upload_time"].dt.date[2]) == "2019-10-22"


def test_the_sample_of_cancelling_where_failures_have_no_cancel_status() -> None:
    frame = results.from_cancel_jobs([samples()["cancel_jobs"].response])
    ended, failed = Outcome.SUCCEEDED, Outcome.FAILED
    assert outcomes(frame) == [ended, failed, ended, failed]
    assert list(frame["job_type"]) == ["processing", "receiving", "receiving", "other"]
    assert list(frame["job_status"]) == ["cancelled", "succeeded", "cancelled", "unknown"]
    assert list(frame["parent_job_id"].notna()) == [True, False, False, False]


def test_the_sample_of_assigning() -> None:
    frame = results.from_assign_connector_credential(
        [samples()["assign_connector_credential"].response]
    )
    assert outcomes(frame) == [Outcome.SUCCEEDED] * 2
    assert list(frame["status_word"]) == ["Succeed"] * 2
    assert list(frame["tenant_code"]) == ["WFF_j1r~e1a", "WFF_j1r~c7o"]
    assert list(frame["connector_name"]) == ["Test Connector", "Connector"]
    assert list(frame["credential_name"]) == ["Test Credential", "Credential"]


def test_a_message_of_a_credential_goes_before_its_tenants() -> None:
    connector, own = {"connectorId": "a"}, {"credentialId": "b", "message": "Not yours."}
    links = [{"connector": connector, "credential": own}, {"connector": connector}]
    tenant = {"tenantCode": "t", "connectors": links, "status": "Failed", "message": "Refused."}
    frame = results.from_assign_connector_credential([{"tenants": [tenant, {"tenantCode": "u"}]}])
    assert list(frame["message"].fillna("-")) == ["Not yours.", "Refused.", "-"]
    assert outcomes(frame) == [Outcome.FAILED, Outcome.FAILED, Outcome.UNKNOWN]


def test_settings_are_answered_under_another_name_than_asked() -> None:
    settings = [{"key": "batch", "value": "5"}, {"settingKey": "x", "message": "No such setting."}]
    link = {"connector": {"connectorId": "a", "displayName": "UKG"}, "settings": settings}
    tenant = {"tenantCode": "t", "connectors": [link], "status": "Succeed"}
    frame = results.from_set_connector_setting([{"tenants": [tenant]}])
    assert list(frame["setting_key"]) == ["batch", "x"]
    assert list(frame["connector_name"]) == ["UKG", "UKG"]
    assert list(frame["message"].fillna("-")) == ["-", "No such setting."]
    assert outcomes(frame) == [Outcome.SUCCEEDED] * 2


def test_the_sample_of_creating_a_credential() -> None:
    response = samples()["create_connector_credential"].response
    frame = results.from_create_connector_credential(response, "WFF_j1r~e1a")
    assert frame.iloc[0].dropna().to_dict() == {
        "tenant_code": "WFF_j1r~e1a",
        "credential_id": "c850a6d9-4699-45b6-89f4-1c18f36fcfc4",
        "symbol_name": "Extractor_Credential_Design_0",
        "object_name": "Extractor_Credential_Design_0",
        "outcome": Outcome.SUCCEEDED,
    }
    assert results.missing_properties(response).empty


def test_what_a_new_credential_cannot_read_is_told() -> None:
    missing = {"subject": "Applicant", "attributes": ["Name", "Source"], "errorMessage": "Denied."}
    response = {"symbolName": "S", "missingConnectionProperties": [missing, {"subject": "Hire"}]}
    created = results.from_create_connector_credential(response)
    assert outcomes(created) == [Outcome.UNKNOWN]
    assert created["message"][0] == "Denied."
    properties = results.missing_properties(response)
    assert list(properties["attributes"].fillna("-")) == ["Name, Source", "-"]


def test_an_item_of_an_older_version_is_read() -> None:
    frame = results.from_disable_dv([{"results": [{"dataVersions": "7", "status": "Succeeded"}]}])
    assert list(frame["data_version"]) == ["7"]


@pytest.mark.parametrize(
    ("answer", "id_told"),
    [
        ({"jobId": "a"}, "a"),
        ({"JobId": "b"}, "b"),
        ({"jobId": None, "JobId": "c"}, "c"),
        ({"jobId": ""}, None),
        ({}, None),
    ],
    ids=str,
)
def test_the_id_of_a_started_job(answer: object, id_told: str | None) -> None:
    assert results.started_job(answer) == id_told


def test_an_error_in_place_of_a_started_job_is_refused() -> None:
    with pytest.raises(UnexpectedResponse, match="Unknown file"):
        results.started_job({"localizedMessage": "Unknown file."})


@pytest.mark.parametrize(
    ("totals", "statuses", "disagree"),
    [
        ({"totalSuccess": 1, "totalFailures": 1}, ["Succeeded", "Failed"], False),
        ({"totalSuccess": 2, "totalFailures": 0}, ["Succeeded", "Failed"], True),
        ({"totalSuccess": 1}, ["Succeeded"], False),
        ({"totalSuccess": "1", "totalFailures": None}, ["Succeeded", "Failed"], True),
        ({"totalSuccess": 1, "totalFailures": 0}, ["Perhaps"], True),
        ({}, ["Succeeded", "Failed"], False),
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["results", "uploads"])
def test_totals(totals: dict[str, object], statuses: list[str], disagree: bool, name: str) -> None:
    answer = {**totals, name: [ITEM | {"status": status} for status in statuses]}
    assert results.totals_disagree(answer) is disagree


def test_a_list_in_the_place_of_a_name_costs_that_name_of_a_new_credential() -> None:
    answer = {"uuid": "a", "objectName": [{"odd": 1}], "displayName": "New"}
    row = results.from_create_connector_credential(answer, "WFF").iloc[0]
    assert (row["credential_id"], row["outcome"]) == ("a", Outcome.SUCCEEDED)
