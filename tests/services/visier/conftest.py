import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.visier import Client, RateLimiter, SecurityToken, Timeouts
from services.visier.auth import Credentials
from tests.services.visier.wire import Wire, running_wire

TOKEN = SecurityToken("test-key", "test-token")


@pytest.fixture(autouse=True)
def no_proxy_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="package")
def server() -> Iterator[Wire]:
    with running_wire() as wire:
        yield wire


@pytest.fixture
def wire(server: Wire) -> Iterator[Wire]:
    """Give the one server of these tests, fresh for each."""
    server.start_afresh()
    yield server
    server.start_afresh()


MakeClient = Callable[..., Client]


@pytest.fixture
def make_client(wire: Wire) -> Iterator[MakeClient]:
    """Give a maker of clients of the wire that never sleep, and close what it made."""
    made: list[Client] = []

    def make(
        credentials: Credentials = TOKEN,
        rate_limiter: RateLimiter | None = None,
        *,
        url: str = wire.url,
        **more: Any,
    ) -> Client:
        options: dict[str, Any] = {"sleep": lambda _seconds: None, "timeouts": Timeouts(5, 10)}
        client = Client(
            url,
            credentials,
            rate_limiter or RateLimiter(assumed_per_minute=None),
            **(options | more),
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def closed_url() -> str:
    """Give an address on this computer where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    return make_client()
