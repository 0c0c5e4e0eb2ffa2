"""Assigning credentials to data connectors, tenant by tenant.

Data and Job Handling API, POST /v1/op/data-connectors/assignCredentials.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Final, NamedTuple

import pandas as pd
from typing_extensions import override

from services.frames import connectors as connector_frames
from services.frames import results

from ..engine.changes import Change, Key, Skip
from ..engine.plan import Plan, PlanningVerb, PlanWarning, WarningKind, evaluate_eligibility
from ..engine.verb_spec import Answer
from ..tokens import Verb
from .connections import AT_ONCE, by_connector, of_tenant, told_apart


class AssignKey(NamedTuple):
    """One connector, its new credential, and its former one (empty for none)."""

    tenant_code: str
    connector_id: str
    credential_id: str
    credential_name: str
    former_id: str
    former_name: str


@dataclass(frozen=True)
class Assigned:
    """The credential of a connector: its id is empty for none, None without a connector."""

    credential_id: str | None


MISSING: Final = Assigned(None)


class Wanted(NamedTuple):
    """One connector of one tenant and its new credential.

    `instead_of` is the credential id it must have now; None when that does not matter.
    """

    tenant_code: str
    connector_id: str
    credential_id: str
    name: str
    instead_of: str | None = None


class _Answer(Answer[AssignKey]):
    @override
    def to_frame(self, payloads: Iterable[object]) -> pd.DataFrame:
        return told_apart(results.from_assign_connector_credential(payloads), "credential_id")

    @override
    def names(self, key: AssignKey) -> Key:
        return key[:2]

    @override
    def named_by(self, row: Mapping[str, Any]) -> Key:
        return row["tenant_code"], row["connector_id"]

    @override
    def wholes(self, key: AssignKey) -> tuple[Key, ...]:
        # A failure may name the tenant without its connector.
        return ((key.tenant_code, ""),)

    @override
    def instead(self, key: AssignKey, row: Mapping[str, Any]) -> str:
        """Return the credential in a result, where it is not the wanted one."""
        named, name = row["credential_id"], row["credential_name"]
        if named in ("", key.credential_id):
            return ""
        return f"{name} ({named})" if name else str(named)


class AssignCredentials(PlanningVerb[AssignKey, Assigned]):
    """Assign to connectors the credentials they extract with."""

    verb: ClassVar = Verb.ASSIGN_CREDENTIALS
    operation: ClassVar = "assign_connector_credential"
    field: ClassVar = "connectors"
    batch_size = AT_ONCE
    key_type: ClassVar = AssignKey
    state_type: ClassVar = Assigned
    source = of_tenant(
        lambda client, code: client.iter_data_connectors(tenant_code=code),
        connector_frames.to_frame,
    )
    answer = _Answer()
    can_undo: ClassVar = True

    @override
    def states(self, frame: pd.DataFrame, keys: Sequence[AssignKey]) -> dict[AssignKey, Assigned]:
        present = _present(frame)
        return {key: Assigned(present[key[:2]][1]) for key in keys if key[:2] in present}

    @override
    def skip(self, state: Assigned) -> Skip | None:
        """Skip missing connectors; whether one has the credential already depends on its key."""
        return Skip.NOT_LISTED if state.credential_id is None else None

    @override
    def goal(self, key: AssignKey, before: Assigned) -> Assigned:
        return Assigned(key.credential_id)

    @override
    def objects(self, keys: Sequence[AssignKey]) -> list[dict[str, Any]]:
        """Name the tenants and their credentials under each connector."""
        return by_connector(
            (key.connector_id, {"tenantCode": key.tenant_code, "credentialId": key.credential_id})
            for key in keys
        )

    @override
    def again(
        self, items: Sequence[Change[Assigned]], current: pd.DataFrame, now: datetime
    ) -> Plan:
        keys = [AssignKey(*item.key) for item in items]
        return _plan([Wanted(*key[:4]) for key in keys], current, {}, {})

    @override
    def undo(self, items: Sequence[Change[Assigned]], current: pd.DataFrame) -> Plan:
        """Return a plan to assign the former credentials; that there was none cannot be restored.

        No operation of Visier's takes a credential away from a connector.
        """
        keys = [AssignKey(*item.key) for item in items]
        wanted = [
            Wanted(*key[:2], key.former_id, key.former_name, instead_of=key.credential_id)
            for key in keys
        ]
        names = {(key.tenant_code, key.credential_id): key.credential_name for key in keys}
        skips = {place: Skip.NO_WAY_BACK for place, key in enumerate(keys) if not key.former_id}
        return _plan(wanted, current, names, skips)


ASSIGN = AssignCredentials()


def _present(frame: pd.DataFrame) -> dict[Key, tuple[str, str]]:
    """Return the name and the credential id, or "", of each connector."""
    names = ("tenant_code", "connector_id", "display_name", "credential_id")
    rows = zip(*(frame[name].fillna("") for name in names), strict=True)
    return {(code, connector): (name, credential) for code, connector, name, credential in rows}


def plan_assign_credentials(
    mapping: pd.DataFrame, connectors: pd.DataFrame, credentials: pd.DataFrame
) -> Plan:
    """Return a plan to assign credentials to connectors.

    ``mapping`` has tenant_code, connector_id and credential_id (missing where the tenant has no
    suitable one); ``connectors`` and ``credentials`` are the frames of those tenants. Items also
    have connector_id, credential_id and former_id. Warns where the data provider changes.
    """
    facts = credentials.drop_duplicates(["tenant_code", "credential_id"])
    pairs = zip(facts["tenant_code"], facts["credential_id"], strict=True)
    names = dict(zip(pairs, facts["display_name"].fillna(""), strict=True))
    mapping = mapping.drop_duplicates()
    columns = ("tenant_code", "connector_id", "credential_id")
    rows = list(zip(*(mapping[name].fillna("") for name in columns), strict=True))
    wanted = [
        Wanted(code, connector, credential, names.get((code, credential), ""))
        for code, connector, credential in rows
    ]
    unknown = {place for place, row in enumerate(rows) if (row[0], row[2]) not in names}
    plan = _plan(wanted, connectors, names, dict.fromkeys(unknown, Skip.NO_CREDENTIAL))
    return replace(plan, warnings=tuple(_warnings(plan.eligible, facts)))


def _plan(
    wanted: Sequence[Wanted],
    connectors: pd.DataFrame,
    names: Mapping[tuple[str, str], str],
    skips: Mapping[int, Skip],
) -> Plan:
    present = _present(connectors)
    keys, states, called, skipped = [], [], [], dict(skips)
    times = Counter(want[:2] for want in wanted)
    for place, want in enumerate(wanted):
        pair = want[:2]
        name, former = present.get(pair, ("", ""))
        former_name = names.get((want.tenant_code, former), "")
        if pair in present and former == want.credential_id:
            skipped.setdefault(place, Skip.ALREADY_DONE)
        # Which of two credentials for one connector wins is not documented.
        if times[pair] > 1:
            skipped[place] = Skip.TWICE
        if want.instead_of not in (None, former):
            skipped[place] = Skip.CHANGED_SINCE
        keys.append(AssignKey(*pair, want.credential_id, want.name, former, former_name))
        states.append(Assigned(former) if pair in present else MISSING)
        called.append(name or want.connector_id)
    facts = pd.DataFrame(
        {
            "connector_id": pd.array([key.connector_id for key in keys], dtype="str"),
            "credential_id": pd.array([key.credential_id for key in keys], dtype="str"),
            "former_id": pd.array([key.former_id for key in keys], dtype="str"),
        }
    )
    return Plan(ASSIGN, evaluate_eligibility(ASSIGN, keys, states, called, skipped), facts)


def _warnings(going: pd.DataFrame, facts: pd.DataFrame) -> Iterator[PlanWarning]:
    if going.empty:
        return
    provider = facts.set_index(["tenant_code", "credential_id"])["data_provider"]
    old, new = (
        provider.reindex(pd.MultiIndex.from_frame(going[["tenant_code", name]])).to_numpy()
        for name in ("former_id", "credential_id")
    )
    changed = going[["tenant_code", "name"]].assign(before=old, after=new)
    changed = changed[
        changed["before"].notna()
        & changed["after"].notna()
        & (changed["before"] != changed["after"])
    ]
    if len(changed):
        yield PlanWarning(WarningKind.OTHER_PROVIDER, changed.reset_index(drop=True))
