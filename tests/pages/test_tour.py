"""The guided tour: offered on the sandbox only, and every step shows what it says."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import navigation
from dashboard.settings import Settings
from dashboard.shell import tour
from services.operations import Verb
from tests.pages.conftest import Open
from tests.pages.reading import counts, table, texts
from tests.sandboxes import Sandbox

STEPS = {step.title: step for step in tour.STEPS}


def seen(open_page: Open, title: str) -> AppTest:
    """Open the link of a step."""
    step = STEPS[title]
    app = open_page(step.screen.name, **step.query)
    assert not app.exception
    assert app.title[0].value == step.screen.title
    return app


def test_every_step_leads_to_a_screen_of_the_menu() -> None:
    assert len(STEPS) == len(tour.STEPS)
    menu = (*navigation.SCREENS, navigation.ACTIVITY)
    assert all(step.screen in menu for step in tour.STEPS)


def test_the_night_is_answered(sandbox: Sandbox, open_page: Open) -> None:
    app = seen(open_page, "Did last night work?")
    answers = [link.proto.label for link in app.get("page_link")]
    assert any("tenants** " in answer and " since yesterday " in answer for answer in answers)
    assert any("jobs** failed" in answer for answer in answers)


def test_the_tenants_that_are_behind_are_overdue(sandbox: Sandbox, open_page: Open) -> None:
    app = seen(open_page, "Who is behind?")
    figures = counts(app, "dv_state")
    assert 0 < len(table(app)) == figures["Overdue"]


@pytest.mark.parametrize("title", ["A bad delivery", "Take it out"])
def test_the_bad_delivery_is_of_many_tenants_and_included(
    sandbox: Sandbox, open_page: Open, title: str
) -> None:
    app = seen(open_page, title)
    shown = table(app)
    assert shown["tenant_code"].nunique() == len(shown) >= 40
    assert f"{len(shown)} of {len(shown)} uploads" in texts(app)
    app.button(key="uploads.select_all").click().run()
    assert app.button(key="up.exclude").label == f"Exclude {len(shown)} uploads…"
    assert counts(app, "up_state")["Excluded"] == 0


@pytest.mark.slow
def test_failures_stand_together(sandbox: Sandbox, open_page: Open) -> None:
    kinds = table(seen(open_page, "What failed, and why"))
    assert kinds["jobs"].max() > 1


@pytest.mark.slow
def test_the_stuck_extraction_can_be_cancelled(sandbox: Sandbox, open_page: Open) -> None:
    app = seen(open_page, "An extraction that hangs")
    (job,) = table(app).to_dict("records")
    assert job["job_id"] == tour.STUCK
    assert counts(app, "jobs.status")["Running"] == 1
    app.button(key="jobs.select_all").click().run()
    assert any(button.label == "Cancel 1 job…" and not button.disabled for button in app.button)


def test_processing_is_what_is_started(sandbox: Sandbox, open_page: Open) -> None:
    app = seen(open_page, "Reprocess")
    assert app.segmented_control(key="start_kind").value == Verb.START_PROCESSING


def test_a_recovery_finds_what_the_delivery_hit(sandbox: Sandbox, open_page: Open) -> None:
    app = seen(open_page, "Guided recovery")
    assert "Impact" in texts(app)
    assert len(table(app)) >= 40


def test_what_is_done_is_seen_at_the_end(sandbox: Sandbox, open_page: Open) -> None:
    app = seen(open_page, "Show what was done")
    assert "Operations that you apply on other screens appear here." in texts(app)


def test_it_is_offered_on_the_sandbox_with_all_its_links(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    for name in Settings.model_fields:
        if name.startswith("visier"):
            monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DASHBOARD_SANDBOX_TENANTS", "20")
    app = open_page("uploads")
    before = {link.proto.label for link in app.get("page_link")}
    app.button(key="shell.tour").click().run()
    assert not app.exception
    links = [link.proto.label for link in app.get("page_link") if link.proto.label not in before]
    assert links == [step.link for step in tour.STEPS]
    assert all(step.words in texts(app) for step in tour.STEPS)


def test_it_is_not_offered_elsewhere(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("uploads")
    assert "shell.tour" not in {button.key for button in app.button}
