"""Who needs attention: not whom a person has looked after, nor who is not overdue."""

import pandas as pd
import pytest

from services.frames import uploads
from services.monitoring import overview
from tests.services.monitoring.observed import NOW, ago

HOURS = 60.0
UPLOADED = "2026-11-24T04:00:00.000Z"  # eight hours ago


def of_tenant(version_hours_ago: float | None, every_hours: float) -> pd.DataFrame:
    """Return the one tenant, whose loads come so often."""
    told = [None if version_hours_ago is None else ago(HOURS * version_hours_ago)]
    dates = pd.Series(told, dtype="datetime64[ms, UTC]")
    version = pd.Series(["1" if version_hours_ago else None], dtype="str")
    every = pd.Timedelta(hours=every_hours)
    return pd.DataFrame(
        {"tenant_code": ["a"], "data_version": version, "data_version_date": dates}
    ).assign(loaded_at=dates, late_at=dates + every)


def latest_is_excluded() -> pd.DataFrame:
    listed = [{"tenantCode": "a", "uploads": [{"uploadTime": UPLOADED, "included": False}]}]
    read = uploads.to_frame([{"tenants": listed}])
    assert len(read) == 1
    return read


def needing(
    version_hours_ago: float | None,
    excluded: pd.DataFrame | None,
    *,
    is_overdue: bool = False,
    every_hours: float = 24,
) -> dict[str, bool]:
    """Return why the one tenant needs attention, whose latest upload is excluded."""
    tenants, read = of_tenant(version_hours_ago, every_hours), latest_is_excluded()
    found = overview.attention(
        tenants.assign(is_overdue=is_overdue),
        uploads=read,
        explained=overview.taken_out(read, tenants, excluded, NOW),
    )
    return {reason: bool(found[reason].any()) for reason in overview.REASONS if found[reason].any()}


def explained(version_hours_ago: float, excluded: pd.DataFrame) -> list[bool]:
    """Return whether each tenant that is explained waits for a newer version."""
    tenants = of_tenant(version_hours_ago, 24)
    found = overview.taken_out(latest_is_excluded(), tenants, excluded, NOW)
    return [bool(awaits) for awaits in found["awaits_version"]]


def excluded(hours_ago: float, upload: str | None = UPLOADED, code: str = "a") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "tenant_code": pd.array([code], dtype="str"),
            "upload_time_text": pd.array([upload], dtype="str"),
            "excluded_at": pd.to_datetime([ago(HOURS * hours_ago)], utc=True).as_unit("ms"),
        }
    )


ALARM = {"latest_excluded": True}


@pytest.mark.parametrize("upload", [UPLOADED, None], ids=["this upload", "all of the tenant"])
@pytest.mark.parametrize("version_hours_ago", [1, 48])
def test_what_was_excluded_here_is_no_alarm(version_hours_ago: float, upload: str | None) -> None:
    assert needing(version_hours_ago, excluded(3, upload)) == {}


@pytest.mark.parametrize(
    "by",
    [
        None,
        excluded(3, "2026-11-23T04:00:00.000Z"),
        excluded(3, code="b"),
        excluded(9, None),
        excluded(3).assign(excluded_at=pd.Series(pd.NaT, dtype="datetime64[ms, UTC]")),
    ],
    ids=["elsewhere", "another upload", "another tenant", "before it came", "included since"],
)
def test_every_other_excluded_latest_upload_is_one(by: pd.DataFrame | None) -> None:
    assert needing(1, by) == ALARM


def test_who_is_overdue_because_of_what_was_excluded_is_no_alarm_until_the_next_is() -> None:
    # Due a day after the last load: sixteen hours are left since the excluded upload came.
    assert needing(30, excluded(7), is_overdue=True) == {}
    assert needing(30, None, is_overdue=True) == {"overdue": True, **ALARM}
    assert needing(30, excluded(7), is_overdue=True, every_hours=6) == {"overdue": True}
    assert needing(None, excluded(7)) == {"none_enabled": True}


def test_it_is_told_who_waits_for_a_newer_version() -> None:
    assert [explained(hours, excluded(3)) for hours in (1, 48)] == [[False], [True]]
