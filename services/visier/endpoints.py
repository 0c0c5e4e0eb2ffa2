"""The table of operations: what each call looks like and what may be done with it.

Sources: the Data and Job Handling API's code samples (first) and its OpenAPI documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Body(StrEnum):
    """How a body travels."""

    NONE = "none"
    FORM = "plain form fields"
    MODEL = "form field model holding JSON"
    JSON = "JSON"
    WRAPPED = "JSON under the name model"


class BodyEncoding(StrEnum):
    """Whose word counts for bodies: the code samples' or the OpenAPI documents'."""

    SAMPLES = "samples"
    OPENAPI = "openapi"


class Expects(StrEnum):
    """What a successful answer holds."""

    JSON = "JSON"
    TEXT = "a security token as plain text"
    NOTHING = "nothing that is read"
    FILE = "a file, handed on as it comes"


class Repeat(StrEnum):
    """Whether a call may be sent again when nobody knows what became of it."""

    ALWAYS = "a read: repeated here, with growing pauses"
    ON_REQUEST = "a sign-in: leaves nothing behind, but only a person tries again"
    AFTER_A_LOOK = "sets a state: read it again first, then send what is missing"
    NEVER = "starts or creates something: look for it and ask"


@dataclass(frozen=True)
class Batch:
    """The list in a body that the API bounds; ``most`` is None where no bound is published."""

    field: str
    most: int | None = None


PAGE_SIZE: Final = 1000
"""What a list gives at most in one answer, and a batch takes in one request."""
LATEST_LISTED: Final = 5
"""How many data versions and data uploads of a tenant Visier lists at most."""


@dataclass(frozen=True)
class Page:
    """How a list is paged: ``most`` items a page, each an entry of a list named ``items``.

    ``keys`` are the fields that together tell an item from all others, under either name.
    """

    items: str
    keys: tuple[tuple[str, ...], ...] = ()
    most: int = PAGE_SIZE


@dataclass(frozen=True)
class Bounds:
    """What an answer may take: ``seconds`` from sending to its last byte, bytes once unpacked.

    Of a file these are the seconds to its first bytes; what is handed on has bounds of its own.

    How long a call is counted and waited for elsewhere goes by these seconds: see
    ``LAST_REQUEST_SECONDS`` in dashboard.bootstrap and the places of services.ledger.
    """

    seconds: float = 65.0
    size: int = 32 * 2**20


@dataclass(frozen=True)
class Operation:
    """One row: ``samples`` and ``openapi`` say how the body travels under either encoding."""

    name: str
    method: str
    path: str
    repeat: Repeat
    query: tuple[str, ...] = ()
    samples: Body = Body.NONE
    openapi: Body = Body.NONE
    batch: Batch | None = None
    page: Page | None = None
    expects: Expects = Expects.JSON
    epochs: tuple[str, ...] = ()
    bounds: Bounds = Bounds()

    @property
    def alpha(self) -> bool:
        """Tell whether Visier calls this operation alpha: it may change without notice."""
        return self.path.startswith("/v1alpha/")

    @property
    def writes(self) -> bool:
        """Tell whether the call changes something at Visier."""
        return self.repeat in {Repeat.AFTER_A_LOOK, Repeat.NEVER}

    @property
    def signs_in(self) -> bool:
        """Tell whether the call fetches a token, and so carries none."""
        return self.repeat is Repeat.ON_REQUEST


_TENANTS = Page("tenants", (("tenantCode",), ("tenant",)))
_PAGED = ("tenantCode", "start", "limit")
_EXTRACTION_EPOCHS = ("overrideLastExtractionTimestamp", "extractToTimeOverride")
_DISPATCHING = "/v1/op/jobs/dispatching-jobs/{job_id}"
_CREDENTIALS = "/v1/op/data-connector-credentials"
_UPLOADS = "/v1/op/data/uploads"
_ANSWER = Bounds()
# A list without pages: a night of 50,000 tenants is some 150,000 jobs of 270 bytes.
_UNPAGED = Bounds(size=128 * 2**20)
_LOOK, _NEVER, _SIGN_IN = Repeat.AFTER_A_LOOK, Repeat.NEVER, Repeat.ON_REQUEST
_MODEL, _JSON = Body.MODEL, Body.JSON


def _read(
    name: str,
    path: str,
    query: tuple[str, ...] = (),
    page: Page | None = None,
    bounds: Bounds = _ANSWER,
) -> Operation:
    return Operation(name, "GET", path, Repeat.ALWAYS, query=query, page=page, bounds=bounds)


def _write(
    name: str,
    call: str,
    repeat: Repeat,
    samples: Body,
    openapi: Body = Body.JSON,
    *,
    query: tuple[str, ...] = (),
    batch: Batch | None = None,
    epochs: tuple[str, ...] = (),
) -> Operation:
    method, path = call.split()
    return Operation(name, method, path, repeat, query, samples, openapi, batch, epochs=epochs)


_STARTING = (
    _write(
        "start_load",
        "POST /v1/op/data/startload",
        _NEVER,
        _MODEL,
        Body.WRAPPED,
        batch=Batch("files"),
    ),
    _write(
        "start_extraction",
        "POST /v1/op/data/startExtractAndLoad",
        _NEVER,
        _MODEL,
        epochs=_EXTRACTION_EPOCHS,
    ),
    _write(
        "adhoc_extraction_job",
        "POST /v1alpha/op/jobs/extraction-jobs",
        _NEVER,
        _JSON,
        epochs=_EXTRACTION_EPOCHS,
    ),
    _write("adhoc_processing_jobs", "POST /v1alpha/op/jobs/processing-jobs", _NEVER, _JSON),
    _write(
        "adhoc_consolidated_analytics_job",
        "POST /v1alpha/op/jobs/consolidated-analytics-jobs",
        _NEVER,
        _JSON,
    ),
    _write("cancel_jobs", "POST /v1/op/jobs/cancel", _LOOK, _MODEL, batch=Batch("jobIds", 500)),
)

_JOBS = (
    _read(
        "job_status",
        "/v1/op/job-status/jobs",
        ("startTime", "endTime", "status"),
        bounds=_UNPAGED,
    ),
    _read("job_id_status", "/v1/op/job-status/jobs/{job_id}"),
    _read(
        "receiving_job_status",
        "/v1/op/jobs/receiving-jobs/{receiving_job_id}",
        ("jobs", *_PAGED),
        Page("receivingJobs", (("receivingJobId", "tenantCode"),)),
    ),
    _read(
        "processing_job_status",
        "/v1/op/jobs/processing-jobs/{receiving_job_id}",
        _PAGED,
        Page("processingJobs", (("jobId", "tenantCode"),)),
    ),
    _read("dispatching_job_status", _DISPATCHING),
    _read(
        "extraction_job_and_status",
        f"{_DISPATCHING}/extraction-jobs",
        _PAGED,
        Page("extractionJobs", (("extractionJobId", "tenantCode"),)),
    ),
    _read(
        "receiving_job_and_status",
        f"{_DISPATCHING}/receiving-jobs",
        _PAGED,
        Page("receivingJobs", (("receivingJobId", "tenantCode"),)),
    ),
    _read(
        "processing_job_and_status",
        f"{_DISPATCHING}/processing-jobs",
        _PAGED,
        Page("processingJobs", (("jobId", "tenantCode"),)),
    ),
)

_DATA = (
    _read(
        "latest_enabled_dv",
        "/v1/op/data-versions",
        (*_PAGED, "numberOfVersions", "dataCategory"),
        _TENANTS,
    ),
    # An object without dataVersion takes the latest enabled one, a different one each time it is
    # sent: such a call may never be repeated, look or no look.
    _write(
        "disable_dv",
        "PUT /v1/op/data-versions/disable",
        _LOOK,
        _MODEL,
        Body.WRAPPED,
        batch=Batch("dataVersionObjects", PAGE_SIZE),
    ),
    _read(
        "retrieve_data_uploads",
        _UPLOADS,
        (*_PAGED, "uploadJobId", "numberOfDataUploads"),
        _TENANTS,
    ),
    _write(
        "exclude_data_uploads", f"PUT {_UPLOADS}/exclude", _LOOK, _MODEL, batch=Batch("uploads")
    ),
    _write(
        "include_data_uploads", f"PUT {_UPLOADS}/include", _LOOK, _MODEL, batch=Batch("uploads")
    ),
    _read(
        "retrieve_tenant_source_files",
        "/v1alpha/op/data/uploaded-files",
        ("fileNameRegex", "start", "limit"),
        Page("sourceFiles"),
    ),
    _read(
        "retrieve_receiving_job_extracted_files",
        "/v1alpha/op/data/receiving-jobs/{job_id}/files",
        ("fileNameRegex", "start", "limit"),
        Page("extractedFiles"),
    ),
    Operation(
        "download_source_file",
        "GET",
        "/v1alpha/op/data/source-files/{identifier}",
        Repeat.ALWAYS,
        expects=Expects.FILE,
    ),
    Operation(
        "download_source_files",
        "GET",
        "/v1alpha/op/data/source-files",
        Repeat.ALWAYS,
        samples=_JSON,
        openapi=_JSON,
        expects=Expects.FILE,
    ),
    _read("retrieve_data_categories", "/v1/op/data/categories"),
)

_CONNECTORS = (
    _read(
        "data_connectors",
        "/v1/op/data-connectors",
        _PAGED,
        Page("dataConnectors", (("connectorId",),)),
    ),
    _read(
        "data_connector_credentials",
        _CREDENTIALS,
        _PAGED,
        Page("connectorCredentials", (("credentialId",),)),
    ),
    _write(
        "create_connector_credential",
        f"POST {_CREDENTIALS}",
        _NEVER,
        _MODEL,
        query=("tenantCode",),
    ),
    _write(
        "update_connector_credential",
        f"PUT {_CREDENTIALS}/{{credential_id}}",
        _LOOK,
        _JSON,
        query=("tenantCode",),
    ),
    Operation(
        "delete_connector_credential",
        "DELETE",
        f"{_CREDENTIALS}/{{credential_id}}",
        _LOOK,
        query=("tenantCode",),
        expects=Expects.NOTHING,
    ),
    _write(
        "assign_connector_credential",
        "POST /v1/op/data-connectors/assignCredentials",
        _LOOK,
        _JSON,
        batch=Batch("connectors"),
    ),
    _read("list_connector_settings", "/v1/op/data-connectors/connector-settings"),
    _write(
        "set_connector_setting",
        "PUT /v1/op/data-connectors/connector-settings",
        _LOOK,
        _JSON,
        batch=Batch("connectors"),
    ),
)

_BESIDE = (
    Operation(
        "security_token",
        "POST",
        "/v1/admin/visierSecureToken",
        _SIGN_IN,
        samples=Body.FORM,
        openapi=Body.FORM,
        expects=Expects.TEXT,
    ),
    Operation(
        "oauth_token",
        "POST",
        "/v1/auth/oauth2/token",
        _SIGN_IN,
        samples=Body.FORM,
        openapi=Body.FORM,
    ),
    _read("tenants", "/v2/admin/tenants", ("start", "limit", "mask", "tenantCodes"), _TENANTS),
    _read("validation_tenants", "/v1/op/validation/tenants", ("start", "limit"), _TENANTS),
    _read("validation_tenant", "/v1/op/validation/tenants/{tenant_id}"),
)

ENDPOINTS: Final[Mapping[str, Operation]] = MappingProxyType(
    {
        operation.name: operation
        for operation in (*_STARTING, *_JOBS, *_DATA, *_CONNECTORS, *_BESIDE)
    }
)

PAGES: Final[Mapping[str, Page]] = MappingProxyType(
    {name: operation.page for name, operation in ENDPOINTS.items() if operation.page is not None}
)
