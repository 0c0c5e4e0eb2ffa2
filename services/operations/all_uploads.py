"""Excluding and including all data uploads of a tenant at once.

Key: tenant_code. A state counts the uploads that Visier lists and names each, the included ones
filled: `1 of 2 included: ● 2026-11-20T03:00:00.000Z ○ 2026-11-21T03:00:00.000Z`.
Data and Job Handling API, PUT /v1/op/data/uploads/exclude and PUT /v1/op/data/uploads/include.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from services.frames import results
from services.frames.membership import is_among
from services.ledger import Item
from services.visier import Client

from .kinds import Key, Kind, Results, Verb
from .plan import Concern, Plan, places_of, plan_keys
from .uploads import FROM_FILES, LATEST, LISTED, exclude_back, include_back

NONE, SOME, ALL, EMPTY = "None included", "Some included", "All included", "No uploads"
FILLED, HOLLOW = "●", "○"
_COUNTS = re.compile(r"(\d+) of (\d+) ")
_UPLOAD = re.compile(rf"([{FILLED}{HOLLOW}]) (\S+)")


def describe(uploads: Sequence[tuple[str, object]]) -> str:
    """Write how a tenant's uploads stand: upload_time_text and included of each."""
    known = [(text, included) for text, included in uploads if not pd.isna(text)]
    marks = [f"{FILLED if included is True else HOLLOW} {text}" for text, included in sorted(known)]
    included = sum(mark.startswith(FILLED) for mark in marks)
    return f"{included} of {len(marks)} included: {' '.join(marks)}"


def uploads_in(state: str) -> list[tuple[str, bool]]:
    """Read a state again: upload_time_text and included of each upload."""
    return [(text, mark == FILLED) for mark, text in _UPLOAD.findall(state)]


def counted(state: str) -> str:
    """Say whether none, some or all of what a state counts are included, or that it has none."""
    found = _COUNTS.match(state)
    included, listed = map(int, found.groups()) if found else (0, 0)
    if not listed:
        return EMPTY
    return {0: NONE, listed: ALL}.get(included, SOME)


def states(frame: pd.DataFrame, keys: Sequence[Key]) -> dict[Key, str]:
    """Say how all uploads of each tenant stand that the frame lists."""
    wanted = frame[is_among(frame["tenant_code"], [key[0] for key in keys])]
    included = wanted["included"].astype(object)
    found: dict[Key, list[tuple[str, object]]] = {}
    columns = (wanted["tenant_code"], wanted["upload_time_text"], included)
    for code, text, flag in zip(*columns, strict=True):
        found.setdefault((code,), []).append((text, flag))
    return {key: describe(uploads) for key, uploads in found.items()}


def tenant_of(row: Mapping[str, Any]) -> Key:
    """Name the item of a result that belongs to a whole tenant."""
    return (row["tenant_code"],)


RESULTS = Results(results.from_data_uploads, lambda key: key[:1], tenant_of)
NO_UPLOADS = "Visier lists no data uploads of this tenant."
REGRET = (
    "Undoing restores the uploads that Visier listed beforehand, at most the latest five of each"
    " tenant; older ones stay as they are."
)
OLDER = (
    "Visier lists the five latest data uploads of these tenants; older ones, if there are any, are"
    " changed as well."
)


def plan_exclude_all_uploads(tenants: Iterable[str], current: pd.DataFrame) -> Plan:
    """Plan to exclude every data upload of these tenants, those not listed included.

    ``current`` is the unfiltered list as ``services.frames.uploads`` gives it. Warns of tenants
    that may have more uploads than are listed.
    """
    return _plan(EXCLUDE, tenants, current)


def plan_include_all_uploads(tenants: Iterable[str], current: pd.DataFrame) -> Plan:
    """Plan to include every data upload of these tenants; as ``plan_exclude_all_uploads``."""
    return _plan(INCLUDE, tenants, current)


def _plan(kind: Kind, tenants: Iterable[str], current: pd.DataFrame) -> Plan:
    keys = [(code,) for code in dict.fromkeys(tenants)]
    labels = ["All data uploads"] * len(keys)
    items = plan_keys(kind, keys, labels, current, describe([]))
    listed = items["before"].map(lambda state: len(uploads_in(state)))
    older = items.loc[items["eligible"] & (listed >= LISTED), ["tenant_code"]]
    warnings = () if older.empty else (Concern(OLDER, older.reset_index(drop=True)),)
    return Plan(kind, items, warnings, places_of(current))


def _that_were(items: Sequence[Item], *, included: bool) -> list[Key]:
    """Return the uploads that were included, or excluded, before these items were applied."""
    return [
        (item.tenant_code, text)
        for item in items
        for text, was_included in uploads_in(item.before)
        if was_included == included
    ]


def _codes(items: Iterable[Item]) -> list[str]:
    return [item.tenant_code for item in items]


_SHARED: dict[str, Any] = {
    "field": "uploads",
    "most": 1000,
    "source": LATEST,
    "deeper": FROM_FILES,
    "states": states,
    "condition": counted,
    "results": RESULTS,
    "whole_tenant": True,
    "regret": REGRET,
}

EXCLUDE = Kind(
    verb=Verb.EXCLUDE_ALL_UPLOADS,
    operation="exclude_data_uploads",
    send=Client.exclude_data_uploads,
    objects=lambda keys: [{"tenantCode": key[0], "excludeAll": True} for key in keys],
    eligible={
        ALL: "",
        SOME: "",
        NONE: "All that are listed are excluded already.",
        EMPTY: NO_UPLOADS,
    },
    goal=NONE,
    after="All excluded",
    again=lambda items, current, _now: plan_exclude_all_uploads(_codes(items), current),
    undo=lambda items, current: include_back(_that_were(items, included=True), current),
    **_SHARED,
)
INCLUDE = Kind(
    verb=Verb.INCLUDE_ALL_UPLOADS,
    operation="include_data_uploads",
    send=Client.include_data_uploads,
    objects=lambda keys: [{"tenantCode": key[0], "includeAll": True} for key in keys],
    eligible={
        NONE: "",
        SOME: "",
        ALL: "All that are listed are included already.",
        EMPTY: NO_UPLOADS,
    },
    goal=ALL,
    after="All included",
    again=lambda items, current, _now: plan_include_all_uploads(_codes(items), current),
    undo=lambda items, current: exclude_back(_that_were(items, included=False), current),
    **_SHARED,
)
