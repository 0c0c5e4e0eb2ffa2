"""One ledger, two Visiers: a screen shows and offers nothing of what was done at the other."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from dashboard.connection import Connection
from dashboard.operations.drawer import drawer
from services import visier
from services.ledger import Actor, NewItem, NewOperation, State
from services.operations import Permissions, Verb
from services.operations.recovery import changing
from services.operations.recovery.finding import By
from services.operations.recovery.incident import AffectedTenant, FoundBy, Incident
from tests.pages.acting import apply_buttons, labels, plan_of
from tests.pages.conftest import Open
from tests.pages.reading import texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox, running_sandbox

SECRET = "reorganisation of the sales department"
ELSEWHERE = "This operation belongs to another Visier"
KEY = '["WFF_j1r~e1a", "2026-03-01T02:00:00.000Z", "", ""]'


@pytest.fixture(scope="module")
def other_visier() -> Iterator[Sandbox]:
    with running_sandbox(tenants=6) as sandbox:
        yield sandbox


def connected_to(sandbox: Sandbox) -> Connection:
    password = visier.Password(
        sandbox.api_key, sandbox.username, sandbox.password, sandbox.vanity_name
    )
    return bootstrap.connect(sandbox.url, password, user=sandbox.username)


def broken_off(actor: Actor, identity: str, verb: str) -> str:
    """Leave an operation as a process does that dies with its request on the way."""
    ledger, id_ = bootstrap.whole_ledger(), str(uuid4())
    operation = NewOperation(id_, verb, actor, identity, reason=SECRET, filter_text=SECRET)
    ledger.begin(
        operation, [NewItem(KEY, "WFF_j1r~e1a", SECRET, '[1,"included"]', '[1,"excluded"]')]
    )
    ledger.intend(id_, [KEY])
    ledger.set_state(id_, State.INTERRUPTED)
    return id_


def visited(open_page: Open, page: str, **query: str) -> AppTest:
    app = open_page(page, **query)
    assert not app.exception
    assert SECRET not in texts(app)
    assert not [each for each in labels(app) if each.startswith(("Look ", "Retry", "Undo", "It "))]
    return app


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    "verb",
    [Verb.EXCLUDE_UPLOADS, Verb.DISABLE_VERSIONS, Verb.START_PROCESSING, Verb.CREATE_CREDENTIALS],
)
@pytest.mark.parametrize("tenant", ["", "WFF_j1r~other"], ids=["another host", "another tenant"])
def test_what_broke_off_elsewhere_is_neither_shown_nor_gone_on_with(
    sandbox: Sandbox, other_visier: Sandbox, open_page: Open, verb: str, tenant: str
) -> None:
    there = connected_to(sandbox if tenant else other_visier)
    actor = replace(there.actor, tenant=tenant)
    # The identity alone is what asks for its interrupted operations.
    here = connected_to(sandbox).identity.name
    id_ = broken_off(actor, here, verb)
    ledger = bootstrap.whole_ledger()
    stood, told = ledger.operation(id_), ledger.events(id_)

    app = visited(open_page, "activity", act_op=id_)

    assert ELSEWHERE in texts(app)
    assert "Interrupted" not in texts(app)
    assert not len(app.dataframe)
    for page in ("overview", "start_jobs"):
        visited(open_page, page)
    assert (ledger.operation(id_), ledger.events(id_)) == (stood, told)


def test_what_runs_elsewhere_is_neither_followed_nor_steered(
    sandbox: Sandbox, other_visier: Sandbox, open_page: Open
) -> None:
    there = connected_to(other_visier)
    id_ = str(uuid4())
    operation = NewOperation(id_, Verb.EXCLUDE_UPLOADS, there.actor, "there", reason=SECRET)
    bootstrap.whole_ledger().begin(
        operation, [NewItem(KEY, "WFF_j1r~e1a", SECRET, '[1,"included"]', '[1,"excluded"]')]
    )
    app = visited(open_page, "activity", act_op=id_)
    assert ELSEWHERE in texts(app)
    assert not {"Pause", "Stop"} & set(labels(app))
    assert "Running: " not in texts(app)


def test_a_recovery_of_elsewhere_is_said_to_be_one(
    sandbox: Sandbox, other_visier: Sandbox, open_page: Open
) -> None:
    there, id_ = connected_to(other_visier), str(uuid4())
    by = FoundBy(By.TENANTS, tenants=SECRET)
    incident = Incident(datetime.now(UTC), (AffectedTenant("WFF_j1r~e1a", "", (), (), 0),), by)
    may = Permissions(there.actor)
    changing.begin(bootstrap.whole_ledger(), incident, may, id_=id_, identity=there.identity.name)
    app = visited(open_page, "recovery", recovery=id_)
    assert "This recovery belongs to another tenant or another Visier" in texts(app)
    assert labels(app).count("All recoveries") == 1
    assert ELSEWHERE in texts(visited(open_page, "activity", act_op=id_))
    listed = visited(open_page, "activity", act_verb=Verb.RECOVER)
    assert not len(listed.dataframe)


def planned_on_the_sandbox(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> tuple[AppTest, list[Connection]]:
    """Open a plan on what is the sandbox until the list names another connection."""
    opens = [connected_to(sandbox)]
    opens[0].is_sandbox = True
    for name in ("default_connection", "sandbox_connection"):
        monkeypatch.setattr(bootstrap, name, lambda *_: opens[-1])
    app = open_page("uploads", up_tenant="WFF_j1r~b", up_state="Included")
    app = plan_of(app.button(key="uploads.select_all").click().run())
    assert apply_buttons(app, "uploads")
    return app, opens


def test_a_plan_made_elsewhere_is_not_applied_here(
    own_sandbox: Sandbox,
    other_visier: Sandbox,
    open_page: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app, opens = planned_on_the_sandbox(own_sandbox, open_page, monkeypatch)
    opens.append(connected_to(other_visier))
    app.run()
    assert not app.exception
    assert not apply_buttons(app, "uploads")
    assert in_session(app, drawer, "uploads").under_review is None
    assert in_session(app, session.selected, "uploads") == frozenset()


@pytest.mark.slow
def test_who_signs_in_again_at_the_same_place_finds_the_plan_there(
    own_sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, opens = planned_on_the_sandbox(own_sandbox, open_page, monkeypatch)
    opens.append(connected_to(own_sandbox))
    app.run()
    assert apply_buttons(app, "uploads")


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("https://Jupiter.api.visier.io", True),
        ("https://jupiter.api.visier.io:443", True),
        ("https://jupiter.api.visier.io/", True),
        ("https://jupiter.api.visier.io:8443", False),
        ("https://jupiter.api.visier.io/eu", False),
        ("https://saturn.api.visier.io", False),
    ],
)
def test_one_visier_is_one_place_however_its_address_is_typed(address: str, *, same: bool) -> None:
    key = visier.SecurityToken("key", "token")
    usual, typed = (
        bootstrap.connect(each, key, user="ann").actor.place
        for each in ("https://jupiter.api.visier.io", address)
    )
    assert (usual == typed) is same
