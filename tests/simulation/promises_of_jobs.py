"""What is promised of jobs that are watched: what is recorded, shown, and called finished."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from services.frames import ENDED, FAILURES, Status, job_tree, words
from services.ledger import Outcome, State
from services.operations import Verb
from services.operations.starts.outcomes import StartOutcome, tally
from services.sandbox.models.jobs import LIVE as GOES_ON
from services.sandbox.models.jobs import Job
from services.visier.rate_limiter import RESERVE

if TYPE_CHECKING:
    from tests.simulation.book import Book
    from tests.simulation.visier import RoundTrip

Row = tuple[Any, ...]
MINUTE: Final = 60.0


def no_observation_claims_what_visier_never_told(book: Book, row: Row) -> Iterator[str]:
    _, job_id, _, word, *_ = row
    if word and not book.told_of_jobs.said(job_id, word):
        yield f"{job_id} is recorded as {word}"


def what_is_recorded_never_runs_backwards(book: Book, row: Row) -> Iterator[str]:
    _, job_id, number, word, _, _, _, before, *_ = row
    if number and before:
        yield from _backwards(book, job_id, before, word)


def a_change_is_recorded_once(_book: Book, row: Row) -> Iterator[str]:
    _, job_id, number, *both = row
    told, before = both[:4], both[4:]
    if number and all(now in ("", old) for now, old in zip(told, before, strict=True)):
        yield f"{job_id} is recorded again as {told}"


def what_is_shown_never_runs_backwards(
    book: Book, job_id: str, before: str, word: str
) -> Iterator[str]:
    yield from _backwards(book, job_id, before, word)


def _backwards(book: Book, job_id: str, before: str, word: str) -> Iterator[str]:
    has_ended = words.status(before) in ENDED
    if has_ended and word != before and not book.told_of_jobs.said_after(job_id, word, before):
        yield f"{job_id} was {before} and is {word}, which Visier has not told since"


def finished_means_that_all_its_jobs_have_ended(
    book: Book, start: StartOutcome, stood: object
) -> Iterator[str]:
    job = _job(book, start)
    if stood is State.FINISHED and job and start.noted.operation.item_counts[Outcome.SUCCEEDED]:
        for each in (job, *job.descendants()):
            if each.status in GOES_ON:
                yield f"{start.noted.operation.id[:8]} is finished, {each.id} is {each.status}"


def no_start_is_green_over_a_failed_job(
    book: Book, start: StartOutcome, _stood: object
) -> Iterator[str]:
    job = _job(book, start)
    if job is None or start.jobs.empty or not start.is_over:
        return
    told, is_processing = tally([start]), start.noted.operation.verb == Verb.START_PROCESSING
    all_done = is_processing and told.is_told and told.counts.total() == told.counts["succeeded"]
    is_green = job_tree.counted_as(start.jobs).iloc[0] == Status.SUCCEEDED
    for each in (job, *job.descendants()):
        if (is_green or all_done) and words.status(each.status) in FAILURES:
            yield f"{start.noted.operation.id[:8]} is green, {each.id} is {each.status}"


def _job(book: Book, start: StartOutcome) -> Job | None:
    return book.visier.inside.world.jobs.by_id.get(start.noted.job_id)


def who_watches_leaves_the_reserve_to_clicks(book: Book, round_trip: RoundTrip) -> Iterator[str]:
    """Looks that nobody has clicked for use no more than their part of a minute."""
    limit = book.visier.limit
    left = limit - book.visier.calls_of_the_last(MINUTE)
    if left < int(limit * RESERVE):
        yield f"{round_trip.request.path_url} leaves {left} of {limit} calls"


OF_RECORDING: Final[tuple[Callable[[Book, Row], Iterator[str]], ...]] = (
    no_observation_claims_what_visier_never_told,
    what_is_recorded_never_runs_backwards,
    a_change_is_recorded_once,
)
OF_FOLLOWING: Final[tuple[Callable[[Book, StartOutcome, object], Iterator[str]], ...]] = (
    finished_means_that_all_its_jobs_have_ended,
    no_start_is_green_over_a_failed_job,
)
