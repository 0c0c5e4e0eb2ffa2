"""Deleting connector credentials, and looking afterwards that they are gone.

Key: tenant_code, credential_id, its name. States: Listed, Inherited, Deleted.
Data and Job Handling API, DELETE /v1/op/data-connector-credentials/{id}.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from services.frames import OddAnswer, credentials
from services.frames import Outcome as Told
from services.ledger import Item
from services.visier import BodyEncoding, Client, Payload, VisierError
from services.visier.protocol import Request, build

from .connections import of_tenant
from .kinds import Key, Kind, Results, Verb, read_key
from .plan import Concern, Plan, judged

LISTED, INHERITED, DELETED = "Listed", "Inherited", "Deleted"
IN_USE = "These connectors use it. They would have no credential, and their next extraction fails."
STILL_THERE = "Visier answered that it is deleted, but lists it still."
NOT_LOOKED = "Visier answered that it is deleted; that could not be looked up: {words}"
_COLUMNS = ("tenant_code", "credential_id", "outcome", "status_word", "message")


def states(frame: pd.DataFrame, keys: Sequence[Key]) -> dict[Key, str]:
    """Say how each credential stands in the tenants that were read."""
    inherited = frame["is_inherited"].fillna(False).astype(bool)
    pairs = zip(frame["tenant_code"], frame["credential_id"], strict=True)
    listed: dict[Key, bool] = dict(zip(pairs, inherited, strict=True))
    read = set(frame["tenant_code"])
    words = {None: DELETED, True: INHERITED, False: LISTED}
    return {key: words[listed.get(key[:2])] for key in keys if key[0] in read}


def plan_delete_credentials(
    selection: pd.DataFrame, current: pd.DataFrame, used_by: pd.DataFrame
) -> Plan:
    """Plan to delete credentials, each in the tenant it belongs to.

    ``selection`` has tenant_code and credential_id; ``current`` is the list of those tenants as
    ``services.frames.credentials`` gives it; ``used_by`` names the connectors known to use them
    (tenant_code and what else there is to say) for the warning. Items also have credential_id.
    """
    columns = ["tenant_code", "credential_id"]
    chosen = selection[columns].drop_duplicates()
    named = chosen.merge(current.drop_duplicates(columns), how="left", on=columns)
    names = named["display_name"].fillna("")
    keys = list(zip(named["tenant_code"], named["credential_id"], names, strict=True))
    items = _items(keys, current)
    warnings = (
        () if used_by.empty else (Concern(IN_USE, used_by.reset_index(drop=True), "connector"),)
    )
    return Plan(DELETE, items, warnings)


def _items(keys: Sequence[Key], current: pd.DataFrame) -> pd.DataFrame:
    told = states(current, keys)
    items = {
        "tenant_code": pd.array([key[0] for key in keys], dtype="str"),
        "label": pd.array([key[2] or key[1] for key in keys], dtype="str"),
        "before": pd.array([told.get(key, DELETED) for key in keys], dtype="str"),
        "credential_id": pd.array([key[1] for key in keys], dtype="str"),
    }
    return judged(DELETE, pd.DataFrame(items), keys)


def _objects(keys: Sequence[Key]) -> list[dict[str, Any]]:
    return [{"tenantCode": key[0], "credentialId": key[1]} for key in keys]


def _send(client: Client, objects: Sequence[Mapping[str, Any]]) -> Payload:
    """Delete, then look: that Visier answers says nothing of what came of it."""
    for each in objects:
        client.delete_connector_credential(each["credentialId"], tenant_code=each["tenantCode"])
    return {"credentials": [{**each, **_fate(client, each)} for each in objects]}


def _fate(client: Client, deleted: Mapping[str, Any]) -> dict[str, str]:
    code = deleted["tenantCode"]
    try:
        pages = client.iter_data_connector_credentials(tenant_code=code)
        listed = credentials.to_frame(pages, code)["credential_id"]
    except (VisierError, OddAnswer) as trouble:
        words = NOT_LOOKED.format(words=trouble)
        return {"status": Told.UNKNOWN, "message": words}
    if (listed == deleted["credentialId"]).any():
        return {"status": Told.FAILED, "message": STILL_THERE}
    return {"status": Told.SUCCEEDED, "message": ""}


def _told(pages: Iterable[object]) -> pd.DataFrame:
    rows = [
        (one["tenantCode"], one["credentialId"], one["status"], one["status"], one["message"])
        for page in pages
        if isinstance(page, dict)
        for one in page["credentials"]
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str")


def _request(objects: Sequence[Mapping[str, Any]], encoding: BodyEncoding) -> Request:
    (each,) = objects
    return build(
        DELETE.operation,
        encoding,
        ids={"credential_id": each["credentialId"]},
        query={"tenantCode": each["tenantCode"]},
    )


def _again(items: Sequence[Item], current: pd.DataFrame, _now: datetime) -> Plan:
    return Plan(DELETE, _items([read_key(item.key) for item in items], current))


DELETE = Kind(
    verb=Verb.DELETE_CREDENTIALS,
    operation="delete_connector_credential",
    field="credentials",
    most=1,
    send=_send,
    looks_after=1,
    objects=_objects,
    request=_request,
    source=of_tenant(
        lambda client, code: client.iter_data_connector_credentials(tenant_code=code),
        credentials.to_frame,
    ),
    states=states,
    results=Results(
        _told, lambda key: key[:2], lambda row: (row["tenant_code"], row["credential_id"])
    ),
    eligible={
        LISTED: "",
        INHERITED: "It is inherited: it can only be deleted in the tenant it comes from.",
        DELETED: "Visier does not list it.",
    },
    goal=DELETED,
    after=DELETED,
    again=_again,
    regret=(
        "A deleted credential cannot be brought back, its secrets least of all; another one would"
        " have to be created and assigned."
    ),
)
