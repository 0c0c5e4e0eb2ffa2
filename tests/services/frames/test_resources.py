"""The samples' answers, and each known way an answer differs from the documents."""

import pandas as pd
import pytest

from services.frames import (
    UnexpectedResponse,
    connector_settings,
    connectors,
    credentials,
    data_versions,
    tenants,
    uploaded_files,
    uploads,
)
from tests.samples import samples

I1O, C7O, E1A = "WFF_j1r~i1o", "WFF_j1r~c7o", "WFF_j1r~e1a"
TIME = "2019-10-12T20:35:21.420Z"


def rows(frame: pd.DataFrame) -> list[list[object]]:
    """Return the rows as plain values, times as ISO text and missing ones as None."""
    plain = frame.copy()
    for column in plain.select_dtypes("datetimetz"):
        plain[column] = plain[column].dt.strftime("%Y-%m-%dT%H:%M:%S")
    return [[None if pd.isna(value) else value for value in row] for row in plain.to_numpy(object)]


def test_the_sample_of_data_versions() -> None:
    frame = data_versions.to_frame([samples()["latest_enabled_dv"].response])
    assert rows(frame) == [
        [I1O, "123415", "2019-10-02T20:35:21"],
        [I1O, "121415", "2018-10-02T20:35:21"],
        [C7O, None, None],
    ]
    assert rows(data_versions.latest(frame)) == [
        [I1O, "123415", "2019-10-02T20:35:21", 2, "123415, 121415"],
        [C7O, None, None, 0, None],
    ]


def test_versions_are_put_newest_first_whatever_their_order() -> None:
    dates = {"1": "2020-01-01T00:00:00Z", "2": None, "3": "2022-01-01T00:00:00Z"}
    versions = [{"dataVersion": n, "dataVersionDate": date} for n, date in dates.items()]
    page = {"tenants": [{"tenantCode": code, "dataVersions": versions} for code in (C7O, I1O)]}
    frame = data_versions.to_frame([page])
    assert list(frame["data_version"]) == ["3", "1", "2"] * 2
    assert list(frame["tenant_code"]) == [C7O] * 3 + [I1O] * 3


def test_latest_holds_for_a_filtered_and_shuffled_frame() -> None:
    dates = [f"202{n}-01-01T00:00:00Z" for n in range(4)]
    versions = [{"dataVersion": date[:4], "dataVersionDate": date} for date in dates]
    page = {"tenants": [{"tenantCode": code, "dataVersions": versions} for code in (C7O, I1O)]}
    frame = data_versions.to_frame([page])
    mixed = frame[frame["data_version"] < "2023"].iloc[[0, 3, 1, 4, 2, 5]]
    latest = data_versions.latest(mixed)
    assert list(latest["data_version"]) == ["2022", "2022"]
    assert list(latest["data_versions"]) == ["2022, 2021, 2020"] * 2


@pytest.mark.parametrize("none", [[], "", None], ids=repr)
def test_a_tenant_without_versions_appears_once(none: object) -> None:
    frame = data_versions.to_frame([{"tenants": [{"tenantCode": C7O, "dataVersions": none}]}])
    assert rows(frame) == [[C7O, None, None]]


@pytest.mark.parametrize("field", ["tenant", "tenantCode", "TenantCode", "TENANT"])
def test_a_tenant_is_named_by_either_field_in_any_case(field: str) -> None:
    assert rows(data_versions.to_frame([{"tenants": [{field: C7O}]}])) == [[C7O, None, None]]


def test_the_documented_field_goes_first_unless_it_is_null() -> None:
    named = [{"tenant": I1O, "tenantCode": C7O}, {"tenant": I1O, "tenantCode": None}]
    assert list(data_versions.to_frame([{"tenants": named}])["tenant_code"]) == [C7O, I1O]


def test_the_sample_of_uploads() -> None:
    frame = uploads.to_frame([samples()["retrieve_data_uploads"].response])
    assert list(frame["tenant_code"]) == [I1O] * 5 + [C7O]
    assert list(frame["included"]) == [False, True, True, True, True, True]
    assert list(frame["upload_time_text"][:2]) == [
        "2019-10-08T20:35:21.420Z",
        "2019-10-09T20:35:21.420Z",
    ]
    assert frame["upload_time"][0] == pd.Timestamp("2019-10-08T20:35:21.420Z")


def test_upload_times_keep_their_very_text_and_are_put_in_order() -> None:
    written = [TIME, "2019-10-12T13:35:21.419-0700", "1570912521421", "2019-10-12 20:35:21,5"]
    page = {"tenants": [{"tenantCode": C7O, "uploads": [{"uploadTime": t} for t in written]}]}
    frame = uploads.to_frame([page])
    assert list(frame["upload_time_text"]) == [written[1], written[0], written[2], written[3]]
    assert frame["included"].isna().all()


def test_a_tenant_that_slid_onto_the_next_page_counts_once_as_last_seen() -> None:
    def page(*listed: tuple[str, bool]) -> object:
        return {
            "tenants": [
                {"tenantCode": code, "uploads": [{"uploadTime": TIME, "included": included}]}
                for code, included in listed
            ]
        }

    frame = uploads.to_frame([page((I1O, True), (C7O, True)), page((C7O, False), (E1A, True))])
    assert list(frame["tenant_code"]) == [I1O, C7O, E1A]
    assert list(frame["included"]) == [True, False, True]


def test_one_object_instead_of_a_list_is_a_list_of_one() -> None:
    page = {"tenants": {"tenantCode": C7O, "uploads": {"uploadTime": TIME, "included": "TRUE"}}}
    assert rows(uploads.to_frame([page])) == [[C7O, "2019-10-12T20:35:21", TIME, True]]


def test_an_odd_item_among_uploads_is_refused() -> None:
    page = {"tenants": [{"tenantCode": C7O, "uploads": [{"uploadTime": TIME}, 5]}]}
    with pytest.raises(UnexpectedResponse, match="a number"):
        uploads.to_frame([page])


FILE = {
    "uploadTime": TIME,
    "filename": "employees.csv",
    "identifier": "f1",
    "sourceId": "00000000-0000-0000-0000-000000000000",
    "sourceObjectName": "",
    "included": True,
}


@pytest.mark.parametrize(
    "page",
    [
        {"tenantCode": C7O, "sourceFiles": [FILE]},
        [{"tenantCode": C7O, "sourceFiles": [FILE]}],
        {"tenants": [{"tenantCode": C7O, "sourceFiles": [FILE]}]},
        {"receivingJobId": "j", "tenants": [{"tenantCode": C7O, "extractedFiles": [FILE]}]},
    ],
    ids=["object", "list", "tenants", "receiving job"],
)
def test_files_are_read_in_each_shape(page: object) -> None:
    last_page = {"tenantCode": C7O, "sourceFiles": []}
    assert rows(uploaded_files.to_frame([page, page, last_page])) == [
        [C7O, "2019-10-12T20:35:21", TIME, "employees.csv", "f1", FILE["sourceId"], None, True]
    ]


def test_tenants() -> None:
    page = {
        "tenants": [
            {
                "tenantCode": "WFF_j1r",
                "tenantDisplayName": "Jupiter",
                "status": "ENABLED",
                "currentDataVersion": 7000013,
                "dataVersionDate": TIME,
                "canAdministerOtherTenants": True,
                "industryCode": 1,
            },
            {"tenantCode": C7O, "status": "Paused"},
        ]
    }
    assert rows(tenants.to_frame([page])) == [
        ["WFF_j1r", "Jupiter", "enabled", "ENABLED", "7000013", "2019-10-12T20:35:21", True],
        [C7O, None, "unknown", "Paused", None, None, None],
    ]


def test_the_sample_of_connectors() -> None:
    frame = connectors.to_frame([samples()["data_connectors"].response], C7O)
    assert list(frame["display_name"]) == ["Redshift Jupiter", "UKG Callisto"]
    assert list(frame["credential_id"].str[:8]) == ["d1dc6e91", "d3607390"]
    assert list(frame["tenant_code"]) == [C7O, C7O]
    assert connectors.to_frame([samples()["data_connectors"].response])["tenant_code"].isna().all()


def test_a_connector_without_a_credential_is_missing_one() -> None:
    frame = connectors.to_frame([{"dataConnectors": [{"connectorId": "a", "credentialId": ""}]}])
    assert frame["credential_id"].isna().all()


def test_the_sample_of_credentials() -> None:
    frame = credentials.to_frame([samples()["data_connector_credentials"].response], C7O)
    assert list(frame["data_provider"]) == ["BasicS3", "Redshift"]
    assert list(frame["is_inherited"]) == [True, True]
    assert frame["auth_context"].isna().all()


def test_settings_keep_the_empty_value_apart_from_none() -> None:
    settings = [{"settingKey": "a", "value": ""}, {"key": "b", "value": 5}, {"settingKey": "c"}]
    page = {
        "connectors": [
            {"connectorId": "1", "displayName": "UKG", "connectorSettings": settings},
            {"connectorId": "2", "displayName": "S3"},
        ]
    }
    assert rows(connector_settings.to_frame([page], "WFF_j1r")) == [
        ["WFF_j1r", "1", "UKG", "a", ""],
        ["WFF_j1r", "1", "UKG", "b", "5"],
        ["WFF_j1r", "1", "UKG", "c", None],
        ["WFF_j1r", "2", "S3", None, None],
    ]
