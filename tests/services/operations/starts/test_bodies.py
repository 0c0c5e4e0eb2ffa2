"""The table of fields, and the bodies that come of what was typed."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from services.operations.starts.bodies import (
    LARGEST_NUMBER,
    ScopeKind,
    body_of,
    names_in,
    notes,
    problems,
    scope_fields,
)
from services.operations.starts.fields import FieldKind, Group, Items, StartField
from services.operations.starts.request import prepared
from services.operations.starts.specs import (
    CONSOLIDATE,
    EXTRACT,
    FORMS,
    LOAD,
    PROCESS,
    StartForm,
)
from services.operations.starts.words import lead, sentences, tenants_in_words, to_be_typed
from services.visier import BodyEncoding
from services.visier.protocol import build
from tests import official_sdk as v
from tests.services.operations.starts.bodies import (
    C7O,
    CONSOLIDATED,
    E1A,
    EVERY,
    FILE,
    whole_body,
)

MODELS = {
    "start_load": "DataLoadRequest",
    "start_extraction": "ExtractDataAndLoadDTO",
    "adhoc_extraction_job": "ExtractDataAndLoadDTO",
    "adhoc_processing_jobs": "ProcessingJobRequestDTO",
    "adhoc_consolidated_analytics_job": "ConsolidatedAnalyticsJobRequestDTO",
}


@pytest.mark.parametrize(("form", "operation"), EVERY, ids=lambda each: str(each)[:20])
def test_the_table_has_every_field_of_the_request(form: StartForm, operation: str) -> None:
    model = getattr(v, MODELS[operation])
    if form is LOAD:
        model = v.DataLoadRequestModel
    known = {field.alias or name for name, field in model.model_fields.items()}
    assert {field.name for field in form.fields} == known


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_field_is_explained_and_named_once(form: StartForm) -> None:
    names = [field.name for field in form.fields]
    assert len(names) == len(set(names))
    for field in form.fields:
        assert field.help.endswith((".", "CAa7s."))
        assert (field.kind is FieldKind.CHOICE) == bool(field.choices)
        assert field.default in ("", "Off", *field.choices) or field.kind is not FieldKind.CHOICE


@pytest.mark.parametrize(("form", "operation"), EVERY, ids=lambda each: str(each)[:20])
def test_the_official_sdk_accepts_a_body_with_everything(form: StartForm, operation: str) -> None:
    body = whole_body(form)
    assert problems(form, body) == []
    request = build(operation, BodyEncoding.OPENAPI, body=body)
    travelled = orjson.loads(request.body or b"")
    assert getattr(v, MODELS[operation]).from_dict(travelled).to_dict() == travelled


def test_what_is_unset_is_absent_but_flags_of_unknown_default() -> None:
    assert body_of(LOAD, {"files": [FILE]}) == {"files": [FILE], "skipDataLoad": False}
    assert body_of(PROCESS, {"pipelineName": "  "}) == {"publishToProduction": False}
    assert body_of(CONSOLIDATE, {"tenantCode": CONSOLIDATED}) == {
        "tenantCode": CONSOLIDATED,
        "runProcessingJob": False,
    }
    assert body_of(EXTRACT, {"disableArtifactGeneration": False, "connectorIds": []}) == {
        "publishDataLoadArtifacts": False,
        "forceUpdateExistingArtifacts": False,
        "runProcessingJob": False,
    }


def test_times_are_the_milliseconds_of_the_code_samples() -> None:
    midnight_in_vancouver = datetime(2021, 12, 13, 8, tzinfo=UTC)
    body = body_of(EXTRACT, {"overrideLastExtractionTimestamp": midnight_in_vancouver})
    assert body["overrideLastExtractionTimestamp"] == 1639382400000


@pytest.mark.parametrize(
    ("kind", "own", "fields"),
    [
        (ScopeKind.OWN, "WFF_j1r", {"allTenants": False, "tenants": ["WFF_j1r"]}),
        (ScopeKind.OWN, None, {}),
        (ScopeKind.CHOSEN, "WFF_j1r", {"allTenants": False, "tenants": [C7O]}),
        (ScopeKind.ALL_BUT, "WFF_j1r", {"allTenants": True, "excludedTenants": [C7O]}),
        (ScopeKind.ALL, "WFF_j1r", {"allTenants": True}),
    ],
)
def test_the_scope_is_explicit(kind: ScopeKind, own: str | None, fields: dict[str, Any]) -> None:
    assert scope_fields(kind, [C7O], own) == fields


@pytest.mark.parametrize(
    ("text", "items", "names"),
    [
        ("a, b;c\n d  a", Items.TENANTS, ["a", "b", "c", "d"]),
        ("'~c7o' WFF_j1r%7ec7o “~e1a”", Items.TENANTS, [C7O, E1A]),
        ("one file.zip.gpg,\nb.zip.gpg\n", Items.FILES, ["one file.zip.gpg", "b.zip.gpg"]),
        (" ,;\n", Items.CONNECTORS, []),
    ],
)
def test_pasted_names_are_read_as_people_have_them(
    text: str, items: Items, names: list[str]
) -> None:
    assert names_in(text, items, "WFF_j1r") == names


MONTH, WEEK = {"lastExtractionTimeOffsetMode": "MONTH"}, {"lastExtractionTimeOffsetMode": "WEEK"}


@pytest.mark.parametrize(
    ("form", "body", "words"),
    [
        (LOAD, {"files": []}, "Name at least one file."),
        (LOAD, {"files": [FILE, "a.zip"]}, "Files: “a.zip” does not end in .zip.gpg"),
        (LOAD, {"files": ["x" * 256, "a.zip"]}, "x” has more than 255 characters: correct"),
        (PROCESS, {"tenants": ["x" * 256]}, "x” has more than 255 characters: correct"),
        (LOAD, {"files": [".zip.gpg"]}, "does not end in .zip.gpg"),
        (LOAD, {"files": ["a\x00.zip.gpg"]}, "does not end in .zip.gpg"),
        (PROCESS, {"tenants": [], "allTenants": False}, "Choose at least one tenant."),
        (PROCESS, {"excludedTenants": [], "allTenants": True}, "or choose all tenants."),
        (PROCESS, {"excludedTenants": [C7O]}, "left out only of all tenants"),
        (PROCESS, {"tenants": [C7O], "allTenants": True}, "not both"),
        (PROCESS, {"tenants": ["a/b", "c d", C7O]}, "each of “a/b”, “c d” cannot be a tenant code"),
        (PROCESS, {"tenants": [f"t{n}" for n in range(50_001)]}, "50,000 are the limit"),
        (PROCESS, {"tenants": [f"{n}!" for n in range(9)]}, "and 4 more cannot be"),
        (PROCESS, {"tenants": [C7O], "pipelineName": "a\x07"}, "Pipeline name"),
        (EXTRACT, {"monthsToExtract": 0}, "Months of snapshots must be a whole number from 1"),
        (EXTRACT, {"sqlBatchSize": -5}, "SQL records in a batch must be"),
        (EXTRACT, {"batchSizeOverride": LARGEST_NUMBER + 1}, "Subjects in a batch must be"),
        (EXTRACT, {"batchSizeOverride": 1.5}, "Subjects in a batch must be"),
        (EXTRACT, {"outputTarget": "Sending"}, "Output must be one of Receiving, SQL"),
        (EXTRACT, {"lastExtractionTimeOffsetWeeks": 2}, "look back by WEEK"),
        (EXTRACT, {"offsetWeekOption": "FIRST_OF_WEEK"} | MONTH, "look back by WEEK"),
        (EXTRACT, {"lastExtractionTimeOffsetMonths": 2} | WEEK, "look back by MONTH"),
        (EXTRACT, {"offsetMonthOption": "FIRST_OF_MONTH"} | WEEK, "look back by MONTH"),
        (
            EXTRACT,
            {"overrideLastExtractionTimestamp": 2, "extractToTimeOverride": 1},
            "Data from is later than data up to",
        ),
        (
            EXTRACT,
            {"forceUpdateExistingArtifacts": True, "disableArtifactGeneration": True},
            "switch one of the two off",
        ),
        (EXTRACT, {"credentialId": "w"}, "The credential is one of Workday."),
        (EXTRACT, {"connectorIds": ["a b"]}, "cannot be the id of a connector"),
        (CONSOLIDATE, {}, "Choose a consolidated analytics tenant."),
        (CONSOLIDATE, {"tenantCode": C7O}, "begins with CA"),
        (CONSOLIDATE, {"tenantCode": "CAa7s"}, "begins with CA"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    form: StartForm, body: dict[str, Any], words: str
) -> None:
    found = problems(form, body, providers={"w": "Workday", "d": "Databricks"})
    assert [sentence for sentence in found if words in sentence], found
    assert all(sentence.endswith(".") for sentence in found)


@pytest.mark.parametrize(
    "body",
    [
        {"lastExtractionTimeOffsetWeeks": 2, "offsetWeekOption": "LAST_OF_WEEK"} | WEEK,
        {"lastExtractionTimeOffsetMonths": 2, "offsetMonthOption": "LAST_OF_MONTH"},
        {"credentialId": "d"},
        {"credentialId": "not listed"[:3]},
        {"tenants": ["WFF_j1r", C7O], "allTenants": False},
        {"overrideLastExtractionTimestamp": 1, "extractToTimeOverride": 1},
        {"monthsToExtract": LARGEST_NUMBER},
    ],
)
def test_what_can_be_is_not_refused(body: dict[str, Any]) -> None:
    assert problems(EXTRACT, body, providers={"w": "Workday", "d": "Databricks"}) == []


def test_a_body_that_cannot_be_is_never_prepared() -> None:
    with pytest.raises(ValueError, match="not both"):
        prepared(PROCESS, "Both", {"tenants": [C7O], "allTenants": True})


def written(_field: StartField, value: object) -> str:
    return str(value)


def test_the_summary_says_every_field_that_is_set() -> None:
    for form in FORMS.values():
        body = whole_body(form)
        said = list(sentences(form, body, written))
        silent = {field.name for field in form.fields if not field.says}
        quiet = {"disableArtifactGeneration"}
        assert len(said) == len(body.keys() - silent - quiet)
    assert notes({"files": [FILE]})
    assert notes({"overrideLastExtractionTimestamp": 1, "lastExtractionTimeOffsetMonths": 1})


@pytest.mark.parametrize(
    ("form", "body", "words", "typed"),
    [
        (LOAD, {"files": [FILE] * 3}, "One receiving job for 3 files.", "3"),
        (PROCESS, {"tenants": [C7O]}, f"One processing job for tenant {C7O}.", ""),
        (PROCESS, {"tenants": [C7O] * 26}, "One processing job for each of 26 tenants.", "26"),
        (PROCESS, {}, "One processing job for this tenant.", ""),
        (EXTRACT, {"allTenants": True}, "each of all tenants (120 are listed).", "all"),
        (
            EXTRACT,
            {"allTenants": True, "excludedTenants": [C7O]},
            "each of all tenants (120 are listed) but 1.",
            "all",
        ),
        (CONSOLIDATE, {"tenantCode": CONSOLIDATED}, f"job for {CONSOLIDATED}.", ""),
    ],
)
def test_a_start_is_said_with_its_number_and_confirmed_in_proportion(
    form: StartForm, body: dict[str, Any], words: str, typed: str
) -> None:
    assert f"{lead(form, body, tenants_in_words(body, '120 are listed'))}.".endswith(words)
    assert to_be_typed(body, 25) == typed


def test_the_dangerous_flag_is_the_one_that_overwrites() -> None:
    dangerous = [field.name for form in FORMS.values() for field in form.fields if field.danger]
    assert dangerous == ["forceUpdateExistingArtifacts"]


def test_the_scope_leads_every_form_that_has_one() -> None:
    assert [form.name for form in FORMS.values() if form.has_scope] == ["Extract", "Process"]
    assert EXTRACT.fields[0].group is Group.SCOPE
