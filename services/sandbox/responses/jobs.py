"""Reading and cancelling jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox import times
from services.sandbox.call import LARGEST_PAGE, Call
from services.sandbox.errors import bad_request, not_found
from services.sandbox.models.jobs import Job, Kind
from services.sandbox.rules.cancelling import cancel
from services.sandbox.rules.extraction import COMPLETED

if TYPE_CHECKING:
    from collections.abc import Iterable

Payload = dict[str, object]

DEFAULT_WINDOW = times.DAY
DEFAULT_PAGE = 100
MOST_CANCELS = 500


def job_status(call: Call) -> Payload:
    """Return the jobs that start in a window, by default the last 24 hours.

    Data and Job Handling API, GET /v1/op/job-status/jobs.
    """
    now = call.world.clock.now()
    last = _time(call, "endTime", times.iso(now))
    first = _time(call, "startTime", times.iso(now - DEFAULT_WINDOW))
    status = call.query.get("status", "").lower()
    seen = call.world.engine.at
    jobs = [
        _status_item(job)
        for job in call.world.jobs.started_between(first, last)
        if job.visible_at <= seen
        and call.reaches(job.tenant)
        and (not status or job.status.lower() == status)
    ]
    return {"queryStartTime": first, "queryEndTime": last, "jobStatus": jobs}


def _time(call: Call, name: str, default: str) -> str:
    value = call.query.get(name)
    if not value:
        return default
    try:
        return times.parse(value)
    except ValueError as error:
        raise bad_request(f"The parameter {name} is not a time: {value}") from error


def _status_item(job: Job) -> Payload:
    item: Payload = {
        "jobId": job.id,
        # Not tenantCode, unlike in the lists below a job (OpenAPI document).
        "tenant": job.tenant,
        "status": job.status.value,
        "jobType": job.kind.value,
        "startTime": job.start_time,
    }
    if job.parent:
        item["parentJobId"] = job.parent.id
    return item


def job_id_status(call: Call) -> list[Payload]:
    """Return a list with the one job; raise 404 for an unknown one.

    Data and Job Handling API, GET /v1/op/job-status/jobs/{jobId}.
    """
    return [_status_item(_find(call, "jobId"))]


def _find(call: Call, name: str, *kinds: Kind) -> Job:
    job_id = call.path[name]
    job = call.world.jobs.by_id.get(job_id)
    if job is None or not call.reaches(job.tenant) or (kinds and job.kind not in kinds):
        raise not_found(f"The job {job_id} does not exist.")
    return job


def receiving_job_status(call: Call) -> Payload:
    """Return a receiving job and, with `jobs=true`, those it spawned.

    Data and Job Handling API, GET /v1/op/jobs/receiving-jobs/{receivingJobId}.
    """
    job = _find(call, "receivingJobId", Kind.RECEIVING)
    answer: Payload = {"jobId": job.id, "status": job.status.value}
    if job.parent:
        answer |= {"parentJobId": job.parent.id, "parentTenantCode": job.parent.tenant}
    spawned = call.query.get("jobs", "").lower() == "true"
    found = _listed(call, job.children, Kind.RECEIVING) if spawned else []
    return answer | {
        "receivingJobs": [_receiving_item(j) for j in call.page(DEFAULT_PAGE).of(found)]
    }


def processing_job_status(call: Call) -> Payload:
    """Return the processing jobs that a receiving job spawned.

    Data and Job Handling API, GET /v1/op/jobs/processing-jobs/{receivingJobId}.
    """
    job = _find(call, "receivingJobId", Kind.RECEIVING)
    found = _listed(call, job.children, Kind.PROCESSING)
    return _page_of(call, job, "processingJobs", [_processing_item(j) for j in found])


def dispatching_job_status(call: Call) -> Payload:
    """Return a dispatching job; raise 404 for a job of another type.

    Data and Job Handling API, GET /v1/op/jobs/dispatching-jobs/{jobId}.
    """
    job = _find(call, "jobId", Kind.DISPATCHING)
    return {
        "jobId": job.id,
        "tenantCode": job.tenant,
        "status": job.status.value,
        "totalJobsDispatched": len(job.children),
    }


def extraction_job_and_status(call: Call) -> Payload:
    """Return the extraction jobs of a dispatching job.

    Data and Job Handling API, GET /v1/op/jobs/dispatching-jobs/{jobId}/extraction-jobs.
    """
    return _dispatched(call, Kind.EXTRACTION, "extractionJobs")


def receiving_job_and_status(call: Call) -> Payload:
    """Return all receiving jobs below a dispatching job, which is named as their parent.

    Data and Job Handling API, GET /v1/op/jobs/dispatching-jobs/{jobId}/receiving-jobs.
    """
    return _dispatched(call, Kind.RECEIVING, "receivingJobs")


def processing_job_and_status(call: Call) -> Payload:
    """Return all processing jobs below a dispatching job, which is named as their parent.

    Data and Job Handling API, GET /v1/op/jobs/dispatching-jobs/{jobId}/processing-jobs.
    """
    return _dispatched(call, Kind.PROCESSING, "processingJobs")


def _dispatched(call: Call, kind: Kind, name: str) -> Payload:
    job = _find(call, "jobId", Kind.DISPATCHING)
    make = {
        Kind.EXTRACTION: _extraction_item,
        Kind.RECEIVING: _receiving_item,
        Kind.PROCESSING: _processing_item,
    }[kind]
    found = _listed(call, job.descendants(), kind)
    return _page_of(call, job, name, [make(child) for child in found])


def _listed(call: Call, jobs: Iterable[Job], kind: Kind) -> list[Job]:
    """Return the listed jobs of a kind, of the tenant in the query."""
    tenant = call.query.get("tenantCode")
    if tenant:
        call.named_tenant(tenant)
    seen = call.world.engine.at
    return [
        job
        for job in jobs
        if job.kind is kind and job.visible_at <= seen and (not tenant or job.tenant == tenant)
    ]


def _page_of(call: Call, parent: Job, name: str, items: list[Payload]) -> Payload:
    page = call.page(DEFAULT_PAGE, LARGEST_PAGE)
    return {
        "parentJobId": parent.id,
        "parentTenantCode": parent.tenant,
        **page.echo(),
        name: page.of(items),
    }


def _extraction_item(job: Job) -> Payload:
    item: Payload = {
        "extractionJobId": job.id,
        "tenantCode": job.tenant,
        "status": job.status.value,
    }
    # Left out once it is Completed, as in the code samples.
    if job.stage and job.stage != COMPLETED:
        item["currentStage"] = job.stage
    return item


def _receiving_item(job: Job) -> Payload:
    return {"receivingJobId": job.id, "tenantCode": job.tenant, "status": job.status.value}


def _processing_item(job: Job) -> Payload:
    return {
        "jobId": job.id,
        "tenantCode": job.tenant,
        "dataVersion": job.data_version,
        "status": job.status.value,
        "message": job.message,
    }


def cancel_jobs(call: Call) -> Payload:
    """Cancel up to 500 jobs, each distinct id once, in the order of the request.

    Data and Job Handling API, POST /v1/op/jobs/cancel.
    """
    ids = call.body.get("jobIds")
    if not isinstance(ids, list) or not ids or not all(isinstance(i, str) for i in ids):
        raise bad_request("The field jobIds must be a list with at least one job id.")
    if len(ids) > MOST_CANCELS:
        raise bad_request(f"The field jobIds must not have more than {MOST_CANCELS} items.")
    results = [_cancel(call, job_id, n) for n, job_id in enumerate(dict.fromkeys(ids))]
    return {"jobCancellationResults": results}


def _cancel(call: Call, job_id: str, place: int) -> Payload:
    job = call.world.jobs.by_id.get(job_id)
    if job is None or not call.reaches(job.tenant):
        return {
            "tenantCode": call.login.code,
            "jobId": job_id,
            # As in the code sample, with the login tenant's code.
            "jobType": "UNRECOGNIZED",
            "message": f"Unrecognized job [{job_id}].",
        }
    found = job.status
    done = not call.refuses(place) and cancel(call.world, job)
    result: Payload = {"tenantCode": job.tenant, "jobId": job.id, "jobType": job.kind.value}
    if job.parent:
        result["parentJobId"] = job.parent.id
    # A failure has no cancelStatus, as in the code samples.
    if done:
        return result | {"cancelStatus": "CANCEL_SUCCEEDED", "jobStatus": job.status.value}
    return result | {
        "jobStatus": found.value,
        "message": f"{job.kind.noun} [{job.id}] with status [{found}] could not be cancelled.",
    }
