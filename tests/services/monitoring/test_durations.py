"""When jobs were seen live and ended, how long they take, and which do not keep to it."""

from pathlib import Path

import pandas as pd
import pytest

from services.ledger import Ledger
from services.monitoring import durations
from tests.ledgers import empty_ledger
from tests.services.monitoring.observed import (
    NOW,
    Span,
    ago,
    job_at,
    job_observations,
    listed,
    observed,
    together,
)

DTYPES = {
    **dict.fromkeys(("job_key", "job_id", "tenant_code", "job_type", "status"), "str"),
    "start_time": "datetime64[ms, UTC]",
    "first_seen": "datetime64[ms, UTC]",
    "changed_at": "datetime64[ms, UTC]",
    "last_seen": "datetime64[ms, UTC]",
    "last_live_at": "datetime64[ms, UTC]",
    "ended_at": "datetime64[ms, UTC]",
    "end_seen": "bool",
    "seconds": "float64",
}


def history_of(*spans: Span, started: float | None = 60) -> pd.Series:
    return durations.job_histories(observed("a", started, *spans)).iloc[0]


def minutes_ago(moment: pd.Timestamp) -> float | None:
    return None if pd.isna(moment) else (pd.Timestamp(NOW) - moment).total_seconds() / 60


def succeeded(job_id: str, minutes: float, **told: object) -> pd.DataFrame:
    """Give the observations of a job that was seen to succeed after that many minutes."""
    return observed(
        job_id, 600, ("Running", 600, 600 - minutes), ("Succeeded", 600 - minutes, 1), **told
    )


def usual_of(*frames: pd.DataFrame) -> pd.DataFrame:
    return durations.baseline_stats(durations.job_histories(together(*frames)))


def test_a_job_seen_from_start_to_end() -> None:
    found = history_of(("Pending", 59, 58), ("Running/Initialize", 57, 40), ("Succeeded", 39.5, 1))
    assert (found["job_id"], found["tenant_code"]) == ("a", "WFF_j1r~c7o")
    assert (found["job_type"], found["status"]) == ("extraction", "succeeded")
    at = ("first_seen", "changed_at", "last_seen", "last_live_at", "ended_at")
    assert [minutes_ago(found[name]) for name in at] == [59, 39.5, 1, 40, 39.5]
    assert found["end_seen"]
    assert found["seconds"] == 20.5 * 60


@pytest.mark.parametrize(
    ("spans", "live", "ended", "seen"),
    [
        # Nobody had looked while it ran.
        ([("Succeeded", 30, 1)], None, 30, False),
        # Ran, and still does.
        ([("Running", 30, 1)], 1, None, False),
        # Two minutes from the last reading with it live to the first after are close enough ...
        ([("Running", 58, 57), ("Failed", 55, 1)], 57, 55, True),
        ([("Running", 58, 57.1), ("Failed", 55, 1)], 57.1, 55, False),
        # ... or a tenth of what it has taken since its start.
        ([("Running", 58, 25), ("Failed", 21.5, 1)], 25, 21.5, True),
        ([("Running", 58, 26), ("Failed", 21.5, 1)], 26, 21.5, False),
        # A word nobody knows is no end.
        ([("Sleeping", 58, 31), ("Succeeded", 30, 1)], 31, 30, True),
        # ... nor does it take one back.
        ([("Running", 50, 31), ("Failed", 30, 20), ("??", 19, 10), ("Failed", 9, 1)], 31, 30, True),
        # What comes back had not ended, and what ended goes on ending in other words.
        (
            [("Failed", 50, 40), ("Running", 30, 20), ("Error", 19, 10), ("Failed", 9, 1)],
            20,
            19,
            True,
        ),
        ([("Failed", 50, 40), ("Running", 30, 20)], 20, None, False),
    ],
)
def test_an_end_was_seen_only_from_close_by(
    spans: list[Span], live: float | None, ended: float | None, seen: bool
) -> None:
    found = history_of(*spans)
    assert minutes_ago(found["last_live_at"]) == live
    assert minutes_ago(found["ended_at"]) == ended
    assert bool(found["end_seen"]) is seen
    assert pd.notna(found["seconds"]) == seen


def test_without_a_start_an_end_may_be_seen_but_no_time_is_known() -> None:
    found = history_of(("Running", 30, 21), ("Succeeded", 20, 1), started=None)
    assert found["end_seen"]
    assert pd.isna(found["seconds"])
    assert not history_of(("Running", 30, 24), ("Succeeded", 20, 1), started=None)["end_seen"]


@pytest.mark.parametrize(
    ("spans", "changed"),
    [
        ([("Running", 30, 20), ("Running", 19, 1)], 30),
        ([("Running/A", 30, 20), ("Running/B", 19, 1)], 19),
        ([("Running/A", 30, 20), ("Running", 19, 10), ("Running/A", 9, 1)], 30),
        ([("Running", 30, 20), ("Running/A", 19, 1)], 19),
        ([("Running/A", 30, 20), ("Cancelling/A", 19, 10), ("Cancelling", 9, 1)], 19),
        ([("Running", 30, 20), ("Pending", 19, 10), ("Running", 9, 1)], 9),
    ],
)
def test_a_change_is_another_status_or_another_stage_that_is_told(
    spans: list[Span], changed: float
) -> None:
    assert minutes_ago(history_of(*spans)["changed_at"]) == changed


def test_of_what_only_some_readings_give_the_last_counts() -> None:
    known = observed("a", 60, ("Running", 30, 20))
    bare = observed("a", None, ("Succeeded", 19, 1), tenant_code=None, job_type=None)
    found = durations.job_histories(together(known, bare)).iloc[0]
    assert (found["tenant_code"], found["job_type"]) == ("WFF_j1r~c7o", "extraction")
    assert minutes_ago(found["start_time"]) == 60


def test_every_job_has_one_course_in_any_mixture() -> None:
    mixed = together(
        observed("a", 60, ("Running", 50, 30), ("Succeeded", 29, 1)),
        observed("b", 60, ("Running", 40, 35), ("Running/B", 20, 2)),
        observed("c", 60, ("Failed", 45, 3)),
    )
    found = durations.job_histories(mixed).set_index("job_id")
    assert sorted(found.index) == ["a", "b", "c"]
    assert found["status"].to_dict() == {"a": "succeeded", "b": "running", "c": "failed"}
    assert {name: minutes_ago(at) for name, at in found["changed_at"].items()} == {
        "a": 29,
        "b": 20,
        "c": 45,
    }


def test_no_observations_make_the_same_columns() -> None:
    some, none = (
        durations.job_histories(succeeded("a", 5)),
        durations.job_histories(job_observations([])),
    )
    for found in (some, none):
        assert found.dtypes.astype(str).to_dict() == DTYPES
    assert durations.baseline_stats(none).dtypes.equals(durations.baseline_stats(some).dtypes)
    marked = durations.anomalies(listed([]), none, durations.baseline_stats(none), NOW)
    assert marked.dtypes.astype(str).to_dict() == {"mark": "str", "why": "str"}


def test_usual_is_what_succeeded_before_the_eyes_of_the_dashboard() -> None:
    own = [succeeded(f"a{minutes}", minutes) for minutes in range(1, 11)]
    other = succeeded("b", 100, tenant_code="WFF_j1r~e1a")
    failed = observed("f", 600, ("Running", 600, 100), ("Failed", 99, 1))
    unseen = observed("u", 600, ("Succeeded", 30, 1))
    running = observed("r", 600, ("Running", 600, 1))
    nameless = succeeded("n", 100, tenant_code=None)
    found = usual_of(*own, other, failed, unseen, running, nameless)
    rows = found.round(1).to_dict("split")["data"]
    assert rows == [
        ["extraction", "", 12, 6.5 * 60, 91 * 60.0],
        ["extraction", "WFF_j1r~c7o", 10, 5.5 * 60, 9.1 * 60],
        ["extraction", "WFF_j1r~e1a", 1, 100 * 60.0, 100 * 60.0],
    ]


def mark_of(job: dict[str, object], seen: pd.DataFrame, *known: pd.DataFrame) -> tuple[str, str]:
    """Give mark and why of a job as it is listed now, and as it was seen."""
    baseline_stats = usual_of(*known) if known else usual_of(job_observations([]))
    found = durations.anomalies(
        listed([job]), durations.job_histories(seen), baseline_stats, NOW
    ).iloc[0]
    return found["mark"], found["why"]


TWENTY = [succeeded(f"t{number}", 10, tenant_code=f"WFF_j1r~t{number}") for number in range(20)]
FIVE = [succeeded(f"o{number}", 30) for number in range(5)]


@pytest.mark.parametrize(
    ("started", "known", "expected"),
    [
        (
            42,
            TWENTY,
            "Running for 42m; 90% of 20 observed extraction jobs took at most 10m.",
        ),
        (9, TWENTY, ""),
        (42, TWENTY[:19], ""),
        # Its own tenant says more than all others do.
        (29, TWENTY + FIVE, ""),
        (
            42,
            TWENTY + FIVE,
            "Running for 42m; 90% of 5 observed extraction jobs of this tenant took at most 30m.",
        ),
        (42, FIVE[:4], ""),
    ],
)
def test_late_is_what_runs_longer_than_nine_in_ten_of_its_kind(
    started: float, known: list[pd.DataFrame], expected: str
) -> None:
    seen = observed("a", started, ("Running", min(started, 20), 0))
    mark, why = mark_of(job_at("a", "Running", started), seen, *known)
    assert (mark, why) == ("late" if expected else "", expected)


def test_a_job_that_waits_is_late_too_and_one_that_has_ended_is_not() -> None:
    seen = observed("a", 42, ("Pending", 20, 0))
    assert mark_of(job_at("a", "Pending", 42), seen, *TWENTY)[1].startswith("Pending after 42m")
    assert mark_of(job_at("a", "Failed", 42), seen, *TWENTY) == ("", "")


def test_stuck_is_what_has_not_changed_for_three_times_as_long_and_an_hour() -> None:
    job = job_at("a", "Running", 500)
    seen = observed("a", 500, ("Running/A", 300, 62), ("Running/B", 61, 0))
    assert mark_of(job, seen, *TWENTY) == (
        "stuck",
        "No change observed for 1h 1m; 90% of 20 observed extraction jobs took at most 10m.",
    )
    assert mark_of(job, seen, *FIVE)[0] == "late"
    barely = observed("a", 500, ("Running/A", 300, 62), ("Running/B", 59, 0))
    assert mark_of(job, barely, *TWENTY)[0] == "late"


@pytest.mark.parametrize(
    ("started", "known", "expected"),
    [
        (
            26 * 60,
            [],
            "Running for 26h; too little history for a typical duration.",
        ),
        (
            26 * 60,
            FIVE[:1],
            "Running for 26h; too little history for a typical duration.",
        ),
        (23 * 60, [], ""),
        (None, [], ""),
    ],
)
def test_with_nothing_to_compare_a_day_is_too_long(
    started: float | None, known: list[pd.DataFrame], expected: str
) -> None:
    seen = observed("a", started, ("Running", 100, 0))
    mark, why = mark_of(job_at("a", "Running", started), seen, *known)
    assert (mark, why) == ("stuck" if expected else "", expected)


def test_cancelling_for_ten_minutes_is_stuck() -> None:
    job = job_at("a", "Cancelling", 60)
    seen = observed("a", 60, ("Running", 50, 12), ("Cancelling", 11, 0))
    why = "Cancelling for 11m (observed)."
    assert mark_of(job, seen, *TWENTY) == ("stuck", why)
    recent = observed("a", 60, ("Running", 50, 10), ("Cancelling", 9, 0))
    assert mark_of(job, recent) == ("", "")


def test_what_was_not_written_down_yet_has_not_stood_still() -> None:
    seen = observed("a", 60, ("Running", 59, 0))
    assert mark_of(job_at("a", "Cancelling", 60), seen) == ("", "")
    assert mark_of(job_at("new", "Cancelling", 60), seen) == ("", "")


def test_quick_is_what_succeeded_in_less_than_a_tenth() -> None:
    seen = observed("a", 600, ("Running", 600, 599.5), ("Succeeded", 599.5, 1))
    assert mark_of(job_at("a", "Succeeded", 600), seen, *TWENTY) == (
        "quick",
        "Succeeded in 30s; the median of 20 observed extraction jobs is 10m.",
    )
    assert mark_of(job_at("a", "Succeeded", 600), seen) == ("", "")
    assert mark_of(job_at("a", "Failed", 600), seen, *TWENTY) == ("", "")
    unseen = observed("a", 600, ("Succeeded", 599.5, 1))
    assert mark_of(job_at("a", "Succeeded", 600), unseen, *TWENTY) == ("", "")


def test_marks_keep_the_index_of_the_jobs() -> None:
    jobs = listed([job_at("a", "Running", 30 * 60), job_at("b", "Running", 1)])
    jobs.index = pd.Index([7, 3])
    found = durations.anomalies(
        jobs, durations.job_histories(job_observations([])), usual_of(job_observations([])), NOW
    )
    assert found["mark"].to_dict() == {7: "stuck", 3: ""}


def test_what_the_ledger_gives_back_is_what_courses_take(tmp_path: Path) -> None:
    ledger = Ledger.open(empty_ledger(tmp_path / "ledger.sqlite3"))
    for at, word in ((50, "Running"), (49, "Running"), (48, "Completed"), (1, "Completed")):
        ledger.job_observations.record("ann", listed([job_at("a", word, 60)]), ago(at))
    found = durations.job_histories(ledger.job_observations.of("ann", since=ago(60)))
    ledger.close()
    assert found.dtypes.astype(str).to_dict() == DTYPES
    assert (found["status"][0], found["seconds"][0]) == ("succeeded", 12 * 60)


def test_an_end_that_an_event_told_is_the_end() -> None:
    seen = observed("a", 60, ("Running", 50, 40), ("Succeeded", 10, 5))
    told = seen.assign(end_time=pd.Series([pd.NaT, ago(30)], dtype=seen["end_time"].dtype))
    (without,), (found,) = (
        durations.job_histories(rows).to_dict("records") for rows in (seen, told)
    )
    assert not without["end_seen"]
    assert (found["end_seen"], found["seconds"]) == (True, 30 * 60)
    assert found["ended_at"] == pd.Timestamp(ago(30))


def test_an_end_told_later_than_it_was_observed_is_not_taken() -> None:
    seen = observed("a", 60, ("Running", 50, 11), ("Succeeded", 10, 5))
    told = seen.assign(end_time=pd.Series([pd.NaT, ago(2)], dtype=seen["end_time"].dtype))
    (found,) = durations.job_histories(told).to_dict("records")
    assert found["ended_at"] == pd.Timestamp(ago(10))
