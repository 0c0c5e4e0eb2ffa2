"""The enabled data versions of the tenant, and two of them side by side."""

from datetime import datetime

import pandas as pd
import streamlit as st

from dashboard import exclusions
from dashboard.components import errors, formats, tables
from dashboard.connection import Connection
from pages.tenant import lineage
from pages.tenant.read import LISTED_AT_MOST, Found
from services.ledger import Outcome
from services.operations.excluded import EXCLUDING

VERSIONS = "tenant.versions"
"""The name of the selection."""
_AT_MOST_FIVE = (
    f"Visier lists at most {LISTED_AT_MOST} enabled versions of a tenant. There "
    "may be older ones; disabled ones are not listed."
)
_NO_METRICS = (
    "Visier's API returns metric values only for the version in use. Two "
    "versions cannot be compared by value; Recovery compares values before and after."
)
_NEWER, _OLDER = "ten_newer", "ten_older"


def draw(connection: Connection, found: Found, now: datetime) -> None:
    """Draw the versions, newest first, and the comparison where there are two."""
    if found.versions is None:
        return
    rows = found.versions.versions.dropna(subset="data_version").reset_index(drop=True)
    if rows.empty:
        st.caption(":material/inbox: No data version of the primary category is enabled.")
        return
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _table(rows, now)
    with right:
        if len(rows) > 1:
            with errors.part("compared"):
                _compared(connection, found, rows)


def _table(rows: pd.DataFrame, now: datetime) -> None:
    shown = rows.assign(
        data_version=formats.version_numbers(rows["data_version"]),
        age=formats.ages(rows["data_version_date"], now),
    )
    columns: tables.Columns = {
        "data_version": tables.version_column("Version", rows["data_version"], width=110),
        "data_version_date": tables.time_column("Version date"),
        "age": tables.age_column(),
    }
    tables.show_selectable(
        shown, columns, key="ten.versions", of=len(rows), noun="data version", selection=VERSIONS
    )
    if len(rows) >= LISTED_AT_MOST:
        st.caption(_AT_MOST_FIVE)


def _compared(connection: Connection, found: Found, rows: pd.DataFrame) -> None:
    """Draw the choice of two versions, the latest and the one before first, and what differs."""
    numbers = list(rows["data_version"])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        newer = _choice("Compare", numbers, 0, _NEWER)
        older = _choice("with", numbers, 1, _OLDER)
    if newer == older:
        st.caption("This is the same version. Select another one.")
        return
    both = rows.set_index("data_version")["data_version_date"].loc[[newer, older]].sort_values()
    if both.isna().any():
        st.caption("One of the dates is unknown, so the uploads between them are unknown too.")
        return
    first, last = both.iloc[0], both.iloc[1]
    apart = formats.duration((last - first).total_seconds())
    st.text(f"{both.index[1]} is newer by {apart}. Both are enabled.")
    _between(connection, found, first, last)
    st.caption(_NO_METRICS)


def _choice(label: str, numbers: list[str], place: int, key: str) -> str:
    chosen: str = st.selectbox(label, numbers, index=place, key=key, bind="query-params", width=150)
    return chosen


def _between(connection: Connection, found: Found, first: pd.Timestamp, last: pd.Timestamp) -> None:
    """Draw the uploads that came in and went out between two versions, as far as that is known."""
    if found.uploads is None:
        st.caption(":material/question_mark: Unknown: the uploads could not be read.")
        return
    uploads = found.uploads.frame.dropna(subset="upload_time")
    changes = [_came_in(uploads), *_excluded_here(connection, found)]
    rows = pd.concat(changes, ignore_index=True)
    rows = rows[(rows["at"] > first) & (rows["at"] <= last)].sort_values("at", ascending=False)
    if rows.empty:
        st.text("No listed upload arrived between them, and none was excluded from this dashboard.")
    else:
        columns: tables.Columns = {
            "what": st.column_config.TextColumn("Between them", width=130),
            "at": tables.time_column("When"),
            "upload": st.column_config.TextColumn("Upload", width=190),
            "included": st.column_config.CheckboxColumn("Included now", width=95),
        }
        tables.rows(rows, columns, key="ten.between")
    _limits(uploads, first)


def _came_in(uploads: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "what": "Arrived",
            "at": uploads["upload_time"],
            "upload": uploads["upload_time_text"],
            "included": uploads["included"],
        }
    )


def _excluded_here(connection: Connection, found: Found) -> list[pd.DataFrame]:
    """Return what was excluded from here of the tenant, for each operation that did."""
    done = [
        exclusions.load_exclusions(connection, each.id, each.item_counts[Outcome.SUCCEEDED])
        for each in found.operations
        if each.verb in EXCLUDING
    ]
    own = [rows[rows["tenant_code"] == found.code] for rows in done]
    return [
        pd.DataFrame(
            {
                "what": "Excluded from this dashboard",
                "at": rows["excluded_at"],
                "upload": rows["upload_time_text"].fillna("All until then"),
                "included": pd.array([pd.NA] * len(rows), "boolean"),
            }
        )
        for rows in own
    ]


def _limits(uploads: pd.DataFrame, first: pd.Timestamp) -> None:
    """Show what of the difference Visier does not report."""
    limits = (
        "Visier does not report which uploads a version contains or what was excluded elsewhere."
    )
    is_cut = len(uploads) >= LISTED_AT_MOST and uploads["upload_time"].min() > first
    st.caption(f"{limits} {lineage.AT_MOST_FIVE}" if is_cut else limits)
