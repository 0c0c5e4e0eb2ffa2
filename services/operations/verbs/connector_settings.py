"""Changing settings of data connectors, tenant by tenant.

Data and Job Handling API, PUT /v1/op/data-connectors/connector-settings.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Final, NamedTuple

import pandas as pd
from typing_extensions import override

from services.frames import connector_settings, results

from ..engine.changes import Change, Key, Skip
from ..engine.plan import Plan, PlanningVerb, evaluate_eligibility
from ..engine.verb_spec import Answer
from ..tokens import Verb
from .connections import AT_ONCE, by_connector, of_tenant, told_apart


class SettingKey(NamedTuple):
    """One setting of a connector and its new value."""

    tenant_code: str
    connector_id: str
    setting_key: str
    value: str


@dataclass(frozen=True)
class SettingState:
    """The value of a setting; None where the tenant has no such setting."""

    value: str | None


MISSING: Final = SettingState(None)


_NONE: Final[Mapping[int, Skip]] = MappingProxyType({})


class Wanted(NamedTuple):
    """A setting to change; `instead_of` is the value it must have now, None for any."""

    key: SettingKey
    instead_of: str | None = None


class _Answer(Answer[SettingKey]):
    @override
    def to_frame(self, payloads: Iterable[object]) -> pd.DataFrame:
        found = told_apart(results.from_set_connector_setting(payloads), "setting_key")
        # A missing value is not an empty one.
        return found.assign(told_value=found["value"].notna())

    @override
    def names(self, key: SettingKey) -> Key:
        return key[:3]

    @override
    def named_by(self, row: Mapping[str, Any]) -> Key:
        return row["tenant_code"], row["connector_id"], row["setting_key"]

    @override
    def wholes(self, key: SettingKey) -> tuple[Key, ...]:
        # A failure may name the connector, or the tenant, without the setting.
        return (key.tenant_code, key.connector_id, ""), (key.tenant_code, "", "")

    @override
    def instead(self, key: SettingKey, row: Mapping[str, Any]) -> str:
        """Return the value in a result, in quotes, where it is not the wanted one."""
        is_other = row.get("told_value") and row["value"] != key.value
        return f"“{row['value']}”" if is_other else ""


class SetConnectorSettings(PlanningVerb[SettingKey, SettingState]):
    """Set the values of settings."""

    verb: ClassVar = Verb.SET_CONNECTOR_SETTINGS
    operation: ClassVar = "set_connector_setting"
    field: ClassVar = "connectors"
    batch_size = AT_ONCE
    key_type: ClassVar = SettingKey
    state_type: ClassVar = SettingState
    source = of_tenant(
        lambda client, code: [client.in_tenant(code).list_connector_settings()],
        connector_settings.to_frame,
    )
    answer = _Answer()
    can_undo: ClassVar = True

    @override
    def states(
        self, frame: pd.DataFrame, keys: Sequence[SettingKey]
    ) -> dict[SettingKey, SettingState]:
        present = _present(frame)
        return {key: SettingState(present[key[:3]][1]) for key in keys if key[:3] in present}

    @override
    def skip(self, state: SettingState) -> Skip | None:
        """Skip missing settings; whether one has the value already depends on its key."""
        return Skip.NOT_LISTED if state.value is None else None

    @override
    def goal(self, key: SettingKey, before: SettingState) -> SettingState:
        return SettingState(key.value)

    @override
    def objects(self, keys: Sequence[SettingKey]) -> list[dict[str, Any]]:
        """Return the settings by connector and tenant."""
        entries: dict[tuple[str, str], dict[str, Any]] = {}
        for code, connector, setting, value in keys:
            new = {"tenantCode": code, "connectorSettings": []}
            entry = entries.setdefault((connector, code), new)
            entry["connectorSettings"].append({"settingKey": setting, "value": value})
        return by_connector((connector, entry) for (connector, _), entry in entries.items())

    @override
    def again(
        self, items: Sequence[Change[SettingState]], current: pd.DataFrame, now: datetime
    ) -> Plan:
        return _plan([Wanted(SettingKey(*item.key)) for item in items], current)

    @override
    def undo(self, items: Sequence[Change[SettingState]], current: pd.DataFrame) -> Plan:
        """Return a plan to restore the former values, where nobody has changed them since."""
        done = [SettingKey(*item.key) for item in items]
        # An earlier version cut long values: these cannot be restored.
        lost = {place for place, item in enumerate(items) if item.before.value is None}
        wanted = [
            Wanted(key._replace(value=item.before.value or ""), instead_of=key.value)
            for key, item in zip(done, items, strict=True)
        ]
        return _plan(wanted, current, dict.fromkeys(lost, Skip.UNKNOWN))


SET_SETTINGS = SetConnectorSettings()


def plan_set_connector_settings(changes: pd.DataFrame, current: pd.DataFrame) -> Plan:
    """Return a plan to set connector settings.

    ``changes`` has tenant_code, connector_id, setting_key and value; ``current`` is the frame of
    ``services.frames.connector_settings`` of those tenants. Items also have connector_id and
    setting_key.
    """
    names = ["tenant_code", "connector_id", "setting_key", "value"]
    # A list of settings may have a connector twice.
    chosen = changes[names].drop_duplicates()
    rows = zip(*(chosen[name] for name in names), strict=True)
    return _plan([Wanted(SettingKey(*row)) for row in rows], current)


def _plan(
    wanted: Sequence[Wanted], current: pd.DataFrame, lost: Mapping[int, Skip] = _NONE
) -> Plan:
    present = _present(current)
    keys, states, names, skips = [], [], [], dict(lost)
    for place, (key, instead_of) in enumerate(wanted):
        name, value = present.get(key[:3], (key.connector_id, None))
        if value == key.value:
            skips.setdefault(place, Skip.ALREADY_DONE)
        if instead_of is not None and value != instead_of:
            skips[place] = Skip.CHANGED_SINCE
        keys.append(key)
        states.append(SettingState(value))
        names.append(name)
    facts = pd.DataFrame(
        {
            "connector_id": pd.array([key.connector_id for key in keys], dtype="str"),
            "setting_key": pd.array([key.setting_key for key in keys], dtype="str"),
        }
    )
    return Plan(SET_SETTINGS, evaluate_eligibility(SET_SETTINGS, keys, states, names, skips), facts)


def _present(frame: pd.DataFrame) -> dict[Key, tuple[str, str]]:
    """Return the connector's name and the value of each setting."""
    names = ("tenant_code", "connector_id", "setting_key", "display_name", "value")
    rows = zip(*(frame[name].fillna("") for name in names), strict=True)
    return {(*key, setting): (name, value) for *key, setting, name, value in rows}
