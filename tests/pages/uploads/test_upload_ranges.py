"""A range of a tenant's uploads, chosen where its files are listed."""

from datetime import datetime

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import session
from tests.pages.acting import applied, button, copied_as_curl
from tests.pages.conftest import Open
from tests.pages.reading import texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox

I1O = "WFF_j1r~i1o"
OCTOBER = [f"2019-10-{day:02}T20:35:21.420Z" for day in range(8, 13)]


def files_of_i1o(open_page: Open) -> AppTest:
    app = open_page("uploads", up_window="Everything", up_tenant=I1O, tz="UTC")
    in_session(app, session.select, "uploads", frozenset({f"{I1O} {OCTOBER[0]}"}))
    app.run()
    app.toggle(key="up.files").set_value(True).run()
    return app.segmented_control(key="up.files_by").set_value("Upload time").run()


def with_range(open_page: Open) -> AppTest:
    app = files_of_i1o(open_page)
    assert "5 of 5 uploads" in texts(app)
    app.datetime_input(key="up_range_from").set_value(datetime(2019, 10, 9)).run()
    return app.datetime_input(key="up_range_to").set_value(datetime(2019, 10, 11, 20, 35)).run()


def test_a_range_is_one_entry_of_one_call(own_sandbox: Sandbox, open_page: Open) -> None:
    app = with_range(open_page)
    app.button(key="up.range.Exclude").click().run()
    assert "3 items will change" in texts(app)
    assert "minUploadTime" in copied_as_curl(app)
    applied(app, "uploads")
    (request,) = own_sandbox.control.requests("exclude_data_uploads")
    assert request["body"]["uploads"] == [
        {"tenantCode": I1O, "minUploadTime": OCTOBER[1], "maxUploadTime": OCTOBER[3]}
    ]
    assert "✓ 3 Succeeded" in texts(app)


def included(app: AppTest) -> "pd.Series[bool]":
    """Return which uploads of the range are included, by their times."""
    shown = app.dataframe[-1].value.set_index("upload_time_text")
    return shown["included"]


@pytest.mark.slow
def test_a_range_is_included_again_by_one_entry(own_sandbox: Sandbox, open_page: Open) -> None:
    app = with_range(open_page)
    for verb in ("Exclude", "Include"):
        app = applied(app.button(key=f"up.range.{verb}").click().run(), "uploads")
        assert "✓ 3 Succeeded" in texts(app)
        assert list(included(app)) == [verb == "Include"] * 3
    (request,) = own_sandbox.control.requests("include_data_uploads")
    assert request["body"]["uploads"] == [
        {"tenantCode": I1O, "minUploadTime": OCTOBER[1], "maxUploadTime": OCTOBER[3]}
    ]


@pytest.mark.slow
def test_what_a_range_has_excluded_is_undone(own_sandbox: Sandbox, open_page: Open) -> None:
    app = applied(with_range(open_page).button(key="up.range.Exclude").click().run(), "uploads")
    app = applied(button(app, "Undo"), "uploads")
    assert "✓ 3 Succeeded" in texts(app)
    assert list(included(app)) == [True] * 3


@pytest.mark.slow
def test_without_a_time_nothing_is_offered(sandbox: Sandbox, open_page: Open) -> None:
    app = files_of_i1o(open_page)
    assert not [each for each in app.button if str(each.key).startswith("up.range.")]
    app.datetime_input(key="up_range_from").set_value(datetime(2030, 1, 1)).run()
    assert "0 of 5 uploads" in texts(app)
    assert not [each for each in app.button if str(each.key).startswith("up.range.")]
