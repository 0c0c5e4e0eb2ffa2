"""Starting jobs."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

from services.sandbox.call import Call, flag, text, texts
from services.sandbox.errors import bad_request
from services.sandbox.models.jobs import Job, Order
from services.sandbox.rules import consolidated, dispatching, extraction, processing, receiving

if TYPE_CHECKING:
    from services.sandbox.models.tenants import Tenant

Payload = dict[str, object]

BATCH_FILE = re.compile(r"(?:.*/)?(?P<admin>WFF_\w+?)_(?P<label>\w+)_\d{14}\.zip\.gpg")
TENANTS_IN_A_FILE = 24
# Visier's bound of one batch.
MOST_TENANTS = 5_000
CHOICES = {
    "lastExtractionTimeOffsetMode": ("WEEK", "MONTH"),
    "offsetWeekOption": ("CURRENT_DAY_OF_WEEK", "FIRST_OF_WEEK", "LAST_OF_WEEK"),
    "offsetMonthOption": ("CURRENT_DAY_OF_MONTH", "FIRST_OF_MONTH", "LAST_OF_MONTH"),
    "spillDebugInfoPartitionsDTO": ("spillNone", "spillStagesAndRecords", "spillAll"),
    "spillDebugInfoDetailLevelDTO": ("fileAndLine", "mappingName"),
    "outputTarget": ("Receiving", "SQL"),
}
EPOCHS = ("overrideLastExtractionTimestamp", "extractToTimeOverride")
NUMBERS = (
    "lastExtractionTimeOffsetWeeks",
    "lastExtractionTimeOffsetMonths",
    "monthsToExtract",
    "batchSizeOverride",
    "sqlBatchSize",
)


def start_load(call: Call) -> Payload:
    """Start receiving batch files; the job fails later if one of them cannot be read.

    Data and Job Handling API, POST /v1/op/data/startload.
    """
    files = texts(call.body, "files")
    if not files:
        raise bad_request("The field files must name at least one file.")
    order = Order(call.world.primary_category, skip_data_load=flag(call.body, "skipDataLoad"))
    # An unreadable file is found by the job, not by the call.
    tenants = _tenants_in(call, files)
    readable = 0 < len(tenants) <= MOST_TENANTS
    return _started(receiving.start_batch(call.world, call.login, order, tenants, readable))


def _tenants_in(call: Call, files: list[str]) -> list[Tenant]:
    """Return the tenants in the files; none if one of them cannot be read.

    The content of a file follows from its name: all tenants if its label has the word `all`,
    otherwise the same few each time.
    """
    known = [BATCH_FILE.fullmatch(name) for name in files]
    if not all(known):
        return []
    if not call.administrating:
        return [call.login]
    enabled = [tenant for tenant in call.world.listed if tenant.status == "enabled"]
    if any(match and "all" in match["label"].split("_") for match in known):
        return enabled
    source = Random(" ".join(files))  # noqa: S311 - repeatable, not secret
    chosen = source.sample(range(len(enabled)), min(TENANTS_IN_A_FILE, len(enabled)))
    return [enabled[place] for place in sorted(chosen)]


def start_extraction(call: Call) -> Payload:
    """Start a dispatching job that extracts, one job per tenant.

    Data and Job Handling API, POST /v1/op/data/startExtractAndLoad.
    """
    order = _extraction_order(call)
    tenants = _scope(call)
    return _started(dispatching.start(call.world, call.login, order, tenants, extraction.start))


def adhoc_extraction_job(call: Call) -> Payload:
    """Start an extraction: a dispatching job, or the job itself for an analytic login tenant.

    Data and Job Handling API, POST /v1alpha/op/jobs/extraction-jobs.
    """
    order = _extraction_order(call)
    tenants = _scope(call)
    if call.administrating:
        job = dispatching.start(call.world, call.login, order, tenants, extraction.start)
    else:
        job = extraction.start(call.world, call.login, order)
    return _started(job)


def adhoc_processing_jobs(call: Call) -> Payload:
    """Start processing: a dispatching job, or the job itself for an analytic login tenant.

    Data and Job Handling API, POST /v1alpha/op/jobs/processing-jobs.
    """
    # Checked only: there is nothing here to publish to.
    flag(call.body, "publishToProduction")
    # A job names a category by its id, a data version by its object name.
    order = Order(call.category_by_id(call.body.get("dataCategoryId")).object_name)
    tenants = _scope(call)
    if call.administrating:
        job = dispatching.start(call.world, call.login, order, tenants, processing.start)
    else:
        job = processing.start(call.world, call.login, order)
    return _started(job)


def adhoc_consolidated_analytics_job(call: Call) -> Payload:
    """Start a consolidated analytics job.

    Data and Job Handling API, POST /v1alpha/op/jobs/consolidated-analytics-jobs.
    """
    tenant = call.named_tenant(text(call.body, "tenantCode"))
    if not tenant.consolidated:
        raise bad_request(f"The tenant {tenant.code} is not a consolidated analytics tenant.")
    order = Order(call.world.primary_category, run_processing=flag(call.body, "runProcessingJob"))
    return _started(consolidated.start(call.world, tenant, order))


def _started(job: Job) -> Payload:
    return {"jobId": job.id}


def _extraction_order(call: Call) -> Order:
    body = call.body
    _check_options(body)
    connector_ids = tuple(texts(body, "connectorIds"))
    for connector_id in connector_ids:
        if connector_id not in call.world.connections.definitions:
            raise bad_request(f"The data connector {connector_id} does not exist.")
    return Order(
        call.category_by_id(body.get("dataCategoryId")).object_name,
        run_processing=flag(body, "runProcessingJob"),
        disable_artifacts=flag(body, "disableArtifactGeneration"),
        to_sql=body.get("outputTarget") == "SQL",
        connector_ids=connector_ids,
    )


def _check_options(body: dict[str, object]) -> None:
    for name, choices in CHOICES.items():
        if body.get(name) not in (None, "", *choices):
            raise bad_request(f"The field {name} must be one of {', '.join(choices)}.")
    for name in EPOCHS:
        if not text(body, name).lstrip("-").isdigit() and body.get(name) is not None:
            raise bad_request(f"The field {name} must be an epoch time in milliseconds.")
    for name in NUMBERS:
        value = body.get(name)
        if value is not None and (not isinstance(value, int) or value < 0):
            raise bad_request(f"The field {name} must be a whole number.")
    for name in ("publishDataLoadArtifacts", "forceUpdateExistingArtifacts"):
        flag(body, name)


def _scope(call: Call) -> list[Tenant]:
    """Return the tenants of a start; the login tenant without a scope."""
    body = call.body
    tenants, excluded = texts(body, "tenants"), texts(body, "excludedTenants")
    everyone = flag(body, "allTenants")
    if not call.administrating and (tenants or everyone or excluded):
        raise bad_request("Tenants can be chosen only from an administrating tenant.")
    # The rules of a scope are those of the OpenAPI document.
    if excluded and not everyone:
        raise bad_request("The field excludedTenants is valid only with allTenants.")
    if tenants and everyone:
        raise bad_request("The fields tenants and allTenants exclude each other.")
    if everyone:
        left_out = {call.named_tenant(code).code for code in excluded}
        return [
            tenant
            for tenant in call.world.listed
            if tenant.status == "enabled" and tenant.code not in left_out
        ]
    return [call.named_tenant(code) for code in dict.fromkeys(tenants)] or [call.login]
