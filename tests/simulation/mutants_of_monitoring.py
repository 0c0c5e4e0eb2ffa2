"""Engines that break a promise of what is watched, taken away or recovered: one fault each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Final
from unittest.mock import patch
from uuid import uuid4

import pandas as pd

from services.frames import ENDED, LIVE
from services.ledger import Event, Ledger, job_observations
from services.operations import Permissions
from services.operations.engine import permissions
from services.operations.recovery import changing, steps, verifying
from services.operations.recovery.incident import Change
from services.operations.recovery.verdicts import Check, Verdict
from services.operations.starts import outcomes
from services.operations.starts.outcomes import StartOutcome
from services.visier import Client, FileResponse, Lane, rate_limiter
from tests.simulation.monitor import SeenJobObservations
from tests.simulation.replicas import SharedSlots

Mutant = Callable[[], AbstractContextManager[object]]
_record, _job_status = SeenJobObservations.record, Client.job_status


def record_what_was_not_told() -> AbstractContextManager[object]:
    """Take what runs for what has been rolled back."""

    def record(self: SeenJobObservations, identity: str, jobs: pd.DataFrame, at: datetime) -> None:
        runs = jobs["status"].isin(LIVE)
        words = jobs["status_word"].mask(runs, "RolledBack")
        _record(self, identity, jobs.assign(status_word=words), at)

    return patch.object(SeenJobObservations, "record", record)


def record_every_look() -> AbstractContextManager[object]:
    """Write a job down again that is as it was."""
    return patch.object(
        job_observations, "_differs", lambda compared: compared["id"].notna() | True
    )


def answer_with_what_was_read_before() -> AbstractContextManager[object]:
    """Give every other answer once more, later."""
    kept: list[Any] = []

    def job_status(self: Client, **asked: Any) -> Any:
        if len(kept) >= 3:
            return kept.pop(0)
        answer = _job_status(self, **asked)
        kept.append(answer)
        return answer

    return patch.object(Client, "job_status", job_status)


def watch_without_a_reserve() -> AbstractContextManager[object]:
    """Use up in looking what is kept for clicks."""
    return patch.dict(rate_limiter._RESERVES, {Lane.WATCH: 0.0})


def finish_a_start_with_its_own_job() -> AbstractContextManager[object]:
    """Call a start finished whose job has dispatched all others."""

    def is_over(self: StartOutcome) -> bool:
        return not self.jobs.empty and self.jobs["status"].iloc[0] in ENDED

    return patch.object(StartOutcome, "is_over", property(is_over))


def count_the_failed_as_succeeded() -> AbstractContextManager[object]:
    """Call a start green above jobs that have failed."""
    done = dict.fromkeys(outcomes._GROUP_OF, "succeeded")
    return patch.object(outcomes, "_GROUP_OF", done)


def call_a_file_whole_that_was_cut() -> AbstractContextManager[object]:
    """Take the end of what came for the end of a file."""
    return patch.object(FileResponse, "size", None)


def carry_a_step_out_for_each_click() -> AbstractContextManager[object]:
    """Give the same step another id for everybody."""
    return patch.object(steps, "part_id", lambda *_: str(uuid4()))


def begin_a_step_of_what_is_closed() -> AbstractContextManager[object]:
    """Ask nobody whether a recovery is closed before a step is sent."""
    return patch.object(permissions, "_recovery_of", lambda *_: None)


def write_into_what_is_closed() -> AbstractContextManager[object]:
    """Change a recovery that is closed."""

    def change(ledger: Ledger, id_: str, may: Permissions, what: Change, *document: Event) -> None:
        ledger.note(id_, *document, changing._changed(what, may))

    return patch.object(changing, "_change", change)


def confirm_without_reading() -> AbstractContextManager[object]:
    """Call excluded what was to be excluded."""
    return patch.object(verifying, "_upload", lambda *_: Check(Verdict.CONFIRMED, ()))


def confirm_a_job_that_goes_on() -> AbstractContextManager[object]:
    """Call processed what was started."""
    return patch.object(verifying, "_ended", lambda _job: Check(Verdict.CONFIRMED, ()))


def assume_a_limit_that_others_know_better() -> AbstractContextManager[object]:
    """Begin with the limit that is assumed."""
    return patch.object(SharedSlots, "made", lambda _self: 100)


OF_MONITORING: Final[Mapping[str, Mutant]] = {
    each.__name__: each
    for each in (
        record_what_was_not_told,
        record_every_look,
        answer_with_what_was_read_before,
        watch_without_a_reserve,
        finish_a_start_with_its_own_job,
        count_the_failed_as_succeeded,
        call_a_file_whole_that_was_cut,
        carry_a_step_out_for_each_click,
        begin_a_step_of_what_is_closed,
        write_into_what_is_closed,
        confirm_without_reading,
        confirm_a_job_that_goes_on,
        assume_a_limit_that_others_know_better,
    )
}
