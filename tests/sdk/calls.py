"""One call of the official SDK per operation, as a person would make it on the samples' data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests import official_sdk as v

if TYPE_CHECKING:
    from collections.abc import Callable

I1O, C7O, E1A, CONSOLIDATED = (f"WFF_j1r~{code}" for code in ("i1o", "c7o", "e1a", "CAa7s"))
DISPATCH = "40bfd838-ad5f-40d9-9000-65c75bcf5f8b"
BATCH = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
PENDING = "574beb98-d2bb-4038-b568-a97e13d0e032"
CONNECTOR = "cc8a7ddd-80c7-4645-8369-acbeea8cdfe5"
CREDENTIAL = "5781eec0-7f1d-4d3b-b9bd-8c08ff632cfb"
UPLOAD_TIME = "2019-10-12T20:35:21.420Z"

LOAD = {"model": {"files": ["WFF_j1r_hcm_files_20181030102030.zip.gpg"], "skipDataLoad": False}}
EXTRACTION = {"tenants": [C7O, E1A], "overrideLastExtractionTimestamp": "1639382400000"}
PROCESSING = {"allTenants": True, "excludedTenants": [C7O]}
CONSOLIDATION = {"tenantCode": CONSOLIDATED}
CANCELLATION = {"jobIds": [PENDING, BATCH, "unknown"]}
DISABLING = {"model": {"dataVersionObjects": [{"tenantCode": C7O}, {"tenantCode": E1A}]}}
EXCLUSION = {
    "uploads": [
        {"tenantCode": I1O, "uploadTimes": [UPLOAD_TIME]},
        {"tenantCode": C7O, "fileNameRegex": "[0-9]+"},
    ]
}
INCLUSION = {"uploads": [{"tenantCode": I1O, "includeAll": True}]}
CREATION = {
    "dataProviderAuthParams": {
        "provider": "UKG",
        "ultimateAuthParams": {"username": "user", "password": "secret"},
    },
    "dataProviderBasicInformation": {"displayName": "Name"},
    "dataProviderMetadata": {"sqlTableInheritanceMode": "SQL_TABLE_INHERITANCE_MODE_FILTERED_DATA"},
}
UPDATE = {
    "displayName": "New name",
    "sqlTableInheritanceMode": "SQL_TABLE_INHERITANCE_MODE_DESIGN_ONLY",
}
ASSIGNMENT = {
    "connectors": [
        {
            "connectorId": CONNECTOR,
            "tenants": [
                {"tenantCode": E1A, "credentialId": CREDENTIAL},
                {"tenantCode": C7O, "credentialId": "unknown"},
            ],
        }
    ]
}
SETTINGS = {
    "connectors": [
        {
            "connectorId": CONNECTOR,
            "tenants": [
                {
                    "tenantCode": E1A,
                    "connectorSettings": [{"settingKey": "timeZone", "value": "Europe/Oslo"}],
                }
            ],
        }
    ]
}

EVERY: dict[str, Callable[[Any], Any]] = {
    "start_load": lambda sdk: sdk.start_load(v.DataLoadRequest.from_dict(LOAD)),
    "start_extraction": lambda sdk: sdk.start_extraction(
        v.ExtractDataAndLoadDTO.from_dict(EXTRACTION)
    ),
    "adhoc_extraction_job": lambda sdk: sdk.adhoc_extraction_job(
        v.ExtractDataAndLoadDTO.from_dict(EXTRACTION)
    ),
    "adhoc_processing_jobs": lambda sdk: sdk.adhoc_processing_jobs(
        v.ProcessingJobRequestDTO.from_dict(PROCESSING)
    ),
    "adhoc_consolidated_analytics_job": lambda sdk: sdk.adhoc_consolidated_analytics_job(
        v.ConsolidatedAnalyticsJobRequestDTO.from_dict(CONSOLIDATION)
    ),
    "cancel_jobs": lambda sdk: sdk.cancel_jobs(
        v.CancelJobBatchFromJobIdDTO.from_dict(CANCELLATION)
    ),
    "job_status": lambda sdk: sdk.job_status(status="Running"),
    "job_id_status": lambda sdk: sdk.job_id_status(DISPATCH),
    "receiving_job_status": lambda sdk: sdk.receiving_job_status(BATCH, jobs=True, limit=3),
    "processing_job_status": lambda sdk: sdk.processing_job_status(BATCH, limit=3),
    "dispatching_job_status": lambda sdk: sdk.dispatching_job_status(DISPATCH),
    "extraction_job_and_status": lambda sdk: sdk.extraction_job_and_status(
        DISPATCH, limit=2, start=1
    ),
    "receiving_job_and_status": lambda sdk: sdk.receiving_job_and_status(DISPATCH),
    "processing_job_and_status": lambda sdk: sdk.processing_job_and_status(
        DISPATCH, tenant_code=C7O
    ),
    "latest_enabled_dv": lambda sdk: sdk.latest_enabled_dv(limit=2, number_of_versions=5),
    "disable_dv": lambda sdk: sdk.disable_dv(v.DisableDVRequest.from_dict(DISABLING)),
    "retrieve_data_uploads": lambda sdk: sdk.retrieve_data_uploads(
        limit=2, number_of_data_uploads=5
    ),
    "exclude_data_uploads": lambda sdk: sdk.exclude_data_uplaods(
        v.ExcludeDataUploadsRequest.from_dict(EXCLUSION)
    ),
    "include_data_uploads": lambda sdk: sdk.include_data_uploads(
        v.IncludeDataUploadsRequest.from_dict(INCLUSION)
    ),
    "retrieve_tenant_source_files": lambda sdk: sdk.retrieve_tenant_source_files(
        file_name_regex=r"^Employee_[0-9]+\.csv$", target_tenant_id=I1O
    ),
    "retrieve_receiving_job_extracted_files": (
        lambda sdk: sdk.retrieve_receiving_job_extracted_files(BATCH, limit=5)
    ),
    "retrieve_data_categories": lambda sdk: sdk.retrieve_data_categories(),
    "data_connectors": lambda sdk: sdk.data_connectors(tenant_code=C7O),
    "data_connector_credentials": lambda sdk: sdk.data_connector_credentials(tenant_code=C7O),
    "create_connector_credential": lambda sdk: sdk.create_connector_credential(
        v.DataProviderAuthInformationDTO.from_dict(CREATION), tenant_code=E1A
    ),
    "update_connector_credential": lambda sdk: sdk.update_connector_credential(
        CREDENTIAL, v.UpdateConnectorCredentialDTO.from_dict(UPDATE), tenant_code=E1A
    ),
    "delete_connector_credential": lambda sdk: sdk.delete_connector_credential(
        CREDENTIAL, tenant_code=E1A
    ),
    "assign_connector_credential": lambda sdk: sdk.assign_connector_credential(
        v.AssignConnectorCredentialRequest.from_dict(ASSIGNMENT)
    ),
    "list_connector_settings": lambda sdk: sdk.list_connector_settings(target_tenant_id=C7O),
    "set_connector_setting": lambda sdk: sdk.set_connector_setting(
        v.SetConnectorSettingsRequestDTO.from_dict(SETTINGS)
    ),
}
