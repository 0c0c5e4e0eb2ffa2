"""One call of every operation, with arguments as small as they get."""

from collections.abc import Callable, Mapping

from services.visier import ENDPOINTS, Client
from tests.samples import samples

_JOB = "bf944bf1-3120-44cd-846d-64cd88b295d9"
_RECEIVING = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
_SECRET_BODY = {
    "dataProviderAuthParams": {"provider": "Jdbc", "jdbcAuthParams": {"password": "pw"}},
}

CALLS: Mapping[str, Callable[[Client], object]] = {
    "start_load": lambda client: client.start_load(["a.zip.gpg"]),
    "start_extraction": lambda client: client.start_extraction({"allTenants": True}),
    "adhoc_extraction_job": lambda client: client.adhoc_extraction_job({}),
    "adhoc_processing_jobs": lambda client: client.adhoc_processing_jobs({"allTenants": True}),
    "adhoc_consolidated_analytics_job": lambda client: client.adhoc_consolidated_analytics_job(
        {"tenantCode": "WFF_j1r~CAa7s"}
    ),
    "cancel_jobs": lambda client: client.cancel_jobs([_JOB]),
    "job_status": lambda client: client.job_status(),
    "job_id_status": lambda client: client.job_id_status(_RECEIVING),
    "receiving_job_status": lambda client: client.receiving_job_status(_JOB),
    "processing_job_status": lambda client: client.processing_job_status(_JOB),
    "dispatching_job_status": lambda client: client.dispatching_job_status(_JOB),
    "extraction_job_and_status": lambda client: client.extraction_job_and_status(_JOB),
    "receiving_job_and_status": lambda client: client.receiving_job_and_status(_JOB),
    "processing_job_and_status": lambda client: client.processing_job_and_status(_JOB),
    "latest_enabled_dv": lambda client: client.latest_enabled_dv(),
    "disable_dv": lambda client: client.disable_dv(
        [{"tenantCode": "WFF_j1r~c7o", "dataVersion": "5166161"}]
    ),
    "retrieve_data_uploads": lambda client: client.retrieve_data_uploads(),
    "exclude_data_uploads": lambda client: client.exclude_data_uploads(
        [{"tenantCode": "WFF_j1r~c7o", "excludeAll": True}]
    ),
    "include_data_uploads": lambda client: client.include_data_uploads(
        [{"tenantCode": "WFF_j1r~c7o", "includeAll": True}]
    ),
    "retrieve_tenant_source_files": lambda client: client.retrieve_tenant_source_files(),
    "download_source_file": lambda client: client.download_source_file(_JOB),
    "download_source_files": lambda client: client.download_source_files(sources=["Employee"]),
    "retrieve_receiving_job_extracted_files": lambda client: (
        client.retrieve_receiving_job_extracted_files(_RECEIVING)
    ),
    "retrieve_data_categories": lambda client: client.retrieve_data_categories(),
    "data_connectors": lambda client: client.data_connectors(tenant_code="WFF_j1r~c7o"),
    "data_connector_credentials": lambda client: client.data_connector_credentials(
        tenant_code="WFF_j1r~c7o"
    ),
    "create_connector_credential": lambda client: client.create_connector_credential(_SECRET_BODY),
    "update_connector_credential": lambda client: client.update_connector_credential(
        _JOB, _SECRET_BODY
    ),
    "delete_connector_credential": lambda client: client.delete_connector_credential(_JOB),
    "get_all_webhooks": lambda client: client.get_all_webhooks(),
    "get_webhooks_status": lambda client: client.get_webhooks_status(),
    "get_webhook": lambda client: client.get_webhook(_JOB),
    "create_webhook": lambda client: client.create_webhook(
        {"details": {}, "credentials": {"basicAuth": {"username": "visier", "password": "pw"}}}
    ),
    "update_webhook": lambda client: client.update_webhook(_JOB, {"details": {}}),
    "delete_webhook": lambda client: client.delete_webhook(_JOB),
    "update_webhook_credentials": lambda client: client.update_webhook_credentials(
        _JOB, {"accessToken": "a-token-of-webhooks"}
    ),
    "delete_webhook_credentials": lambda client: client.delete_webhook_credentials(_JOB),
    "send_test_event": lambda client: client.send_test_event(_JOB, "jobResultSuccess"),
    "assign_connector_credential": lambda client: client.assign_connector_credential(
        [{"connectorId": _JOB, "tenants": []}]
    ),
    "list_connector_settings": lambda client: client.list_connector_settings(),
    "set_connector_setting": lambda client: client.set_connector_setting(
        [{"connectorId": _JOB, "tenants": []}]
    ),
    "tenants": lambda client: client.tenants(),
    "validation_tenants": lambda client: client.validation_tenants(),
    "validation_tenant": lambda client: client.validation_tenant("WFF_j1r~c7o"),
    "security_token": lambda client: client.security_token("ann", "password-of-ann"),
    "oauth_token": lambda client: client.oauth_token("app", "secret-of-app", grant_type="password"),
}


def _sample_calls() -> Mapping[str, Callable[[Client], object]]:
    body = {name: sample.body for name, sample in samples().items()}
    dispatching = "40bfd838-ad5f-40d9-9000-65c75bcf5f8b"
    receiving = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
    return {
        "start_load": lambda client: client.start_load(body["start_load"]["files"]),
        "adhoc_processing_jobs": lambda client: client.adhoc_processing_jobs(
            body["adhoc_processing_jobs"]
        ),
        "adhoc_extraction_job": lambda client: client.adhoc_extraction_job({}),
        "receiving_job_status": lambda client: client.receiving_job_status(receiving),
        "processing_job_status": lambda client: client.processing_job_status(receiving),
        "latest_enabled_dv": lambda client: client.latest_enabled_dv(),
        "disable_dv": lambda client: client.disable_dv(
            body["disable_dv"]["dataVersionObjects"], latest_enabled=True
        ),
        "retrieve_data_uploads": lambda client: client.retrieve_data_uploads(),
        "include_data_uploads": lambda client: client.include_data_uploads(
            body["include_data_uploads"]["uploads"]
        ),
        "exclude_data_uploads": lambda client: client.exclude_data_uploads(
            body["exclude_data_uploads"]["uploads"]
        ),
        "cancel_jobs": lambda client: client.cancel_jobs(body["cancel_jobs"]["jobIds"]),
        "start_extraction": lambda client: client.start_extraction(body["start_extraction"]),
        "dispatching_job_status": lambda client: client.dispatching_job_status(dispatching),
        "extraction_job_and_status": lambda client: client.extraction_job_and_status(
            dispatching, limit=2, start=1
        ),
        "processing_job_and_status": lambda client: client.processing_job_and_status(
            dispatching, limit=2, start=1
        ),
        "receiving_job_and_status": lambda client: client.receiving_job_and_status(
            dispatching, limit=2, start=1
        ),
        "data_connectors": lambda client: client.data_connectors(tenant_code="WFF_j1r~c7o"),
        "data_connector_credentials": lambda client: client.data_connector_credentials(
            tenant_code="WFF_j1r~c7o"
        ),
        "create_connector_credential": lambda client: client.create_connector_credential(
            body["create_connector_credential"], tenant_code="WFF_j1r~e1a"
        ),
        "delete_connector_credential": lambda client: client.delete_connector_credential(
            "bff2adb6-f772-49a5-ba64-b31dcc51ee61", tenant_code="WFF_j1r~e1a"
        ),
        "assign_connector_credential": lambda client: client.assign_connector_credential(
            body["assign_connector_credential"]["connectors"]
        ),
    }


SAMPLE_CALLS = _sample_calls()

WRITES = sorted(name for name in CALLS if ENDPOINTS[name].writes)
READS = sorted(name for name in CALLS if ENDPOINTS[name].repeat.name == "ALWAYS")
FILES = sorted(name for name in CALLS if ENDPOINTS[name].expects.name == "FILE")
JSON_READS = [name for name in READS if name not in FILES]
SIGN_INS = sorted(name for name in CALLS if ENDPOINTS[name].signs_in)


def success(name: str) -> bytes:
    """Give the body of an answer that is good for an operation."""
    if name in FILES:
        return b"PK\x05\x06"
    return b"token" if name == "security_token" else b'{"a": 1}'
