"""The outcome of each item of a write: HTTP 200 does not mean that any of them succeeded.

Results are matched to requests by their key columns, never by position: the API may answer for
more, fewer or other items. `outcome` is category (Outcome), `status_word` the API's own word.
"""

from collections.abc import Iterable
from itertools import chain

import pandas as pd

from services.frames.answers import (
    Record,
    Rows,
    as_text,
    find,
    listed,
    members,
    nested,
    objects,
)
from services.frames.schema import (
    Columns,
    Field,
    Schema,
    Values,
    build,
    cancel_outcome,
    count,
    frame,
    job_type,
    joined,
    outcome,
    repeated,
    status,
    text,
    time,
    verbatim,
)
from services.frames.words import Outcome

_TENANT = Field("tenant_code", ("tenantCode", "tenant"), text)
_MESSAGE = Field("message", ("message",), text)
_OUTCOME = Field("outcome", ("status",), outcome)
_ITEM: Schema = (
    _OUTCOME,
    Field("status_word", ("status",), text),
    _MESSAGE,
)

DISABLED: Schema = (
    _TENANT,
    # dataVersions is the name of earlier versions of the API.
    Field("data_version", ("dataVersion", "dataVersions"), text),
    Field("job_id", ("jobId",), text),
    *_ITEM,
)
UPLOAD: Schema = (
    _TENANT,
    Field("upload_time", ("uploadTime",), time),
    Field("upload_time_text", ("uploadTime",), text),
    *_ITEM,
)
CANCELLED: Schema = (
    _TENANT,
    Field("job_id", ("jobId",), text),
    Field("job_type", ("jobType",), job_type),
    Field("job_type_word", ("jobType",), text),
    Field("parent_job_id", ("parentJobId",), text),
    Field("job_status", ("jobStatus",), status),
    Field("job_status_word", ("jobStatus",), text),
    Field("outcome", ("cancelStatus",), cancel_outcome),
    Field("status_word", ("cancelStatus",), text),
    _MESSAGE,
)
CONNECTOR: Schema = (
    Field("connector_id", ("connectorId",), text),
    Field("connector_name", ("displayName",), text),
)
CREDENTIAL: Schema = (
    Field("credential_id", ("credentialId",), text),
    Field("credential_name", ("displayName",), text),
)
SETTING: Schema = (
    # What a request calls settingKey, its answer calls key (OpenAPI document).
    Field("setting_key", ("key", "settingKey"), text),
    Field("value", ("value",), verbatim),
)
CREATED: Schema = (
    # The answer to a creation says uuid for what lists call credentialId.
    Field("credential_id", ("uuid", "credentialId"), text),
    Field("symbol_name", ("symbolName",), text),
    Field("object_name", ("objectName",), text),
)
MISSING: Schema = (
    Field("subject", ("subject",), text),
    Field("attributes", ("attributes",), joined),
    Field("error_message", ("errorMessage",), text),
)


def from_disable_dv(pages: Iterable[object]) -> pd.DataFrame:
    """Return one row per data version in the answer.

    Columns: tenant_code str, data_version str, job_id str (the job tied to the version), outcome,
    status_word str, message str. Raises UnexpectedResponse.
    Data and Job Handling API, PUT /v1/op/data-versions/disable.
    """
    return frame(build(DISABLED, listed(pages, "results")))


def from_data_uploads(pages: Iterable[object]) -> pd.DataFrame:
    """Return one row per upload in the answer to an include or exclude.

    Columns: tenant_code str, upload_time datetime64[ms, UTC], upload_time_text str (byte for
    byte), outcome, status_word str, message str. Raises UnexpectedResponse. Data and Job Handling
    API, PUT /v1/op/data/uploads/exclude and PUT /v1/op/data/uploads/include.
    """
    return frame(build(UPLOAD, listed(pages, "uploads")))


def from_cancel_jobs(pages: Iterable[object]) -> pd.DataFrame:
    """Return one row per job in the answer.

    Columns: tenant_code str, job_id str, job_type category (JobType), job_type_word str,
    parent_job_id str, job_status category (Status), job_status_word str, outcome (anything but
    CANCEL_SUCCEEDED failed), status_word str, message str. Raises UnexpectedResponse.
    Data and Job Handling API, POST /v1/op/jobs/cancel.
    """
    return frame(build(CANCELLED, listed(pages, "jobCancellationResults")))


def from_assign_connector_credential(pages: Iterable[object]) -> pd.DataFrame:
    """Return one row per connector of each tenant in the answer; a tenant without any has one row.

    Columns: tenant_code str, connector_id str, connector_name str, credential_id str,
    credential_name str, outcome, status_word str (the tenant's), message str (the credential's,
    else the tenant's), own_message str (the credential's). Raises UnexpectedResponse.
    Data and Job Handling API, POST /v1/op/data-connectors/assignCredentials.
    """
    tenants = listed(pages, "tenants")
    links = nested(tenants, "connectors")
    credentials = [_part(link, "credential") for link in links.items]
    return frame(
        build((_TENANT,), tenants, links.parent)
        | build(CONNECTOR, [_part(link, "connector") for link in links.items])
        | build(CREDENTIAL, credentials)
        | _ended(tenants, links.parent, credentials)
    )


def from_set_connector_setting(pages: Iterable[object]) -> pd.DataFrame:
    """Return one row per setting of each tenant's connectors, at least one row a tenant.

    Columns: tenant_code str, connector_id str, connector_name str, setting_key str, value str,
    outcome, status_word str (the tenant's), message str (the setting's, else the tenant's),
    own_message str (the setting's). Raises UnexpectedResponse.
    Data and Job Handling API, PUT /v1/op/data-connectors/connector-settings.
    """
    tenants = listed(pages, "tenants")
    links = nested(tenants, "connectors")
    settings = nested(links.items, "settings", "connectorSettings")
    of_tenant = links.parent[settings.parent]
    connectors = [_part(link, "connector") for link in links.items]
    return frame(
        build((_TENANT,), tenants, of_tenant)
        | build(CONNECTOR, connectors, settings.parent)
        | build(SETTING, settings.items)
        | _ended(tenants, of_tenant, settings.items)
    )


_OF_A_CREDENTIAL = ("uuid", "credentialId", "symbolName", "objectName")


def from_create_connector_credential(
    payload: object, tenant_code: str | None = None
) -> pd.DataFrame:
    """Return one row for the credential created.

    Columns: tenant_code str (as given), credential_id str, symbol_name str, object_name str,
    outcome (Succeeded when there is an id, else Unknown), status_word str (always missing), message
    str (what Visier could not read with it; see `missing_properties`). Raises UnexpectedResponse.
    Data and Job Handling API, POST /v1/op/data-connector-credentials.
    """
    created = objects([payload], *_OF_A_CREDENTIAL)
    columns = build(CREATED, created)
    # Without an id nobody can tell which credential was created.
    without_id = columns["credential_id"].isna()
    complaints: list[Record] = [
        {
            "status": Outcome.UNKNOWN.value if lost else Outcome.SUCCEEDED.value,
            "message": "; ".join(missing_properties(one)["error_message"].dropna()),
        }
        for lost, one in zip(without_id, created, strict=True)
    ]
    tenant = {"tenant_code": repeated(tenant_code, len(created))}
    no_word = {"status_word": repeated(None, len(created))}
    ended = build((_OUTCOME,), complaints) | no_word | build((_MESSAGE,), complaints)
    return frame(tenant | columns | ended)


def missing_properties(payload: object) -> pd.DataFrame:
    """Return what a new credential cannot read although it can sign in, one row per subject.

    Columns, all str: subject, attributes (separated by `, `), error_message. Raises
    UnexpectedResponse. Data and Job Handling API, POST /v1/op/data-connector-credentials.
    """
    held = objects([payload], "missingConnectionProperties", *_OF_A_CREDENTIAL)
    missing = (members(one, "missingConnectionProperties") for one in held)
    return frame(build(MISSING, [*chain.from_iterable(missing)]))


def started_job(payload: object) -> str | None:
    """Return the id of the job a request has started, None when the answer has none.

    Without an id the job may run all the same: look it up, do not send again. Raises
    UnexpectedResponse. Data and Job Handling API, POST /v1/op/data/startload,
    /v1/op/data/startExtractAndLoad, /v1alpha/op/jobs/extraction-jobs, processing-jobs and
    consolidated-analytics-jobs.
    """
    answers = objects([payload], "jobId")
    return (as_text(find(answers[0], ("jobId",))) or None) if answers else None


def totals_disagree(payload: object) -> bool:
    """Return whether totalFailures and totalSuccess differ from the items beside them.

    The items count, not the totals. Without totals there is nothing to disagree with. Raises
    UnexpectedResponse. Data and Job Handling API, disable, include and exclude.
    """
    # The answers of other operations have neither: nothing is expected of them.
    answers = members({"answer": payload}, "answer")
    listed_in = [(one, name) for one in answers for name in ("results", "uploads")]
    records = [item for one, name in listed_in for item in members(one, name)]
    items = frame(build(_ITEM, records))["outcome"]
    totals = [find(one, (name,)) for one in answers for name in ("totalSuccess", "totalFailures")]
    counted = [int((items == ended).sum()) for ended in (Outcome.SUCCEEDED, Outcome.FAILED)]
    return totals.count(None) < len(totals) and list(count(Values(totals)).fillna(0)) != counted


def _part(record: Record, name: str) -> Record:
    return next(iter(members(record, name)), {})


def _ended(tenants: list[Record], rows: Rows, details: list[Record]) -> Columns:
    """Return outcome and message of each detail; its own message comes before the tenant's."""
    columns = build(_ITEM, tenants, rows)
    own = pd.Series(build((_MESSAGE,), details)["message"])
    message = own.fillna(pd.Series(columns["message"]))
    return columns | {"message": message.array, "own_message": own.array}
