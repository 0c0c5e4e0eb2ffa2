"""Several connections in one tab: each with its own sign-in, and nothing of one at another."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock, patch
from urllib.parse import parse_qs

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, flash, session
from dashboard.operations.drawer import drawer
from dashboard.streamlit_compat import user_activity
from dashboard.watch import notifying, watching
from services.clock import CLOCK
from services.monitoring.watch.observation import NightFacts, Observation
from services.notifications import Episodes
from services.notifications.rules import Failed, Rule, written
from tests.pages.acting import apply_button, apply_buttons, labels, plan_of, writes
from tests.pages.conftest import forget_settings, operations, page_of
from tests.pages.reading import table, texts
from tests.pages.sessions import in_session
from tests.pages.sign_in.signing_in import press
from tests.pages.team import claims, opened_by
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.notifications.nights import rows, scope

HERE, THERE = "emea", "amer"
UPLOADS = {"up_tenant": "WFF_j1r~b", "up_state": "Included"}
# Of these tenants only the Visier here has one, whose code is nowhere else.
ONLY_HERE = "WFF_j1r~b"


@pytest.fixture(scope="module")
def other_visier() -> Iterator[Sandbox]:
    with running_sandbox(tenants=6) as sandbox:
        assert not any(ONLY_HERE in tenant.code for tenant in sandbox.inside.world.listed)
        yield sandbox


def configure(monkeypatch: pytest.MonkeyPatch, name: str, sandbox: Sandbox, **others: str) -> None:
    given = {"host": sandbox.url, "vanity": sandbox.vanity_name, "apikey": sandbox.api_key}
    for field, value in (given | others).items():
        monkeypatch.setenv(f"DASHBOARD_CONNECTIONS__{name}__{field}".upper(), value)


@pytest.fixture
def here(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A Visier that opens first, of the kind production, by credentials of the settings."""
    for field in ("HOST", "VANITY", "APIKEY", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"VISIER_{field}")
    whole = {"username": sandbox.username, "password": sandbox.password}
    configure(monkeypatch, HERE, sandbox, kind="production", **whole)
    return sandbox


@pytest.fixture
def there(here: Sandbox, other_visier: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Another Visier with other tenants, which each person signs in to."""
    other_visier.control.clear_requests()
    configure(monkeypatch, THERE, other_visier, kind="test")
    forget_settings()
    return other_visier


@pytest.fixture
def opens_there(there: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The other Visier, opened by credentials of the settings."""
    whole = {"username": there.username, "password": there.password}
    configure(monkeypatch, THERE, there, **whole)
    forget_settings()
    return there


def switched(app: AppTest, name: str) -> AppTest:
    """Go to this screen at another connection, as its link in the sidebar does."""
    app.query_params.clear()
    app.query_params["connection"] = name
    app.run()
    assert not app.exception
    return app


def everything(app: AppTest) -> str:
    """Return all that was sent to the browser, tables in full."""
    protos = [str(getattr(node, "proto", "")) for node in app._tree]
    return "\n".join([*protos, *(table.value.to_csv() for table in app.dataframe)])


def links(app: AppTest) -> list[Any]:
    return [node.proto for node in app._tree if node.type == "page_link"]


def sign_in(app: AppTest, sandbox: Sandbox) -> AppTest:
    app.text_input(key="sign_in.User name").set_value(sandbox.username)
    app.text_input(key="sign_in.Password").set_value(sandbox.password)
    return press(app)


def is_under_review(app: AppTest) -> bool:
    return in_session(app, drawer, "uploads").under_review is not None


def planned_here(here: Sandbox) -> AppTest:
    here.control.reset()
    here.control.clear_requests()
    app = page_of("uploads", connection=HERE, **UPLOADS).run()
    app = plan_of(app.button(key="uploads.select_all").click().run())
    assert apply_buttons(app, "uploads")
    assert "Applies to **emea** :red-badge[:material/bolt: PRODUCTION]" in texts(app)
    return app


def test_the_first_opens_where_the_address_names_none(opens_there: Sandbox) -> None:
    app = page_of("uploads").run()
    assert app.query_params["connection"] == HERE
    assert operations(opens_there) == []


def test_where_there_is_only_one_its_name_is_nowhere(here: Sandbox) -> None:
    forget_settings()
    app = page_of("uploads").run()
    assert "connection" not in app.query_params
    assert not any("connection=" in link.query_string for link in links(app))
    assert "PRODUCTION" in texts(app)


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    "page", ["uploads", "overview", "deliveries", "data_versions", "jobs", "activity", "start_jobs"]
)
def test_nothing_of_one_is_shown_at_another(opens_there: Sandbox, page: str) -> None:
    app = page_of(page, connection=HERE).run()
    if page in ("uploads", "data_versions"):
        assert ONLY_HERE in everything(app)
    switched(app, THERE)
    assert app.query_params["connection"] == THERE
    assert ONLY_HERE not in everything(app)
    assert in_session(app, session.signed_in).identity.base_url == opens_there.url
    switched(app, HERE)
    assert in_session(app, session.signed_in).identity.base_url != opens_there.url


def test_nights_rules_and_incidents_of_one_are_not_shown_at_another(
    opens_there: Sandbox,
) -> None:
    watch = watching.watches().running[HERE]
    while watch.status.looked_at is None:
        assert watch.turn() < 20
    app = page_of("history", connection=HERE).run()
    assert ONLY_HERE in everything(app)
    assert ONLY_HERE not in everything(switched(app, THERE))
    assert "No night on record" in texts(app)

    place = in_session(page_of("watch", connection=HERE).run(), session.signed_in).actor.place
    ledger = bootstrap.whole_ledger()
    runbook = f"https://wiki.example/{ONLY_HERE}"
    rule = written(Rule(Failed(), runbook=runbook))
    rule_id = ledger.rules.add(place, rule, "Ann", CLOCK.now())
    tenants = rows({f"{ONLY_HERE}1a": {"jobs_failed": 1}})
    facts = NightFacts(lists_at=CLOCK.now(), jobs_at=CLOCK.now())
    night = (CLOCK.now() + timedelta(hours=12)).date()
    look = Observation(night, CLOCK.now(), tenants, facts)
    Episodes(ledger, place, zone=notifying.watch_zone(), scope=scope).look(look)
    for view in ("incidents", "rules"):
        app = page_of("watch", connection=HERE, wa_view=view).run()
        assert len(table(app)) == 1
        switched(app, THERE)
        assert not app.dataframe
        assert ONLY_HERE not in everything(app)
    # Nor by its own link.
    linked = page_of("watch", connection=THERE, wa_view="rules", wa_rule=rule_id).run()
    assert not linked.exception
    assert ONLY_HERE not in everything(linked)


def test_what_was_read_of_one_is_not_read_again_on_the_way_back(
    here: Sandbox, opens_there: Sandbox
) -> None:
    app = page_of("uploads", connection=HERE).run()
    switched(app, THERE)
    here.control.clear_requests()
    switched(app, HERE)
    assert operations(here) == []


def test_what_is_typed_and_selected_at_one_stays_there(opens_there: Sandbox) -> None:
    app = page_of("uploads", connection=HERE).run()
    app.text_input(key="up_tenant").set_value(ONLY_HERE).run()
    app.button(key="uploads.select_all").click().run()
    assert in_session(app, session.selected, "uploads")
    switched(app, THERE)
    assert app.text_input(key="up_tenant").value == ""
    assert in_session(app, session.selected, "uploads") == frozenset()
    switched(app, HERE)
    assert app.text_input(key="up_tenant").value == ""
    assert in_session(app, session.selected, "uploads")


def test_what_a_browser_tells_late_of_one_is_not_taken_for_another(
    here: Sandbox, opens_there: Sandbox
) -> None:
    app = planned_here(here)
    late = app._tree.get_widget_states()
    (pressed,) = [each for each in late.widgets if each.id == apply_button(app, "uploads").id]
    pressed.trigger_value = True
    assert any(each.string_value == ONLY_HERE for each in late.widgets)
    switched(app, THERE)
    app._run(late)
    assert not app.exception
    assert app.text_input(key="up_tenant").value == ""
    assert not is_under_review(app)
    assert writes(here) == writes(opens_there) == []


def test_a_plan_waits_at_its_own_connection(here: Sandbox, opens_there: Sandbox) -> None:
    app = planned_here(here)
    switched(app, THERE)
    assert not is_under_review(app)
    assert not apply_buttons(app, "uploads")
    switched(app, HERE)
    assert apply_buttons(app, "uploads")
    assert writes(here) == writes(opens_there) == []


def test_a_pressedon_its_way_while_another_opens_is_carried_out_where_it_was_made(
    here: Sandbox, opens_there: Sandbox
) -> None:
    app = planned_here(here)
    apply_button(app, "uploads").click()
    switched(app, THERE)
    assert in_session(app, drawer, "uploads").operation is None
    assert "Excluding" not in texts(app)
    switched(app, HERE)
    followed = in_session(app, drawer, "uploads").operation
    assert followed
    assert bootstrap.runner().wait(followed, 30)
    assert writes(here)
    assert operations(opens_there).count("exclude_data_uploads") == 0


def test_what_a_slow_click_tells_is_told_where_it_was_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A click that waits for Visier goes on beside the run in which another connection opens."""
    monkeypatch.setattr(st, "session_state", {})
    slow, next_run = SimpleNamespace(), SimpleNamespace()
    current = [slow]
    monkeypatch.setattr(session, "get_script_run_ctx", lambda **_: current[0])
    session.open_connection(HERE)
    current[0] = next_run
    session.open_connection(THERE)
    current[0] = slow
    flash.put("Cancelled here.")
    current[0] = next_run
    assert flash.pop() == ""
    session.open_connection(HERE)
    assert flash.pop() == "Cancelled here."


def test_the_log_names_the_connection_of_each_request(
    opens_there: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "services.visier")
    switched(page_of("uploads", connection=HERE).run(), THERE)
    told = [line for line in caplog.messages if "retrieve_data_uploads" in line]
    assert {line.partition(":")[0] for line in told} == {HERE, THERE}


def test_links_name_the_connection_and_the_switch_names_each(opens_there: Sandbox) -> None:
    app = page_of("uploads", connection=THERE, **UPLOADS).run()
    named = [parse_qs(link.query_string)["connection"] for link in links(app)]
    assert named.count([HERE]) == 1
    assert named.count([THERE]) == len(named) - 1
    (other,) = [link for link in links(app) if f"connection={HERE}" in link.query_string]
    assert "PRODUCTION" in other.label
    assert "up_" not in other.query_string


def test_a_name_nobody_configured_is_said_and_nothing_is_shown_for_it(
    here: Sandbox, opens_there: Sandbox
) -> None:
    app = page_of("uploads", connection="thare").run()
    assert "This dashboard has no connection called “thare”." in texts(app)
    assert [f"connection={name}" in str(links(app)) for name in (HERE, THERE)] == [True, True]
    assert not app.dataframe
    assert operations(here) == operations(opens_there) == []
    assert app.query_params["connection"] == "thare"
    switched(app, THERE)
    assert app.title[0].value == "Uploads"


def test_a_name_of_elsewhere_is_said_also_where_there_is_only_one(here: Sandbox) -> None:
    forget_settings()
    app = page_of("uploads", connection=THERE).run()
    assert "has no connection called “amer”" in texts(app)
    assert operations(here) == []


def test_each_is_signed_in_to_by_itself_and_once(here: Sandbox, there: Sandbox) -> None:
    app = page_of("uploads", connection=THERE).run()
    assert app.title[0].value == f"Sign in to {THERE}"
    assert any(f"connection={HERE}" in link.query_string for link in links(app))
    # Address, key and tenant are the connection's own.
    assert [field.label for field in app.text_input] == ["User name", "Password"]
    app = sign_in(app, there)
    assert app.title[0].value == "Uploads"
    assert app.query_params["connection"] == THERE
    assert switched(app, HERE).title[0].value == "Uploads"
    assert switched(app, THERE).title[0].value == "Uploads"
    assert operations(there).count("security_token") == 1


def test_signing_out_ends_only_the_one_it_names(there: Sandbox) -> None:
    app = sign_in(page_of("uploads", connection=THERE).run(), there)
    switched(app, HERE)
    switched(app, THERE)
    out = app.button(key="shell.sign_out")
    assert out.label == f"Sign out of {THERE}"
    out.click().run()
    assert app.title[0].value == f"Sign in to {THERE}"
    assert switched(app, HERE).title[0].value == "Uploads"
    assert switched(app, THERE).title[0].value == f"Sign in to {THERE}"


def test_what_was_typed_is_forgotten_after_an_hour_although_another_is_open(
    there: Sandbox,
) -> None:
    app = sign_in(page_of("uploads", connection=THERE).run(), there)
    made = in_session(app, session.signed_in)
    switched(app, HERE)
    then = datetime.now(UTC) - timedelta(minutes=61)
    with patch.object(user_activity, "CLOCK", Mock(now=lambda: then)):
        in_session(app, user_activity.note)
    app.run()
    assert app.title[0].value == "Uploads"
    assert made._client is None
    assert switched(app, THERE).title[0].value == f"Sign in to {THERE}"


def test_a_person_of_the_provider_is_the_same_at_all_and_signs_out_of_all(
    opens_there: Sandbox,
) -> None:
    app = opened_by(claims("ada"), connection=HERE)
    of = [in_session(app, session.signed_in)]
    of.append(in_session(switched(app, THERE), session.signed_in))
    assert [made.name for made in of] == [HERE, THERE]
    assert {made.actor.user for made in of} == {"ada@example.com"}
    out = app.button(key="shell.sign_out")
    assert out.label == "Sign out"
    out.click().run()
    assert [made._client for made in of] == [None, None]
    assert app.title[0].value == "Sign in"


def test_strangers_are_not_told_which_connections_there_are(opens_there: Sandbox) -> None:
    for name in (HERE, "thare"):
        app = opened_by({"is_logged_in": False}, connection=name)
        assert app.title[0].value == "Sign in"
        assert THERE not in everything(app)
        assert "production" not in everything(app).lower()
        assert labels(app) == ["Sign in with id.example.com"]
