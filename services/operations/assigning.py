"""Assigning credentials to data connectors, tenant by tenant.

Key: tenant_code, connector_id, the credential it is to get, the one it had (empty for none) and the
name of that one. A state is the credential a connector has, `UKG Callisto (d3607390-…)`; Assigned
when that is the one it is to get. Data and Job Handling API, POST
/v1/op/data-connectors/assignCredentials.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd

from services.frames import connectors as connector_frames
from services.frames import results
from services.ledger import Item
from services.visier import Client

from .connections import (
    AT_ONCE,
    CHANGED_SINCE,
    NO_CONNECTOR,
    by_connector,
    of_tenant,
    skip,
    told_apart,
)
from .kinds import Key, Kind, Results, Verb, read_key
from .plan import Concern, Plan, judged

ASSIGNED, NONE, OTHER = "Assigned", "No credential", "Another credential"
NO_CREDENTIAL = "The tenant has no such credential."
NO_WAY_BACK = "It had no credential before, and Visier offers no way to take one away."
TWICE = "It is named more than once, with different credentials."
REGRET = "Undoing gives back the credentials that were there; a connector without one keeps this."
OTHER_PROVIDER = "These connectors would get a credential of another data provider than before."


class Wanted(NamedTuple):
    """One connector of one tenant and the credential it is to get.

    `instead_of` is the id it must have by now, None when that does not matter.
    """

    tenant_code: str
    connector_id: str
    credential_id: str
    name: str
    instead_of: str | None = None


def described(name: str, credential_id: str) -> str:
    """Write a credential as people read it and as it can be told apart."""
    return f"{name} ({credential_id})" if name else credential_id


def states(frame: pd.DataFrame, keys: Sequence[Key]) -> dict[Key, str]:
    """Say what each connector has that the frame lists."""
    present = _present(frame)
    return {key: _state(key, present[key[:2]][1]) for key in keys if key[:2] in present}


def _present(frame: pd.DataFrame) -> dict[Key, tuple[str, str]]:
    """Return the name and the credential's id, or "", of every connector."""
    names = ("tenant_code", "connector_id", "display_name", "credential_id")
    rows = zip(*(frame[name].fillna("") for name in names), strict=True)
    return {(code, connector): (name, credential) for code, connector, name, credential in rows}


def _state(key: Key, present: str) -> str:
    _, _, wanted, former, name = key
    if present == wanted:
        return ASSIGNED
    return described(name if present == former else "", present) or NONE


def _condition(state: str) -> str:
    return state if state in (ASSIGNED, NONE, NO_CONNECTOR) else OTHER


def plan_assign_credentials(
    mapping: pd.DataFrame, connectors: pd.DataFrame, credentials: pd.DataFrame
) -> Plan:
    """Plan to give connectors credentials.

    ``mapping`` has tenant_code, connector_id and credential_id (missing where the tenant has none
    that would do); ``connectors`` and ``credentials`` are the lists of those tenants as
    ``services.frames`` gives them. Items also have connector_id, credential_id and `change`, the
    change in words. Warns where the data provider changes.
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
    items = _items(wanted, connectors, names, dict.fromkeys(unknown, NO_CREDENTIAL))
    return Plan(ASSIGN, items, tuple(_warnings(items, facts)))


def _items(
    wanted: Sequence[Wanted],
    connectors: pd.DataFrame,
    names: Mapping[tuple[str, str], str],
    reasons: Mapping[int, str],
) -> pd.DataFrame:
    present = _present(connectors)
    rows, keys, skipped = [], [], dict(reasons)
    times = Counter((want.tenant_code, want.connector_id) for want in wanted)
    for place, want in enumerate(wanted):
        pair = want.tenant_code, want.connector_id
        if times[pair] > 1:
            skipped[place] = TWICE
        connector, former = present.get(pair, ("", ""))
        name = names.get((want.tenant_code, former), "")
        key = (*pair, want.credential_id, former, name)
        before = _state(key, former) if pair in present else NO_CONNECTOR
        if want.instead_of not in (None, former):
            skipped[place] = CHANGED_SINCE
        keys.append(key)
        rows.append(
            {
                "tenant_code": want.tenant_code,
                "label": connector or want.connector_id,
                "before": before,
                "connector_id": want.connector_id,
                "credential_id": want.credential_id,
                "former_id": former,
                "change": f"{name or former or NONE} → {want.name or want.credential_id}",
                "goal": described(want.name, want.credential_id),
            }
        )
    names_of_columns = list(rows[0]) if rows else ["tenant_code", "label", "before", "goal"]
    planned = judged(ASSIGN, pd.DataFrame(rows, columns=names_of_columns, dtype="str"), keys)
    return skip(planned.assign(after=planned["goal"]).drop(columns="goal"), skipped)


def _warnings(items: pd.DataFrame, facts: pd.DataFrame) -> Iterable[Concern]:
    going = items[items["eligible"]]
    if going.empty:
        return
    provider = facts.set_index(["tenant_code", "credential_id"])["data_provider"]
    old, new = (
        provider.reindex(pd.MultiIndex.from_frame(going[["tenant_code", name]])).to_numpy()
        for name in ("former_id", "credential_id")
    )
    told = going[["tenant_code", "label"]].assign(before=old, after=new)
    told = told[told["before"].notna() & told["after"].notna() & (told["before"] != told["after"])]
    if len(told):
        yield Concern(OTHER_PROVIDER, told.reset_index(drop=True), "connector")


def _objects(keys: Sequence[Key]) -> list[dict[str, Any]]:
    return by_connector(
        (connector, {"tenantCode": code, "credentialId": credential})
        for code, connector, credential, *_ in keys
    )


def _name_in(item: Item, credential_id: str) -> str:
    return item.after.removesuffix(f" ({credential_id})")


def _again(items: Sequence[Item], current: pd.DataFrame, _now: datetime) -> Plan:
    wanted = []
    for item in items:
        code, connector, credential, *_ = read_key(item.key)
        wanted.append(Wanted(code, connector, credential, _name_in(item, credential)))
    return Plan(ASSIGN, _items(wanted, current, {}, {}))


def _undo(items: Sequence[Item], current: pd.DataFrame) -> Plan:
    wanted, names, reasons = [], {}, {}
    for place, item in enumerate(items):
        code, connector, credential, former, name = read_key(item.key)
        wanted.append(Wanted(code, connector, former, name, instead_of=credential))
        names[code, credential] = _name_in(item, credential)
        if not former:
            reasons[place] = NO_WAY_BACK
    return Plan(ASSIGN, _items(wanted, current, names, reasons))


def _instead(key: Key, row: Mapping[str, Any]) -> str:
    """Say which credential a result names that is not the one that was asked for."""
    named = row["credential_id"]
    return "" if named in ("", key[2]) else described(row["credential_name"], named)


def _told(pages: Iterable[object]) -> pd.DataFrame:
    return told_apart(results.from_assign_connector_credential(pages), "credential_id")


ASSIGN = Kind(
    verb=Verb.ASSIGN_CREDENTIALS,
    operation="assign_connector_credential",
    field="connectors",
    most=AT_ONCE,
    send=Client.assign_connector_credential,
    objects=_objects,
    source=of_tenant(
        lambda client, code: client.iter_data_connectors(tenant_code=code),
        connector_frames.to_frame,
    ),
    states=states,
    results=Results(
        _told,
        lambda key: key[:2],
        lambda row: (row["tenant_code"], row["connector_id"]),
        lambda key: ((key[0], ""),),
        instead=_instead,
    ),
    condition=_condition,
    eligible={
        OTHER: "",
        NONE: "",
        ASSIGNED: "It uses this credential already.",
        NO_CONNECTOR: "The tenant has no such connector.",
    },
    goal=ASSIGNED,
    after=ASSIGNED,
    again=_again,
    undo=_undo,
    regret=REGRET,
)
