"""When the watch looks, and what it reads then; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.visier import Budget
from services.visier.rate_limiter import UNATTENDED_SHARE

# Versions and uploads change a few times a night, and cost a call for every 1,000 tenants.
LISTS_EVERY: Final = timedelta(minutes=15)
# Metric values change with a version: a call for every 1,000 tenants, once in an hour at most.
METRICS_EVERY: Final = timedelta(hours=1)
# Of what the watch may call at all, lists take no more than a third, and metric values, which are
# half as many pages and never read more often, a sixth: the rest is for jobs and connectors.
LISTS_SHARE: Final = 1 / 3
# Visier's limit, until its own header is read.
CALLS_A_MINUTE: Final = 100


@dataclass(frozen=True)
class Schedule:
    """How often to look: `every` at jobs, at versions and uploads less often."""

    every: timedelta

    def lists_every(self, pages: int, budget: Budget) -> timedelta:
        """Return how often lists of so many pages together may be read.

        So that of 50,000 tenants, whose 102 pages take five minutes, others have their calls too.
        """
        a_minute = max(1.0, UNATTENDED_SHARE * (budget.minute_limit or CALLS_A_MINUTE))
        affordable = timedelta(minutes=pages / (a_minute * LISTS_SHARE))
        return max(LISTS_EVERY, self.every, affordable)

    def looks_at_lists(
        self,
        now: datetime,
        *,
        read_at: datetime | None,
        night_begins: datetime,
        pages: int,
        budget: Budget,
    ) -> bool:
        """Say whether a look reads versions and uploads, read last at `read_at` (None: never).

        `night_begins` is when the present night began: the first look in it closes the night
        before, and for that reads everything.
        """
        if read_at is None or read_at < night_begins:
            return True
        # Looks begin a moment later each time: the one that is nearest reads them.
        return now - read_at >= self.lists_every(pages, budget) - self.every / 2

    def looks_at_metrics(
        self, now: datetime, *, tried_at: datetime | None, pages: int, budget: Budget
    ) -> bool:
        """Say whether a look reads metric values, tried last at `tried_at` (None: never)."""
        if tried_at is None:
            return True
        return now - tried_at >= max(METRICS_EVERY, self.lists_every(pages, budget))

    def next_look(self, began: datetime, night_ends: datetime) -> datetime:
        """Return when to look after a look that began then; at the latest when the night ends."""
        return min(began + self.every, night_ends)
