"""Nights on record for pages: as many as are needed to expect something of the one under way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from dashboard import bootstrap
from dashboard.watch import notifying
from services.clock import CLOCK
from services.ledger import Place
from services.monitoring.watch import NIGHT_SCHEMA, NightFacts
from services.monitoring.watch.night import empty_rows, night_of
from services.monitoring.watch.recorded import document

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = timedelta(days=1)


def zone_of_midnight() -> str:
    """Return a zone in which it is about one in the morning, whatever time it is."""
    ahead = (1 - datetime.now(UTC).hour) % 24
    # The signs of these names are those of POSIX: Etc/GMT-3 is three hours ahead.
    return f"Etc/GMT-{ahead}" if ahead <= 12 else f"Etc/GMT+{24 - ahead}"


def record(
    place: Place, codes: list[str], minutes: Mapping[str, int], *, nights: int, ago: int = 0
) -> None:
    """Record earlier nights, and the one under way as of so many minutes `ago`.

    In each tenants loaded so many minutes after now (by the clock of that night), some minutes
    more or less; tonight those have that came before it was looked at.
    """
    now, zone = CLOCK.now(), notifying.watch_zone()
    tonight, looked_at = night_of(now, zone), now - timedelta(minutes=ago)
    ledger = bootstrap.whole_ledger()
    lease = ledger.leases.take("watch of a test")
    assert lease is not None
    for days in range(nights, -1, -1):
        rows = empty_rows().reindex(range(len(codes)))
        rows["tenant_code"] = sorted(codes)
        rows[[name for name, kind in NIGHT_SCHEMA.items() if kind == "int32"]] = 0
        rows[["is_stuck", "is_late"]] = False
        times = {
            code: now - days * DAY + timedelta(minutes=minute + days * number % 5)
            for number, (code, minute) in enumerate(minutes.items(), 3)
        }
        came = {code: at for code, at in times.items() if days or at <= looked_at}
        rows["loaded_at"] = pd.to_datetime(rows["tenant_code"].map(came), utc=True)
        seen_at = looked_at - days * DAY
        ledger.nights.write(
            place,
            lease,
            tonight - days * DAY,
            rows.astype(NIGHT_SCHEMA),
            at=seen_at,
            is_complete=days > 0,
            facts=document(NightFacts(lists_at=seen_at, jobs_at=seen_at)),
        )
    ledger.leases.release(lease)
