"""What can be done with the selected uploads: a plan for each, nothing is sent from here."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import session
from dashboard.components import filters, formats, tenant_link, tenant_picker, watch_link
from dashboard.operations import recovery_link
from dashboard.operations.drawer import drawer
from dashboard.streamlit_compat import deferred_button
from services.frames.membership import is_among
from services.operations import (
    Plan,
    plan_exclude_all_uploads,
    plan_exclude_uploads,
    plan_include_all_uploads,
    plan_include_uploads,
)

NAME = "uploads"
EXCLUDE_ALL, INCLUDE_ALL, CONNECTORS = "exclude_all", "include_all", "connectors"
MORE = {
    EXCLUDE_ALL: "Exclude all uploads of these tenants…",
    INCLUDE_ALL: "Include all uploads of these tenants…",
    CONNECTORS: "Connectors of these tenants…",
}
ALL_OF_A_TENANT = {
    EXCLUDE_ALL: plan_exclude_all_uploads,
    INCLUDE_ALL: plan_include_all_uploads,
}
Planner = Callable[[], Plan]


def _reads() -> tuple[str, ...]:
    """Return what the buttons go by: what is selected and drafted, and the filters."""
    return session.selection_key(NAME), session.draft_key(NAME), "up_"


def bar(current: pd.DataFrame, receiving_job: str | None) -> None:
    """Draw the actions on the selection. `current` is the unfiltered list."""
    chosen = current[is_among(current["key"], session.selected(NAME))]
    tenants = list(chosen["tenant_code"].unique())
    job = receiving_job or ""
    uploads = formats.counted(len(chosen), "upload")
    _action(
        "up.exclude",
        f"Exclude {uploads}…",
        ":material/remove_circle:",
        lambda: plan_exclude_uploads(chosen, current, receiving_job=job),
    )
    _action(
        "up.include",
        f"Include {uploads}…",
        ":material/add_circle:",
        lambda: plan_include_uploads(chosen, current, receiving_job=job),
    )
    fields = recovery_link.of_job(job) if job else recovery_link.of_uploads(chosen)
    recovery_link.button(fields, key="up.recover", disabled=chosen.empty)
    tenant_link.button(chosen["tenant_code"], key="up.tenant")
    watch_link.button(chosen["tenant_code"], key="up.rule")
    if tenants:
        _more(tenants, current, is_of_a_job=bool(job))


def _more(tenants: list[str], current: pd.DataFrame, *, is_of_a_job: bool) -> None:
    """Draw the menu of what is rarely done with the tenants of the selected uploads."""
    # Of one receiving job only a part of a tenant's uploads is known here.
    options = [CONNECTORS] if is_of_a_job else [*MORE]
    # No number in them: a choice on its way is known by its words.
    chosen = st.menu_button("More", options, format_func=MORE.__getitem__, key="up.more")
    if chosen == CONNECTORS:
        tenant_picker.hand_over(tenants)
    elif chosen in ALL_OF_A_TENANT:
        _review(ALL_OF_A_TENANT[chosen](tenants, current))
        # The plan stands above what is drawn by now.
        st.rerun()


def _action(key: str, label: str, icon: str, plan: Planner) -> None:
    deferred_button.button(label, lambda: _review(plan()), key=key, reads=_reads(), icon=icon)


def _review(plan: Plan) -> None:
    drawer(NAME).review(plan, filters.in_words("up_"))


def _review_of(
    plan: Callable[..., Plan], rows: pd.DataFrame, current: pd.DataFrame, job: str
) -> None:
    _review(plan(rows, current, receiving_job=job))


def _still_to_do(current: pd.DataFrame) -> dict[str, bool]:
    """Drop from the draft what has come about; return the rest."""
    drafted = current[is_among(current["key"], session.draft(NAME)) & current["included"].notna()]
    current_flags = dict(zip(drafted["key"], drafted["included"].astype(bool), strict=True))
    changes = {
        key: flag for key, flag in session.draft(NAME).items() if current_flags.get(key) != flag
    }
    session.put_draft(NAME, changes)
    return changes


def draft(current: pd.DataFrame, receiving_job: str | None) -> None:
    """Draw what is drafted and not sent yet, and the ways to review it; as `bar` otherwise."""
    job = receiving_job or ""
    changes = _still_to_do(current) if session.draft(NAME) else {}
    if not changes:
        return
    wanted = current["key"].map(changes)
    included, excluded = current[wanted.eq(True)], current[wanted.eq(False)]
    # At the foot of the page: above the table it would move the boxes that are clicked.
    with (
        st.bottom,
        st.container(border=True, horizontal=True, vertical_alignment="center", key="draft"),
    ):
        st.markdown("**Draft**", width="content")
        st.text(f"{formats.counted(int(wanted.notna().sum()), 'change')}, not sent yet")
        for verb, rows, plan in (
            ("exclusion", excluded, plan_exclude_uploads),
            ("inclusion", included, plan_include_uploads),
        ):
            if len(rows):
                deferred_button.button(
                    f"Review {formats.counted(len(rows), verb)}…",
                    partial(_review_of, plan, rows, current, job),
                    key=f"up.draft.{verb}",
                    reads=_reads(),
                    primary=True,
                )
        st.button(
            "Discard the draft", key="up.draft.discard", on_click=session.put_draft, args=(NAME, {})
        )
