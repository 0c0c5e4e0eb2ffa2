"""What is to be expected of the night under way at the place of a connection; no call."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

import streamlit as st

from dashboard.components import tenants
from dashboard.connection import Connection
from dashboard.watch import notifying
from services.clock import CLOCK
from services.ledger import Place
from services.monitoring.watch.forecast import Forecast, Forecasts
from services.monitoring.watch.history import History
from services.monitoring.watch.usual import Flags
from services.notifications.outlook import Prospect, prospects
from services.notifications.rules import Rule, UnreadableRule, read

OLD_AFTER: Final = timedelta(hours=2)
"""Lists of 50,000 tenants are read every quarter of an hour, with a small budget every hour."""


class Group(StrEnum):
    """Tenants of the night under way that a link can name, besides those of a deadline."""

    LOADED = "loaded"
    REST = "rest"
    STAYS_OUT = "stays_out"


@dataclass(frozen=True, eq=False)
class Outlook:
    """A forecast, and the deadlines of its night: by the tokens that links name their tenants by.

    `is_old` says that nobody has looked for long: what was expected since may have come.
    """

    forecast: Forecast
    deadlines: list[Prospect]
    is_old: bool

    @property
    def groups(self) -> Mapping[str, Flags]:
        """The groups of tenants by their tokens, in the order of `forecast.codes`."""
        return {
            Group.LOADED: self.forecast.has_loaded,
            Group.REST: self.forecast.comes,
            Group.STAYS_OUT: self.forecast.stays_out,
            **{each.rule_id: each.misses for each in self.deadlines},
        }


def load(connection: Connection, found: History) -> Outlook | None:
    """Return what is to be expected of the newest night of a history.

    None where nobody has looked at it. Raises services.ledger.LedgerTrouble.
    """
    place = connection.actor.place
    forecast = _forecasts(place).of(found)
    if forecast is None:
        return None
    is_old = CLOCK.now() - forecast.as_of > OLD_AFTER
    if not forecast.can_tell:
        return Outlook(forecast, [], is_old)
    rules = [
        (each.id, rule)
        for each in connection.ledger.rules.listed(place)
        if each.is_enabled and (rule := _readable(each.body)) is not None
    ]
    names = tenants.at_hand(connection).frame.dropna(subset="display_name")
    by_code = dict(zip(names["tenant_code"], names["display_name"], strict=True))
    scope = notifying.scope_at(connection.app.ledger(), place, by_code)
    return Outlook(forecast, prospects(rules, forecast, scope), is_old)


def _readable(body: str) -> Rule | None:
    try:
        return read(body)
    except UnreadableRule:
        return None


# What earlier nights tell of 50,000 tenants takes some 50 MB.
@st.cache_resource(
    show_spinner=False,
    max_entries=8,
    hash_funcs={Place: lambda place: (place.host, place.tenant)},
)
def _forecasts(place: Place) -> Forecasts:  # noqa: ARG001 - part of the key
    return Forecasts(notifying.watch_zone())
