"""The delivery the link names: its tenants, and another one to compare it with."""

import pandas as pd
import streamlit as st

from dashboard import data, navigation, session, time_zone
from dashboard.components import delivery_words, errors, formats, page, tables, tenant_link, tenants
from dashboard.connection import Connection
from dashboard.deliveries import DeliveriesSnapshot
from dashboard.operations import chain_panel, recovery_link
from dashboard.wording import JOB_TYPES
from pages.deliveries import table
from pages.deliveries.table import OPENED
from services.frames import JobType
from services.frames.jobs import key_of
from services.monitoring.deliveries import Made

# By this name plans of this screen are reviewed and followed.
NAME = "deliveries"
_VERSIONS = "deliveries.versions"
_WITH = "del_with"
_FIGURES = {
    "tenants": "Tenants",
    "uploads": "Uploads",
    "excluded": "Excluded",
    "made": "Uploads loaded",
    "disabled": "Uploads disabled",
    "none": "Uploads not loaded",
    "receiving_failed": "Failed receiving jobs",
    "processing_failed": "Failed processing jobs",
}


def key() -> str:
    """Return the id of the delivery that is open, "" for none."""
    return st.query_params.get(OPENED, "").strip()


def wants_versions() -> bool:
    """Return whether a person has asked for the data versions."""
    return session.is_asked(_VERSIONS, "all")


def ask_for_versions() -> None:
    """Request the data versions, from the next run on."""
    session.ask(_VERSIONS, "all")


def close() -> None:
    """Take the delivery that is open out of the link."""
    for name in (OPENED, _WITH):
        st.query_params.pop(name, None)


def draw(connection: Connection, snapshot: DeliveriesSnapshot, known: data.TenantDirectory) -> None:
    """Draw the tenants of the delivery that is open, and what follows if it was taken out."""
    if not key():
        return
    row = snapshot.row(key())
    with st.container(border=True, key="delivery-opened"):
        if row is None:
            page.empty("No such delivery", "It is no longer among the listed uploads and jobs.")
            st.button("Close", key="del.close", on_click=close)
            return
        st.markdown(
            f"## :material/local_shipping: {delivery_words.title(row, time_zone.chosen())}",
            help=formats.exactly(row["arrived"]),
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(_facts(row), width="content")
            if pd.notna(row["job_type"]):
                _job(row)
        if snapshot.versions is not None:
            st.text(_versions(snapshot, row))
        taken_out_by = snapshot.taken_out_by(row["delivery_id"])
        if taken_out_by is not None:
            with errors.boundary("chain"):
                chain_panel.go_on(connection, taken_out_by, NAME)
        with errors.boundary("recoveries"):
            recovery_link.begun(
                connection, snapshot.uploads_of(row["delivery_id"]), besides=taken_out_by
            )
        other = _compared(snapshot, row)
        if other is not None:
            _comparison(snapshot, row, other)
        _tenants(snapshot, row, known)


def _facts(row: pd.Series) -> str:
    """Return what the table has no room for: how it is known, and whether jobs still run."""
    parts = [delivery_words.CONFIDENCE[row["confidence"]]]
    if row["live_jobs"]:
        parts.append(f"{formats.counted(int(row['live_jobs']), 'job')} still running")
    return " · ".join(parts)


def _job(row: pd.Series) -> None:
    """Draw the job that brought a delivery as a link that opens it."""
    kind, job_id = JobType(row["job_type"]), str(row["job_id"])
    # Of a window that deliveries were told from: its jobs are read already.
    query = {"job": key_of(kind, job_id), "job_window": "7d"}
    label = f"{JOB_TYPES[kind]} job {formats.literal(job_id)}"
    navigation.link(navigation.JOBS, label, query, icon=navigation.JOBS.icon)


def _versions(snapshot: DeliveriesSnapshot, row: pd.Series) -> str:
    """Return what was loaded, and in words why versions are more or fewer than that."""
    later = snapshot.held_later(row["delivery_id"])
    hold = (
        f"{later:,} later ones contain them too (Recovery disables those as well)" if later else ""
    )
    if not row["made"]:
        return _none_loaded(row, hold)
    own = snapshot.found.uploads[snapshot.found.uploads["delivery_id"] == row["delivery_id"]]
    held = snapshot.found.versions["upload"]
    with_version, unlisted = own["upload"].isin(held).sum(), (own["made"] == Made.NOT_LISTED).sum()
    parts = [f"{formats.counted(int(row['made']), 'upload')} loaded"]
    if unlisted:
        parts.append(f"{unlisted:,} of them into versions not listed as enabled")
    if row["disabled"]:
        parts.append(f"{row['disabled']:,} more into disabled versions")
    if not row["versions"]:
        return ". ".join(filter(None, [", ".join(parts), hold])) + "."
    made = f"{formats.counted(int(row['versions']), 'enabled data version')} made from them"
    if row["versions"] > with_version:
        made += ", more than one from some uploads"
    if row["versions"] < with_version:
        made += ", some from several uploads"
    return f"{', '.join(parts)}. {'; '.join(filter(None, [made, hold]))}."


def _none_loaded(row: pd.Series, hold: str) -> str:
    """Return in one sentence that no enabled version was made of a delivery, and what holds it."""
    if row["disabled"] and row["disabled"] == row["uploads"]:
        lead = f"All {formats.counted(int(row['uploads']), 'upload')} are in disabled data versions"
    elif row["disabled"]:
        disabled = formats.counted(int(row["disabled"]), "upload")
        lead = f"{disabled} loaded, all into data versions that are now disabled"
    else:
        lead = "None of its uploads is loaded"
    return "; ".join(filter(None, [lead, hold])) + "."


def _compared(snapshot: DeliveriesSnapshot, row: pd.Series) -> pd.Series | None:
    """Draw the choice of another delivery, the one before first; return the one chosen."""
    rows, zone = snapshot.found.rows, time_zone.chosen()
    others = rows[(rows["delivery_id"] != row["delivery_id"]) & (rows["tenants"] > 0)]
    earlier = others["arrived"] < row["arrived"]
    offered = pd.concat([others[earlier], others[~earlier]]).head(200)
    names = {
        each["delivery_id"]: delivery_words.title(each, zone) for _, each in offered.iterrows()
    }
    linked = st.query_params.get(_WITH)
    chosen = st.selectbox(
        "Compare with",
        list(names),
        # Bound to the address, its words would stand there and not the id.
        index=list(names).index(linked) if linked in names else None,
        format_func=lambda id_: names.get(id_, id_),
        placeholder="Another delivery; the previous one is first",
        key=f"{_WITH}.{row['delivery_id']}",
        on_change=_link_compared,
        args=(row["delivery_id"],),
        width=420,
    )
    return snapshot.row(chosen) if chosen else None


def _link_compared(delivery_id: str) -> None:
    st.query_params.pop(_WITH, None)
    if chosen := st.session_state[f"{_WITH}.{delivery_id}"]:
        st.query_params[_WITH] = chosen


def _comparison(snapshot: DeliveriesSnapshot, row: pd.Series, other: pd.Series) -> None:
    """Draw two deliveries side by side, and how many tenants they share."""
    this, that = (
        set(snapshot.uploads_of(each["delivery_id"])["tenant_code"]) for each in (row, other)
    )
    zone = time_zone.chosen()
    both = pd.DataFrame([row[[*_FIGURES]], other[[*_FIGURES]]]).astype("Int64")
    are_read = snapshot.versions is not None
    if not are_read:
        both["made"] += both["disabled"]
    both["disabled"] = table.disabled(both["disabled"], are_read=are_read)
    figures = _FIGURES if are_read else _FIGURES | {"made": "Uploads processed"}
    counts = pd.DataFrame(
        {"figure": list(figures.values()), "this": both.iloc[0].array, "other": both.iloc[1].array}
    )
    columns: tables.Columns = {
        "figure": "",
        "this": tables.count_column(delivery_words.arrived(row["arrived"], zone)),
        "other": tables.count_column(delivery_words.arrived(other["arrived"], zone)),
        "difference": tables.count_column("Difference"),
    }
    st.dataframe(
        counts.assign(difference=counts["this"] - counts["other"]),
        column_config=columns,
        key="del.compare",
        hide_index=True,
        height="content",
        width="content",
    )
    st.text(
        f"{formats.counted(len(this & that), 'tenant')} in both, {len(this - that):,} only in this "
        f"one, {len(that - this):,} only in the other."
    )


def _tenants(snapshot: DeliveriesSnapshot, row: pd.Series, known: data.TenantDirectory) -> None:
    found = snapshot.found
    own = found.uploads[found.uploads["delivery_id"] == row["delivery_id"]]
    if own.empty:
        st.text("None of its uploads is listed: Visier lists only the latest five of a tenant.")
        return
    rows = tenants.with_names(own, known).assign(
        key=own["upload"],
        version=_numbers(snapshot, own),
        why=own["made"].astype("str").map(delivery_words.MADE),
    )
    columns: tables.Columns = {
        **tables.tenant_columns(rows),
        "at": tables.time_column("Upload time"),
        "included": st.column_config.CheckboxColumn("Included", width=75),
        **_version_column(snapshot),
        "why": st.column_config.TextColumn("Why not loaded", width=330),
    }
    ordered = rows.sort_values(["made", "tenant_code"], ascending=[False, True])
    text = f"{tables.counted(ordered, len(rows), 'upload')}. Select one to open its tenant."
    tables.head(text, ordered[list(columns)], key="del.tenants")
    clicked = tables.clicked(ordered, columns, key="del.tenants")
    if clicked is not None:
        tenant_link.go(str(ordered["tenant_code"].iloc[clicked]))
    navigation.link(
        navigation.UPLOADS,
        "Open in Uploads",
        _in_uploads(row),
        icon=navigation.UPLOADS.icon,
    )


def _version_column(snapshot: DeliveriesSnapshot) -> tables.Columns:
    """Return the column of versions where these were read."""
    if snapshot.versions is None:
        return {}
    held = (
        "Enabled data versions made from this upload. Later ones contain it too "
        "while it is included"
    )
    return {"version": st.column_config.TextColumn("Versions made", width=140, help=held)}


def _numbers(snapshot: DeliveriesSnapshot, own: pd.DataFrame) -> "pd.Series[str]":
    """Return the numbers of the versions made of each upload, separated by a comma."""
    if snapshot.versions is None:
        return pd.Series("", own.index)
    held = snapshot.found.versions
    held = held[held["upload"].isin(own["upload"])]
    numbers = snapshot.versions["data_version"].take(held["version"].to_numpy())
    by_upload = numbers.groupby(held["upload"].to_numpy()).agg(", ".join)
    found: pd.Series[str] = own["upload"].map(by_upload).astype("str").fillna("")
    return found


def _in_uploads(row: pd.Series) -> dict[str, str]:
    """Return the link to exactly these in Uploads."""
    return {
        "up_delivery": row["delivery_id"],
        "up_window": "everything",
    }
