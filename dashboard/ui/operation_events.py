"""What was noted of an operation: when, what, and whose doing it was."""

import orjson
import streamlit as st

from dashboard import bootstrap, wording
from dashboard.connection import Connection
from dashboard.ui import chrome, formats
from services.ledger import Control, EventKind, NotedEvent, Operation


def in_words(operation: Operation, event: NotedEvent) -> str:
    """Say in one line what happened, with the time in the chosen zone, and by whom."""
    moment = formats.clock_time(event.at, chrome.time_zone())
    return f"{moment} {_what(operation, event)}" + (f" by {event.who}" if event.who else "")


def _what(operation: Operation, event: NotedEvent) -> str:
    if event.kind == EventKind.CONTROL:
        return wording.CONTROLS[Control(event.text)]
    if event.kind == EventKind.REFUSED:
        return refused(operation, event)
    return f"{wording.EVENTS.get(event.kind, event.kind)}: {event.text}"


def refused(operation: Operation, event: NotedEvent) -> str:
    """Say why something was refused and, where an operation never began, what was not sent."""
    why = wording.refusal(operation.verb, event.text)
    if not event.answer:
        return why
    meant = orjson.loads(event.answer)
    return f"{why} Nothing was sent: {meant['label'] or formats.counted(meant['items'], 'item')}."


def draw(connection: Connection, operation: Operation, at_most: int) -> None:
    """Draw the newest events of an operation, with what was sent and answered."""
    with st.expander(f"{formats.counted(operation.request_count, 'request')} and other events"):
        for event in bootstrap.ledger(connection).events(operation.id, at_most):
            if event.kind == EventKind.VERIFIED:
                continue  # A document, which is drawn as what it tells.
            st.text(in_words(operation, event))
            for text in (event.request, event.answer):
                if text and event.kind != EventKind.REFUSED:
                    st.code(text, language=None, wrap_lines=True)
