"""What was done with the tenant from here: the operations of the ledger."""

import pandas as pd
import streamlit as st

from dashboard import navigation, wording
from dashboard.components import tables
from dashboard.operations import operation_results
from pages.tenant.read import OPERATIONS_AT_MOST, Found
from services.operations.starts.outcomes import effective_state


def draw(found: Found) -> None:
    """Draw the operations, newest first; a row opens one in Activity."""
    st.header("Operations", anchor=False)
    if not found.operations:
        st.caption(":material/inbox: No operations on this tenant yet.")
        return
    rows = pd.DataFrame(
        {
            "started": pd.to_datetime([each.started_at for each in found.operations], utc=True),
            "verb": [wording.verb(each.verb) for each in found.operations],
            "state": [
                wording.STATES[effective_state(each, found.starts.get(each.id))]
                for each in found.operations
            ],
            "outcome": [operation_results.result(each, found.starts) for each in found.operations],
            "user": [each.actor.user for each in found.operations],
            "reason": [each.reason for each in found.operations],
        }
    )
    columns: tables.Columns = {
        "started": tables.time_column("Started"),
        "verb": st.column_config.TextColumn("What", width=170),
        "state": st.column_config.TextColumn("State", width=105),
        "outcome": st.column_config.TextColumn("Outcome (all its tenants)", width=290),
        "user": st.column_config.TextColumn("Who", width=170),
        "reason": st.column_config.TextColumn("Why", width=230),
    }
    tables.head(
        f"{tables.counted(rows, len(rows), 'operation')}. Select one to open it.",
        rows,
        key="ten.done",
    )
    if len(rows) >= OPERATIONS_AT_MOST:
        st.caption(f"The newest {OPERATIONS_AT_MOST}. Activity lists the rest.")
    clicked = tables.clicked(rows, columns, key="ten.done")
    if clicked is not None:
        navigation.go_to(navigation.ACTIVITY, {"act_op": found.operations[clicked].id})
