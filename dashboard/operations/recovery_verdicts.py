"""What reading back has told: how many tenants of each verdict, and each of them."""

import pandas as pd
import streamlit as st

from dashboard import wording
from dashboard.components import page, tables
from dashboard.operations import recovery_page, recovery_words
from services.operations.recovery import report
from services.operations.recovery.incident import Recovery
from services.operations.recovery.verdicts import Compared, Verdict, Verification


def draw(recovery: Recovery, verified: Verification) -> None:
    """Draw both."""
    figures(recovery)
    _results(recovery, verified)


def figures(recovery: Recovery) -> None:
    """Draw how many tenants there are of each verdict."""
    counts = report.counts(recovery)
    with st.container(horizontal=True):
        st.metric("Tenants", f"{len(recovery.incident.tenants):,}", border=True)
        for verdict in Verdict:
            st.metric(
                f"{recovery_page.MARKS[verdict]} {wording.VERDICTS[verdict]}",
                f"{counts.get(verdict, 0):,}",
                border=True,
            )


def _results(recovery: Recovery, verified: Verification) -> None:
    reason = recovery_words.not_compared(verified.not_compared)
    if reason:
        st.text(f"Metric values: not compared. {reason}")
    page.left_out(verified.unreadable)
    rows = rows_of(recovery, verified)
    counts = rows["verdict"].value_counts()
    only = st.segmented_control(
        "Verdict",
        [verdict for verdict in Verdict if counts.get(verdict)],
        format_func=wording.VERDICTS.__getitem__,
        key=f"rec.verdict.{recovery.id}",
        label_visibility="collapsed",
    )
    shown = rows[rows["verdict"] == only] if only else rows
    names = [name for name in rows.columns if name.startswith("metric ")]
    columns: tables.Columns = {
        **tables.tenant_columns(shown),
        "mark": st.column_config.TextColumn("Verdict", width=130),
        **{name: name.removeprefix("metric ") for name in names},
        "version": st.column_config.TextColumn("Data version", width=350),
        "upload": st.column_config.TextColumn("Upload", width=170),
        "job": st.column_config.TextColumn("Job", width=350),
    }
    tables.show(shown, columns, key="rec.verified", of=len(rows), noun="tenant")


def rows_of(recovery: Recovery, verified: Verification) -> pd.DataFrame:
    """Return what is shown of each tenant, the worst first, with a column for each metric."""
    by_code = {each.code: each for each in verified.tenants}
    return pd.DataFrame(
        [
            {
                "tenant_code": each.code,
                "tenant_name": tenant.name,
                "verdict": each.verdict.value,
                "mark": f"{recovery_page.MARKS[each.verdict]} {wording.VERDICTS[each.verdict]}",
                "version": recovery_words.check(each.version),
                "upload": recovery_words.check(each.upload),
                "job": recovery_words.check(each.job),
                **{f"metric {figure.name}": _compared(figure) for figure in each.figures},
            }
            for tenant in report.worst_first(recovery)
            for each in [by_code[tenant.code]]
        ]
    )


def _compared(figure: Compared) -> str:
    before, after = recovery_page.number(figure.before), recovery_page.number(figure.after)
    return f"{before} → {after}"
