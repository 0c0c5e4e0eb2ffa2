"""The line between a browser and a console: as fast as the computer, or as slow as one at home.

Chromium's own brake counts the bytes of a WebSocket after they were unpacked, and so would charge
for what no network carries.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

HOST = "127.0.0.1"
# Small beside what passes in the time of one frame of the slow line.
CHUNK = 8_192
# As much as waits on its way, as in a router: more is not read.
ON_THE_WAY = 32


@dataclass(frozen=True)
class Network:
    """How a browser is connected: seconds of a round trip, bytes per second each way."""

    name: str
    round_trip: float = 0.0
    throughput: float = float("inf")


LOOPBACK = Network("loopback")
SLOW = Network("10 Mbit/s, 40 ms", round_trip=0.04, throughput=10e6 / 8)


class Line:
    """Passes on what comes in on a port of its own, all connections sharing each direction."""

    def __init__(self, far_port: int) -> None:
        self.network = LOOPBACK
        self._far_port = far_port
        self._free_at = {"up": 0.0, "down": 0.0}

    async def listen(self) -> asyncio.Server:
        """Begin to listen on a free port."""
        return await asyncio.start_server(self._connected, HOST, 0)

    async def _connected(self, near: asyncio.StreamReader, to_near: asyncio.StreamWriter) -> None:
        # The handshake takes a round trip.
        await asyncio.sleep(self.network.round_trip)
        with suppress(OSError):
            far, to_far = await asyncio.open_connection(HOST, self._far_port)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass_on(near, to_far, "up"))
                both.create_task(self._pass_on(far, to_near, "down"))

    async def _pass_on(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, way: str
    ) -> None:
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(ON_THE_WAY)
        sending = asyncio.create_task(_send_in_time(waiting, target))
        content = b"to be read"
        while content:
            try:
                content = await source.read(CHUNK)
            except OSError:
                content = b""
            begins = max(asyncio.get_running_loop().time(), self._free_at[way])
            self._free_at[way] = begins + len(content) / self.network.throughput
            await waiting.put((self._free_at[way] + self.network.round_trip / 2, content))
        await sending


async def _send_in_time(
    waiting: asyncio.Queue[tuple[float, bytes]], target: asyncio.StreamWriter
) -> None:
    content = b"to be sent"
    while content:
        due, content = await waiting.get()
        if (delay := due - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(delay)
        with suppress(OSError):
            target.write(content)
            await target.drain()
    target.close()


@contextmanager
def line_to(far_port: int) -> Iterator[tuple[Line, str]]:
    """Lay a line to a port; yields it and the address on this side of it."""
    line, loop = Line(far_port), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(line.listen(), loop).result()
    try:
        yield line, f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
