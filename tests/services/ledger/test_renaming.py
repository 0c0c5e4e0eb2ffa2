"""A ledger of any earlier version has the names of this one, and all of its rows."""

import re
from contextlib import closing

import pytest
import sqlalchemy as sa

from services.frames import Status, jobs
from services.ledger import Ledger, Outcome, RateLimitSlots, State, TakenOver, TrackedJob
from services.ledger.database import engine, transaction
from tests.services.ledger.earlier import OPERATION, ROWS, Rows, write_as
from tests.services.ledger.samples import START, Clock, counts, key, results

EARLIER = [f"{number:04}" for number in range(1, 12)]
TOKENS_SINCE = "0009"
OLD_NAMES = re.compile(r"standing|settlement|sighting|call_place|moment|heard_at")
MINUTES = 60_000


def rows_of(revision: str) -> Rows:
    """Give rows of all tables of a revision: an operation at work, jobs seen, calls made."""
    (begun,), stood, items = ROWS["operation"], ROWS["standing"], ROWS["item"]
    settled = ROWS["settlement"]
    of_jobs = dict.fromkeys(("tenant_code", "stage", "data_version", "parent_job_id"), "")
    first = round(START.timestamp() * 1000)
    seen = {
        **of_jobs,
        "identity": "ann",
        "job_id": "a",
        "job_type": "Receiving",
        "job_type_word": "RECEIVING",
        "message": "",
        "start_time": None,
    }
    spans = [("Pending", first, first + MINUTES), ("Running", first + 2 * MINUTES, None)]
    words: Rows = {
        "operation": [begun],
        "standing": [{**each, "state": "Running"} for each in stood],
        "item": items,
        "settlement": settled,
        "event": ROWS["event"],
    }
    if revision >= TOKENS_SINCE:
        words = {table: [in_tokens(row) for row in own] for table, own in words.items()}
    since_0002: Rows = {
        "sighting": [
            {
                **(in_tokens if revision > "0010" else dict)({**seen, "status": status}),
                "number": number,
                "status_word": status,
                "first_seen": begins,
                "last_seen": ends or begins,
            }
            for number, (status, begins, ends) in enumerate(spans)
        ],
        "tracked_job": [{"identity": "ann", "job_id": "a", "at": START, "note": "asked for"}],
    }
    since_0003: Rows = {
        "call_place": [
            {"budget": "key", "number": number, "free_at": first} for number in range(10)
        ]
    }
    return {
        **words,
        **(since_0002 if revision >= "0002" else {}),
        **(since_0003 if revision >= "0003" else {}),
    }


def in_tokens(row: dict[str, object]) -> dict[str, object]:
    """Give a row as later revisions wrote it; an id, a key and a text are none of their words."""
    tokens: dict[str, object] = {
        name: str(row[name]).lower()
        for name in ("state", "outcome", "kind", "status", "job_type")
        if name in row
    }
    verb = {"verb": "exclude_uploads"} if "verb" in row else {}
    renamed = {"changed_since_plan": 0, "name": row.get("label", ""), "who": ""}
    typed = dict.fromkeys(("skip", "finding", "facts"), "")
    return {**row, **tokens, **verb, **renamed, **typed}


@pytest.mark.parametrize("revision", EARLIER)
def test_the_rows_of_every_earlier_version_are_found_by_the_new_names(
    url: str, clock: Clock, revision: str
) -> None:
    write_as(url, revision, rows_of(revision))
    with closing(Ledger.open(url, clock=clock, monotonic=clock.monotonic)) as ledger:
        operation = ledger.operation(OPERATION)
        assert (operation.state, operation.request_count) == (State.RUNNING, 1)
        expected = {Outcome.SUCCEEDED: 1, Outcome.FAILED: 1, Outcome.SKIPPED: 1}
        assert counts(ledger, OPERATION) == expected
        told = [(each.key, each.outcome, each.message) for each in ledger.items(OPERATION)]
        assert told == [
            (key(0), Outcome.SUCCEEDED, ""),
            (key(1), Outcome.FAILED, "No such upload."),
            (key(2), Outcome.SKIPPED, ""),
        ]
        assert [event.answer for event in ledger.events(OPERATION)] == ["{}"]
        with pytest.raises(TakenOver):
            ledger.heartbeat(OPERATION)
        ledger.settle(OPERATION, results(Outcome.SUCCEEDED, [1]))
        assert ledger.items(OPERATION)[1].outcome is Outcome.SUCCEEDED
        if revision >= "0002":
            check_that_jobs_go_on(ledger, clock)


def check_that_jobs_go_on(ledger: Ledger, clock: Clock) -> None:
    observations = ledger.job_observations
    seen = observations.of("ann", since=START)
    assert list(seen["status"]) == [Status.PENDING, Status.RUNNING]
    assert list(seen["job_type"]) == ["receiving", "receiving"]
    assert ledger.tracked_jobs.of("ann") == [TrackedJob("a", START, "asked for")]
    ended = {"jobId": "a", "jobType": "RECEIVING", "status": "SUCCEEDED"}
    read = jobs.from_job_status({"jobStatus": [ended]})
    observations.record("ann", read, clock.advance(600))
    again = observations.of("ann", since=START)
    assert list(again["status"])[:2] == [Status.PENDING, Status.RUNNING]
    assert len(again) == 3


@pytest.mark.parametrize("revision", EARLIER[2:])
def test_calls_counted_by_an_earlier_version_count_on(
    url: str, clock: Clock, revision: str
) -> None:
    write_as(url, revision, rows_of(revision))
    Ledger.open(url, clock=clock).close()
    shared = RateLimitSlots.of_url(url)
    if shared is None:
        assert url.startswith("sqlite")  # whose calls no other replica shares
        return
    with closing(shared):
        assert shared.of("key").made() == 10
        assert callable(shared.of("key").take(10, 9))
        assert isinstance(shared.of("key").take(10, 9), float)


@pytest.mark.parametrize("revision", ["0001", "0011"])
def test_nothing_in_the_database_has_an_old_name(url: str, clock: Clock, revision: str) -> None:
    write_as(url, revision, rows_of(revision))
    Ledger.open(url, clock=clock).close()
    database = engine(url)
    with transaction(database) as connection:
        if connection.dialect.name == "sqlite":
            asked = "SELECT name || ' ' || coalesce(sql, '') FROM sqlite_master"
        else:
            asked = """
                SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace
                UNION ALL SELECT conname FROM pg_constraint
                WHERE connamespace = current_schema()::regnamespace
                UNION ALL SELECT attname FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
                WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
            """
        names = connection.scalars(sa.text(asked)).all()
    database.dispose()
    assert [name for name in names if OLD_NAMES.search(name)] == []
    assert {"operation_revision", "job_observation"} <= {name.split()[0] for name in names}
