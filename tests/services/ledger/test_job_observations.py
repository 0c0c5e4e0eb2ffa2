"""What jobs were observed to be, from one reading to the next."""

import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pandas as pd
import pytest
import sqlalchemy as sa

from services.frames import jobs
from services.ledger import Ledger, LedgerTrouble
from services.ledger.database import engine, transaction
from services.ledger.truncation import JOB_ID_LIMIT
from tests.services.ledger.samples import START

ANN, BOB = "ann", "bob"
CANARY = "yellow bird"
LONG_AGO = START - timedelta(days=9)
DTYPES = dict.fromkeys(
    (
        *("job_id", "tenant_code", "job_type", "job_type_word", "status", "status_word"),
        *("stage", "data_version", "message", "parent_job_id"),
    ),
    "str",
) | dict.fromkeys(("start_time", "first_seen", "last_seen", "end_time"), "datetime64[ms, UTC]")


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def job(job_id: object = "a", **fields: object) -> dict[str, object]:
    return {"jobId": job_id, "status": "Running", **fields}


def read(*listed: dict[str, object]) -> pd.DataFrame:
    return jobs.from_job_status({"jobStatus": list(listed)})


def record(ledger: Ledger, at: float, *listed: dict[str, object], identity: str = ANN) -> None:
    ledger.job_observations.record(identity, read(*listed), minute(at))


def seen(ledger: Ledger, identity: str = ANN) -> pd.DataFrame:
    return ledger.job_observations.of(identity, since=LONG_AGO)


def spans(ledger: Ledger) -> list[tuple[str, str, float, float]]:
    """Give job id, status word, and the minutes at which it was first and last seen."""
    found = seen(ledger)
    times = [
        ((found[name] - pd.Timestamp(START)).dt.total_seconds() / 60).tolist()
        for name in ("first_seen", "last_seen")
    ]
    return list(zip(found["job_id"], found["status_word"], *times, strict=True))


def test_what_was_seen_is_read_as_it_was_told(ledger: Ledger) -> None:
    told = {"tenant": "WFF_j1r~c7o", "jobType": "UPLOAD_JOB", "parentJobId": "p"}
    more = {"startTime": "2026-03-01T11:59:00.250Z", "currentStage": "Initialize"}
    ends = {"status": "Completed", "dataVersion": "7000013", "message": "Größe \0"}
    record(ledger, 0, job(**told, **more, **ends))
    row = seen(ledger).iloc[0]
    assert row.drop(["start_time", "first_seen", "last_seen", "end_time"]).to_dict() == {
        "job_id": "a",
        "tenant_code": "WFF_j1r~c7o",
        "job_type": "receiving",
        "job_type_word": "UPLOAD_JOB",
        "status": "succeeded",
        "status_word": "Completed",
        "stage": "Initialize",
        "data_version": "7000013",
        "message": "Größe \N{REPLACEMENT CHARACTER}",
        "parent_job_id": "p",
    }
    assert row["start_time"] == pd.Timestamp("2026-03-01T11:59:00.250Z")
    assert row["first_seen"] == row["last_seen"] == pd.Timestamp(START)


def test_columns_and_dtypes_are_the_same_with_and_without_rows(ledger: Ledger) -> None:
    empty = seen(ledger)
    record(ledger, 0, {"jobId": "a"})
    for found in (empty, seen(ledger)):
        assert found.dtypes.astype(str).to_dict() == DTYPES
    bare = seen(ledger).iloc[0]
    assert bare[["tenant_code", "status_word", "stage", "message", "start_time"]].isna().all()
    assert list(bare[["job_type", "status"]]) == ["other", "unknown"]


def test_a_look_that_tells_nothing_new_moves_the_last_one_on(ledger: Ledger) -> None:
    for at in (0, 1, 2):
        record(ledger, at, job("a"), job("b", status="Succeeded"))
    assert spans(ledger) == [("a", "Running", 0, 2), ("b", "Succeeded", 0, 2)]


@pytest.mark.parametrize(
    ("before", "after", "job_observations"),
    [
        ({"status": "Pending"}, {"status": "Running"}, 2),
        ({}, {"currentStage": "Initialize"}, 2),
        ({"currentStage": "Initialize"}, {"currentStage": "Process Records"}, 2),
        ({"dataVersion": "1"}, {"dataVersion": "2"}, 2),
        ({"message": "one"}, {"message": "two"}, 2),
        ({"message": "m" * 5_000}, {"message": "m" * 5_000}, 1),
        ({"message": "\0"}, {"message": "\0"}, 1),
        ({"currentStage": "Initialize"}, {}, 1),
        ({"dataVersion": "1", "message": "one"}, {"dataVersion": ""}, 1),
        ({"status": "Running"}, {"status": None}, 1),
        ({"tenant": "t"}, {"tenant": "u", "startTime": "2026-03-01T00:00:00Z"}, 1),
    ],
)
def test_only_a_difference_that_tells_makes_a_new_observation(
    ledger: Ledger, before: dict[str, object], after: dict[str, object], job_observations: int
) -> None:
    record(ledger, 0, job(**before))
    record(ledger, 1, job(**after))
    record(ledger, 2, job(**after))
    found = seen(ledger)
    assert len(found) == job_observations
    assert found["last_seen"].iloc[-1] == pd.Timestamp(minute(2))


def test_a_job_that_comes_back_to_what_it_was_is_a_new_observation(ledger: Ledger) -> None:
    for at, word in enumerate(("Running", "Rescheduling", "Running")):
        record(ledger, at, job(status=word))
    assert [word for _, word, _, _ in spans(ledger)] == ["Running", "Rescheduling", "Running"]


def test_a_look_from_before_the_last_one_tells_nothing_any_more(ledger: Ledger) -> None:
    record(ledger, 2, job(status="Succeeded"))
    record(ledger, 1, job(status="Running"))
    record(ledger, 1, job(status="Succeeded"))
    assert spans(ledger) == [("a", "Succeeded", 2, 2)]


def test_jobs_without_an_id_are_passed_over_and_of_two_the_last_counts(ledger: Ledger) -> None:
    longest = "\N{CJK UNIFIED IDEOGRAPH-4E00}" * JOB_ID_LIMIT
    record(ledger, 0, job(None), job(longest + "x"), job(longest))
    record(ledger, 1, job("a"), job("a", status="Failed"), job("\0"))
    found = [(job_id, word) for job_id, word, _, _ in spans(ledger)]
    assert found == [
        (longest, "Running"),
        ("a", "Failed"),
        ("\N{REPLACEMENT CHARACTER}", "Running"),
    ]


def test_long_texts_are_cut(ledger: Ledger) -> None:
    record(ledger, 0, job(message="m" * 100_000, currentStage="s" * 100_000))
    row = seen(ledger).iloc[0]
    assert (len(row["message"]), len(row["stage"])) == (2_000, 200)
    assert row["stage"].endswith(" … (cut)")


def test_nobody_sees_what_another_saw(ledger: Ledger) -> None:
    record(ledger, 0, job("a"))
    record(ledger, 1, job("a", status="Failed"), identity=BOB)
    assert list(seen(ledger)["status"]) == ["running"]
    assert list(seen(ledger, BOB)["status"]) == ["failed"]


def test_observations_are_chosen_by_time_job_and_number(ledger: Ledger) -> None:
    for at, word in enumerate(("Pending", "Running", "Succeeded")):
        record(ledger, at, job("a", status=word), job(f"b{at}"))
    of = ledger.job_observations.of
    assert list(of(ANN, since=minute(1))["job_id"]) == ["a", "b1", "a", "b2"]
    assert list(of(ANN, since=LONG_AGO, limit=3)["status_word"]) == [
        *("Running", "Succeeded", "Running"),
    ]
    only_a = of(ANN, since=LONG_AGO, job_ids={"a", "nobody"})
    assert list(only_a["status_word"]) == ["Pending", "Running", "Succeeded"]
    assert list(of(ANN, since=LONG_AGO, job_ids=["a"], limit=1)["status_word"]) == ["Succeeded"]
    assert of(ANN, since=LONG_AGO, job_ids=[]).empty


def test_thousands_of_jobs_are_kept_and_found(ledger: Ledger) -> None:
    many = [job(f"job {number}", tenant=f"t{number}") for number in range(3_500)]
    record(ledger, 0, *many)
    record(ledger, 1, *(many[:3_400]), *(each | {"status": "Failed"} for each in many[3_400:]))
    found = seen(ledger)
    assert len(found) == 3_600
    assert (found["last_seen"] == pd.Timestamp(minute(1))).sum() == 3_500
    ids = [f"job {number}" for number in range(3_300, 3_500)]
    assert len(ledger.job_observations.of(ANN, since=LONG_AGO, job_ids=ids * 10)) == 300


def test_many_that_see_the_same_change_write_it_down_once(
    ledger: Ledger, elsewhere: Ledger
) -> None:
    together = threading.Barrier(4)
    before = [job(f"{number}") for number in range(300)]
    record(ledger, 0, *before)

    def poll(number: int) -> None:
        at = (ledger, elsewhere)[number % 2]
        # Each in another order, as rows locked one by one would need to get in each other's way.
        rows = read(*(each | {"status": "Succeeded"} for each in before))
        together.wait()
        for turn in range(3):
            at.job_observations.record(
                ANN, rows.sample(frac=1, random_state=number), minute(1 + turn)
            )

    with ThreadPoolExecutor(4) as tabs:
        list(tabs.map(poll, range(4)))
    found = seen(ledger)
    assert list(found["status"].value_counts().sort_index()) == [300, 300]
    ended = found[found["status"] == "succeeded"]
    assert (ended["last_seen"] == pd.Timestamp(minute(3))).all()


def test_a_family_is_a_job_and_all_below_it_as_last_seen_by_one(ledger: Ledger) -> None:
    record(ledger, 0, job("top"), job("mid", parentJobId="top"), job("else", parentJobId="who"))
    record(ledger, 1, job("low", parentJobId="mid"), job("mid", status="Failed"))
    record(ledger, 2, job("top", status="Failed"), job("far", parentJobId="top"), identity=BOB)
    found = ledger.job_observations.family(ANN, ["top"])
    assert dict(zip(found["job_id"], found["status"], strict=True)) == {
        "top": "running",
        "mid": "failed",
        "low": "running",
    }
    assert found.dtypes.astype(str).to_dict() == DTYPES
    assert set(ledger.job_observations.family(BOB, ["top", "mid"])["job_id"]) == {"top", "far"}
    assert ledger.job_observations.family(ANN, []).empty


def test_jobs_of_one_id_are_seen_apart_by_their_types(ledger: Ledger) -> None:
    def both(extraction: str) -> list[dict[str, object]]:
        types = {"EXTRACTION_JOB": extraction, "PROCESSING_JOB": "Failed"}
        return [job("a", jobType=kind, status=status) for kind, status in types.items()]

    record(ledger, 0, *both("Running"))
    record(ledger, 1, *both("Running"))
    record(ledger, 2, *both("Succeeded"))
    seen = ledger.job_observations.of(ANN, since=LONG_AGO)
    told = zip(seen["job_type"], seen["status"], strict=True)
    assert sorted(told) == [
        ("extraction", "running"),
        ("extraction", "succeeded"),
        ("processing", "failed"),
    ]
    found = ledger.job_observations.family(ANN, ["a"])
    newest = dict(zip(found["job_type"], found["status"], strict=True))
    assert newest == {"extraction": "succeeded", "processing": "failed"}


def test_a_family_is_read_again_only_when_something_was_seen(ledger: Ledger) -> None:
    record(ledger, 0, job("top"), job("low", parentJobId="top"))
    before = ledger.job_observations.family(ANN, ["top"])
    assert ledger.job_observations.family(ANN, ["top"]) is before
    record(ledger, 1, job("top"))
    assert set(ledger.job_observations.family(ANN, ["top"])["last_seen"].dt.minute) == {0, 1}
    # Of another process, which read earlier and records later.
    record(ledger, 0.5, job("low", status="Failed", parentJobId="top"))
    after = ledger.job_observations.family(ANN, ["top"]).set_index("job_id")["status"]
    assert after.to_dict() == {"top": "running", "low": "failed"}


def test_a_family_is_found_below_a_job_that_nobody_saw_and_in_a_ring(ledger: Ledger) -> None:
    record(
        ledger, 0, job("a", parentJobId="b"), job("b", parentJobId="a"), job("c", parentJobId="x")
    )
    assert set(ledger.job_observations.family(ANN, ["a"])["job_id"]) == {"a", "b"}
    assert set(ledger.job_observations.family(ANN, ["x"])["job_id"]) == {"c"}


def test_retention_deletes_what_was_last_seen_before(ledger: Ledger) -> None:
    record(ledger, 0, job("a"), job("b"))
    record(ledger, 5, job("a"), job("b", status="Failed"))
    assert ledger.job_observations.prune(minute(2)) == 1
    assert spans(ledger) == [("a", "Running", 0, 5), ("b", "Failed", 5, 5)]
    record(ledger, 6, job("b", status="Succeeded"))
    assert [word for _, word, _, _ in spans(ledger)] == ["Running", "Failed", "Succeeded"]


def test_trouble_tells_no_values(ledger: Ledger, url: str) -> None:
    database = engine(url)
    with transaction(database, writing=True) as connection:
        connection.execute(sa.text("DROP TABLE job_observation"))
    database.dispose()
    with pytest.raises(LedgerTrouble) as caught:
        record(ledger, 0, job(message=CANARY))
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_an_end_that_was_told_stands_with_the_newest_observation_of_the_job(
    ledger: Ledger,
) -> None:
    record(ledger, 0, job("a"), job("b"))
    record(ledger, 5, job("a", status="Succeeded"), job("b"))
    kind = seen(ledger)["job_type"].iloc[0] or ""
    told = {(kind, "a"): minute(3.5), (kind, "unknown"): minute(1)}
    ledger.job_observations.note_ends(ANN, told)
    ledger.job_observations.note_ends(BOB, {(kind, "b"): minute(1)})
    found = seen(ledger).dropna(subset="end_time")
    assert list(found["status_word"]) == ["Succeeded"]
    assert list(found["end_time"]) == [pd.Timestamp(minute(3.5))]
