"""Where messages go, and what became of them: first what could not be delivered."""

import pandas as pd
import streamlit as st

from dashboard import access, bootstrap, wording
from dashboard.components import formats, page, permits, tables
from dashboard.connection import Connection
from pages.watch import actions
from pages.watch.read import Found
from services.ledger import Message, MessageState
from services.ledger.outbox import WAITING_FOR_PEOPLE
from services.notifications.incidents import MessageKind
from services.operations import Verb

NONE = (
    "Set DASHBOARD_DESTINATIONS to names with addresses of mail, chat, paging or webhooks: "
    "docs/operating.md explains how. Rules still open incidents here."
)
UNDER_WAY = (MessageState.PLANNED, MessageState.INTENDED)


def names() -> list[str]:
    """Return the destinations of the settings by name."""
    return [*(bootstrap.settings().dashboard_destinations or {})]


def is_test_under_way(found: Found) -> bool:
    """Say whether a test is to leave that somebody waits for."""
    return any(
        each.kind == MessageKind.TEST and each.state in UNDER_WAY and each.destination in names()
        for each in found.messages
    )


def draw(connection: Connection, found: Found, text: str) -> None:
    """Draw the destinations with their tests, the messages that need a person, and all others."""
    _destinations(connection, found)
    _trouble(connection, found)
    shown = [each for each in found.messages if text.casefold() in _line(each).casefold()]
    if not shown:
        if found.messages:
            page.nothing_matches("message", {"wa_text": ""})
        else:
            page.empty("No messages yet", "What the rules tell, and tests, appear here.")
        return
    tables.show(_rows(shown), _columns(), key="wa.messages", of=len(found.messages), noun="message")


def _destinations(connection: Connection, found: Found) -> None:
    configured = names()
    if not configured:
        page.empty("No destination is configured", NONE, part=".destinations")
        return
    tests = [each for each in found.messages if each.kind == MessageKind.TEST]
    may = not access.permissions(connection).refusal(Verb.CHANGE_RULES)
    with st.container(horizontal=True, vertical_alignment="center", key="wa-destinations"):
        for name in configured:
            last = next((each for each in tests if each.destination == name), None)
            said = f"{wording.MESSAGES[last.state]} {formats.here(last.state_at)}" if last else ""
            if st.button(
                f"Send a test to {formats.literal(name)}",
                key=f"wa.test.{name}",
                icon=":material/send:",
                disabled=not may,
            ):
                actions.test(connection, name)
                st.rerun()
            if said:
                st.caption(said, width="content")


def _trouble(connection: Connection, found: Found) -> None:
    """Draw the messages that wait for a person, and those whose destination is unknown."""
    waiting = [each for each in found.messages if each.state in WAITING_FOR_PEOPLE]
    lost = [
        each
        for each in found.messages
        if each.state is MessageState.PLANNED and each.destination not in names()
    ]
    if not waiting and not lost:
        return
    with st.container(border=True, key="wa-trouble"):
        st.markdown("**:material/warning: Not delivered, or not surely**")
        may = permits.explain(connection, Verb.HANDLE_INCIDENTS)
        for each in waiting[:10]:
            _one(connection, each, may=may)
        if len(waiting) > 10:
            st.caption(f"And {len(waiting) - 10:,} more.")
        for name in sorted({each.destination for each in lost}):
            count = sum(each.destination == name for each in lost)
            st.text(
                f"{formats.counted(count, 'message')} for “{name}”, which the settings do not name."
            )


def _one(connection: Connection, message: Message, *, may: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{_line(message)}, {formats.here(message.state_at)}", width="stretch")
        if st.button("Send again", key=f"wa.again.{message.id}", disabled=not may):
            actions.send_again(connection, message.id)
            st.rerun()
        if st.button("Dismiss", key=f"wa.dismiss.{message.id}", type="tertiary", disabled=not may):
            actions.dismiss(connection, message.id)
            st.rerun()


def _line(message: Message) -> str:
    why = wording.MESSAGE_ERRORS.get(message.error, message.error)
    said = f"{wording.MESSAGE_KINDS[message.kind]} to {message.destination}"
    return f"{said}: {wording.MESSAGES[message.state]}{f'. {why}' if why else ''}"


def _rows(shown: list[Message]) -> pd.DataFrame:
    rows = pd.DataFrame(
        [
            {
                "at": each.sent_at or each.due_at,
                "kind": wording.MESSAGE_KINDS[each.kind],
                "destination": each.destination,
                "state": wording.MESSAGES[each.state],
                "why": wording.MESSAGE_ERRORS.get(each.error, each.error),
                "attempts": each.attempts,
                "incident": each.incident_id,
            }
            for each in shown
        ]
    )
    return rows.assign(at=pd.to_datetime(rows["at"], utc=True).dt.as_unit("ms"))


def _columns() -> tables.Columns:
    text = st.column_config.TextColumn
    return {
        "at": tables.time_column("Sent or due"),
        "kind": text("What", width=120),
        "destination": text("To", width=120),
        "state": text("State", width=110),
        "why": text("Why", width=330),
        "attempts": tables.count_column("Attempts", width=75),
        "incident": text("Incident", width=120),
    }
