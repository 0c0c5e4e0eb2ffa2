"""How people read the items of what is no verb of many: starts, credentials, files, recoveries.

Earlier versions kept in words, as the name of an item, what the state it is to come to tells now.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from dashboard.operations import start_sentences
from services.operations.starts.target import OF_TARGET

_DONE: Final[Mapping[object, str]] = {
    None: "",
    "started": "Started",
    "created": "Created",
    "changed": "Changed",
    "rotated": "Rotated",
    "recovered": "Recovered",
    "downloaded": "Downloaded",
}


def what(verb: str, name: str, after: str) -> str:
    """Return what an item is, beside its tenant: its name, where nothing more can be read."""
    try:
        return _what(verb, name, orjson.loads(after)[1])
    except (ValueError, TypeError, IndexError):
        return name


def _what(verb: str, name: str, goal: Any) -> str:
    match goal:
        case {"target": target}:
            return start_sentences.lead(verb, OF_TARGET.validate_python(target))
        case {"provider": provider}:
            return f"{name} ({provider})"
        case {"query": {"sources": sources}}:
            return f"Files of {', '.join(sources)}"
        case {"query": {"min_timestamp": first, "max_timestamp": last}}:
            return f"Files that arrived from {first} to {last}"
    return name


def state(text: str) -> str:
    """Return how an item stands, or is to stand."""
    match orjson.loads(text)[1]:
        case {"done": done}:
            return _DONE.get(done, str(done))
        case {"versions": versions, "uploads": uploads}:
            numbers = ", ".join(versions) or "none"
            return f"Data versions: {numbers} · Uploads: {', '.join(uploads)}"
        case done:
            return _DONE.get(done, str(done))
