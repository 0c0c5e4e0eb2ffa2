"""A small HTTP server that records what reaches it and answers as it is told."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

import orjson


@dataclass(frozen=True)
class Seen:
    """One request as it arrived; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def fields(self) -> dict[str, str]:
        """The form fields of the body, decoded strictly: a plus sign is a plus sign."""
        pairs = (part.split(b"=", 1) for part in self.body.split(b"&"))
        return {name.decode(): unquote_to_bytes(value).decode() for name, value in pairs}

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class Fault(Enum):
    """Ways of not answering."""

    CUT = auto()
    HANG = auto()


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(payload: object, status: int = 200, **headers: str) -> Reply:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, orjson.dumps(payload), {"Content-Type": "application/json", **names})


@dataclass(frozen=True)
class Raw:
    """Bytes as they are, from the status line on, for as long as anybody takes them."""

    chunks: Iterable[bytes]


Answer = Reply | Fault | Raw


def dripping(before: bytes, over: threading.Event) -> Iterator[bytes]:
    """Give one byte after the other, so slowly that each arrives on its own."""
    yield before
    while not over.wait(0.001):
        yield b"a"


class Wire(ThreadingHTTPServer):
    """Give every request to ``answer`` and keep it in ``seen``."""

    daemon_threads = True

    def __init__(self, certificate: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._certificate = certificate
        self.seen: list[Seen] = []
        self.answer: Callable[[Seen], Answer] = lambda _seen: Reply()
        self.over = threading.Event()
        self.changed = threading.Condition()

    @property
    def url(self) -> str:
        scheme = "https" if self._certificate else "http"
        return f"{scheme}://127.0.0.1:{self.server_port}"

    def get_request(self) -> tuple[socket.socket, Any]:
        """Take a connection; hands are shaken in the thread that serves it."""
        connection, address = super().get_request()
        if self._certificate:
            connection = self._certificate.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def start_afresh(self) -> None:
        """Forget what was seen and scripted, and let go of what still hangs."""
        self.over.set()
        self.over = threading.Event()
        self.seen = []
        self.answer = lambda _seen: Reply()

    def script(self, *replies: Answer) -> None:
        """Answer with one reply after the other, and go on with the last."""
        rest = list(replies)
        self.answer = lambda _seen: rest.pop(0) if len(rest) > 1 else rest[0]

    def wait_for(self, requests: int) -> None:
        """Wait until so many requests were read: who gives up early may be gone before that."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.seen) >= requests, timeout=30)

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet when a client has gone away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Wire

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        over = self.server.over
        seen = Seen(self.command, self.path, headers, self.rfile.read(length))
        with self.server.changed:
            self.server.seen.append(seen)
            self.server.changed.notify_all()
        reply = self.server.answer(seen)
        if isinstance(reply, Reply):
            self._send(reply)
            return
        if isinstance(reply, Raw):
            self._stream(reply, over)
        if reply is Fault.HANG:
            over.wait()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def _stream(self, reply: Raw, over: threading.Event) -> None:
        for chunk in reply.chunks:
            if over.is_set():
                return
            self.wfile.write(chunk)
            self.wfile.flush()

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - names the standard library calls


@contextmanager
def running_wire(certificate: ssl.SSLContext | None = None) -> Iterator[Wire]:
    """Serve on a free loopback port until the end of the block, by TLS with a certificate."""
    wire = Wire(certificate)
    thread = threading.Thread(target=wire.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield wire
    finally:
        wire.over.set()
        wire.shutdown()
        thread.join()
        wire.server_close()
