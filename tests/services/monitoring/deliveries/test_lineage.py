"""Through which jobs an upload went, and which versions are known to hold it."""

import pandas as pd
import pytest

from services.monitoring.deliveries import Confidence, Made, Tie, lineage
from services.sandbox.config import Scenario
from tests.services.monitoring.deliveries.listings import NOW, batch, job, tree, uploaded, versions
from tests.services.monitoring.deliveries.sandboxed import night

DAY = 24 * 60.0
COLUMNS = ["upload_time_text", "receiving_job_key", "processing_job_key", "data_versions", "tie"]


def told(rows: pd.DataFrame) -> list[list[object]]:
    found = rows[COLUMNS].astype(object)
    return found.where(found.notna(), None).to_numpy().tolist()


def test_an_upload_is_followed_through_its_jobs_to_its_versions() -> None:
    jobs = [
        *batch("B", 60, "a"),
        job("processing", "P", 50, tenant="a", parent="B"),
    ]
    found = lineage(
        uploaded({"a": [58, 2 * DAY]}),
        tree(*jobs),
        versions({"a": [("8", 45), ("7", 2 * DAY - 20)]}),
        jobs_since=NOW - pd.Timedelta(days=1),
    )
    newest, older = told(found)
    assert newest[1:] == ["receiving:B-a", "processing:P", "8", Tie.BELOW]
    assert older[1:] == [None, None, "7", Tie.BY_TIME]
    assert found["delivery_id"].tolist()[0] == "receiving:B"
    assert found["confidence"].tolist() == [Confidence.TOLD, Confidence.CLUSTERED]
    assert found["processing_status"].tolist()[0] == "succeeded"


def test_what_was_processed_again_stands_as_it_ended_last() -> None:
    jobs = [
        *batch("B", 60, "a"),
        job("processing", "P1", 50, tenant="a", parent="B", status="Failed"),
        job("processing", "P2", 30, tenant="a"),
    ]
    found = lineage(uploaded({"a": [58]}), tree(*jobs), None, jobs_since=NOW)
    (row,) = found.to_dict("records")
    assert (row["processing_job_key"], row["processing_status"]) == ("processing:P2", "succeeded")
    assert pd.isna(row["data_versions"])


def test_what_is_in_a_version_is_not_said_to_have_failed() -> None:
    jobs = [
        *batch("B", 60, "a"),
        job("processing", "P1", 50, tenant="a", parent="B"),
        job("processing", "P2", 30, tenant="a", status="Error"),
    ]
    found = lineage(
        uploaded({"a": [58]}), tree(*jobs), versions({"a": [("8", 45)]}), jobs_since=NOW
    )
    (row,) = found.to_dict("records")
    assert row["data_versions"] == "8"
    assert (row["processing_job_key"], row["processing_status"]) == ("processing:P1", "succeeded")


def test_where_nothing_is_known_nothing_is_made_up() -> None:
    found = lineage(uploaded({"a": [3 * DAY]}), tree(), versions({"a": []}), jobs_since=None)
    assert told(found)[0][1:] == [None] * 4
    assert found["made"].tolist() == [Made.UNKNOWN]
    assert lineage(uploaded({}), tree(), None, jobs_since=None).empty


@pytest.mark.parametrize("knows_jobs", [True, False])
def test_what_is_told_of_the_sandbox_is_what_it_did(knows_jobs: bool) -> None:
    told = night(Scenario.QUIET_NIGHT, 3, knows_jobs=knows_jobs)
    built = {
        (tenant.code, version.number): version.built_from
        for tenant in told.world.listed
        for version in tenant.versions
    }
    found = lineage(told.uploads, told.tree, told.versions, jobs_since=told.since)
    held = [
        (row["upload_time_text"], built[row["tenant_code"], number])
        for row in found.dropna(subset="data_versions").to_dict("records")
        for number in row["data_versions"].split(", ")
    ]
    assert len(held) > 300
    assert sum(upload in versions for upload, versions in held) == len(held)
