"""Steering the sandbox from outside: reset, clock, faults, tokens, what was asked."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox.faults import Fault
from services.sandbox.gate import Sandbox
from services.sandbox.routes import OPERATIONS
from services.sandbox.times import iso

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from services.sandbox.config import Config

Body = dict[str, object]
NAMES = frozenset(operation.name for operation in OPERATIONS)


async def _steer(action: Callable[[Sandbox, Request, Body], object], request: Request) -> Response:
    """Run one action for a caller on this machine; what it does not understand is a 400."""
    if not _local(request):
        return _answer({"message": "The sandbox is steered from its own machine only."}, 403)
    try:
        body = orjson.loads(await request.body() or b"{}")
        if not isinstance(body, dict):
            raise ValueError("the body must be a JSON object")
        return _answer(action(request.app.state.sandbox, request, body))
    except (ValueError, TypeError) as error:
        return _answer({"message": str(error)}, 400)


def _answer(payload: object, status: int = 200) -> Response:
    return Response(orjson.dumps(payload), status, media_type="application/json")


def _local(request: Request) -> bool:
    return request.client is not None and ip_address(request.client.host).is_loopback


def _reset(sandbox: Sandbox, _: Request, body: Body) -> object:
    sandbox.reset(_changed(sandbox.config, body))
    return _settings(sandbox)


def _settings(sandbox: Sandbox) -> Body:
    config = sandbox.config
    return {
        "tenants": config.tenants,
        "seed": config.seed,
        "speed": sandbox.clock.speed,
        "rate_limit": config.rate_limit,
        "now": iso(sandbox.clock.now()),
    }


def _changed(config: Config, body: Body) -> Config:
    unknown = body.keys() - {"tenants", "seed", "speed", "rate_limit"}
    if unknown:
        raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
    return replace(
        config,
        tenants=int(_number(body, "tenants", config.tenants)),
        seed=int(_number(body, "seed", config.seed)),
        speed=_number(body, "speed", config.speed),
        rate_limit=int(_number(body, "rate_limit", config.rate_limit)),
    )


def _number(body: Body, name: str, default: float) -> float:
    value = body.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"{name} must be a number")
    return value


def _read_clock(sandbox: Sandbox, _: Request, __: Body) -> object:
    return _settings(sandbox)


def _set_clock(sandbox: Sandbox, _: Request, body: Body) -> object:
    unknown = body.keys() - {"advance_seconds", "speed"}
    seconds, speed = _number(body, "advance_seconds", 0), _number(body, "speed", -1)
    if unknown or seconds < 0 or ("speed" in body and speed < 0):
        raise ValueError("give advance_seconds or speed, neither negative")
    sandbox.world.engine.settle()
    if "speed" in body:
        sandbox.clock.set_speed(speed)
    sandbox.clock.advance(seconds)
    sandbox.world.engine.settle()
    return _settings(sandbox)


def _add_fault(sandbox: Sandbox, _: Request, body: Body) -> object:
    sandbox.faults.add(Fault(**body), NAMES)  # type: ignore[arg-type]
    return _list_faults(sandbox, _, body)


def _list_faults(sandbox: Sandbox, _: Request, __: Body) -> object:
    return {"faults": [asdict(fault) for fault in sandbox.faults.waiting]}


def _clear_faults(sandbox: Sandbox, request: Request, body: Body) -> object:
    sandbox.faults.clear()
    return _list_faults(sandbox, request, body)


def _list_requests(sandbox: Sandbox, request: Request, _: Body) -> object:
    since = int(request.query_params.get("since", "0"))
    entries = sandbox.recorder.since(since, request.query_params.get("operation", ""))
    return {"requests": [asdict(entry) for entry in entries]}


def _clear_requests(sandbox: Sandbox, _: Request, __: Body) -> object:
    sandbox.recorder.clear()
    return {"requests": []}


def _expire_tokens(sandbox: Sandbox, _: Request, __: Body) -> object:
    return {"expired": sandbox.tokens.expire_all()}


ROUTES = [
    Route(f"/_sandbox/{name}", partial(_steer, action), methods=[method])
    for method, name, action in (
        ("POST", "reset", _reset),
        ("GET", "clock", _read_clock),
        ("POST", "clock", _set_clock),
        ("GET", "faults", _list_faults),
        ("POST", "faults", _add_fault),
        ("DELETE", "faults", _clear_faults),
        ("GET", "requests", _list_requests),
        ("DELETE", "requests", _clear_requests),
        ("DELETE", "tokens", _expire_tokens),
    )
]
