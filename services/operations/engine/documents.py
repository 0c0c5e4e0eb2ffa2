"""JSON documents in events."""

from typing import Any

import orjson


def read(text: str) -> Any:
    """Return the document of an event; None where an earlier version cut it off."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
