from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from services.sandbox import control, dispatcher
from services.sandbox.errors import GatewayError
from services.sandbox.routes import OPERATIONS
from services.sandbox.simulator import Simulator

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from services.sandbox.config import Config


def create_app(config: Config) -> Starlette:
    """Return the sandbox as an ASGI application with its population."""
    routes = [
        Route(operation.path, partial(dispatcher.serve, operation), methods=[operation.method])
        for operation in OPERATIONS
    ]
    app = Starlette(
        routes=[*routes, *control.ROUTES], exception_handlers={404: _no_route, 405: _no_route}
    )
    app.state.simulator = Simulator(config)
    return app


# What the gateway answers for an address it does not know, and so for a misspelt path.
async def _no_route(request: Request, _: Exception) -> Response:
    error = GatewayError(404, "no Route matched with those values")
    return dispatcher.refuse(request.app.state.simulator, error)
