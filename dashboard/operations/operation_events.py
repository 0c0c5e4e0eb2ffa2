"""What was noted of an operation: when, what, and whose doing it was."""

import streamlit as st

from dashboard import time_zone
from dashboard.components import formats
from dashboard.connection import Connection
from dashboard.operations import event_words
from services.ledger import EventKind, NotedEvent, Operation


def in_words(operation: Operation, event: NotedEvent) -> str:
    """Return an event in one line: time in the chosen zone, what happened, by whom."""
    moment = formats.clock_time(event.at, time_zone.chosen())
    what = event_words.in_words(operation.verb, event)
    return f"{moment} {what}" + (f" by {event.who}" if event.who else "")


def draw(connection: Connection, operation: Operation, at_most: int) -> None:
    """Draw the newest events of an operation, with what was sent and answered."""
    with st.expander(f"{formats.counted(operation.request_count, 'request')} and other events"):
        for event in connection.ledger.events(operation.id, at_most):
            if event.kind == EventKind.VERIFIED:
                continue  # A document, which is drawn as what it tells.
            st.text(in_words(operation, event))
            for text in (event.request, event.answer if event_words.has_answer(event) else ""):
                if text:
                    st.code(text, language=None, wrap_lines=True)
