"""Changes that people plan and apply: uploads, files, versions, jobs, connections."""

from __future__ import annotations

from typing import Final

import pandas as pd

from services.operations import (
    FileChoice,
    plan_assign_credentials,
    plan_cancel_jobs,
    plan_delete_credentials,
    plan_disable_data_versions,
    plan_exclude_all_uploads,
    plan_exclude_files,
    plan_exclude_range,
    plan_exclude_uploads,
    plan_include_all_uploads,
    plan_include_files,
    plan_include_range,
    plan_include_uploads,
    plan_set_connector_settings,
)
from services.sandbox.models.jobs import LIVE as LIVE_JOBS
from tests.simulation.desk import Desk

PATTERNS: Final = (r"^Employee_", r"_rerun\.csv$", "Absence|Compensation")
SOURCES: Final = ("Employee", "Compensation", "Absence")


def change_uploads(desk: Desk) -> None:
    current = desk.uploads()
    if current.empty:
        return
    rows = current.iloc[sorted(desk.some(range(len(current)), 8))]
    plan = desk.draw.choice([plan_exclude_uploads, plan_include_uploads])
    desk.apply(plan(rows, current))


def change_all_uploads(desk: Desk) -> None:
    plan = desk.draw.choice([plan_exclude_all_uploads, plan_include_all_uploads])
    desk.apply(plan(desk.some(desk.codes), desk.uploads()))


def change_range(desk: Desk) -> None:
    files = desk.files(desk.some(desk.codes, 2))
    times = sorted(files["upload_time"].dropna().unique())
    if not times:
        return
    since, until = sorted(desk.draw.choices(times, k=2))
    plan = desk.draw.choice([plan_exclude_range, plan_include_range])
    desk.apply(plan(files, since, until))


def change_files(desk: Desk) -> None:
    choice = desk.draw.choice(list(FileChoice))
    pattern = desk.draw.choice(PATTERNS) if choice is FileChoice.NAME else None
    files = desk.files(desk.some(desk.codes, 2), pattern)
    match choice:
        case FileChoice.NAME:
            chosen = [str(pattern)]
        case FileChoice.SOURCES:
            chosen = desk.some(SOURCES, 2)
        case FileChoice.IDENTIFIERS:
            chosen = desk.some(files["identifier"].dropna(), 4) if len(files) else []
    plan = desk.draw.choice([plan_exclude_files, plan_include_files])
    if chosen:
        desk.apply(plan(files, choice, chosen))


def disable_versions(desk: Desk) -> None:
    versions = desk.versions().dropna(subset="data_version")
    if versions.empty:
        return
    rows = versions.iloc[sorted(desk.some(range(len(versions)), 3))]
    now = desk.replica.clock.now()
    desk.apply(plan_disable_data_versions(rows[["tenant_code", "data_version"]], versions, now=now))


def cancel_jobs(desk: Desk) -> None:
    listed = desk.jobs()
    live = listed[listed["status"].astype(str).isin([str(each) for each in LIVE_JOBS])]
    chosen = desk.some(live["job_key"].dropna(), 4) if len(live) else []
    desk.apply(plan_cancel_jobs(chosen, listed))


def assign(desk: Desk) -> None:
    codes = desk.some(desk.codes, 2)
    listed, known = desk.connectors(codes), desk.credentials(codes)
    rows = []
    for row in listed.dropna(subset="connector_id").itertuples():
        own = known.loc[known["tenant_code"] == row.tenant_code, "credential_id"].dropna()
        if len(own):
            rows.append((row.tenant_code, row.connector_id, desk.draw.choice(list(own))))
    columns = ["tenant_code", "connector_id", "credential_id"]
    desk.apply(
        plan_assign_credentials(pd.DataFrame(rows, columns=columns, dtype="str"), listed, known)
    )


def set_settings(desk: Desk) -> None:
    current = desk.settings(desk.some(desk.codes, 2)).dropna(subset="setting_key")
    if current.empty:
        return
    rows = current.iloc[sorted(desk.some(range(len(current)), 4))]
    value = f"value {desk.draw.randrange(4)}"
    changes = rows[["tenant_code", "connector_id", "setting_key"]].assign(value=value)
    desk.apply(plan_set_connector_settings(changes, current))


def delete_credentials(desk: Desk) -> None:
    current = desk.credentials(desk.some(desk.codes, 2)).dropna(subset="credential_id")
    if current.empty:
        return
    rows = current.iloc[sorted(desk.some(range(len(current)), 2))]
    none = pd.DataFrame({"tenant_code": []}, dtype="str")
    desk.apply(plan_delete_credentials(rows, current, none))
