"""Pausing and stopping an operation that is at work."""

from collections.abc import Callable

import streamlit as st

from dashboard import access
from dashboard.components import errors, permits
from dashboard.connection import Connection
from dashboard.streamlit_compat import user_activity
from services.ledger import Operation, State
from services.operations import Permissions
from services.operations.verbs.registry import VERBS


def draw(connection: Connection, operation: Operation, state: State) -> None:
    """Draw what can be asked of it: to stop, and to rest where what is left can be done later."""
    runner, paused = connection.app.runner(), state is State.PAUSED
    may = permits.explain(connection, operation.verb)
    with st.container(horizontal=True):
        if operation.verb in VERBS:
            st.button(
                "Resume" if paused else "Pause",
                key=f"operation.pause.{operation.id}",
                icon=":material/play_arrow:" if paused else ":material/pause:",
                disabled=not may,
                on_click=_steer,
                args=(connection, runner.resume if paused else runner.pause, operation.id),
            )
        st.button(
            "Stop",
            key=f"operation.stop.{operation.id}",
            icon=":material/stop:",
            disabled=not may or state is State.STOPPING,
            help="Requests already sent stay in effect. Nothing more is sent.",
            on_click=_steer,
            args=(connection, runner.stop, operation.id),
        )


def _steer(connection: Connection, ask: Callable[[str, Permissions], None], id_: str) -> None:
    may = access.permissions(connection)
    # In a fragment the script itself does not run, where clicks are noted.
    user_activity.note()
    with errors.kept():
        ask(id_, may)
