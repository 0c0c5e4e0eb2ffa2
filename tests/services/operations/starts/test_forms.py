"""The forms of what can be started, against what Visier documents and what its SDK takes."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from pydantic import ValidationError

from services.operations.starts.forms import (
    FORMS,
    LARGEST_NUMBER,
    ConsolidationForm,
    ExtractionForm,
    LoadForm,
    ProcessingForm,
    ScopedForm,
    StartForm,
)
from services.visier import BodyEncoding
from services.visier.protocol import build
from tests import official_sdk as v
from tests.services.operations.starts.whole_forms import (
    C7O,
    CONSOLIDATED,
    EVERY,
    FILE,
    GO_WITHOUT,
    MIDNIGHT_IN_VANCOUVER,
    whole_form,
)

MODELS = {
    "start_load": "DataLoadRequest",
    "start_extraction": "ExtractDataAndLoadDTO",
    "adhoc_extraction_job": "ExtractDataAndLoadDTO",
    "adhoc_processing_jobs": "ProcessingJobRequestDTO",
    "adhoc_consolidated_analytics_job": "ConsolidatedAnalyticsJobRequestDTO",
}
DOCUMENTED: Final = tomllib.loads(Path(__file__).with_name("requests.toml").read_text())
LEAST: Final[Mapping[type[StartForm], StartForm]] = {
    LoadForm: LoadForm(files=[FILE]),
    ExtractionForm: ExtractionForm(),
    ProcessingForm: ProcessingForm(),
    ConsolidationForm: ConsolidationForm(tenant_code=CONSOLIDATED),
}
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
every_operation = pytest.mark.parametrize(
    ("form", "operation"), EVERY, ids=[operation for _, operation in EVERY]
)


def schema(form: type[StartForm]) -> dict[str, Any]:
    return form.model_json_schema(mode="serialization")


def kind(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of a field that is set."""
    given: Mapping[str, Any] = field.get("anyOf", [field])[0]
    return given


@every_form
def test_a_form_has_every_documented_field_of_its_type_and_words(form: type[StartForm]) -> None:
    documented = DOCUMENTED[form.operation]["fields"]
    fields = schema(form)["properties"]
    assert fields.keys() == documented.keys()
    for name, told in documented.items():
        field = kind(fields[name])
        assert field["type"] == told.get("sample", told["type"]), name
        assert field.get("items", {}).get("type") == told.get("items"), name
        words = told.get("words") or told.get("described") or []
        assert {*field.get("enum", [])} == {*words}, name
        if told["type"] == "integer":
            assert (field["minimum"], field["maximum"]) == (1, LARGEST_NUMBER), name


@every_form
def test_a_form_requires_only_what_its_request_says_nothing_without(
    form: type[StartForm],
) -> None:
    required = {field.alias for field in form.model_fields.values() if field.is_required()}
    assert required == {*DOCUMENTED[form.operation].get("needed", [])}


@every_form
def test_a_flag_of_no_documented_default_is_always_sent(form: type[StartForm]) -> None:
    documented = DOCUMENTED[form.operation]["fields"]
    open_ones = {
        name
        for name, told in documented.items()
        if told["type"] == "boolean" and "default" not in told and name != "allTenants"
    }
    assert open_ones <= LEAST[form].body.keys()


@every_operation
def test_a_form_goes_to_the_documented_request(form: type[StartForm], operation: str) -> None:
    told = DOCUMENTED[form.operation]
    request = build(operation, BodyEncoding.SAMPLES, body=LEAST[form].body)
    is_other = operation == form.alternative
    assert f"{request.operation.method} {request.target}" == told["same" if is_other else "request"]


@every_operation
def test_a_form_has_every_field_of_the_official_sdk(form: type[StartForm], operation: str) -> None:
    model = v.DataLoadRequestModel if form is LoadForm else getattr(v, MODELS[operation])
    known = {field.alias or name for name, field in model.model_fields.items()}
    assert {field.alias for field in form.model_fields.values()} == known


@every_form
def test_a_whole_form_has_every_field_that_goes_together(form: type[StartForm]) -> None:
    missing = form.model_fields.keys() - whole_form(form).model_fields_set
    assert missing <= GO_WITHOUT


@every_operation
def test_the_official_sdk_accepts_a_body_with_everything(
    form: type[StartForm], operation: str
) -> None:
    request = build(operation, BodyEncoding.OPENAPI, body=whole_form(form).body)
    travelled = orjson.loads(request.body or b"")
    assert getattr(v, MODELS[operation]).from_dict(travelled).to_dict() == travelled


def test_what_is_unset_is_absent_but_flags_of_unknown_default() -> None:
    assert LEAST[LoadForm].body == {"files": [FILE], "skipDataLoad": False}
    assert LEAST[ProcessingForm].body == {"publishToProduction": False}
    assert LEAST[ConsolidationForm].body == {
        "tenantCode": CONSOLIDATED,
        "runProcessingJob": False,
    }
    assert LEAST[ExtractionForm].body == {
        "publishDataLoadArtifacts": False,
        "forceUpdateExistingArtifacts": False,
        "runProcessingJob": False,
    }


def test_what_is_said_to_be_unset_is_as_unset_as_what_is_not_said() -> None:
    for form, least in LEAST.items():
        unset = {name: None for name, field in form.model_fields.items() if field.default is None}
        assert form.model_validate(least.model_dump() | unset) == least


def test_a_body_is_written_in_one_order_names_of_tenants_first() -> None:
    assert orjson.dumps(whole_form(ProcessingForm).body) == (
        b'{"allTenants":true,"excludedTenants":["WFF_j1r~c7o"],"dataCategoryId":"some-id",'
        b'"publishToProduction":true,"pipelineName":"some name"}'
    )


def test_times_are_the_milliseconds_of_the_code_samples() -> None:
    form = ExtractionForm(override_last_extraction_timestamp=MIDNIGHT_IN_VANCOUVER)
    assert form.body["overrideLastExtractionTimestamp"] == 1639382400000


EARLY = datetime(2026, 1, 1, tzinfo=UTC)
WEEK = {"last_extraction_time_offset_mode": "WEEK"}


@pytest.mark.parametrize(
    ("form", "given", "wrong"),
    [
        (LoadForm, {"files": [f"{FILE}\n"]}, "files.0 string_pattern_mismatch"),
        (LoadForm, {"files": [FILE], "skip_data_load": "yes"}, "skip_data_load bool_type"),
        (LoadForm, {"files": [FILE], "tenants": [C7O]}, "tenants extra_forbidden"),
        (ProcessingForm, {"tenants": f"{C7O}"}, "tenants list_type"),
        (ProcessingForm, {"tenants": [C7O, 7]}, "tenants.1 string_type"),
        (ProcessingForm, {"pipeline_name": ""}, "pipeline_name string_pattern_mismatch"),
        (ExtractionForm, {"sql_batch_size": True}, "sql_batch_size int_type"),
        (ExtractionForm, {"connector_ids": []}, "connector_ids too_short"),
        (
            ExtractionForm,
            {"extract_to_time_override": EARLY.replace(tzinfo=None)},
            "extract_to_time_override timezone_aware",
        ),
    ],
)
def test_what_no_screen_gives_is_refused_and_told_by_field_and_type(
    form: type[StartForm], given: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        form.model_validate(given)
    told = [f"{'.'.join(map(str, each['loc']))} {each['type']}" for each in refused.value.errors()]
    assert told == [wrong]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        ExtractionForm(
            all_tenants=True,
            tenants=[C7O],
            sql_batch_size=0,
            last_extraction_time_offset_weeks=1,
            disable_artifact_generation=True,
            force_update_existing_artifacts=True,
        )
    assert [each["type"] for each in refused.value.errors()] == [
        "some_and_all",
        "needs_week",
        "no_artifacts",
        "greater_than_equal",
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"last_extraction_time_offset_weeks": 2, "offset_week_option": "LAST_OF_WEEK"} | WEEK,
        {"last_extraction_time_offset_months": 2, "offset_month_option": "LAST_OF_MONTH"},
        {"credential_id": "d"},
        {"credential_id": "not"},
        {"tenants": ["WFF_j1r", C7O], "all_tenants": False},
        {"override_last_extraction_timestamp": EARLY, "extract_to_time_override": EARLY},
        {"months_to_extract": LARGEST_NUMBER},
    ],
)
def test_what_can_be_is_not_refused(given: dict[str, Any]) -> None:
    providers = {"w": "Workday", "d": "Databricks"}
    assert ExtractionForm.model_validate(given, context={"providers": providers}).body


def test_the_scope_leads_every_form_that_has_one() -> None:
    scoped = [form for form in FORMS.values() if issubclass(form, ScopedForm)]
    assert scoped == [ExtractionForm, ProcessingForm]
    for form in scoped:
        assert [*form.model_fields][:3] == ["all_tenants", "tenants", "excluded_tenants"]
