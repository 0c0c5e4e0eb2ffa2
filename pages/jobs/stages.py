"""One dispatching job by stage: a row per tenant, its extraction, receiving and processing."""

import pandas as pd
import streamlit as st

from dashboard import time_zone
from dashboard.components import errors, formats, page, states, tables, tenants
from dashboard.connection import Connection
from dashboard.data import TenantDirectory
from pages.jobs import actions
from pages.jobs.actions import OPENED
from services.clock import CLOCK
from services.frames import ENDED, FAILURES, JobType, job_tree
from services.frames.jobs import are_named, named
from services.frames.membership import is_among
from services.frames.stages import STEPS, stages
from services.monitoring import Window
from services.monitoring.reasons import READ_UNASKED
from services.visier import PAGE_SIZE

CHOSEN = "job_stage"
NONE_MATCHES = (
    "No dispatching job in this window has a matching job. Stages are shown per dispatching job."
)
UNFINISHED, FAILED = "Unfinished", "Failed"
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


def chosen(jobs: pd.DataFrame, mask: "pd.Series[bool]") -> str:
    """Return the key of the dispatching job whose stages are shown, "" when there is none.

    Of those that the filter keeps something of: the one the link names, or to which the job in the
    drawer belongs, or else the newest.
    """
    dispatching = _dispatching(jobs, mask)
    linked = named(dispatching, st.query_params.get(CHOSEN, ""))
    opened = _dispatching(jobs, are_named(jobs, [st.query_params.get(OPENED, "")]))
    wanted = [*linked["job_key"], *opened["job_key"], *dispatching["job_key"]]
    return next((str(key) for key in wanted if key in dispatching["job_key"].array), "")


def _dispatching(jobs: pd.DataFrame, mask: "pd.Series[bool]") -> pd.DataFrame:
    """Return the dispatching jobs that are, or have below or above them, a job of the mask."""
    # An answer may tell of a job without its id, which cannot be chosen.
    is_there = ~jobs["is_missing"] & jobs["job_id"].notna()
    is_dispatching = is_there & (jobs["job_type"] == JobType.DISPATCHING)
    found = jobs[is_dispatching & job_tree.around(jobs, mask)]
    return found.sort_values("start_time", ascending=False, na_position="last")


def draw(
    connection: Connection,
    window: Window,
    jobs: pd.DataFrame,
    known: TenantDirectory,
    mask: "pd.Series[bool]",
) -> "pd.Series[str]":
    """Draw how far each tenant of a dispatching job has come, stragglers first.

    With a filter, the tenants of which it keeps a job, or one above it. Returns the keys of the
    rows: the job each tenant is at.
    """
    key = chosen(jobs, mask)
    if not key:
        page.empty("No dispatching job", NONE_MATCHES)
        return jobs["job_key"].iloc[:0]
    line = st.container(horizontal=True, vertical_alignment="center", key="filters-stages")
    with line:
        _pick(_dispatching(jobs, mask), key)
    family = job_tree.family(jobs, key)
    below = family.iloc[1:]
    summary = _summary(family)
    _read_below(connection, window, family.iloc[0])
    if below.empty:
        st.text(summary)
        page.empty("No child jobs yet", "A dispatching job starts one job per tenant.")
        return below["job_key"]
    rows = tenants.with_names(stages(below), known)
    found = job_tree.branches(jobs, mask)[below.index]
    kept = rows[is_among(rows["tenant_code"], below.loc[found, "tenant_code"])]
    with line:
        kept = kept[_of_state(kept)]
    return _table(kept, len(rows), summary)


def _pick(dispatching: pd.DataFrame, key: str) -> None:
    words = dict(zip(dispatching["job_key"], _in_words(dispatching), strict=True))

    def take() -> None:
        st.query_params[CHOSEN] = st.session_state["jobs.stages.pick"]

    # It follows the filter, whatever was picked before.
    st.session_state["jobs.stages.pick"] = key
    st.selectbox(
        "Dispatching job",
        list(words),
        format_func=words.__getitem__,
        key="jobs.stages.pick",
        on_change=take,
        label_visibility="collapsed",
        width=720,
    )


def _in_words(dispatching: pd.DataFrame) -> "pd.Series[str]":
    started = dispatching["start_time"]
    when = formats.moments(started, time_zone.chosen(), CLOCK.now()) + " · "
    size = dispatching["child_count"].map(lambda jobs: f"{formats.counted(jobs, 'job')} · ")
    state = states.labels(dispatching).str[0]
    words: pd.Series[str] = (
        when.astype("str").fillna("") + size + state + " · " + dispatching["job_id"]
    )
    return words


def _summary(family: pd.DataFrame) -> str:
    own, job = family.head(1), family.iloc[0]
    total = job["total_jobs_dispatched"]
    parts = [*states.labels(own).iloc[0], states.below_in_words(own).iloc[0]]
    of = "" if pd.isna(total) else f" of {total:,}"
    listed = f"{job['child_count']:,}{of} dispatched jobs listed"
    return " · ".join(filter(None, [*parts, listed]))


def _read_below(connection: Connection, window: Window, job: pd.Series) -> None:
    """Read the lists that tell how far the jobs below have come: unasked where they are few."""
    monitor, key = connection.job_monitor, job["job_key"]
    if monitor.has_read(key, STEPS):
        return
    calls = 1 + len(STEPS) * -(-max(1, int(job["child_count"])) // PAGE_SIZE)
    asked = f"Read stages, data versions and messages ({formats.counted(calls, 'call')})"
    if calls <= READ_UNASKED or st.button(asked, key="jobs.stages.read", type="primary"):
        with errors.boundary("stages"), st.spinner("Reading…"):
            monitor.read_below(connection.client, window, [key])
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


def _table(rows: pd.DataFrame, of: int, summary: str) -> "pd.Series[str]":
    cells = {step.value: states.step_labels(rows[step], rows[f"{step}_word"]) for step in STEPS}
    numbers = formats.version_numbers(rows["data_version"])
    shown = rows.assign(**cells, key=_present_job(rows), open=tables.OPEN, data_version=numbers)
    columns: tables.Columns = {
        **tables.tenant_columns(shown),
        "extraction": states.column("Extraction", width=130),
        "receiving": states.column("Receiving", width=130),
        "processing": states.column("Processing", width=130),
        "open": tables.open_column(shown["key"], key="jobs.open", opens=actions.OPENED),
        "stage": st.column_config.TextColumn("Stage", width=160),
        "data_version": tables.version_column("Data version", numbers, width=105),
        "message": st.column_config.TextColumn("Message", width=360),
    }
    tables.show_selectable(
        shown,
        columns,
        key="jobs.stages",
        of=of,
        noun="tenant",
        selection=actions.NAME,
        export=EXPORT,
        note=summary,
    )
    return shown["key"]


def _present_job(rows: pd.DataFrame) -> "pd.Series[str]":
    """Return the key of the job each tenant is at: the furthest unended one, or the furthest."""
    present = pd.Series(None, index=rows.index, dtype="str")
    for may_have_ended in (False, True):
        for step in reversed(STEPS):
            name = step.value
            fits = rows[f"{name}_key"].notna() & (may_have_ended | ~rows[name].isin(ENDED))
            present = present.fillna(rows[f"{name}_key"].where(fits))
    return present
