"""What is so at Visier, verb by verb: what an item is there, and whether it is done.

By the inside of the simulator alone, so that the engine is not believed what it says of itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.operations import Verb
from services.sandbox.models.jobs import Status
from services.sandbox.models.tenants import Tenant
from services.sandbox.rules.files import source_files
from tests.simulation.visier import Arrival, Visier

Key = tuple[Any, ...]
LISTED = 5
CANCELLED = (Status.CANCELLED, Status.CANCELLING)


def _tenant(visier: Visier, code: str) -> Tenant:
    tenant = visier.inside.world.tenant(code)
    assert tenant is not None
    return tenant


def _upload(visier: Visier, key: Key) -> object:
    uploads = _tenant(visier, key[0]).uploads
    return next((each.included for each in uploads if each.time == key[1]), None)


def _latest(visier: Visier, key: Key) -> tuple[tuple[str, bool], ...]:
    uploads = _tenant(visier, key[0]).uploads
    return tuple((each.time, each.included) for each in uploads[-LISTED:])


def _every(visier: Visier, key: Key) -> set[bool]:
    return {each.included for each in _tenant(visier, key[0]).uploads}


def _files(visier: Visier, key: Key) -> tuple[int, int]:
    tenant = _tenant(visier, key[0])
    chosen: dict[str, Callable[[Any], bool]] = {
        "sources": lambda file: file.source in key[2],
        "fileIdentifiers": lambda file: file.identifier in key[2],
        "fileNameRegex": lambda file: re.search(key[2][0], file.name) is not None,
    }
    files = [
        file
        for upload in tenant.uploads
        for file in source_files(tenant, upload)
        if chosen[key[1]](file)
    ]
    return sum(file.included for file in files), len(files)


def _version(visier: Visier, key: Key) -> tuple[bool, bool]:
    category = key[3] or visier.inside.world.primary_category
    enabled = [each.number for each in _tenant(visier, key[0]).enabled_versions(category)]
    return key[1] in enabled, enabled[:1] == [key[1]]


def _job(visier: Visier, key: Key) -> object:
    job = visier.inside.world.jobs.by_id.get(key[1].rpartition(":")[2])
    return job and job.status


def _assigned(visier: Visier, key: Key) -> str:
    return visier.inside.world.connections.assigned(key[0], key[1])


def _setting(visier: Visier, key: Key) -> object:
    connections = visier.inside.world.connections
    usual = connections.definitions[key[1]].settings.get(key[2])
    return connections.of(key[0]).settings.get((key[1], key[2]), usual)


def _credential(visier: Visier, key: Key) -> bool:
    return visier.inside.world.connections.credential(key[0], key[1]) is not None


def _entries(arrival: Arrival, field: str) -> list[Mapping[str, Any]]:
    return [each for each in arrival.body.get(field, ()) if isinstance(each, dict)]


def _names_upload(arrival: Arrival, key: Key) -> bool:
    return any(
        key[1] in each.get("uploadTimes", ())
        or each.get("minUploadTime", "~") <= key[1] <= each.get("maxUploadTime", "")
        for each in _entries(arrival, "uploads")
        if each["tenantCode"] == key[0]
    )


def _names_all(flag: str) -> Callable[[Arrival, Key], bool]:
    return lambda arrival, key: any(
        each["tenantCode"] == key[0] and bool(each.get(flag))
        for each in _entries(arrival, "uploads")
    )


def _names_files(arrival: Arrival, key: Key) -> bool:
    meant = key[2][0] if key[1] == "fileNameRegex" else list(key[2])
    return any(
        each["tenantCode"] == key[0] and each.get(key[1]) == meant
        for each in _entries(arrival, "uploads")
    )


def _names_version(arrival: Arrival, key: Key) -> bool:
    named = [
        (each["tenantCode"], each["dataVersion"])
        for each in _entries(arrival, "dataVersionObjects")
    ]
    return key[:2] in named


def _names_job(arrival: Arrival, key: Key) -> bool:
    return key[1].rpartition(":")[2] in arrival.body.get("jobIds", ())


def _names_connector(arrival: Arrival, key: Key, told: Callable[[Mapping[str, Any]], bool]) -> bool:
    return any(
        connector["connectorId"] == key[1] and each["tenantCode"] == key[0] and told(each)
        for connector in _entries(arrival, "connectors")
        for each in connector["tenants"]
    )


def _names_assignment(arrival: Arrival, key: Key) -> bool:
    return _names_connector(arrival, key, lambda each: each["credentialId"] == key[2])


def _names_setting(arrival: Arrival, key: Key) -> bool:
    wanted = {"settingKey": key[2], "value": key[3]}
    return _names_connector(arrival, key, lambda each: wanted in each["connectorSettings"])


def _names_credential(arrival: Arrival, key: Key) -> bool:
    return (arrival.query.get("tenantCode"), arrival.path.get("id")) == key[:2]


@dataclass(frozen=True)
class Truth:
    """One verb: what an item is, as finely as the engine sees it; whether a request names it.

    ``kinds`` are what its request may change at Visier. ``done`` is None where only the request
    itself can do it: then it is done by the request that changed something. One ``in_part`` is a
    whole of which Visier may say that a part has failed that was so before; of one ``by_tenant`` it
    may say that it has failed where another of its tenant has.
    """

    value: Callable[[Visier, Key], object]
    names: Callable[[Arrival, Key], bool]
    kinds: tuple[str, ...]
    done: Callable[[Visier, Key], bool] | None
    accepts_state_change: bool = False
    in_part: bool = False
    by_tenant: bool = False


def _once(kind: str, names: Callable[[Arrival, Key], bool]) -> Truth:
    return Truth(lambda _visier, _key: None, names, (kind,), None)


_START = _once("job", lambda _arrival, _key: True)
_OF_TENANT = _once("credential", lambda arrival, key: arrival.query.get("tenantCode") == key[0])
TRUTHS: Final[Mapping[Verb, Truth]] = {
    Verb.EXCLUDE_UPLOADS: Truth(
        _upload, _names_upload, ("upload",), lambda visier, key: _upload(visier, key) is False
    ),
    Verb.INCLUDE_UPLOADS: Truth(
        _upload, _names_upload, ("upload",), lambda visier, key: _upload(visier, key) is True
    ),
    Verb.EXCLUDE_ALL_UPLOADS: Truth(
        _latest,
        _names_all("excludeAll"),
        ("upload",),
        lambda visier, key: _every(visier, key) == {False},
        in_part=True,
    ),
    Verb.INCLUDE_ALL_UPLOADS: Truth(
        _latest,
        _names_all("includeAll"),
        ("upload",),
        lambda visier, key: _every(visier, key) == {True},
        in_part=True,
    ),
    Verb.EXCLUDE_FILES: Truth(
        _files,
        _names_files,
        ("upload",),
        lambda visier, key: _files(visier, key)[0] == 0,
        in_part=True,
    ),
    Verb.INCLUDE_FILES: Truth(
        _files,
        _names_files,
        ("upload",),
        lambda visier, key: len({*_files(visier, key)}) == 1,
        in_part=True,
    ),
    Verb.DISABLE_VERSIONS: Truth(
        _version, _names_version, ("version",), lambda visier, key: not _version(visier, key)[0]
    ),
    Verb.CANCEL_JOBS: Truth(
        _job,
        _names_job,
        ("job",),
        lambda visier, key: _job(visier, key) in CANCELLED,
        accepts_state_change=True,
    ),
    Verb.ASSIGN_CREDENTIALS: Truth(
        _assigned,
        _names_assignment,
        ("assigned",),
        lambda visier, key: _assigned(visier, key) == key[2],
        by_tenant=True,
    ),
    Verb.SET_CONNECTOR_SETTINGS: Truth(
        _setting,
        _names_setting,
        ("setting",),
        lambda visier, key: _setting(visier, key) == key[3],
        by_tenant=True,
    ),
    Verb.DELETE_CREDENTIALS: Truth(
        _credential,
        _names_credential,
        ("credential", "assigned"),
        lambda visier, key: not _credential(visier, key),
    ),
    Verb.START_LOAD: _START,
    Verb.START_EXTRACTION: _START,
    Verb.START_PROCESSING: _START,
    Verb.START_CONSOLIDATION: _START,
    Verb.CREATE_CREDENTIALS: _OF_TENANT,
    Verb.CHANGE_CREDENTIAL: _OF_TENANT,
    Verb.ROTATE_SECRETS: _OF_TENANT,
}
