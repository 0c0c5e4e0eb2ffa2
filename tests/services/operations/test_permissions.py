"""The door: what a person may not do is never sent, whatever a page lets through, and is kept."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import orjson
import pytest

from dashboard.operations import event_words, start_sentences
from services.ledger import EventKind, NewItem, OperationFilter, Outcome, State
from services.operations import (
    EVERY_VERB,
    Bar,
    Closed,
    NotAllowed,
    Permissions,
    Verb,
    plan_cancel_jobs,
)
from services.operations.engine.runner import new_items
from services.operations.starts.lookup import claim
from services.operations.starts.request import JobRequest, settle_by_hand, start
from services.visier import ENDPOINTS
from tests.services.operations.conftest import ACTOR, ADA, LONG_ENOUGH, Desk
from tests.services.operations.exclusions import EXCLUDE, after_first, exclusion, sent
from tests.services.operations.job_lists import listed
from tests.services.operations.starts.requests import STARTS, a_processing, begin, known, unclear
from tests.services.operations.verbs import CASES, Case

READ_ONLY = Permissions(ACTOR, closed=Closed(Bar.READ_ONLY))
CANCELS_ONLY = Permissions(ACTOR, frozenset({Verb.CANCEL_JOBS}))


def changes(desk: Desk) -> list[str]:
    """Give what the sandbox was asked to change."""
    asked = [each["operation"] for each in desk.sandbox.control.requests()]
    return [name for name in asked if name in ENDPOINTS and ENDPOINTS[name].writes]


def refusals(desk: Desk, verb: str) -> list[str]:
    """Give what was noted of the refused operations of a verb, newest first."""
    wanted = OperationFilter(verbs=(verb,), actor=ACTOR.user, states=(State.REFUSED,))
    found = desk.ledger.operations(wanted)
    noted = (event for each in found for event in desk.ledger.events(each.id))
    return [f"{event.text} {event.answer}" for event in noted]


def noted_of(permissions: Permissions, items: Sequence[NewItem]) -> str:
    one = {"name": items[0].name, "after": items[0].after} if len(items) == 1 else {}
    closed = {"why": "read_only", "about": ""} if permissions.closed else None
    meant = orjson.dumps({"closed": closed, "items": len(items), **one}).decode()
    return f" {meant}"


@pytest.mark.parametrize("permissions", [READ_ONLY, CANCELS_ONLY], ids=["read-only", "by verb"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.verb.name)
def test_a_plan_that_is_not_allowed_sends_nothing_and_is_recorded(
    desk: Desk, case: Case, permissions: Permissions
) -> None:
    plan = case.plan(desk)
    desk.sandbox.control.clear_requests()
    before = Counter(refusals(desk, case.verb))

    with pytest.raises(NotAllowed) as refused:
        desk.runner.apply(plan, desk.client, ACTOR, identity="ada", permissions=permissions)

    assert (refused.value.verb, refused.value.closed) == (case.verb, permissions.closed)
    assert desk.sandbox.control.requests() == []
    (told,) = (Counter(refusals(desk, case.verb)) - before).elements()
    assert told == noted_of(permissions, [*new_items(plan)])


def test_cancelling_passes_by_its_own_verb_and_by_no_other(desk: Desk) -> None:
    jobs = listed(desk)
    plan = plan_cancel_jobs(jobs["job_id"], jobs)
    others = Permissions(ACTOR, EVERY_VERB - {Verb.CANCEL_JOBS})
    desk.sandbox.control.clear_requests()
    with pytest.raises(NotAllowed):
        desk.runner.apply(plan, desk.client, ACTOR, identity="ada", permissions=others)
    assert changes(desk) == []
    desk.runner.apply(plan, desk.client, ACTOR, identity="ada", permissions=CANCELS_ONLY)
    assert desk.runner.wait(plan.id, LONG_ENOUGH)
    assert changes(desk) == ["cancel_jobs"]


@pytest.mark.parametrize("made", STARTS, ids=lambda made: made.__name__)
def test_a_start_that_is_not_allowed_is_not_sent_and_may_be_sent_later(
    desk: Desk, made: Callable[[], JobRequest]
) -> None:
    what = made()
    with pytest.raises(NotAllowed):
        start(desk.ledger, desk.client, what, ACTOR, identity="ada", permissions=CANCELS_ONLY)
    assert desk.sandbox.control.requests() == []
    wanted = OperationFilter(verbs=(what.verb,), actor=ACTOR.user, states=(State.REFUSED,))
    (refused, *_) = desk.ledger.operations(wanted)
    (told,) = [event_words.in_words(what.verb, each) for each in desk.ledger.events(refused.id)]
    assert told.endswith(f"Nothing was sent: {start_sentences.lead(what.verb, what.target)}.")

    begin(desk, what)
    assert changes(desk) == [what.operation]


def test_a_refusal_spends_no_plan_and_names_who_it_was(desk: Desk) -> None:
    plan = exclusion(desk)
    with pytest.raises(NotAllowed):
        desk.runner.apply(plan, desk.client, ACTOR, identity="ada", permissions=READ_ONLY)
    refused = desk.ledger.operations(OperationFilter(states=(State.REFUSED,)))[0]
    assert refused.actor == ACTOR
    assert desk.ledger.items(refused.id) == []
    assert desk.outcomes(desk.apply(plan)) == [Outcome.SUCCEEDED] * 6


@pytest.mark.parametrize("go_on", [True, False])
def test_what_broke_off_is_finished_by_who_may_only(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, go_on: bool
) -> None:
    after_first(monkeypatch, desk.ledger, "intend", partial(desk.runner.stop, permissions=ADA))
    id_ = desk.apply(exclusion(desk))
    desk.sandbox.control.clear_requests()

    with pytest.raises(NotAllowed):
        desk.runner.finish_interrupted(id_, desk.client, CANCELS_ONLY, go_on=go_on)

    assert desk.sandbox.control.requests() == []
    assert desk.progress(id_).state is State.STOPPED
    (told,) = desk.ledger.events(id_, kinds=[EventKind.REFUSED])
    assert (told.who, told.text) == (ACTOR.user, "")


@pytest.mark.parametrize("asked", ["pause", "resume", "stop"])
def test_what_runs_is_steered_by_who_may_only(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    paused = threading.Event()
    after_first(monkeypatch, desk.ledger, "intend", partial(desk.runner.pause, permissions=ADA))
    after_first(monkeypatch, desk.ledger, "set_state", lambda _id: paused.set())
    id_ = desk.runner.apply(exclusion(desk), desk.client, ACTOR, identity="ada", permissions=ADA)
    assert paused.wait(LONG_ENOUGH)

    with pytest.raises(NotAllowed):
        getattr(desk.runner, asked)(id_, CANCELS_ONLY)

    assert desk.progress(id_).state is State.PAUSED
    assert len(sent(desk, EXCLUDE)) == 2
    desk.runner.stop(id_, ADA)
    assert desk.runner.wait(id_, LONG_ENOUGH)
    assert len(sent(desk, EXCLUDE)) == 2


def test_who_steered_or_took_up_what_somebody_else_began_is_kept(desk: Desk) -> None:
    id_ = desk.apply(exclusion(desk))
    bob = Permissions(replace(ACTOR, user="bob@example.com"))
    for ask in (desk.runner.pause, desk.runner.resume, desk.runner.stop):
        ask(id_, bob)
    desk.runner.finish_interrupted(id_, desk.client, bob, go_on=False)
    assert desk.runner.wait(id_, LONG_ENOUGH)
    asked = desk.ledger.events(id_, kinds=[EventKind.CONTROL])
    assert [each.text for each in asked] == ["resume", "stop", "resume", "pause"]
    assert {each.who for each in asked} == {"bob@example.com"}


def test_a_start_nobody_can_tell_of_is_settled_by_who_may_start(desk: Desk) -> None:
    what = a_processing()
    job = unclear(desk, what)
    with pytest.raises(NotAllowed):
        settle_by_hand(desk.ledger, what.id, READ_ONLY, started=False)
    with pytest.raises(NotAllowed):
        claim(desk.ledger, known(desk, what), job.id, READ_ONLY)
    assert desk.outcomes(what.id) == [Outcome.UNCERTAIN]
    settle_by_hand(desk.ledger, what.id, ADA, started=True)
    assert desk.outcomes(what.id) == [Outcome.SUCCEEDED]


def test_refusals_go_with_the_other_operations_when_they_are_old(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        start(
            desk.ledger,
            desk.client,
            replace(a_processing(), id="refused"),
            ACTOR,
            identity="ada",
            permissions=READ_ONLY,
        )
    desk.clock.advance(days=1)
    desk.ledger.prune(desk.clock())
    assert refusals(desk, Verb.START_PROCESSING) == []
