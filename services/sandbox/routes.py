"""The table of operations: of Data and Job Handling, of Webhooks, and seven of other APIs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from services.sandbox.responses import (
    connectors,
    credentials,
    downloads,
    jobs,
    signing_in,
    starting,
    tenants,
    uploads,
    versions,
    webhooks,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.sandbox.call import Call


class Reads(Enum):
    """The kind of request body of an operation."""

    NOTHING = auto()
    MODEL = auto()
    FORM = auto()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; an `open` one needs neither API key nor token."""

    name: str
    method: str
    path: str
    answer: Callable[[Call], object]
    reads: Reads = Reads.NOTHING
    open: bool = False


def _get(path: str, answer: Callable[[Call], object]) -> Operation:
    return Operation(answer.__name__, "GET", path, answer)


def _write(method: str, path: str, answer: Callable[[Call], object]) -> Operation:
    return Operation(answer.__name__, method, path, answer, Reads.MODEL)


def _delete(path: str, answer: Callable[[Call], object]) -> Operation:
    return Operation(answer.__name__, "DELETE", path, answer)


def _sign_in(path: str, answer: Callable[[Call], object]) -> Operation:
    return Operation(answer.__name__, "POST", path, answer, Reads.FORM, open=True)


DISPATCHING = "/v1/op/jobs/dispatching-jobs/{jobId}"
CONNECTORS = "/v1/op/data-connectors"
WEBHOOKS = "/v1/op/webhooks"
WEBHOOK = f"{WEBHOOKS}/{{webhookId}}"
CREDENTIALS = "/v1/op/data-connector-credentials"

OPERATIONS = (
    _sign_in("/v1/admin/visierSecureToken", signing_in.security_token),
    _sign_in("/v1/auth/oauth2/token", signing_in.oauth_token),
    _get("/v2/admin/tenants", tenants.tenants),
    _get("/v1/op/validation/tenants", tenants.validation_tenants),
    _get("/v1/op/validation/tenants/{tenantId}", tenants.validation_tenant),
    _write("POST", "/v1/op/data/startload", starting.start_load),
    _write("POST", "/v1/op/data/startExtractAndLoad", starting.start_extraction),
    _write("POST", "/v1alpha/op/jobs/extraction-jobs", starting.adhoc_extraction_job),
    _write("POST", "/v1alpha/op/jobs/processing-jobs", starting.adhoc_processing_jobs),
    _write(
        "POST",
        "/v1alpha/op/jobs/consolidated-analytics-jobs",
        starting.adhoc_consolidated_analytics_job,
    ),
    _write("POST", "/v1/op/jobs/cancel", jobs.cancel_jobs),
    _get("/v1/op/job-status/jobs", jobs.job_status),
    _get("/v1/op/job-status/jobs/{jobId}", jobs.job_id_status),
    _get("/v1/op/jobs/receiving-jobs/{receivingJobId}", jobs.receiving_job_status),
    _get("/v1/op/jobs/processing-jobs/{receivingJobId}", jobs.processing_job_status),
    _get(DISPATCHING, jobs.dispatching_job_status),
    _get(f"{DISPATCHING}/extraction-jobs", jobs.extraction_job_and_status),
    _get(f"{DISPATCHING}/receiving-jobs", jobs.receiving_job_and_status),
    _get(f"{DISPATCHING}/processing-jobs", jobs.processing_job_and_status),
    _get("/v1/op/data-versions", versions.latest_enabled_dv),
    _write("PUT", "/v1/op/data-versions/disable", versions.disable_dv),
    _get("/v1/op/data/uploads", uploads.retrieve_data_uploads),
    _write("PUT", "/v1/op/data/uploads/exclude", uploads.exclude_data_uploads),
    _write("PUT", "/v1/op/data/uploads/include", uploads.include_data_uploads),
    _get("/v1alpha/op/data/uploaded-files", uploads.retrieve_tenant_source_files),
    _get(
        "/v1alpha/op/data/receiving-jobs/{jobId}/files",
        uploads.retrieve_receiving_job_extracted_files,
    ),
    _get("/v1alpha/op/data/source-files/{identifier}", downloads.download_source_file),
    _write("GET", "/v1alpha/op/data/source-files", downloads.download_source_files),
    _get("/v1/op/data/categories", versions.retrieve_data_categories),
    _get(CONNECTORS, connectors.data_connectors),
    _get(CREDENTIALS, credentials.data_connector_credentials),
    _write("POST", CREDENTIALS, credentials.create_connector_credential),
    _write("PUT", f"{CREDENTIALS}/{{id}}", credentials.update_connector_credential),
    _delete(f"{CREDENTIALS}/{{id}}", credentials.delete_connector_credential),
    _write("POST", f"{CONNECTORS}/assignCredentials", connectors.assign_connector_credential),
    _get(f"{CONNECTORS}/connector-settings", connectors.list_connector_settings),
    _write("PUT", f"{CONNECTORS}/connector-settings", connectors.set_connector_setting),
    _get(WEBHOOKS, webhooks.get_all_webhooks),
    _write("POST", WEBHOOKS, webhooks.create_webhook),
    _get(f"{WEBHOOKS}-status", webhooks.get_webhooks_status),
    _get(WEBHOOK, webhooks.get_webhook),
    _write("PUT", WEBHOOK, webhooks.update_webhook),
    _delete(WEBHOOK, webhooks.delete_webhook),
    _write("PUT", f"{WEBHOOK}/credentials", webhooks.update_webhook_credentials),
    _delete(f"{WEBHOOK}/credentials", webhooks.delete_webhook_credentials),
    _write("POST", f"{WEBHOOK}/testEvent", webhooks.send_test_event),
)
