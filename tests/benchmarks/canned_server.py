"""A server of ready-made pages of uploads: `python -m tests.benchmarks.canned_server 5000`.

It runs as a process of its own, so that serving costs the measured client nothing, and ends with
its standard input. The first line it writes is its port.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.benchmarks.bodies import uploads_page

PAGE = 1000


@contextmanager
def served_uploads(tenants: int) -> Iterator[str]:
    """Serve so many tenants' uploads in a child process; yields the address."""
    command = [sys.executable, "-m", __name__, str(tenants)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        if server.stdin is None or server.stdout is None:
            raise RuntimeError("The server was started without pipes.")
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        server.stdin.close()


class _Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages: dict[int, bytes]

    def do_GET(self) -> None:
        """Answer with the page that begins at `start`."""
        start = int(parse_qs(urlsplit(self.path).query).get("start", ["0"])[0])
        self._answer("application/json", self.pages.get(start) or uploads_page(start, 0))

    def do_POST(self) -> None:
        """Answer with a security token: the SDK does not start without having fetched one."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer("text/plain", b"token")

    def _answer(self, content_type: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the only line that anybody reads is the port."""


def main(tenants: int) -> None:
    """Serve until standard input ends."""
    _Pages.pages = {start: uploads_page(start, PAGE) for start in range(0, tenants, PAGE)}
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdout.write(f"{server.server_port}\n")
        sys.stdout.flush()
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]))
