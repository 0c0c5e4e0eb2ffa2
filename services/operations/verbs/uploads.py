"""Excluding and including single data uploads.

Data and Job Handling API, PUT /v1/op/data/uploads/exclude and PUT /v1/op/data/uploads/include.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
from typing_extensions import override

from services.frames import results, uploaded_files, uploads
from services.frames.membership import is_among
from services.frames.times import parse_one
from services.visier import LATEST_LISTED, PAGE_SIZE, Client, Payload

from ..engine.changes import Change, Key, Query, Skip, by_tenant
from ..engine.plan import (
    Plan,
    PlanningVerb,
    PlanWarning,
    WarningKind,
    evaluate_eligibility,
    places_of,
)
from ..engine.verb_spec import Answer, Source
from ..tokens import Verb

_NAMES = ["tenant_code", "upload_time_text"]


class UploadKey(NamedTuple):
    """One upload: its time byte for byte as Visier wrote it, which is its only identity."""

    tenant_code: str
    upload_time_text: str


class Inclusion(StrEnum):
    """The state of an upload: UNKNOWN without a flag, UNLISTED where Visier does not list it."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    UNKNOWN = "unknown"
    UNLISTED = "unlisted"


def _page(client: Client, start: int, query: Query) -> Payload:
    return client.retrieve_data_uploads(
        upload_job_id=query.get("upload_job_id"),
        start=start,
        limit=PAGE_SIZE,
        # Visier's own default is one.
        number_of_data_uploads=LATEST_LISTED,
    )


def _listed(client: Client, code: str | None, query: Query) -> Iterator[Payload]:
    return client.iter_retrieve_data_uploads(
        tenant_code=code, upload_job_id=query.get("upload_job_id")
    )


def of_files(files: pd.DataFrame) -> pd.DataFrame:
    """Return the uploads that brought these files, in the order listed.

    Columns: tenant_code, upload_time_text str, upload_time datetime64[ms, UTC], included boolean
    (whether any file is).
    """
    by_upload = files.groupby(_NAMES, sort=False)
    # The maximum: an upload is included with any of its files, and missing without any flag.
    found = by_upload.agg(upload_time=("upload_time", "first"), included=("included", "max"))
    return found.reset_index()


LATEST = Source(
    uploads.to_frame, _listed, _page, lambda client, query: _listed(client, None, query)
)
FROM_FILES = Source(
    lambda pages: of_files(uploaded_files.to_frame(pages)),
    lambda client, code, _query: client.in_tenant(code).iter_retrieve_tenant_source_files(),
)


def inclusions(included: "pd.Series[bool]") -> list[Inclusion]:
    """Return the states of uploads by their flag, which may be missing."""
    states = {True: Inclusion.INCLUDED, False: Inclusion.EXCLUDED}
    flags = included.astype(object).where(included.notna(), None)
    return [states.get(flag, Inclusion.UNKNOWN) for flag in flags]


def states(frame: pd.DataFrame, keys: Sequence[UploadKey]) -> dict[UploadKey, Inclusion]:
    """Return the state of each upload in the frame."""
    columns = (frame["tenant_code"], frame["upload_time_text"], inclusions(frame["included"]))
    found = {(code, text): state for code, text, state in zip(*columns, strict=True)}
    return {key: found[key[:2]] for key in keys if key[:2] in found}


def moment(text: str) -> str:
    """Return an upload time in one notation, to compare it; anything else unchanged."""
    time = parse_one(text)
    return time.isoformat() if time else text


class UploadAnswer(Answer[UploadKey]):
    """Results name a tenant and an upload time."""

    @override
    def to_frame(self, payloads: Iterable[object]) -> pd.DataFrame:
        return results.from_data_uploads(payloads)

    @override
    def names(self, key: UploadKey) -> Key:
        return key.tenant_code, moment(key.upload_time_text)

    @override
    def named_by(self, row: Mapping[str, Any]) -> Key:
        return row["tenant_code"], moment(row["upload_time_text"])


class UploadsVerb(PlanningVerb[UploadKey, Inclusion]):
    """What excluding and including uploads have in common."""

    field: ClassVar = "uploads"
    batch_size = PAGE_SIZE
    key_type: ClassVar = UploadKey
    state_type: ClassVar = Inclusion
    source = LATEST
    deeper: Source | None = FROM_FILES
    answer: Answer[UploadKey] = UploadAnswer()
    can_undo: ClassVar = True
    becomes: ClassVar[Inclusion]
    from_state: ClassVar[Inclusion]

    @override
    def states(self, frame: pd.DataFrame, keys: Sequence[UploadKey]) -> dict[UploadKey, Inclusion]:
        return states(frame, keys)

    @override
    def skip(self, state: Inclusion) -> Skip | None:
        """Return None for an upload that would change."""
        return {
            self.from_state: None,
            self.becomes: Skip.ALREADY_DONE,
            Inclusion.UNKNOWN: Skip.UNKNOWN,
            Inclusion.UNLISTED: Skip.NOT_LISTED,
        }[state]

    @override
    def goal(self, key: UploadKey, before: Inclusion) -> Inclusion:
        return self.becomes

    @override
    def objects(self, keys: Sequence[UploadKey]) -> list[dict[str, Any]]:
        """Return the upload times of each tenant."""
        return [
            {"tenantCode": code, "uploadTimes": [key[1] for key in own]}
            for code, own in by_tenant(keys).items()
        ]

    @override
    def again(
        self, items: Sequence[Change[Inclusion]], current: pd.DataFrame, now: datetime
    ) -> Plan:
        return _plan_recorded(self, {_key(each): each.before for each in items}, current)


class ExcludeUploads(UploadsVerb):
    """Exclude uploads from future data versions."""

    verb: ClassVar = Verb.EXCLUDE_UPLOADS
    operation: ClassVar = "exclude_data_uploads"
    becomes: ClassVar = Inclusion.EXCLUDED
    from_state: ClassVar = Inclusion.INCLUDED

    @override
    def undo(self, items: Sequence[Change[Inclusion]], current: pd.DataFrame) -> Plan:
        """Return a plan to include them again."""
        return include_back([_key(each) for each in items], current)


class IncludeUploads(UploadsVerb):
    """Include uploads in future data versions."""

    verb: ClassVar = Verb.INCLUDE_UPLOADS
    operation: ClassVar = "include_data_uploads"
    becomes: ClassVar = Inclusion.INCLUDED
    from_state: ClassVar = Inclusion.EXCLUDED

    @override
    def undo(self, items: Sequence[Change[Inclusion]], current: pd.DataFrame) -> Plan:
        """Return a plan to exclude them again."""
        return exclude_back([_key(each) for each in items], current)


EXCLUDE, INCLUDE = ExcludeUploads(), IncludeUploads()
_NOTHING: Mapping[UploadKey, Inclusion] = MappingProxyType({})


def _key(change: Change[Any]) -> UploadKey:
    return UploadKey(*change.key)


def plan_exclude_uploads(
    selection: pd.DataFrame, current: pd.DataFrame, *, receiving_job: str = ""
) -> Plan:
    """Return a plan to exclude data uploads from future data versions.

    ``selection`` has tenant_code and upload_time_text; ``current`` is the unfiltered frame of
    ``services.frames.uploads``, of one receiving job when that is named. Items also have
    upload_time_text and upload_time.
    """
    return plan_uploads(EXCLUDE, selection, current, receiving_job)


def plan_include_uploads(
    selection: pd.DataFrame, current: pd.DataFrame, *, receiving_job: str = ""
) -> Plan:
    """Return a plan to include data uploads; see ``plan_exclude_uploads``."""
    return plan_uploads(INCLUDE, selection, current, receiving_job)


def plan_uploads(
    spec: UploadsVerb,
    selection: pd.DataFrame,
    current: pd.DataFrame,
    receiving_job: str = "",
    recorded: Mapping[UploadKey, Inclusion] = _NOTHING,
) -> Plan:
    """Return a plan of one of the verbs above; `recorded` are the states of unlisted uploads."""
    chosen = selection[_NAMES].dropna(subset="tenant_code").drop_duplicates()
    known = current[[*_NAMES, "upload_time", "included"]].drop_duplicates(_NAMES)
    found = chosen.merge(known, how="left", on=_NAMES, indicator="listed")
    listed = (found["listed"] == "both") & found["upload_time_text"].notna()
    texts = found["upload_time_text"].fillna("")
    keys = [UploadKey(*pair) for pair in zip(found["tenant_code"], texts, strict=True)]
    states = [
        state if is_listed else recorded.get(key, Inclusion.UNLISTED)
        for key, state, is_listed in zip(keys, inclusions(found["included"]), listed, strict=True)
    ]
    facts = pd.DataFrame({"upload_time_text": texts, "upload_time": found["upload_time"]})
    changes = evaluate_eligibility(spec, keys, states)
    going = np.array([each.skip is None for each in changes], bool)
    # Not among the latest: to be read from the files, by a call for each tenant.
    unseen = frozenset(found.loc[going & ~listed, "tenant_code"])
    left = _left_without(found.loc[going, _NAMES], known, receiving_job)
    return Plan(
        spec,
        changes,
        facts,
        tuple(left) if spec.becomes is Inclusion.EXCLUDED else (),
        places_of(current),
        {"upload_job_id": receiving_job} if receiving_job else {},
        unseen,
    )


def _left_without(
    going: pd.DataFrame, listed: pd.DataFrame, receiving_job: str
) -> Iterator[PlanWarning]:
    """Yield warnings of tenants of which every listed upload would be excluded."""
    own = listed[is_among(listed["tenant_code"], going["tenant_code"].unique())]
    after = own.merge(going, how="left", on=_NAMES, indicator="going")
    # An upload without a flag may be included.
    stays = after["included"].fillna(True) & (after["going"] == "left_only")
    left = stays.groupby(after["tenant_code"]).agg(["any", "size"])
    excluded = going.groupby("tenant_code").size()
    none_stays = left.index[~left["any"]]
    tenants = pd.DataFrame({"tenant_code": none_stays, "uploads": excluded[none_stays].array})
    # With as many as Visier lists at most, there may be older ones that stay.
    full = (left["size"] >= LATEST_LISTED)[none_stays].to_numpy()
    kinds = ((WarningKind.NONE_LEFT, ~full), (WarningKind.NONE_KNOWN_LEFT, full))
    for kind, concerned in ((WarningKind.ONE_JOB_LEFT, full | ~full),) if receiving_job else kinds:
        if concerned.any():
            yield PlanWarning(kind, tenants[concerned].reset_index(drop=True))


def _plan_recorded(
    spec: UploadsVerb, recorded: Mapping[UploadKey, Inclusion], current: pd.DataFrame
) -> Plan:
    """Return a plan of uploads by their recorded states, where they are too old to be listed.

    Before anything is sent they are read from the list of files.
    """
    selection = pd.DataFrame(list(recorded), columns=_NAMES, dtype="str")
    return plan_uploads(spec, selection, current, recorded=recorded)


def include_back(keys: Sequence[UploadKey], current: pd.DataFrame) -> Plan:
    """Return a plan to include these uploads again, where they are still excluded."""
    return _plan_recorded(INCLUDE, dict.fromkeys(keys, Inclusion.EXCLUDED), current)


def exclude_back(keys: Sequence[UploadKey], current: pd.DataFrame) -> Plan:
    """Return a plan to exclude these uploads again, where they are still included."""
    return _plan_recorded(EXCLUDE, dict.fromkeys(keys, Inclusion.INCLUDED), current)
