"""The official SDK, which shares no code with the sandbox, drives all of its operations."""

import inspect
import io
import zipfile
from collections.abc import Callable
from typing import Any, get_args

import pytest

from tests import official_sdk as v
from tests.sandboxes import Sandbox
from tests.sdk.calls import (
    BATCH,
    C7O,
    CONNECTOR,
    CREDENTIAL,
    DISPATCH,
    E1A,
    EVERY,
    I1O,
    PENDING,
    UPLOAD_TIME,
)

SPELLING = {"exclude_data_uploads": "exclude_data_uplaods"}
"""The SDK spells one operation its own way."""


def methods() -> set[str]:
    """Give the operations the SDK has."""
    return {
        name
        for name, _ in inspect.getmembers(v.DataAndJobHandlingApi, inspect.isfunction)
        if not name.startswith("_")
        and not name.endswith(("_with_http_info", "_without_preload_content"))
    }


def test_no_operation_of_the_sdk_is_left_out() -> None:
    assert {SPELLING.get(name, name) for name in EVERY} == methods()
    assert len(EVERY) == 30


@pytest.mark.parametrize(("name", "call"), EVERY.items(), ids=EVERY)
def test_each_operation_gives_a_typed_answer(
    sdk: Any, sandbox: Sandbox, name: str, call: Callable[[Any], Any]
) -> None:
    answer = call(sdk)
    declared = inspect.signature(getattr(sdk, SPELLING.get(name, name))).return_annotation
    if get_args(declared):
        assert [type(item) for item in answer] == list(get_args(declared))
    else:
        assert type(answer) is declared
    seen = sandbox.control.requests(name)
    assert [request["status"] for request in seen] == [200]


def test_starts_give_the_id_of_a_job_that_is_there(sdk: Any) -> None:
    for name in (
        "start_load",
        "adhoc_extraction_job",
        "adhoc_processing_jobs",
        "adhoc_consolidated_analytics_job",
    ):
        job_id = EVERY[name](sdk).job_id
        assert sdk.job_id_status(job_id)[0].status == "Pending"


def test_a_tree_can_be_watched_to_its_end(sdk: Any, sandbox: Sandbox) -> None:
    wanted = v.ExtractDataAndLoadDTO(tenants=[C7O], runProcessingJob=True)
    job_id = sdk.adhoc_extraction_job(wanted).job_id
    sandbox.control.advance(3_000)
    assert sdk.dispatching_job_status(job_id).total_jobs_dispatched == 1
    extracted = sdk.extraction_job_and_status(job_id).extraction_jobs
    received = sdk.receiving_job_and_status(job_id).receiving_jobs
    processed = sdk.processing_job_and_status(job_id).processing_jobs
    ends = [job.status for jobs in (extracted, received, processed) for job in jobs]
    assert ends == ["Succeeded"] * 3
    assert processed[0].data_version


def test_jobs_are_read_with_their_fields(sdk: Any) -> None:
    running = EVERY["job_status"](sdk)
    assert {job.status for job in running.job_status} == {"Running"}
    assert all(job.tenant and job.job_type and job.start_time for job in running.job_status)
    receiving = EVERY["receiving_job_status"](sdk)
    assert (receiving.job_id, receiving.status) == (BATCH, "Succeeded")
    assert len(receiving.receiving_jobs) == 3
    processing = EVERY["processing_job_status"](sdk)
    assert (processing.parent_tenant_code, processing.limit) == ("WFF_j1r", 3)
    dispatching = EVERY["dispatching_job_status"](sdk)
    assert (dispatching.job_id, dispatching.total_jobs_dispatched) == (DISPATCH, 5)
    stuck = EVERY["extraction_job_and_status"](sdk).extraction_jobs[1]
    assert (stuck.tenant_code, stuck.current_stage) == (E1A, "Process Records")


def test_jobs_are_cancelled_each_in_its_way(sdk: Any) -> None:
    done, ended, unknown = EVERY["cancel_jobs"](sdk).job_cancellation_results
    assert (done.job_id, done.cancel_status) == (PENDING, "CANCEL_SUCCEEDED")
    assert (ended.job_type, ended.cancel_status, ended.job_status) == (
        "UPLOAD_JOB",
        None,
        "Succeeded",
    )
    assert (unknown.job_type, unknown.job_status) == ("UNRECOGNIZED", None)


def test_versions_are_read_and_disabled(sdk: Any) -> None:
    first, second = EVERY["latest_enabled_dv"](sdk).tenants
    assert [version.data_version for version in first.data_versions] == ["123415", "121415"]
    assert second.data_versions == []
    answer = EVERY["disable_dv"](sdk)
    assert (answer.total_failures, answer.total_success) == (1, 1)
    assert [result.status for result in answer.results] == ["Failed", "Succeeded"]


def included(sdk: Any) -> list[bool]:
    """Return which uploads of the first tenant are included, the oldest first."""
    uploads = EVERY["retrieve_data_uploads"](sdk).tenants[0].uploads
    return [upload.included for upload in uploads]


def test_uploads_are_read_and_their_flags_changed(sdk: Any) -> None:
    assert included(sdk) == [False, True, True, True, True]
    answer = EVERY["exclude_data_uploads"](sdk)
    assert [(r.tenant_code, r.upload_time) for r in answer.uploads] == [
        (I1O, UPLOAD_TIME),
        (C7O, UPLOAD_TIME),
    ]
    assert EVERY["include_data_uploads"](sdk).total_success == 5
    ranged = {"minUploadTime": "2019-10-09T20:35:21.420Z", "maxUploadTime": UPLOAD_TIME}
    entry = {"uploads": [{"tenantCode": I1O, **ranged}]}
    every = [f"2019-10-{day:02}T20:35:21.420Z" for day in range(9, 13)]
    answer = sdk.exclude_data_uplaods(v.ExcludeDataUploadsRequest.from_dict(entry))
    assert [r.upload_time for r in answer.uploads] == every
    assert included(sdk) == [True, *[False] * 4]
    answer = sdk.include_data_uploads(v.IncludeDataUploadsRequest.from_dict(entry))
    assert [r.upload_time for r in answer.uploads] == every
    assert included(sdk) == [True] * 5


def test_a_file_is_downloaded(sdk: Any, sandbox: Sandbox) -> None:
    (file,) = sdk.retrieve_tenant_source_files(target_tenant_id=I1O, limit=1).source_files
    downloads = v.SourceFilesDownloadApi(sdk.api_client)
    answer = downloads.download_source_file_without_preload_content(file.identifier, I1O)
    (name,) = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert name.endswith(file.filename)
    (request,) = sandbox.control.requests("download_source_file")
    assert request["status"] == 200


def test_files_are_read(sdk: Any) -> None:
    files = EVERY["retrieve_tenant_source_files"](sdk)
    assert files.tenant_code == I1O
    assert [file.source_object_name for file in files.source_files] == ["Employee"] * 5
    extracted = EVERY["retrieve_receiving_job_extracted_files"](sdk)
    assert extracted.receiving_job_id == BATCH
    assert sum(len(tenant.extracted_files) for tenant in extracted.tenants) == 5


def test_connectors_and_credentials_are_read_and_changed(sdk: Any, sandbox: Sandbox) -> None:
    assert EVERY["data_connectors"](sdk).data_connectors[0].display_name == "Redshift Jupiter"
    inherited = EVERY["data_connector_credentials"](sdk).connector_credentials[-2]
    assert (inherited.data_provider, inherited.is_inherited) == ("BasicS3", True)
    assert EVERY["create_connector_credential"](sdk).symbol_name == "Extractor_Credential_Design_0"
    assert EVERY["update_connector_credential"](sdk).display_name == "New name"
    changed = sandbox.inside.world.connections.credential(E1A, CREDENTIAL)
    assert changed is not None
    assert changed.table_mode == "SQL_TABLE_INHERITANCE_MODE_DESIGN_ONLY"
    results = EVERY["assign_connector_credential"](sdk).tenants
    assert [(result.tenant_code, result.status) for result in results] == [
        (E1A, "Succeed"),
        (C7O, "Failed"),
    ]
    assert EVERY["delete_connector_credential"](sdk) == "OK"
    shown = {c.connector_id: c.credential_id for c in sdk.data_connectors(E1A).data_connectors}
    assert (shown[CONNECTOR], CREDENTIAL in shown.values()) == ("", False)


def test_settings_are_read_and_changed(sdk: Any) -> None:
    connector = EVERY["list_connector_settings"](sdk).connectors[0]
    assert "timeZone" in [setting.setting_key for setting in connector.connector_settings]
    changed = EVERY["set_connector_setting"](sdk).tenants[0]
    assert (changed.status, changed.connectors[0].settings[0].value) == ("Succeed", "Europe/Oslo")


def test_tenants_and_metric_values_are_read(sdk: Any) -> None:
    tenants = v.TenantsV2Api(sdk.api_client).list_tenants(limit=3)
    assert [tenant.tenant_code for tenant in tenants.tenants] == [I1O, C7O, E1A]
    values = v.TenantsV1Api(sdk.api_client).validate_tenant(E1A)
    assert values.data_version == "5166161"
    assert [metric.symbol_name for metric in values.metrics] == [
        "employeeCount",
        "employeeExitCount",
    ]


def test_webhooks_are_managed(sdk: Any, sandbox: Sandbox) -> None:
    webhooks = v.WebhooksApi(sdk.api_client)
    details = {
        "targetUrl": "https://loads.example.com/hook",
        "isActive": False,
        "events": [{"eventType": "jobResultSuccess"}],
        "keyName": "sandbox-webhooks",
        "displayName": "Loads",
    }
    created = webhooks.create_webhook(v.WebhookRequestDTO.from_dict({"details": details}))
    webhook_id = created.webhook_id
    active = v.WebhookDTO.from_dict({"details": {**details, "isActive": True}})
    assert webhooks.update_webhook(webhook_id, active).details.is_active
    (status,) = webhooks.get_webhooks_status().webhooks
    assert (status.webhook_id, status.details.is_active) == (webhook_id, True)
    token = v.WebhookCredentialsDTO.from_dict({"accessToken": "a-token"})
    assert webhooks.update_webhook_credentials(webhook_id, token).credential_reference
    assert webhooks.delete_webhook_credentials(webhook_id).credential_reference == ""
    assert webhooks.get_webhook(webhook_id).details.display_name == "Loads"
    test = v.WebhookEventTypeDTO.from_dict({"eventType": "jobResultSuccess"})
    assert webhooks.send_test_event(webhook_id, test).event_id
    (listed,) = webhooks.get_all_webhooks().webhooks
    assert listed.details.key_name == "sandbox-webhooks"
    assert webhooks.delete_webhook(webhook_id).webhook_id == webhook_id
    asked = [each["operation"] for each in sandbox.control.requests()]
    assert {each for each in asked if "webhook" in each} == {
        *("create_webhook", "update_webhook", "get_webhooks_status", "get_webhook"),
        *("update_webhook_credentials", "delete_webhook_credentials", "get_all_webhooks"),
        "delete_webhook",
    }
