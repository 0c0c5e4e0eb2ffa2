"""What a rule about connectors costs, and how much of its tenants is known how long."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard.components import formats
from dashboard.connection import Connection
from dashboard.watch import notifying, watching
from services.ledger import ConnectorReading
from services.monitoring.phrases import duration
from services.monitoring.watch import Observation, WatchStatus
from services.monitoring.watch.connectors import CALLS, round_of
from services.notifications.rules import TenantSet

WITHOUT_NIGHT = (
    f"Connectors are read tenant by tenant, at most {CALLS} calls each. How long a round takes is "
    "told once the watch has looked."
)


def draw(
    connection: Connection,
    tenants: TenantSet,
    nights: Sequence[Observation],
    names: Mapping[str, str],
) -> None:
    """Draw how long a round through the tenants of a set takes, and what is known of them."""
    if not nights:
        st.caption(f":material/schedule: {WITHOUT_NIGHT}")
        return
    ledger, place = connection.ledger, connection.actor.place
    codes = nights[0].rows["tenant_code"]
    own = set(codes[notifying.scope_at(ledger, place, names)(tenants, codes)])
    sets = notifying.connector_sets(ledger, place, list(codes), lambda: names)
    others = {code for each in sets.values() for code in each}
    st.caption(f":material/schedule: {_round(connection, own, own | others)}")
    known = ledger.connector_readings.of(place)
    st.caption(f":material/link: {_known(own, known)}")
    status = watching.watches().status(connection.name)
    if isinstance(status, WatchStatus) and status.connectors_trouble:
        st.text(f"The watch cannot read connectors: {status.connectors_trouble}")


def since(connection: Connection, codes: Collection[str]) -> str:
    """Return since when it is known that connectors of these tenants lack a credential."""
    known = connection.ledger.connector_readings.of(connection.actor.place)
    times = [each.read_at for code in codes if (each := known.get(code)) and each.read_at]
    return f"As their connectors were read, {formats.here(min(times))} or later." if times else ""


def _round(connection: Connection, own: Collection[str], every: Collection[str]) -> str:
    takes = duration(round_of(len(every), connection.client.budget()).total_seconds())
    more = len(every) - len(own)
    others = f", with {more:,} of other rules" if more else ""
    return (
        f"Reads the connectors of {formats.counted(len(own), 'tenant')}{others}, at most {CALLS} "
        f"calls each, between other calls of the watch: a round takes {takes} or longer."
    )


def _known(own: Collection[str], known: Mapping[str, ConnectorReading]) -> str:
    times = pd.Series([known[code].read_at for code in own if code in known]).dropna()
    left = len(own) - len(times)
    if times.empty:
        return "None of them has been read yet, so nothing is known of their connectors."
    read = f"{len(times):,} read, the longest ago {formats.here(times.min())}"
    unread = f"{formats.counted(left, 'tenant')} not read yet: nothing is known of them"
    return f"{read}. {unread}." if left else f"All {read}."
