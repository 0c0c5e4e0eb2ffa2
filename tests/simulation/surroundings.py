"""What happens around the people: Visier's own Studio, the network, clocks, crashes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from services.sandbox.faults import ANY, Fault
from services.sandbox.models.jobs import LIVE, Order
from services.sandbox.models.tenants import Tenant
from services.sandbox.routes import OPERATIONS
from services.sandbox.rules import cancelling, dispatching, processing
from services.sandbox.rules.selecting import EVERY_BIT, set_flags
from services.visier import ENDPOINTS
from tests.simulation.visier import LONGEST_WAY, Visier


def in_studio(visier: Visier, draw: Random) -> str:
    """Change something behind everybody's back; say what."""
    visier.settle()
    tenant = draw.choice(visier.inside.world.listed)
    action = draw.choice(STUDIO)
    action(visier, tenant, draw)
    visier.settle()
    return f"{action.__name__} {tenant.code}"


def change_upload(_visier: Visier, tenant: Tenant, draw: Random) -> None:
    if tenant.uploads:
        bits = draw.choice([EVERY_BIT, 1, 2, 4])
        set_flags(draw.choice(tenant.uploads), bits, included=draw.random() < 0.5)


def change_version(_visier: Visier, tenant: Tenant, draw: Random) -> None:
    if tenant.versions:
        version = draw.choice(tenant.versions)
        version.enabled = not version.enabled


def cancel_job(visier: Visier, tenant: Tenant, _draw: Random) -> None:
    world = visier.inside.world
    own = [job for job in world.jobs.by_start if job.tenant == tenant.code and job.status in LIVE]
    if own:
        cancelling.cancel(world, own[0])


def start_job(visier: Visier, tenant: Tenant, _draw: Random) -> None:
    world = visier.inside.world
    order = Order(world.primary_category)
    dispatching.start(world, world.admin, order, [tenant], processing.start)


def change_setting(visier: Visier, tenant: Tenant, draw: Random) -> None:
    links = visier.inside.world.connections.of(tenant.code)
    connector = draw.choice(links.connectors)
    setting = draw.choice(sorted(connector.settings))
    links.settings[connector.id, setting] = f"value {draw.randrange(4)}"


def assign_credential(visier: Visier, tenant: Tenant, draw: Random) -> None:
    connections = visier.inside.world.connections
    links, known = connections.of(tenant.code), connections.visible(tenant.code)
    if known:
        links.assigned[draw.choice(links.connectors).id] = draw.choice(known).id


def delete_credential(visier: Visier, tenant: Tenant, draw: Random) -> None:
    connections = visier.inside.world.connections
    own = connections.of(tenant.code).credentials
    if own:
        connections.delete(draw.choice(own))


STUDIO: Final[tuple[Callable[[Visier, Tenant, Random], None], ...]] = (
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

_WRITES: Final = tuple(each.name for each in OPERATIONS if ENDPOINTS[each.name].writes)
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


def some_faults(draw: Random) -> list[Fault]:
    """Draw what goes wrong next: one thing, or an answer that says "in part" and means it."""
    if draw.random() < 0.1:
        name = draw.choice(_WRITES)
        return [
            Fault(name, "207", when="after", times=2),
            Fault(name, "partial_failure", times=0, every=draw.randint(1, 2)),
        ]
    return [_fault(draw)]


def _fault(draw: Random) -> Fault:
    name = draw.choice([*_WRITES, *_WRITES, *_READS, ANY])
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
