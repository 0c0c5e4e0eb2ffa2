"""Starts in words: every field, what will start, what keeps it from starting."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from dashboard.operations import start_wording
from dashboard.operations.start_sentences import lead, notes, problems, summary, to_be_typed
from dashboard.operations.start_wording import COMMON, RARE, STARTS, words_of
from pages.start_jobs.scope import SCOPES, ScopeKind, scope_fields
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
from services.operations.starts.target import Listed, target_of
from tests.services.operations.starts.whole_forms import C7O, CONSOLIDATED, FILE, whole_form

every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@every_form
def test_every_field_is_asked_for_once_and_explained(form: type[StartForm]) -> None:
    common = [name for fields in COMMON[form.verb].values() for name in fields]
    asked = [*common, *RARE[form.verb]]
    of_scope = ScopedForm.model_fields.keys() if issubclass(form, ScopedForm) else set()
    assert sorted(asked) == sorted(form.model_fields.keys() - of_scope)
    assert [name for name, _ in words_of(form)] == [
        name for name in form.model_fields if name in asked
    ]
    fields = form.model_json_schema(by_alias=False)["properties"]
    for name, words in words_of(form):
        assert words.label
        assert words.help.endswith((".", "CAa7s."))
        choices = fields[name].get("anyOf", [{}])[0].get("enum")
        assert choices is None or words.default in ("", *choices)


def test_every_start_and_every_scope_has_a_name() -> None:
    assert STARTS.keys() == FORMS.keys()
    assert SCOPES.keys() == {*ScopeKind}


@pytest.mark.parametrize(
    ("kind", "own", "fields"),
    [
        (ScopeKind.OWN, "WFF_j1r", {"all_tenants": False, "tenants": ["WFF_j1r"]}),
        (ScopeKind.OWN, None, {}),
        (ScopeKind.CHOSEN, "WFF_j1r", {"all_tenants": False, "tenants": [C7O]}),
        (ScopeKind.ALL_BUT, "WFF_j1r", {"all_tenants": True, "excluded_tenants": [C7O]}),
        (ScopeKind.ALL, "WFF_j1r", {"all_tenants": True}),
    ],
)
def test_the_scope_is_explicit(kind: ScopeKind, own: str | None, fields: dict[str, Any]) -> None:
    assert scope_fields(kind, [C7O], own) == fields
    assert ProcessingForm.model_validate(fields)


MONTH = {"last_extraction_time_offset_mode": "MONTH"}
WEEK = {"last_extraction_time_offset_mode": "WEEK"}
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "given", "words"),
    [
        (LoadForm, {}, "Name at least one file."),
        (LoadForm, {"files": []}, "Name at least one file."),
        (LoadForm, {"files": [FILE, "a.zip"]}, "Files: “a.zip” does not end in .zip.gpg"),
        (LoadForm, {"files": ["x" * 256, "a.zip"]}, "x” exceeds 255 characters: correct"),
        (LoadForm, {"files": ["x" * 256, "a.zip"]}, "Files: “a.zip” does not end in .zip.gpg"),
        (ProcessingForm, {"tenants": ["x" * 256]}, "x” exceeds 255 characters: correct"),
        (LoadForm, {"files": [".zip.gpg"]}, "does not end in .zip.gpg"),
        (LoadForm, {"files": ["a\x00.zip.gpg"]}, "does not end in .zip.gpg"),
        (ProcessingForm, {"tenants": [], "all_tenants": False}, "Select at least one tenant."),
        (ProcessingForm, {"excluded_tenants": [], "all_tenants": True}, "or select all tenants."),
        (ProcessingForm, {"excluded_tenants": [C7O]}, "can leave tenants out"),
        (ProcessingForm, {"tenants": [C7O], "all_tenants": True}, "not both"),
        (
            ProcessingForm,
            {"tenants": ["a/b", "c d", C7O]},
            "Tenants: each of “a/b”, “c d” cannot be a tenant code",
        ),
        (
            ProcessingForm,
            {"tenants": [f"t{n}" for n in range(50_001)]},
            "Tenants: 50,001 named, at most 50,000 allowed.",
        ),
        (ProcessingForm, {"tenants": [f"{n}!" for n in range(9)]}, "and 4 more cannot be"),
        (
            ProcessingForm,
            {"excluded_tenants": ["a/b"], "all_tenants": True},
            "Tenants to leave out: “a/b” cannot be a tenant code",
        ),
        (
            ProcessingForm,
            {"tenants": [C7O], "pipeline_name": "a\x07"},
            "Pipeline name: “a\x07” contains invisible characters: type it again.",
        ),
        (
            ProcessingForm,
            {"data_category_id": "a b"},
            "Data category: “a b” cannot be a data category id: correct or remove it.",
        ),
        (
            ExtractionForm,
            {"months_to_extract": 0},
            "Months of snapshots must be a whole number from 1 to 2,147,483,647, not 0.",
        ),
        (ExtractionForm, {"sql_batch_size": -5}, "SQL records in a batch must be"),
        (ExtractionForm, {"batch_size_override": LARGEST_NUMBER + 1}, "Subjects in a batch must"),
        (ExtractionForm, {"batch_size_override": 1.5}, "whole number from 1 to 2,147,483,647"),
        (
            ExtractionForm,
            {"output_target": "Sending"},
            "Output must be one of Receiving, SQL, not “Sending”.",
        ),
        (ExtractionForm, {"last_extraction_time_offset_weeks": 2}, "“Look back by” WEEK"),
        (ExtractionForm, {"offset_week_option": "FIRST_OF_WEEK"} | MONTH, "look back by WEEK"),
        (ExtractionForm, {"last_extraction_time_offset_months": 2} | WEEK, "“Look back by” MONTH"),
        (ExtractionForm, {"offset_month_option": "FIRST_OF_MONTH"} | WEEK, "look back by MONTH"),
        (
            ExtractionForm,
            {"override_last_extraction_timestamp": LATE, "extract_to_time_override": EARLY},
            "Data from is later than data up to",
        ),
        (
            ExtractionForm,
            {"force_update_existing_artifacts": True, "disable_artifact_generation": True},
            "Switch off one of the two",
        ),
        (ExtractionForm, {"credential_id": "w"}, "This is a Workday credential."),
        (ExtractionForm, {"connector_ids": ["a b"]}, "cannot be a connector id"),
        (ConsolidationForm, {}, "Select a consolidated analytics tenant."),
        (ConsolidationForm, {"tenant_code": C7O}, "needs “CA” after"),
        (ConsolidationForm, {"tenant_code": "CAa7s"}, "needs “CA” after"),
        (ConsolidationForm, {"tenant_code": CONSOLIDATED, "run_processing_job": 2}, "Then process"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    form: type[StartForm], given: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        form.model_validate(given, context={"providers": {"w": "Workday", "d": "Databricks"}})
    found = problems(form, refused.value)
    assert [sentence for sentence in found if words in sentence], found
    assert all(sentence.endswith(".") for sentence in found)


def said(form: StartForm) -> Iterator[str]:
    return summary(form, lambda _name, value: str(value))


@every_form
def test_the_summary_says_every_field_that_is_set(form: type[StartForm]) -> None:
    filled = whole_form(form)
    loud = {name for name, words in words_of(form) if words.says}
    assert len([*said(filled)]) == len(loud & filled.model_fields_set)


def test_the_summary_says_what_a_flag_that_is_off_comes_to() -> None:
    assert [*said(ExtractionForm())] == [
        "The data load artifacts are not published.",
        "No processing job follows: no data version is made.",
    ]
    assert [*said(ExtractionForm(disable_artifact_generation=True))][1] == (
        "No data load artifacts are generated."
    )


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (LoadForm(files=[FILE]), "below 5 GB"),
        (
            ExtractionForm(
                override_last_extraction_timestamp=EARLY, last_extraction_time_offset_months=1
            ),
            "does not document which one wins",
        ),
        (
            ExtractionForm(publish_data_load_artifacts=True, disable_artifact_generation=True),
            "none are published",
        ),
        (ExtractionForm(credential_id="one"), "Only the Databricks connector"),
        (ExtractionForm(override_last_extraction_timestamp=EARLY), ""),
        (ProcessingForm(), ""),
    ],
)
def test_what_people_should_know_is_noted(form: StartForm, words: str) -> None:
    told = [*notes(form)]
    assert len(told) == bool(words)
    assert words in "".join(told)


@pytest.mark.parametrize(
    ("form", "words", "typed"),
    [
        (LoadForm(files=[FILE] * 3), "One receiving job for 3 files.", "3"),
        (ProcessingForm(tenants=[C7O]), f"One processing job for tenant {C7O}.", ""),
        (ProcessingForm(tenants=[C7O] * 26), "One processing job for each of 26 tenants.", "26"),
        (ProcessingForm(), "One processing job for this tenant.", ""),
        (
            ExtractionForm(all_tenants=True),
            "One extraction job for each of all tenants (120 are listed).",
            "all",
        ),
        (
            ExtractionForm(all_tenants=True, excluded_tenants=[C7O]),
            "each of all tenants (120 are listed) but 1.",
            "all",
        ),
        (ConsolidationForm(tenant_code=CONSOLIDATED), f"job for {CONSOLIDATED}.", ""),
    ],
)
def test_a_start_is_said_with_its_number_and_confirmed_in_proportion(
    form: StartForm, words: str, typed: str
) -> None:
    assert f"{lead(form.verb, target_of(form, Listed(120)))}.".endswith(words)
    assert to_be_typed(form, 25) == typed


def test_the_dangerous_flag_is_the_one_that_overwrites() -> None:
    dangerous = [
        name
        for form in FORMS.values()
        for name, words in start_wording.words_of(form)
        if words.danger
    ]
    assert dangerous == ["force_update_existing_artifacts"]
