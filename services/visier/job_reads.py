"""One method per operation that reads jobs; one iterator for each that pages.

Payloads are parsed and otherwise untouched: unknown fields stay in, any field may be missing, null
or of another shape than documented here. Times in them are UTC. Every method raises the errors of
``services.visier.errors``; InvalidArgument when the call cannot be sent.

Iterators ask for 1,000 items a page and yield one payload per page, the first even when it is
empty. A page is requested when it is taken.
"""

from datetime import datetime

from .calls import Calls, Pages
from .protocol import Payload


class JobReads(Calls):
    """What can be asked about jobs."""

    def job_status(
        self,
        *,
        start_time: datetime | str | None = None,
        end_time: datetime | str | None = None,
        status: str | None = None,
    ) -> Payload:
        """Return the jobs of a time window: queryStartTime, queryEndTime, jobStatus[...].

        A job has jobId, tenant, status, jobType, startTime, parentJobId. Not paged.
        Data and Job Handling API, GET /v1/op/job-status/jobs.
        """
        query = {"startTime": start_time, "endTime": end_time, "status": status}
        return self._call("job_status", query=query)

    def job_id_status(self, job_id: str) -> Payload:
        """Return one job, as a bare list of items like those of ``job_status``.

        Data and Job Handling API, GET /v1/op/job-status/jobs/{jobId}.
        """
        return self._call("job_id_status", ids={"job_id": job_id})

    def receiving_job_status(
        self,
        receiving_job_id: str,
        *,
        jobs: bool | None = None,
        tenant_code: str | None = None,
        start: int | None = None,
        limit: int | None = None,
    ) -> Payload:
        """Return jobId, status, parentJobId, and with ``jobs`` the receivingJobs it spawned.

        Data and Job Handling API, GET /v1/op/jobs/receiving-jobs/{receivingJobId}.
        """
        return self._call(
            "receiving_job_status",
            ids={"receiving_job_id": receiving_job_id},
            query={"jobs": jobs, "tenantCode": tenant_code, "start": start, "limit": limit},
        )

    def iter_receiving_job_status(
        self, receiving_job_id: str, *, tenant_code: str | None = None
    ) -> Pages:
        """Page through ``receiving_job_status`` with the jobs it spawned."""
        ids = {"receiving_job_id": receiving_job_id}
        return self._pages("receiving_job_status", ids, jobs=True, tenantCode=tenant_code)

    def processing_job_status(
        self,
        receiving_job_id: str,
        *,
        tenant_code: str | None = None,
        start: int | None = None,
        limit: int | None = None,
    ) -> Payload:
        """Return a receiving job's processingJobs[jobId, tenantCode, dataVersion, status, message].

        Data and Job Handling API, GET /v1/op/jobs/processing-jobs/{receivingJobId}.
        """
        return self._call(
            "processing_job_status",
            ids={"receiving_job_id": receiving_job_id},
            query={"tenantCode": tenant_code, "start": start, "limit": limit},
        )

    def iter_processing_job_status(
        self, receiving_job_id: str, *, tenant_code: str | None = None
    ) -> Pages:
        """Page through ``processing_job_status``."""
        ids = {"receiving_job_id": receiving_job_id}
        return self._pages("processing_job_status", ids, tenantCode=tenant_code)

    def dispatching_job_status(self, job_id: str) -> Payload:
        """Return jobId, tenantCode, status and totalJobsDispatched.

        Data and Job Handling API, GET /v1/op/jobs/dispatching-jobs/{jobId}.
        """
        return self._call("dispatching_job_status", ids={"job_id": job_id})

    def extraction_job_and_status(
        self,
        job_id: str,
        *,
        tenant_code: str | None = None,
        start: int | None = None,
        limit: int | None = None,
    ) -> Payload:
        """Return a dispatching job's extractionJobs[extractionJobId, tenantCode, status, ...].

        currentStage is there until the last stage is over.
        Data and Job Handling API, GET /v1/op/jobs/dispatching-jobs/{jobId}/extraction-jobs.
        """
        query = {"tenantCode": tenant_code, "start": start, "limit": limit}
        return self._call("extraction_job_and_status", ids={"job_id": job_id}, query=query)

    def iter_extraction_job_and_status(
        self, job_id: str, *, tenant_code: str | None = None
    ) -> Pages:
        """Page through ``extraction_job_and_status``."""
        ids = {"job_id": job_id}
        return self._pages("extraction_job_and_status", ids, tenantCode=tenant_code)

    def receiving_job_and_status(
        self,
        job_id: str,
        *,
        tenant_code: str | None = None,
        start: int | None = None,
        limit: int | None = None,
    ) -> Payload:
        """Return a dispatching job's receivingJobs[receivingJobId, tenantCode, status].

        Data and Job Handling API, GET /v1/op/jobs/dispatching-jobs/{jobId}/receiving-jobs.
        """
        query = {"tenantCode": tenant_code, "start": start, "limit": limit}
        return self._call("receiving_job_and_status", ids={"job_id": job_id}, query=query)

    def iter_receiving_job_and_status(
        self, job_id: str, *, tenant_code: str | None = None
    ) -> Pages:
        """Page through ``receiving_job_and_status``."""
        ids = {"job_id": job_id}
        return self._pages("receiving_job_and_status", ids, tenantCode=tenant_code)

    def processing_job_and_status(
        self,
        job_id: str,
        *,
        tenant_code: str | None = None,
        start: int | None = None,
        limit: int | None = None,
    ) -> Payload:
        """Return a dispatching job's processingJobs[jobId, tenantCode, dataVersion, status, ...].

        Data and Job Handling API, GET /v1/op/jobs/dispatching-jobs/{jobId}/processing-jobs.
        """
        query = {"tenantCode": tenant_code, "start": start, "limit": limit}
        return self._call("processing_job_and_status", ids={"job_id": job_id}, query=query)

    def iter_processing_job_and_status(
        self, job_id: str, *, tenant_code: str | None = None
    ) -> Pages:
        """Page through ``processing_job_and_status``."""
        ids = {"job_id": job_id}
        return self._pages("processing_job_and_status", ids, tenantCode=tenant_code)
