"""What happens around the people: Visier's own Studio, the network, clocks, crashes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Final

from services.operations import Verb
from services.sandbox.faults import ANY, Fault
from services.sandbox.models.jobs import LIVE, Order
from services.sandbox.models.tenants import Tenant
from services.sandbox.routes import OPERATIONS
from services.sandbox.rules import cancelling, dispatching, processing
from services.sandbox.rules.selecting import EVERY_BIT, set_flags
from services.visier import ENDPOINTS
from tests.simulation.book import Fate
from tests.simulation.visier import LONGEST_WAY, Visier


def in_studio(visier: Visier, draw: Random, under_way: Sequence[Fate]) -> str:
    """Change something behind everybody's back, most often what is under way; say what."""
    world = visier.inside.world
    tenant, action = draw.choice(world.listed), draw.choice(STUDIO)
    if under_way and draw.random() < 0.7:
        fate = draw.choice(under_way)
        tenant = world.tenant(fate.key[0]) or tenant
        action = AIMED[fate.truth.kinds[0]]
        narrowed = fate.key[1] if len(fate.key) > 1 else ""
    else:
        narrowed = ""
    with visier.in_studio():
        action(visier, tenant, draw, narrowed)
    return f"{action.__name__} {tenant.code} {narrowed}"


def change_upload(_visier: Visier, tenant: Tenant, draw: Random, time: str) -> None:
    uploads = [each for each in tenant.uploads if each.time == time] or tenant.uploads
    if uploads:
        upload, bits = draw.choice(uploads), draw.choice([EVERY_BIT, EVERY_BIT, 1, 2, 4])
        set_flags(upload, bits, included=not upload.included)


def change_version(_visier: Visier, tenant: Tenant, draw: Random, number: str) -> None:
    versions = [each for each in tenant.versions if each.number == number] or tenant.versions
    if versions:
        version = draw.choice(versions)
        version.enabled = not version.enabled


def cancel_job(visier: Visier, tenant: Tenant, draw: Random, key: str) -> None:
    world = visier.inside.world
    live = [job for job in world.jobs.by_start if job.status in LIVE]
    own = [job for job in live if key.endswith(job.id)] or [
        job for job in live if job.tenant == tenant.code
    ]
    if own:
        cancelling.cancel(world, draw.choice(own))


def start_job(visier: Visier, tenant: Tenant, _draw: Random, _narrowed: str) -> None:
    world = visier.inside.world
    order = Order(world.primary_category)
    dispatching.start(world, world.admin, order, [tenant], processing.start)


def change_setting(visier: Visier, tenant: Tenant, draw: Random, connector_id: str) -> None:
    links = visier.inside.world.connections.of(tenant.code)
    connector = links.connector(connector_id) or draw.choice(links.connectors)
    setting = draw.choice(sorted(connector.settings))
    links.settings[connector.id, setting] = f"value {draw.randrange(4)}"


def assign_credential(visier: Visier, tenant: Tenant, draw: Random, connector_id: str) -> None:
    connections = visier.inside.world.connections
    links, known = connections.of(tenant.code), connections.visible(tenant.code)
    connector = links.connector(connector_id) or draw.choice(links.connectors)
    if known:
        links.assigned[connector.id] = draw.choice(known).id


def delete_credential(visier: Visier, tenant: Tenant, draw: Random, credential_id: str) -> None:
    connections = visier.inside.world.connections
    known = connections.of(tenant.code).credentials
    own = [each for each in known if each.id == credential_id] or known
    if own:
        connections.delete(draw.choice(own))


Act = Callable[[Visier, Tenant, Random, str], None]
STUDIO: Final[tuple[Act, ...]] = (
    change_upload,
    change_upload,
    change_upload,
    change_version,
    cancel_job,
    start_job,
    change_setting,
    assign_credential,
    delete_credential,
)
AIMED: Final[Mapping[str, Act]] = {
    "upload": change_upload,
    "version": change_version,
    "job": cancel_job,
    "setting": change_setting,
    "assigned": assign_credential,
    "credential": delete_credential,
}

_WRITES: Final = tuple(
    each.name
    for each in OPERATIONS
    # Nobody in the simulation manages webhooks.
    if ENDPOINTS[each.name].writes and "webhooks" not in each.path
)
_READS: Final = (
    "retrieve_data_uploads",
    "retrieve_tenant_source_files",
    "latest_enabled_dv",
    "job_status",
    "data_connectors",
    "data_connector_credentials",
    "list_connector_settings",
    "security_token",
)
# Where what is missing from a list is taken for gone, a list that leaves something out is a lie
# that nobody can tell from the truth.
SILENCE: Final = 60.0
_BY_ABSENCE: Final = frozenset(
    {
        "latest_enabled_dv",
        "data_connector_credentials",
        "retrieve_tenant_source_files",
        "job_status",
    }
)
STATUSES: Final = ("400", "401", "403", "404", "429", "500", "502", "503", "504")
GARBLED: Final = ("html", "malformed", "empty", "slow_body")
HARMLESS: Final = (
    "extra_field",
    "duplicate_item",
    "five_uploads",
    "empty_text",
    "null_lists",
    "strange_text",
    "206",
    "207",
)
ODD: Final = (
    "unknown_status",
    "null_field",
    "drop_field",
    "as_object",
    "tenant_code_key",
    "tenant_key",
    "capital_job_id",
    "cancel_failed_word",
    "files_as_list",
    "files_in_tenants",
    "newline",
)
LIES: Final = ("missing_item", "other_key", "extra_item", "other_value")
FIELDS: Final = (
    "included",
    "uploadTime",
    "status",
    "message",
    "jobId",
    "jobStatus",
    "cancelStatus",
    "dataVersion",
    "credentialId",
    "value",
    "tenantCode",
)


_SENT_BY: Final[Mapping[Verb, str]] = {
    Verb.EXCLUDE_UPLOADS: "exclude_data_uploads",
    Verb.EXCLUDE_ALL_UPLOADS: "exclude_data_uploads",
    Verb.EXCLUDE_FILES: "exclude_data_uploads",
    Verb.INCLUDE_UPLOADS: "include_data_uploads",
    Verb.INCLUDE_ALL_UPLOADS: "include_data_uploads",
    Verb.INCLUDE_FILES: "include_data_uploads",
    Verb.DISABLE_VERSIONS: "disable_dv",
    Verb.CANCEL_JOBS: "cancel_jobs",
    Verb.ASSIGN_CREDENTIALS: "assign_connector_credential",
    Verb.SET_CONNECTOR_SETTINGS: "set_connector_setting",
    Verb.DELETE_CREDENTIALS: "delete_connector_credential",
    Verb.START_LOAD: "start_load",
    Verb.START_EXTRACTION: "start_extraction",
    Verb.START_PROCESSING: "adhoc_processing_jobs",
    Verb.START_CONSOLIDATION: "adhoc_consolidated_analytics_job",
    Verb.CREATE_CREDENTIALS: "create_connector_credential",
    Verb.CHANGE_CREDENTIAL: "update_connector_credential",
    Verb.ROTATE_SECRETS: "update_connector_credential",
}


def some_faults(draw: Random, under_way: Sequence[Fate]) -> list[Fault]:
    """Draw what goes wrong next, most often with what is about to be sent.

    One thing, or an answer that says "in part" and means it.
    """
    name = draw.choice([*_WRITES, *_READS, *_READS, ANY])
    if under_way and draw.random() < 0.6:
        name = _SENT_BY[draw.choice(under_way).verb]
    if name in _WRITES and draw.random() < 0.1:
        return [
            Fault(name, "207", when="after", times=2),
            Fault(name, "partial_failure", times=0, every=draw.randint(1, 2)),
        ]
    if name in _WRITES and draw.random() < 0.5:
        return [_lost(draw, name)]
    return [_fault(draw, name)]


def _lost(draw: Random, name: str) -> Fault:
    """Lose an answer, or a request; or have it arrive when nobody waits for it any more."""
    kind = draw.choice(["cut", "503", "latency", "latency"])
    late = draw.uniform(SILENCE, LONGEST_WAY) if kind == "latency" else 0.0
    when = draw.choice(["before", "before", "after"])
    return Fault(name, kind, when=when, seconds=late, times=draw.randint(1, 2))


def _fault(draw: Random, name: str) -> Fault:
    kinds: list[tuple[str, ...]] = [
        STATUSES,
        STATUSES,
        GARBLED,
        HARMLESS,
        ODD,
        ("cut", "cut", "hang", "latency", "latency"),
        ("gateway",),
    ]
    if name in _WRITES:
        kinds += [("partial_failure",), ("partial_failure",), LIES]
    elif name not in _BY_ABSENCE and name != ANY:
        kinds += [LIES]
    fault = draw.choice(draw.choice(kinds))
    details: dict[str, Any] = {}
    if fault in {"null_field", "drop_field"}:
        details["value"] = draw.choice(FIELDS)
    if fault == "other_value":
        details["value"] = draw.choice(
            ["credentialId=another", "value=another", "displayName=another"]
        )
    if fault in {"hang", "latency"}:
        details["seconds"] = draw.uniform(1, LONGEST_WAY)
    if fault == "slow_body":
        details["seconds"] = draw.uniform(1, 30)
    if fault == "429":
        details["retry_after"] = draw.choice([None, 1, 30])
    if fault == "gateway":
        details["status"] = draw.choice([429, 500, 502, 503, 504])
    is_after = fault in {"cut", "hang", "latency", "400", "500", "502", "503", "504"}
    when = draw.choice(["before", "after"]) if is_after and fault != "400" else ""
    if fault in {"206", "207"}:
        when = "after"
    return Fault(
        name, fault, when=when, times=draw.randint(1, 3), every=draw.randint(1, 3), **details
    )
