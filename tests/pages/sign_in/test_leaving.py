"""Leaving, on purpose or by doing nothing; and what the log says at the start."""

import gc
import logging
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock, patch

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import access, list_load, session, wording
from dashboard.streamlit_compat import user_activity
from services import visier
from services.operations import Bar
from tests.pages.acting import apply_button, plan_of, writes
from tests.pages.conftest import Open, jobs_beside, open_for_anyone, operations, page_of, reads
from tests.pages.sessions import in_session
from tests.pages.sign_in.signing_in import fill_in
from tests.pages.team import (
    BY_GROUP,
    UPLOADS,
    claims,
    opened_by,
    permit,
    refusals,
    shown,
    uploads_under_review,
)
from tests.sandboxes import Sandbox


def go_idle(app: AppTest, minutes: float = 61) -> AppTest:
    then = datetime.now(UTC) - timedelta(minutes=minutes)
    with patch.object(user_activity, "CLOCK", Mock(now=lambda: then)):
        in_session(app, user_activity.note)
    return app


def test_signing_out_ends_both(sandbox: Sandbox) -> None:
    app = opened_by(claims("ada"))
    app.button(key="shell.sign_out").click().run()
    assert app.user["is_logged_in"] is False
    assert app.title[0].value == "Sign in"
    assert in_session(app, session.connection) is None


def test_signing_out_in_one_tab_ends_the_others_and_nobody_elses(sandbox: Sandbox) -> None:
    said = claims("ada")
    one, other = opened_by(said), opened_by(said)
    later, ben = opened_by(claims("ada", iat=said["iat"] + 1)), opened_by(claims("ben"))
    one.button(key="shell.sign_out").click().run()
    assert wording.BARS[Bar.SIGNED_OUT] in shown(other.run())
    assert not other.dataframe
    assert other.user["is_logged_in"] is True
    assert wording.BARS[Bar.SIGNED_OUT] in shown(opened_by(said))
    assert [app.run().title[0].value for app in (later, ben)] == ["Uploads", "Uploads"]


def test_who_does_nothing_is_signed_out_of_the_provider_too(sandbox: Sandbox) -> None:
    app = go_idle(opened_by(claims("ada"))).run()
    assert app.user["is_logged_in"] is False
    assert app.title[0].value == "Sign in"
    assert "Signed out after 60 minutes of inactivity." in shown(app)


def test_an_expired_sign_in_says_so_and_reads_nothing(sandbox: Sandbox) -> None:
    app = opened_by(claims("ada", exp=int(time.time()) - 1))
    assert wording.BARS[Bar.EXPIRED] in shown(app)
    assert [button.label for button in app.button] == ["Sign in with id.example.com"]
    assert operations(sandbox) == []


def test_what_expires_between_the_page_and_the_click_is_not_sent(sandbox: Sandbox) -> None:
    app = uploads_under_review(sandbox, claims("ada"))
    app.user = claims("ada", exp=int(time.time()) - 1)
    apply_button(app, "uploads").click().run()
    assert wording.BARS[Bar.EXPIRED] in shown(app)
    assert writes(sandbox) == []
    assert wording.BARS[Bar.EXPIRED] in refusals()[0]


def test_a_sign_in_holds_as_long_as_the_operator_says(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASHBOARD_OIDC_HOURS", "8")
    now = int(time.time())
    app = opened_by(claims("ada", iat=now - 7 * 3600, exp=now - 6 * 3600))
    assert app.title[0].value == "Uploads"
    assert wording.BARS[Bar.EXPIRED] in shown(opened_by(claims("ada", iat=now - 9 * 3600)))


def test_who_does_nothing_is_signed_out_before_the_next_click_counts(
    module_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    open_for_anyone(module_sandbox, monkeypatch)
    module_sandbox.control.reset()
    app = fill_in(page_of("uploads", **UPLOADS).run())
    app = plan_of(app.button(key="uploads.select_all").click().run())
    module_sandbox.control.clear_requests()
    apply_button(go_idle(app), "uploads").click().run()
    assert app.title[0].value == "Connect to your tenant"
    assert "Signed out after 60 minutes of inactivity." in shown(app)
    assert operations(module_sandbox) == []
    assert "of inactivity" in refusals()[0]


def test_a_page_that_looks_by_itself_is_no_click(
    module_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    open_for_anyone(module_sandbox, monkeypatch)
    app = go_idle(fill_in(open_page("jobs")), minutes=59)
    before = in_session(app, user_activity.last)
    in_session(app, user_activity.by_itself)
    assert in_session(app.run(), user_activity.last) == before
    assert app.title[0].value == "Jobs"
    assert in_session(app.run(), user_activity.last) > before


def test_a_browser_that_connects_again_is_no_click(
    module_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    open_for_anyone(module_sandbox, monkeypatch)
    app = go_idle(fill_in(open_page("jobs")), minutes=59)
    before = in_session(app, user_activity.last)
    in_session(app, user_activity.note_run, "that of the connection before")
    assert in_session(app.run(), user_activity.last) == before


def test_your_own_machine_is_not_signed_out(sandbox: Sandbox, open_page: Open) -> None:
    app = go_idle(open_page("uploads"), minutes=10_000).run()
    assert app.title[0].value == "Uploads"


@pytest.fixture
def young_heap() -> Iterator[None]:
    """Only what comes from here on is looked through: the rest are millions of objects."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.first_is_quick
@pytest.mark.usefixtures("young_heap")
@pytest.mark.parametrize(
    "page", ["uploads", "data_versions", "jobs", "start_jobs", "connectors", "credentials"]
)
def test_nothing_of_the_credentials_is_left_in_memory_after_signing_out(
    module_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, open_page: Open, page: str
) -> None:
    open_for_anyone(module_sandbox, monkeypatch)
    app = fill_in(open_page(page)).run()
    jobs_beside(app).wait(30)
    assert _held() > 0
    app.button(key="shell.sign_out").click().run()
    app.run()
    assert _held() == 0


@pytest.mark.usefixtures("young_heap")
def test_who_has_signed_out_reads_no_more_tenants_and_holds_no_credentials(
    module_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    open_for_anyone(module_sandbox, monkeypatch)
    app = fill_in(open_page("connectors"))
    app.multiselect(key="con_tenants.pick").set_value(["WFF_j1r~e1a"]).run()
    kept = reads(app, "connectors")
    assert not kept.missing(["WFF_j1r~e1a"])
    asker, asked = list_load.asker(in_session(app, session.signed_in)), threading.Event()
    app.button(key="shell.sign_out").click().run()
    module_sandbox.control.clear_requests()

    def gone() -> visier.Client | None:
        asked.set()
        return asker()

    kept.start(gone, ["WFF_j1r~c7o"])
    # It waits for somebody else of the same identity to look.
    assert asked.wait(30)
    kept.stop()
    kept.wait(30)
    assert not kept.progress.is_running
    assert operations(module_sandbox) == []
    assert _held() == 0


def _held() -> int:
    gc.collect()
    return sum(isinstance(each, visier.Password | visier.Client) for each in gc.get_objects())


def test_a_credential_for_all_who_can_reach_it_is_said_loudly(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    access.warn_of_settings()
    assert "EVERYONE who can reach this dashboard acts in Visier as sandbox@example.com" in (
        caplog.text
    )
    assert {each.levelno for each in caplog.records} == {logging.WARNING}


def test_permissions_that_go_by_no_group_are_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    permit(monkeypatch, BY_GROUP)
    access.warn_of_settings()
    assert "Nothing can be sent" in caplog.text


def test_a_provider_that_is_required_and_missing_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DASHBOARD_REQUIRE_OIDC", "true")
    access.warn_of_settings()
    assert "Nobody can sign in" in caplog.text
