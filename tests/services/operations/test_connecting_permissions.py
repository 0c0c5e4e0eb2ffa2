"""The door before credentials and connectors; and that there is no way around it."""

import ast
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from services.ledger import EventKind, NewItem, NewOperation, OperationFilter, Outcome, State
from services.operations import (
    EVERY_VERB,
    NotAllowed,
    Permissions,
    Plan,
    Verb,
    plan_set_connector_settings,
)
from services.operations.credentials.outcomes import settle_by_hand
from services.operations.credentials.submission import Submission, submit
from services.visier import ENDPOINTS
from tests.services.operations.conftest import ACTOR, ADA, Desk
from tests.services.operations.connecting import (
    CROSSED,
    E1A,
    E1A_UKG,
    OSLO,
    assignment,
    changes,
    deletion,
    settings_of,
)
from tests.services.operations.secrets_sent import (
    CANARY,
    CREATE,
    UPDATE,
    changed,
    new_one,
    rotated,
    run,
    ukg,
)

ROOT = Path(__file__).resolve().parents[3]
WRITES = frozenset(name for name, endpoint in ENDPOINTS.items() if endpoint.writes)
PLANS: dict[Verb, Callable[[Desk], Plan]] = {
    Verb.ASSIGN_CREDENTIALS: lambda desk: assignment(desk, *CROSSED),
    Verb.SET_CONNECTOR_SETTINGS: lambda desk: plan_set_connector_settings(
        changes(*OSLO), settings_of(desk)
    ),
    Verb.DELETE_CREDENTIALS: lambda desk: deletion(desk, (E1A, E1A_UKG)),
}
SUBMISSIONS: dict[Verb, Callable[[], Submission]] = {
    Verb.CREATE_CREDENTIALS: new_one,
    Verb.CHANGE_CREDENTIAL: lambda: changed(display_name="New name"),
    Verb.ROTATE_SECRETS: lambda: rotated(params=ukg()),
}


def without(verb: str) -> Permissions:
    """Give somebody who may do everything else."""
    return Permissions(ACTOR, EVERY_VERB - {verb})


def refused(desk: Desk, verb: str) -> list[str]:
    """Give what the ledger holds of the refused operations of a verb."""
    found = desk.ledger.operations(OperationFilter(verbs=(verb,), states=(State.REFUSED,)))
    assert all(desk.ledger.items(each.id) == [] for each in found)
    return [f"{each} {desk.ledger.events(each.id)}" for each in found]


@pytest.mark.parametrize("verb", PLANS)
def test_a_plan_of_connectors_is_refused_kept_and_not_sent(desk: Desk, verb: Verb) -> None:
    plan = PLANS[verb](desk)
    assert plan.verb == verb
    desk.sandbox.control.clear_requests()

    with pytest.raises(NotAllowed, match=verb):
        desk.runner.apply(plan, desk.client, ACTOR, identity="ada", permissions=without(verb))

    assert desk.sandbox.control.requests() == []
    assert len(refused(desk, verb)) == 1
    assert set(desk.outcomes(desk.apply(plan))) == {Outcome.SUCCEEDED}


@pytest.mark.parametrize("verb", SUBMISSIONS)
def test_a_form_of_credentials_is_refused_kept_without_secrets_and_not_sent(
    desk: Desk, verb: Verb
) -> None:
    what = SUBMISSIONS[verb]()
    assert what.verb == verb

    with pytest.raises(NotAllowed, match=verb) as told:
        submit(desk.ledger, desk.client, what, ACTOR, identity="ada", permissions=without(verb))

    assert desk.sandbox.control.requests() == []
    (kept,) = refused(desk, verb)
    assert told.value.verb == verb
    assert CANARY not in kept
    assert desk.outcomes(run(desk, what)) == [Outcome.SUCCEEDED]


def test_what_became_of_a_credential_is_said_by_who_may_only(desk: Desk) -> None:
    desk.sandbox.control.fault(UPDATE, "cut", when="after")
    id_ = run(desk, changed(display_name="New name"))
    nobody = without(Verb.CHANGE_CREDENTIAL)

    with pytest.raises(NotAllowed):
        settle_by_hand(desk.ledger, id_, E1A, nobody, done=False)

    assert desk.outcomes(id_) == [Outcome.UNCERTAIN]
    (refused_to,) = desk.ledger.events(id_, kinds=[EventKind.REFUSED])
    assert refused_to.who == ACTOR.user
    settle_by_hand(desk.ledger, id_, E1A, ADA, done=True)
    assert desk.outcomes(id_) == [Outcome.SUCCEEDED]


def test_what_an_earlier_version_recorded_takes_all_that_it_may_have_been(desk: Desk) -> None:
    former = NewOperation("former", "change_credential", ACTOR, "ada")
    desk.ledger.begin(former, [NewItem(E1A, E1A, "Test Credential", "", "Changed")])
    desk.ledger.intend(former.id, [E1A])
    desk.ledger.set_state(former.id, State.INTERRUPTED)
    for verb in (Verb.CHANGE_CREDENTIAL, Verb.ROTATE_SECRETS):
        with pytest.raises(NotAllowed):
            settle_by_hand(desk.ledger, former.id, E1A, without(verb), done=True)
    settle_by_hand(desk.ledger, former.id, E1A, ADA, done=True)
    assert desk.outcomes(former.id) == [Outcome.SUCCEEDED]


def test_creating_is_stopped_by_who_may_only(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    intend, asked = desk.ledger.intend, []

    def intend_and_ask(id_: str, keys: Iterable[str]) -> None:
        intend(id_, keys)
        with pytest.raises(NotAllowed):
            desk.runner.stop(id_, without(Verb.CREATE_CREDENTIALS))
        asked.append(id_)

    monkeypatch.setattr(desk.ledger, "intend", intend_and_ask)
    id_ = run(desk, new_one(E1A, "WFF_j1r~c7o"))
    assert asked == [id_] * 2
    assert desk.outcomes(id_) == [Outcome.SUCCEEDED] * 2
    assert len(desk.sandbox.control.requests(CREATE)) == 2


def test_everything_that_can_be_done_has_a_verb_to_permit() -> None:
    assert {*Verb} == EVERY_VERB


def test_no_screen_changes_anything_at_visier_itself() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {name}"
        for folder in ("dashboard", "pages")
        for path in (ROOT / folder).rglob("*.py")
        for name in _attributes(path) & WRITES
    ]
    assert named == []


def test_operations_begin_at_the_door_only() -> None:
    # A worker hands its task the client.
    tasks = {"bulk.py", "worker.py"}
    begins = [
        path.name
        for folder in ("dashboard", "pages", "services/operations", "services/monitoring")
        for path in (ROOT / folder).rglob("*.py")
        if "begin" in _attributes(path) and path.name not in tasks
    ]
    # A recovery is a record of its own that sends nothing; it passes the door like its parts. What
    # a page begins are its notes.
    assert sorted(begins) == ["begin.py", "changing.py", "notes.py", "page.py", "permissions.py"]


def test_no_screen_is_given_the_ledger_of_all_places() -> None:
    """What a screen shows and does goes by a connection, and by its place alone."""
    given = {
        f"{path.parent.name}/{path.name}"
        for folder in ("dashboard", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if "whole_ledger" in _attributes(path)
    }
    # All others are the watch and what it tells, and what Visier pushes: no page is part of them.
    watch = {"__main__.py", "notifying.py", "pushed_reader.py", "watching.py"}
    others = {"dashboard/app.py", *(f"watch/{name}" for name in watch)}
    assert given == {"dashboard/health.py", *others}


def _attributes(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
