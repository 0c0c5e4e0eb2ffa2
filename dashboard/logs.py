"""The server's log: sentences for a person, or one JSON object per line for a machine."""

import logging
from typing import Literal

from pythonjsonlogger.json import JsonFormatter

OURS = ("dashboard", "services")
FIELDS = "{asctime}{levelname}{name}{message}"
NAMES = {"asctime": "time", "levelname": "level", "name": "logger"}
# What any stranger can send, and how the line about it begins: a traceback would tell nothing more.
SENT_BY_STRANGERS = {
    "streamlit.web.server.starlette.starlette_websocket": "Error deserializing back message",
    "uvicorn.error": "Invalid UTF-8 sequence received from client",
}


def configure(log_format: Literal["text", "json"]) -> None:
    """Write what happens here to standard error, from INFO on.

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
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    text.default_msec_format = "%s.%03d"
    return text
