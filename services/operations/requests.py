"""The exact requests of a plan or a start, also as commands for a shell."""

import shlex
from collections.abc import Iterable
from urllib.parse import parse_qsl

from services.visier import BodyEncoding
from services.visier.protocol import Request, build

from .engine.plan import Plan
from .starts.request import JobRequest

_FORM = "application/x-www-form-urlencoded"


def requests_of(plan: Plan, encoding: BodyEncoding = BodyEncoding.SAMPLES) -> list[Request]:
    """Return the write requests of a plan in their order: operation, path, encoded body."""
    spec = plan.spec
    bodies = (spec.objects([item.key for item in batch]) for batch in plan.batches)
    return [spec.request(objects, encoding) for objects in bodies]


def request_of(start: JobRequest, encoding: BodyEncoding = BodyEncoding.SAMPLES) -> Request:
    """Return the one request of a start: operation, path, encoded body."""
    return build(start.operation, encoding, body=start.body)


def curl_of(
    requests: Iterable[Request], *, address: str = "", target_tenant: str | None = None
) -> str:
    """Return commands that send these requests from any POSIX shell.

    They read the key and the token from the variables VISIER_APIKEY and VISIER_ASID_TOKEN, so that
    no secret is shown, and the address from VISIER_HOST unless it is given.
    """
    return "\n\n".join(_command(request, address, target_tenant) for request in requests)


def _command(request: Request, address: str, target_tenant: str | None) -> str:
    host = shlex.quote(address) if address else '"$VISIER_HOST"'
    lines = [
        f"curl --request {request.operation.method} {host}{shlex.quote(request.target)}",
        '--header "apikey: $VISIER_APIKEY"',
        '--cookie "VisierASIDToken=$VISIER_ASID_TOKEN"',
    ]
    if target_tenant:
        lines.append(f"--header {shlex.quote(f'TargetTenantID: {target_tenant}')}")
    return " \\\n  ".join([*lines, *_body(request)])


def _body(request: Request) -> list[str]:
    text = (request.body or b"").decode()
    if request.content_type == _FORM:
        return [f"--data-urlencode {shlex.quote('='.join(field))}" for field in parse_qsl(text)]
    kind = shlex.quote(f"Content-Type: {request.content_type}")
    return [f"--header {kind}", f"--data-raw {shlex.quote(text)}"] if text else []
