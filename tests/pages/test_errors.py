"""What a person reads when something is wrong."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.tenant_search import AS_EXPRESSION, NO_EXPRESSION
from services import visier
from tests.pages.conftest import Open, operations
from tests.pages.reading import table, texts
from tests.sandboxes import Sandbox
from tests.services.visier.certificates import Authority
from tests.services.visier.wire import running_wire

FACES = {
    "403": "Not permitted",
    "404": "Not found",
    "html": "Unreadable answer",
    "malformed": "Unreadable answer",
    "empty": "Unreadable answer",
}


READS = {
    "data_versions": "latest_enabled_dv",
    "uploads": "retrieve_data_uploads",
    "jobs": "job_status",
    "connectors": "data_connectors",
    "credentials": "data_connector_credentials",
}


def test_an_error_without_words_of_its_own_is_not_said_twice(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.fault("latest_enabled_dv", "malformed")
    assert texts(open_page("data_versions")).count("Unreadable answer") == 1


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("page", "operation", "fault"),
    [
        (page, operation, fault)
        for page, operation in READS.items()
        for fault in FACES
        # Without the list of jobs the screen works from what is tracked: see test_jobs.
        if (page, fault) not in {("jobs", "403"), ("jobs", "404")}
    ],
)
def test_a_failed_read_has_a_face_and_a_way_on(
    sandbox: Sandbox, open_page: Open, page: str, operation: str, fault: str
) -> None:
    sandbox.control.fault(operation, fault)
    app = open_page(page)
    assert not app.exception
    assert FACES[fault] in texts(app)
    assert not app.dataframe
    app.button(key="error.retry").click().run()
    assert len(table(app)) > 0


def test_visiers_words_and_root_cause_are_shown_as_they_are(
    sandbox: Sandbox, open_page: Open
) -> None:
    words = "[x](javascript:alert(1)) <b>no</b>"
    sandbox.control.fault("retrieve_data_uploads", "403", value=words)
    app = open_page("uploads")
    assert "[x](javascript:alert(1)) <b>no</b>" in [text.value for text in app.text]
    assert any("RCIP" in text.value for text in app.text)


def test_without_a_root_cause_id_nobody_is_told_to_give_one(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.fault("retrieve_data_uploads", "cut", times=0)
    app = open_page("uploads")
    assert "No answer from Visier" in texts(app)
    assert "Visier reports an error" not in texts(app)
    assert "root cause id" not in texts(app).lower()
    assert "contact Visier Support" in texts(app)


@pytest.mark.parametrize(
    ("said", "words"),
    [("Wrong password", "Sign-in refused"), ("Wrong API key", "API key refused")],
)
def test_credentials_of_the_settings_that_are_refused_are_tried_again_by_a_click(
    sandbox: Sandbox, open_page: Open, said: str, words: str
) -> None:
    sandbox.control.fault("security_token", "401", value=said)
    app = open_page("jobs").run().run()
    assert words in texts(app)
    assert operations(sandbox).count("security_token") == 1
    app.button(key="error.sign_in").click().run()
    assert app.title[0].value == "Jobs"
    assert len(table(app)) > 0
    assert operations(sandbox).count("security_token") == 2


def test_a_used_up_budget_counts_down(sandbox: Sandbox, open_page: Open) -> None:
    sandbox.control.fault("job_status", "429", retry_after=30)
    app = open_page("jobs", tz="Asia/Tokyo")
    assert "Call budget used up" in texts(app)
    assert "Continues automatically in" in texts(app)
    said = re.search(r"Visier asked to wait until (\d\d):(\d\d):(\d\d)\.", texts(app))
    assert said
    now = datetime.now(ZoneInfo("Asia/Tokyo"))
    hours, minutes, seconds = (int(each) for each in said.groups())
    until = now.replace(hour=hours, minute=minutes, second=seconds)
    assert (until - now).total_seconds() % 86_400 <= 31


def test_a_wait_of_a_year_is_told_with_a_date_and_can_be_cut_short(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.fault("job_status", "429", retry_after=31_536_000)
    app = open_page("jobs", tz="UTC")
    until = datetime.now(UTC) + timedelta(days=365)
    assert f"Visier asked to wait until {until:%d %b %Y}" in texts(app)
    assert "Continues automatically in 1h." in texts(app)
    app.button(key="error.now").click().run()
    assert len(table(app)) > 0
    assert "Visier asked to wait" not in texts(app)


def test_a_busy_server_that_says_for_how_long_is_waited_for(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.fault("job_status", "503", retry_after=90)
    app = open_page("jobs")
    assert "Visier reports an error" in texts(app)
    assert "Continues automatically in 1m 30s." in texts(app)
    app.button(key="error.now").click().run()
    assert len(table(app)) > 0


@pytest.mark.parametrize("page", ["data_versions", "uploads"])
def test_where_nothing_was_named_nobody_is_told_to_check_an_id(
    sandbox: Sandbox, open_page: Open, page: str
) -> None:
    sandbox.control.fault(READS[page], "404")
    shown = texts(open_page(page))
    assert "Not found" in shown
    assert "Check the id" not in shown
    assert "does not offer this" in shown


def test_a_wrong_certificate_is_not_called_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, open_page: Open
) -> None:
    with running_wire(Authority(tmp_path).server()) as wire:
        monkeypatch.setenv("VISIER_HOST", wire.url)
        shown = texts(open_page("jobs"))
        assert not wire.seen
    assert "Certificate not trusted" in shown
    assert "signed by an authority this computer does not trust" in shown
    assert "Visier cannot be reached" not in shown


def test_names_are_a_comfort_and_not_a_condition(sandbox: Sandbox, open_page: Open) -> None:
    sandbox.control.fault("tenants", "403")
    app = open_page("uploads")
    assert "tenant_name" not in table(app)
    assert len(table(app)) > 0
    app.run()
    assert operations(sandbox).count("tenants") == 1


def test_a_receiving_job_that_does_not_exist_is_said_so(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("uploads", up_job="00000000-0000-4000-8000-000000000000")
    assert "Not found" in texts(app)
    app.text_input(key="up_job").set_value("").run()
    assert len(table(app)) > 0


@pytest.mark.parametrize(
    ("text", "note"), [("([", NO_EXPRESSION), ("^wff", AS_EXPRESSION), ("wff", "")]
)
def test_a_text_that_is_read_as_an_expression_says_so(
    sandbox: Sandbox, open_page: Open, text: str, note: str
) -> None:
    app = open_page("uploads", up_tenant=text)
    said = [note for note in (NO_EXPRESSION, AS_EXPRESSION) if note in texts(app)]
    assert said == [note] * bool(note)


@pytest.mark.parametrize(
    "error",
    [
        visier.ServerTrouble("Twice."),
        visier.SignedOut("Twice."),
        visier.RateLimited("Twice.", retry_after=60),
    ],
)
def test_what_a_click_has_kept_stands_beside_the_same_of_the_page(
    error: visier.VisierError,
) -> None:
    def script(error: Exception) -> None:
        from dashboard.components import errors  # noqa: PLC0415 - AppTest runs the text of this function alone

        errors.keep(error)
        errors.show_kept()
        with errors.boundary():
            raise error

    app = AppTest.from_function(script, args=(error,)).run()
    assert not app.exception
    assert [text.value for text in app.text].count("Twice.") == 2
