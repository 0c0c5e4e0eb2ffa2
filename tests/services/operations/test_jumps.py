"""The machine resumes two years later by its clock, in the middle of an operation."""

import threading
from functools import partial

import pytest

from services.ledger import Outcome, State, TakenOver
from tests.services.operations.conftest import ACTOR, ADA, LONG_ENOUGH, Desk
from tests.services.operations.exclusions import after_first, exclusion, sent


def test_nobody_goes_on_with_what_is_at_work_and_it_is_done_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused = threading.Event()
    after_first(monkeypatch, desk.ledger, "intend", partial(desk.runner.pause, permissions=ADA))
    after_first(monkeypatch, desk.ledger, "set_state", lambda _id: paused.set())
    id_ = desk.runner.apply(exclusion(desk), desk.client, ACTOR, identity="ada", permissions=ADA)
    assert paused.wait(LONG_ENOUGH)

    desk.clock.jump(days=730)

    assert desk.progress(id_).state is State.PAUSED
    assert desk.ledger.interrupted("ada") == []
    with pytest.raises(TakenOver):
        desk.runner.finish_interrupted(id_, desk.client, ADA)
    desk.runner.resume(id_, ADA)
    assert desk.runner.wait(id_, LONG_ENOUGH)
    assert desk.outcomes(id_) == [Outcome.SUCCEEDED] * 6
    assert desk.ledger.operation(id_).state is State.FINISHED
    assert len(sent(desk)) == len(set(sent(desk))) == 6
