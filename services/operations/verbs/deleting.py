"""Deleting connector credentials, and checking afterwards that they are gone.

Data and Job Handling API, DELETE /v1/op/data-connector-credentials/{id}.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

import pandas as pd
from typing_extensions import override

from services.frames import Outcome as Told
from services.frames import UnexpectedResponse, credentials
from services.visier import BodyEncoding, Client, Lane, Payload, VisierError
from services.visier.protocol import Request, build

from ..engine.changes import Change, Finding, Key, Skip
from ..engine.plan import Plan, PlanningVerb, PlanWarning, WarningKind, evaluate_eligibility
from ..engine.verb_spec import Answer
from ..tokens import Verb
from .connections import of_tenant

_COLUMNS = ("tenant_code", "credential_id", "outcome", "status_word", "message", "finding")


class CredentialKey(NamedTuple):
    """One credential of a tenant, and its name."""

    tenant_code: str
    credential_id: str
    name: str = ""


class CredentialState(StrEnum):
    """The state of a credential in its tenant."""

    LISTED = "listed"
    INHERITED = "inherited"
    DELETED = "deleted"


_SKIPS: Mapping[CredentialState, Skip | None] = {
    CredentialState.LISTED: None,
    CredentialState.INHERITED: Skip.INHERITED,
    CredentialState.DELETED: Skip.ALREADY_DONE,
}


class _Answer(Answer[CredentialKey]):
    @override
    def to_frame(self, payloads: Iterable[object]) -> pd.DataFrame:
        rows = [
            (one["tenantCode"], one["credentialId"], *(one[name] for name in _FATE))
            for payload in payloads
            if isinstance(payload, dict)
            for one in payload["credentials"]
        ]
        return pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str")

    @override
    def names(self, key: CredentialKey) -> Key:
        return key[:2]

    @override
    def named_by(self, row: Mapping[str, Any]) -> Key:
        return row["tenant_code"], row["credential_id"]

    @override
    def finding(self, row: Mapping[str, Any]) -> Finding | None:
        return Finding(row["finding"]) if row["finding"] else None


_FATE = ("status", "status", "message", "finding")


class DeleteCredentials(PlanningVerb[CredentialKey, CredentialState]):
    """Delete credentials, each in the tenant that owns it."""

    verb: ClassVar = Verb.DELETE_CREDENTIALS
    operation: ClassVar = "delete_connector_credential"
    field: ClassVar = "credentials"
    # The id is in the path.
    batch_size = 1
    key_type: ClassVar = CredentialKey
    state_type: ClassVar = CredentialState
    source = of_tenant(
        lambda client, code: client.iter_data_connector_credentials(tenant_code=code),
        credentials.to_frame,
    )
    answer = _Answer()
    verify_calls: ClassVar = 1

    @override
    def states(
        self, frame: pd.DataFrame, keys: Sequence[CredentialKey]
    ) -> dict[CredentialKey, CredentialState]:
        """Return the state of each credential in the tenants that were read.

        A credential missing from a list with entries without an id may be one of these.
        """
        inherited = frame["is_inherited"].fillna(False).astype(bool)
        pairs = zip(frame["tenant_code"], frame["credential_id"], strict=True)
        listed: dict[Key, bool] = dict(zip(pairs, inherited, strict=True))
        read = set(frame["tenant_code"])
        told = {
            None: CredentialState.DELETED,
            True: CredentialState.INHERITED,
            False: CredentialState.LISTED,
        }
        unsure = set(frame.loc[_nameless(frame), "tenant_code"])
        found = {key: listed.get(key[:2]) for key in keys if key.tenant_code in read}
        return {
            key: told[how]
            for key, how in found.items()
            if how is not None or key.tenant_code not in unsure
        }

    @override
    def skip(self, state: CredentialState) -> Skip | None:
        """Return None for a listed credential that the tenant owns."""
        return _SKIPS[state]

    @override
    def goal(self, key: CredentialKey, before: CredentialState) -> CredentialState:
        return CredentialState.DELETED

    @override
    def objects(self, keys: Sequence[CredentialKey]) -> list[dict[str, Any]]:
        """Return the tenant and the credential."""
        return [{"tenantCode": key.tenant_code, "credentialId": key.credential_id} for key in keys]

    @override
    def request(self, objects: Sequence[Any], encoding: BodyEncoding) -> Request:
        """Return the request of the one credential: it has no body."""
        (each,) = objects
        return build(
            self.operation,
            encoding,
            ids={"credential_id": each["credentialId"]},
            query={"tenantCode": each["tenantCode"]},
        )

    @override
    def send(self, client: Client, objects: Sequence[Any]) -> Payload:
        """Delete, then read the list: the answer to a DELETE does not say what came of it."""
        for each in objects:
            client.delete_connector_credential(each["credentialId"], tenant_code=each["tenantCode"])
        # Pause and Stop hold back unsent requests, not the check of one that was sent.
        bulk_client = client.in_lane(Lane.BULK)
        return {"credentials": [{**each, **_fate(bulk_client, each)} for each in objects]}

    @override
    def again(
        self, items: Sequence[Change[CredentialState]], current: pd.DataFrame, now: datetime
    ) -> Plan:
        return _plan([CredentialKey(*item.key) for item in items], current)


DELETE = DeleteCredentials()


def plan_delete_credentials(
    selection: pd.DataFrame, current: pd.DataFrame, used_by: pd.DataFrame
) -> Plan:
    """Return a plan to delete credentials, each in the tenant that owns it.

    ``selection`` has tenant_code and credential_id; ``current`` is the frame of
    ``services.frames.credentials`` of those tenants; ``used_by`` are the connectors known to use
    them (tenant_code and further columns) for the warning. Items also have credential_id.
    """
    columns = ["tenant_code", "credential_id"]
    chosen = selection[columns].drop_duplicates()
    named = chosen.merge(current.drop_duplicates(columns), how="left", on=columns)
    names = named["display_name"].fillna("")
    keys = zip(named["tenant_code"], named["credential_id"], names, strict=True)
    warnings = (
        () if used_by.empty else (PlanWarning(WarningKind.IN_USE, used_by.reset_index(drop=True)),)
    )
    return replace(_plan([CredentialKey(*key) for key in keys], current), warnings=warnings)


def _plan(keys: Sequence[CredentialKey], current: pd.DataFrame) -> Plan:
    found = DELETE.states(current, keys)
    states = [found.get(key, CredentialState.DELETED) for key in keys]
    names = [key.name or key.credential_id for key in keys]
    ids = pd.array([key.credential_id for key in keys], dtype="str")
    return Plan(
        DELETE,
        evaluate_eligibility(DELETE, keys, states, names),
        pd.DataFrame({"credential_id": ids}),
    )


def _nameless(frame: pd.DataFrame) -> "pd.Series[bool]":
    """Return which rows are credentials without an id: any of them may be the one looked for."""
    columns = ["display_name", "data_provider"]
    return frame["credential_id"].isna() & frame[columns].notna().any(axis="columns")


def _fate(client: Client, deleted: Mapping[str, Any]) -> dict[str, str]:
    code = deleted["tenantCode"]
    try:
        pages = client.iter_data_connector_credentials(tenant_code=code)
        listed = credentials.to_frame(pages, code)
    except (VisierError, UnexpectedResponse) as trouble:
        return {"status": Told.UNKNOWN, "message": str(trouble), "finding": Finding.NOT_LOOKED}
    if (listed["credential_id"] == deleted["credentialId"]).any():
        return {"status": Told.FAILED, "message": "", "finding": Finding.STILL_THERE}
    if _nameless(listed).any():
        return {"status": Told.UNKNOWN, "message": "", "finding": Finding.NOT_LOOKED}
    return {"status": Told.SUCCEEDED, "message": "", "finding": ""}
