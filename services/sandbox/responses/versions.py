"""Data versions and data categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox.call import Call, text
from services.sandbox.errors import NO_PERMISSION

if TYPE_CHECKING:
    pass

Payload = dict[str, object]

DEFAULT_PAGE = 1_000  # what the code sample echoes
MOST_VERSIONS = 5
MOST_DISABLES = 1_000


def latest_enabled_dv(call: Call) -> Payload:
    """Return tenants with their latest enabled data versions, newest first, at most five.

    Data and Job Handling API, GET /v1/op/data-versions.
    """
    page = call.page(DEFAULT_PAGE)
    number = call.number("numberOfVersions", MOST_VERSIONS, 1, MOST_VERSIONS)
    category = call.category(call.query.get("dataCategory")).object_name
    tenants = [
        {
            # As in the code sample; the OpenAPI document says tenantCode.
            "tenant": tenant.code,
            "dataVersions": [
                {"dataVersion": version.number, "dataVersionDate": version.date}
                for version in tenant.enabled_versions(category)[:number]
            ],
        }
        for tenant in page.of(call.asked_tenants())
    ]
    return {"tenants": tenants, **page.echo()}


def disable_dv(call: Call) -> Payload:
    """Disable up to 1,000 data versions; the latest enabled one where no number is given.

    Data and Job Handling API, PUT /v1/op/data-versions/disable.
    """
    items = call.items("dataVersionObjects", MOST_DISABLES)
    categories = [call.category(item.get("dataCategory")).object_name for item in items]
    results = [
        _disable(call, item, category, place)
        for place, (item, category) in enumerate(zip(items, categories, strict=True))
    ]
    failures = sum(result["status"] == "Failed" for result in results)
    return {
        "totalFailures": failures,
        "totalSuccess": len(results) - failures,
        "results": results,
    }


def _disable(call: Call, item: Payload, category: str, place: int) -> Payload:
    code = text(item, "tenantCode")
    tenant = call.world.tenant(code) if call.reaches(code) else None
    if tenant is None:
        return _failed(code, NO_PERMISSION)
    if call.refuses(place):
        return _failed(code, "[SIM0005] The data version could not be disabled.")
    number, enabled = text(item, "dataVersion"), tenant.enabled_versions(category)
    # Without a number the latest enabled one, another one each time, as Visier documents it.
    version = next((v for v in enabled if not number or v.number == number), None)
    if version is None:
        return _failed(code, f"There was no enabled data version for tenant {code}.")
    version.enabled = False
    return {
        "jobId": version.job,
        "dataVersion": version.number,
        "tenantCode": code,
        "status": "Succeeded",
        "message": "",
    }


def _failed(code: str, message: str) -> Payload:
    return {
        "jobId": "",
        "dataVersion": "",
        "tenantCode": code,
        "status": "Failed",
        "message": message,
    }


def retrieve_data_categories(call: Call) -> Payload:
    """Return the data categories, the primary one first.

    Data and Job Handling API, GET /v1/op/data/categories.
    """
    return {
        "categories": [
            {"name": category.name, "id": category.id, "objectName": category.object_name}
            for category in call.world.categories
        ]
    }
