"""What is said of a delivery."""

from datetime import UTC, datetime
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboard.components import delivery_words
from services.monitoring.deliveries import Judgement


def test_a_delivery_of_today_is_named_without_the_day_except_on_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    monkeypatch.setattr(delivery_words, "CLOCK", Mock(now=lambda: now))
    berlin = ZoneInfo("Europe/Berlin")
    rows = [
        pd.Series({"arrived": pd.Timestamp(at, tz="UTC"), "tenants": 40})
        for at in ("2026-11-30 05:38", "2026-11-29 22:14")
    ]
    titles = [delivery_words.title(row, berlin) for row in rows]
    assert titles == ["Delivery of 06:38, 40 tenants", "Delivery of 29 Nov 23:14, 40 tenants"]
    on_record = delivery_words.title_on_record(rows[0], berlin)
    assert on_record == "Delivery of 30 Nov 2026 06:38, 40 tenants"


def test_where_no_delivery_is_unusual_each_says_so() -> None:
    rows = pd.DataFrame(
        {
            "delivery_id": ["one", "other"],
            "judgement": [Judgement.USUAL, Judgement.TOO_LITTLE_KNOWN],
            "uploads": [3, 2],
            "live_jobs": 0,
            "received": 0,
            "disabled": 0,
            "is_excluded": [False, True],
        }
    )
    found = delivery_words.reasons(rows, pd.DataFrame({"delivery_id": []}))
    assert list(found) == ["As usual", "Excluded"]
