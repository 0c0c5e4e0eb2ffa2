"""The time zone of a link holds on every screen that is gone to from there."""

from tests.pages.conftest import Open
from tests.sandboxes import Sandbox
from tests.services.operations.recovery.conftest import BAD_BATCH


def test_the_time_zone_of_the_link_stays_when_a_recovery_is_begun_and_left(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.reset()
    app = open_page("recovery", rec_job=BAD_BATCH, tz="Asia/Tokyo")
    app = app.button(key="rec.begin").click().run()
    assert set(app.query_params) == {"recovery", "tz"}
    app = app.button(key="rec.back").click().run()
    assert "tz" in app.query_params
    assert "recovery" not in app.query_params


def test_another_screen_is_gone_to_in_the_time_zone_of_the_link(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("uploads", up_job=BAD_BATCH, up_window="Everything", tz="Asia/Tokyo")
    app = app.button(key="up.recover").click().run()
    assert not app.exception
    assert app.title[0].value == "Recovery"
    assert set(app.query_params) >= {"rec_job", "tz"}
    assert app.selectbox(key="tz").value == "Asia/Tokyo"
