"""The jobs as a tree that opens and closes by its chevrons."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import session
from dashboard.components import formats, tables
from dashboard.wording import JOB_TYPES
from pages.jobs import actions, table
from services.frames import job_tree
from services.frames.membership import is_among

INDENT = "\u2003\u2003"
HIT = "● "
# A table with a selection sends all its rows to the browser at once: more take seconds.
ROWS_AT_MOST = 3000
BY_KEYBOARD = "T goes to the table, arrow keys between cells; Shift+Space selects a row."
_OPENED = "jobs.opened"


def draw(
    jobs: pd.DataFrame, mask: "pd.Series[bool]", held: "pd.Series[bool]", searched: str
) -> "pd.Series[str]":
    """Draw the jobs of the mask with what is above and below them; return the keys of the rows.

    `held` adds what is shown though it does not match any more. `searched` is the filter in force,
    "" when there is none. With one, its hits are marked and the way to them is open, apart from
    what a person has opened without it.
    """
    chosen = _chosen(searched)
    opened = _opened(jobs, held, chosen) if searched else {i for i in chosen if chosen[i]}
    rows = job_tree.visible(jobs, opened)
    rows = rows[job_tree.around(jobs, held)[rows.index]]
    _expand_and_collapse(jobs["job_key"].dropna(), chosen)
    _head(jobs, mask, len(rows), searched)
    rows = rows.head(ROWS_AT_MOST)
    _rows(rows, mask & bool(searched), opened, chosen)
    return rows["job_key"]


def _head(jobs: pd.DataFrame, mask: "pd.Series[bool]", shown: int, searched: str) -> None:
    text = formats.counted(int((~jobs["is_missing"]).sum()), "job")
    found = mask & ~jobs["is_missing"]
    text = f"{int(found.sum()):,} of {text} match" if searched else text
    if shown > ROWS_AT_MOST:
        text = f"{text}, the first {ROWS_AT_MOST:,} of {shown:,} rows shown"
    else:
        text = f"{text}, {shown:,} shown"
    exported = table.with_counts_below(jobs[found])[table.EXPORT]
    keys = jobs["job_key"][found].dropna()
    tables.head(text, exported, key="jobs.tree", keys=keys, selection=actions.NAME)


def _rows(
    rows: pd.DataFrame, hits: "pd.Series[bool]", opened: set[str], chosen: dict[str, bool]
) -> None:
    keys = list(rows["job_key"])

    def toggle() -> None:
        key = keys[st.session_state["jobs.toggle"]["row"]]
        chosen[key] = key not in opened

    shown = table.for_show(rows).assign(toggle=_toggles(rows, opened), job=_indented(rows, hits))
    columns: tables.Columns = {
        "toggle": st.column_config.ButtonColumn(
            "Expand",
            type="tertiary",
            key="jobs.toggle",
            on_click=toggle,
            pinned=True,
            width=60,
            help="Shows or hides child jobs",
        ),
        "state": table.state_column(),
        "job": st.column_config.TextColumn(
            "Job", pinned=True, width=235, help=f"Tenant, name and code. {HIT} matches the filter"
        ),
        **table.below_columns(),
        **table.times_columns(),
        "open": tables.open_column(shown["key"], key="jobs.open", opens=actions.OPENED),
        "job_type": table.type_column(),
        **table.last_columns(shown),
    }
    tables.selectable_rows(shown, columns, key="jobs.tree", selection=actions.NAME)


def _chosen(searched: str) -> dict[str, bool]:
    """Return what a person has opened and closed under this filter, to be written into.

    It is kept for no filter and for the one in force.
    """
    kept: dict[str, dict[str, bool]] = st.session_state.get(_OPENED, {})
    wanted = {name: kept.get(name, {}) for name in ("", searched)}
    st.session_state[_OPENED] = wanted
    return wanted[searched]


def _opened(jobs: pd.DataFrame, mask: "pd.Series[bool]", chosen: dict[str, bool]) -> set[str]:
    """Return the jobs that stand open: the way to the hits, a single one, or as a person says."""
    hits_before = np.concatenate([[0], np.cumsum(mask)])
    first_below = np.arange(1, len(jobs) + 1)
    end = first_below + jobs["descendant_count"].to_numpy()
    way = set(jobs.loc[hits_before[end] > hits_before[first_below], "job_key"])
    # Who follows one job reads what it has started.
    if mask.sum() == 1:
        way |= set(jobs.loc[mask, "job_key"])
    return {key for key in way.union(chosen) if chosen.get(key, True)}


def _expand_and_collapse(keys: "pd.Series[str]", chosen: dict[str, bool]) -> None:
    """Draw what opens and closes many at once; for a selected one it is the keyboard's chevron."""
    selected = session.selected(actions.NAME)

    def put(of: Iterable[str], *, is_open: bool) -> None:
        chosen.update(dict.fromkeys(of, is_open))

    with st.container(horizontal=True):
        for label, key, of, is_open in (
            ("Expand all", "jobs.expand", keys, True),
            ("Collapse all", "jobs.collapse", keys, False),
            ("Expand selected", "jobs.expand_selected", selected, True),
            ("Collapse selected", "jobs.collapse_selected", selected, False),
        ):
            if len(of):
                st.button(
                    label,
                    key=key,
                    type="tertiary",
                    help=BY_KEYBOARD if of is selected else None,
                    on_click=put,
                    args=(of,),
                    kwargs={"is_open": is_open},
                )


def _toggles(rows: pd.DataFrame, opened: set[str]) -> "pd.Series[str]":
    is_open = is_among(rows["job_key"], opened)
    sign = is_open.map({True: ":material/expand_more:", False: ":material/chevron_right:"})
    return sign.where(rows["child_count"] > 0, None)


def _indented(rows: pd.DataFrame, hits: "pd.Series[bool]") -> "pd.Series[str]":
    indent = rows["depth"].map(lambda depth: INDENT * depth)
    names = rows["tenant_name"].fillna("")
    names = names.where(names == "", names + " · ") + rows["tenant_code"]
    # Many begin with a job of the same tenant, the administrating one: they are told apart by this.
    started = rows["job_type"].astype("str").map(JOB_TYPES) + rows["child_count"].map(
        ", {:,} jobs · ".format
    )
    names = started.where(rows["child_count"] > 1, "") + names
    names = names.mask(rows["is_missing"], "Parent not in this window")
    return indent + hits[rows.index].map({True: HIT, False: ""}) + names.fillna("")
