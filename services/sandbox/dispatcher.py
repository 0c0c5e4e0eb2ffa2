"""Every API request: read, recorded, checked, counted, disturbed by faults, answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
from starlette.responses import PlainTextResponse, Response

from services.sandbox import disruptions
from services.sandbox.call import Archive, Call, PlainText
from services.sandbox.config import API_KEY
from services.sandbox.distortions import DISTORTIONS
from services.sandbox.encodings import Encoding, read_body, read_form
from services.sandbox.errors import ApiError, GatewayError, forbidden, signed_out
from services.sandbox.faults import AFTER, BEFORE, Fault
from services.sandbox.recorder import Entry, without_secrets
from services.sandbox.routes import Operation, Reads
from services.sandbox.times import iso

if TYPE_CHECKING:
    from starlette.requests import Request

    from services.sandbox.models.tenants import Tenant
    from services.sandbox.simulator import Simulator


@dataclass(slots=True)
class Reading:
    """A request body as far as it could be parsed, or the error to answer with."""

    body: dict[str, object] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    encoding: Encoding = Encoding.NONE
    error: ApiError | None = None

    @property
    def shown(self) -> object:
        """The body as it is recorded, without the secrets of a sign-in form."""
        if self.encoding is Encoding.NONE:
            return None
        return without_secrets(self.form) if self.form else self.body


async def serve(operation: Operation, request: Request) -> Response:
    """Answer one request of an operation."""
    simulator: Simulator = request.app.state.simulator
    reading = _read(operation, await request.body(), request.headers.get("content-type", ""))
    entry = Entry(
        operation=operation.name,
        method=request.method,
        path=request.url.path,
        query=dict(request.query_params),
        body=reading.shown,
        encoding=reading.encoding.value,
        headers=dict(request.headers),
        time=iso(simulator.clock.now()),
    )
    # Before it is answered: a request that a fault cuts has arrived all the same.
    simulator.recorder.add(entry)
    try:
        _check_key_and_count(simulator, operation, request)
        response = await _disturbed(simulator, operation, request, reading)
    except (ApiError, GatewayError) as error:
        response = refuse(simulator, error)
    key = request.headers.get("apikey", "")
    # On every answer, a 429 included, as Visier documents it.
    response.headers.update(simulator.limit.headers(key, simulator.clock.now()))
    entry.status = response.status_code
    simulator.keep_moving()
    return response


def _read(operation: Operation, raw: bytes, content_type: str) -> Reading:
    if operation.reads is Reads.FORM:
        return Reading(form=read_form(raw), encoding=Encoding.FORM)
    if operation.reads is Reads.NOTHING:
        return Reading()
    try:
        body, encoding = read_body(raw, content_type)
    except ApiError as error:
        return Reading(error=error)
    return Reading(body=body, encoding=encoding)


def _check_key_and_count(simulator: Simulator, operation: Operation, request: Request) -> None:
    key = request.headers.get("apikey")
    # The gateway's order: the key, then the limit, then Visier with the token.
    if not operation.open and not key:
        raise GatewayError(401, "No API key found in request")
    if not operation.open and key != API_KEY:
        raise GatewayError(401, "Invalid authentication credentials")
    if not simulator.limit.count(key or "", simulator.clock.now()):
        raise GatewayError(429, "API rate limit exceeded")


async def _disturbed(
    simulator: Simulator, operation: Operation, request: Request, reading: Reading
) -> Response:
    faults = simulator.faults.take(operation.name)
    for fault in faults:
        if fault.when == BEFORE:
            early = await disruptions.strike(fault, request, None)
            if early is not None:
                return early
    try:
        response = _render(_operate(simulator, operation, request, reading, faults), faults)
    except ApiError as error:
        response = refuse(simulator, error)
    for fault in faults:
        if fault.when == AFTER:
            response = await disruptions.strike(fault, request, response) or response
    return response


def _operate(
    simulator: Simulator,
    operation: Operation,
    request: Request,
    reading: Reading,
    faults: list[Fault],
) -> object:
    simulator.settle()
    call = Call(
        world=simulator.world,
        tokens=simulator.tokens,
        login=simulator.world.admin if operation.open else _login(simulator, request),
        path=request.path_params,
        query=request.query_params,
        body=reading.body,
        form=reading.form,
        headers=request.headers,
    )
    # After the token: who is not signed in learns nothing about a body.
    if reading.error:
        raise reading.error
    for fault in faults:
        fault.bend(call)
    return operation.answer(call)


def _login(simulator: Simulator, request: Request) -> Tenant:
    """Check the token and return the tenant the request is logged in to."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" else request.cookies.get("VisierASIDToken", "")
    if not simulator.tokens.good(token, simulator.clock.now()):
        raise signed_out("The security token is missing, not valid or expired.")
    code = request.headers.get("targettenantid")
    tenant = simulator.world.tenant(code) if code else simulator.world.admin
    if tenant is None:
        raise forbidden(f"Insufficient permissions to access the tenant {code}.")
    return tenant


def _render(payload: object, faults: list[Fault]) -> Response:
    # Faults that distort an answer leave a file alone.
    if isinstance(payload, Archive):
        saved_as = {"Content-Disposition": f'attachment; filename="{payload.name}"'}
        return Response(payload.content, media_type="application/zip", headers=saved_as)
    for fault in faults:
        distort = DISTORTIONS.get(fault.fault)
        if distort:
            payload = distort(payload, fault.value)
    if isinstance(payload, PlainText):
        return PlainTextResponse(payload)
    return Response(orjson.dumps(payload), media_type="application/json")


def refuse(simulator: Simulator, error: ApiError | GatewayError) -> Response:
    """Return the answer of an error."""
    if isinstance(error, GatewayError):
        body: dict[str, object] = {"message": error.message}
    else:
        body = error.body(simulator.rci())
    return Response(orjson.dumps(body), error.status, media_type="application/json")
