"""Where the SDK and the code samples differ: what it makes of that, and what it needs."""

from typing import Any

import pydantic
import pytest

from tests import official_sdk as v
from tests.sandboxes import Sandbox
from tests.sdk.calls import EVERY, I1O


def test_the_sdk_loses_the_tenant_of_a_data_version_unless_it_is_called_tenantcode(
    sdk: Any, sandbox: Sandbox
) -> None:
    assert [t.tenant_code for t in EVERY["latest_enabled_dv"](sdk).tenants] == [None, None]
    sandbox.control.fault("latest_enabled_dv", "tenant_code_key")
    assert EVERY["latest_enabled_dv"](sdk).tenants[0].tenant_code == I1O


def test_the_sdk_loses_the_id_of_a_started_extraction_unless_it_is_called_capital_jobid(
    sdk: Any, sandbox: Sandbox
) -> None:
    assert EVERY["start_extraction"](sdk).job_id is None
    sandbox.control.fault("start_extraction", "capital_job_id")
    job_id = EVERY["start_extraction"](sdk).job_id
    assert sdk.job_id_status(job_id)[0].job_type == "DISPATCHING_JOB"


def test_the_sdk_refuses_to_filter_uploads_by_a_tenant_code_since_it_wants_an_integer(
    sdk: Any, sandbox: Sandbox
) -> None:
    with pytest.raises(pydantic.ValidationError):
        sdk.retrieve_data_uploads(tenant_code=I1O)
    assert sandbox.control.requests("retrieve_data_uploads") == []


def test_the_sdk_reads_the_files_of_all_tenants_as_one_object_only(
    sdk: Any, sandbox: Sandbox
) -> None:
    found = sdk.retrieve_tenant_source_files()
    assert (found.tenant_code, len(found.source_files)) == ("WFF_j1r", 500)
    sandbox.control.fault("retrieve_tenant_source_files", "files_as_list")
    with pytest.raises(pydantic.ValidationError):
        sdk.retrieve_tenant_source_files()


def test_the_sdk_asks_for_several_files_without_saying_which(sdk: Any, sandbox: Sandbox) -> None:
    downloads = v.SourceFilesDownloadApi(sdk.api_client)
    asked = v.DownloadSourceFilesDTO.from_dict({"downloadAll": True})
    answer = downloads.download_source_files_without_preload_content(asked, I1O)
    assert answer.status == 400
    assert sandbox.control.requests("download_source_files")[0]["body"] is None


def test_the_sdk_reads_an_empty_text_as_no_versions(sdk: Any, sandbox: Sandbox) -> None:
    sandbox.control.fault("latest_enabled_dv", "empty_text")
    answer = EVERY["latest_enabled_dv"](sdk)
    assert answer.tenants[1].data_versions == []


def test_the_sdk_drops_a_partial_answer(sdk: Any, sandbox: Sandbox) -> None:
    sandbox.control.fault("latest_enabled_dv", "206", when="after")
    assert EVERY["latest_enabled_dv"](sdk) is None


def test_the_sdk_throws_on_an_assignment_status_it_does_not_know(
    sdk: Any, sandbox: Sandbox
) -> None:
    sandbox.control.fault("assign_connector_credential", "unknown_status")
    with pytest.raises(pydantic.ValidationError):
        EVERY["assign_connector_credential"](sdk)
