"""The nights that are on record at the place of a connection; no call."""

from datetime import date

import pandas as pd
import streamlit as st

from dashboard.connection import Connection
from dashboard.watch import notifying
from services.clock import CLOCK
from services.ledger import Place
from services.monitoring.watch import recorded
from services.monitoring.watch.history import Histories, History


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
