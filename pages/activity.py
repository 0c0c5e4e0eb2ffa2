"""Activity: every operation ever applied here, what became of it, and what broke off."""

import pandas as pd
import streamlit as st

from dashboard import bootstrap, session
from dashboard.connection import Connection
from dashboard.ui import filters, formats, operation_panel, page, plan_panel, tables
from services.ledger import Operation, OperationFilter, Outcome, State
from services.operations import CredentialVerb, FileVerb, Verb
from services.operations.recovery.case import RecoveryVerb
from services.operations.start_forms import StartVerb

ACTIVITY = "activity"
LISTED_AT_MOST = 200
OPENED = "act_op"
FILTERS: dict[str, object] = {
    "act_verb": [],
    "act_state": [],
    "act_outcome": None,
    "act_actor": "",
    "act_text": "",
    "act_from": None,
    "act_to": None,
}


def main() -> None:
    """Load, filter, show."""
    connection = session.signed_in()
    page.head(
        "Activity", "Every operation applied from here: who, when, what, why and how it went."
    )
    drawn = {session.operation(ACTIVITY), *_interrupted(connection)}
    wanted = _filter(connection)
    found = bootstrap.ledger().operations(wanted, LISTED_AT_MOST + 1)
    opened = st.query_params.get(OPENED)
    if not found and wanted == _unfiltered(connection):
        page.empty("Nothing yet", "What is applied on the other screens is written down here.")
    elif not found:
        page.nothing_matches("operation", FILTERS)
    else:
        _table(found)
    if opened and opened not in drawn:
        with st.container(border=True):
            operation_panel.show(connection, opened)
    plan_panel.slot(connection, ACTIVITY)


def _unfiltered(connection: Connection) -> OperationFilter:
    actor = connection.actor
    return OperationFilter(tenant=actor.tenant, host=actor.host)


def _interrupted(connection: Connection) -> list[str]:
    """Draw the operations that broke off, on top; return their ids."""
    broken = bootstrap.ledger().interrupted(connection.identity.name)
    for operation in broken:
        with st.container(border=True):
            st.markdown(f"## :material/running_with_errors: Interrupted: {operation.verb}")
            operation_panel.show(connection, operation.id)
    return [operation.id for operation in broken]


def _filter(connection: Connection) -> OperationFilter:
    with filters.row():
        verbs = st.multiselect(
            "What",
            [*Verb, *StartVerb, *CredentialVerb, *FileVerb, *RecoveryVerb],
            key="act_verb",
            bind="query-params",
            placeholder="Any",
            width=240,
        )
        states = st.multiselect(
            "State", list(State), key="act_state", bind="query-params", placeholder="Any", width=200
        )
        outcome = st.selectbox(
            "With an item that",
            list(Outcome),
            index=None,
            key="act_outcome",
            bind="query-params",
            placeholder="Any",
            width=180,
        )
        who = st.text_input("Who", key="act_actor", bind="query-params", type="search", width=160)
        text = st.text_input(
            "Text",
            key="act_text",
            bind="query-params",
            type="search",
            help="Part of the reason or the filter, a whole tenant code, or an operation's id.",
            width=200,
        )
        with filters.together():
            since, until = filters.span("From", "act_from", "To", "act_to")
    actor = connection.actor
    return OperationFilter(
        verbs=tuple(verbs),
        actor=(who or "").strip(),
        tenant=actor.tenant,
        host=actor.host,
        since=None if since is None else since.to_pydatetime(),
        until=None if until is None else until.to_pydatetime(),
        outcome=outcome,
        states=tuple(states),
        text=(text or "").strip(),
    )


def _table(found: list[Operation]) -> None:
    """Draw the operations; a click on a row opens it."""
    if len(found) > LISTED_AT_MOST:
        st.caption(f"The newest {LISTED_AT_MOST:,}. Filter to see older ones.")
    rows = _rows(found[:LISTED_AT_MOST])
    rows = rows.assign(key=rows["id"])
    columns: tables.Columns = {
        "started": tables.time_column("Started"),
        "verb": st.column_config.TextColumn("What", width=170),
        "reason": st.column_config.TextColumn("Why", width=228),
        "outcomes": st.column_config.TextColumn("Items by outcome", width=190),
        "user": st.column_config.TextColumn("Who", width=170),
        "state": st.column_config.TextColumn("State", width=90),
        "filter": st.column_config.TextColumn("Selected by", width=240),
        "requests": st.column_config.NumberColumn("Requests"),
        "id": st.column_config.TextColumn("Operation", width=290),
    }
    count = formats.counted(len(rows), "operation")
    tables.head(count, rows[list(columns)], key="act.table")
    tables.rows(rows, columns, key="act.table", opens=OPENED)


def _rows(found: list[Operation]) -> pd.DataFrame:
    records = [
        {
            "started": operation.started_at,
            "verb": operation.verb,
            "user": operation.actor.user,
            "state": operation.state.value,
            "outcomes": operation_panel.counted(operation.item_counts),
            "reason": operation.reason,
            "filter": operation.filter_text,
            "requests": operation.request_count,
            "id": operation.id,
        }
        for operation in found
    ]
    rows = pd.DataFrame(records)
    return rows.assign(started=pd.to_datetime(rows["started"], utc=True).dt.as_unit("ms"))


main()
