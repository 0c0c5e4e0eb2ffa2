"""A source file goes from Visier through the dashboard to the one browser that asked for it."""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime

import pandas as pd
import pytest
from requests import Response
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, browser_mark, data, downloads, session
from dashboard.browser_mark import BrowserMark
from dashboard.components import file_downloads
from dashboard.connection import Connection
from dashboard.operations import done_words
from dashboard.tickets import PATH
from services.ledger import Item, Operation, Outcome, State
from services.operations import Finding, Verb
from tests.pages.conftest import Open, forget_settings
from tests.pages.reading import texts
from tests.pages.sessions import in_session
from tests.pages.team import EXCLUDE, claims, opened_by, permit
from tests.sandboxes import Sandbox
from tests.served import Browser, served
from tests.services.operations.recovery.conftest import BAD_BATCH

I1O = "WFF_j1r~i1o"
MARK = {browser_mark.NAME: "this-browser"}
ONE, SEVERAL = "download_source_file", "download_source_files"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    page = Route("/page", lambda _: HTMLResponse("<p>page"))
    routes = [page, Route(downloads.ROUTE, downloads.hand_over)]
    with served(Starlette(routes=routes, middleware=[Middleware(BrowserMark)])) as url:
        yield url


@pytest.fixture
def browser(server: str, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Give the browser behind the pages, as the server's own routes see it."""
    monkeypatch.setattr(browser_mark, "of_session", lambda: browser_mark.of(MARK))
    return Browser(server, **MARK)


def files(open_page: Open, by: str) -> AppTest:
    app = open_page("uploads", up_window="Everything", up_tenant=I1O, tz="UTC")
    app.button(key="uploads.select_all").click().run()
    app.toggle(key="up.files").set_value(True).run()
    return app.segmented_control(key="up.files_by").set_value(by).run()


def selected_file(open_page: Open) -> AppTest:
    """Select the newest file of a tenant."""
    app = files(open_page, "Single files")
    return selected(app, "files", app.dataframe[-1].value.iloc[0])


def selected(app: AppTest, name: str, file: "pd.Series[str]") -> AppTest:
    """Select a file as a tick would."""
    keys = frozenset({f"{file['tenant_code']} {file['identifier']}"})
    in_session(app, session.select, name, keys)
    return app.run()


def one_file(open_page: Open) -> AppTest:
    """Select the newest file of a tenant and ask for it."""
    return selected_file(open_page).button(key="file.download").click().run()


def link(app: AppTest) -> str:
    (found,) = [each.proto.url for each in app.get("link_button")]
    return str(found)


def saved(browser: Browser, address: str) -> Response:
    """Save a file; what is asked next on its connection is answered once it is written down."""
    answer = browser.get(address)
    browser.get("/page")
    return answer


def recorded() -> tuple[Operation, Item]:
    (operation,) = bootstrap.whole_ledger().operations()
    (item,) = bootstrap.whole_ledger().items(operation.id)
    return operation, item


def test_a_file_is_saved_once_and_written_down(
    own_sandbox: Sandbox, open_page: Open, browser: Browser
) -> None:
    address = link(one_file(open_page))
    assert own_sandbox.control.requests(ONE) == []
    answer = saved(browser, address)
    assert answer.headers["content-type"] == "application/zip"
    assert "Employee_20191012.csv.zip" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    (name,) = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert name.endswith("Employee_20191012.csv")
    operation, item = recorded()
    assert (operation.verb, operation.state) == (Verb.DOWNLOAD_FILES, State.FINISHED)
    assert (item.tenant_code, item.name) == (I1O, "Employee_20191012.csv")
    assert (item.outcome, item.finding, item.facts, item.message) == (
        Outcome.SUCCEEDED,
        Finding.HANDED_ON,
        {"bytes": len(answer.content)},
        "",
    )
    again = browser.get(address)
    assert (again.status_code, again.text) == (404, downloads.NOT_GOOD)
    assert len(own_sandbox.control.requests(ONE)) == 1


def found_by_name(open_page: Open, pattern: str = "Employee") -> AppTest:
    app = files(open_page, "Name pattern")
    return app.text_input(key="up.files_pattern").set_value(pattern).run()


def in_the_drawer(open_page: Open) -> AppTest:
    app = open_page("jobs", job_window="7 days", job=BAD_BATCH)
    app.session_state["job.files"] = True
    return app.run()


def in_a_recovery(open_page: Open) -> AppTest:
    app = open_page("recovery", rec_job=BAD_BATCH, rec_view="Files")
    return app.button(key="rec.files").click().run()


def found(connection: Connection) -> data.Snapshot:
    return data.load_uploaded_files(connection, I1O, "Employee")


def received(connection: Connection) -> data.Snapshot:
    return data.load_received_files(connection, BAD_BATCH)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("listed", "name", "read"),
    [
        (found_by_name, "files", found),
        (in_the_drawer, "job.files", received),
        (in_a_recovery, "recovery.files", received),
    ],
)
def test_a_file_is_offered_wherever_files_are_listed(
    own_sandbox: Sandbox,
    open_page: Open,
    browser: Browser,
    *,
    listed: Callable[[Open], AppTest],
    name: str,
    read: Callable[[Connection], data.Snapshot],
) -> None:
    app = listed(open_page)
    assert file_downloads.SELECT_ONE in texts(app)
    connection = in_session(app, session.signed_in)
    file = in_session(app, read, connection).frame.iloc[0]
    (listed_files,) = [each.value for each in app.dataframe if "filename" in each.value]
    shown = listed_files[["tenant_code", "filename"]]
    assert (shown == file[shown.columns]).all(axis=1).any()
    app = selected(app, name, file)
    answer = saved(browser, link(app.button(key="file.download").click().run()))
    assert answer.status_code == 200
    _, item = recorded()
    assert (item.tenant_code, item.name) == (file["tenant_code"], file["filename"])
    (request,) = own_sandbox.control.requests(ONE)
    assert request["path"].endswith(file["identifier"])
    assert request["headers"]["targettenantid"] == file["tenant_code"]


@pytest.mark.slow
def test_a_file_without_an_identifier_is_not_asked_for(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    own_sandbox.control.fault(
        "retrieve_tenant_source_files", "null_field", times=0, value="identifier"
    )
    app = found_by_name(open_page, "Employee_20191012")
    in_session(app, session.select, "files", frozenset({f"{I1O} "}))
    assert file_downloads.NO_IDENTIFIER in texts(app.run())
    assert not any(each.key == "file.download" for each in app.button)


@pytest.mark.slow
def test_activity_shows_it(own_sandbox: Sandbox, open_page: Open, browser: Browser) -> None:
    saved(browser, link(one_file(open_page)))
    operation, _ = recorded()
    app = open_page("activity", act_op=operation.id)
    assert "✓ 1 Succeeded" in texts(app)
    (shown,) = next(
        rows.to_dict("records") for each in app.dataframe if "message" in (rows := each.value)
    )
    assert shown["what"] == "Employee_20191012.csv"
    assert shown["message"].endswith(" bytes to the browser.")
    assert not app.exception


@pytest.mark.slow
def test_a_look_ahead_spends_nothing_and_another_browser_all(
    own_sandbox: Sandbox, open_page: Open, browser: Browser
) -> None:
    address = link(one_file(open_page))
    assert browser.head(address).status_code == 405
    assert Browser(browser.url).get(address).status_code == 404
    assert browser.get(address).status_code == 404
    assert own_sandbox.control.requests(ONE) == []
    assert bootstrap.whole_ledger().operations() == []


@pytest.mark.slow
def test_several_files_come_in_one_archive(
    own_sandbox: Sandbox, open_page: Open, browser: Browser
) -> None:
    app = files(open_page, "Source")
    app.multiselect(key="up.files_sources").set_value(["Employee"]).run()
    app.checkbox(key="file.download.excluded").set_value(True).run()
    app.button(key="file.download").click().run()
    answer = browser.get(link(app))
    assert len(zipfile.ZipFile(io.BytesIO(answer.content)).namelist()) == 5
    (request,) = own_sandbox.control.requests(SEVERAL)
    assert request["body"] == {"sources": ["Employee"], "includeNonActiveFiles": True}
    assert request["headers"]["targettenantid"] == I1O
    operation, item = recorded()
    assert item.name == ""
    assert done_words.what(operation.verb, item.name, item.after) == "Files of Employee"


@pytest.mark.slow
def test_the_files_of_a_time_come_in_one_archive(
    own_sandbox: Sandbox, open_page: Open, browser: Browser
) -> None:
    app = files(open_page, "Upload time")
    app.datetime_input(key="up_range_from").set_value(datetime(2019, 10, 11)).run()
    app.button(key="file.download").click().run()
    answer = browser.get(link(app))
    assert len(zipfile.ZipFile(io.BytesIO(answer.content)).namelist()) == 6


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("fault", "words"),
    [("404", "The source file is gone."), ("cut", "broke or timed out"), ("html", "web page")],
)
def test_what_goes_wrong_is_said_to_the_browser_and_written_down(
    own_sandbox: Sandbox, open_page: Open, browser: Browser, fault: str, words: str
) -> None:
    address = link(one_file(open_page))
    own_sandbox.control.fault(ONE, fault, times=0, value="The source file is gone.")
    answer = browser.get(address)
    own_sandbox.control.clear_faults()
    assert answer.status_code == 502
    assert words in answer.text
    _, item = recorded()
    assert item.outcome is Outcome.FAILED
    assert words in item.message


def test_nothing_larger_than_the_setting_is_handed_on(
    own_sandbox: Sandbox, open_page: Open, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASHBOARD_DOWNLOAD_MB", "0.0001")
    forget_settings()
    answer = browser.get(link(one_file(open_page)))
    assert (answer.status_code, "download limit of 0.0001 MB" in answer.text) == (502, True)
    assert recorded()[1].outcome is Outcome.FAILED


def test_who_may_not_download_gets_no_link_and_the_attempt_is_written_down(
    own_sandbox: Sandbox, open_page: Open, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = one_file(open_page)
    monkeypatch.setenv("DASHBOARD_READ_ONLY", "true")
    forget_settings()
    # A button that was drawn before is still there to be pressed.
    app.button(key="file.download").click().run()
    assert app.button(key="file.download").disabled
    (operation,) = bootstrap.whole_ledger().operations()
    assert (operation.verb, operation.state) == (Verb.DOWNLOAD_FILES, State.REFUSED)


@pytest.mark.first_is_quick
@pytest.mark.parametrize(("group", "may"), [("excluders", False), ("readers", True)])
def test_downloading_is_permitted_by_itself(
    sandbox: Sandbox, browser: Browser, monkeypatch: pytest.MonkeyPatch, group: str, may: bool
) -> None:
    permit(monkeypatch, {"excluders": [EXCLUDE], "readers": [Verb.DOWNLOAD_FILES]})

    def opened(*page: str, **query: str) -> AppTest:
        return opened_by(claims("ada", group), *page, **query)

    app = selected_file(opened)
    assert app.button(key="file.download").disabled is not may
    assert ("do not permit “Download source files”" in texts(app)) is not may
    if may:
        app.button(key="file.download").click().run()
    assert len(app.get("link_button")) == may


@pytest.mark.slow
def test_a_link_ends_with_the_sign_in(
    own_sandbox: Sandbox, open_page: Open, browser: Browser
) -> None:
    app = one_file(open_page)
    address = link(app)
    in_session(app, session.signed_in).forget()
    answer = browser.get(address)
    assert (answer.status_code, "sign-in has ended" in answer.text) == (502, True)
    assert own_sandbox.control.requests(ONE) == []


@pytest.mark.slow
def test_a_browser_without_cookies_is_told_so(own_sandbox: Sandbox, open_page: Open) -> None:
    app = one_file(open_page)
    assert [each.proto.url for each in app.get("link_button")] == []
    assert "this browser blocks them" in texts(app)


def test_a_browser_gets_its_mark_once_with_a_page(server: str) -> None:
    browser = Browser(server)
    first = browser.get("/page").headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {each.strip() for each in first.split(";")}
    assert "set-cookie" not in browser.get("/page").headers
    assert "set-cookie" not in Browser(server).get(f"{PATH}/nothing").headers
