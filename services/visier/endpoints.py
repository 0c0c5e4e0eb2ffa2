"""The table of operations: what each call looks like and what may be done with it.

Sources: the Data and Job Handling API's code samples (first) and its OpenAPI documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Body(StrEnum):
    """How a request body is encoded."""

    NONE = "none"
    FORM = "plain form fields"
    MODEL = "form field model holding JSON"
    JSON = "JSON"
    WRAPPED = "JSON under the name model"


class BodyEncoding(StrEnum):
    """Which source decides how bodies are encoded: the code samples or the OpenAPI documents."""

    SAMPLES = "samples"
    OPENAPI = "openapi"


class Expects(StrEnum):
    """What a successful answer contains."""

    JSON = "JSON"
    TEXT = "a security token as plain text"
    NOTHING = "nothing that is read"
    FILE = "a file, handed on as it comes"


class Repeat(StrEnum):
    """Whether a call may be sent again when its outcome is unknown.

    Visier has no idempotency key: whether a repeat does harm depends on the operation alone.
    """

    ALWAYS = "a read: repeated here, with growing pauses"
    ON_REQUEST = "a sign-in: leaves nothing behind, but only a person tries again"
    AFTER_A_LOOK = "sets a state: read it again first, then send what is missing"
    NEVER = "starts or creates something: look for it and ask"


@dataclass(frozen=True)
class Batch:
    """The list in a body that the API bounds; ``most`` is None where no bound is published."""

    field: str
    most: int | None = None


# Source of both: the OpenAPI document, at limit, numberOfVersions and numberOfDataUploads.
PAGE_SIZE: Final = 1000
"""The most items a list has in one answer, and a batch has in one request."""
LATEST_LISTED: Final = 5
"""The most data versions, and data uploads, that Visier lists of a tenant."""


@dataclass(frozen=True)
class Page:
    """How a list is paged: ``most`` items a page, each an entry of a list named ``items``.

    ``keys`` are alternatives: the fields of one of them together identify an item.
    """

    items: str
    keys: tuple[tuple[str, ...], ...] = ()
    most: int = PAGE_SIZE


@dataclass(frozen=True)
class Bounds:
    """The bounds of an answer: ``seconds`` from sending to its last byte, ``size`` unpacked bytes.

    Of a file these are the seconds to its first bytes; the rest has bounds of its own.

    Other waits are derived from these seconds: see ``LAST_REQUEST_SECONDS`` in dashboard.bootstrap
    and the slots of services.ledger.
    """

    # A connection (5 s) and a silence (60 s) at their longest: see Timeouts.
    seconds: float = 65.0
    # A page of 1,000 tenants with five uploads each has a third of a megabyte.
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
        """Whether Visier calls this operation alpha: it may change without notice."""
        return self.path.startswith("/v1alpha/")

    @property
    def writes(self) -> bool:
        """Whether the call changes something at Visier."""
        return self.repeat in {Repeat.AFTER_A_LOOK, Repeat.NEVER}

    @property
    def signs_in(self) -> bool:
        """Whether the call fetches a token, and so carries none."""
        return self.repeat is Repeat.ON_REQUEST


# The code samples say tenant where the OpenAPI document says tenantCode.
_TENANTS = Page("tenants", (("tenantCode",), ("tenant",)))
_PAGED = ("tenantCode", "start", "limit")
# Epoch milliseconds: a number in the code samples, a text in the OpenAPI document.
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


# A start begins another job each time it is sent.
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
    # 500 ids: a bound of the OpenAPI document. A second cancel changes nothing more.
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
    # Ids of jobs are not unique in Visier's own samples: the tenant belongs to the key.
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
    # A GET with a body, as the Source Files Download API has it.
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
    # A second one with the same name is another credential.
    _write(
        "create_connector_credential",
        f"POST {_CREDENTIALS}",
        _NEVER,
        _MODEL,
        query=("tenantCode",),
    ),
    # In the official SDK only; there is no code sample of it.
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
    # JSON in the code samples too, where other writes of /v1 are forms.
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

# The first part of the path is data: Visier's reference says v1, its code samples say v1beta.
WEBHOOK_VERSIONS: Final = ("v1", "v1beta")
_WEBHOOKS = "/{version}/op/webhooks"
_WEBHOOK = f"{_WEBHOOKS}/{{webhook_id}}"
_WEBHOOK_CREDENTIALS = f"{_WEBHOOK}/credentials"
_LISTENING = ("event", "isActive")

# In the OpenAPI document only, where all bodies are JSON.
_WEBHOOK_OPERATIONS = (
    _read("get_all_webhooks", _WEBHOOKS, _LISTENING),
    _read("get_webhooks_status", f"{_WEBHOOKS}-status", _LISTENING),
    _read("get_webhook", _WEBHOOK),
    # A second one is another webhook, to which every event is pushed as well.
    _write("create_webhook", f"POST {_WEBHOOKS}", _NEVER, _JSON),
    _write("update_webhook", f"PUT {_WEBHOOK}", _LOOK, _JSON),
    Operation("delete_webhook", "DELETE", _WEBHOOK, _LOOK, expects=Expects.NOTHING),
    _write("update_webhook_credentials", f"PUT {_WEBHOOK_CREDENTIALS}", _LOOK, _JSON),
    Operation(
        "delete_webhook_credentials",
        "DELETE",
        _WEBHOOK_CREDENTIALS,
        _LOOK,
        expects=Expects.NOTHING,
    ),
    # Each is pushed to the endpoint.
    _write("send_test_event", f"POST {_WEBHOOK}/testEvent", _NEVER, _JSON),
)

# Of other APIs of Visier: Basic Authentication, OAuth 2.0 and Tenants.
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
        for operation in (
            *(*_STARTING, *_JOBS, *_DATA, *_CONNECTORS),
            *(*_WEBHOOK_OPERATIONS, *_BESIDE),
        )
    }
)

PAGES: Final[Mapping[str, Page]] = MappingProxyType(
    {name: operation.page for name, operation in ENDPOINTS.items() if operation.page is not None}
)
