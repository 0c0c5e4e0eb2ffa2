"""The forms of starts: each is the body of a request, and validates it.

Names, types and choices are those of the Data and Job Handling API, read from its code samples, its
OpenAPI document and its SDK (which adds ``pipelineName``). An error of two fields together is
reported at the later one, so that a person sees all errors at once: validators of a whole model run
only once every field is valid.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from services.frames import JobType
from services.typed_text import NAMED_AT_MOST

from ..tokens import Verb

# An int32.
LARGEST_NUMBER: Final = 2**31 - 1
MOST_TENANTS: Final = 50_000
"""The analytic tenants of an administrating tenant, by Visier's default limit."""
# The only provider whose credentials an extraction may name (OpenAPI document, credentialId).
DATABRICKS: Final = "Databricks"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CODE: Final = r"[A-Za-z0-9_.-]+"


def epoch_of(moment: datetime) -> int:
    """Return the milliseconds since 1970 of a time with its zone."""
    return round((moment - _EPOCH).total_seconds() * 1000)


def _text(pattern: str) -> Any:
    return Field(max_length=NAMED_AT_MOST, pattern=f"^{pattern}$")


Text: TypeAlias = Annotated[str, _text(r"[^\x00-\x1f\x7f]+")]
# A batch on Visier's SFTP server is zipped and encrypted.
FileName: TypeAlias = Annotated[str, _text(r"[^\x00-\x1f\x7f]*[^\x00-\x1f\x7f/]\.zip\.gpg")]
TenantCode: TypeAlias = Annotated[str, _text(rf"{_CODE}(~{_CODE})?")]
# The code of a consolidated analytics tenant begins with CA.
ConsolidatedCode: TypeAlias = Annotated[str, _text(rf"{_CODE}~CA[A-Za-z0-9_.-]*")]
# Ids need not be UUIDs: the code samples have one that is not.
Id: TypeAlias = Annotated[str, _text(r"[A-Za-z0-9_.:-]+")]
Count: TypeAlias = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
Tenants: TypeAlias = Annotated[list[TenantCode], Field(min_length=1, max_length=MOST_TENANTS)]
# A text in the OpenAPI document, a number in the code samples, which take precedence.
Moment: TypeAlias = Annotated[AwareDatetime, PlainSerializer(epoch_of, return_type=int)]
DayOfMonth: TypeAlias = Literal["CURRENT_DAY_OF_MONTH", "FIRST_OF_MONTH", "LAST_OF_MONTH"]
DayOfWeek: TypeAlias = Literal["CURRENT_DAY_OF_WEEK", "FIRST_OF_WEEK", "LAST_OF_WEEK"]
Given = TypeVar("Given")


class StartForm(BaseModel):
    """One kind of start, filled in.

    ``operation`` is the API's, ``alternative`` another one with the same body. ``fits`` are the
    types of job it may start. A field that is None is not sent; a flag that cannot be None always
    is, so that no default of the API decides. Raises pydantic.ValidationError, a ValueError, whose
    errors have a type, the name of the field, and the values for a sentence.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=False,
        loc_by_alias=False,
        strict=True,
        extra="forbid",
        frozen=True,
    )
    verb: ClassVar[Verb]
    operation: ClassVar[str]
    alternative: ClassVar[str] = ""
    fits: ClassVar[frozenset[JobType]]

    @property
    def body(self) -> dict[str, Any]:
        """The request body: the fields set, times in epoch milliseconds as in the code samples."""
        return self.model_dump(by_alias=True, exclude_none=True)


class ScopedForm(StartForm):
    """A form with a scope of tenants.

    From an analytic tenant a scope is invalid (OpenAPI document): the tenant that asks is meant.
    """

    # In this order: a validator sees the fields before its own only.
    all_tenants: bool | None = None
    tenants: Tenants | None = None
    excluded_tenants: Tenants | None = None

    @field_validator("tenants")
    @classmethod
    def _are_not_all(cls, given: Given, info: ValidationInfo) -> Given:
        if given is not None and info.data.get("all_tenants"):
            raise PydanticCustomError("some_and_all", "tenants go without allTenants")
        return given

    @field_validator("excluded_tenants")
    @classmethod
    def _are_left_out_of_all(cls, given: Given, info: ValidationInfo) -> Given:
        if given is not None and not info.data.get("all_tenants"):
            raise PydanticCustomError("needs_all", "excludedTenants need allTenants")
        return given


class LoadForm(StartForm):
    """Data and Job Handling API, POST /v1/op/data/startload."""

    verb = Verb.START_LOAD
    operation = "start_load"
    fits = frozenset({JobType.RECEIVING})

    files: Annotated[list[FileName], Field(min_length=1)]
    skip_data_load: bool = False


class ExtractionForm(ScopedForm):
    """Data and Job Handling API, POST /v1/op/data/startExtractAndLoad.

    POST /v1alpha/op/jobs/extraction-jobs takes the same body. The validation context may have the
    ``providers`` of credentials by their ids.
    """

    verb = Verb.START_EXTRACTION
    operation = "start_extraction"
    alternative = "adhoc_extraction_job"
    fits = frozenset({JobType.DISPATCHING, JobType.EXTRACTION})

    connector_ids: Annotated[list[Id], Field(min_length=1)] | None = None
    data_category_id: Id | None = None
    override_last_extraction_timestamp: Moment | None = None
    extract_to_time_override: Moment | None = None
    last_extraction_time_offset_mode: Literal["MONTH", "WEEK"] | None = None
    last_extraction_time_offset_months: Count | None = None
    offset_month_option: DayOfMonth | None = None
    last_extraction_time_offset_weeks: Count | None = None
    offset_week_option: DayOfWeek | None = None
    months_to_extract: Count | None = None
    publish_data_load_artifacts: bool = False
    disable_artifact_generation: bool | None = None
    force_update_existing_artifacts: bool = False
    run_processing_job: bool = False
    credential_id: Id | None = None
    output_target: Literal["Receiving", "SQL"] | None = None
    batch_size_override: Count | None = None
    sql_batch_size: Count | None = None
    spill_debug_info_partitions: Annotated[
        Literal["spillNone", "spillStagesAndRecords", "spillAll"] | None,
        Field(alias="spillDebugInfoPartitionsDTO"),
    ] = None
    spill_debug_info_detail_level: Annotated[
        Literal["fileAndLine", "mappingName"] | None, Field(alias="spillDebugInfoDetailLevelDTO")
    ] = None
    pipeline_name: Text | None = None

    @field_validator("extract_to_time_override")
    @classmethod
    def _ends_after_it_begins(cls, given: datetime | None, info: ValidationInfo) -> datetime | None:
        begins = info.data.get("override_last_extraction_timestamp")
        if given and begins and given < begins:
            raise PydanticCustomError("ends_before", "ends before it begins")
        return given

    @field_validator("last_extraction_time_offset_months", "offset_month_option")
    @classmethod
    def _goes_by_month(cls, given: Given, info: ValidationInfo) -> Given:
        # MONTH is Visier's default: it need not be set.
        mode = info.data.get("last_extraction_time_offset_mode")
        if given is not None and mode == "WEEK":
            raise PydanticCustomError("needs_month", "needs lastExtractionTimeOffsetMode MONTH")
        return given

    @field_validator("last_extraction_time_offset_weeks", "offset_week_option")
    @classmethod
    def _goes_by_week(cls, given: Given, info: ValidationInfo) -> Given:
        mode = info.data.get("last_extraction_time_offset_mode")
        if given is not None and mode != "WEEK":
            raise PydanticCustomError("needs_week", "needs lastExtractionTimeOffsetMode WEEK")
        return given

    @field_validator("force_update_existing_artifacts")
    @classmethod
    def _has_artifacts(cls, given: bool, info: ValidationInfo) -> bool:
        if given and info.data.get("disable_artifact_generation"):
            raise PydanticCustomError("no_artifacts", "goes without disableArtifactGeneration")
        return given

    @field_validator("credential_id")
    @classmethod
    def _is_for_databricks(cls, given: str | None, info: ValidationInfo) -> str | None:
        providers = (info.context or {}).get("providers", {})
        provider = providers.get(given, DATABRICKS)
        if provider != DATABRICKS:
            raise PydanticCustomError(
                "not_databricks", "is a credential of {provider}", {"provider": provider}
            )
        return given


class ProcessingForm(ScopedForm):
    """Data and Job Handling API, POST /v1alpha/op/jobs/processing-jobs."""

    verb = Verb.START_PROCESSING
    operation = "adhoc_processing_jobs"
    fits = frozenset({JobType.DISPATCHING, JobType.PROCESSING})

    data_category_id: Id | None = None
    publish_to_production: bool = False
    pipeline_name: Text | None = None


class ConsolidationForm(StartForm):
    """Data and Job Handling API, POST /v1alpha/op/jobs/consolidated-analytics-jobs."""

    verb = Verb.START_CONSOLIDATION
    operation = "adhoc_consolidated_analytics_job"
    fits = frozenset({JobType.CONSOLIDATED})

    tenant_code: ConsolidatedCode
    run_processing_job: bool = False
    pipeline_name: Text | None = None


FORMS: Final[Mapping[str, type[StartForm]]] = MappingProxyType(
    {form.verb: form for form in (LoadForm, ExtractionForm, ProcessingForm, ConsolidationForm)}
)
"""The forms by verb."""
