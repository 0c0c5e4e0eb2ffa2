"""Faults of an answer's content: other spellings, missing and unknown parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.sandbox.call import PlainText
from services.sandbox.strange_texts import STRANGE_TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

Payload = object
UNKNOWN_WORD = "Levitating"
OTHER_ID = "ffffffff-ffff-4fff-8fff-ffffffffffff"
STATUS_FIELDS = ("status", "jobStatus", "cancelStatus")
KEY_FIELDS = (
    "jobId",
    "receivingJobId",
    "extractionJobId",
    "uploadTime",
    "dataVersion",
    "uuid",
)


def _objects(payload: Payload) -> list[dict[str, object]]:
    """Return all objects in an answer, outermost first."""
    if isinstance(payload, dict):
        return [payload, *(found for value in payload.values() for found in _objects(value))]
    if isinstance(payload, list):
        return [found for value in payload for found in _objects(value)]
    return []


def _main_list(payload: Payload) -> list[object]:
    """Return the list of an answer: itself, or the first list in it."""
    if isinstance(payload, list):
        return payload
    values = payload.values() if isinstance(payload, dict) else ()
    return next((value for value in values if isinstance(value, list)), [])


def drop_field(payload: Payload, name: str) -> Payload:
    """Remove a field everywhere."""
    for found in _objects(payload):
        found.pop(name, None)
    return payload


def null_field(payload: Payload, name: str) -> Payload:
    """Set a field to null everywhere."""
    for found in _objects(payload):
        if name in found:
            found[name] = None
    return payload


def extra_field(payload: Payload, name: str) -> Payload:
    """Add an unknown field to each object."""
    for found in _objects(payload):
        found[name or "notYetDocumented"] = {"since": "tomorrow"}
    return payload


def unknown_status(payload: Payload, word: str) -> Payload:
    """Replace each status by an unknown word; a list under such a name stays."""
    for found in _objects(payload):
        for name in STATUS_FIELDS:
            if name in found and not isinstance(found[name], (list, dict)):
                found[name] = word or UNKNOWN_WORD
    return payload


def other_key(payload: Payload, key: str) -> Payload:
    """Change the key of the answer, or of the first item that has one."""
    for found in _objects(payload):
        for name in KEY_FIELDS:
            if name in found:
                found[name] = key or OTHER_ID
                return payload
    return payload


def other_value(payload: Payload, setting: str) -> Payload:
    """Set a field to another value everywhere: `field=value`."""
    name, _, value = setting.partition("=")
    for found in _objects(payload):
        if name in found:
            found[name] = value
    return payload


def missing_item(payload: Payload, _: str) -> Payload:
    """Remove the last item."""
    items = _main_list(payload)
    if items:
        items.pop()
    return payload


def extra_item(payload: Payload, key: str) -> Payload:
    """Add an item like the first, with another key."""
    items = _main_list(payload)
    if items and isinstance(items[0], dict):
        items.append(other_key(dict(items[0]), key))
    return payload


def duplicate_item(payload: Payload, _: str) -> Payload:
    """Repeat the first item at the end, as a list that changes between pages does."""
    items = _main_list(payload)
    items.extend(items[:1])
    return payload


def _renamed(payload: Payload, old: str, new: str) -> Payload:
    for found in _objects(payload):
        if old in found:
            found[new] = found.pop(old)
    return payload


def tenant_code_key(payload: Payload, _: str) -> Payload:
    """Rename `tenant` to `tenantCode`, as in the OpenAPI document."""
    return _renamed(payload, "tenant", "tenantCode")


def tenant_key(payload: Payload, _: str) -> Payload:
    """Rename `tenantCode` to `tenant`."""
    return _renamed(payload, "tenantCode", "tenant")


def capital_job_id(payload: Payload, _: str) -> Payload:
    """Rename `jobId` to `JobId`, as in the OpenAPI document for one operation."""
    return _renamed(payload, "jobId", "JobId")


def _empty_lists_as(payload: Payload, other: object) -> Payload:
    for found in _objects(payload):
        found.update((name, other) for name, value in list(found.items()) if value == [])
    return payload


def empty_text(payload: Payload, _: str) -> Payload:
    """Replace empty lists by the empty text, as the OpenAPI document says of data versions."""
    return _empty_lists_as(payload, "")


def null_lists(payload: Payload, _: str) -> Payload:
    """Replace empty lists by null."""
    return _empty_lists_as(payload, None)


def cancel_failed_word(payload: Payload, _: str) -> Payload:
    """Set CANCEL_FAILED where a failed cancellation otherwise has no cancelStatus."""
    for found in _objects(payload):
        if "jobId" in found:
            found.setdefault("cancelStatus", "CANCEL_FAILED")
    return payload


def files_as_list(payload: Payload, _: str) -> Payload:
    """Wrap the list of files in a list, one of the shapes its documentation may mean."""
    return [payload] if isinstance(payload, dict) and "sourceFiles" in payload else payload


def files_in_tenants(payload: Payload, _: str) -> Payload:
    """Wrap the list of files in a field `tenants`."""
    return {"tenants": payload if isinstance(payload, list) else [payload]}


def as_object(payload: Payload, _: str) -> Payload:
    """Replace a list by its first item."""
    return payload[0] if isinstance(payload, list) and payload else payload


def newline(payload: Payload, _: str) -> Payload:
    """Add a line break to a text."""
    return PlainText(f"{payload}\n") if isinstance(payload, PlainText) else payload


DISTORTIONS: dict[str, Callable[[Payload, str], Payload]] = {
    distortion.__name__: distortion
    for distortion in (
        drop_field,
        null_field,
        extra_field,
        unknown_status,
        other_key,
        other_value,
        missing_item,
        extra_item,
        duplicate_item,
        tenant_code_key,
        tenant_key,
        capital_job_id,
        empty_text,
        null_lists,
        cancel_failed_word,
        files_as_list,
        files_in_tenants,
        as_object,
        newline,
    )
} | STRANGE_TEXTS
