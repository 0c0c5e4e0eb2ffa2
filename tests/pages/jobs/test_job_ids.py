"""An id is whatever Visier says it is: its own samples have one that is no UUID."""

import pytest
from streamlit.testing.v1 import AppTest

from services.frames import JobType
from services.frames.jobs import key_of
from tests.pages.conftest import Open
from tests.pages.reading import metrics, table, texts
from tests.sandboxes import Sandbox

BAD_BATCH = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
PLACEHOLDER = "931f3042-1269-43b7-bfac-1placeholder"


@pytest.fixture
def renamed(own_sandbox: Sandbox) -> Sandbox:
    """Give the bad delivery an id that is no UUID."""
    book = own_sandbox.inside.world.jobs
    job = book.by_id[PLACEHOLDER] = book.by_id.pop(BAD_BATCH)
    job.id = PLACEHOLDER
    return own_sandbox


@pytest.mark.first_is_quick
@pytest.mark.parametrize("name", [PLACEHOLDER, key_of(JobType.RECEIVING, PLACEHOLDER)])
def test_a_link_opens_it(renamed: Sandbox, open_page: Open, name: str) -> None:
    app = open_page("jobs", job=name)
    assert app.code[0].value == PLACEHOLDER
    assert "Receiving" in texts(app).splitlines()


@pytest.mark.first_is_quick
@pytest.mark.parametrize("typed", [f" {PLACEHOLDER} ", key_of(JobType.RECEIVING, PLACEHOLDER)])
def test_it_can_be_tracked(renamed: Sandbox, open_page: Open, typed: str) -> None:
    def tracked(app: AppTest) -> list[str]:
        keys = [str(button.key) for button in app.button]
        return [key for key in keys if key.startswith("jobs.untrack.")]

    app = open_page("jobs", job_window="1 hour")
    app.text_input(key="jobs.track").set_value(typed).run()
    assert tracked(app) == [f"jobs.untrack.{PLACEHOLDER}"]
    assert PLACEHOLDER in set(table(app)["job_id"])


def test_the_uploads_it_brought_are_found(renamed: Sandbox, open_page: Open) -> None:
    app = open_page("uploads", up_window="Everything")
    app.text_input(key="up_job").set_value(PLACEHOLDER).run()
    assert len(table(app)) == 40


def test_a_recovery_starts_from_it(renamed: Sandbox, open_page: Open) -> None:
    app = open_page("recovery", rec_by="Receiving job")
    app.text_input(key="rec_job").set_value(PLACEHOLDER).run()
    assert metrics(app)["Tenants"] == 40
