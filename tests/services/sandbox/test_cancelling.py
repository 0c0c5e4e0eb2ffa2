from typing import Any

import pytest

from services.sandbox.models.jobs import Job, Kind, Order, Status
from tests.services.sandbox.api import ADMIN, C7O, E1A, I1O, Api

CANCEL = "/v1/op/jobs/cancel"
BATCH = "3ab09456-2aa0-4261-8ae8-a9669a62a260"
PENDING_PROCESSING = "574beb98-d2bb-4038-b568-a97e13d0e032"
PENDING_BATCH = "ab3d49ee-fe0d-4636-9d81-ee7b1d64f67b"
DISPATCH = "40bfd838-ad5f-40d9-9000-65c75bcf5f8b"
STUCK = "4dfe8794-d3b0-40a7-bafc-cd2586a902c1"
UNKNOWN = "d9299c6a-287e-4ae5-9f34-edb3b4e91e37"


def cancel(api: Api, *job_ids: str) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = api.form("POST", CANCEL, {"jobIds": list(job_ids)})[
        "jobCancellationResults"
    ]
    return results


def a_job(api: Api, kind: Kind, status: Status, tenant: str = E1A) -> Job:
    """Put a job in this state into the sandbox."""
    job = api.world.create_job(kind, tenant, Order("Workforce"))
    job.status = status
    return job


def test_the_four_cases_of_the_code_sample(api: Api) -> None:
    assert cancel(api, PENDING_PROCESSING, BATCH, PENDING_BATCH, UNKNOWN) == [
        {
            "tenantCode": E1A,
            "jobId": PENDING_PROCESSING,
            "jobType": "PROCESSING_JOB",
            "parentJobId": BATCH,
            "cancelStatus": "CANCEL_SUCCEEDED",
            "jobStatus": "Cancelled",
        },
        {
            "tenantCode": ADMIN,
            "jobId": BATCH,
            "jobType": "UPLOAD_JOB",
            "jobStatus": "Succeeded",
            "message": f"UploadJob [{BATCH}] with status [Succeeded] could not be cancelled.",
        },
        {
            "tenantCode": ADMIN,
            "jobId": PENDING_BATCH,
            "jobType": "UPLOAD_JOB",
            "cancelStatus": "CANCEL_SUCCEEDED",
            "jobStatus": "Cancelled",
        },
        {
            "tenantCode": ADMIN,
            "jobId": UNKNOWN,
            "jobType": "UNRECOGNIZED",
            "message": f"Unrecognized job [{UNKNOWN}].",
        },
    ]


ENDED = (Status.SUCCEEDED, Status.FAILED, Status.ERROR, Status.CANCELLED, Status.ROLLED_BACK)
REFUSED = [
    (kind, status)
    for kind in (Kind.EXTRACTION, Kind.PROCESSING, Kind.RECEIVING, Kind.DISPATCHING)
    for status in (*ENDED, Status.CANCELLING, Status.RESCHEDULING, Status.RESCHEDULED)
] + [
    (Kind.RECEIVING, Status.RUNNING),
    (Kind.DISPATCHING, Status.PENDING),
    (Kind.DISPATCHING, Status.RUNNING),
]
NOUNS = {
    Kind.EXTRACTION: "ExtractionJob",
    Kind.PROCESSING: "ProcessingJob",
    Kind.RECEIVING: "UploadJob",
    Kind.DISPATCHING: "DispatchingJob",
}


@pytest.mark.parametrize(("kind", "status"), REFUSED)
def test_what_cannot_be_cancelled_says_so_and_stays_as_it_is(
    api: Api, kind: Kind, status: Status
) -> None:
    job = a_job(api, kind, status)
    message = f"{NOUNS[kind]} [{job.id}] with status [{status}] could not be cancelled."
    assert cancel(api, job.id) == [
        {
            "tenantCode": E1A,
            "jobId": job.id,
            "jobType": kind.value,
            "jobStatus": status.value,
            "message": message,
        }
    ]
    assert job.status is status


@pytest.mark.parametrize("kind", [Kind.EXTRACTION, Kind.PROCESSING, Kind.RECEIVING])
def test_a_pending_job_is_cancelled_at_once(api: Api, kind: Kind) -> None:
    job = a_job(api, kind, Status.PENDING)
    assert cancel(api, job.id)[0]["jobStatus"] == "Cancelled"
    assert api.status(job.id) == "Cancelled"


@pytest.mark.parametrize("kind", [Kind.EXTRACTION, Kind.PROCESSING])
def test_a_running_job_is_cancelled_within_a_minute(api: Api, kind: Kind) -> None:
    job = a_job(api, kind, Status.RUNNING)
    result = cancel(api, job.id)[0]
    assert (result["cancelStatus"], result["jobStatus"]) == ("CANCEL_SUCCEEDED", "Cancelling")
    assert api.status(job.id) == "Cancelling"
    api.advance(60)
    assert api.status(job.id) == "Cancelled"


def test_the_stuck_extraction_can_be_cancelled(api: Api) -> None:
    assert cancel(api, STUCK)[0]["jobStatus"] == "Cancelling"
    api.advance(60)
    assert api.status(STUCK) == "Cancelled"


def test_a_cancelled_receiving_job_never_spawns_children(api: Api) -> None:
    cancel(api, PENDING_BATCH)
    api.advance(3_600)
    assert api.world.jobs.by_id[PENDING_BATCH].children == ()
    assert api.status(PENDING_BATCH) == "Cancelled"


def test_a_cancelled_job_gives_its_worker_to_the_next(api: Api) -> None:
    api.advance(86_400)
    job_id = api.post("/v1alpha/op/jobs/processing-jobs", {"allTenants": True})["jobId"]
    api.advance(40)
    path = f"/v1/op/jobs/dispatching-jobs/{job_id}/processing-jobs"

    def with_status(word: str) -> list[str]:
        items = api.get(path, limit=1000)["processingJobs"]
        return [item["jobId"] for item in items if item["status"] == word]

    first = with_status("Running")
    assert len(first) == 6
    cancel(api, *first)
    api.advance(60)
    assert set(with_status("Cancelled")) == set(first)
    assert len(with_status("Running")) == 6


def test_a_cancellation_does_not_reach_parents_or_children(api: Api) -> None:
    parent = a_job(api, Kind.EXTRACTION, Status.RUNNING)
    child = api.world.create_job(Kind.PROCESSING, E1A, parent.order, parent)
    cancel(api, parent.id)
    api.advance(60)
    assert (api.status(parent.id), api.status(child.id)) == ("Cancelled", "Pending")


def test_an_id_sent_twice_is_answered_once_in_the_order_asked(api: Api) -> None:
    assert [r["jobId"] for r in cancel(api, UNKNOWN, STUCK, UNKNOWN)] == [UNKNOWN, STUCK]


def test_a_second_cancellation_reports_what_the_first_did(api: Api) -> None:
    cancel(api, PENDING_PROCESSING)
    again = cancel(api, PENDING_PROCESSING)[0]
    assert "cancelStatus" not in again
    assert again["jobStatus"] == "Cancelled"


def test_a_job_of_another_tenant_is_unrecognized(api: Api) -> None:
    result = cancel(api.within(C7O), PENDING_PROCESSING)[0]
    assert (result["tenantCode"], result["jobType"]) == (C7O, "UNRECOGNIZED")
    assert api.status(PENDING_PROCESSING) == "Pending"


def test_more_than_500_ids_cancel_nothing(api: Api) -> None:
    ids = [PENDING_PROCESSING, *(f"job-{n}" for n in range(500))]
    envelope = api.refused("POST", CANCEL, 400, json={"jobIds": ids})
    assert "500" in envelope["localizedMessage"]
    assert api.status(PENDING_PROCESSING) == "Pending"
    assert len(cancel(api, *ids[:500])) == 500


@pytest.mark.parametrize("body", [{}, {"jobIds": []}, {"jobIds": "x"}, {"jobIds": [1]}])
def test_without_ids_there_is_nothing_to_cancel(api: Api, body: dict[str, object]) -> None:
    api.refused("POST", CANCEL, 400, json=body)


def test_the_ids_the_sample_sends_can_be_cancelled(api: Api) -> None:
    sent = ("5571a6a5-6f72-44d8-b180-9508dfc81b89", "1ec9fc64-9e2a-4dab-be98-86d6572a9281")
    assert [(r["tenantCode"], r["jobStatus"]) for r in cancel(api, *sent)] == [
        (C7O, "Cancelled"),
        (I1O, "Cancelled"),
    ]
