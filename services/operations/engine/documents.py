"""Documents in JSON that events keep whole."""

from typing import Any

import orjson


def read(text: str) -> Any:
    """Return the document of an event; None where an earlier version kept its beginning only."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
