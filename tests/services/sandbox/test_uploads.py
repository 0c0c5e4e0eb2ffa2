from typing import Any

import pytest

from tests.services.sandbox.api import ADMIN, C7O, I1O, Api

UPLOADS = "/v1/op/data/uploads"
FILES = "/v1alpha/op/data/uploaded-files"
BAD_BATCH = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
NO_SUCH_UPLOAD = "The data upload does not exist for the tenant."
OCTOBER = [f"2019-10-{day:02}T20:35:21.420Z" for day in (8, 9, 10, 11, 12)]


def flags(api: Api, code: str) -> dict[str, bool]:
    found = api.get(UPLOADS, tenantCode=code, numberOfDataUploads=5)["tenants"]
    return {upload["uploadTime"]: upload["included"] for upload in found[0]["uploads"]}


def files(api: Api, code: str, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.within(code).get(FILES, **query)["sourceFiles"]
    return found


def change(api: Api, word: str, **item: object) -> list[dict[str, Any]]:
    answer = api.form("PUT", f"{UPLOADS}/{word}", {"uploads": [item]})
    results: list[dict[str, Any]] = answer["uploads"]
    failed = sum(result["status"] == "Failed" for result in results)
    assert (answer["totalFailures"], answer["totalSuccess"]) == (failed, len(results) - failed)
    return results


def test_one_upload_by_default_and_five_at_most(api: Api) -> None:
    default = api.get(UPLOADS, tenantCode=I1O)["tenants"][0]["uploads"]
    assert default == [{"uploadTime": OCTOBER[-1], "included": True}]
    assert list(flags(api, I1O)) == OCTOBER
    tenant = max(api.world.listed, key=lambda t: len(t.uploads))
    times = [upload.time for upload in tenant.uploads]
    answer = api.get(UPLOADS, tenantCode=tenant.code, numberOfDataUploads=50)
    assert [u["uploadTime"] for u in answer["tenants"][0]["uploads"]] == times[-5:]


def test_the_excluded_upload_of_the_sample_is_listed_too(api: Api) -> None:
    assert list(flags(api, I1O).values()) == [False, True, True, True, True]


def test_uploads_page_over_tenants_with_a_default_of_1000(api: Api) -> None:
    answer = api.get(UPLOADS)
    assert (answer["limit"], answer["start"], len(answer["tenants"])) == (1000, 0, 60)
    assert len(api.get(UPLOADS, limit=7, start=55)["tenants"]) == 5


def test_older_uploads_are_found_in_the_file_list(api: Api) -> None:
    tenant = max(api.world.listed, key=lambda t: len(t.uploads))
    times = {file["uploadTime"] for file in files(api, tenant.code, limit=1000)}
    assert times == {upload.time for upload in tenant.uploads}
    assert len(times) > 5


def test_the_uploads_of_a_receiving_job(api: Api) -> None:
    answer = api.get(UPLOADS, uploadJobId=BAD_BATCH, numberOfDataUploads=5)
    assert len(answer["tenants"]) == 40
    assert all(len(tenant["uploads"]) == 1 for tenant in answer["tenants"])
    one = answer["tenants"][3]["tenantCode"]
    narrowed = api.get(UPLOADS, uploadJobId=BAD_BATCH, tenantCode=one)
    assert [tenant["tenantCode"] for tenant in narrowed["tenants"]] == [one]


def test_a_receiving_job_that_does_not_exist(api: Api) -> None:
    api.refused("GET", UPLOADS, 404, params={"uploadJobId": "unknown"})


def test_excluding_as_in_the_code_sample(api: Api) -> None:
    body = {
        "uploads": [
            {"tenantCode": I1O, "uploadTimes": [OCTOBER[4], OCTOBER[3]]},
            {"tenantCode": C7O, "excludeAll": True},
        ]
    }
    answer = api.form("PUT", f"{UPLOADS}/exclude", body)
    assert (answer["totalFailures"], answer["totalSuccess"]) == (0, 3)
    assert {r["uploadTime"] for r in answer["uploads"]} == {OCTOBER[4], OCTOBER[3]}
    assert list(flags(api, I1O).values()) == [False, True, True, False, False]
    assert list(flags(api, C7O).values()) == [False]


def test_a_flag_set_to_what_it_is_has_succeeded(api: Api) -> None:
    for _ in range(2):
        assert change(api, "exclude", tenantCode=C7O, excludeAll=True) == [
            {"tenantCode": C7O, "uploadTime": OCTOBER[4], "status": "Succeeded", "message": ""}
        ]


def test_times_win_over_all(api: Api) -> None:
    change(api, "exclude", tenantCode=I1O, uploadTimes=[OCTOBER[2]], excludeAll=True)
    assert list(flags(api, I1O).values()) == [False, True, False, True, True]


def test_a_time_without_an_upload_fails_beside_the_others(api: Api) -> None:
    missing = "2019-10-22T20:35:21.420Z"
    results = change(api, "exclude", tenantCode=I1O, uploadTimes=[OCTOBER[1], missing, "soon"])
    assert [(r["uploadTime"], r["status"]) for r in results] == [
        (OCTOBER[1], "Succeeded"),
        (missing, "Failed"),
        ("soon", "Failed"),
    ]
    assert results[1]["message"] == NO_SUCH_UPLOAD


@pytest.mark.parametrize(
    "written", ["2019-10-09T20:35:21.420", "2019-10-09T22:35:21.420+02:00", "1570653321420"]
)
def test_a_time_may_come_in_other_forms(api: Api, written: str) -> None:
    assert change(api, "exclude", tenantCode=I1O, uploadTimes=[written])[0]["status"] == "Succeeded"
    assert flags(api, I1O)[OCTOBER[1]] is False


@pytest.mark.parametrize(
    ("bounds", "hit"),
    [
        ({"minUploadTime": OCTOBER[3]}, OCTOBER[3:]),
        ({"maxUploadTime": OCTOBER[1]}, OCTOBER[:2]),
        ({"minUploadTime": "2019-10-09", "maxUploadTime": "2019-10-11"}, OCTOBER[1:3]),
    ],
)
def test_a_range_of_times(api: Api, bounds: dict[str, str], hit: list[str]) -> None:
    results = change(api, "exclude", tenantCode=I1O, **bounds)
    assert [result["uploadTime"] for result in results] == hit


def test_excluding_one_source_leaves_the_upload_included_and_its_files_mixed(api: Api) -> None:
    change(api, "exclude", tenantCode=C7O, sources=["Employee"])
    assert list(flags(api, C7O).values()) == [True]
    shown = {file["sourceObjectName"]: file["included"] for file in files(api, C7O)}
    assert shown == {"Employee": False, "Compensation": True, "Absence": True}


def test_excluding_every_file_excludes_the_upload_and_including_one_brings_it_back(
    api: Api,
) -> None:
    change(api, "exclude", tenantCode=C7O, fileNameRegex=r"^(Employee|Comp\w+|Absence)_\d+\.csv$")
    assert list(flags(api, C7O).values()) == [False]
    identifier = files(api, C7O, fileNameRegex="Absence")[0]["identifier"]
    change(api, "include", tenantCode=C7O, fileIdentifiers=[identifier])
    assert list(flags(api, C7O).values()) == [True]
    assert [file["included"] for file in files(api, C7O)] == [False, False, True]


@pytest.mark.parametrize(
    "item",
    [
        {"tenantCode": C7O},
        {"tenantCode": C7O, "excludeAll": False},
        {"tenantCode": C7O, "fileNameRegex": "nothing like it"},
        {"tenantCode": C7O, "minUploadTime": "2030-01-01"},
        {"tenantCode": C7O, "fileIdentifiers": ["unknown"]},
    ],
)
def test_a_selection_of_nothing_is_one_failure_without_a_time(
    api: Api, item: dict[str, object]
) -> None:
    assert change(api, "exclude", **item) == [
        {"tenantCode": C7O, "uploadTime": "", "status": "Failed", "message": NO_SUCH_UPLOAD}
    ]


def test_a_tenant_beyond_the_login_tenant_fails_for_each_time(api: Api) -> None:
    body = {"uploads": [{"tenantCode": I1O, "uploadTimes": OCTOBER[3:]}]}
    answer = api.within(C7O).put(f"{UPLOADS}/exclude", body)
    assert [(r["uploadTime"], r["message"]) for r in answer["uploads"]] == [
        (time, "Insufficient permissions to access the specified tenant.") for time in OCTOBER[3:]
    ]


@pytest.mark.parametrize(
    "bad",
    [
        {"fileNameRegex": "("},
        {"minUploadTime": "soon"},
        {"uploadTimes": [3]},
        {"excludeAll": "perhaps", "uploadTimes": {"a": 1}},
    ],
)
def test_an_item_that_makes_no_sense_changes_nothing(api: Api, bad: dict[str, object]) -> None:
    items = [{"tenantCode": C7O, "excludeAll": True}, {"tenantCode": I1O, **bad}]
    api.refused("PUT", f"{UPLOADS}/exclude", 400, json={"uploads": items})
    assert list(flags(api, C7O).values()) == [True]


def test_the_files_of_one_tenant_are_one_object(api: Api) -> None:
    answer = api.within(I1O).get(FILES)
    assert answer["tenantCode"] == I1O
    assert len(answer["sourceFiles"]) == 15
    assert set(answer["sourceFiles"][0]) == {
        "uploadTime",
        "filename",
        "identifier",
        "sourceId",
        "sourceObjectName",
        "included",
    }
    assert answer["sourceFiles"][0]["uploadTime"] == OCTOBER[4]


def test_the_files_of_all_tenants_are_one_object_too(api: Api) -> None:
    answer = api.get(FILES, limit=1000)
    assert answer["tenantCode"] == "WFF_j1r"
    files = 3 * sum(len(tenant.uploads) for tenant in api.world.listed)
    assert len(answer["sourceFiles"]) == min(1000, files)
    own = api.within(I1O).get(FILES)["sourceFiles"]
    assert answer["sourceFiles"][: len(own)] == own


def identifiers(api: Api, **query: int) -> list[str]:
    return [file["identifier"] for file in api.get(FILES, **query)["sourceFiles"]]


def test_files_page_with_a_default_of_500_and_a_maximum_of_1000(api: Api) -> None:
    assert len(identifiers(api)) == 500
    assert len(identifiers(api, limit=5000)) == 1000
    assert identifiers(api, limit=10, start=20) == identifiers(api, limit=30)[20:]


def test_identifiers_are_unique_and_stay(api: Api) -> None:
    found = identifiers(api)
    assert len(set(found)) == len(found)
    assert found == identifiers(api)


def test_the_files_of_a_receiving_job(api: Api) -> None:
    path = f"/v1alpha/op/data/receiving-jobs/{BAD_BATCH}/files"
    answer = api.get(path)
    assert answer["receivingJobId"] == BAD_BATCH
    assert len(answer["tenants"]) == 40
    extracted = answer["tenants"][0]["extractedFiles"]
    assert [file["sourceObjectName"] for file in extracted] == [
        "Employee",
        "Compensation",
        "Absence",
        "",
    ]
    assert extracted[3]["sourceId"] == "00000000-0000-0000-0000-000000000000"
    assert extracted[3]["included"] is False
    assert sum(len(t["extractedFiles"]) for t in api.get(path, limit=9)["tenants"]) == 9
    api.refused("GET", "/v1alpha/op/data/receiving-jobs/unknown/files", 404)


def test_the_faulty_files_of_the_bad_delivery_are_found_by_name(api: Api) -> None:
    found = api.get(FILES, fileNameRegex=r"_rerun\.csv$", limit=1000)
    assert len(found["sourceFiles"]) == 40 * 3
    api.refused("GET", FILES, 400, params={"fileNameRegex": "["})


def test_the_administrating_tenant_has_uploads_of_its_own(api: Api) -> None:
    assert flags(api, ADMIN)
