"""Excluding and including the files of a tenant by their source, name or identifier.

Data and Job Handling API, PUT /v1/op/data/uploads/exclude and PUT /v1/op/data/uploads/include.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

import pandas as pd
from typing_extensions import override

from services.frames import uploaded_files
from services.frames.membership import is_among
from services.visier import PAGE_SIZE, Client, Payload

from ..engine.changes import Change, Query, Skip
from ..engine.plan import Plan, PlanningVerb, PlanWarning, WarningKind, evaluate_eligibility
from ..engine.verb_spec import Source, VerbSpec
from ..tokens import Verb
from .all_uploads import TenantAnswer


class FileChoice(StrEnum):
    """How files are selected, by the name of the field in the API."""

    SOURCES = "sources"
    NAME = "fileNameRegex"
    IDENTIFIERS = "fileIdentifiers"


class FilesKey(NamedTuple):
    """A selection of a tenant's files: by sources, one pattern, or identifiers."""

    tenant_code: str
    choice: FileChoice
    chosen: tuple[str, ...]


@dataclass(frozen=True)
class FileCounts:
    """How many files match, and how many of them are included."""

    included: int
    files: int


_COLUMNS = {FileChoice.SOURCES: "source_object_name", FileChoice.IDENTIFIERS: "identifier"}


def _files(client: Client, code: str, query: Query) -> Iterator[Payload]:
    pattern = query.get("file_name_regex")
    return client.in_tenant(code).iter_retrieve_tenant_source_files(file_name_regex=pattern)


def chosen_files(files: pd.DataFrame, key: FilesKey) -> pd.DataFrame:
    """Return the tenant's files that a key selects from the list of its query."""
    own = files[files["tenant_code"] == key.tenant_code]
    column = _COLUMNS.get(key.choice)
    return own if column is None else own[is_among(own[column], key.chosen)]


def counted(files: pd.DataFrame) -> FileCounts:
    """Return how many files there are, and how many of them are included."""
    return FileCounts(int(files["included"].fillna(False).sum()), len(files))


class FilesVerb(PlanningVerb[FilesKey, FileCounts]):
    """What excluding and including files have in common."""

    field: ClassVar = "uploads"
    batch_size = PAGE_SIZE
    key_type: ClassVar = FilesKey
    state_type: ClassVar = FileCounts
    source = Source(uploaded_files.to_frame, _files)
    answer = TenantAnswer()
    whole_tenant: ClassVar = True
    can_undo: ClassVar = True

    @override
    def query(self, key: FilesKey) -> Query:
        """Return the pattern: its dialect is not documented, so that Visier has to match it."""
        return {"file_name_regex": key.chosen[0]} if key.choice is FileChoice.NAME else {}

    @override
    def read_key(self, text: str) -> FilesKey:
        """Return the key with its parts in their own types."""
        code, choice, chosen = super().read_key(text)
        return FilesKey(code, FileChoice(choice), tuple(chosen))

    @override
    def states(self, frame: pd.DataFrame, keys: Sequence[FilesKey]) -> dict[FilesKey, FileCounts]:
        """Return the counts of each key whose selected files all have a known flag."""
        chosen = {key: chosen_files(frame, key) for key in keys}
        return {key: counted(own) for key, own in chosen.items() if own["included"].notna().all()}

    @override
    def skip(self, state: FileCounts) -> Skip | None:
        """Return None for a tenant with any selected file that would change."""
        if not state.files:
            return Skip.NOTHING_THERE
        return Skip.ALREADY_DONE if state == self._all(state) else None

    @override
    def is_done(self, key: FilesKey, state: FileCounts) -> bool:
        """Return whether files match, and none of them would change."""
        return self.skip(state) is Skip.ALREADY_DONE

    @override
    def goal(self, key: FilesKey, before: FileCounts) -> FileCounts:
        return self._all(before)

    def _all(self, state: FileCounts) -> FileCounts:
        raise NotImplementedError

    @override
    def objects(self, keys: Sequence[FilesKey]) -> list[dict[str, Any]]:
        """Return the selection of each tenant, by one criterion: how several combine is unknown."""
        return [
            {
                "tenantCode": key.tenant_code,
                key.choice.value: key.chosen[0]
                if key.choice is FileChoice.NAME
                else list(key.chosen),
            }
            for key in keys
        ]

    @override
    def again(
        self, items: Sequence[Change[FileCounts]], current: pd.DataFrame, now: datetime
    ) -> Plan:
        return _plan(self, current, _keys_of(items))


class ExcludeFiles(FilesVerb):
    """Exclude files from future data versions."""

    verb: ClassVar = Verb.EXCLUDE_FILES
    operation: ClassVar = "exclude_data_uploads"

    def _all(self, state: FileCounts) -> FileCounts:
        return FileCounts(0, state.files)

    @override
    def undo(self, items: Sequence[Change[FileCounts]], current: pd.DataFrame) -> Plan:
        """Return a plan to include them again."""
        return _restoring(items, _plan(INCLUDE, current, _keys_of(items)))


class IncludeFiles(FilesVerb):
    """Include files in future data versions."""

    verb: ClassVar = Verb.INCLUDE_FILES
    operation: ClassVar = "include_data_uploads"

    def _all(self, state: FileCounts) -> FileCounts:
        return FileCounts(state.files, state.files)

    @override
    def undo(self, items: Sequence[Change[FileCounts]], current: pd.DataFrame) -> Plan:
        """Return a plan to exclude them again."""
        return _restoring(items, _plan(EXCLUDE, current, _keys_of(items)))


EXCLUDE, INCLUDE = ExcludeFiles(), IncludeFiles()


def plan_exclude_files(files: pd.DataFrame, choice: FileChoice, chosen: Sequence[str]) -> Plan:
    """Return a plan to exclude the files of a selection in each tenant of ``files``.

    ``files`` is the whole frame of ``services.frames.uploaded_files`` of those tenants; for
    FileChoice.NAME, whose ``chosen`` is one pattern, the list Visier returned for that pattern. The
    files to preview are ``chosen_files(files, key)``.
    """
    return _plan(EXCLUDE, files, _keys(files, choice, chosen))


def plan_include_files(files: pd.DataFrame, choice: FileChoice, chosen: Sequence[str]) -> Plan:
    """Return a plan to include files; see ``plan_exclude_files``."""
    return _plan(INCLUDE, files, _keys(files, choice, chosen))


def _keys(files: pd.DataFrame, choice: FileChoice, chosen: Sequence[str]) -> list[FilesKey]:
    if choice is FileChoice.NAME and len(chosen) != 1:
        raise ValueError("Select files by exactly one name pattern.")
    column = _COLUMNS.get(choice)
    files = files.dropna(subset="tenant_code")
    meant = files if column is None else files[is_among(files[column], chosen)]
    if choice is not FileChoice.IDENTIFIERS:
        return [FilesKey(code, choice, tuple(chosen)) for code in meant["tenant_code"].unique()]
    own = meant.drop_duplicates("identifier").groupby("tenant_code", sort=False)["identifier"]
    # Sorted, so that the same identifiers are the same key.
    return [FilesKey(str(code), choice, tuple(sorted(named))) for code, named in own]


def _plan(spec: FilesVerb, files: pd.DataFrame, keys: Sequence[FilesKey]) -> Plan:
    found, nothing = spec.states(files, keys), FileCounts(0, 0)
    skips = {place: Skip.UNKNOWN for place, key in enumerate(keys) if key not in found}
    changes = evaluate_eligibility(
        spec, keys, [found.get(key, nothing) for key in keys], skips=skips
    )
    going = [key for key, change in zip(keys, changes, strict=True) if change.skip is None]
    left = _left_without(files, going) if spec is EXCLUDE else []
    about = pd.DataFrame({"tenant_code": pd.array(left, dtype="str")})
    warnings = (PlanWarning(WarningKind.NO_FILES_LEFT, about),) if left else ()
    return Plan(spec, changes, warnings=warnings)


def _left_without(files: pd.DataFrame, going: Sequence[FilesKey]) -> list[str]:
    """Return the tenants of which no included file would be left.

    Selections by a pattern are left out: their list has only the files that match.
    """
    included = files[files["included"].fillna(False)]
    return [
        key.tenant_code
        for key in going
        if key.choice is not FileChoice.NAME
        and len(chosen_files(included, key)) == (included["tenant_code"] == key[0]).sum()
    ]


def _keys_of(items: Sequence[Change[FileCounts]]) -> list[FilesKey]:
    return [FilesKey(*item.key) for item in items]


def _restoring(items: Sequence[Change[FileCounts]], plan: Plan) -> Plan:
    """Return a plan to change items back, without those whose former state is unknown.

    Items that others have changed since are skipped too.
    """
    changes = [
        replace(change, skip=_lost(plan.spec, item.before, change.before) or change.skip)
        for item, change in zip(items, plan.changes, strict=True)
    ]
    return replace(plan, changes=changes)


def _lost(spec: VerbSpec[FilesKey, FileCounts], was: FileCounts, now: FileCounts) -> Skip | None:
    """Return why files cannot be restored from these states before an operation and now."""
    # Files with different flags before cannot be restored by setting one flag for all.
    if spec.skip(was) is not Skip.ALREADY_DONE:
        return Skip.WERE_MIXED
    is_done = spec.skip(now) in {Skip.NOTHING_THERE, Skip.ALREADY_DONE}
    is_mixed = 0 < now.included < now.files
    as_left = not is_mixed and now.files == was.files
    return None if is_done or as_left else Skip.CHANGED_SINCE
