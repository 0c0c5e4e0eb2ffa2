"""The way of every API request: read, recorded, counted, checked, disturbed, answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
from starlette.responses import PlainTextResponse, Response

from services.sandbox import disruptions, population
from services.sandbox.call import Call
from services.sandbox.clock import Clock
from services.sandbox.config import API_KEY
from services.sandbox.distortions import DISTORTIONS
from services.sandbox.encodings import Encoding, read_body, read_form
from services.sandbox.errors import GatewayRefusal, Refusal, forbidden, signed_out
from services.sandbox.faults import AFTER, BEFORE, Fault, Faults
from services.sandbox.ratelimit import RateLimit
from services.sandbox.recorder import Recorder, without_secrets
from services.sandbox.routes import Operation, Reads
from services.sandbox.times import iso
from services.sandbox.tokens import Tokens

if TYPE_CHECKING:
    from starlette.requests import Request

    from services.sandbox.config import Config
    from services.sandbox.models.tenants import Tenant
    from services.sandbox.world import World


class Sandbox:
    """One simulated Visier with all that surrounds it. A reset keeps its tokens."""

    def __init__(self, config: Config) -> None:
        self.tokens = Tokens()
        self.recorder = Recorder()
        self.faults = Faults()
        self.reset(config)

    def reset(self, config: Config) -> None:
        self.config = config
        self.clock = Clock(config.speed)
        self.world: World = population.build(config, self.clock)
        self.limit = RateLimit(config.rate_limit)
        self.recorder.clear()
        self.faults.clear()


@dataclass(slots=True)
class Reading:
    """What could be read of a request body, or why it could not."""

    body: dict[str, object] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    encoding: Encoding = Encoding.NONE
    refusal: Refusal | None = None

    @property
    def shown(self) -> object:
        return without_secrets(self.form) if self.encoding is Encoding.FORM else self.body or None


async def serve(operation: Operation, request: Request) -> Response:
    """Answer one request of an operation."""
    sandbox: Sandbox = request.app.state.sandbox
    reading = _read(operation, await request.body(), request.headers.get("content-type", ""))
    entry = sandbox.recorder.add(
        iso(sandbox.clock.now()), operation.name, request.method, request.url.path,
        dict(request.query_params), reading.shown, reading.encoding.value, dict(request.headers),
    )  # fmt: skip
    try:
        _check_key_and_count(sandbox, operation, request)
        response = await _disturbed(sandbox, operation, request, reading)
    except (Refusal, GatewayRefusal) as refusal:
        response = refuse(sandbox, refusal)
    key = request.headers.get("apikey", "")
    response.headers.update(sandbox.limit.headers(key, sandbox.clock.now()))
    entry.status = response.status_code
    return response


def _read(operation: Operation, raw: bytes, content_type: str) -> Reading:
    if operation.reads is Reads.FORM:
        return Reading(form=read_form(raw), encoding=Encoding.FORM)
    if operation.reads is Reads.NOTHING:
        return Reading()
    try:
        body, encoding = read_body(raw, content_type)
    except Refusal as refusal:
        return Reading(refusal=refusal)
    return Reading(body=body, encoding=encoding)


def _check_key_and_count(sandbox: Sandbox, operation: Operation, request: Request) -> None:
    key = request.headers.get("apikey")
    if not operation.open and not key:
        raise GatewayRefusal(401, "No API key found in request")
    if not operation.open and key != API_KEY:
        raise GatewayRefusal(401, "Invalid authentication credentials")
    if not sandbox.limit.count(key or "", sandbox.clock.now()):
        raise GatewayRefusal(429, "API rate limit exceeded")


async def _disturbed(
    sandbox: Sandbox, operation: Operation, request: Request, reading: Reading
) -> Response:
    faults = sandbox.faults.take(operation.name)
    for fault in faults:
        if fault.when == BEFORE:
            early = await disruptions.strike(fault, request, None)
            if early is not None:
                return early
    try:
        response = _render(_operate(sandbox, operation, request, reading, faults), faults)
    except Refusal as refusal:
        response = refuse(sandbox, refusal)
    for fault in faults:
        if fault.when == AFTER:
            response = await disruptions.strike(fault, request, response) or response
    return response


def _operate(
    sandbox: Sandbox,
    operation: Operation,
    request: Request,
    reading: Reading,
    faults: list[Fault],
) -> object:
    world = sandbox.world
    world.engine.settle()
    call = Call(
        world=world,
        tokens=sandbox.tokens,
        login=world.admin if operation.open else _login(sandbox, request),
        path=request.path_params,
        query=request.query_params,
        body=reading.body,
        form=reading.form,
        headers=request.headers,
    )
    if reading.refusal:
        raise reading.refusal
    for fault in faults:
        if fault.fault == "partial_failure":
            call.refused_every = max(1, fault.every)
        elif fault.fault == "five_uploads":
            call.query = {"numberOfDataUploads": "5", **call.query}
    return operation.answer(call)


def _login(sandbox: Sandbox, request: Request) -> Tenant:
    """Check the token and give the tenant the request runs in."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" else request.cookies.get("VisierASIDToken", "")
    if not sandbox.tokens.good(token, sandbox.clock.now()):
        raise signed_out("The security token is missing, not valid or expired.")
    code = request.headers.get("targettenantid")
    tenant = sandbox.world.tenant(code) if code else sandbox.world.admin
    if tenant is None:
        raise forbidden(f"Insufficient permissions to access the tenant {code}.")
    return tenant


def _render(payload: object, faults: list[Fault]) -> Response:
    for fault in faults:
        distort = DISTORTIONS.get(fault.fault)
        if distort:
            payload = distort(payload, fault.value)
    if isinstance(payload, str):
        return PlainTextResponse(payload)
    return Response(orjson.dumps(payload), media_type="application/json")


def refuse(sandbox: Sandbox, refusal: Refusal | GatewayRefusal) -> Response:
    """Give the answer that a refusal becomes."""
    if isinstance(refusal, GatewayRefusal):
        body: dict[str, object] = {"message": refusal.message}
    else:
        body = refusal.body(f"RCIP{sandbox.world.random.randint(100_000, 999_999)}")
    return Response(orjson.dumps(body), refusal.status, media_type="application/json")
