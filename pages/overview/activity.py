"""What was done from here lately, and what broke off."""

import streamlit as st

from dashboard import navigation, wording
from dashboard.components import figures, formats
from dashboard.connection import Connection
from dashboard.operations import operation_results, start_outcome
from services.ledger import Operation, OperationFilter, State
from services.operations.starts.outcomes import effective_state

# The card is beside others: Activity has the rest.
SHOWN = 10
# Every query of the ledger is bounded; so many never break off at once.
COUNTED_AT_MOST = 200


def draw(connection: Connection) -> None:
    """Draw the interrupted operations as a figure and the newest ones as links."""
    actor = connection.actor
    ledger = connection.ledger
    broken = ledger.operations(
        OperationFilter(tenant=actor.tenant, host=actor.host, states=(State.INTERRUPTED,)),
        COUNTED_AT_MOST,
    )
    newest = ledger.operations(OperationFilter(tenant=actor.tenant, host=actor.host), SHOWN)
    if broken:
        figures.tile(
            "Interrupted",
            len(broken),
            navigation.ACTIVITY,
            {"act_state": [State.INTERRUPTED.value]},
            mark="!",
            color="red",
        )
    if not newest:
        st.caption("No operations yet.")
    starts = start_outcome.known(connection, newest)
    for operation in newest:
        state = effective_state(operation, starts.get(operation.id))
        _line(operation, state, operation_results.result(operation, starts))


def _line(operation: Operation, state: str, result: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        navigation.link(
            navigation.ACTIVITY,
            f"{wording.verb(operation.verb)}: {wording.STATES[state]}",
            {"act_op": operation.id},
            icon=":material/history:",
        )
        started = operation.started_at
        st.text(
            f"{formats.here(started)} · {operation.actor.user} · {result}",
            help=formats.exactly(started),
        )
