"""What a bad load hit, also where there is nothing of a kind to be found."""

import pandas as pd
import pytest

from services.frames import JobType
from services.operations.recovery.finding import Impact, assess_impact, by_tenant
from tests.services.operations.recovery.conftest import Desk


@pytest.fixture
def impact(desk: Desk) -> Impact:
    return desk.impact()


def test_a_load_that_no_version_and_no_job_followed_is_told_of(desk: Desk, impact: Impact) -> None:
    alone = assess_impact(impact.uploads, desk.versions().iloc[:0], desk.jobs().iloc[:0])
    rows, usual = by_tenant(alone), by_tenant(impact)
    assert list(rows["tenant_code"]) == impact.tenants
    assert set(rows["data_versions"]) == {""}
    assert set(rows["later_jobs"]) == {0}
    assert rows[["falls_back_to", "falls_back_date"]].isna().all(axis=None)
    pd.testing.assert_series_equal(rows.dtypes, usual.dtypes)


def test_nothing_bad_has_hit_nobody(desk: Desk, impact: Impact) -> None:
    nothing = assess_impact(impact.uploads.iloc[:0], desk.versions(), desk.jobs())
    assert not nothing.tenants
    assert nothing.versions.empty
    assert nothing.jobs.empty
    assert by_tenant(nothing).empty


def test_each_tenant_is_told_of_its_own(impact: Impact) -> None:
    rows = by_tenant(impact).set_index("tenant_code")
    fallbacks = impact.fallbacks.set_index("tenant_code")
    told = rows.loc[fallbacks.index]
    assert list(told["falls_back_to"]) == list(fallbacks["data_version"])
    assert list(told["falls_back_date"]) == list(fallbacks["data_version_date"])
    versions = impact.versions.groupby("tenant_code")["data_version"].agg(", ".join)
    assert list(rows.loc[versions.index, "data_versions"]) == list(versions)


@pytest.mark.parametrize(
    ("is_in", "began_before", "holds"),
    [(False, False, False), (False, True, True), (True, False, True)],
    ids=["processed after", "processed before", "still included"],
)
def test_a_version_processed_after_all_bad_uploads_were_excluded_is_what_it_falls_back_to(
    desk: Desk, impact: Impact, is_in: bool, began_before: bool, holds: bool
) -> None:
    code, jobs = impact.tenants[0], desk.jobs()
    excluded = jobs["start_time"].max() + pd.Timedelta(minutes=10)
    began = excluded - pd.Timedelta(minutes=1 if began_before else -1)
    of_processing = jobs[jobs["job_type"] == JobType.PROCESSING].iloc[:1]
    job = of_processing.assign(tenant_code=code, start_time=began.as_unit("ms"))
    made = (excluded + pd.Timedelta(minutes=5)).as_unit("ms")
    new = (
        desk.versions()
        .iloc[:1]
        .assign(tenant_code=code, data_version="9999", data_version_date=made)
    )
    found = assess_impact(
        impact.uploads.assign(included=is_in),
        pd.concat([new, desk.versions()], ignore_index=True),
        pd.concat([jobs, job], ignore_index=True),
        pd.Series(excluded.as_unit("ms"), impact.uploads.index),
    )
    assert ("9999" in set(found.versions["data_version"])) == holds
    row = by_tenant(found).set_index("tenant_code").loc[code]
    assert (row["falls_back_to"] == "9999") == (not holds)
