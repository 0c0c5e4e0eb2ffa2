"""Tenants and the validation of their metric values."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from services.sandbox.call import Call, text
from services.sandbox.config import VANITY_NAME
from services.sandbox.errors import bad_request, forbidden

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.sandbox.models.tenants import DataVersion, Tenant

Payload = dict[str, object]

# With one of these a page holds 400 tenants (Tenants API).
SLOW_FIELDS = {
    "homeAnalysisId",
    "homeAnalysisByUserGroup",
    "clickThroughLink",
    "defaultCurrency",
}
MOST_TENANTS = 1_000
MOST_SLOW_TENANTS = 400
DEFAULT_PAGE = 1_000
METRICS = (("employeeCount", "Headcount"), ("employeeExitCount", "Employee Exits"))


def tenants(call: Call) -> Payload:
    """Return the analytic tenants: up to 1,000, or 400 with slow fields or without a mask.

    Tenants V2 API, GET /v2/admin/tenants.
    """
    if not call.administrating:
        raise forbidden(f"The tenant {call.login.code} does not administer other tenants.")
    mask = {name.strip() for name in call.query.get("mask", "").split(",") if name.strip()}
    unknown = mask - FIELDS.keys() - SLOW_FIELDS
    if unknown:
        raise bad_request(f"The mask names unknown fields: {', '.join(sorted(unknown))}.")
    largest = MOST_SLOW_TENANTS if not mask or mask & SLOW_FIELDS else MOST_TENANTS
    page = call.page(largest, largest)
    fields = {name: read for name, read in FIELDS.items() if not mask or name in mask}
    category = call.world.primary_category
    found = [_describe(tenant, category, fields) for tenant in page.of(_asked(call))]
    return {"tenants": found, **page.echo()}


def _asked(call: Call) -> list[Tenant]:
    codes = [code.strip() for code in call.query.get("tenantCodes", "").split(",") if code.strip()]
    profile = call.query.get("dataProfile")
    if len({"~" in code for code in codes}) > 1:
        raise bad_request("Full and short tenant codes cannot be mixed in one request.")
    wanted = {code.rpartition("~")[2] for code in codes}
    return [
        tenant
        for tenant in call.world.listed
        if (not wanted or tenant.short_code in wanted)
        and (not profile or tenant.profile == profile)
    ]


def _describe(
    tenant: Tenant,
    category: str,
    fields: dict[str, Callable[[Tenant, DataVersion | None], object]],
) -> Payload:
    current = _current(tenant, category)
    described = {name: read(tenant, current) for name, read in fields.items()}
    return {name: value for name, value in described.items() if value is not None}


FIELDS: dict[str, Callable[[Tenant, DataVersion | None], object]] = {
    "tenantCode": lambda tenant, _: tenant.code,
    "tenantDisplayName": lambda tenant, _: tenant.name,
    "status": lambda tenant, _: tenant.status,
    "provisionDate": lambda tenant, _: tenant.provisioned,
    "currentDataVersion": lambda _, current: current.number if current else None,
    "dataVersionDate": lambda _, current: current.date if current else None,
    "canAdministerOtherTenants": lambda *_: False,
    "vanityUrlName": lambda *_: VANITY_NAME,
    "industryCode": lambda tenant, _: 110_000 + crc32(tenant.code.encode()) % 800 * 1_000,
    "purchasedModules": lambda *_: ["VB_PeopleManagement"],
    "manuallyAddedModules": lambda *_: [],
    "embeddableDomains": lambda *_: [],
    "allowedOAuthIdpUrlDomains": lambda *_: [],
    "customProperties": lambda *_: [],
    "ssoInstanceIssuers": lambda *_: [],
    "clickThroughLinkEnabled": lambda *_: "false",
    "traits": lambda tenant, _: {
        "tenantType": "PARTNER_CUSTOMER",
        "dataProfileType": tenant.profile,
    },
    "companySize": lambda tenant, current: _headcount(tenant, current) if current else None,
    "industryInfo": lambda *_: None,
    "primaryBusinessLocation": lambda *_: None,
    "effectiveIndustryCode": lambda *_: None,
}


def validation_tenants(call: Call) -> Payload:
    """Return tenants with the metric values of their current data version.

    Tenants V1 API, GET /v1/op/validation/tenants.
    """
    page = call.page(DEFAULT_PAGE)
    category = call.world.primary_category
    found = [_validate(tenant, category) for tenant in page.of(call.reachable())]
    return {"tenants": found, **page.echo()}


def validation_tenant(call: Call) -> Payload:
    """Return the metric values of one tenant's current data version.

    Tenants V1 API, GET /v1/op/validation/tenants/{tenantId}.
    """
    tenant = call.named_tenant(text(call.path, "tenantId"))
    return _validate(tenant, call.world.primary_category)


def _validate(tenant: Tenant, category: str) -> Payload:
    current = _current(tenant, category)
    if current is None:
        return {"tenantCode": tenant.code, "dataVersion": "", "dataVersionDate": "", "metrics": []}
    values = _headcount(tenant, current), _exits(tenant, current)
    return {
        "tenantCode": tenant.code,
        "dataVersion": current.number,
        "dataVersionDate": current.date,
        "metrics": [
            {"symbolName": symbol, "displayName": name, "value": float(value)}
            for (symbol, name), value in zip(METRICS, values, strict=True)
        ],
    }


def _current(tenant: Tenant, category: str) -> DataVersion | None:
    """Return the version in use: the latest enabled one, as with automatic release."""
    return next(iter(tenant.enabled_versions(category)), None)


def _headcount(tenant: Tenant, current: DataVersion) -> int:
    """Return a headcount that varies a little by version; a ninth of it if the data is faulty."""
    usual = 40 + crc32(tenant.code.encode()) % 24_000
    drift = crc32(current.number.encode()) % 3
    return (usual + usual * drift // 100) // (9 if current.faulty else 1)


def _exits(tenant: Tenant, current: DataVersion) -> int:
    usual = 1 + crc32(tenant.code.encode()) % 24_000 // 60
    return usual * (14 if current.faulty else 1)
