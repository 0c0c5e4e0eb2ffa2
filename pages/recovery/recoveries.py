"""The recoveries there are, the link of each, and the head of the one that is open."""

import pandas as pd
import streamlit as st

from dashboard import time_zone, wording
from dashboard.components import formats, tables
from dashboard.connection import Connection
from dashboard.operations import operation_results, recovery_link, recovery_words
from pages.recovery import stages
from services.ledger import State
from services.operations.recovery.incident import Recovery, recoveries

OPENED = "recovery"
# The newest; Activity finds older ones.
LISTED_AT_MOST = 50


def draw(connection: Connection) -> None:
    """Draw the recoveries of this tenant, the open ones first; a click opens one."""
    found = recoveries(connection.ledger, connection.actor, LISTED_AT_MOST)
    if not found:
        return
    found.sort(key=lambda each: each.state is not State.OPEN)
    st.markdown("## Recoveries so far")
    records = [
        {
            "key": each.id,
            "state": wording.STATES[each.state],
            "started": each.started_at,
            "user": each.actor.user,
            "how": each.filter_text,
            "tenants": sum(each.item_counts.values()),
            "outcomes": operation_results.counted(each.item_counts, each.verb),
            "reason": each.reason,
        }
        for each in found
    ]
    rows = pd.DataFrame(records)
    columns: tables.Columns = {
        "state": st.column_config.TextColumn("State", width=80),
        "started": tables.time_column("Begun"),
        "user": st.column_config.TextColumn("By", width=180),
        "how": st.column_config.TextColumn("Found by", width=320),
        "tenants": tables.count_column("Tenants", width=80),
        "outcomes": st.column_config.TextColumn("Tenants by outcome", width=240),
        "reason": st.column_config.TextColumn("Why", width=240),
    }
    started = pd.to_datetime(rows["started"], utc=True).dt.as_unit("ms")
    rows = rows.assign(started=started)
    text = "1 recovery" if len(rows) == 1 else f"{len(rows):,} recoveries"
    tables.head(text, rows[list(columns)], key="rec.list")
    tables.rows(rows, columns, key="rec.list", opens=OPENED)


def way_back() -> None:
    """Draw the way to all recoveries, and to a new one."""
    st.button(
        "All recoveries",
        key="rec.back",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=_to_all,
    )


def _to_all() -> None:
    # To clear them all is refused while the time zone stands among them.
    st.query_params.pop(OPENED, None)
    st.query_params.pop(stages.STAGE, None)
    # A load that was found before would be shown in their place.
    for field in recovery_link.FOUND_BY:
        st.session_state.pop(field, None)
    st.query_params.pop(recovery_link.DELIVERY, None)


def headline(recovery: Recovery) -> None:
    """Show which recovery this is, and that its link is all a colleague needs."""
    operation = recovery.operation
    begun = operation.started_at
    with st.container(horizontal=True, vertical_alignment="center", key="rec-headline"):
        with st.container(gap="xxsmall"):
            incident = recovery.incident
            how = recovery_words.found_by(incident.found_by, incident.how, time_zone.chosen())
            st.text(f"Found by {how}")
            st.text(
                f"{'Closed' if recovery.is_closed else 'Open'} · begun "
                f"{formats.here(begun)} by {operation.actor.user}"
                + (f" · {operation.reason}" if operation.reason else ""),
                help=formats.exactly(begun),
            )
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            way_back()
            with st.popover("Hand over", icon=":material/share:"):
                st.text(
                    "Anyone signed in to the same Visier can open this address to continue at "
                    "this checkpoint:"
                )
                st.code(_address(recovery), language=None, wrap_lines=True)


def _address(recovery: Recovery) -> str:
    """Return the address of a recovery, as this page is reached."""
    here = (st.context.url or "").partition("?")[0]
    return f"{here}?{OPENED}={recovery.id}"
