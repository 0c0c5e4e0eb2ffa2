from datetime import datetime, timedelta
from typing import Any

import pytest

from services.sandbox.times import iso
from tests.services.sandbox.api import ADMIN, C7O, E1A, Api

JOBS = "/v1/op/job-status/jobs"
DISPATCH = "40bfd838-ad5f-40d9-9000-65c75bcf5f8b"
C7O_EXTRACTION = "36ac4635-5e40-4225-87bf-56e2a2b0a146"
STUCK = "4dfe8794-d3b0-40a7-bafc-cd2586a902c1"
BAD_BATCH = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
DISPATCHING = f"/v1/op/jobs/dispatching-jobs/{DISPATCH}"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_window_is_the_last_day_by_default(api: Api) -> None:
    answer = api.get(JOBS)
    first, last = moment(answer["queryStartTime"]), moment(answer["queryEndTime"])
    assert last - first == timedelta(days=1)
    times = [moment(job["startTime"]) for job in answer["jobStatus"]]
    assert times == sorted(times)
    assert all(first <= time <= last for time in times)


def test_a_window_takes_jobs_by_their_start_time_both_ends_included(api: Api) -> None:
    start = api.get(f"{JOBS}/{BAD_BATCH}")[0]["startTime"]
    answer = api.get(JOBS, startTime=start, endTime=start)
    assert (answer["queryStartTime"], answer["queryEndTime"]) == (start, start)
    assert [job["jobId"] for job in answer["jobStatus"]] == [BAD_BATCH]


def test_a_window_may_be_given_in_other_forms(api: Api) -> None:
    now = api.world.clock.now()
    expected = api.get(JOBS, startTime=iso(now - 7_200_000), endTime=iso(now))
    other = api.get(JOBS, startTime=str(int(now) - 7_200_000), endTime=iso(now)[:-1])
    assert other == expected
    assert expected["jobStatus"]


def test_jobs_of_one_status(api: Api) -> None:
    for word in ("Running", "running"):
        found = api.get(JOBS, startTime="2020-01-01", status=word)["jobStatus"]
        assert {job["status"] for job in found} == {"Running"}
    assert STUCK in {job["jobId"] for job in found}
    assert api.get(JOBS, status="Levitating")["jobStatus"] == []


def test_an_item_names_its_parent_only_when_it_has_one(api: Api) -> None:
    by_id = {job["jobId"]: job for job in api.get(JOBS, startTime="2020-01-01")["jobStatus"]}
    assert set(by_id[DISPATCH]) == {"jobId", "tenant", "status", "jobType", "startTime"}
    assert by_id[STUCK]["parentJobId"] == DISPATCH
    assert all(job.get("parentJobId", DISPATCH) in by_id for job in by_id.values())


def test_an_analytic_tenant_sees_its_own_jobs_only(api: Api) -> None:
    found = api.within(E1A).get(JOBS, startTime="2020-01-01")["jobStatus"]
    assert found
    assert {job["tenant"] for job in found} == {E1A}
    api.within(E1A).refused("GET", f"{JOBS}/{C7O_EXTRACTION}", 404)


def test_one_job_comes_as_a_list_of_one(api: Api) -> None:
    assert [job["jobId"] for job in api.get(f"{JOBS}/{STUCK}")] == [STUCK]


@pytest.mark.parametrize(
    "path",
    [
        f"{JOBS}/unknown",
        "/v1/op/jobs/receiving-jobs/unknown",
        f"/v1/op/jobs/receiving-jobs/{STUCK}",
        f"/v1/op/jobs/processing-jobs/{DISPATCH}",
        f"/v1/op/jobs/dispatching-jobs/{STUCK}",
        "/v1/op/jobs/dispatching-jobs/unknown/extraction-jobs",
    ],
)
def test_an_unknown_job_or_one_of_another_type_is_a_404(api: Api, path: str) -> None:
    api.refused("GET", path, 404)


@pytest.mark.parametrize("name", ["startTime", "endTime"])
def test_a_window_that_is_no_time_is_refused(api: Api, name: str) -> None:
    api.refused("GET", JOBS, 400, params={name: "yesterday"})


def test_the_dispatching_job_of_the_samples(api: Api) -> None:
    assert api.get(DISPATCHING) == {
        "jobId": DISPATCH,
        "tenantCode": ADMIN,
        "status": "Succeeded",
        "totalJobsDispatched": 5,
    }
    assert api.get(f"{DISPATCHING}/extraction-jobs", limit=2, start=1) == {
        "parentJobId": DISPATCH,
        "parentTenantCode": ADMIN,
        "limit": 2,
        "start": 1,
        "extractionJobs": [
            {"extractionJobId": C7O_EXTRACTION, "tenantCode": C7O, "status": "Succeeded"},
            {
                "extractionJobId": STUCK,
                "tenantCode": E1A,
                "status": "Running",
                "currentStage": "Process Records",
            },
        ],
    }
    received = api.get(f"{DISPATCHING}/receiving-jobs", limit=2, start=1)["receivingJobs"]
    assert [job["status"] for job in received] == ["Succeeded", "Failed"]
    assert received[0]["tenantCode"] == C7O
    processed = api.get(f"{DISPATCHING}/processing-jobs", limit=2, start=1)["processingJobs"]
    assert [(job["tenantCode"], job["dataVersion"]) for job in processed] == [(C7O, "7000013")]


@pytest.mark.parametrize("path", ["extraction-jobs", "receiving-jobs", "processing-jobs"])
def test_the_jobs_of_a_dispatching_job_page_with_a_default_of_100(api: Api, path: str) -> None:
    answer = api.get(f"{DISPATCHING}/{path}", dispatchingJobId=DISPATCH)
    assert (answer["limit"], answer["start"]) == (100, 0)
    assert api.get(f"{DISPATCHING}/{path}", limit=2000)["limit"] == 1000


def test_the_jobs_of_one_tenant(api: Api) -> None:
    found = api.get(f"{DISPATCHING}/extraction-jobs", tenantCode=E1A)["extractionJobs"]
    assert [job["extractionJobId"] for job in found] == [STUCK]
    path = f"{DISPATCHING}/extraction-jobs"
    api.refused("GET", path, 400, params={"tenantCode": "WFF_j1r~nobody"})


def test_a_receiving_job_lists_what_it_spawned_only_when_asked(api: Api) -> None:
    path = f"/v1/op/jobs/receiving-jobs/{BAD_BATCH}"
    assert api.get(path) == {"jobId": BAD_BATCH, "status": "Succeeded", "receivingJobs": []}
    spawned = api.get(path, jobs="true")["receivingJobs"]
    assert len(spawned) == 40
    child = api.get(f"/v1/op/jobs/receiving-jobs/{spawned[0]['receivingJobId']}")
    assert (child["parentJobId"], child["parentTenantCode"]) == (BAD_BATCH, ADMIN)
    one = api.get(path, jobs="True", tenantCode=spawned[5]["tenantCode"])["receivingJobs"]
    assert one == [spawned[5]]
    assert api.get(path, jobs="true", start=38, limit=10)["receivingJobs"] == spawned[38:]


def test_the_processing_jobs_of_a_receiving_job(api: Api) -> None:
    answer: dict[str, Any] = api.get(f"/v1/op/jobs/processing-jobs/{BAD_BATCH}", limit=3)
    assert (answer["parentJobId"], answer["parentTenantCode"]) == (BAD_BATCH, ADMIN)
    assert (answer["limit"], answer["start"], len(answer["processingJobs"])) == (3, 0, 3)
    assert set(answer["processingJobs"][0]) == {
        "jobId",
        "tenantCode",
        "dataVersion",
        "status",
        "message",
    }


def test_a_retrieved_extraction_leads_to_a_processing_job_of_its_receiving_job(api: Api) -> None:
    received = api.get(f"{DISPATCHING}/receiving-jobs", tenantCode=C7O)["receivingJobs"][0]
    answer = api.get(f"/v1/op/jobs/processing-jobs/{received['receivingJobId']}")
    assert answer["parentTenantCode"] == C7O
    assert [job["dataVersion"] for job in answer["processingJobs"]] == ["7000013"]
