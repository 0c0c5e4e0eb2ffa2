"""Excluding and including the files of a tenant by their source, name or identifier.

Key: tenant_code, what they are chosen by (`sources`, `fileNameRegex` or `fileIdentifiers`: exactly
one), the names, pattern or identifiers. A state counts the files that match:
`4 of 6 files included`. Data and Job Handling API, PUT /v1/op/data/uploads/exclude and
PUT /v1/op/data/uploads/include.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

import pandas as pd

from services.frames import results, uploaded_files
from services.frames.membership import is_among
from services.ledger import Item
from services.visier import Client, Payload

from .all_uploads import ALL, EMPTY, NONE, SOME, counted, tenant_of
from .kinds import Key, Kind, Query, Results, Source, Verb, read_key
from .plan import Concern, Plan, plan_keys


class FileChoice(StrEnum):
    """What files are chosen by, in the API's word for it."""

    SOURCES = "sources"
    NAME = "fileNameRegex"
    IDENTIFIERS = "fileIdentifiers"


_COLUMNS = {FileChoice.SOURCES: "source_object_name", FileChoice.IDENTIFIERS: "identifier"}


def _files(client: Client, code: str, query: Query) -> Iterator[Payload]:
    pattern = query.get("file_name_regex")
    return client.in_tenant(code).iter_retrieve_tenant_source_files(file_name_regex=pattern)


def _query(key: Key) -> Query:
    # Visier itself says what its pattern matches, in its own dialect.
    return {"file_name_regex": key[2]} if key[1] == FileChoice.NAME else {}


def chosen_files(files: pd.DataFrame, key: Key) -> pd.DataFrame:
    """Return the tenant's files that a key chooses among those listed for its query."""
    own = files[files["tenant_code"] == key[0]]
    column = _COLUMNS.get(FileChoice(key[1]))
    return own if column is None else own[is_among(own[column], key[2:])]


def states(frame: pd.DataFrame, keys: Sequence[Key]) -> dict[Key, str]:
    """Say how the files stand that each key chooses."""
    return {key: describe(chosen_files(frame, key)) for key in keys}


def describe(files: pd.DataFrame) -> str:
    """Count files and those of them that are included."""
    return f"{int(files['included'].fillna(False).sum()):,} of {len(files):,} files included"


def _object(key: Key) -> dict[str, Any]:
    chosen = key[2] if key[1] == FileChoice.NAME else list(key[2:])
    return {"tenantCode": key[0], key[1]: chosen}


def _objects(keys: Sequence[Key]) -> list[dict[str, Any]]:
    return [_object(key) for key in keys]


def plan_exclude_files(files: pd.DataFrame, choice: FileChoice, chosen: Sequence[str]) -> Plan:
    """Plan to exclude the files that a choice means in each tenant of ``files``.

    ``files`` is the whole list of those tenants' files as ``services.frames.uploaded_files`` gives
    it; for FileChoice.NAME, whose ``chosen`` is one pattern, the list Visier gave for that very
    pattern. The files to preview are ``chosen_files(files, read_key(key))``.
    """
    return _plan(EXCLUDE, files, _keys(files, choice, chosen))


def plan_include_files(files: pd.DataFrame, choice: FileChoice, chosen: Sequence[str]) -> Plan:
    """Plan to include files; as ``plan_exclude_files``."""
    return _plan(INCLUDE, files, _keys(files, choice, chosen))


def _keys(files: pd.DataFrame, choice: FileChoice, chosen: Sequence[str]) -> list[Key]:
    if choice is FileChoice.NAME and len(chosen) != 1:
        raise ValueError("Files are chosen by exactly one pattern for their names.")
    column = _COLUMNS.get(choice)
    meant = files if column is None else files[is_among(files[column], chosen)]
    if choice is not FileChoice.IDENTIFIERS:
        return [(code, choice.value, *chosen) for code in meant["tenant_code"].unique()]
    own = meant.drop_duplicates("identifier").groupby("tenant_code", sort=False)["identifier"]
    return [(str(code), choice.value, *sorted(identifiers)) for code, identifiers in own]


def _plan(kind: Kind, files: pd.DataFrame, keys: Sequence[Key]) -> Plan:
    labels = [_label(key) for key in keys]
    items = plan_keys(kind, keys, labels, files, "0 of 0 files included")
    going = [key for key, eligible in zip(keys, items["eligible"], strict=True) if eligible]
    left = _left_without(files, going) if kind is EXCLUDE else []
    about = pd.DataFrame({"tenant_code": pd.array(left, dtype="str")})
    return Plan(kind, items, (Concern(NONE_LEFT, about),) if left else ())


def _left_without(files: pd.DataFrame, going: Sequence[Key]) -> list[str]:
    """Return the tenants of which no included file would be left.

    Of what Visier itself finds by a pattern, the list holds no other file: nothing is told.
    """
    included = files[files["included"].fillna(False)]
    return [
        key[0]
        for key in going
        if key[1] != FileChoice.NAME
        and len(chosen_files(included, key)) == (included["tenant_code"] == key[0]).sum()
    ]


def _label(key: Key) -> str:
    match key[1]:
        case FileChoice.NAME:
            return f"Files named {key[2]}"
        case FileChoice.SOURCES:
            return f"Files of {', '.join(key[2:])}"
        case _:
            return f"{len(key) - 2} chosen files"


def _exclude(keys: Sequence[Key], files: pd.DataFrame) -> Plan:
    return _plan(EXCLUDE, files, keys)


def _include(keys: Sequence[Key], files: pd.DataFrame) -> Plan:
    return _plan(INCLUDE, files, keys)


def _named_by(items: Sequence[Item]) -> list[Key]:
    return [read_key(item.key) for item in items]


def _restoring(items: Sequence[Item], plan: Plan) -> Plan:
    """Return a plan to change items back without those of which it cannot be told what they were.

    Skipped too are those that others have changed since.
    """
    stood = zip((item.before for item in items), plan.items["before"], strict=True)
    lost = pd.Series([_lost(plan.kind, was, now) for was, now in stood], dtype="str")
    reasons = plan.items["reason"].mask(lost != "", lost)
    return replace(plan, items=plan.items.assign(reason=reasons, eligible=reasons == ""))


def _lost(kind: Kind, was: str, now: str) -> str:
    """Say why files cannot be restored that stood like this before an operation and do so now."""
    if counted(was) != kind.goal:
        return WERE_MIXED
    told = counted(now) in {EMPTY, kind.goal}
    as_left = counted(now) != SOME and _number(now) == _number(was)
    return "" if told or as_left else NOT_AS_LEFT


def _number(state: str) -> str:
    """Return how many files a state counts, in words."""
    return state.partition(" of ")[2]


NONE_LEFT = (
    "These tenants would be left without any included file: a processing job would find nothing to"
    " take in."
)
NO_FILES = "No file of this tenant matches."
WERE_MIXED = (
    "Only some of its matching files were included before, so what to restore cannot be told."
)
NOT_AS_LEFT = "It no longer stands as the operation left it."
REGRET = (
    "Undoing is possible for those tenants only whose matching files were all included, or all"
    " excluded, beforehand."
)
_SHARED: dict[str, Any] = {
    "field": "uploads",
    "most": 1000,
    "objects": _objects,
    "source": Source(uploaded_files.to_frame, _files),
    "states": states,
    "condition": counted,
    "query": _query,
    "results": Results(results.from_data_uploads, lambda key: key[:1], tenant_of),
    "whole_tenant": True,
    "regret": REGRET,
}

EXCLUDE = Kind(
    verb=Verb.EXCLUDE_FILES,
    operation="exclude_data_uploads",
    send=Client.exclude_data_uploads,
    eligible={ALL: "", SOME: "", NONE: "All that match are excluded already.", EMPTY: NO_FILES},
    goal=NONE,
    after="All excluded",
    again=lambda items, current, _now: _exclude(_named_by(items), current),
    undo=lambda items, current: _restoring(items, _include(_named_by(items), current)),
    **_SHARED,
)
INCLUDE = Kind(
    verb=Verb.INCLUDE_FILES,
    operation="include_data_uploads",
    send=Client.include_data_uploads,
    eligible={NONE: "", SOME: "", ALL: "All that match are included already.", EMPTY: NO_FILES},
    goal=ALL,
    after="All included",
    again=lambda items, current, _now: _include(_named_by(items), current),
    undo=lambda items, current: _restoring(items, _exclude(_named_by(items), current)),
    **_SHARED,
)
