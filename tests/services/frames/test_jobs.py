import pandas as pd
import pytest

from services.frames import JobType, Status, job_readings, jobs
from tests.samples import samples
from tests.services.frames.resources import RESOURCES, dtypes

PARENT = "40bfd838-ad5f-40d9-9000-65c75bcf5f8b"
C7O, E1A = "WFF_j1r~c7o", "WFF_j1r~e1a"


def job(job_id: str, **fields: object) -> dict[str, object]:
    return {"jobId": job_id, **fields}


def status_of(*listed: dict[str, object]) -> pd.DataFrame:
    return jobs.from_job_status({"jobStatus": list(listed)})


def parents(frame: pd.DataFrame) -> dict[str, str | None]:
    known = frame["parent_job_id"].astype(object).where(frame["parent_job_id"].notna(), None)
    return dict(zip(frame["job_id"], known, strict=True))


def test_the_sample_of_a_dispatching_job() -> None:
    frame = jobs.from_dispatching_job(samples()["dispatching_job_status"].response, PARENT)
    assert list(frame["job_type"]) == ["dispatching"]
    assert list(frame["tenant_code"]) == ["WFF_j1r"]
    assert list(frame["total_jobs_dispatched"]) == [5]


def test_the_sample_of_extraction_jobs() -> None:
    frame = jobs.from_extraction_jobs([samples()["extraction_job_and_status"].response], PARENT)
    assert list(frame["job_type"]) == ["extraction"] * 2
    assert list(frame["job_id"].str[:8]) == ["36ac4635", "4dfe8794"]
    assert list(frame["stage"].fillna("-")) == ["-", "Process Records"]
    assert set(parents(frame).values()) == {PARENT}


def test_the_sample_of_receiving_jobs() -> None:
    frame = jobs.from_receiving_jobs([samples()["receiving_job_and_status"].response], PARENT)
    assert list(frame["job_type"]) == ["receiving"] * 2
    assert list(frame["status"]) == ["succeeded", "failed"]
    assert list(frame["tenant_code"]) == [C7O, E1A]


def test_the_sample_of_processing_jobs() -> None:
    frame = jobs.from_processing_jobs([samples()["processing_job_and_status"].response], PARENT)
    assert list(frame["job_type"]) == ["processing"] * 2
    assert list(frame["data_version"].fillna("-")) == ["7000013", "-"]
    assert list(frame["message"].fillna("-").str[:10]) == ["-", "[DP510002]"]


def test_job_status_in_the_shapes_of_the_list_the_bare_list_and_one_object() -> None:
    one = job("a", tenant=C7O, status="Completed", jobType="UPLOAD_JOB", startTime="1570048521420")
    listed = jobs.from_job_status({"jobStatus": [one], "queryStartTime": "x"})
    assert list(listed.iloc[0][["job_id", "tenant_code", "job_type", "status"]]) == [
        *("a", C7O, "receiving", Status.SUCCEEDED)
    ]
    assert listed["start_time"][0] == pd.Timestamp("2019-10-02T20:35:21.420Z")
    for shape in ([one], one, {"jobStatus": one}):
        pd.testing.assert_frame_equal(jobs.from_job_id_status(shape, "a"), listed)


def test_job_status_in_the_shape_of_older_versions() -> None:
    old = job("a", status="Running", receivingJobs=[{"receivingJobId": "b", "status": "Failed"}])
    assert parents(jobs.from_job_status(old)) == {"a": None, "b": "a"}


def test_a_receiving_job_stands_before_those_it_spawned_once_over_all_pages() -> None:
    page = job("a", status="Succeeded", parentJobId="p", parentTenantCode="WFF_j1r")
    children = [{"receivingJobId": n, "tenantCode": C7O, "status": "Running"} for n in "bcd"]
    pages = [page | {"receivingJobs": children[:2]}, page | {"receivingJobs": children[1:]}]
    frame = jobs.from_receiving_job(pages)
    assert parents(frame) == {"a": "p", "b": "a", "c": "a", "d": "a"}
    assert list(frame["tenant_code"].fillna("-")) == ["-", C7O, C7O, C7O]
    assert set(frame["job_type"]) == {"receiving"}


def test_a_job_names_its_own_parent_before_its_page_does() -> None:
    page = {"parentJobId": "p", "processingJobs": [job("a", parentJobId="q"), job("b")]}
    assert parents(jobs.from_processing_jobs([page], "p")) == {"a": "q", "b": "p"}


def test_the_window() -> None:
    start, end = jobs.window({"queryStartTime": "2026-01-01T00:00:00Z", "queryEndTime": "later"})
    assert start == pd.Timestamp("2026-01-01", tz="UTC")
    assert pd.isna(end)
    assert all(pd.isna(moment) for moment in jobs.window([]))


def test_combining_keeps_the_most_telling_of_each_column() -> None:
    listed = status_of(
        job("d", status="Running", jobType="DISPATCHING_JOB", startTime="2026-01-01T00:00:00Z"),
        job("x", status="Succeeded", jobType="EXTRACTION_JOB", parentJobId="d", tenant=C7O),
        job("p", status="Running", jobType="PROCESSING_JOB", parentJobId="x"),
    )
    flattened = jobs.from_processing_jobs(
        [{"parentJobId": "d", "processingJobs": [job("p", status="Failed", message="Broken.")]}],
        "d",
    )
    older = status_of(job("p", status="Pending"), job("x", status="Sleeping"), job("y"))
    dispatching = jobs.from_dispatching_job(
        job("d", status="Succeeded", totalJobsDispatched="7"), "d"
    )
    frame = job_readings.combine([listed, flattened, older, dispatching]).set_index("job_id")
    assert list(frame.index) == ["d", "x", "p", "y"]
    assert list(frame["status"]) == ["succeeded", "succeeded", "failed", "unknown"]
    assert list(frame["status_word"].fillna("-")) == ["Succeeded", "Succeeded", "Failed", "-"]
    assert list(frame["job_type"]) == ["dispatching", "extraction", "processing", "other"]
    assert list(frame["parent_job_id"].fillna("-")) == ["-", "d", "x", "-"]
    assert frame.loc["p", "message"] == "Broken."
    assert frame.loc["d", "total_jobs_dispatched"] == 7
    assert frame.loc["d", "start_time"] == pd.Timestamp("2026-01-01", tz="UTC")


def test_combining_follows_a_job_through_its_live_states() -> None:
    readings = [status_of(job("a", status=word)) for word in ("Running", "Rescheduling", "??")]
    for number, word in enumerate(("Running", "Rescheduling", "??"), start=1):
        assert list(job_readings.combine(readings[:number])["status_word"]) == [word]


def test_combining_leaves_jobs_without_an_id_alone() -> None:
    frame = job_readings.combine(
        [status_of({"status": "Failed"}, job("a")), status_of({"status": "Error"})]
    )
    assert list(frame["job_id"].fillna("-")) == ["-", "a", "-"]
    assert list(frame["status"]) == ["failed", "unknown", "error"]


@pytest.mark.parametrize("frames", [[], [jobs.from_job_status([])]], ids=["no frame", "empty"])
def test_combining_nothing_gives_the_schema(frames: list[pd.DataFrame]) -> None:
    assert dtypes(job_readings.combine(frames)) == RESOURCES["job_status"].dtypes


def test_flattened_lists_are_put_below_the_extraction_of_the_same_tenant() -> None:
    def under(name: str, *listed: tuple[str, str]) -> list[object]:
        return [
            {"parentJobId": "d", name: [job(job_id, tenantCode=code) for job_id, code in listed]}
        ]

    frame = job_readings.restore_flattened(
        job_readings.combine(
            [
                jobs.from_dispatching_job(job("d", tenantCode="WFF_j1r"), "d"),
                jobs.from_extraction_jobs(under("extractionJobs", ("x1", C7O), ("x2", E1A)), "d"),
                jobs.from_receiving_jobs(
                    under("receivingJobs", ("r1", C7O), ("r2", E1A), ("r3", E1A), ("r4", "other")),
                    "d",
                ),
                jobs.from_processing_jobs(
                    under("processingJobs", ("p1", C7O), ("p2", E1A), ("p4", "other")),
                    "d",
                ),
            ]
        )
    )
    assert parents(frame) == {
        "d": None,
        "x1": "d",
        "x2": "d",
        "r1": "x1",
        "r2": "x2",
        "r3": "x2",
        "r4": "d",
        # Of two receiving jobs either may have led to p2, so it stays with the extraction.
        "p1": "r1",
        "p2": "x2",
        "p4": "d",
    }
    assert dtypes(frame) == RESOURCES["job_status"].dtypes


def test_nothing_is_restored_where_two_extractions_could_be_meant() -> None:
    listed = [job("x1"), job("x2")]
    page = {"parentJobId": "d", "extractionJobs": [one | {"tenantCode": C7O} for one in listed]}
    received = {"parentJobId": "d", "receivingJobs": [job("r", tenantCode=C7O)]}
    frame = job_readings.combine(
        [jobs.from_extraction_jobs([page], "d"), jobs.from_receiving_jobs([received], "d")]
    )
    assert parents(job_readings.restore_flattened(frame))["r"] == "d"


def test_nothing_is_restored_below_a_processing_dispatch_or_in_nothing() -> None:
    page = {"parentJobId": "d", "processingJobs": [job("p", tenantCode=C7O)]}
    frame = jobs.from_processing_jobs([page], "d")
    pd.testing.assert_frame_equal(job_readings.restore_flattened(frame), frame)
    assert dtypes(job_readings.restore_flattened(frame.head(0))) == RESOURCES["job_status"].dtypes


def typed(job_id: str, kind: str, **fields: object) -> dict[str, object]:
    return job(job_id, jobType=f"{kind}_JOB", **fields)


def test_one_id_of_two_types_is_two_jobs() -> None:
    readings = [
        status_of(typed("a", "EXTRACTION", status="Running"), typed("a", "PROCESSING")),
        status_of(typed("a", "PROCESSING", status="Failed")),
    ]
    frame = job_readings.combine(readings)
    assert list(frame["job_key"]) == ["extraction:a", "processing:a"]
    assert list(frame["status"]) == ["running", "failed"]


def test_a_reading_of_no_known_type_belongs_to_the_one_job_of_its_id() -> None:
    untold = status_of(job("a", status="Running", jobType="NEW_KIND"), job("b", status="Failed"))
    one = job_readings.combine([status_of(typed("a", "EXTRACTION", tenant=C7O)), untold])
    assert list(one["job_key"]) == ["extraction:a", "other:b"]
    assert (one["status"][0], one["tenant_code"][0]) == ("running", C7O)
    several = [status_of(typed("a", "EXTRACTION"), typed("a", "RECEIVING")), untold]
    assert list(job_readings.combine(several)["job_key"]) == [
        *("extraction:a", "receiving:a", "other:a", "other:b")
    ]


def test_a_key_or_an_id_names_a_job_while_its_type_comes_to_be_known() -> None:
    def found(name: str, *listed: dict[str, object]) -> list[str]:
        return list(jobs.named(status_of(*listed), name)["job_key"])

    both = (typed("a", "EXTRACTION"), typed("a", "PROCESSING"), job("b"))
    assert found("a", *both) == ["extraction:a", "processing:a"]
    assert found("processing:a", *both) == ["processing:a"]
    assert found("receiving:a", *both) == []
    assert found("receiving:b", *both) == found("other:b", *both) == found("b", *both)
    assert found("other:a", typed("a", "EXTRACTION")) == ["extraction:a"]


def test_the_type_of_a_parent_is_known_from_the_list_and_outlives_a_later_reading() -> None:
    page = {"parentJobId": "echoed", "parentTenantCode": "WFF_j1r", "processingJobs": [job("p")]}
    listed = jobs.from_processing_jobs([page], "r", JobType.RECEIVING)
    later = status_of(typed("p", "PROCESSING", parentJobId="r", status="Failed"))
    frame = job_readings.combine([listed, later])
    columns = ["job_key", "parent_job_id", "parent_job_type", "parent_tenant_code", "status"]
    assert list(frame.iloc[0][columns]) == ["processing:p", "r", "receiving", "WFF_j1r", "failed"]
