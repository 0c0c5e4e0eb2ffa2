"""Who needs attention: not whom a person has looked after, nor who is not overdue."""

import pandas as pd
import pytest

from services.frames import uploads
from services.monitoring import overview
from tests.services.monitoring.observed import ago

HOURS = 60.0
UPLOADED = "2026-11-24T04:00:00.000Z"  # eight hours ago


def needing(
    version_hours_ago: float | None, excluded: pd.DataFrame | None, *, is_overdue: bool = False
) -> dict[str, bool]:
    """Return why the one tenant needs attention, whose latest upload is excluded."""
    told = [None if version_hours_ago is None else ago(HOURS * version_hours_ago)]
    dates = pd.Series(told, dtype="datetime64[ms, UTC]")
    version = pd.Series(["1" if version_hours_ago else None], dtype="str")
    tenants = pd.DataFrame(
        {"tenant_code": ["a"], "data_version": version, "data_version_date": dates}
    ).assign(is_overdue=is_overdue)
    listed = [{"tenantCode": "a", "uploads": [{"uploadTime": UPLOADED, "included": False}]}]
    read = uploads.to_frame([{"tenants": listed}])
    assert len(read) == 1
    found = overview.attention(tenants, uploads=read, excluded_here=excluded)
    return {reason: bool(found[reason].any()) for reason in overview.REASONS if found[reason].any()}


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
def test_what_was_excluded_here_and_has_a_newer_version_is_no_alarm(upload: str | None) -> None:
    assert needing(1, excluded(3, upload)) == {}


@pytest.mark.parametrize(
    ("version_hours_ago", "by"),
    [
        (1, None),
        (5, excluded(3)),
        (1, excluded(3, "2026-11-23T04:00:00.000Z")),
        (1, excluded(3, code="b")),
        (1, excluded(9, None)),
    ],
    ids=["elsewhere", "no version since", "another upload", "another tenant", "before it came"],
)
def test_every_other_excluded_latest_upload_is_one(
    version_hours_ago: float, by: pd.DataFrame | None
) -> None:
    assert needing(version_hours_ago, by) == ALARM


def test_an_old_version_is_an_alarm_where_the_next_one_is_overdue() -> None:
    by = excluded(7)
    assert needing(48, by) == ALARM
    assert needing(48, by, is_overdue=True) == {"overdue": True, **ALARM}
    assert needing(None, by) == {"none_enabled": True, **ALARM}
