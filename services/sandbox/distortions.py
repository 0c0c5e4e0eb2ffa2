"""Answers that are not quite what they should be: other spellings, gaps, surprises."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Payload = object
UNKNOWN_WORD = "Levitating"
OTHER_ID = "ffffffff-ffff-4fff-8fff-ffffffffffff"
STATUS_FIELDS = ("status", "jobStatus", "cancelStatus")
KEY_FIELDS = (
    "jobId",
    "JobId",
    "receivingJobId",
    "extractionJobId",
    "uploadTime",
    "dataVersion",
    "uuid",
)


def objects(payload: Payload) -> Iterator[dict[str, object]]:
    """Give every object in an answer, outermost first."""
    if isinstance(payload, dict):
        yield payload
        for value in payload.values():
            yield from objects(value)
    elif isinstance(payload, list):
        for value in payload:
            yield from objects(value)


def _main_list(payload: Payload) -> list[object]:
    """Give the list an answer is about: itself, or its first list of objects."""
    if isinstance(payload, list):
        return payload
    values = payload.values() if isinstance(payload, dict) else ()
    return next((value for value in values if isinstance(value, list)), [])


def drop_field(payload: Payload, name: str) -> Payload:
    for found in objects(payload):
        found.pop(name, None)
    return payload


def unknown_status(payload: Payload, word: str) -> Payload:
    for found in objects(payload):
        for name in STATUS_FIELDS:
            if name in found:
                found[name] = word or UNKNOWN_WORD
    return payload


def other_key(payload: Payload, key: str) -> Payload:
    """Change the key of the answer, or of the first item that has one."""
    for found in objects(payload):
        for name in KEY_FIELDS:
            if name in found:
                found[name] = key or OTHER_ID
                return payload
    return payload


def missing_item(payload: Payload, _: str) -> Payload:
    items = _main_list(payload)
    if items:
        items.pop()
    return payload


def extra_item(payload: Payload, key: str) -> Payload:
    items = _main_list(payload)
    if items and isinstance(items[0], dict):
        copy = dict(items[0])
        other_key(copy, key)
        items.append(copy)
    return payload


def duplicate_item(payload: Payload, _: str) -> Payload:
    items = _main_list(payload)
    if items:
        items.append(items[0])
    return payload


def extra_field(payload: Payload, name: str) -> Payload:
    for found in objects(payload):
        found[name or "notYetDocumented"] = {"since": "tomorrow"}
    return payload


def tenant_code_key(payload: Payload, _: str) -> Payload:
    return _renamed(payload, "tenant", "tenantCode")


def tenant_key(payload: Payload, _: str) -> Payload:
    return _renamed(payload, "tenantCode", "tenant")


def capital_job_id(payload: Payload, _: str) -> Payload:
    return _renamed(payload, "jobId", "JobId")


def _renamed(payload: Payload, old: str, new: str) -> Payload:
    for found in list(objects(payload)):
        if old in found:
            found[new] = found.pop(old)
    return payload


def empty_text(payload: Payload, _: str) -> Payload:
    """Say an empty list as an empty text."""
    for found in objects(payload):
        for name, value in found.items():
            if value == []:
                found[name] = ""
    return payload


def null_lists(payload: Payload, _: str) -> Payload:
    for found in objects(payload):
        for name, value in found.items():
            if value == []:
                found[name] = None
    return payload


def cancel_failed_word(payload: Payload, _: str) -> Payload:
    for found in objects(payload):
        if "jobId" in found:
            found.setdefault("cancelStatus", "CANCEL_FAILED")
    return payload


def files_as_object(payload: Payload, _: str) -> Payload:
    """Say the files of all tenants as one object, as the schema has it."""
    if not isinstance(payload, list):
        return payload
    files = [file for found in objects(payload) for file in _list(found.get("sourceFiles"))]
    return {"tenantCode": "", "sourceFiles": files}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def files_in_tenants(payload: Payload, _: str) -> Payload:
    return {"tenants": payload if isinstance(payload, list) else [payload]}


def as_object(payload: Payload, _: str) -> Payload:
    """Say a list of one as that one."""
    return payload[0] if isinstance(payload, list) and payload else payload


def newline(payload: Payload, _: str) -> Payload:
    return f"{payload}\n" if isinstance(payload, str) else payload


DISTORTIONS: dict[str, Callable[[Payload, str], Payload]] = {
    distortion.__name__: distortion
    for distortion in (
        drop_field,
        unknown_status,
        other_key,
        missing_item,
        extra_item,
        duplicate_item,
        extra_field,
        tenant_code_key,
        tenant_key,
        capital_job_id,
        empty_text,
        null_lists,
        cancel_failed_word,
        files_as_object,
        files_in_tenants,
        as_object,
        newline,
    )
}
