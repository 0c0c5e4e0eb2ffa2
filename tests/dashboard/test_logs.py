"""Lines of the log: one for each event, whatever words a server has sent."""

import io
import logging
from collections.abc import Callable, Iterator
from typing import Literal

import orjson
import pytest

from dashboard import logs
from services.visier import Client, RateLimiter, SecurityToken
from tests.services.visier.wire import json_reply, running_wire

FORGED = "2026-11-29 12:00:00.000 INFO dashboard: operation 1, Disable data versions: succeeded"
STREAMS = ("\n", "\r\n", "\r", "\x85", "\u2028", "\x0b", "\x1b[2K")


@pytest.fixture
def written() -> Iterator[Callable[[Literal["text", "json"]], io.StringIO]]:
    """Give what configures the log, and with it where it is written."""
    names = ("dashboard", "services")
    before = {
        name: (logger.handlers, logger.level, logger.propagate)
        for name in names
        for logger in [logging.getLogger(name)]
    }
    stream = io.StringIO()

    def configure(log_format: Literal["text", "json"]) -> io.StringIO:
        logs.configure(log_format)
        for name in names:
            for handler in logging.getLogger(name).handlers:
                assert isinstance(handler, logging.StreamHandler)
                handler.setStream(stream)
        return stream

    yield configure
    for name, (handlers, level, propagate) in before.items():
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.mark.parametrize("between", STREAMS)
def test_a_servers_words_make_no_line_of_their_own(
    written: Callable[[Literal["text"]], io.StringIO], between: str
) -> None:
    stream = written("text")
    with running_wire() as wire:
        wire.script(json_reply({"message": f"Busy.{between}{FORGED}"}, 503), json_reply({"a": 1}))
        client = Client(
            wire.url,
            SecurityToken("test-key", "test-token"),
            RateLimiter(assumed_per_minute=None),
            sleep=lambda _seconds: None,
        )
        client.job_status()
        client.close()
    lines = stream.getvalue().splitlines()
    assert [line.split(": ")[0].split()[2:] for line in lines] == [
        ["INFO", "services.visier"],
        ["WARNING", "services.visier"],
        ["INFO", "services.visier"],
    ]
    assert FORGED in lines[1]
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize("between", STREAMS)
def test_neither_do_those_in_a_traceback(
    written: Callable[[Literal["text"]], io.StringIO], between: str
) -> None:
    stream = written("text")

    def fail() -> None:
        raise ValueError(f"Odd.{between}{FORGED}")

    try:
        fail()
    except ValueError:
        logging.getLogger("dashboard").exception("broke off")
    first, *rest = stream.getvalue().splitlines()
    assert first.endswith("ERROR dashboard: broke off")
    assert rest
    assert all(line.startswith("  ") for line in rest)


def test_json_lines_hold_them_whole(
    written: Callable[[Literal["json"]], io.StringIO],
) -> None:
    stream = written("json")
    logging.getLogger("dashboard").warning("Busy.\n%s", FORGED)
    (line,) = stream.getvalue().splitlines()
    assert orjson.loads(line)["message"] == f"Busy.\n{FORGED}"
