"""One dispatching job by stage: a row per tenant, its extraction, receiving and processing."""

import pandas as pd
import streamlit as st

from dashboard import bootstrap
from dashboard.connection import Connection
from dashboard.data import TenantDirectory
from dashboard.ui import (
    chrome,
    errors,
    formats,
    job_actions,
    page,
    states,
    tables,
    tenants,
)
from services.frames import ENDED, FAILURES, JobType, job_tree
from services.frames.jobs import named
from services.frames.membership import is_among
from services.frames.stages import STEPS, stages
from services.watching import Window

CHOSEN = "job_stage"
UNFINISHED, FAILED = "Unfinished", "Failed"
PAGE = 1000
UNASKED = 4
EXPORT = (
    "tenant_code",
    "tenant_name",
    "extraction_id",
    "extraction_word",
    "stage",
    "receiving_id",
    "receiving_word",
    "processing_id",
    "processing_word",
    "data_version",
    "message",
)


def chosen(jobs: pd.DataFrame) -> str:
    """Return the key of the dispatching job the link names, or else the newest; "" for none."""
    dispatching = _dispatching(jobs)
    linked = named(dispatching, st.query_params.get(CHOSEN, ""))
    found = dispatching if linked.empty else linked
    return "" if found.empty else str(found["job_key"].iloc[0])


def _dispatching(jobs: pd.DataFrame) -> pd.DataFrame:
    # An answer may tell of a job without its id, which cannot be chosen.
    is_there = ~jobs["is_missing"] & jobs["job_id"].notna()
    found = jobs[(jobs["job_type"] == JobType.DISPATCHING) & is_there]
    return found.sort_values("start_time", ascending=False, na_position="last")


def draw(
    connection: Connection,
    window: Window,
    jobs: pd.DataFrame,
    known: TenantDirectory,
    mask: "pd.Series[bool]",
) -> None:
    """Draw how far each tenant of a dispatching job has come, stragglers first.

    With a filter, the tenants that have a job it keeps.
    """
    key = chosen(jobs)
    if not key:
        page.empty("No dispatching job", "None started in this window. Stages belong to one.")
        return
    _pick(jobs, key)
    family = job_tree.family(jobs, key)
    job, below = family.iloc[0], family.iloc[1:]
    _summary(connection, window, job, below)
    if below.empty:
        page.empty("No jobs below it yet", "A dispatching job starts one job for each tenant.")
        return
    rows = tenants.with_names(stages(below), known)
    kept = rows[is_among(rows["tenant_code"], jobs.loc[mask, "tenant_code"])]
    _table(kept[_of_state(kept)], len(rows))


def _pick(jobs: pd.DataFrame, key: str) -> None:
    dispatching = _dispatching(jobs)
    words = dict(zip(dispatching["job_key"], _in_words(dispatching), strict=True))

    def take() -> None:
        st.query_params[CHOSEN] = st.session_state["jobs.stages.pick"]

    keys = list(words)
    st.selectbox(
        "Dispatching job",
        keys,
        index=keys.index(key),
        format_func=words.__getitem__,
        key="jobs.stages.pick",
        on_change=take,
        width=720,
    )


def _in_words(dispatching: pd.DataFrame) -> "pd.Series[str]":
    when = dispatching["start_time"].dt.tz_convert(chrome.time_zone()).dt.strftime("%m-%d %H:%M · ")
    size = dispatching["child_count"].map(lambda jobs: f"{formats.counted(jobs, 'job')} · ")
    state = states.labels(dispatching).str[0]
    words: pd.Series[str] = when.fillna("") + size + state + " · " + dispatching["job_id"]
    return words


def _summary(connection: Connection, window: Window, job: pd.Series, below: pd.DataFrame) -> None:
    seen = int((below["parent_key"] == job["job_key"]).sum())
    total = job["total_jobs_dispatched"]
    of = "" if pd.isna(total) else f", of {total:,} it has dispatched"
    state = states.label(job["status"], is_settled=job["is_settled"])
    st.text(f"{state} · {formats.counted(seen, 'job')} seen right below it{of}")
    watch = bootstrap.job_watch(connection.identity)
    if watch.has_read(job["job_key"], STEPS):
        return
    calls = 1 + len(STEPS) * -(-max(1, seen) // PAGE)
    asked = f"Read stages, data versions and messages ({formats.counted(calls, 'call')})"
    if calls <= UNASKED or st.button(asked, key="jobs.stages.read", type="primary"):
        with errors.boundary(), st.spinner("Reading…"):
            watch.read_below(connection.client, window, [job["job_key"]])
            st.rerun()


def _of_state(rows: pd.DataFrame) -> "pd.Series[bool]":
    only = st.segmented_control(
        "Tenants",
        (UNFINISHED, FAILED),
        key="jobs.stages.only",
        label_visibility="collapsed",
    )
    if only == UNFINISHED:
        return ~rows["worst"].isin(ENDED)
    if only == FAILED:
        return rows["worst"].isin(FAILURES)
    return pd.Series(True, index=rows.index)


def _table(rows: pd.DataFrame, of: int) -> None:
    cells = {
        step.lower(): states.step_labels(rows[step.lower()], rows[f"{step.lower()}_word"])
        for step in STEPS
    }
    shown = rows.assign(**cells, key=_present_job(rows), open=tables.OPEN)
    columns: tables.Columns = {
        "open": tables.open_column(shown["key"], key="jobs.open", opens=job_actions.OPENED),
        "tenant_code": tables.code_column(),
        "tenant_name": tables.name_column(),
        "extraction": states.column("Extraction", width=130),
        "stage": st.column_config.TextColumn("Stage", width=160),
        "receiving": states.column("Receiving", width=130),
        "processing": states.column("Processing", width=130),
        "data_version": st.column_config.TextColumn("Data version", width=105),
        "message": st.column_config.TextColumn("Message", width=360),
    }
    tables.show_selectable(
        shown,
        columns,
        key="jobs.stages",
        of=of,
        noun="tenant",
        selection=job_actions.NAME,
        export=EXPORT,
    )


def _present_job(rows: pd.DataFrame) -> "pd.Series[str]":
    """Return the key of the job each tenant is at: the furthest unended one, or the furthest."""
    present = pd.Series(None, index=rows.index, dtype="str")
    for may_have_ended in (False, True):
        for step in reversed(STEPS):
            name = step.lower()
            fits = rows[f"{name}_key"].notna() & (may_have_ended | ~rows[name].isin(ENDED))
            present = present.fillna(rows[f"{name}_key"].where(fits))
    return present
