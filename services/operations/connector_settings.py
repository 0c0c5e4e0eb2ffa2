"""Changing settings of data connectors, tenant by tenant.

Key: tenant_code, connector_id, setting_key, the value it is to get. A state is the value a setting
has, `“UTC”`; Set when that is the one it is to get. Data and Job Handling API, PUT
/v1/op/data-connectors/connector-settings.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd

from services.frames import connector_settings, results
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
from .plan import Plan, judged

SET, OTHER = "Set", "Another value"


class Wanted(NamedTuple):
    """One setting and the value it is to get; `instead_of` is the state it must have by now."""

    tenant_code: str
    connector_id: str
    setting_key: str
    value: str
    instead_of: str | None = None


def quoted(value: str) -> str:
    """Write a value so that no state is taken for one."""
    return f"“{value}”"


def states(frame: pd.DataFrame, keys: Sequence[Key]) -> dict[Key, str]:
    """Say what value each setting has that the frame lists."""
    present = _present(frame)
    return {key: _state(key, present[key[:3]][1]) for key in keys if key[:3] in present}


def _present(frame: pd.DataFrame) -> dict[Key, tuple[str, str]]:
    """Return the connector's name and the value of every setting."""
    names = ("tenant_code", "connector_id", "setting_key", "display_name", "value")
    rows = zip(*(frame[name].fillna("") for name in names), strict=True)
    return {(*key, setting): (name, value) for *key, setting, name, value in rows}


def _state(key: Key, present: str) -> str:
    return SET if present == key[3] else quoted(present)


def _condition(state: str) -> str:
    return state if state in (SET, NO_CONNECTOR) else OTHER


def plan_set_connector_settings(changes: pd.DataFrame, current: pd.DataFrame) -> Plan:
    """Plan to set connector settings.

    ``changes`` has tenant_code, connector_id, setting_key and value; ``current`` is the list of
    those tenants as ``services.frames.connector_settings`` gives it. Items also have connector_id
    and setting_key.
    """
    names = ["tenant_code", "connector_id", "setting_key", "value"]
    # A list of settings may have a connector twice.
    chosen = changes[names].drop_duplicates()
    rows = zip(*(chosen[name] for name in names), strict=True)
    return Plan(SET_SETTINGS, _items([Wanted(*row) for row in rows], current))


def _items(wanted: Sequence[Wanted], current: pd.DataFrame) -> pd.DataFrame:
    present = _present(current)
    rows, keys, skipped = [], [], {}
    for place, want in enumerate(wanted):
        key = want[:4]
        connector, value = present.get(key[:3], (want.connector_id, ""))
        before = _state(key, value) if key[:3] in present else NO_CONNECTOR
        if want.instead_of is not None and value != want.instead_of:
            skipped[place] = CHANGED_SINCE
        keys.append(key)
        rows.append((*key[:3], f"{connector}: {want.setting_key}", before, quoted(want.value)))
    columns = ["tenant_code", "connector_id", "setting_key", "label", "before", "goal"]
    planned = judged(SET_SETTINGS, pd.DataFrame(rows, columns=columns, dtype="str"), keys)
    return skip(planned.assign(after=planned["goal"]).drop(columns="goal"), skipped)


def _objects(keys: Sequence[Key]) -> list[dict[str, Any]]:
    entries: dict[tuple[str, str], dict[str, Any]] = {}
    for code, connector, setting, value in keys:
        new = {"tenantCode": code, "connectorSettings": []}
        entry = entries.setdefault((connector, code), new)
        entry["connectorSettings"].append({"settingKey": setting, "value": value})
    return by_connector((connector, entry) for (connector, _), entry in entries.items())


def _wanted(key: Key) -> Wanted:
    return Wanted(key[0], key[1], key[2], key[3])


def _again(items: Sequence[Item], current: pd.DataFrame, _now: datetime) -> Plan:
    return Plan(SET_SETTINGS, _items([_wanted(read_key(item.key)) for item in items], current))


def _undo(items: Sequence[Item], current: pd.DataFrame) -> Plan:
    done = [_wanted(read_key(item.key)) for item in items]
    wanted = [
        one._replace(value=item.before[1:-1], instead_of=one.value)
        for one, item in zip(done, items, strict=True)
    ]
    return Plan(SET_SETTINGS, _items(wanted, current))


def _told(pages: Iterable[object]) -> pd.DataFrame:
    told = told_apart(results.from_set_connector_setting(pages), "setting_key")
    # Quoted, what is not told is not taken for an empty value.
    return told.assign(value="“" + told["value"] + "”")


def _instead(key: Key, row: Mapping[str, Any]) -> str:
    """Say which value a result names that is not the one that was asked for."""
    return "" if row["value"] in ("", quoted(key[3])) else row["value"]


SET_SETTINGS = Kind(
    verb=Verb.SET_CONNECTOR_SETTINGS,
    operation="set_connector_setting",
    field="connectors",
    most=AT_ONCE,
    send=Client.set_connector_setting,
    objects=_objects,
    source=of_tenant(
        lambda client, code: [client.in_tenant(code).list_connector_settings()],
        connector_settings.to_frame,
    ),
    states=states,
    results=Results(
        _told,
        lambda key: key[:3],
        lambda row: (row["tenant_code"], row["connector_id"], row["setting_key"]),
        lambda key: ((key[0], key[1], ""), (key[0], "", "")),
        instead=_instead,
    ),
    condition=_condition,
    eligible={
        OTHER: "",
        SET: "It has this value already.",
        NO_CONNECTOR: "The tenant has no such setting.",
    },
    goal=SET,
    after=SET,
    again=_again,
    undo=_undo,
)
