"""Two nights: for whom the later one differs, and how."""

import pandas as pd
import pytest

from services.monitoring.watch import NightState
from services.monitoring.watch.differences import (
    COLUMNS,
    DIFFERENCES,
    Difference,
    any_of,
    differences,
)
from services.monitoring.watch.night import empty_rows
from services.monitoring.watch.states import STATES

LOADED, FAILED, LATE, NOTHING, UNKNOWN = (
    NightState.LOADED,
    NightState.FAILED,
    NightState.LATE,
    NightState.NOTHING_CAME,
    NightState.NOT_OBSERVED,
)
# The state, how many hours before noon the latest version was made, its number, and uploads.
Told = tuple[NightState, float | None, str | None, int]


def night(**tenants: Told) -> pd.DataFrame:
    noon = pd.Timestamp("2026-11-30T12:00Z").as_unit("ms")
    rows = empty_rows()[[*COLUMNS]].reindex(range(len(tenants)))
    rows["tenant_code"] = list(tenants)
    rows["upload_count"] = [count for *_, count in tenants.values()]
    rows["jobs_failed"] = 0
    rows["data_version"] = pd.array([number for _, _, number, _ in tenants.values()], "str")
    hours = pd.Series([each for _, each, _, _ in tenants.values()], dtype="float64")
    rows["version_at"] = (noon - pd.to_timedelta(hours, unit="h")).dt.as_unit("ms")
    dtypes = empty_rows()[[*COLUMNS]].dtypes.to_dict()
    places = [STATES.index(state) for state, *_ in tenants.values()]
    return rows.astype(dtypes).assign(state=places)


def found(
    before: pd.DataFrame, now: pd.DataFrame, *, before_whole: bool = True, whole: bool = True
) -> dict[str, set[Difference]]:
    rows = differences(before, now, before_is_whole=before_whole, now_is_whole=whole)
    return {
        row["tenant_code"]: {each for each in DIFFERENCES if row[each]}
        for row in rows.to_dict("records")
    }


@pytest.mark.parametrize(
    ("before", "now", "differing"),
    [
        ((LOADED, 30, "1", 1), (LOADED, 6, "2", 1), set()),
        (
            (LOADED, 30, "1", 1),
            (NOTHING, 30, "1", 0),
            {Difference.NOT_LOADED, Difference.SAME_VERSION, Difference.FEWER_UPLOADS},
        ),
        (
            (LOADED, 30, "1", 1),
            (FAILED, 30, "1", 1),
            {Difference.NOT_LOADED, Difference.FAILED, Difference.SAME_VERSION},
        ),
        ((FAILED, None, None, 1), (FAILED, None, None, 1), set()),
        ((NOTHING, 30, "1", 0), (LATE, 30, "1", 0), {Difference.LATE, Difference.SAME_VERSION}),
        # The version of the earlier night was disabled.
        ((LOADED, 30, "2", 1), (LOADED, 90, "1", 1), {Difference.OLDER_VERSION}),
        (
            (NOTHING, 90, "1", 0),
            (LOADED, 6, "2", 3),
            {Difference.LOADED, Difference.MORE_UPLOADS},
        ),
        # Where nobody looked nothing is known to be gone.
        ((LOADED, 30, "1", 1), (UNKNOWN, 30, "1", 1), {Difference.SAME_VERSION}),
        ((UNKNOWN, 30, "1", 1), (FAILED, 30, "1", 1), {Difference.SAME_VERSION}),
    ],
)
def test_a_later_night_is_told_against_an_earlier_one(
    before: Told, now: Told, differing: set[Difference]
) -> None:
    assert found(night(a=before), night(a=now)) == {"a": differing}


def test_of_a_night_that_nobody_saw_end_nothing_is_missing() -> None:
    loaded, failed = night(a=(LOADED, 30, "1", 2)), night(a=(FAILED, 30, "1", 1))
    assert found(loaded, failed, whole=False) == {"a": {Difference.FAILED, Difference.SAME_VERSION}}
    assert found(failed, loaded, before_whole=False) == {"a": {Difference.SAME_VERSION}}


def test_who_is_listed_in_one_night_alone_differs_in_nothing() -> None:
    assert found(night(a=(LOADED, 30, "1", 1)), night(b=(LOADED, 6, "2", 1))) == {
        "a": set(),
        "b": set(),
    }
    rows = differences(
        night(a=(LOADED, 30, "1", 1)), night(), before_is_whole=True, now_is_whole=True
    )
    assert rows["upload_count"].isna().all()
    assert rows["data_version"].isna().all()


def test_the_same_version_alone_is_no_difference() -> None:
    before = night(a=(NOTHING, 90, "1", 0), b=(LOADED, 90, "1", 1))
    now = night(a=(NOTHING, 90, "1", 0), b=(LATE, 90, "1", 0))
    rows = differences(before, now, before_is_whole=True, now_is_whole=True)
    assert rows["same_version"].tolist() == [True, True]
    assert any_of(rows).tolist() == [False, True]
