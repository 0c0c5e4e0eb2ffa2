"""Who may change a recovery, and who did what when."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dashboard.operations import recovery_page
from services.ledger import EventKind, Ledger, State
from services.operations import EVERY_VERB, Bar, Closed, NotAllowed, Permissions, Verb
from services.operations.engine import permissions
from services.operations.recovery import changing, report, verifying
from services.operations.recovery import incident as incidents
from services.operations.recovery.incident import Change, Choices, Recovery, Step
from tests.services.operations.recovery.conftest import ADA, PERMITTED, Desk

BOB = replace(ADA, user="bob@example.com")
ALL_BUT_THIS = Permissions(BOB, EVERY_VERB - {Verb.RECOVER})
STEPS_ONLY = Permissions(BOB, frozenset({Verb.DISABLE_VERSIONS, Verb.EXCLUDE_UPLOADS}))
READ_ONLY = Permissions(BOB, closed=Closed(Bar.READ_ONLY))
OTHERS = Choices(off=(Step.DISABLE,))


def verify(desk: Desk, recovery: Recovery, who: Permissions) -> None:
    told = verifying.verify(recovery, desk.read_back(), at=recovery.incident.found_at, by=who.who)
    verifying.write_down(desk.ledger, recovery, told, who)


CHANGES: dict[str, Callable[[Desk, Recovery, Permissions], object]] = {
    "save a plan": lambda d, r, who: changing.choose(d.ledger, r.id, OTHERS, who),
    "leave a step out": lambda d, r, who: changing.choose(
        d.ledger, r.id, OTHERS, who, what=Change.LEAVE_OUT
    ),
    "verify": verify,
    "close": lambda d, r, who: changing.close(d.ledger, r.id, who),
}


@pytest.mark.parametrize("who", [ALL_BUT_THIS, STEPS_ONLY, READ_ONLY], ids=["verb", "steps", "all"])
@pytest.mark.parametrize("change", CHANGES)
def test_who_may_not_changes_nothing_of_somebodys_recovery(
    desk: Desk, change: str, who: Permissions
) -> None:
    recovery = desk.begin(Choices())

    with pytest.raises(NotAllowed):
        CHANGES[change](desk, recovery, who)

    stood = desk.read(recovery.id)
    assert (stood.choices, stood.verification) == (Choices(), None)
    assert stood.operation.state is State.OPEN
    assert stood.operation.item_counts == recovery.operation.item_counts
    assert [each.who for each in incidents.changes(desk.ledger, recovery.id)] == [ADA.user]
    (refused,) = desk.ledger.events(recovery.id, kinds=[EventKind.REFUSED])
    assert refused.who == "bob@example.com"


@pytest.mark.parametrize("who", [ALL_BUT_THIS, READ_ONLY], ids=["verb", "all"])
def test_who_may_not_begins_no_recovery(desk: Desk, who: Permissions) -> None:
    incident = desk.begin().incident
    with pytest.raises(NotAllowed):
        changing.begin(desk.ledger, incident, who, id_="another", identity="bob")
    assert [each.state for each in desk.ledger.operations()] == [State.REFUSED, State.OPEN]
    assert [each.state for each in incidents.recoveries(desk.ledger, ADA, 10)] == [State.OPEN]


def test_every_change_says_who_and_when(desk: Desk) -> None:
    recovery = desk.begin(Choices())
    bob = Permissions(BOB, frozenset({Verb.RECOVER}))
    for change in CHANGES.values():
        change(desk, recovery, bob)

    found = incidents.changes(desk.ledger, recovery.id)

    newest_first = [Change.CLOSE, Change.VERIFY, Change.LEAVE_OUT, Change.SAVE_PLAN]
    assert [each.what for each in found] == [*newest_first, Change.SAVE_PLAN]
    assert [each.who for each in found] == [BOB.user] * 4 + [ADA.user]
    assert sorted(each.at for each in found) == [each.at for each in reversed(found)]
    stood = desk.read(recovery.id)
    assert stood.verification
    assert stood.verification.by == BOB.user
    told = report.document(desk.ledger, stood, now=found[0].at)
    assert [each["what"] for each in told["changes"]][:2] == ["close", "verify"]
    page = recovery_page.to_html(told).decode()
    assert "<td>Step left out</td><td>bob@example.com</td>" in page


@pytest.mark.parametrize("change", ["save a plan", "leave a step out", "verify"])
def test_a_recovery_that_is_closed_is_not_changed_any_more(desk: Desk, change: str) -> None:
    recovery = desk.begin(Choices())
    changing.close(desk.ledger, recovery.id, PERMITTED)
    with pytest.raises(NotAllowed, match="closed"):
        CHANGES[change](desk, recovery, PERMITTED)
    assert desk.read(recovery.id).choices == Choices()


@pytest.mark.parametrize("change", ["save a plan", "leave a step out", "verify"])
def test_what_is_closed_at_the_moment_of_a_change_is_not_changed(
    desk: Desk, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recovery = desk.begin(Choices())
    closed_after(monkeypatch, permissions, "authorize_existing", desk, recovery.id)
    with pytest.raises(NotAllowed, match="closed"):
        CHANGES[change](desk, recovery, PERMITTED)
    stood = desk.read(recovery.id)
    assert stood.is_closed
    assert (stood.choices, stood.verification) == (Choices(), None)


def test_no_step_begins_in_what_is_closed_at_the_moment_of_its_click(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    recovery = desk.begin(Choices())
    plan = desk.exclude(recovery)
    closed_after(monkeypatch, Ledger, "operation", desk, recovery.id)
    with pytest.raises(NotAllowed, match="closed"):
        desk.apply(plan)
    assert desk.read(recovery.id).is_closed
    assert not desk.sandbox.control.requests("exclude_data_uploads")
    assert {each.state for each in desk.ledger.parts(recovery.id)} == {State.REFUSED}


def test_two_who_close_at_one_moment_close_it_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    recovery = desk.begin(Choices())
    closed_after(monkeypatch, permissions, "authorize_existing", desk, recovery.id)
    changing.close(desk.ledger, recovery.id, PERMITTED)
    told = [each.what for each in incidents.changes(desk.ledger, recovery.id)]
    assert told.count(Change.CLOSE) == 1


def closed_after(
    monkeypatch: pytest.MonkeyPatch, of: object, name: str, desk: Desk, recovery_id: str
) -> None:
    """Have a recovery closed by somebody else just after the first call of a function."""
    real = getattr(of, name)

    def call(*given: Any) -> Any:
        monkeypatch.setattr(of, name, real)
        answer = real(*given)
        changing.close(desk.ledger, recovery_id, Permissions(BOB))
        return answer

    monkeypatch.setattr(of, name, call)


def test_a_second_closing_changes_nothing(desk: Desk) -> None:
    recovery = desk.begin(Choices())
    changing.close(desk.ledger, recovery.id, PERMITTED)
    changing.close(desk.ledger, recovery.id, Permissions(BOB))
    assert desk.read(recovery.id).is_closed
    assert [each.who for each in incidents.changes(desk.ledger, recovery.id)] == [ADA.user] * 2


def test_no_step_begins_in_a_recovery_that_is_closed(desk: Desk) -> None:
    recovery = desk.begin(Choices())
    plan = desk.exclude(recovery)
    changing.close(desk.ledger, recovery.id, PERMITTED)
    with pytest.raises(NotAllowed, match="closed"):
        desk.apply(plan)
    assert not desk.sandbox.control.requests("exclude_data_uploads")
    assert {each.state for each in desk.ledger.parts(recovery.id)} == {State.REFUSED}


def test_no_job_is_started_in_a_recovery_that_is_closed(desk: Desk) -> None:
    recovery = desk.begin(Choices(off=(Step.EXCLUDE, Step.DISABLE)))
    changing.close(desk.ledger, recovery.id, PERMITTED)
    with pytest.raises(NotAllowed, match="closed"):
        desk.reprocess(recovery)
    assert not desk.sandbox.control.requests("adhoc_processing_jobs")
