"""Every verb whose plan is a list of items, and a plan of it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd

from services.frames import uploaded_files
from services.operations import (
    FileChoice,
    Plan,
    Verb,
    plan_disable_data_versions,
    plan_exclude_all_uploads,
    plan_exclude_files,
    plan_exclude_uploads,
    plan_include_all_uploads,
    plan_include_files,
    plan_include_uploads,
)
from tests.services.operations.conftest import Desk

Key = tuple[str, ...]
CODES = ("WFF_j1r~c7o", "WFF_j1r~e1a", "WFF_j1r~i1o")
PATTERN = r"^Employee_[0-9]+\.csv$"


def files_of(desk: Desk, pattern: str | None = None) -> pd.DataFrame:
    clients = [desk.client.in_tenant(code) for code in CODES]
    lists = [each.iter_retrieve_tenant_source_files(file_name_regex=pattern) for each in clients]
    return uploaded_files.to_frame(page for pages in lists for page in pages)


def exclude_uploads(desk: Desk) -> Plan:
    current = desk.uploads()
    return plan_exclude_uploads(current[current["included"].fillna(False)], current)


def include_uploads(desk: Desk) -> Plan:
    current = desk.uploads()
    desk.apply(plan_exclude_uploads(current.head(40), current))
    desk.sandbox.control.clear_requests()
    return plan_include_uploads(current, desk.uploads())


def exclude_all(desk: Desk) -> Plan:
    current = desk.uploads()
    return plan_exclude_all_uploads(current["tenant_code"], current)


def include_all(desk: Desk) -> Plan:
    current = desk.uploads()
    desk.apply(plan_exclude_all_uploads(CODES, current))
    desk.sandbox.control.clear_requests()
    return plan_include_all_uploads(CODES, desk.uploads())


def exclude_files(desk: Desk) -> Plan:
    return plan_exclude_files(files_of(desk), FileChoice.SOURCES, ["Employee", "Absence"])


def include_files(desk: Desk) -> Plan:
    desk.apply(exclude_files(desk))
    desk.sandbox.control.clear_requests()
    return plan_include_files(files_of(desk, PATTERN), FileChoice.NAME, [PATTERN])


def disable_versions(desk: Desk) -> Plan:
    versions = desk.versions()
    return plan_disable_data_versions(versions[["tenant_code"]], versions, now=desk.clock())


class Case(NamedTuple):
    """A verb, a plan of it, how a body names its items, and what else it is planned from."""

    verb: Verb
    plan: Callable[[Desk], Plan]
    named: Callable[[dict[str, Any]], list[Key]]
    current: Callable[[Desk], pd.DataFrame] = Desk.uploads


def _times(item: dict[str, Any]) -> list[Key]:
    return [(item["tenantCode"], time) for time in item["uploadTimes"]]


def _whole(field: str, value: object) -> Callable[[dict[str, Any]], list[Key]]:
    def named(item: dict[str, Any]) -> list[Key]:
        assert item.pop(field) == value
        return [(item.pop("tenantCode"), *map(str, item))]

    return named


def _version(item: dict[str, Any]) -> list[Key]:
    return [(item["tenantCode"], item["dataVersion"])]


CASES = (
    Case(Verb.EXCLUDE_UPLOADS, exclude_uploads, _times),
    Case(Verb.INCLUDE_UPLOADS, include_uploads, _times),
    Case(Verb.EXCLUDE_ALL_UPLOADS, exclude_all, _whole("excludeAll", True)),
    Case(Verb.INCLUDE_ALL_UPLOADS, include_all, _whole("includeAll", True)),
    Case(Verb.EXCLUDE_FILES, exclude_files, _whole("sources", ["Employee", "Absence"]), files_of),
    Case(
        Verb.INCLUDE_FILES,
        include_files,
        _whole("fileNameRegex", PATTERN),
        lambda desk: files_of(desk, PATTERN),
    ),
    Case(Verb.DISABLE_VERSIONS, disable_versions, _version, Desk.versions),
)
