"""When the watch looks at what, so that the calls of a minute suffice."""

from datetime import UTC, datetime, timedelta

import pytest

from services.monitoring.watch.schedule import Schedule
from services.visier import Budget
from services.visier.rate_limiter import UNATTENDED_SHARE

BEGINS = datetime(2026, 11, 30, 12, tzinfo=UTC)
EVERY = timedelta(minutes=5)
LOOKS = 288


@pytest.mark.parametrize("limit", [20, 50, 100, 1000])
def test_lists_and_metric_values_take_no_more_than_half_of_the_calls_of_the_watch(
    limit: int,
) -> None:
    schedule, budget, pages = Schedule(EVERY), Budget(limit, limit, None, None, 0.0), 102
    read_at, tried_at = BEGINS, None
    lists = metrics = 0
    for number in range(1, LOOKS + 1):
        now = BEGINS + number * EVERY
        if not schedule.looks_at_lists(
            now, read_at=read_at, night_begins=BEGINS, pages=pages, budget=budget
        ):
            continue
        read_at, lists = now, lists + 1
        if schedule.looks_at_metrics(now, tried_at=tried_at, pages=pages, budget=budget):
            tried_at, metrics = now, metrics + 1
    assert 0 < metrics <= 24
    minutes = LOOKS * EVERY.total_seconds() / 60
    assert lists * pages + metrics * pages / 2 <= minutes * limit * UNATTENDED_SHARE / 2
