"""What is promised of recoveries and of downloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from services.ledger import Event, EventKind, NewOperation, Outcome
from services.operations import Verb
from services.operations.recovery.incident import Recovery
from services.operations.recovery.steps import STEP_OF
from services.operations.recovery.verdicts import Verdict, Verification
from services.operations.recovery.verifying import OUTCOME_OF
from services.sandbox.models.jobs import Status

if TYPE_CHECKING:
    from tests.simulation.book import Book
    from tests.simulation.downloading import HandedOn

MAY_FOLLOW: Final = frozenset({EventKind.REFUSED})


def a_step_is_carried_out_once(book: Book, new: NewOperation) -> Iterator[str]:
    """Another try is one of what failed, or a start after one that has started nothing."""
    step = STEP_OF.get(new.verb)
    if new.part_of not in book.recoveries or step is None or new.retry_of or new.undo_of:
        return
    for other in book.operations.values():
        is_same = other.new.part_of == new.part_of and STEP_OF.get(other.verb) is step
        has_failed = all(fate.outcome == Outcome.FAILED for fate in other.fates.values())
        may_follow = new.verb == Verb.START_PROCESSING and has_failed
        if is_same and other.new.id != new.id and not may_follow:
            yield f"{step.name} of {new.part_of} is carried out by {other.new.id} and {new.id}"


def nothing_begins_in_a_recovery_that_is_closed(book: Book, new: NewOperation) -> Iterator[str]:
    """Who confirms a step once it is closed is told so, however late it was closed."""
    if not (new.undo_of or new.retry_of):
        yield from _after_closing(book, new.part_of, f"{new.verb} begins")


def nothing_is_written_into_a_recovery_that_is_closed(
    book: Book, recovery_id: str, event: Event
) -> Iterator[str]:
    if event.kind not in MAY_FOLLOW:
        yield from _after_closing(book, recovery_id, f"{event.kind} is written down")


def _after_closing(book: Book, recovery_id: str | None, what: str) -> Iterator[str]:
    if book.recoveries.get(recovery_id or "") is not None:
        yield f"{what} in {recovery_id}, which is closed"


def a_verification_claims_only_what_is_so(
    book: Book, recovery: Recovery, told: Verification, since: float
) -> Iterator[str]:
    """What is confirmed was so at some moment of the reading."""
    changed = book.changed_since(since)
    world = book.visier.inside.world
    for affected, verified in zip(recovery.incident.tenants, told.tenants, strict=True):
        tenant = world.tenant(affected.code)
        if tenant is None:
            continue
        included = {each.time for each in tenant.uploads if each.included}
        for upload in affected.uploads:
            is_so = upload.time not in included or ("upload", affected.code, upload.time) in changed
            if verified.upload.verdict is Verdict.CONFIRMED and not is_so:
                yield f"{affected.code} {upload.time} is confirmed as excluded"
        own = [
            job
            for part in recovery.started.values()
            if (top := world.jobs.by_id.get(part.noted.job_id))
            for job in (top, *top.descendants())
            if job.tenant == affected.code
        ]
        has_succeeded = any(job.status is Status.SUCCEEDED for job in own)
        if verified.job.verdict is Verdict.CONFIRMED and not has_succeeded:
            yield f"{affected.code} is confirmed as processed"


def a_tenant_is_settled_by_its_verdict(
    _book: Book, _recovery: Recovery, told: Verification, _since: float
) -> Iterator[str]:
    for verified in told.tenants:
        checks = (verified.version, verified.upload, verified.job)
        is_done = OUTCOME_OF[verified.verdict] is Outcome.SUCCEEDED
        if is_done and any(each.verdict is Verdict.NOT_CONFIRMED for each in checks):
            yield f"{verified.code} is called recovered"


def a_download_that_was_cut_is_not_called_whole(
    outcome: Outcome, handed: HandedOn
) -> Iterator[str]:
    if outcome is Outcome.SUCCEEDED and handed.got != handed.whole:
        of = len(handed.whole or b"")
        yield f"{len(handed.got):,} bytes of {of:,} are called whole"


OF_PARTS: Final[tuple[Callable[[Book, NewOperation], Iterator[str]], ...]] = (
    a_step_is_carried_out_once,
    nothing_begins_in_a_recovery_that_is_closed,
)
OF_VERIFYING: Final[tuple[Callable[[Book, Recovery, Verification, float], Iterator[str]], ...]] = (
    a_verification_claims_only_what_is_so,
    a_tenant_is_settled_by_its_verdict,
)
