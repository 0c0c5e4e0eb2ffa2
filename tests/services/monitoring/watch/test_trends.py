"""Nights one after the other: what is known of each as a whole, and what is not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from services.ledger import Night
from services.monitoring.watch import NightFacts, NightState
from services.monitoring.watch.history import History
from services.monitoring.watch.night import span
from services.monitoring.watch.observation import (
    DeliverySizes,
    FailureKind,
    Failures,
    JobDurations,
)
from services.monitoring.watch.recorded import document
from services.monitoring.watch.states import STATES
from services.monitoring.watch.trends import Share, Totals, kinds, kinds_on_record, over, totals

ZONE = ZoneInfo("Europe/Berlin")
NIGHT = date(2026, 11, 28)
ENDS = span(NIGHT, ZONE)[1]
FACTS = NightFacts(
    lists_at=ENDS,
    jobs_at=ENDS,
    failures=Failures(1),
    durations=(JobDurations("processing", 3, 60.0, 90.0), JobDurations("receiving", 9, 1.0, 2.0)),
    deliveries=DeliverySizes(1, 5, 5.0, 5.0),
)
EVERYONE = np.ones(6, bool)
LIKE = [
    *(NightState.LOADED, NightState.LOADED, NightState.FAILED),
    *(NightState.LATE, NightState.EXCLUDED, NightState.NOTHING_CAME),
]


def history(facts: NightFacts | None, *, is_complete: bool = True) -> History:
    """Give one night of six tenants, on record with these facts or not at all."""
    night = Night(NIGHT, ENDS, ENDS, is_complete, 6, document(facts)) if facts else None
    grid = np.array([[STATES.index(each)] for each in LIKE], np.int8)
    codes = pd.Index([*"abcdef"], dtype="str")
    minutes = grid.astype(np.int16)
    recorded = {NIGHT: night} if night else {}
    return History(codes, (NIGHT,), grid, minutes, minutes, minutes, recorded)


def of(found: History, rows: np.ndarray = EVERYONE) -> Totals:
    (one,) = totals(found, rows, [NIGHT], ZONE)
    return one


def test_a_night_that_was_observed_to_its_end_has_its_figures() -> None:
    assert of(history(FACTS)) == Totals(
        NIGHT,
        # Who was not due is left out.
        loaded=Share(2, 5),
        failures=FACTS.failures,
        durations=JobDurations("processing", 3, 60.0, 90.0),
        deliveries=FACTS.deliveries,
    )


def test_a_share_is_of_the_tenants_that_are_kept() -> None:
    rows = np.array([True, False, True, False, False, True])
    found = of(history(FACTS), rows).loaded
    assert found is not None
    assert (found, found.value) == (Share(1, 2), 0.5)
    of_none = of(history(FACTS), ~EVERYONE).loaded
    assert of_none is not None
    assert of_none.value is None


@pytest.mark.parametrize(
    ("facts", "is_complete", "known"),
    [
        (None, True, set()),
        (NightFacts(), False, set()),
        # Of a night of an earlier version only its rows are known.
        (NightFacts(lists_at=ENDS, jobs_at=ENDS), True, {"loaded"}),
        (replace(FACTS, jobs_at=ENDS - timedelta(minutes=1)), False, {"deliveries"}),
        (replace(FACTS, lists_at=None), False, {"failures", "durations"}),
        # Its jobs ended unseen, so that nothing is known of how long they took.
        (
            replace(FACTS, durations=(JobDurations("processing", 0, 0.0, 0.0),)),
            True,
            {"loaded", "failures", "deliveries"},
        ),
    ],
)
def test_what_was_not_observed_to_the_end_or_not_recorded_has_no_figure(
    facts: NightFacts | None, *, is_complete: bool, known: set[str]
) -> None:
    found = of(history(facts, is_complete=is_complete))
    names = {"loaded", "failures", "durations", "deliveries"}
    assert {name for name in names if getattr(found, name) is not None} == known


def test_a_night_in_which_nothing_was_processed_is_known_to_be_so() -> None:
    found = of(history(replace(FACTS, durations=()))).durations
    assert found is not None
    assert found.count == 0


def test_a_night_under_way_is_not_over() -> None:
    found = history(FACTS)
    assert over(found, ENDS - timedelta(seconds=1), ZONE) == ()
    assert over(found, ENDS, ZONE) == (NIGHT,)
    assert over(found, datetime(2026, 11, 30, tzinfo=UTC), ZONE) == (NIGHT,)


def kind(key: str, jobs: int) -> FailureKind:
    return FailureKind(key, f"[{key}] Lost", "processing", "failed", "", jobs, 1)


def test_the_kinds_of_most_failures_of_all_nights_come_first() -> None:
    nights = [
        Totals(NIGHT, failures=Failures(9, (kind("a", 5), kind("b", 4)))),
        Totals(NIGHT),
        Totals(NIGHT, failures=Failures(6, (kind("c", 3), kind("b", 3)))),
    ]
    assert [each.key for each in kinds(nights, 2)] == ["b", "a"]


def test_of_the_kinds_on_record_the_newest_come_first_and_then_those_of_most_jobs() -> None:
    nights = [
        night_of(0, Failures(5, (kind("a", 2), kind("b", 3)))),
        night_of(1, Failures(9, (kind("c", 9),))),
        night_of(2, None),
        night_of(3, Failures(99, (kind("a", 8), kind("d", 91)))),
    ]
    found = kinds_on_record(nights)
    assert [(each.key, each.jobs) for each in found] == [("a", 2), ("b", 3), ("c", 9), ("d", 91)]
    assert kinds_on_record(nights[::-1]) == found
    assert kinds_on_record([]) == []


def night_of(ago: int, failures: Failures | None) -> Night:
    facts = document(replace(FACTS, failures=failures))
    return Night(NIGHT - timedelta(days=ago), ENDS, ENDS, True, 6, facts)
