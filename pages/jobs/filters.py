"""Which jobs are looked at: the window they started in, and what is asked of them."""

import json

import pandas as pd
import streamlit as st

from dashboard import data
from dashboard.components import filters, job_choices, tenants, token_choices, token_filters, typed
from dashboard.components.filter_row import Chip, FilterRow
from dashboard.wording import JOB_STATES, JOB_TYPES, REMARKS, SPANS
from services.frames import LIVE, job_tree
from services.frames.job_readings import combine
from services.monitoring import Between, Window, failures

WINDOWS = {
    token: SPANS[token]
    for token in (job_choices.LAST_NIGHT, *job_choices.WINDOWS, job_choices.BETWEEN)
}
FILTERS: dict[str, object] = {
    "job_tenant": "",
    "job_codes": "",
    "job_type": [],
    "job_state": [],
    "job_remark": [],
    "job_id": "",
    "job_failure": "",
}
PARAMETERS = (*FILTERS, "job_window", "job_from", "job_to", "job_view")
CHIPS = {
    "job_codes": Chip("Tenant codes"),
    "job_type": Chip("Type", JOB_TYPES),
    "job_state": Chip("State", JOB_STATES),
    "job_remark": Chip("Remark", REMARKS),
    "job_id": Chip("Job id"),
    "job_failure": Chip("Failure"),
}


def window() -> Window | None:
    """Draw the choice of the time in which the jobs started; None while it is half typed."""
    chosen = token_choices.field(
        "Started within",
        WINDOWS,
        key="job_window",
        default=job_choices.DEFAULT,
        width=130,
        help_text=(
            "Last night starts at 18:00 yesterday. Jobs that started earlier and still "
            "run are listed too, except with Between."
        ),
    )
    if chosen == job_choices.BETWEEN:
        return _between()
    return job_choices.named(chosen)


def _between() -> Window | None:
    since, until = filters.span("Started from", "job_from", "Started to", "job_to")
    if since is None or until is None:
        st.caption("Enter both times.")
        return None
    if since > until:
        return None
    longest = job_choices.LONGEST
    if until - since > longest:
        st.caption(
            f"At most {longest.days} days at once: only the last {longest.days} days are read."
        )
        since = until - longest
    return Between(since.to_pydatetime(), until.to_pydatetime())


def mask(row: FilterRow, jobs: pd.DataFrame) -> tuple["pd.Series[bool]", "pd.Series[bool]"]:
    """Draw the filters; return which jobs they keep, and which the count by state is of.

    That is of all states, and of a named job with what is below it: whoever then chooses a state
    asks for those. `jobs` has names (`tenants.with_names`).
    """
    with row.first:
        kept = tenants.search(jobs, key="job_tenant")
    with row.more():
        kept &= tenants.within(jobs, key="job_codes")
        kept &= token_filters.of_tokens(jobs["job_type"], "Type", JOB_TYPES, key="job_type")
        of_state = token_filters.of_tokens(
            job_tree.counted_as(jobs), "State", JOB_STATES, key="job_state"
        )
        kept &= token_filters.of_tokens(
            jobs["mark"], "Remark", REMARKS, key="job_remark", width=150
        )
        job_id = typed.line(
            "Job id",
            key="job_id",
            bind="query-params",
            type="search",
            placeholder="Full or partial id",
            width=165,
        )
        kept &= filters.contains(jobs, ["job_id"], job_id)
        kept &= _failure(jobs)
    row.draw_chips(CHIPS, FILTERS)
    counted = with_below(jobs, kept)
    return counted & of_state if st.session_state["job_state"] else kept, counted


def with_below(jobs: pd.DataFrame, mask: "pd.Series[bool]") -> "pd.Series[bool]":
    """Return the jobs of the mask; whoever names a job asks for what is below it too."""
    return job_tree.branches(jobs, mask) if st.session_state.get("job_id") else mask


def asks_for_older() -> bool:
    """Return whether the filters in force ask for jobs that may have started before the window."""
    states = token_filters.asked_for("job_state", JOB_STATES)
    return bool(token_filters.asked_for("job_remark", REMARKS)) or not LIVE.isdisjoint(states)


def without_jobs(row: FilterRow, known: data.TenantDirectory) -> None:
    """Draw the filters before there are jobs to keep: what is not drawn leaves the address."""
    none = tenants.with_names(job_tree.roll_up(combine([]).assign(mark="")), known)
    mask(row, none)


def _failure(jobs: pd.DataFrame) -> "pd.Series[bool]":
    """Draw the kind of failure that is filtered by, if any: it is chosen in the view of them."""
    if not (st.session_state.get("job_failure") or st.query_params.get("job_failure")):
        return pd.Series(True, index=jobs.index)
    key = typed.line(
        "Failure",
        key="job_failure",
        bind="query-params",
        type="search",
        help="Failure key, from the Failures view.",
        width=130,
    )
    return failures.of_group(jobs, key) if key else pd.Series(True, index=jobs.index)


def searched() -> str:
    """Return the filter in force in a text of its own, "" for none."""
    given = {name: value for name in FILTERS if (value := st.session_state.get(name))}
    # A choice that came with the link is a token, and the same one from the browser a text.
    return json.dumps(given) if given else ""
