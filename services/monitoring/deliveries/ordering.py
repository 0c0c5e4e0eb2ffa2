"""Uploads, jobs and versions as deliveries are made of them: by number and in the order of time."""

from typing import Any, Final

import numpy as np
import pandas as pd

from services.frames import data_versions

_OF_VERSION: Final = ["tenant_code", "data_version", "data_version_date"]


def in_order(
    uploads: pd.DataFrame,
    tree: pd.DataFrame,
    versions: pd.DataFrame | None,
    disabled: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return uploads, jobs and versions by row, number of the tenant and time, in its order.

    The versions that were disabled are counted on after those that are enabled (is_enabled).
    pandas matches by numbers three times as fast as by codes.
    """
    nothing = data_versions.to_frame([])
    named = [nothing if each is None else each for each in (versions, disabled)]
    listed = pd.concat([each[_OF_VERSION] for each in named], ignore_index=True)
    # What was read last counts: one that is enabled again is not disabled.
    is_again = listed.duplicated(_OF_VERSION[:2]) & (listed.index >= len(named[0]))
    codes = [frame["tenant_code"] for frame in (uploads, tree, listed)]
    numbers = pd.factorize(pd.concat(codes, ignore_index=True))[0]
    of_upload, of_job, of_version = np.split(numbers, np.cumsum([len(uploads), len(tree)]))
    # In a tree each topmost job stands right before its descendants (job_tree.roll_up).
    places = np.arange(len(tree))
    above = np.maximum.accumulate(np.where(tree["depth"].to_numpy() == 0, places, 0))
    root_key = tree["job_key"].array.take(above)
    arrived = {
        "upload": np.arange(len(uploads)),
        "tenant": of_upload,
        "at": uploads["upload_time"].where(uploads["upload_time_text"].notna()),
        "included": uploads["included"].fillna(True).astype(bool),
    }
    jobs = {
        "job": places,
        "tenant": of_job,
        "at": tree["start_time"],
        "root": np.where(root_key.isna(), -1, above),
        "root_key": root_key,
        "job_type": tree["job_type"],
        "status": tree["status"],
    }
    known = {
        "version": np.arange(len(listed)),
        "tenant": of_version,
        "at": listed["data_version_date"].where(listed["data_version"].notna() & ~is_again),
        "is_enabled": listed.index < len(named[0]),
    }
    return _ordered(arrived), _ordered(jobs), _ordered(known)


def _ordered(columns: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    is_told = frame["at"].notna() & (frame["tenant"] >= 0)
    return frame[is_told].sort_values("at", kind="stable", ignore_index=True)
