"""Nights on record at the place of a page, written by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from dashboard.watch import notifying
from services.clock import CLOCK
from services.ledger import Place
from services.monitoring.watch.night import night_of, span
from services.monitoring.watch.observation import (
    DeliverySizes,
    FailureKind,
    Failures,
    JobDurations,
    NightFacts,
)
from services.monitoring.watch.recorded import document
from tests.pages.sessions import in_session
from tests.services.notifications.nights import rows

DAY = timedelta(days=1)
LOST = FailureKind("k1", "[DP510002] Unexpected exception", "processing", "failed", "", 58, 40)
WHOLE = NightFacts(
    failures=Failures(69, (LOST,)),
    durations=(JobDurations("processing", 40, 192.0, 600.0),),
    deliveries=DeliverySizes(3, 45, 15.0, 20.0),
)


def tonight() -> date:
    """Return the night that is under way."""
    return night_of(CLOCK.now(), notifying.watch_zone())


def place_of(app: AppTest) -> Place:
    return in_session(app, session.signed_in).actor.place


def record(
    app: AppTest,
    night: date,
    tenants: Mapping[str, Mapping[str, Any]],
    facts: NightFacts = WHOLE,
    *,
    is_complete: bool = True,
) -> None:
    """Record a night, read to its end if it `is_complete`."""
    ledger = bootstrap.whole_ledger()
    lease = ledger.leases.take("tests")
    assert lease is not None
    ends = span(night, notifying.watch_zone())[1]
    at = ends if is_complete else ends - timedelta(hours=10)
    facts = replace(facts, lists_at=at, jobs_at=at)
    ledger.nights.write(
        place_of(app), lease, night, rows(tenants), at=at, is_complete=is_complete,
        facts=document(facts),
    )  # fmt: skip
    ledger.leases.release(lease)


def loaded(night: date, hour: int, version: str = "1") -> dict[str, Any]:
    """Return a tenant that loaded at this hour (UTC) of the date of a night."""
    at = span(night, notifying.watch_zone())[1].replace(hour=hour, minute=0)
    return {
        "loaded_at": at,
        "version_at": at,
        "data_version": version,
        "upload_count": 1,
        "jobs_succeeded": 1,
    }
