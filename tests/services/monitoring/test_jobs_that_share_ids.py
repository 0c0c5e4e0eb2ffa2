"""Visier's own samples give one id to jobs of several types, and echo ids that nobody asked for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from services.frames import JobType, jobs, stages
from services.frames.jobs import key_of
from services.ledger import Ledger
from services.monitoring import JobHistory, JobMonitor, Recent
from services.monitoring.details import Answer, JobPlace, facts, questions
from services.visier import Client, RateLimiter, SecurityToken
from tests.samples import samples
from tests.services.visier.wire import Reply, Seen, Wire, json_reply, running_wire

ASKED = "40bfd838-ad5f-40d9-9000-65c75bcf5f8b"
ONE, TWO = "36ac4635-5e40-4225-87bf-56e2a2b0a146", "4dfe8794-d3b0-40a7-bafc-cd2586a902c1"
RECEIVING = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
ADMIN, C7O, E1A = "WFF_j1r", "WFF_j1r~c7o", "WFF_j1r~e1a"
DAY = Recent(timedelta(days=1))
ANSWERS = {each.path: each.response for each in samples().values() if each.method == "GET"} | {
    f"/v1/op/jobs/receiving-jobs/{RECEIVING}": {
        "jobId": RECEIVING,
        "status": "Succeeded",
        "parentJobId": ASKED,
        "parentTenantCode": ADMIN,
    },
    f"/v1/op/jobs/processing-jobs/{RECEIVING}": {
        "parentJobId": RECEIVING,
        "parentTenantCode": C7O,
        "processingJobs": [],
    },
}


def by_the_samples(seen: Seen) -> Reply:
    """Answer what the samples ask, and 404 whatever else is asked."""
    answer = ANSWERS.get(seen.path)
    return json_reply(answer) if answer else json_reply({"message": "Not found"}, status=404)


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with running_wire() as made:
        made.answer = by_the_samples
        yield made


@pytest.fixture
def client(wire: Wire) -> Iterator[Client]:
    made = Client(
        wire.url,
        SecurityToken("key", "token"),
        RateLimiter(assumed_per_minute=None),
        sleep=lambda _seconds: None,
    )
    yield made
    made.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    yield made
    made.close()


def watched(client: Client, ledger: Ledger, job_id: str) -> pd.DataFrame:
    monitor = JobMonitor(JobHistory(lambda: ledger, "ada"))
    monitor.track(job_id, "By hand")
    return monitor.snapshot(client, DAY).jobs.set_index("job_key")


def test_a_tracked_job_keeps_all_of_its_seven_jobs_and_its_own_id(
    client: Client, ledger: Ledger
) -> None:
    tree = watched(client, ledger, ASKED)
    top = tree.loc[key_of(JobType.DISPATCHING, ASKED)]
    below = [
        (kind, one)
        for kind in (JobType.EXTRACTION, JobType.RECEIVING, JobType.PROCESSING)
        for one in (ONE, TWO)
    ]
    assert set(tree.index) == {top.name, *(key_of(kind, one) for kind, one in below)}
    assert (top["tenant_code"], top["total_jobs_dispatched"], top["child_count"]) == (ADMIN, 5, 2)
    assert set(tree["root_key"]) == {top.name}
    running = tree.loc[key_of(JobType.EXTRACTION, TWO)]
    assert (running["status"], running["stage"]) == ("running", "Process Records")
    parents = {name: tree.loc[key_of(name, TWO), "parent_key"] for name, _ in below[::2]}
    assert parents == {
        JobType.EXTRACTION: top.name,
        JobType.RECEIVING: key_of(JobType.EXTRACTION, TWO),
        JobType.PROCESSING: key_of(JobType.RECEIVING, TWO),
    }


def test_stages_tell_each_step_of_each_tenant(client: Client, ledger: Ledger) -> None:
    rows = stages.stages(watched(client, ledger, ASKED).reset_index()).set_index("tenant_code")
    steps = ["extraction", "receiving", "processing"]
    assert list(rows.loc[C7O, steps]) == ["succeeded"] * 3
    assert list(rows.loc[E1A, steps]) == ["running", "failed", "failed"]
    assert list(rows.loc[E1A, [f"{step}_id" for step in steps]]) == [TWO] * 3


def test_what_was_seen_is_kept_apart_by_type(client: Client, ledger: Ledger) -> None:
    watched(client, ledger, ASKED)
    later = watched(client, ledger, ASKED)
    seen = ledger.job_observations.of("ada", since=datetime.now(UTC) - timedelta(days=1))
    assert later.loc[key_of(JobType.EXTRACTION, TWO), "status"] == "running"
    # The second reading has found nothing changed, as it would if one type were taken for another.
    assert not seen.duplicated(["job_type", "job_id"]).any()


def test_a_receiving_job_has_the_tenant_its_list_tells_not_its_parents(
    client: Client, ledger: Ledger
) -> None:
    tree = watched(client, ledger, RECEIVING)
    own = tree.loc[key_of(JobType.RECEIVING, RECEIVING)]
    assert (own["tenant_code"], own["parent_tenant_code"]) == (C7O, ADMIN)
    above = tree.loc[own["parent_key"]]
    assert list(above[["job_id", "tenant_code", "is_missing"]]) == [ASKED, ADMIN, True]


def test_the_drawer_tells_the_tenant_of_the_parent_and_keeps_the_id(client: Client) -> None:
    key = key_of(JobType.RECEIVING, RECEIVING)
    place = JobPlace(RECEIVING, JobType.RECEIVING, "", ASKED, JobType.OTHER, is_listed=False)
    told = facts([Answer(each, each.ask(client)) for each in questions(place)], key).iloc[0]
    assert (told["parent_tenant_code"], pd.isna(told["tenant_code"])) == (ADMIN, True)
    place = JobPlace(ASKED, JobType.DISPATCHING, "", ASKED, JobType.DISPATCHING, is_listed=False)
    answers = [Answer(each, each.ask(client)) for each in questions(place)]
    assert len(facts(answers, key_of(JobType.DISPATCHING, ASKED))) == 1


def test_a_lone_answer_about_an_id_is_the_job_that_was_asked_for() -> None:
    echoed = [{"jobId": "other", "status": "Running", "jobType": "PROCESSING_JOB"}]
    assert list(jobs.from_job_id_status(echoed, "asked")["job_key"]) == ["processing:asked"]
    two = [*echoed, {"jobId": "asked", "status": "Failed"}]
    assert list(jobs.from_job_id_status(two, "asked")["job_id"]) == ["other", "asked"]
