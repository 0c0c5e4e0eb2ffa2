from __future__ import annotations

import argparse
import contextlib
import gc
import socket
import sys

from services.sandbox.app import create_app
from services.sandbox.config import Config, Scenario
from services.sandbox.server import Server, announce, end_with_parent


def main(arguments: list[str]) -> None:
    """Run the sandbox until it is interrupted or, when asked, until its parent ends."""
    options = _parser().parse_args(arguments)
    try:
        config = Config(
            options.tenants,
            options.seed,
            options.speed,
            options.rate_limit,
            scenario=Scenario(options.scenario),
        )
    except ValueError as error:
        sys.exit(str(error))
    listener = _listen(options.host, options.port)
    app = create_app(config)
    # The population lives as long as the process: no collection has to walk it again.
    gc.freeze()
    server = Server(app, lambda: announce(listener))
    if options.exit_with_parent:
        end_with_parent(server)
    # Ctrl-C ends it without a traceback.
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def _parser() -> argparse.ArgumentParser:
    defaults = Config()
    parser = argparse.ArgumentParser(prog="python -m services.sandbox", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=_port, default=9000, help="0 takes a free one (default: %(default)s)")
    add("--tenants", type=int, default=defaults.tenants, help="default: %(default)s")
    add("--seed", type=int, default=defaults.seed, help="default: %(default)s")
    add("--speed", type=float, default=defaults.speed, help="60: minutes become seconds")
    add("--rate-limit", type=int, default=defaults.rate_limit, help="calls per minute, 0: none")
    add(
        "--scenario",
        "--story",
        dest="scenario",
        choices=[*Scenario],
        default=defaults.scenario,
        help="last night, default: %(default)s",
    )
    add("--exit-with-parent", action="store_true", help="end when standard input ends")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{port} is no port")
    return port


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        sys.exit(f"Cannot listen on {host}:{port}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
