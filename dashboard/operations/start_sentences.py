"""A start in sentences: what will start, what people should know of it, why it cannot be sent."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dashboard.operations import start_wording
from services.monitoring.phrases import counted
from services.operations import Verb
from services.operations.starts.forms import (
    LARGEST_NUMBER,
    ExtractionForm,
    LoadForm,
    ScopedForm,
    StartForm,
)
from services.operations.starts.target import Listed, Target, TargetKind

ALL: Final = "all"
_QUOTED_AT_MOST: Final = 5
_TENANT_CODE: Final = "cannot be a tenant code such as WFF_j1r~c7o: correct or remove it"
# What to do about a text that does not look like what its field names.
_ADVICE: Final[Mapping[str, str]] = {
    "tenants": _TENANT_CODE,
    "excluded_tenants": _TENANT_CODE,
    "tenant_code": ("is not a consolidated analytics tenant: its code needs “CA” after “~”"),
    "files": ("does not end in .zip.gpg: Visier takes only compressed and encrypted files"),
    "data_category_id": "cannot be a data category id: correct or remove it",
    "connector_ids": "cannot be a connector id: correct or remove it",
    "credential_id": "cannot be a credential id: correct or remove it",
}
_UNSEEN: Final = "contains invisible characters: type it again"
_NO_FILES: Final = "Name at least one file."
# By the field and the type of its error; braces stand for what the error knows.
_WRONG: Final[Mapping[tuple[str, str], str]] = {
    ("files", "missing"): _NO_FILES,
    ("files", "too_short"): _NO_FILES,
    ("tenant_code", "missing"): "Select a consolidated analytics tenant.",
    ("tenants", "too_short"): "Select at least one tenant.",
    ("tenants", "some_and_all"): "Select some tenants or all tenants, not both.",
    ("excluded_tenants", "too_short"): (
        "Name at least one tenant to leave out, or select all tenants."
    ),
    ("excluded_tenants", "needs_all"): (
        "Only “All but some” can leave tenants out. Select it, or name the other tenants."
    ),
    ("extract_to_time_override", "ends_before"): (
        "Data from is later than data up to. Change one of them."
    ),
    ("last_extraction_time_offset_weeks", "needs_week"): (
        "Weeks to look back need “Look back by” WEEK. Select it, or enter months instead."
    ),
    ("offset_week_option", "needs_week"): (
        "Day of that week needs look back by WEEK. Select it, or clear the day."
    ),
    ("last_extraction_time_offset_months", "needs_month"): (
        "Months to look back need “Look back by” MONTH. Select it, or enter weeks instead."
    ),
    ("offset_month_option", "needs_month"): (
        "Day of that month needs look back by MONTH. Select it, or clear the day."
    ),
    ("force_update_existing_artifacts", "no_artifacts"): (
        "Without generated artifacts, none can be updated. Switch off one of the two."
    ),
    ("credential_id", "not_databricks"): (
        "This is a {provider} credential. Select a Databricks credential, or none."
    ),
}


_JOBS: Final[Mapping[str, str]] = {
    Verb.START_LOAD: "One receiving job",
    Verb.START_EXTRACTION: "One extraction job",
    Verb.START_PROCESSING: "One processing job",
    Verb.START_CONSOLIDATION: "One consolidated analytics job",
}


def lead(verb: str, target: Target) -> str:
    """Return what starts, with its number."""
    return f"{_JOBS[verb]} for {_target(verb, target)}"


def _target(verb: str, target: Target) -> str:
    match target.kind:
        case TargetKind.FILES:
            return counted(target.count, "file")
        case TargetKind.OWN_TENANT:
            return "this tenant"
        case TargetKind.ALL_TENANTS:
            out = f" but {target.left_out:,}" if target.left_out else ""
            return f"each of all tenants ({listed(target.listed)}){out}"
    if not target.tenant_code:
        return f"each of {counted(target.count, 'tenant')}"
    code = target.tenant_code
    return code if verb == Verb.START_CONSOLIDATION else f"tenant {code}"


def listed(given: Listed | None) -> str:
    """Return how many tenants there are, in words."""
    if given is None:
        return "number unknown"
    number = f"{given.tenants:,}"
    text = f"{number} are listed" if given.is_complete else f"more than {number} are listed"
    return f"{text}, {given.disabled:,} of them disabled" if given.disabled else text


def summary(form: StartForm, written: Callable[[str, Any], str]) -> Iterator[str]:
    """Yield a sentence for each field that is set; ``written`` returns a value in words."""
    for name, words in start_wording.words_of(type(form)):
        value = getattr(form, name)
        if value is None or not words.says:
            continue
        if not isinstance(value, bool):
            yield words.says.format(written(name, value))
        elif value or words.unsaid:
            yield words.says if value else words.unsaid


def to_be_typed(form: StartForm, above: int) -> str:
    """Return what a person types to confirm: a number, ``all``, or nothing when it is small."""
    if isinstance(form, LoadForm):
        return str(len(form.files))
    if not isinstance(form, ScopedForm):
        return ""
    if form.all_tenants:
        return ALL
    named = form.tenants or ()
    return str(len(named)) if len(named) > above else ""


def notes(form: StartForm) -> Iterator[str]:
    """Yield what a person should know about a form that can be sent."""
    if isinstance(form, LoadForm):
        yield (
            "The files determine the tenants. Visier asks for batches below 5 GB uncompressed and "
            "at most 5,000 tenants."
        )
    if not isinstance(form, ExtractionForm):
        return
    looks_back = form.last_extraction_time_offset_months or form.last_extraction_time_offset_weeks
    if form.override_last_extraction_timestamp and looks_back:
        yield (
            "Data from and looking back both replace the last extraction date. Visier does not "
            "document which one wins."
        )
    if form.publish_data_load_artifacts and form.disable_artifact_generation:
        yield "No artifacts are generated, so none are published."
    if form.credential_id:
        yield "Only the Databricks connector uses a credential."


def problems(form: type[StartForm], invalid: ValidationError) -> list[str]:
    """Return why what is filled in cannot be sent: sentences that say what to change."""
    alike: dict[tuple[str, str], list[ErrorDetails]] = {}
    for error in invalid.errors(include_url=False):
        alike.setdefault((str(error["loc"][0]), error["type"]), []).append(error)
    return [_problem(form, name, kind, errors) for (name, kind), errors in alike.items()]


def _problem(form: type[StartForm], name: str, kind: str, errors: Sequence[ErrorDetails]) -> str:
    context, given = errors[0].get("ctx", {}), errors[0]["input"]
    if (name, kind) in _WRONG:
        return _WRONG[name, kind].format(**context)
    match kind:
        case "string_too_long":
            longest = context["max_length"]
            said = f": {_quoted(errors)} exceeds {longest} characters: correct or remove it"
        case "string_pattern_mismatch" | "string_unicode":
            said = f": {_quoted(errors)} {_ADVICE.get(name, _UNSEEN)}"
        case "too_long":
            said = f": {len(given):,} named, at most {context['max_length']:,} allowed"
        case "literal_error":
            said = f" must be one of {', '.join(_choices(form, name))}, not “{given}”"
        case "int_type" | "greater_than_equal" | "less_than_equal":
            said = f" must be a whole number from 1 to {LARGEST_NUMBER:,}, not {given}"
        case _:
            said = f": {errors[0]['msg']}"
    return f"{start_wording.label(form, name)}{said}."


def _quoted(errors: Sequence[ErrorDetails]) -> str:
    named = ", ".join(f"“{error['input'][:80]}”" for error in errors[:_QUOTED_AT_MOST])
    more = len(errors) - _QUOTED_AT_MOST
    if more > 0:
        named += f" and {more:,} more"
    return f"each of {named}" if len(errors) > 1 else named


def _choices(form: type[StartForm], name: str) -> tuple[str, ...]:
    """Return the words a field can have."""
    return get_args(get_args(form.model_fields[name].annotation)[0])
