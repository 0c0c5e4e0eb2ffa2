"""The control API of the sandbox: reset, clock, faults, tokens, recorded requests."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox.config import Scenario
from services.sandbox.faults import Fault
from services.sandbox.population import past
from services.sandbox.routes import OPERATIONS
from services.sandbox.times import iso, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from services.sandbox.config import Config
    from services.sandbox.simulator import Simulator

Body = dict[str, object]
NAMES = frozenset(operation.name for operation in OPERATIONS)


async def _steer(
    action: Callable[[Simulator, Request, Body], object], request: Request
) -> Response:
    """Run one action for a caller on this machine; answer 400 to an invalid request."""
    # There is no sign-in to this API.
    if request.client is None or not ip_address(request.client.host).is_loopback:
        return _answer({"message": "The sandbox is steered from its own machine only."}, 403)
    try:
        body = _read(await request.body())
        return _answer(action(request.app.state.simulator, request, body))
    except (ValueError, TypeError) as error:
        return _answer({"message": str(error)}, 400)


def _read(raw: bytes) -> Body:
    body = orjson.loads(raw or b"{}")
    if not isinstance(body, dict):
        raise TypeError("the body must be a JSON object")
    return body


def _answer(payload: object, status: int = 200) -> Response:
    return Response(orjson.dumps(payload), status, media_type="application/json")


def _reset(simulator: Simulator, _: Request, body: Body) -> object:
    simulator.reset(_changed(simulator.config, body))
    return _settings(simulator)


def _settings(simulator: Simulator) -> Body:
    config = simulator.config
    return {
        "tenants": config.tenants,
        "seed": config.seed,
        "speed": simulator.clock.speed,
        "rate_limit": config.rate_limit,
        "scenario": config.scenario,
        "now": iso(simulator.clock.now()),
    }


def _changed(config: Config, body: Body) -> Config:
    # A misspelt setting would silently leave the old one in place.
    unknown = body.keys() - {"tenants", "seed", "speed", "rate_limit", "scenario"}
    if unknown:
        raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
    return replace(
        config,
        tenants=int(_number(body, "tenants", config.tenants)),
        seed=int(_number(body, "seed", config.seed)),
        speed=_number(body, "speed", config.speed),
        rate_limit=int(_number(body, "rate_limit", config.rate_limit)),
        scenario=Scenario(str(body.get("scenario", config.scenario))),
    )


def _number(body: Body, name: str, default: float) -> float:
    value = body.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number")
    return value


def _read_clock(simulator: Simulator, _: Request, __: Body) -> object:
    return _settings(simulator)


def _tell_past(simulator: Simulator, request: Request, _: Body) -> object:
    asked = request.query_params
    since, until = (parse(asked.get(name, "")) for name in ("since", "until"))
    return past.between(simulator.world, since, until)


def _set_clock(simulator: Simulator, _: Request, body: Body) -> object:
    unknown = body.keys() - {"advance_seconds", "speed"}
    seconds, speed = _number(body, "advance_seconds", 0), _number(body, "speed", -1)
    if unknown or seconds < 0 or ("speed" in body and speed < 0):
        raise ValueError("give advance_seconds or speed, neither negative")
    # What is due by the old clock happens by the old clock.
    simulator.settle()
    if "speed" in body:
        simulator.clock.set_speed(speed)
    simulator.clock.advance(seconds)
    simulator.settle()
    return _settings(simulator)


def _add_fault(simulator: Simulator, request: Request, body: Body) -> object:
    simulator.faults.add(_fault(body), NAMES)
    return _list_faults(simulator, request, body)


def _fault(body: Body) -> Fault:
    unknown = body.keys() - {field.name for field in fields(Fault)}
    if unknown:
        raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
    retry_after = body.get("retry_after")
    return Fault(
        operation=str(body.get("operation", "")),
        fault=str(body.get("fault", "")),
        when=str(body.get("when", "")),
        times=int(_number(body, "times", 1)),
        seconds=_number(body, "seconds", 0),
        retry_after=None if retry_after is None else int(_number(body, "retry_after", 0)),
        value=str(body.get("value", "")),
        status=int(_number(body, "status", 503)),
        every=int(_number(body, "every", 2)),
    )


def _list_faults(simulator: Simulator, _: Request, __: Body) -> object:
    return {"faults": [asdict(fault) for fault in simulator.faults.waiting]}


def _clear_faults(simulator: Simulator, request: Request, body: Body) -> object:
    simulator.faults.clear()
    return _list_faults(simulator, request, body)


def _list_requests(simulator: Simulator, request: Request, _: Body) -> object:
    since = int(request.query_params.get("since", "0"))
    entries = simulator.recorder.since(since, request.query_params.get("operation", ""))
    return {"requests": [asdict(entry) for entry in entries]}


def _clear_requests(simulator: Simulator, _: Request, __: Body) -> object:
    simulator.recorder.clear()
    return {"requests": []}


def _list_deliveries(simulator: Simulator, _: Request, __: Body) -> object:
    return {"deliveries": [asdict(each) for each in simulator.world.webhooks.deliveries]}


def _expire_tokens(simulator: Simulator, _: Request, __: Body) -> object:
    return {"expired": simulator.tokens.expire_all()}


ROUTES = [
    Route(f"/_sandbox/{name}", partial(_steer, action), methods=[method])
    for method, name, action in (
        ("POST", "reset", _reset),
        ("GET", "clock", _read_clock),
        ("POST", "clock", _set_clock),
        ("GET", "past", _tell_past),
        ("GET", "faults", _list_faults),
        ("POST", "faults", _add_fault),
        ("DELETE", "faults", _clear_faults),
        ("GET", "requests", _list_requests),
        ("DELETE", "requests", _clear_requests),
        ("GET", "deliveries", _list_deliveries),
        ("DELETE", "tokens", _expire_tokens),
    )
]
