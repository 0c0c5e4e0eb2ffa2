from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.visier import Client, Governor, SecurityToken, Timeouts
from services.visier.auth import Credentials
from tests.services.visier.wire import Wire, running_wire

TOKEN = SecurityToken("test-key", "test-token")


@pytest.fixture
def wire() -> Iterator[Wire]:
    with running_wire() as server:
        yield server


MakeClient = Callable[..., Client]


@pytest.fixture
def make_client(wire: Wire) -> Iterator[MakeClient]:
    """Give a maker of clients of the wire that never sleep, and close what it made."""
    made: list[Client] = []

    def make(
        credentials: Credentials = TOKEN, governor: Governor | None = None, **more: Any
    ) -> Client:
        options: dict[str, Any] = {"sleep": lambda _seconds: None, "timeouts": Timeouts(5, 10)}
        client = Client(
            wire.url,
            credentials,
            governor or Governor(assumed_per_minute=None),
            **(options | more),
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    return make_client()
