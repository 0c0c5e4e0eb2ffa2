"""A sandbox for tests: in this process, on a free port, still unless its clock is moved."""

from __future__ import annotations

import socket
import threading
from bisect import bisect_left
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import requests

from services.sandbox.app import create_app
from services.sandbox.config import API_KEY, PASSWORD, USERNAME, VANITY_NAME, Config
from services.sandbox.server import Server, address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.sandbox.simulator import Simulator

TIMEOUT = 30


def ask(method: str, url: str, **options: Any) -> requests.Response:
    """Make one request, whatever proxies and passwords this computer is set up with."""
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, **{"timeout": TIMEOUT, **options})


def fresh_token(url: str) -> str:
    """Give a fresh security token of any sandbox."""
    form = {"username": USERNAME, "password": PASSWORD}
    answer = ask("POST", f"{url}/v1/admin/visierSecureToken", data=form)
    answer.raise_for_status()
    return answer.text


def signed_in(url: str) -> dict[str, str]:
    """Give headers that sign a request in with a fresh security token, at any sandbox."""
    return {"apikey": API_KEY, "Cookie": f"VisierASIDToken={fresh_token(url)}"}


def fullest_minute(requests: list[dict[str, Any]]) -> int:
    """Return the most requests that any minute of the sandbox's own log holds."""
    times = sorted(datetime.fromisoformat(request["time"]).timestamp() for request in requests)
    fullest = (end + 1 - bisect_left(times, time - 59.9995) for end, time in enumerate(times))
    return max(fullest, default=0)


@dataclass(frozen=True)
class Control:
    """What steers a sandbox, over HTTP as anybody else would."""

    url: str

    def _call(self, method: str, name: str, **options: Any) -> Any:
        answer = ask(method, f"{self.url}/_sandbox/{name}", **options)
        if answer.status_code != 200:
            raise ValueError(answer.json()["message"])
        return answer.json()

    def requests(self, operation: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        """Give what was asked: id, time, operation, method, path, query, body, encoding, ..."""
        query = {"operation": operation or "", "since": str(since)}
        found: list[dict[str, Any]] = self._call("GET", "requests", params=query)["requests"]
        return found

    def clear_requests(self) -> None:
        self._call("DELETE", "requests")

    def fault(self, operation: str, fault: str, **details: Any) -> None:
        """Queue a fault: when=, times= (0: until cleared), seconds=, value=, retry_after=, ..."""
        self._call("POST", "faults", json={"operation": operation, "fault": fault, **details})

    def clear_faults(self) -> None:
        self._call("DELETE", "faults")

    def clock(self) -> dict[str, Any]:
        """Give now, speed, seed, tenants and rate_limit."""
        found: dict[str, Any] = self._call("GET", "clock")
        return found

    def advance(self, seconds: float) -> None:
        self._call("POST", "clock", json={"advance_seconds": seconds})

    def set_speed(self, speed: float) -> None:
        self._call("POST", "clock", json={"speed": speed})

    def expire_tokens(self) -> None:
        self._call("DELETE", "tokens")

    def reset(self, **config: float | str) -> None:
        """Start over with the same or a changed tenants, seed, speed, rate_limit, scenario."""
        self._call("POST", "reset", json=config)


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: its address, its credentials, its controls, and its inside."""

    url: str
    control: Control
    inside: Simulator
    api_key: str = API_KEY
    username: str = USERNAME
    password: str = PASSWORD
    vanity_name: str = VANITY_NAME

    def token(self) -> str:
        """Give a fresh security token."""
        return fresh_token(self.url)

    def headers(self) -> dict[str, str]:
        """Give headers that sign a request in with a fresh security token."""
        return signed_in(self.url)


@contextmanager
def running_sandbox(**config: Any) -> Iterator[Sandbox]:
    """Run a sandbox: 60 tenants, standing still, no rate limit, unless `config` says otherwise.

    `config` takes the fields of services.sandbox.config.Config.
    """
    app = create_app(Config(**{"tenants": 60, "speed": 0, "rate_limit": 0, **config}))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ready = threading.Event()
        server = Server(app, ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        if not ready.wait(TIMEOUT):
            raise RuntimeError("the sandbox did not start")
        url = address(listener)
        try:
            yield Sandbox(url, Control(url), app.state.simulator)
        finally:
            server.end()
            thread.join(TIMEOUT)
