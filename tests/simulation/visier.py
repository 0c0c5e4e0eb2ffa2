"""The simulated Visier in this very thread, and the wire that leads to it.

What is sent are the bytes of real requests, what comes back the bytes of real answers. All that
changes in it is seen: by what request, or by somebody in Visier's own Studio.
"""

from __future__ import annotations

import asyncio
import ssl
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch

import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from urllib3.exceptions import NewConnectionError

from services.sandbox import dispatcher, disruptions
from services.sandbox.call import Call
from services.sandbox.config import Config, Odds
from services.sandbox.faults import Fault, Faults
from services.sandbox.routes import OPERATIONS, Operation
from services.sandbox.simulator import Simulator
from tests.simulation.asgi import run
from tests.simulation.scheduling import Scheduler, Task, VirtualClock

TENANTS = 8
ADDRESS = "https://visier.simulated"
READS = frozenset({"GET"})
SIGN_INS = ("/v1/admin/visierSecureToken", "/v1/auth/")
# As long as a request may be on its way after its sender has given up waiting for it.
LONGEST_WAY = 100.0
Facts = dict[tuple[str, ...], object]


@dataclass(eq=False)
class RoundTrip:
    """One request on its way, and its answer on the way back."""

    task: Task
    request: requests.PreparedRequest
    sent_at: float
    operation: str = ""
    faults: list[Fault] = field(default_factory=list)
    answer: tuple[int, dict[str, str], bytes] | None = None
    is_cut: bool = False
    is_lost: bool = False

    @property
    def is_over(self) -> bool:
        return self.is_cut or self.answer is not None

    @property
    def is_clean(self) -> bool:
        """Whether nothing went wrong with it on any way."""
        return not (self.faults or self.is_cut or self.is_lost)


@dataclass(frozen=True, eq=False)
class Arrival:
    """A request that was carried out: what it asked for, and what that changed."""

    round_trip: RoundTrip
    at: float
    operation: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    changed: Mapping[tuple[str, ...], tuple[object, object]]


class _Noted(Faults):
    """The faults that wait; who they meet is remembered."""

    round_trip: RoundTrip | None = None

    def take(self, operation: str) -> list[Fault]:
        taken = super().take(operation)
        if self.round_trip is not None:
            self.round_trip.operation = operation
            self.round_trip.faults += taken
        return taken


class Visier:
    """The simulator, its inside, and everything that reaches it.

    ``sent`` is told of a request before it leaves, ``carried_out`` of one that changes something,
    ``moved`` whenever something may have become another.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        clock: VirtualClock,
        draw: Random,
        *,
        limit: int,
        odds: Odds,
        speed: float,
    ) -> None:
        self._scheduler = scheduler
        self._draw = draw
        self.address = ADDRESS
        config = Config(
            tenants=TENANTS,
            seed=draw.randrange(1000),
            rate_limit=limit,
            odds=odds,
            speed=speed,
        )
        self.inside = Simulator(config, clock.wall)
        self.inside.faults = self.faults = _Noted()
        self.limit = limit
        self.unreachable = 0
        self.arrived_at: list[float] = []
        self._leaving = 0
        self.files: dict[Task, bytes] = {}
        self.on_arrival: Callable[[Arrival], None] = lambda _arrival: None
        self.on_leaving: Callable[[RoundTrip], None] = lambda _round_trip: None
        self.on_return: Callable[[RoundTrip], None] = lambda _round_trip: None
        self.on_studio: Callable[[list[tuple[str, ...]]], None] = lambda _names: None
        self.on_answer: Callable[[RoundTrip], None] = lambda _round_trip: None
        self.on_move: Callable[[], None] = lambda: None
        routes = [
            Route(each.path, partial(dispatcher.serve, self._watched(each)), methods=[each.method])
            for each in OPERATIONS
        ]
        self._app = Starlette(routes=routes)
        self._app.state.simulator = self.inside

    def _watched(self, operation: Operation) -> Operation:
        """Give the operation, which tells of what it has changed."""
        if operation.method in READS or operation.path.startswith(SIGN_INS):
            return operation

        def answer(call: Call) -> object:
            round_trip, before = self.faults.round_trip, self.look()
            payload, refusal = None, None
            try:
                payload = operation.answer(call)
            except Exception as error:
                refusal = error
            changed = _changed(before, self.look())
            assert round_trip is not None
            self.on_arrival(
                Arrival(
                    round_trip,
                    self._scheduler.seconds,
                    operation.name,
                    dict(call.path),
                    dict(call.query),
                    call.body,
                    changed,
                )
            )
            if refusal is not None:
                raise refusal
            return self._in_any_order(payload)

        return replace(operation, answer=answer)

    def _in_any_order(self, payload: object) -> object:
        """Give the results of a request in another order: none is promised."""
        if isinstance(payload, dict) and self._draw.random() < 0.4:
            for value in payload.values():
                if isinstance(value, list):
                    self._draw.shuffle(value)
        return payload

    def look(self) -> Facts:
        """Say how everything stands that a request can change."""
        world = self.inside.world
        facts: Facts = {("job", job.id): job.status for job in world.jobs.by_id.values()}
        for tenant in (world.admin, *world.listed):
            code, links = tenant.code, world.connections.of(tenant.code)
            facts |= {("upload", code, each.time): each.flags & 7 for each in tenant.uploads}
            facts |= {
                ("version", code, each.category, each.number): each.enabled
                for each in tenant.versions
            }
            facts |= {
                ("assigned", code, each.id): world.connections.assigned(code, each.id)
                for each in links.connectors
            }
            facts |= {("setting", code, *named): value for named, value in links.settings.items()}
            facts |= {
                ("credential", code, each.id): (
                    each.display_name,
                    each.description,
                    each.inheritable,
                    each.table_mode,
                    each.digest,
                )
                for each in links.credentials
            }
        return facts

    @contextmanager
    def in_studio(self) -> Iterator[None]:
        """Let what is due happen, then what somebody does in Visier's own Studio."""
        self.inside.settle()
        before = self.look()
        yield
        self.on_studio([*_changed(before, self.look())])
        self.on_move()

    def carry(self, request: requests.PreparedRequest, silence: float) -> RoundTrip:
        """Take a request there and its answer back; raise as a network does."""
        task = self._scheduler.current
        assert task is not None
        round_trip = RoundTrip(task, request, self._scheduler.seconds)
        self._leaving += 1
        self.on_leaving(round_trip)
        self._scheduler.wait(self._draw.uniform(0.01, 0.3))
        self._leaving -= 1
        if self.unreachable:
            self.unreachable -= 1
            if not is_write(request):
                self.on_return(round_trip)
            raise self._draw.choice(
                [
                    requests.ConnectionError(NewConnectionError(None, "refused")),  # type: ignore[arg-type] # nobody reads which
                    requests.exceptions.SSLError(_expired()),
                ]
            )
        self._scheduler.spawn(partial(self._serve, round_trip), "visier")
        self._scheduler.wait(silence, lambda: round_trip.is_over)
        self.on_return(round_trip)
        self._scheduler.wait(self._draw.uniform(0.01, 0.3))
        if round_trip.is_cut:
            raise requests.ConnectionError("cut")
        if not round_trip.is_over or self._scheduler.seconds - round_trip.sent_at > silence + 1:
            round_trip.is_lost = True
            raise requests.ReadTimeout("silence")
        return round_trip

    def hand_on(self, headers: Mapping[str, str], body: bytes) -> tuple[bytes, bool]:
        """Give a file whole or, now and then, in part; say whether the wire tells of the rest."""
        task = self._scheduler.current
        if task is None or headers.get("content-type") != "application/zip":
            return body, True
        self.files[task] = body
        if self._draw.random() < 0.7:
            return body, True
        return body[: self._draw.randrange(1, len(body))], self._draw.random() < 0.5

    def calls_of_the_last(self, seconds: float) -> int:
        """Count the calls that have arrived since, and those on their way there."""
        times = self.arrived_at
        return len(times) - bisect_right(times, self._scheduler.seconds - seconds) + self._leaving

    def _serve(self, round_trip: RoundTrip) -> None:
        self.arrived_at.append(self._scheduler.seconds)
        self.faults.round_trip = round_trip
        answer = run(self._app, round_trip.request)
        self.on_move()
        if answer[0]:
            round_trip.answer = answer
            self.on_answer(round_trip)
        else:
            round_trip.is_cut = True

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Have faults take virtual time."""

        async def pause(_request: Request, seconds: float) -> None:
            held = self.faults.round_trip
            self._scheduler.wait(seconds)
            self.faults.round_trip = held

        async def sleep(seconds: float) -> None:
            self._scheduler.wait(seconds)

        with (
            patch.object(disruptions, "_pause", pause),
            patch.object(asyncio, "sleep", sleep),
        ):
            yield


def _expired() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError()
    error.verify_code = 10
    return error


def _changed(before: Facts, after: Facts) -> dict[tuple[str, ...], tuple[object, object]]:
    return {
        name: (before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def is_write(request: requests.PreparedRequest) -> bool:
    """Say whether a request may change something that is no token."""
    is_sign_in = str(request.path_url).startswith(SIGN_INS)
    return request.method not in READS and not is_sign_in
