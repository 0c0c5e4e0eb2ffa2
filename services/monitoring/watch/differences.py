"""What differs between two nights, tenant by tenant; pure.

What was not observed of either night differs from nothing.
"""

from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd

from .states import STATES, NightState


class Difference(StrEnum):
    """How a tenant's later night differs from its earlier one."""

    NOT_LOADED = "not_loaded_now"
    """Loaded in the earlier one, not in the later."""
    LOADED = "loaded_now"
    FAILED = "failed_now"
    LATE = "late_now"
    OLDER_VERSION = "older_version"
    MORE_UPLOADS = "more_uploads"
    FEWER_UPLOADS = "fewer_uploads"
    SAME_VERSION = "same_version"
    """No difference by itself: a tenant that comes once a week has it most nights."""


DIFFERENCES: Final = tuple(Difference)
COLUMNS: Final = ("tenant_code", "data_version", "version_at", "upload_count", "jobs_failed")
"""The columns of a night's rows of which `differences` makes use."""

_UNKNOWN: Final = STATES.index(NightState.NOT_OBSERVED)
_LOADED: Final = STATES.index(NightState.LOADED)


def differences(
    before: pd.DataFrame,
    now: pd.DataFrame,
    *,
    before_is_whole: bool,
    now_is_whole: bool,
) -> pd.DataFrame:
    """Return one row per tenant of either night, in the order of their codes.

    Both have COLUMNS and state (int, its place in STATES), a row per tenant; `..._is_whole` says
    that nothing of that night is missing, as far as it has gone. Columns: tenant_code str;
    state_before and state int8; of either night (the earlier with `_before`) data_version str,
    version_at datetime64[ms, UTC], upload_count and jobs_failed Int32, missing where the tenant was
    not listed; and a bool column for each Difference.
    """
    codes = pd.Index(sorted({*before["tenant_code"], *now["tenant_code"]}), dtype="str")
    earlier, later = (night.set_index("tenant_code").reindex(codes) for night in (before, now))
    both = pd.DataFrame({"tenant_code": codes})
    for name in COLUMNS[1:]:
        kind: Any = "Int32" if name in ("upload_count", "jobs_failed") else before[name].dtype
        both[f"{name}_before"] = earlier[name].astype(kind).array
        both[name] = later[name].astype(kind).array
    was, is_ = (night["state"].fillna(_UNKNOWN).to_numpy(np.int8) for night in (earlier, later))
    is_known = (was != _UNKNOWN) & (is_ != _UNKNOWN)
    # Of a night that nobody saw end, more may have come.
    lost = (was == _LOADED) & (is_ != _LOADED) & is_known & now_is_whole
    gained = (was != _LOADED) & (is_ == _LOADED) & is_known & before_is_whole
    had, has = both["upload_count_before"], both["upload_count"]
    versions = both["data_version_before"], both["data_version"]
    has_both = versions[0].notna() & versions[1].notna()
    is_same = has_both & (versions[0] == versions[1])
    found = {
        Difference.NOT_LOADED: lost,
        Difference.LOADED: gained,
        **{
            difference: is_known & (is_ == STATES.index(state)) & (was != is_)
            for difference, state in (
                (Difference.FAILED, NightState.FAILED),
                (Difference.LATE, NightState.LATE),
            )
        },
        Difference.OLDER_VERSION: ~is_same & (both["version_at"] < both["version_at_before"]),
        Difference.SAME_VERSION: is_same,
        Difference.MORE_UPLOADS: (has > had).fillna(False) & before_is_whole,
        Difference.FEWER_UPLOADS: (has < had).fillna(False) & now_is_whole,
    }
    marks = {str(each): np.asarray(found[each], bool) for each in DIFFERENCES}
    return both.assign(state_before=was, state=is_, **marks)


def any_of(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Return which rows differ at all: the same version alone is no difference."""
    names = [str(each) for each in DIFFERENCES if each is not Difference.SAME_VERSION]
    found: pd.Series[bool] = rows[names].any(axis=1)
    return found
