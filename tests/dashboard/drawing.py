"""What the screens draw of each list: its figures, and the frames that its tables are made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import plotly.graph_objects as go

from dashboard.components import states, tenants
from dashboard.data import TenantDirectory
from dashboard.operations import recovery_verdicts
from pages.connectors.settings import grid_of
from pages.data_versions import charts
from pages.jobs import charts as jobs
from pages.overview import charts as overview_charts
from pages.uploads import charts as uploads
from pages.watch import endpoint, webhooks
from services.frames import data_versions as version_frames
from services.frames import job_tree, links
from services.frames.stages import stages
from services.ledger import Actor, Operation, State, nothing_seen
from services.monitoring import durations, failures, overview, rhythm
from services.operations import Verb
from services.operations.engine.changes import Key, read_key
from services.operations.engine.matching import match
from services.operations.recovery import baseline, steps
from services.operations.recovery.finding import By, assess_impact, by_tenant, listed_uploads
from services.operations.recovery.incident import Choices, FoundBy, Recovery
from services.operations.recovery.verifying import ReadBack, verify
from services.operations.verbs.files import FileChoice, plan_exclude_files
from services.operations.verbs.registry import VERBS
from tests.odd_values import PAGES
from tests.services.frames.resources import RESOURCES

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
Drawn = list[go.Figure | pd.DataFrame]
WHOLE = {name: resource.read([PAGES[name]]) for name, resource in RESOURCES.items()}


def latest_of(versions: pd.DataFrame) -> pd.DataFrame:
    """Give the latest versions, judged by the rhythms of their tenants."""
    latest = version_frames.latest(versions).join(rhythm.rhythms(versions), on="tenant_code")
    return latest.assign(
        is_overdue=rhythm.statuses(latest, NOW) == rhythm.Rhythm.OVERDUE,
        usual_gap=latest["usual_gap"].dt.total_seconds(),
        overdue_by=rhythm.overdue_by(latest, NOW).dt.total_seconds(),
    )


def of_versions(versions: pd.DataFrame, zone: ZoneInfo) -> Drawn:
    rows = versions.dropna(subset="tenant_code").assign(tenant_name="Ä", key="k")
    latest = latest_of(rows)
    bands = overview.age_bands(latest["data_version_date"], NOW, [pd.Timedelta(days=1)])
    colors = ["#000000"] * len(bands)
    return [
        charts.timeline(rows, zone, NOW, {"k"}),
        charts.freshness(latest, NOW),
        overview_charts.freshness(bands, colors, colors),
        overview.attention(latest),
        *of_a_recovery(versions=rows),
    ]


def of_uploads(found: pd.DataFrame, zone: ZoneInfo) -> Drawn:
    rows = found.dropna(subset="tenant_code").assign(tenant_name="Ä", key="k")
    return [
        uploads.timeline(rows, zone, {"k"}),
        uploads.density(rows, zone).figure,
        overview.attention(latest_of(WHOLE["data_versions"]), uploads=rows),
        *of_a_recovery(uploads=rows),
    ]


def of_jobs(found: pd.DataFrame, zone: ZoneInfo) -> Drawn:
    tree = job_tree.roll_up(job_tree.with_missing_parents(found)).assign(tenant_name="Ä")
    none = durations.job_histories(nothing_seen())
    known = none.set_index("job_id").reindex(tree["job_id"]).set_index(tree.index)
    seen = tree.join(known[["changed_at", "last_live_at", "ended_at", "seconds"]])
    seen = seen.assign(end_seen=False)
    anomalies = durations.anomalies(tree, none, durations.baseline_stats(none), NOW)
    marked = seen.assign(state=states.labels(tree), **anomalies)
    return [
        *(jobs.timeline(seen, zone, NOW, {"job0"}, by) for by in ("job_type", "tenant_code")),
        *(jobs.density(seen, zone, NOW, by) for by in ("job_type", "tenant_code")),
        marked,
        failures.groups(tree),
        stages(tree),
    ]


def of_the_list_of_jobs(found: pd.DataFrame, zone: ZoneInfo) -> Drawn:
    drawn = of_jobs(found, zone)
    marked = next(each for each in drawn if isinstance(each, pd.DataFrame))
    latest = latest_of(WHOLE["data_versions"])
    return [
        *drawn,
        overview.attention(latest, jobs=marked),
        *of_a_recovery(jobs=found),
    ]


OPERATION = Operation(
    id="6a1f0c0e-8f6e-4d7b-9d3e-3b1d6f0e7a11",
    verb=Verb.RECOVER,
    actor=Actor("ada@example.com", "WFF_j1r", "https://example.com"),
    identity="ada",
    reason="",
    filter_text="",
    undo_of=None,
    retry_of=None,
    part_of=None,
    started_at=NOW,
    state=State.OPEN,
    state_at=NOW,
    request_count=0,
    item_counts={},
)


def of_a_recovery(
    *,
    uploads: pd.DataFrame = WHOLE["uploads"],
    versions: pd.DataFrame = WHOLE["data_versions"],
    jobs: pd.DataFrame = WHOLE["job_status"],
    metrics: pd.DataFrame = WHOLE["metric_values"],
) -> Drawn:
    """Return what a bad load hit, how that would be mended, and what came of it."""
    impact = assess_impact(listed_uploads(uploads), versions, jobs)
    incident = baseline.with_figures(
        baseline.incident_of(impact, {}, found_by=FoundBy(By.WINDOW), found_at=NOW), metrics
    )
    recovery = Recovery(OPERATION, incident, Choices(), None, ())
    read = ReadBack(versions, uploads, jobs, metrics, has_started=True)
    verified = verify(recovery, read, at=NOW, by="ada@example.com")
    return [
        impact.uploads,
        impact.versions,
        impact.jobs,
        by_tenant(impact),
        steps.plan_disable(recovery, versions, NOW, WEEK).items,
        steps.plan_exclude(recovery, uploads).items,
        recovery_verdicts.rows_of(replace(recovery, verification=verified), verified),
    ]


def of_tenants(found: pd.DataFrame, _zone: ZoneInfo) -> Drawn:
    known = TenantDirectory(found.dropna(subset="tenant_code", ignore_index=True), True)
    latest = latest_of(WHOLE["data_versions"])
    named = tenants.with_names(latest, known)
    administrating = pd.DataFrame({"tenant_code": [known.administrating_tenant]})
    return [named, administrating, tenants.with_names(overview.attention(latest), known)]


# The answer does not say whose they are.
ASKED_ABOUT = "WFF_j1r~a1a"


def of_connectors(found: pd.DataFrame, _zone: ZoneInfo) -> Drawn:
    return linked(found, WHOLE["credentials"])


def of_credentials(found: pd.DataFrame, _zone: ZoneInfo) -> Drawn:
    return linked(WHOLE["connectors"], found)


def linked(connectors: pd.DataFrame, credentials: pd.DataFrame) -> Drawn:
    connectors, credentials = (
        each.assign(tenant_code=ASKED_ABOUT) for each in (connectors, credentials)
    )
    used = links.where_used(credentials, connectors)
    return [
        links.linked(connectors, credentials),
        credentials.assign(uses=links.counts(credentials, connectors)),
        links.by_tenant(used, credentials["tenant_code"].dropna().unique()),
    ]


def of_settings(found: pd.DataFrame, _zone: ZoneInfo) -> Drawn:
    known = found.assign(tenant_code=ASKED_ABOUT)
    return [grid_of(known.dropna(subset=["connector_id", "setting_key"]))]


def of_files(found: pd.DataFrame, _zone: ZoneInfo) -> Drawn:
    sources, ids = (
        sorted(found[name].dropna().unique()) for name in ("source_object_name", "identifier")
    )
    plans = [
        plan_exclude_files(found, FileChoice.SOURCES, sources),
        plan_exclude_files(found, FileChoice.IDENTIFIERS, ids),
    ]
    return [
        frame for plan in plans for frame in (plan.items, *(each.rows for each in plan.warnings))
    ]


def of_metrics(found: pd.DataFrame, _zone: ZoneInfo) -> Drawn:
    return of_a_recovery(metrics=found)


KEYS: Mapping[str, tuple[Verb, Sequence[str]]] = {
    "disable_dv": (Verb.DISABLE_VERSIONS, ("tenant_code", "data_version", "", "")),
    "data_uploads": (Verb.EXCLUDE_UPLOADS, ("tenant_code", "upload_time_text")),
    "cancel_jobs": (Verb.CANCEL_JOBS, ("tenant_code", "job_id")),
    "assign_connector_credential": (
        Verb.ASSIGN_CREDENTIALS,
        ("tenant_code", "connector_id", "credential_id", "", "", ""),
    ),
    "set_connector_setting": (
        Verb.SET_CONNECTOR_SETTINGS,
        ("tenant_code", "connector_id", "setting_key", "value"),
    ),
}


def of_results(name: str) -> Callable[[pd.DataFrame, ZoneInfo], Drawn]:
    """Return what draws the outcome of each item that was asked for, as the ledger is told it."""
    verb, parts = KEYS[name]

    def key(row: Mapping[Any, Any]) -> Key:
        named: Key = VERBS[verb].key_type(*(str(row[part]) if part else "" for part in parts))
        return named

    keys = list(map(key, WHOLE[name].to_dict("records")))

    def draw(found: pd.DataFrame, _zone: ZoneInfo) -> Drawn:
        results, beside = match(VERBS[verb], keys, found)
        assert {read_key(each.key) for each in results} == set(keys)
        items = pd.DataFrame(map(asdict, results))
        words = [" · ".join(each) for each in beside]
        return [items, pd.DataFrame({"beside": pd.array(words, dtype="str")})]

    return draw


def of_webhooks(rows: pd.DataFrame, _zone: ZoneInfo) -> Drawn:
    addresses = rows["target_url"].map(endpoint.told, na_action="ignore").astype("str")
    return [webhooks.in_words(rows).assign(target_url=addresses)]


def as_it_is(_rows: pd.DataFrame, _zone: ZoneInfo) -> Drawn:
    """Return nothing beside the frame, which is all that is drawn of it."""
    return []


DRAW: dict[str, Callable[[pd.DataFrame, ZoneInfo], Drawn]] = {
    "tenants": of_tenants,
    "data_versions": of_versions,
    "latest": as_it_is,
    "metric_values": of_metrics,
    "uploads": of_uploads,
    "uploaded_files": of_files,
    "connectors": of_connectors,
    "credentials": of_credentials,
    "connector_settings": of_settings,
    "categories": as_it_is,
    "webhooks": of_webhooks,
    "job_status": of_the_list_of_jobs,
    "job_id_status": as_it_is,
    "dispatching_job": as_it_is,
    "extraction_jobs": of_jobs,
    "receiving_jobs": as_it_is,
    "processing_jobs": as_it_is,
    "receiving_job": of_jobs,
    "create_connector_credential": as_it_is,
    "missing_properties": as_it_is,
    **{name: of_results(name) for name in KEYS},
}
