"""The nights that are on record at the place of a connection; no call."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.connection import Connection
from dashboard.watch import notifying
from services.clock import CLOCK
from services.ledger import Ledger, Place
from services.monitoring.watch import recorded, trends
from services.monitoring.watch.history import NIGHTS, Histories, History
from services.monitoring.watch.totals import words_of

KINDS_KEPT_FOR: Final = timedelta(minutes=5)


# Of a place and not of a person: who is connected there sees what is on record there. A place with
# 50,000 tenants takes some 35 MB.
@st.cache_resource(
    show_spinner=False,
    max_entries=8,
    hash_funcs={Place: lambda place: (place.host, place.tenant)},
)
def _histories(place: Place) -> Histories:
    return Histories(place, notifying.watch_zone())


def load(connection: Connection) -> History:
    """Return the last 90 nights, up to the present one; raises services.ledger.LedgerTrouble."""
    return _histories(connection.actor.place).newest(connection.app.ledger, CLOCK.now())


def rows_of(
    connection: Connection, night: date, columns: list[str], nothing: pd.DataFrame
) -> pd.DataFrame:
    """Return some columns of what is on record of a night, `nothing` where it is not.

    Raises services.ledger.LedgerTrouble.
    """
    found = recorded.rows(connection.app.ledger(), connection.actor.place, [night], columns)
    return found.get(night, nothing)


# Without the rows of the nights: a screen that shows rules needs none of them.
@st.cache_resource(
    show_spinner=False,
    max_entries=8,
    ttl=KINDS_KEPT_FOR,
    hash_funcs={Place: lambda place: (place.host, place.tenant)},
)
def failure_words(place: Place, _ledger: Callable[[], Ledger]) -> Mapping[str, str]:
    """Return by their keys the kinds of failure on record at a place in words, as of minutes ago.

    The newest and most frequent come first. Raises services.ledger.LedgerTrouble.
    """
    nights = _ledger().nights.listed(place, limit=NIGHTS)
    return {kind.key: words_of(kind) for kind in trends.kinds_on_record(nights)}
