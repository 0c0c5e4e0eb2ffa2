"""The time zone of a link holds on every screen that is gone to from there."""

from datetime import datetime
from urllib.parse import parse_qs

import pytest

from dashboard.time_zone import names_a_time
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


@pytest.mark.slow
def test_another_screen_is_gone_to_in_the_time_zone_of_the_link(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("uploads", up_job=BAD_BATCH, up_window="Everything", tz="Asia/Tokyo")
    app = app.button(key="uploads.select_all").click().run()
    app = app.button(key="up.recover").click().run()
    assert not app.exception
    assert app.title[0].value == "Recovery"
    assert set(app.query_params) >= {"rec_job", "tz"}
    assert app.selectbox(key="tz").value == "Asia/Tokyo"


TIME = "2026-11-29T02:00"


def test_a_time_brings_its_zone_into_the_address(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("uploads")
    assert app.selectbox(key="tz").value is None
    app.query_params["up_from"] = TIME
    app.datetime_input(key="up_from").set_value(datetime.fromisoformat(TIME)).run()
    assert app.selectbox(key="tz").value == "UTC"
    assert not app.toast


def test_a_link_with_a_time_and_no_zone_says_whose_zone_is_taken(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("uploads", up_from=TIME)
    assert app.selectbox(key="tz").value == "UTC"
    assert [toast.value for toast in app.toast] == [
        "The link has a time but no time zone. It is read in this browser's zone, UTC."
    ]
    assert not open_page("uploads", up_from=TIME, tz="Europe/Berlin").toast


@pytest.mark.slow
def test_a_link_to_a_time_names_its_zone(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("overview")
    links = [parse_qs(link.proto.query_string) for link in app.get("page_link")]
    timed = [query for query in links if names_a_time(query)]
    assert timed
    assert all(query["tz"] == ["UTC"] for query in timed)
    assert all("tz" not in query for query in links if query not in timed)
