"""Who paused, stopped or changed what: it is kept, and told where it is looked for."""

from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from services.ledger import EventKind, NewItem, NewOperation, State
from services.operations import Verb
from services.operations.recovery import incident as incidents
from services.operations.recovery.incident import Choices, Recovery
from tests.pages.acting import button
from tests.pages.conftest import Open
from tests.pages.reading import texts
from tests.pages.recovery.recovering import begun, planned, recovery_id
from tests.pages.sessions import in_session
from tests.pages.team import EXCLUDE, PROCESS, claims, opened_by, permit
from tests.sandboxes import Sandbox
from tests.services.operations.recovery.conftest import BAD_BATCH

RECOVER = "Recover from a bad load"
BY_GROUP = {"admins": ["*"], "operators": [EXCLUDE, "disable_versions", PROCESS]}


def at_work(app: AppTest) -> str:
    """Begin an operation that this process works on, at the place of a page."""
    connection, id_ = in_session(app, session.signed_in), str(uuid4())
    operation = NewOperation(id_, Verb.EXCLUDE_UPLOADS, connection.actor, "somebody")
    item = NewItem('["a", "b"]', "a", "", '[1,"included"]', '[1,"excluded"]')
    bootstrap.whole_ledger().begin(operation, [item])
    return id_


@pytest.mark.parametrize(
    ("press", "state", "says"),
    [
        ("Pause", State.PAUSED, "Pause requested by "),
        ("Stop", State.STOPPING, "Stop requested by "),
    ],
)
def test_who_asked_is_told_while_it_rests_and_when_it_has_ended(
    sandbox: Sandbox, press: str, state: State, says: str
) -> None:
    ledger = bootstrap.whole_ledger()
    id_ = at_work(opened_by(claims("ada", "admins"), "activity"))
    app = button(opened_by(claims("ben", "admins"), "activity", act_op=id_), press)
    (asked,) = ledger.events(id_, kinds=[EventKind.CONTROL])
    assert (asked.text, asked.who) == (press.lower(), "ben@example.com")
    ledger.set_state(id_, state)
    assert f"{says}ben@example.com" in texts(app.run())
    ledger.set_state(id_, State.STOPPED)
    ended = opened_by(claims("ada", "admins"), "activity", act_op=id_)
    assert f"{says}ben@example.com" in texts(ended)


def test_who_goes_on_with_what_broke_off_is_told(sandbox: Sandbox) -> None:
    ledger = bootstrap.whole_ledger()
    id_ = at_work(opened_by(claims("ada", "admins"), "activity"))
    ledger.set_state(id_, State.INTERRUPTED)
    app = opened_by(claims("ben", "admins"), "activity", act_op=id_)
    button(app, "Look up and finish")
    assert bootstrap.runner().wait(id_, 30)
    (asked,) = ledger.events(id_, kinds=[EventKind.CONTROL])
    assert asked.who == "ben@example.com"
    told = texts(opened_by(claims("ada", "admins"), "activity", act_op=id_))
    assert "Resume requested by ben@example.com" in told


def recovery(id_: str) -> Recovery:
    return incidents.read(bootstrap.whole_ledger(), id_)


def recovering(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have somebody begin a recovery and save its plan; return its id."""
    permit(monkeypatch, BY_GROUP)
    sandbox.control.reset()
    app = opened_by(claims("ada", "admins"), "recovery", rec_job=BAD_BATCH)
    app = app.button(key="rec.begin").click().run()
    app.toggle(key=f"rec.on.DISABLE.{recovery_id(app)}").set_value(False).run()
    return recovery_id(app.button(key="rec.save").click().run())


@pytest.mark.slow
def test_who_may_do_every_step_and_no_more_cannot_change_somebodys_plan(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = recovering(sandbox, monkeypatch)
    was = recovery(id_).choices
    app = opened_by(claims("ben", "operators"), "recovery", recovery=id_, rec_stage="plan")
    app.toggle(key=f"rec.on.EXCLUDE.{id_}").set_value(False).run()
    assert app.button(key="rec.save").disabled
    assert f"Your groups do not permit “{RECOVER}”." in texts(app)
    assert recovery(id_).choices == was
    found = opened_by(claims("ben", "operators"), "recovery", rec_job=BAD_BATCH)
    assert found.button(key="rec.begin").disabled


@pytest.mark.slow
def test_a_plan_that_is_saved_after_the_permission_has_gone_is_refused_and_noted(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = recovering(sandbox, monkeypatch)
    was = recovery(id_).choices
    app = opened_by(claims("ben", "admins"), "recovery", recovery=id_, rec_stage="plan")
    app.toggle(key=f"rec.on.EXCLUDE.{id_}").set_value(False).run()
    permit(monkeypatch, {"admins": [EXCLUDE]})
    app = app.button(key="rec.save").click().run()
    assert "Not allowed here" in texts(app)
    assert recovery(id_).choices == was
    refused = bootstrap.whole_ledger().events(id_, 1)
    assert refused[0].who == "ben@example.com"


@pytest.mark.slow
def test_who_changed_a_recovery_is_told_in_activity_and_in_its_report(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = recovering(sandbox, monkeypatch)
    app = opened_by(claims("ben", "admins"), "recovery", recovery=id_, rec_stage="plan")
    app.toggle(key=f"rec.on.EXCLUDE.{id_}").set_value(False).run()
    app.button(key="rec.save").click().run()
    for screen in (
        opened_by(claims("ada", "admins"), "activity", act_op=id_),
        opened_by(claims("ada", "admins"), "recovery", recovery=id_, rec_stage="report"),
    ):
        assert not screen.exception
        assert "2 changes" in [each.label for each in screen.expander]
        told = texts(screen)
        newest, first = (told.index(f"Plan saved by {who}@example.com") for who in ("ben", "ada"))
        assert newest < first


@pytest.mark.slow
def test_who_may_everything_changes_a_recovery_without_a_word_about_it(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = planned(sandbox, open_page)
    assert "Your groups" not in texts(app)
    assert recovery(recovery_id(app)).choices == Choices()
    assert not begun(sandbox, open_page).button(key="rec.save").disabled
