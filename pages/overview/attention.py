"""The tenants somebody should look at, worst first."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import product
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import access, exclusions, navigation
from dashboard.components import errors, formats, rhythms, tables, tenant_link, tenants
from dashboard.components.job_states import Color
from dashboard.connection import Connection
from dashboard.data import DataVersions, Snapshot, TenantDirectory
from dashboard.streamlit_compat import user_activity
from pages.overview import places as overview_places
from services.monitoring import JobsSnapshot, overview
from services.monitoring.overview import REASONS
from services.monitoring.rhythm import Rhythm
from services.operations.excluded import EXCLUDING

TITLE = "Tenants that need attention"
# The table is one of many on the screen: more are drawn when asked for.
SHOWN = 40
# Rows in view at once; what is below is scrolled to.
AT_A_GLANCE = 10
WORDS: Mapping[str, tuple[str, Color]] = MappingProxyType(
    {
        "load_failed": ("✕ Load failed", "red"),
        "none_enabled": (f"{rhythms.FACES[Rhythm.NONE_ENABLED][0]} None enabled", "red"),
        "stuck": ("⚓ Stuck or late", "orange"),
        "overdue": (f"{rhythms.FACES[Rhythm.OVERDUE][0]} Overdue", "orange"),
        "latest_excluded": ("⊘ Latest upload excluded", "orange"),
    }
)


class Read(NamedTuple):
    """What has come; None where it could not be read."""

    versions: DataVersions | None
    jobs: JobsSnapshot | None
    uploads: Snapshot | None


def draw(
    connection: Connection,
    names: Callable[[Sequence[str], int], TenantDirectory],
    read: Read,
    now: datetime,
) -> None:
    """Draw who needs attention, and what of it is not known."""
    has_jobs = read.jobs is not None and not read.jobs.refusal
    if read.versions is None:
        with overview_places.part(TITLE).body:
            _not_known(versions=False)
    elif not read.versions.tenants.empty:
        tenants_now = read.versions.tenants
        is_overdue = rhythms.masks(tenants_now, now)[Rhythm.OVERDUE]
        excluded = _excluded_here(connection, read.uploads)
        explained = overview.NOTHING_TAKEN_OUT
        if read.uploads is not None:
            timed = rhythms.with_deadlines(tenants_now)
            explained = overview.taken_out(read.uploads.frame, timed, excluded, now)
        needing = overview.attention(
            tenants_now.assign(is_overdue=is_overdue),
            jobs=None if read.jobs is None else read.jobs.listed,
            uploads=None if read.uploads is None else read.uploads.frame,
            explained=explained,
        )
        left_out = explained[~explained.index.isin(needing["tenant_code"])]
        overdue_codes = tenants_now.loc[is_overdue, "tenant_code"]
        not_counted = _not_counted(left_out, overdue_codes)
        if not has_jobs:
            needing["failed_jobs"] = pd.array([None] * len(needing), "Int64")
        known = names(list(needing["tenant_code"]), len(tenants_now))
        has_uploads = read.uploads is not None
        if read.versions.knows_loads:
            loaded = tenants_now.drop_duplicates("tenant_code").set_index("tenant_code")[
                "loaded_at"
            ]
            needing["loaded_at"] = loaded.reindex(needing["tenant_code"]).array
        # "Show all" draws nothing else anew.
        needing_part = st.fragment(access.while_it_holds(user_activity.noted(_needing)))
        needing_part(needing, known, now, not_counted, has_jobs=has_jobs, has_uploads=has_uploads)


def _not_counted(explained: pd.DataFrame, overdue: "pd.Series[str]") -> str:
    """Return who is not counted because of what was excluded here, "" for nobody."""
    if explained.empty:
        return ""
    codes = explained.index[explained["would_be_on_time"]]
    since = {
        "without a newer data version yet": int(explained["awaits_version"].sum()),
        "overdue since": int(codes.isin(overdue).sum()),
    }
    parts = [f"{count:,} {words}" for words, count in since.items() if count]
    counted = formats.counted(len(explained), "tenant")
    return f"Not counted: {counted} whose latest upload was excluded here" + (
        f" ({', '.join(parts)})." if parts else "."
    )


def _excluded_here(connection: Connection, uploads: Snapshot | None) -> pd.DataFrame | None:
    """Return what was excluded from here lately, as far as it can matter."""
    if uploads is None or overview.latest_excluded(uploads.frame).empty:
        return None
    return exclusions.excluded_here(connection)


def _needing(
    needing: pd.DataFrame,
    known: TenantDirectory,
    now: datetime,
    not_counted: str,
    *,
    has_jobs: bool,
    has_uploads: bool,
) -> None:
    place = overview_places.part(TITLE)
    with place.head:
        shown = _shown(needing)
    with place.body, errors.part("attention"):
        _not_known(jobs=has_jobs, uploads=has_uploads)
        _table(shown, len(needing), known, now)
        if not_counted:
            query, icon = {"act_verb": [*EXCLUDING]}, navigation.ACTIVITY.icon
            navigation.link(navigation.ACTIVITY, not_counted, query, icon=icon)


def _shown(needing: pd.DataFrame) -> pd.DataFrame:
    """Draw the choice between the worst and all of them; return those chosen."""
    if len(needing) <= SHOWN or st.toggle("Show all", key="ov_all", bind="query-params"):
        return needing
    return needing.head(SHOWN)


def _not_known(*, versions: bool = True, jobs: bool = True, uploads: bool = True) -> None:
    """Show what is not known about the tenants, where something could not be read."""
    if not versions:
        st.caption(":material/question_mark: Unknown: the data versions could not be read.")
    unread = {"whether a load failed": jobs, "which latest uploads are excluded": uploads}
    missing = " and ".join(words for words, is_read in unread.items() if not is_read)
    if missing:
        st.caption(f":material/question_mark: Unknown: {missing}.")


def _table(shown: pd.DataFrame, of: int, known: TenantDirectory, now: datetime) -> None:
    """Draw the tenants, some `of` those in need; a click opens one."""
    if shown.empty:
        st.caption(":material/check: No tenant needs attention.")
        return
    rows = tenants.with_names(shown, known).assign(
        reasons=_labels(shown), age=formats.ages(shown["data_version_date"], now)
    )
    if "loaded_at" in rows:
        rows = rows.assign(load=formats.ages(rows["loaded_at"], now))
    columns: tables.Columns = {
        **tables.tenant_columns(rows, width=148),
        "reasons": _reasons_column(),
        "age": st.column_config.NumberColumn("Age", format="duration", width=75),
        **({"load": _last_load_column()} if "loaded_at" in rows else {}),
        "failed_jobs": tables.count_column("Failed", "Failed jobs in the period", width=65),
    }
    exported = rows[["tenant_name", "tenant_code", *REASONS, "data_version_date", "failed_jobs"]]
    tables.head(tables.counted(rows, of, "tenant"), exported, key="ov.attention")
    clicked = tables.clicked(rows, columns, key="ov.attention", at_once=AT_A_GLANCE)
    if clicked is not None:
        tenant_link.go(str(rows["tenant_code"].iloc[clicked]))


def _labels(rows: pd.DataFrame) -> pd.Series:
    words = [WORDS[reason][0] for reason in REASONS]
    # Many tenants have the same few things wrong with them: each set of flags is put in words once.
    sets = product((False, True), repeat=len(words))
    told = [[word for word, holds in zip(words, each, strict=True) if holds] for each in sets]
    places = rows[[*REASONS]].to_numpy() @ (1 << np.arange(len(words))[::-1])
    return pd.Series(told, dtype="object").take(places).set_axis(rows.index)


def _last_load_column() -> ColumnConfig:
    return st.column_config.NumberColumn(
        "Last load",
        format="duration",
        width=78,
        help=(
            "Time since the last load of new data. It exceeds Age when the latest "
            "version was reprocessed from earlier uploads. Overdue counts from it."
        ),
    )


def _reasons_column() -> ColumnConfig:
    labels, colors = zip(*WORDS.values(), strict=True)
    return st.column_config.MultiselectColumn(
        "Problem",
        options=list(labels),
        color=list(colors),
        width=212,
        help=(
            "Load failed: a job failed, and no later job of its type has succeeded and "
            "no newer data version exists."
        ),
    )
