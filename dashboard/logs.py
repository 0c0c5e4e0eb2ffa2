"""The server's log: sentences for a person, or one JSON object per line for a machine."""

import logging
import re
from typing import Any, Literal

from pythonjsonlogger.json import JsonFormatter

OURS = ("dashboard", "services")
FIELDS = "{asctime}{levelname}{name}{message}"
# What begins a line of its own, or moves a terminal's cursor.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
NAMES = {"asctime": "time", "levelname": "level", "name": "logger"}
# What any stranger can send, and how the line about it begins: a traceback would tell nothing more.
SENT_BY_STRANGERS = {
    "streamlit.web.server.starlette.starlette_websocket": "Error deserializing back message",
    "uvicorn.error": "Invalid UTF-8 sequence received from client",
}


def configure(log_format: Literal["text", "json"]) -> None:
    """Log to standard error, from INFO on.

    Lines of JSON have `time` (UTC), `level`, `logger`, `message`, and the facts of the event under
    names of their own: `operation`, `status`, `ms` of a request, `error_id`, `operation_id`, and
    `exc_info` with a traceback. The lines of Streamlit and uvicorn take the same form.
    """
    formatter = _formatter(log_format)
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    for name in OURS:
        ours = logging.getLogger(name)
        ours.handlers = [handler]
        ours.setLevel(logging.INFO)
        ours.propagate = False
    for name in SENT_BY_STRANGERS:
        logging.getLogger(name).addFilter(_without_traceback)
    if log_format == "json":
        for theirs in map(logging.getLogger, [*logging.root.manager.loggerDict]):
            for each in theirs.handlers:
                each.setFormatter(formatter)


def _without_traceback(record: logging.LogRecord) -> bool:
    if str(record.msg).startswith(SENT_BY_STRANGERS[record.name]):
        record.exc_info = None
    return True


def _formatter(log_format: str) -> logging.Formatter:
    if log_format == "json":
        return JsonFormatter(FIELDS, style="{", rename_fields=NAMES, timestamp="time")
    text = _OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s")
    text.default_msec_format = "%s.%03d"
    return text


class _OneLine(logging.Formatter):
    """One line for each event, whatever words a server has sent; tracebacks are indented."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging calls it so
        return _CONTROL.sub(_escaped, super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging calls it so
        lines = super().formatException(ei).splitlines()
        return "\n".join(f"  {_CONTROL.sub(_escaped, line)}" for line in lines)


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
