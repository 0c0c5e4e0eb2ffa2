"""What failed jobs have in common."""

import pandas as pd
import pytest

from services.monitoring import failures
from tests.services.monitoring.observed import ago, job_at, listed

UNEXPECTED = (
    "[DP510002] Unexpected exception in data load process in the event stream loader stage. "
    "Please contact Visier Support."
)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (UNEXPECTED, UNEXPECTED),
        (
            "UploadJob [40bfd838-ad5f-40d9-9000-65c75bcf5f8b] with status [Running] could not be "
            "cancelled.",
            "UploadJob […] with status [Running] could not be cancelled.",
        ),
        ("Job 931f3042-1269-43b7-bfac-1placeholder failed.", "Job … failed."),
        (
            "There was no enabled data version for tenant WFF_j1r~c7o.",
            "There was no enabled data version for tenant ….",
        ),
        (
            "[SIM0001] No time left for WFF_j1r after 31 minutes",
            "[SIM0001] No time left for … after # minutes",
        ),
        ("at 2026-11-24T10:00:01.250Z or 2026-11-24 10:00 or 2026-11-24", "at … or … or …"),
        ("1570048521420 of 1,234.5, 16ms, Upload_20260301.zip", "# of #, #ms, Upload_#.zip"),
        ("quote RCIP991031 or [RCIP991031]", "quote … or […]"),
        ("""file 'a b.csv', "c" and `d`""", """file '…', "…" and `…`"""),
        ("it couldn't, it can't", "it couldn't, it can't"),
        ("d41d8cd98f00b204e9800998ecf8427e decade", "… decade"),
        ("  two\n\tlines ", "two lines"),
        ("Größe überschritten", "Größe überschritten"),
    ],
)
def test_what_is_each_jobs_own_is_taken_out(message: str, expected: str) -> None:
    assert list(failures.fingerprint(pd.Series([message], dtype="str"))) == [expected]


def test_a_missing_message_stays_missing_and_the_index_too() -> None:
    found = failures.fingerprint(pd.Series([None, "1"], [5, 6], dtype="str"))
    assert list(found.index) == [5, 6]
    assert list(found.fillna("-")) == ["-", "#"]


def processing(job_id: str, status: str, started: float, **fields: object) -> dict[str, object]:
    return job_at(job_id, status, started, jobType="PROCESSING_JOB", **fields)


JOBS = listed(
    [
        processing("a", "Failed", 50, message="Stopped after 12 minutes", tenant="t1"),
        processing("b", "Failed", 30, message="Stopped after 17 minutes", tenant="t2"),
        job_at("c", "Error", 40, message="Stopped after 1 minutes", tenant="t2"),
        job_at("d", "Failed", 20, currentStage="Retrieve Main Subject"),
        job_at("e", "RolledBack", 20),
        job_at("f", "Error", None, jobType="SOMETHING"),
        job_at("g", "Succeeded", 20, message="Stopped after 3 minutes"),
        job_at("h", "Running", 20),
    ]
)


def test_failed_jobs_are_grouped_by_fingerprint_most_hit_first() -> None:
    found = failures.groups(JOBS)
    assert list(found["fingerprint"]) == [
        "Stopped after # minutes",
        "Extraction failed in stage Retrieve Main Subject",
        "Extraction was rolled back",
        "Job ended in an error",
    ]
    first = found.iloc[0]
    assert (first["job_type"], first["jobs"], first["tenants"]) == ("extraction, processing", 3, 2)
    assert (first["first"], first["last"]) == (pd.Timestamp(ago(50)), pd.Timestamp(ago(30)))
    assert first["example"] == "Stopped after 17 minutes"
    assert list(found["example"].isna()) == [False, True, True, True]
    assert pd.isna(found["last"].iloc[3])


def test_a_key_finds_the_jobs_of_its_group_again() -> None:
    keys = failures.groups(JOBS)["key"]
    assert keys.is_unique
    assert keys.str.fullmatch("[0-9a-f]{12}").all()
    assert list(JOBS["job_id"][failures.of_group(JOBS, keys[0])]) == ["a", "b", "c"]
    assert list(JOBS["job_id"][failures.of_group(JOBS, keys[3])]) == ["f"]
    assert not failures.of_group(JOBS, "no key").any()


def test_a_key_means_the_same_among_other_jobs() -> None:
    later = listed([processing("z", "Failed", 1, message="Stopped after 99 minutes")])
    assert list(failures.groups(later)["key"]) == [failures.groups(JOBS)["key"][0]]
    assert list(failures.of_group(later, "4c0a5b0b7d6c")) == [False]


def test_nothing_failed_makes_the_same_columns() -> None:
    none = failures.groups(JOBS[JOBS["status"] == "succeeded"])
    assert none.empty
    assert none.dtypes.equals(failures.groups(JOBS).dtypes)
    assert not failures.of_group(JOBS.iloc[:0], "no key").any()
