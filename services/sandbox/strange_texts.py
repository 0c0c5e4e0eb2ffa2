"""Faults that add markup-like texts to answers, and remove them from requests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from services.sandbox.call import PlainText

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.sandbox.call import Call

Node = object
STRANGE_TEXT, STRANGE_EVERYTHING = "strange_text", "strange_everything"
HOSTILE = (
    "[hostilelink](javascript:alert(1))<img src=hostile onerror=alert(1)>"
    "<b>hostilebold</b>**hostilebold**:red[hostilered]"
)
# Without what cannot be in a path or a header, so that it can be part of an id.
HOSTILE_ID = "[hostilelink](javascript:alert(1))<s>hostile**hostilebold**:red[hostilered]"

# Fields that programs depend on, in any list.
KEYS = frozenset(
    {
        "connectorId", "credentialId", "dataProvider", "dataVersion", "extractionJobId", "id",
        "identifier", "jobId", "objectName", "parentJobId", "parentTenantCode", "receivingJobId",
        "symbolName", "tenant", "tenantCode", "uuid",
        "cancelStatus", "jobStatus", "jobType", "status",
    }
)  # fmt: skip
TOKENS = frozenset({"access_token", "refresh_token", "token_type", "expires_in"})
NO_WORD = re.compile(r"\d{4}-\d\d-\d\d.*|[\d.]*")


def strange_text(payload: Node, value: str) -> Node:
    """Append the value to each name, message and other text for people."""
    return _marked(payload, value or HOSTILE, spared=KEYS)


def strange_everything(payload: Node, value: str) -> Node:
    """Append the value to each text, including ids and statuses, except times and tokens."""
    return _marked(payload, value or HOSTILE_ID, spared=frozenset())


def _marked(node: Node, mark: str, spared: frozenset[str]) -> Node:
    if isinstance(node, dict):
        return {
            name: value
            if name in TOKENS or (name in spared and isinstance(value, str))
            else _marked(value, mark, spared)
            for name, value in node.items()
        }
    if isinstance(node, list):
        return [_marked(value, mark, spared) for value in node]
    if isinstance(node, str) and not isinstance(node, PlainText) and not NO_WORD.fullmatch(node):
        return node + mark
    return node


def take_out(call: Call, value: str) -> None:
    """Remove the value from a request whose ids come from `strange_everything`."""
    mark = value or HOSTILE_ID
    call.path = {name: text.replace(mark, "") for name, text in call.path.items()}
    call.query = {name: text.replace(mark, "") for name, text in call.query.items()}
    call.body = {name: _unmarked(found, mark) for name, found in call.body.items()}


def _unmarked(node: Node, mark: str) -> Node:
    if isinstance(node, dict):
        return {name: _unmarked(value, mark) for name, value in node.items()}
    if isinstance(node, list):
        return [_unmarked(value, mark) for value in node]
    return node.replace(mark, "") if isinstance(node, str) else node


STRANGE_TEXTS: dict[str, Callable[[Node, str], Node]] = {
    STRANGE_TEXT: strange_text,
    STRANGE_EVERYTHING: strange_everything,
}
