"""Which jobs somebody tracks."""

from datetime import datetime, timedelta

from services.ledger import Ledger, TrackedJob
from tests.services.ledger.samples import START

ANN, BOB = "ann", "bob"


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def test_tracked_jobs_come_back_newest_first_each_once(ledger: Ledger) -> None:
    keep = ledger.tracked_jobs
    keep.add(ANN, "a", minute(0), "started here")
    keep.add(ANN, "b", minute(1))
    keep.add(BOB, "c", minute(2))
    assert keep.of(ANN) == [
        TrackedJob("b", minute(1), ""),
        TrackedJob("a", minute(0), "started here"),
    ]
    keep.add(ANN, "a", minute(3), "n" * 5_000)
    assert [(each.job_id, each.at, len(each.note)) for each in keep.of(ANN)] == [
        ("a", minute(3), 2_000),
        ("b", minute(1), 0),
    ]
    assert [each.job_id for each in keep.of(ANN, limit=1)] == ["a"]
    keep.remove(ANN, "a")
    keep.remove(ANN, "never tracked")
    assert [each.job_id for each in keep.of(ANN)] == ["b"]
    assert [each.job_id for each in keep.of(BOB)] == ["c"]


def test_retention_deletes_what_was_tracked_before(ledger: Ledger) -> None:
    ledger.tracked_jobs.add(ANN, "old", minute(1))
    ledger.tracked_jobs.add(ANN, "young", minute(2))
    assert ledger.tracked_jobs.prune(minute(2)) == 1
    assert [each.job_id for each in ledger.tracked_jobs.of(ANN)] == ["young"]
