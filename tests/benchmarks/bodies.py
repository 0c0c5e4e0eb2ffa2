"""Answers of the size the targets speak of."""

import json
from datetime import UTC, datetime, timedelta

UPLOADS = 100
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def uploads_page(start: int, tenants: int) -> bytes:
    """Return a page of GET /v1/op/data/uploads with 100 uploads for each of so many tenants."""
    page = {"tenants": [_tenant(number) for number in range(start, start + tenants)]}
    return json.dumps(page | {"limit": 1000, "start": start}, separators=(",", ":")).encode()


def _tenant(number: int) -> dict[str, object]:
    return {
        "tenantCode": f"WFF_j1r~{number:04x}",
        "uploads": [
            {"uploadTime": _time(number, upload), "included": (number + upload) % 9 != 0}
            for upload in range(UPLOADS)
        ],
    }


def _time(number: int, upload: int) -> str:
    moment = _FIRST + timedelta(hours=7 * upload, milliseconds=977 * number)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
