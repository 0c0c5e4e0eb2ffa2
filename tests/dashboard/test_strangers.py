"""What the pages of other origins, and strangers without any, send to a real server."""

import http.client
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import websockets.sync.client
from websockets.exceptions import ConnectionClosedError
from websockets.typing import Subprotocol

from tests.browser.conftest import started_dashboard
from tests.sandboxes import ask

HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
LOADS = "loads.example.com"
FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": LOADS}


@dataclass
class World:
    """The world outside, in place of a proxy: whoever is asked for anything there is noted."""

    port: int
    asked: list[str] = field(default_factory=list)

    def settings(self) -> dict[str, str]:
        proxy = f"http://127.0.0.1:{self.port}"
        return dict.fromkeys(["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"], proxy)


@contextmanager
def running_world() -> Iterator[World]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        world = World(listener.getsockname()[1])

        def listen() -> None:
            while True:
                try:
                    caller, _ = listener.accept()
                except OSError:
                    return
                with caller:
                    world.asked.append(caller.recv(200).decode("latin-1"))

        threading.Thread(target=listen, daemon=True).start()
        yield world
        listener.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True)
class Server:
    """A running dashboard on no sandbox, its log, and what it asks outside."""

    port: int
    world: World
    log: Path

    def asks(self, method: str, path: str, headers: Mapping[str, str]) -> int:
        """Make a request with exactly these headers; `{port}` in them is the server's own."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=30)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value.replace("{port}", str(self.port)))
        connection.endheaders()
        status = connection.getresponse().status
        connection.close()
        return status

    def handshakes(self, host: str, origin: str | None, **more: str) -> int:
        """Ask for a WebSocket; 101 lets in."""
        told = {"Host": host, **HANDSHAKE, **more} | ({"Origin": origin} if origin else {})
        return self.asks("GET", "/_stcore/stream", told)


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Server]:
    told = {
        "VISIER_VANITY": "jupiter",
        "STREAMLIT_SERVER_ALLOWED_HOSTS": f"localhost ::1 {LOADS}",
        "DASHBOARD_LEDGER_URL": f"sqlite:///{folder / 'ledger.sqlite3'}",
        **settings,
    }
    with running_world() as world, started_dashboard(folder, world.settings() | told) as (url, _):
        yield Server(int(url.rpartition(":")[2]), world, folder / "log.txt")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard as it is unless told, reachable from everywhere; this computer is trusted."""
    folder = tmp_path_factory.mktemp("trusting")
    with serving(folder, STREAMLIT_SERVER_ADDRESS="0.0.0.0") as started:  # noqa: S104 - as in a container
        yield started


@pytest.fixture(scope="module")
def distrusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard whose proxy is another computer than this one."""
    with serving(tmp_path_factory.mktemp("distrusting"), FORWARDED_ALLOW_IPS="192.0.2.7") as one:
        yield one


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:{port}", "http://localhost:{port}"),
        ("localhost:{port}", None),
        ("localhost:{port}", "HTTP://LocalHost:{port}"),
        ("LOCALHOST:{port}", "http://localhost:{port}"),
        ("localhost", "http://localhost"),
        ("localhost", "http://localhost:80"),
        ("localhost:80", "http://localhost"),
        ("[::1]:{port}", "http://[::1]:{port}"),
        ("[::1]", "http://[::1]:80"),
    ],
)
def test_the_dashboards_own_page_is_let_in(server: Server, host: str, origin: str | None) -> None:
    assert server.handshakes(host, origin) == 101


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://evil.example:{port}",
        "http://localhost:1",
        "http://localhost",
        "https://localhost:{port}",
        "ftp://localhost:{port}",
        "http://127.0.0.1:{port}",
        "http://0.0.0.0:{port}",
        "http://[::1]:{port}",
        "http://localhost:{port}@evil.example",
        "http://evil.example@localhost:{port}",
        "http://localhost:{port}.evil.example",
        "http://localhost:{port}/",
        "http://localhost:",
        "localhost:{port}",
        "//localhost:{port}",
        "null",
        "http://",
    ],
)
def test_the_page_of_another_origin_is_not(server: Server, origin: str) -> None:
    assert server.handshakes("localhost:{port}", origin) == 403


@pytest.mark.parametrize("host", ["evil.example", "localhost:x", "user@localhost", "localhost/x"])
def test_a_host_that_is_not_the_dashboards_is_none(server: Server, host: str) -> None:
    assert server.handshakes(host, f"http://{host}") == 403


@pytest.mark.parametrize(
    ("told", "origin", "answer"),
    [
        ({"X-Forwarded-Proto": "https"}, "https://localhost:{port}", 101),
        ({"X-Forwarded-Proto": "https"}, "http://localhost:{port}", 403),
        (FORWARDED, f"https://{LOADS}", 101),
        (FORWARDED, f"https://{LOADS}:443", 101),
        (FORWARDED | {"X-Forwarded-For": "203.0.113.9"}, f"https://{LOADS}", 101),
        (FORWARDED, f"http://{LOADS}", 403),
        (FORWARDED, "https://localhost:{port}", 403),
        (FORWARDED | {"X-Forwarded-Host": f"{LOADS}:8443"}, f"https://{LOADS}:8443", 101),
        (FORWARDED | {"X-Forwarded-Host": f"{LOADS}, x"}, f"https://{LOADS}", 403),
    ],
)
def test_a_trusted_proxy_is_believed(
    server: Server, told: dict[str, str], origin: str, answer: int
) -> None:
    assert server.handshakes("localhost:{port}", origin, **told) == answer


@pytest.mark.parametrize(
    ("told", "origin", "answer"),
    [
        (FORWARDED, f"https://{LOADS}", 403),
        (FORWARDED | {"X-Forwarded-For": "192.0.2.7"}, f"https://{LOADS}", 403),
        ({"X-Forwarded-Proto": "https"}, "https://localhost:{port}", 403),
        (FORWARDED, "http://localhost:{port}", 101),
    ],
)
def test_any_other_is_not(
    distrusting: Server, told: dict[str, str], origin: str, answer: int
) -> None:
    assert distrusting.handshakes("localhost:{port}", origin, **told) == answer


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", ["/_stcore/upload_file/session/file", "/", "/healthz"])
def test_the_page_of_another_origin_changes_nothing_and_may_not_ask_to(
    server: Server, method: str, path: str
) -> None:
    told = {"Host": "localhost:{port}", "Content-Length": "0"}
    assert server.asks(method, path, told | {"Origin": "http://localhost:1"}) == 403
    own = server.asks(method, path, told | {"Origin": "http://localhost:{port}"})
    assert own == server.asks(method, path, told)


def test_the_log_says_what_was_refused_and_what_was_expected(distrusting: Server) -> None:
    distrusting.handshakes("localhost:{port}", f"https://{LOADS}", **FORWARDED)
    told = f"a request from a page of 'https://{LOADS}': this server is http://localhost:{distrusting.port}"
    assert told in distrusting.log.read_text()


@pytest.mark.parametrize(
    ("frame", "is_text"), [(b"hello", True), (b"\xff\xfe", True), (b"\xff\xff\xff", False)]
)
def test_a_frame_that_is_none_of_streamlits_ends_the_connection_and_leaves_no_traceback(
    server: Server, frame: bytes, is_text: bool
) -> None:
    address = f"ws://localhost:{server.port}/_stcore/stream"
    with websockets.sync.client.connect(address, subprotocols=[Subprotocol("streamlit")]) as socket:
        socket.send(frame, text=is_text)
        with pytest.raises(ConnectionClosedError):
            list(socket)
    assert "Traceback" not in server.log.read_text()


def test_what_is_told_over_the_websocket_is_compressed(server: Server) -> None:
    address = f"ws://localhost:{server.port}/_stcore/stream"
    with websockets.sync.client.connect(address, subprotocols=[Subprotocol("streamlit")]) as socket:
        assert socket.response
        assert "permessage-deflate" in socket.response.headers["Sec-WebSocket-Extensions"]


def test_what_is_exported_is_kept_by_nobody_on_the_way(server: Server) -> None:
    answer = ask("GET", f"http://localhost:{server.port}/media/some-export.csv")
    assert answer.headers["cache-control"] == "no-store"
    # A font is the same for everybody, and half a first visit.
    font = ask("GET", f"http://localhost:{server.port}/static/media/some-font.woff2")
    assert font.headers.get("cache-control") != "no-store"


def test_nobody_outside_is_ever_asked(server: Server, distrusting: Server) -> None:
    for each in (server, distrusting):
        assert each.handshakes("localhost:{port}", "https://evil.example") == 403
        assert each.world.asked == []
