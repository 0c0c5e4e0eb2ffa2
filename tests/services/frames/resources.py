"""Every way into the package, for the tests that hold for all of them alike."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from services.frames import (
    categories,
    connector_settings,
    connectors,
    credentials,
    data_versions,
    jobs,
    metric_values,
    results,
    tenants,
    uploaded_files,
    uploads,
    webhooks,
)


class Resource(NamedTuple):
    """A function of pages, the field that lists its items, and the dtypes it promises."""

    read: Callable[[list[object]], pd.DataFrame]
    listing: str
    dtypes: dict[str, str]


_JOB = {
    "job_id": "str",
    "tenant_code": "str",
    "job_type": "category",
    "job_type_word": "str",
    "status": "category",
    "status_word": "str",
    "start_time": "datetime64[ms, UTC]",
    "parent_job_id": "str",
    "parent_job_type": "category",
    "parent_tenant_code": "str",
    "stage": "str",
    "data_version": "str",
    "message": "str",
    "total_jobs_dispatched": "Int64",
    "job_key": "str",
}
_ASKED = "40bfd838-ad5f-40d9-9000-65c75bcf5f8b"
_ENDED = {"outcome": "category", "status_word": "str", "message": "str"}
_TIME = {"upload_time": "datetime64[ms, UTC]", "upload_time_text": "str"}

RESOURCES = {
    "tenants": Resource(
        tenants.to_frame,
        "tenants",
        {
            "tenant_code": "str",
            "display_name": "str",
            "status": "category",
            "status_word": "str",
            "current_data_version": "str",
            "data_version_date": "datetime64[ms, UTC]",
            "can_administer_other_tenants": "boolean",
        },
    ),
    "data_versions": Resource(
        data_versions.to_frame,
        "tenants",
        {"tenant_code": "str", "data_version": "str", "data_version_date": "datetime64[ms, UTC]"},
    ),
    "latest": Resource(
        lambda pages: data_versions.latest(data_versions.to_frame(pages)),
        "tenants",
        {
            "tenant_code": "str",
            "data_version": "str",
            "data_version_date": "datetime64[ms, UTC]",
            "enabled_versions": "int64",
            "data_versions": "str",
        },
    ),
    "metric_values": Resource(
        metric_values.to_frame,
        "tenants",
        {
            "tenant_code": "str",
            "data_version": "str",
            "data_version_date": "datetime64[ms, UTC]",
            "symbol_name": "str",
            "display_name": "str",
            "value": "Float64",
        },
    ),
    "uploads": Resource(
        uploads.to_frame, "tenants", {"tenant_code": "str", **_TIME, "included": "boolean"}
    ),
    "uploaded_files": Resource(
        uploaded_files.to_frame,
        "sourceFiles",
        {
            "tenant_code": "str",
            **_TIME,
            "filename": "str",
            "identifier": "str",
            "source_id": "str",
            "source_object_name": "str",
            "included": "boolean",
        },
    ),
    "connectors": Resource(
        connectors.to_frame,
        "dataConnectors",
        dict.fromkeys(("tenant_code", "connector_id", "display_name", "credential_id"), "str"),
    ),
    "credentials": Resource(
        credentials.to_frame,
        "connectorCredentials",
        {
            "tenant_code": "str",
            "credential_id": "str",
            "display_name": "str",
            "data_provider": "str",
            "is_inherited": "boolean",
            "auth_context": "str",
        },
    ),
    "webhooks": Resource(
        webhooks.to_frame,
        "webhooks",
        {
            "tenant_code": "str",
            "webhook_id": "str",
            "credential_reference": "str",
            "display_name": "str",
            "target_url": "str",
            "is_active": "boolean",
            "key_name": "str",
            "events": "str",
        },
    ),
    "connector_settings": Resource(
        connector_settings.to_frame,
        "connectors",
        dict.fromkeys(
            ("tenant_code", "connector_id", "display_name", "setting_key", "value"), "str"
        ),
    ),
    "categories": Resource(
        categories.to_frame, "categories", dict.fromkeys(("name", "id", "object_name"), "str")
    ),
    "job_status": Resource(lambda pages: jobs.from_job_status(pages[0]), "jobStatus", _JOB),
    "job_id_status": Resource(
        lambda pages: jobs.from_job_id_status(pages[0], _ASKED), "jobStatus", _JOB
    ),
    "dispatching_job": Resource(
        lambda pages: jobs.from_dispatching_job(pages[0], _ASKED), "jobId", _JOB
    ),
    "extraction_jobs": Resource(
        lambda pages: jobs.from_extraction_jobs(pages, _ASKED), "extractionJobs", _JOB
    ),
    "receiving_jobs": Resource(
        lambda pages: jobs.from_receiving_jobs(pages, _ASKED), "receivingJobs", _JOB
    ),
    "processing_jobs": Resource(
        lambda pages: jobs.from_processing_jobs(pages, _ASKED), "processingJobs", _JOB
    ),
    "receiving_job": Resource(jobs.from_receiving_job, "receivingJobs", _JOB),
    "disable_dv": Resource(
        results.from_disable_dv,
        "results",
        {"tenant_code": "str", "data_version": "str", "job_id": "str", **_ENDED},
    ),
    "data_uploads": Resource(
        results.from_data_uploads, "uploads", {"tenant_code": "str", **_TIME, **_ENDED}
    ),
    "cancel_jobs": Resource(
        results.from_cancel_jobs,
        "jobCancellationResults",
        {
            "tenant_code": "str",
            "job_id": "str",
            "job_type": "category",
            "job_type_word": "str",
            "parent_job_id": "str",
            "job_status": "category",
            "job_status_word": "str",
            **_ENDED,
        },
    ),
    "assign_connector_credential": Resource(
        results.from_assign_connector_credential,
        "tenants",
        {
            "tenant_code": "str",
            "connector_id": "str",
            "connector_name": "str",
            "credential_id": "str",
            "credential_name": "str",
            **_ENDED,
            "own_message": "str",
        },
    ),
    "set_connector_setting": Resource(
        results.from_set_connector_setting,
        "tenants",
        {
            "tenant_code": "str",
            "connector_id": "str",
            "connector_name": "str",
            "setting_key": "str",
            "value": "str",
            **_ENDED,
            "own_message": "str",
        },
    ),
    "create_connector_credential": Resource(
        lambda pages: results.from_create_connector_credential(pages[0]),
        "uuid",
        {
            "tenant_code": "str",
            "credential_id": "str",
            "symbol_name": "str",
            "object_name": "str",
            **_ENDED,
        },
    ),
    "missing_properties": Resource(
        lambda pages: results.missing_properties(pages[0]),
        "missingConnectionProperties",
        dict.fromkeys(("subject", "attributes", "error_message"), "str"),
    ),
}


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    """Return the frame's dtypes by column."""
    return {str(column): str(dtype) for column, dtype in frame.dtypes.items()}
