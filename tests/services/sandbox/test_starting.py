from typing import Any

import pytest

from services.sandbox.responses import starting
from tests.services.sandbox.api import (
    ADMIN,
    C7O,
    CONSOLIDATED,
    E1A,
    I1O,
    LIVE,
    RECRUITING,
    WORKFORCE,
    Api,
)

EXTRACT = "/v1/op/data/startExtractAndLoad"
ADHOC_EXTRACT = "/v1alpha/op/jobs/extraction-jobs"
PROCESS = "/v1alpha/op/jobs/processing-jobs"
CONSOLIDATE = "/v1alpha/op/jobs/consolidated-analytics-jobs"
LOAD = "/v1/op/data/startload"
BATCH = "WFF_j1r_hcm_files_20181030102030.zip.gpg"
DISPATCHING = "/v1/op/jobs/dispatching-jobs"


def tree(api: Api, job_id: str) -> list[dict[str, Any]]:
    """Give a job and its descendants, as job-status lists them."""
    jobs = api.get("/v1/op/job-status/jobs")["jobStatus"]
    found = {job_id: next(job for job in jobs if job["jobId"] == job_id)}
    for job in jobs:
        if job.get("parentJobId") in found:
            found[job["jobId"]] = job
    return list(found.values())


def run_out(api: Api, job_id: str) -> list[dict[str, Any]]:
    """Let a job and all that came of it run to the end; give the tree."""
    api.advance(30)

    def over() -> bool:
        return not any(job["status"] in LIVE for job in tree(api, job_id))

    api.advance_until(over, step=60)
    api.advance(120)
    api.advance_until(over, step=60)
    return tree(api, job_id)


def kinds(jobs: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return sorted((job["jobType"], job["tenant"], job["status"]) for job in jobs)


def test_a_load_runs_through_receiving_and_processing_of_each_tenant(api: Api) -> None:
    job_id = api.form("POST", LOAD, {"files": [BATCH]})["jobId"]
    assert api.status(job_id) == "Pending"
    jobs = run_out(api, job_id)
    received = [j for j in jobs if j["jobType"] == "UPLOAD_JOB" and j.get("parentJobId") == job_id]
    processed = [j for j in jobs if j["jobType"] == "PROCESSING_JOB"]
    assert len(received) == len(processed) == 24
    assert {job["status"] for job in jobs} == {"Succeeded"}
    assert {job["parentJobId"] for job in processed} == {job_id}


def test_a_load_brings_each_tenant_an_upload_and_a_version(api: Api) -> None:
    job_id = api.form("POST", LOAD, {"files": [BATCH]})["jobId"]
    run_out(api, job_id)
    uploads = api.get("/v1/op/data/uploads", uploadJobId=job_id)["tenants"]
    assert len(uploads) == 24
    processed = api.get(f"/v1/op/jobs/processing-jobs/{job_id}")["processingJobs"]
    for item in processed:
        versions = api.get("/v1/op/data-versions", tenantCode=item["tenantCode"])["tenants"][0]
        assert item["dataVersion"] in [v["dataVersion"] for v in versions["dataVersions"]]


def test_a_load_that_skips_the_data_load_makes_no_version(api: Api) -> None:
    job_id = api.form("POST", LOAD, {"files": [BATCH], "skipDataLoad": True})["jobId"]
    jobs = run_out(api, job_id)
    assert {job["jobType"] for job in jobs} == {"UPLOAD_JOB"}
    assert api.get(f"/v1/op/jobs/processing-jobs/{job_id}")["processingJobs"] == []


def test_the_files_of_a_load_may_be_one_text_with_commas(api: Api) -> None:
    job_id = api.post(LOAD, {"model": {"files": f"{BATCH}, {BATCH}"}})["jobId"]
    assert api.status(job_id) == "Pending"


def test_a_label_with_the_word_all_loads_every_enabled_tenant(api: Api) -> None:
    job_id = api.post(LOAD, {"files": ["WFF_j1r_all_20261122021000.zip.gpg"]})["jobId"]
    api.advance(300)
    answer = api.get(f"/v1/op/jobs/receiving-jobs/{job_id}", jobs="true")
    enabled = [tenant for tenant in api.world.listed if tenant.status == "enabled"]
    assert len(answer["receivingJobs"]) == len(enabled) < 60


@pytest.mark.parametrize("name", ["payroll.zip", "WFF_j1r_hcm_2018.zip.gpg", "unknown.zip.gpg"])
def test_a_batch_that_cannot_be_read_fails_without_children(api: Api, name: str) -> None:
    job_id = api.post(LOAD, {"files": [BATCH, name]})["jobId"]
    jobs = run_out(api, job_id)
    assert kinds(jobs) == [("UPLOAD_JOB", ADMIN, "Failed")]


def test_a_batch_of_too_many_tenants_fails(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "MOST_TENANTS", 10)
    job_id = api.post(LOAD, {"files": ["WFF_j1r_all_20261122021000.zip.gpg"]})["jobId"]
    assert kinds(run_out(api, job_id)) == [("UPLOAD_JOB", ADMIN, "Failed")]


def test_an_extraction_runs_through_the_whole_tree(api: Api) -> None:
    body = {"tenants": [C7O, E1A], "runProcessingJob": True}
    job_id = api.form("POST", EXTRACT, body)["jobId"]
    jobs = run_out(api, job_id)
    assert kinds(jobs) == sorted(
        [("DISPATCHING_JOB", ADMIN, "Succeeded")]
        + [
            (kind, tenant, "Succeeded")
            for kind in ("EXTRACTION_JOB", "UPLOAD_JOB", "PROCESSING_JOB")
            for tenant in (C7O, E1A)
        ]
    )
    for path, name in (
        ("extraction-jobs", "extractionJobs"),
        ("receiving-jobs", "receivingJobs"),
        ("processing-jobs", "processingJobs"),
    ):
        answer = api.get(f"{DISPATCHING}/{job_id}/{path}")
        assert answer["parentJobId"] == job_id
        assert [item["tenantCode"] for item in answer[name]] == [C7O, E1A]


def test_an_extraction_without_processing_ends_with_receiving(api: Api) -> None:
    job_id = api.post(EXTRACT, {"tenants": [C7O]})["jobId"]
    assert {job["jobType"] for job in run_out(api, job_id)} == {
        "DISPATCHING_JOB",
        "EXTRACTION_JOB",
        "UPLOAD_JOB",
    }


def test_an_extraction_to_sql_spawns_nothing(api: Api) -> None:
    job_id = api.post(EXTRACT, {"tenants": [C7O], "outputTarget": "SQL"})["jobId"]
    assert {job["jobType"] for job in run_out(api, job_id)} == {"DISPATCHING_JOB", "EXTRACTION_JOB"}


@pytest.mark.parametrize("artefacts", [True, False])
def test_an_extraction_passes_its_stages_in_order(api: Api, artefacts: bool) -> None:
    body = {"tenants": [C7O], "disableArtifactGeneration": not artefacts}
    job_id = api.post(EXTRACT, body)["jobId"]
    seen: list[str] = []

    def ended() -> bool:
        items = api.get(f"{DISPATCHING}/{job_id}/extraction-jobs")["extractionJobs"]
        stage = items[0].get("currentStage", "") if items else ""
        if stage and stage not in seen:
            seen.append(stage)
        return bool(items) and items[0]["status"] == "Succeeded"

    api.advance_until(ended, step=0.5)
    expected = [
        "Initialize",
        "Retrieve Main Subject",
        "Retrieve Secondary Subjects",
        "Retrieve Custom Subjects",
        "Process Records",
        "Publish Artifacts",
        "Publish Records",
    ]
    assert seen == [stage for stage in expected if artefacts or stage != "Publish Artifacts"]


def test_an_extraction_without_a_credential_fails_at_its_first_stage(api: Api) -> None:
    api.ask(
        "DELETE",
        "/v1/op/data-connector-credentials/780ed445-3a58-4be6-8db1-038279b0c521",
        params={"tenantCode": C7O},
    )
    job_id = api.post(EXTRACT, {"tenants": [C7O], "runProcessingJob": True})["jobId"]
    run_out(api, job_id)
    items = api.get(f"{DISPATCHING}/{job_id}/extraction-jobs")["extractionJobs"]
    assert [(item["status"], item["currentStage"]) for item in items] == [("Failed", "Initialize")]


def test_connectors_asked_for_decide_whether_an_extraction_can_begin(api: Api) -> None:
    greenhouse = "0f6d5a52-61c7-4f0e-8a57-2f3a8f5f7b22"
    job_id = api.post(EXTRACT, {"tenants": [C7O], "connectorIds": [greenhouse]})["jobId"]
    run_out(api, job_id)
    items = api.get(f"{DISPATCHING}/{job_id}/extraction-jobs")["extractionJobs"]
    assert items[0]["status"] == "Failed"


def test_a_dispatching_job_succeeds_long_before_its_children(api: Api) -> None:
    job_id = api.post(PROCESS, {"allTenants": True})["jobId"]
    assert api.status(job_id) == "Pending"
    api.advance_until(lambda: api.status(job_id) == "Succeeded", step=1)
    answer = api.get(f"{DISPATCHING}/{job_id}")
    enabled = [tenant for tenant in api.world.listed if tenant.status == "enabled"]
    assert answer == {
        "jobId": job_id,
        "tenantCode": ADMIN,
        "status": "Succeeded",
        "totalJobsDispatched": len(enabled),
    }
    api.advance(5)
    items = api.get(f"{DISPATCHING}/{job_id}/processing-jobs", limit=1000)["processingJobs"]
    assert "Pending" in {item["status"] for item in items}


def test_the_number_dispatched_grows_while_a_dispatching_job_runs(api: Api) -> None:
    job_id = api.post(PROCESS, {"allTenants": True})["jobId"]
    numbers: list[int] = []

    def done() -> bool:
        numbers.append(api.get(f"{DISPATCHING}/{job_id}")["totalJobsDispatched"])
        return api.status(job_id) == "Succeeded"

    api.advance_until(done, step=0.2)
    assert len(set(numbers)) == 5
    assert numbers == sorted(numbers)


def test_a_dispatching_job_without_any_tenant_fails(api: Api) -> None:
    everybody = [tenant.code for tenant in api.world.listed]
    job_id = api.post(PROCESS, {"allTenants": True, "excludedTenants": everybody})["jobId"]
    assert kinds(run_out(api, job_id)) == [("DISPATCHING_JOB", ADMIN, "Failed")]


def test_all_tenants_but_some(api: Api) -> None:
    job_id = api.post(PROCESS, {"allTenants": True, "excludedTenants": [C7O]})["jobId"]
    api.advance(60)
    answer = api.get(f"{DISPATCHING}/{job_id}/processing-jobs", limit=1000)
    codes = {item["tenantCode"] for item in answer["processingJobs"]}
    assert I1O in codes
    assert C7O not in codes


@pytest.mark.parametrize("path", [EXTRACT, ADHOC_EXTRACT, PROCESS])
def test_without_a_scope_the_administrating_tenant_itself_is_meant(api: Api, path: str) -> None:
    job_id = api.post(path, {})["jobId"]
    api.advance(60)
    children = [job for job in tree(api, job_id) if job["jobId"] != job_id]
    assert [job["tenant"] for job in children] == [ADMIN]


@pytest.mark.parametrize(
    ("path", "kind"), [(ADHOC_EXTRACT, "EXTRACTION_JOB"), (PROCESS, "PROCESSING_JOB")]
)
def test_an_analytic_tenant_gets_the_job_itself(api: Api, path: str, kind: str) -> None:
    job_id = api.within(C7O).post(path, {})["jobId"]
    found = api.get(f"/v1/op/job-status/jobs/{job_id}")[0]
    assert (found["jobType"], found["tenant"]) == (kind, C7O)
    assert "parentJobId" not in found
    run_out(api, job_id)


def test_a_processing_job_of_a_category_makes_a_version_of_that_category(api: Api) -> None:
    job_id = api.post(PROCESS, {"tenants": [E1A], "dataCategoryId": RECRUITING})["jobId"]
    run_out(api, job_id)
    item = api.get(f"{DISPATCHING}/{job_id}/processing-jobs")["processingJobs"][0]
    query = {"tenantCode": E1A, "dataCategory": "Talent_Acquisition"}
    found = api.get("/v1/op/data-versions", **query)["tenants"][0]["dataVersions"]
    assert [version["dataVersion"] for version in found] == [item["dataVersion"]]


def test_a_tenant_without_included_uploads_cannot_be_processed(api: Api) -> None:
    api.put("/v1/op/data/uploads/exclude", {"uploads": [{"tenantCode": C7O, "excludeAll": True}]})
    job_id = api.post(PROCESS, {"tenants": [C7O], "publishToProduction": True})["jobId"]
    run_out(api, job_id)
    item = api.get(f"{DISPATCHING}/{job_id}/processing-jobs")["processingJobs"][0]
    assert (item["status"], item["dataVersion"]) == ("Failed", "")
    assert item["message"] == f"[SIM0001] No data upload of tenant {C7O} is included."


def test_one_tenant_and_category_is_processed_one_job_at_a_time(api: Api) -> None:
    ids = [api.within(E1A).post(PROCESS, {})["jobId"] for _ in range(3)]
    other = api.within(E1A).post(PROCESS, {"dataCategoryId": RECRUITING})["jobId"]
    most, together = 0, False

    def over() -> bool:
        nonlocal most, together
        running = [job_id for job_id in ids if api.status(job_id) == "Running"]
        most = max(most, len(running))
        together |= bool(running) and api.status(other) == "Running"
        return all(api.status(job_id) == "Succeeded" for job_id in [*ids, other])

    api.advance_until(over, step=15)
    assert most == 1
    assert together


def test_a_consolidated_tenant_collects_and_processes(api: Api) -> None:
    body = {"tenantCode": CONSOLIDATED, "runProcessingJob": True}
    job_id = api.post(CONSOLIDATE, body)["jobId"]
    assert kinds(run_out(api, job_id)) == [
        ("CONSOLIDATED_ANALYTICS_JOB", CONSOLIDATED, "Succeeded"),
        ("PROCESSING_JOB", CONSOLIDATED, "Succeeded"),
    ]


def test_a_consolidated_tenant_only_collects_unless_told_to_process(api: Api) -> None:
    job_id = api.post(CONSOLIDATE, {"tenantCode": CONSOLIDATED})["jobId"]
    assert len(run_out(api, job_id)) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (LOAD, {}),
        (LOAD, {"files": []}),
        (LOAD, {"files": [1]}),
        (LOAD, {"files": [BATCH], "skipDataLoad": 1}),
        (EXTRACT, {"tenants": ["WFF_j1r~nobody"]}),
        (EXTRACT, {"tenants": [C7O], "allTenants": True}),
        (EXTRACT, {"excludedTenants": [C7O]}),
        (EXTRACT, {"dataCategoryId": "Workforce"}),
        (EXTRACT, {"connectorIds": ["unknown"]}),
        (EXTRACT, {"overrideLastExtractionTimestamp": "midnight"}),
        (EXTRACT, {"lastExtractionTimeOffsetMode": "YEAR"}),
        (EXTRACT, {"outputTarget": "Paper"}),
        (EXTRACT, {"monthsToExtract": -1}),
        (ADHOC_EXTRACT, {"allTenants": "maybe", "runProcessingJob": 3}),
        (PROCESS, {"dataCategoryId": "unknown"}),
        (PROCESS, {"allTenants": True, "excludedTenants": ["WFF_j1r~nobody"]}),
        (CONSOLIDATE, {"tenantCode": C7O}),
        (CONSOLIDATE, {}),
    ],
)
def test_a_start_that_makes_no_sense_starts_nothing(
    api: Api, path: str, body: dict[str, object]
) -> None:
    before = len(api.world.jobs.by_id)
    assert api.refused("POST", path, 400, json=body)["userError"] is True
    assert len(api.world.jobs.by_id) == before


@pytest.mark.parametrize("body", [{"tenants": [C7O]}, {"allTenants": True}])
def test_an_analytic_tenant_cannot_choose_tenants(api: Api, body: dict[str, object]) -> None:
    for path in (EXTRACT, ADHOC_EXTRACT, PROCESS):
        api.within(C7O).refused("POST", path, 400, json=body)


@pytest.mark.parametrize("stamp", [1639382400000, "1639382400000"])
def test_an_extraction_time_may_be_a_number_or_a_text(api: Api, stamp: object) -> None:
    body = {
        "allTenants": True,
        "overrideLastExtractionTimestamp": stamp,
        "dataCategoryId": WORKFORCE,
    }
    assert api.form("POST", EXTRACT, body)["jobId"]


def test_a_fresh_job_is_not_in_lists_at_once_but_known_by_its_id(api: Api) -> None:
    job_id = api.post(PROCESS, {"tenants": [E1A]})["jobId"]
    listed = [job["jobId"] for job in api.get("/v1/op/job-status/jobs")["jobStatus"]]
    assert job_id not in listed
    assert api.status(job_id) == "Pending"
    api.advance(5)
    listed = [job["jobId"] for job in api.get("/v1/op/job-status/jobs")["jobStatus"]]
    assert job_id in listed
