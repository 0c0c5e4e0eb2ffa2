"""No answer waits until the other side has acknowledged what came before it."""

import asyncio
import socket
from collections.abc import Callable

import pytest
import uvicorn
from starlette.applications import Starlette

from dashboard.app import send_at_once
from services.sandbox.server import Server

APP = Starlette()


def of_the_dashboard() -> uvicorn.Server:
    server = uvicorn.Server(uvicorn.Config(APP, lifespan="off", log_level="warning"))
    server.config.load()
    send_at_once(server)
    return server


def of_the_sandbox() -> uvicorn.Server:
    server = Server(APP, lambda: None)
    server.config.load()
    return server


async def is_sent_at_once(server: uvicorn.Server) -> bool:
    def connected() -> asyncio.Protocol:
        made: asyncio.Protocol = server.config.http_protocol_class(  # type: ignore[call-arg] # as uvicorn calls it
            config=server.config, server_state=server.server_state, app_state={}
        )
        return made

    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listening = await loop.create_server(connected, sock=listener)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert await reader.readline()
        (one,) = server.server_state.connections
        its_own = one.transport.get_extra_info("socket")
        writer.close()
        listening.close()
        return bool(its_own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


@pytest.mark.parametrize("server", [of_the_dashboard, of_the_sandbox])
def test_an_answer_does_not_wait_for_an_acknowledgement(
    server: Callable[[], uvicorn.Server],
) -> None:
    assert asyncio.run(is_sent_at_once(server()))
