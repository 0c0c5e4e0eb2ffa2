"""Which data versions brought new data, and which were made again of earlier uploads; pure.

A processing job takes in every upload that is included when it begins. The API tells of a version
its number and its date alone, so that it brought new data is known by an upload that came since
the version before.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.frames.answers import Rows
from services.frames.order import milliseconds
from services.monitoring.deliveries.made import PROCESSED_WITHIN, PROCESSING_FOLLOWS, was_out

_NOTHING_LISTED: Final = -np.inf
_NEVER_OUT: Final = pd.DataFrame(
    {
        "upload": pd.Series(dtype="int64"),
        "excluded_at": pd.Series(dtype="datetime64[ms, UTC]"),
        "included_at": pd.Series(dtype="datetime64[ms, UTC]"),
    }
)

Times = npt.NDArray[np.float64]
"""Milliseconds since 1970; NaN where not told, `_NOTHING_LISTED` for older than what is listed."""


def loaded_at(
    versions: pd.DataFrame,
    uploads: pd.DataFrame,
    *,
    absences: pd.DataFrame | None = None,
    read_until: pd.Timestamp | None = None,
) -> "pd.Series[pd.Timestamp]":
    """Return when each version brought new data, with the index of `versions`.

    That is its own date; where it was made more than a day after the newest upload it holds, the
    time of that upload; NaT where it was reprocessed: it holds no upload that is newer than the
    newest the version before holds. Of what is older than the listed uploads, or made after
    `read_until` (when the uploads were read), that cannot be told: it counts as new.

    `versions` has tenant_code and data_version_date, `uploads` tenant_code, upload_time and
    included; `absences` says from when until when some were excluded, as of `find`. One that is
    excluded, nobody knows since when, is held by what was made within an hour of it.
    """
    out = _NEVER_OUT if absences is None else absences
    tenant, held = _newest_held(versions, uploads, out)
    at = _floats(versions["data_version_date"])
    if read_until is not None:
        held[at > read_until.timestamp() * 1000] = np.nan
    order = np.lexsort((at, tenant))
    before, is_first = np.roll(held[order], 1), np.diff(tenant[order], prepend=-1) != 0
    again = np.empty(len(at), bool)
    again[order] = ~is_first & ((held[order] <= before) | (held[order] == _NOTHING_LISTED))
    day = PROCESSED_WITHIN.total_seconds() * 1000
    loaded = np.where(np.isfinite(held) & (at - held > day), held, at)
    loaded[again] = np.nan
    found: pd.Series[pd.Timestamp] = pd.to_datetime(
        pd.Series(loaded, versions.index), unit="ms", utc=True
    ).dt.as_unit("ms")
    return found


def reprocessed(
    versions: pd.DataFrame,
    uploads: pd.DataFrame,
    absences: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return which versions of a tenant were reprocessed from which uploads: their index in each.

    `versions` also has loaded_at, as of the function of that name: those without were made of every
    upload that was included then. One that is excluded, nobody knows since when, is taken to be in
    none. Columns: version and upload int64.
    """
    again = versions[versions["loaded_at"].isna() & versions["data_version_date"].notna()]
    out = _NEVER_OUT if absences is None else absences
    own = uploads.assign(row=np.arange(len(uploads)))
    own = own[own["included"].fillna(True).astype(bool) | own["row"].isin(_still_out(out))]
    pairs = (
        again["data_version_date"]
        .rename_axis("version")
        .reset_index()
        .merge(
            own.rename_axis("upload").reset_index(),
            how="cross",
        )
    )
    came = pairs["upload_time"] <= pairs["data_version_date"]
    held = pairs[came & ~was_out(pairs["row"], pairs["data_version_date"], out)]
    return held[["version", "upload"]].astype("int64").reset_index(drop=True)


def _newest_held(
    versions: pd.DataFrame, uploads: pd.DataFrame, out: pd.DataFrame
) -> tuple[Rows, Times]:
    """Return the number of each version's tenant, and the time of the newest upload it holds."""
    codes = pd.concat([versions["tenant_code"], uploads["tenant_code"]], ignore_index=True)
    numbers, _ = pd.factorize(codes)
    tenant = numbers[: len(versions)]
    made = _in_order(tenant, versions["data_version_date"], place=np.arange(len(tenant)))
    came = _in_order(
        numbers[len(versions) :],
        uploads["upload_time"],
        came=uploads["upload_time"].array,
        row=np.arange(len(uploads)),
        is_out=uploads["included"].eq(False).fillna(False).to_numpy(bool),
    )
    is_always_in = ~came["is_out"] & ~came["row"].isin(out["upload"])
    newest = pd.merge_asof(made, came[is_always_in], on="at", by="tenant")
    known = np.fmax(_floats(newest["came"]), _newest_at_times(made, came[~is_always_in], out))
    # A tenant has five uploads listed: what is older than those may have had one all the same.
    oldest = came.drop_duplicates("tenant").set_index("tenant")["at"]
    is_listed = made["at"].array >= oldest.reindex(made["tenant"]).array
    held = np.full(len(versions), np.nan)
    held[made["place"]] = np.where(np.isnan(known) & is_listed, _NOTHING_LISTED, known)
    return tenant, held


def _newest_at_times(made: pd.DataFrame, came: pd.DataFrame, out: pd.DataFrame) -> Times:
    """Return for each version the time of the newest of some uploads that was in by then."""
    versions = made[["tenant", "at"]].rename_axis("version").reset_index()
    pairs = versions.merge(came.drop(columns="at"), on="tenant")
    was_in = (pairs["came"] <= pairs["at"]) & ~was_out(pairs["row"], pairs["at"], out)
    # Excluded after a bad night: what processed it at once had still taken it in.
    is_soon = pairs["at"] - pairs["came"] <= PROCESSING_FOLLOWS
    was_in &= is_soon | ~pairs["is_out"] | pairs["row"].isin(_still_out(out))
    return _floats(pairs[was_in].groupby("version")["came"].max().reindex(made.index))


def _still_out(absences: pd.DataFrame) -> "pd.Series[int]":
    still: pd.Series[int] = absences.loc[absences["included_at"].isna(), "upload"]
    return still


def _in_order(tenant: Rows, at: "pd.Series[pd.Timestamp]", **columns: Any) -> pd.DataFrame:
    rows = pd.DataFrame({"tenant": tenant, "at": at.array, **columns})
    return rows.dropna(subset="at").sort_values("at", kind="stable", ignore_index=True)


def _floats(times: "pd.Series[pd.Timestamp]") -> Times:
    known = times.notna().to_numpy()
    found = np.full(len(times), np.nan)
    found[known] = milliseconds(times[known])
    return found
