"""What the overview counts."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from services.frames import uploads
from services.monitoring import Since, last_night, overview
from tests.services.monitoring.observed import NOW, ago, job_at, listed

DAY = timedelta(days=1)


def dates(*hours_ago: float | None) -> pd.Series:
    moments = [pd.NaT if hours is None else pd.Timestamp(ago(60 * hours)) for hours in hours_ago]
    return pd.Series(moments, dtype="datetime64[ms, UTC]")


def tenants(**hours_ago: float | None) -> pd.DataFrame:
    at = dates(*hours_ago.values())
    told = pd.DataFrame({"tenant_code": pd.Series([*hours_ago], dtype="str")})
    numbers = pd.Series("1", told.index, dtype="str").where(at.notna())
    is_overdue = at < pd.Timestamp(NOW - timedelta(hours=36))
    return told.assign(data_version=numbers, data_version_date=at, is_overdue=is_overdue)


def jobs(*told: dict[str, object], marks: tuple[str, ...] = ()) -> pd.DataFrame:
    found = listed(told)
    return found.assign(mark=pd.Series(marks or [""] * len(found), dtype="str"))


def needing(rows: pd.DataFrame, **read: pd.DataFrame) -> dict[str, set[str]]:
    found = overview.attention(rows, **read)
    return {
        row["tenant_code"]: {reason for reason in overview.REASONS if row[reason]}
        for row in found.to_dict("records")
    }


def test_a_version_whose_date_is_not_readable_is_no_missing_version() -> None:
    rows = tenants(a=None, b=None).assign(data_version=pd.Series(["1", None], dtype="str"))
    assert needing(rows) == {"b": {"none_enabled"}}


def test_only_what_no_clock_could_mean_is_in_the_future() -> None:
    assert list(overview.is_ahead(dates(-0.1, -0.2, 0, None), NOW)) == [False, True, False, False]


def test_ages_fall_into_bands_whose_ends_belong_to_the_older_one() -> None:
    bands = overview.age_bands(dates(-1, 0, 24, 24.1, 72, 500, None, None), NOW, [DAY, 3 * DAY])
    assert list(bands["tenants"]) == [3, 2, 1, 2]
    assert list(bands["since"].dropna()) == [pd.Timestamp(NOW - DAY), pd.Timestamp(NOW - 3 * DAY)]
    assert list(bands["until"].dropna()) == [pd.Timestamp(NOW - DAY), pd.Timestamp(NOW - 3 * DAY)]
    assert bands.dtypes["since"] == "datetime64[ms, UTC]"


def test_no_dates_fall_into_empty_bands() -> None:
    assert list(overview.age_bands(dates(), NOW, [DAY])["tenants"]) == [0, 0, 0]


def test_every_band_counts_exactly_what_lies_between_its_ends() -> None:
    known = dates(*range(0, 1000, 7), None)
    for band in overview.age_bands(known, NOW, [DAY, 3 * DAY, 30 * DAY]).to_dict("records"):
        if pd.isna(band["since"]) and pd.isna(band["until"]):
            assert band["tenants"] == 1
            continue
        inside = known.notna()
        inside &= True if pd.isna(band["since"]) else known >= band["since"]
        inside &= True if pd.isna(band["until"]) else known < band["until"]
        assert inside.sum() == band["tenants"]


def test_a_failed_job_counts_until_a_version_has_come_since() -> None:
    rows = tenants(broken=30, mended=1, never=None)
    failed = jobs(
        *(job_at(code, "FAILED", started=120, tenant=code) for code in rows["tenant_code"])
    )
    assert needing(rows, jobs=failed) == {
        "never": {"load_failed", "none_enabled"},
        "broken": {"load_failed"},
    }


def test_a_failure_whose_start_is_not_told_counts() -> None:
    failed = jobs(job_at("1", "ERROR", tenant="a"))
    assert needing(tenants(a=1), jobs=failed) == {"a": {"load_failed"}}


def test_a_failed_job_is_put_right_by_a_later_one_of_its_type_that_succeeds() -> None:
    told = jobs(
        *(job_at(code, "FAILED", started=60, tenant=code) for code in "abcd"),
        job_at("1", "SUCCEEDED", started=30, tenant="a"),
        job_at("2", "SUCCEEDED", started=90, tenant="b"),
        job_at("3", "SUCCEEDED", started=30, tenant="c", jobType="PROCESSING_JOB"),
        job_at("4", "RUNNING", started=30, tenant="d"),
    )
    mended = overview.put_right(told)
    assert told.loc[mended, "job_id"].tolist() == ["a"]
    rows = tenants(a=40, b=40, c=40, d=40).assign(is_overdue=False)
    found = overview.attention(rows, jobs=told)
    assert found["tenant_code"].tolist() == ["b", "c", "d"]
    assert found["failed_jobs"].tolist() == [1, 1, 1]


def test_a_reprocessed_version_puts_right_what_failed_to_process_and_brings_no_data() -> None:
    told = jobs(
        job_at("1", "FAILED", started=60, tenant="a"),
        job_at("2", "FAILED", started=60, tenant="a", jobType="PROCESSING_JOB"),
    )
    rows = tenants(a=0.5).assign(loaded_at=dates(20))
    assert overview.put_right(told, rows).tolist() == [False, True]
    assert overview.put_right(told, rows.assign(loaded_at=dates(0.5))).all()
    assert not overview.put_right(told).any()


def test_jobs_that_are_stuck_or_late_name_their_tenants() -> None:
    rows = tenants(a=1, b=1, c=1, d=1)
    told = [job_at(code, "RUNNING", started=9, tenant=code) for code in "abc"]
    assert needing(rows, jobs=jobs(*told, marks=("stuck", "late", "quick"))) == {
        "a": {"stuck"},
        "b": {"stuck"},
    }


def test_only_the_latest_upload_matters() -> None:
    def upload(hours: float, *, included: bool) -> dict[str, object]:
        return {"uploadTime": ago(60 * hours).isoformat(), "included": included}

    answer = {
        "tenants": [
            {"tenantCode": "a", "uploads": [upload(9, included=True), upload(1, included=False)]},
            {"tenantCode": "b", "uploads": [upload(9, included=False), upload(1, included=True)]},
            {"tenantCode": "c", "uploads": []},
        ]
    }
    read = uploads.to_frame([answer])
    assert needing(tenants(a=1, b=1, c=1), uploads=read) == {"a": {"latest_excluded"}}


def test_the_worst_come_first_and_the_older_before_the_younger() -> None:
    rows = tenants(late=50, later=90, young=1, none=None, failed=20)
    failed = jobs(job_at("1", "FAILED", started=5, tenant="failed"))
    assert [*needing(rows, jobs=failed)] == ["failed", "none", "later", "late"]


def test_nothing_read_and_nobody_there_has_the_same_columns() -> None:
    full = overview.attention(tenants(a=90))
    none = overview.attention(tenants(), jobs=jobs(), uploads=uploads.to_frame([]))
    assert none.empty
    assert list(none.columns) == list(full.columns)
    assert full["overdue"].tolist() == [True]
    assert none.dtypes["failed_jobs"] == full.dtypes["failed_jobs"] == "int64"


@pytest.mark.parametrize(
    ("now", "zone", "since"),
    [
        ("2026-11-24T09:00Z", "UTC", "2026-11-23T18:00Z"),
        ("2026-11-24T23:59Z", "UTC", "2026-11-23T18:00Z"),
        ("2026-11-24T16:00Z", "Asia/Tokyo", "2026-11-24T09:00Z"),
        ("2026-10-25T09:00Z", "Europe/Berlin", "2026-10-24T16:00Z"),
    ],
)
def test_last_night_begins_in_the_evening_of_the_zone(now: str, zone: str, since: str) -> None:
    night = last_night(datetime.fromisoformat(now), ZoneInfo(zone))
    assert night == Since(datetime.fromisoformat(since))
    assert night.span(datetime.fromisoformat(now))[1] > datetime.fromisoformat(now)
