"""Excluding and including single data uploads.

Key: tenant_code, upload_time_text (byte for byte). States: Included, Excluded.
Data and Job Handling API, PUT /v1/op/data/uploads/exclude and PUT /v1/op/data/uploads/include.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from services.frames import results, uploaded_files, uploads
from services.frames.membership import is_among
from services.frames.times import parse_one
from services.ledger import Item
from services.visier import Client, Payload

from .kinds import Key, Kind, Query, Results, Source, Verb, by_tenant, read_key
from .plan import Concern, Plan, judged, places_of

INCLUDED, EXCLUDED = "Included", "Excluded"
UNTOLD, UNLISTED = "Not told", "Not listed"
LISTED = 5
_NAMES = ["tenant_code", "upload_time_text"]


def _page(client: Client, start: int, query: Query) -> Payload:
    return client.retrieve_data_uploads(
        upload_job_id=query.get("upload_job_id"),
        start=start,
        limit=1000,
        number_of_data_uploads=LISTED,
    )


def _every(client: Client, query: Query) -> Iterator[Payload]:
    return client.iter_retrieve_data_uploads(upload_job_id=query.get("upload_job_id"))


def _tenant(client: Client, code: str, query: Query) -> Iterator[Payload]:
    return client.iter_retrieve_data_uploads(
        tenant_code=code, upload_job_id=query.get("upload_job_id")
    )


def _files(client: Client, code: str, _query: Query) -> Iterator[Payload]:
    return client.in_tenant(code).iter_retrieve_tenant_source_files()


def of_files(files: pd.DataFrame) -> pd.DataFrame:
    """Return the uploads that brought these files, in the order listed.

    Columns: tenant_code, upload_time_text str, upload_time datetime64[ms, UTC], included boolean
    (whether any file is).
    """
    by_upload = files.groupby(_NAMES, sort=False)
    # The greatest keeps what is not told of any file apart from what is excluded.
    found = by_upload.agg(upload_time=("upload_time", "first"), included=("included", "max"))
    return found.reset_index()


LATEST = Source(uploads.to_frame, _tenant, _page, _every)
FROM_FILES = Source(lambda pages: of_files(uploaded_files.to_frame(pages)), _files)


def states(frame: pd.DataFrame, keys: Sequence[Key]) -> dict[Key, str]:
    """Say how each upload stands that the frame lists."""
    columns = (frame["tenant_code"], frame["upload_time_text"], _words(frame["included"]))
    told: dict[Key, str] = {(code, text): state for code, text, state in zip(*columns, strict=True)}
    return {key: told[key[:2]] for key in keys if key[:2] in told}


def _words(included: "pd.Series[bool]") -> "pd.Series[str]":
    return included.astype(object).map({True: INCLUDED, False: EXCLUDED}).fillna(UNTOLD)


def _objects(keys: Sequence[Key]) -> list[dict[str, Any]]:
    return [
        {"tenantCode": code, "uploadTimes": [key[1] for key in own]}
        for code, own in by_tenant(keys).items()
    ]


def moment(text: str) -> str:
    """Write an upload time in one way, however Visier wrote it; what is no time stays as it is."""
    time = parse_one(text)
    return time.isoformat() if time else text


def _row(row: Mapping[str, Any]) -> Key:
    return row["tenant_code"], moment(row["upload_time_text"])


RESULTS = Results(results.from_data_uploads, lambda key: (key[0], moment(key[1])), _row)

NOT_LISTED = "It is not among the data uploads that Visier lists: at most five of each tenant."
NOT_TOLD = "Visier does not say whether it is included."
NONE_LEFT = (
    "These tenants would be left without any included data upload: a processing job would find"
    " nothing to take in."
)
NONE_KNOWN = (
    "These tenants would have none of the five data uploads included that Visier lists; whether an"
    " older one still is cannot be seen from here."
)
ONE_JOB = (
    "Everything that this receiving job brought these tenants would be excluded; whether another"
    " upload of theirs is included is not known while only its uploads are listed."
)

_NOTHING: Mapping[Key, str] = MappingProxyType({})


def plan_exclude_uploads(
    selection: pd.DataFrame, current: pd.DataFrame, *, receiving_job: str = ""
) -> Plan:
    """Plan to exclude data uploads from future data versions.

    ``selection`` names them by tenant_code and upload_time_text; ``current`` is the unfiltered list
    as ``services.frames.uploads`` gives it, of one receiving job when that is named. The plan's
    items also have upload_time_text and upload_time.
    """
    return plan_uploads(EXCLUDE, selection, current, receiving_job)


def plan_include_uploads(
    selection: pd.DataFrame, current: pd.DataFrame, *, receiving_job: str = ""
) -> Plan:
    """Plan to include data uploads in future data versions; as ``plan_exclude_uploads``."""
    return plan_uploads(INCLUDE, selection, current, receiving_job)


def plan_uploads(
    kind: Kind,
    selection: pd.DataFrame,
    current: pd.DataFrame,
    receiving_job: str = "",
    recorded: Mapping[Key, str] = _NOTHING,
) -> Plan:
    """Plan uploads by one of the verbs below; `recorded` is how those stand that are not listed."""
    chosen = selection[_NAMES].drop_duplicates()
    known = current[[*_NAMES, "upload_time", "included"]].drop_duplicates(_NAMES)
    found = chosen.merge(known, how="left", on=_NAMES, indicator="listed")
    listed = (found["listed"] == "both") & found["upload_time_text"].notna()
    texts = found["upload_time_text"].fillna("")
    keys = list(zip(found["tenant_code"], texts, strict=True))
    unlisted = pd.Series([recorded.get(key, UNLISTED) for key in keys], found.index, "str")
    items = pd.DataFrame(
        {
            "tenant_code": found["tenant_code"],
            "label": texts,
            "before": _words(found["included"]).where(listed, unlisted),
            "upload_time_text": texts,
            "upload_time": found["upload_time"],
        }
    )
    query = {"upload_job_id": receiving_job} if receiving_job else {}
    planned = judged(kind, items, keys)
    unseen = frozenset(planned.loc[planned["eligible"] & ~listed, "tenant_code"])
    warnings = tuple(_left_without(planned, known, receiving_job)) if kind is EXCLUDE else ()
    return Plan(kind, planned, warnings, places_of(current), query, unseen)


def _left_without(
    planned: pd.DataFrame, listed: pd.DataFrame, receiving_job: str
) -> Iterator[Concern]:
    """Warn of tenants of which every upload that is listed would be excluded."""
    going = planned.loc[planned["eligible"], _NAMES]
    own = listed[is_among(listed["tenant_code"], going["tenant_code"].unique())]
    after = own.merge(going, how="left", on=_NAMES, indicator="going")
    # Of what Visier does not tell it is not said that it is excluded.
    stays = after["included"].fillna(True) & (after["going"] == "left_only")
    left = stays.groupby(after["tenant_code"]).agg(["any", "size"])
    excluded = going.groupby("tenant_code").size()
    none_stays = left.index[~left["any"]]
    tenants = pd.DataFrame({"tenant_code": none_stays, "uploads": excluded[none_stays].array})
    full = (left["size"] >= LISTED)[none_stays].to_numpy()
    told = ((NONE_LEFT, ~full), (NONE_KNOWN, full))
    for sentence, concerned in ((ONE_JOB, full | ~full),) if receiving_job else told:
        if concerned.any():
            yield Concern(sentence, tenants[concerned].reset_index(drop=True))


def _plan_recorded(kind: Kind, recorded: Mapping[Key, str], current: pd.DataFrame) -> Plan:
    """Plan uploads of which it is on record how they stand, for those older than what is listed.

    Before anything is sent they are read in the list of files.
    """
    selection = pd.DataFrame(list(recorded), columns=_NAMES, dtype="str")
    return plan_uploads(kind, selection, current, recorded=recorded)


def include_back(keys: Sequence[Key], current: pd.DataFrame) -> Plan:
    """Plan to include these uploads again, where they stand as an exclusion left them."""
    return _plan_recorded(INCLUDE, dict.fromkeys(keys, EXCLUDED), current)


def exclude_back(keys: Sequence[Key], current: pd.DataFrame) -> Plan:
    """Plan to exclude these uploads again, where they stand as an inclusion left them."""
    return _plan_recorded(EXCLUDE, dict.fromkeys(keys, INCLUDED), current)


def _exclude_again(items: Sequence[Item], current: pd.DataFrame, _now: datetime) -> Plan:
    return _plan_recorded(EXCLUDE, _before(items), current)


def _include_again(items: Sequence[Item], current: pd.DataFrame, _now: datetime) -> Plan:
    return _plan_recorded(INCLUDE, _before(items), current)


def _before(items: Sequence[Item]) -> dict[Key, str]:
    return {read_key(item.key): item.before for item in items}


_BOTH = {UNTOLD: NOT_TOLD, UNLISTED: NOT_LISTED}
_SHARED: dict[str, Any] = {
    "field": "uploads",
    "most": 1000,
    "objects": _objects,
    "source": LATEST,
    "deeper": FROM_FILES,
    "states": states,
    "results": RESULTS,
}

EXCLUDE = Kind(
    verb=Verb.EXCLUDE_UPLOADS,
    operation="exclude_data_uploads",
    send=Client.exclude_data_uploads,
    eligible={INCLUDED: "", EXCLUDED: "It is excluded already.", **_BOTH},
    goal=EXCLUDED,
    after=EXCLUDED,
    again=_exclude_again,
    undo=lambda items, current: include_back(list(_before(items)), current),
    **_SHARED,
)
INCLUDE = Kind(
    verb=Verb.INCLUDE_UPLOADS,
    operation="include_data_uploads",
    send=Client.include_data_uploads,
    eligible={EXCLUDED: "", INCLUDED: "It is included already.", **_BOTH},
    goal=INCLUDED,
    after=INCLUDED,
    again=_include_again,
    undo=lambda items, current: exclude_back(list(_before(items)), current),
    **_SHARED,
)
