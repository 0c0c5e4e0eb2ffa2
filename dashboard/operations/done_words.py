"""How people read the items of what is no verb of many: starts, credentials, files, recoveries.

Earlier versions kept in words, as the name of an item, what the state it is to come to tells now.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from dashboard.components import rule_words
from dashboard.operations import start_sentences
from services.notifications.rules import OF_RULE
from services.operations.starts.target import OF_TARGET
from services.operations.watch_changes import Done

_DONE: Final[Mapping[object, str]] = {
    None: "",
    "started": "Started",
    "created": "Created",
    "changed": "Changed",
    "rotated": "Rotated",
    "recovered": "Recovered",
    "downloaded": "Downloaded",
    Done.ADDED: "Added",
    Done.CHANGED: "Changed",
    Done.MUTED: "Muted",
    Done.UNMUTED: "Unmuted",
    Done.TURNED_ON: "On",
    Done.TURNED_OFF: "Off",
    Done.DELETED: "Deleted",
    Done.TESTED: "Tested",
    Done.ACKNOWLEDGED: "Acknowledged",
    Done.REOPENED: "Open again",
    Done.SENT_AGAIN: "Sent again",
    Done.DISMISSED: "Dismissed",
}
_WATCH: Final[Mapping[object, str]] = {
    **dict.fromkeys((Done.ADDED, Done.CHANGED), "Rule"),
    **dict.fromkeys((Done.MUTED, Done.UNMUTED, Done.TURNED_ON, Done.TURNED_OFF), "Rule"),
    Done.DELETED: "Rule",
    Done.TESTED: "Destination",
    **dict.fromkeys((Done.ACKNOWLEDGED, Done.REOPENED), "Incident"),
    **dict.fromkeys((Done.SENT_AGAIN, Done.DISMISSED), "Message"),
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
        case {"rule": {"rule": rule}}:
            return rule_words.sentence(OF_RULE.validate_python(rule), {}, {})
        case {"query": {"sources": sources}}:
            return f"Files of {', '.join(sources)}"
        case {"query": {"min_timestamp": first, "max_timestamp": last}}:
            return f"Files that arrived from {first} to {last}"
        case {"done": done}:
            name = _WATCH.get(done, name)
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
