"""A real HTTP receiver and a real SMTP server on loopback, which keep what they are sent."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class HttpReceiver:
    """What arrived over HTTP; `status` is answered, `hold` is called before that."""

    port: int = 0
    got: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    hold: Callable[[], object] = lambda: None

    @property
    def address(self) -> str:
        return f"json://user:S3cretWord@127.0.0.1:{self.port}/hook/S3cretPath"


@contextmanager
def http_receiver() -> Iterator[HttpReceiver]:
    receiver = HttpReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append(json.loads(body))
            receiver.hold()
            if receiver.status:
                self.send_response(receiver.status)
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_port
    with _serving(server):
        yield receiver


@dataclass
class MailReceiver:
    """What arrived as mail; `refuses` has the commands that are answered with an error."""

    port: int = 0
    got: list[EmailMessage] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    breaks_after_data: bool = False

    def address(self, *to: str) -> str:
        query = f"from=loads@visier.example&to={','.join(to)}&mode=insecure&smtp=127.0.0.1"
        return f"mailto://127.0.0.1:{self.port}?{query}"


@contextmanager
def mail_receiver() -> Iterator[MailReceiver]:
    receiver = MailReceiver()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            while line := self.rfile.readline().decode().strip():
                command = line.split(" ")[0].split(":")[0].upper()
                if any(line.upper().startswith(each) for each in receiver.refuses):
                    self._say("550 no")
                elif command in ("EHLO", "HELO"):
                    self._say("250 hello")
                elif command == "DATA":
                    self._say("354 go on")
                    receiver.got.append(self._mail())
                    if receiver.breaks_after_data:
                        return
                    self._say("250 kept")
                elif command == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def _mail(self) -> EmailMessage:
            lines = iter(self.rfile.readline, b".\r\n")
            made = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(made, EmailMessage)
            return made

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    with _serving(server):
        yield receiver


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
