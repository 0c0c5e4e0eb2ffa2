"""The incident of an impact, with the metric values from before the recovery."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

import pandas as pd

from services.frames.membership import is_among
from services.visier import PAGE_SIZE, VisierError, iso_utc

from ..starts.record import is_refusal
from .finding import Impact, by_tenant
from .incident import AffectedTenant, BadUpload, BadVersion, Figure, FoundBy, Incident
from .verdicts import NotCompared, Uncompared

LARGEST: Final = 5_000
"""The tenants of one recovery at most: as many as Visier takes in one batch load."""


def metric_calls(tenants: int, listed: int) -> int:
    """Return how many calls it takes to read the metric values of some of the tenants listed."""
    # A call for each tenant, or the pages of all.
    return min(tenants, -(-max(listed, 1) // PAGE_SIZE))


def read_metrics(
    read: Callable[[tuple[str, ...] | None], pd.DataFrame], codes: Collection[str], listed: int
) -> pd.DataFrame | NotCompared:
    """Return the metric values of these tenants by the fewest calls; columns as in metric_values.

    ``read`` returns those of some tenants, by a call each, or of all for None, page by page.
    Returns NotCompared where Visier refuses them or has none (403, 404, 501); raises the other
    errors of reading. Tenants API, GET /v1/op/validation/tenants and /{tenantId}.
    """
    one_by_one = len(codes) <= metric_calls(len(codes), listed)
    try:
        found = read(tuple(codes) if one_by_one else None)
    except VisierError as error:
        if not is_refusal(error):
            raise
        return NotCompared(Uncompared.REFUSED, str(error))
    return found[is_among(found["tenant_code"], codes)]


def figures_of(metrics: pd.DataFrame) -> dict[str, tuple[Figure, ...]]:
    """Return the metric values of each tenant that has any."""
    shown = metrics[metrics["symbol_name"].notna()]
    found: dict[str, list[Figure]] = {}
    names = shown["display_name"].fillna(shown["symbol_name"])
    columns = (shown["tenant_code"], shown["symbol_name"], names, shown["value"].astype(object))
    for code, symbol, name, value in zip(*columns, strict=True):
        figure = Figure(symbol, name, None if pd.isna(value) else float(value))
        found.setdefault(code, []).append(figure)
    return {code: tuple(figures) for code, figures in found.items()}


def incident_of(
    impact: Impact, names: Mapping[str, str], *, found_by: FoundBy, found_at: datetime
) -> Incident:
    """Return the incident of an impact; ``names`` are the tenants' display names."""
    later = by_tenant(impact).set_index("tenant_code")["later_jobs"]
    uploads, versions = _uploads(impact.uploads), _versions(impact.versions)
    tenants = tuple(
        AffectedTenant(
            code,
            names.get(code, ""),
            tuple(uploads[code]),
            tuple(versions.get(code, ())),
            None if pd.isna(later[code]) else int(later[code]),
        )
        for code in impact.tenants
    )
    return Incident(found_at, tenants, found_by)


def with_figures(incident: Incident, metrics: pd.DataFrame | NotCompared) -> Incident:
    """Return the incident with the metric values before, or why there are none."""
    if isinstance(metrics, NotCompared):
        return replace(incident, not_compared=metrics)
    figures = figures_of(metrics)
    tenants = tuple(
        replace(tenant, figures=figures.get(tenant.code, ())) for tenant in incident.tenants
    )
    return replace(incident, tenants=tenants)


def _uploads(uploads: pd.DataFrame) -> dict[str, list[BadUpload]]:
    found: dict[str, list[BadUpload]] = {}
    flags = uploads["included"].astype(object)
    for code, text, flag in zip(
        uploads["tenant_code"], uploads["upload_time_text"], flags, strict=True
    ):
        upload = BadUpload(text, None if pd.isna(flag) else bool(flag))
        found.setdefault(code, []).append(upload)
    return found


def _versions(versions: pd.DataFrame) -> dict[str, list[BadVersion]]:
    found: dict[str, list[BadVersion]] = {}
    columns = (versions[name] for name in ("tenant_code", "data_version", "data_version_date"))
    for code, number, date in zip(*columns, strict=True):
        found.setdefault(code, []).append(BadVersion(number, iso_utc(date)))
    return found
