"""The incidents as a table: the unresolved first."""

from collections.abc import Collection, Mapping

import pandas as pd
import streamlit as st

from dashboard.components import page, tables, token_choices
from dashboard.wording import INCIDENTS
from pages.watch import actions
from pages.watch.read import Found
from services.ledger import IncidentState, StoredIncident
from services.notifications.incidents import Episode

UNRESOLVED, EVERY = "unresolved", "all"
STATES = {UNRESOLVED: "Unresolved", **INCIDENTS, EVERY: "All"}
MARKS = {
    IncidentState.OPEN: "● Open",
    IncidentState.ACKNOWLEDGED: "◐ Acknowledged",
    IncidentState.RESOLVED: "○ Resolved",
}


def draw(found: Found, text: str, kinds: Collection[str], unfiltered: Mapping[str, object]) -> None:
    """Draw the incidents; a click opens one."""
    if not found.incidents:
        _none(found)
        return
    of_kind = (each for each in found.incidents if not kinds or each.facts["kind"] in kinds)
    kept = [each for each in of_kind if _holds(found, each, text)]
    with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
        state = token_choices.one(
            "State",
            STATES,
            key="wa_state",
            default=UNRESOLVED,
            shows_label=False,
            counts={token: sum(_is(each, token) for each in kept) for token in STATES},
        )
    # Who is looked after by nobody comes first.
    shown = sorted((each for each in kept if _is(each, state)), key=_order)
    if not shown:
        if text or kinds or state != UNRESOLVED:
            page.nothing_matches("incident", unfiltered)
        else:
            page.empty("Nothing is wrong", "No incident is unresolved.")
        return
    tables.show(
        _rows(found, shown),
        _columns(),
        key="wa.incidents",
        of=len(found.incidents),
        noun="incident",
        opens=actions.OPENED,
        export=("key", *_columns()),
    )


def _none(found: Found) -> None:
    if found.stored:
        page.empty("No incidents", "The rules have found nothing so far.")
    else:
        page.empty(
            "No rules yet",
            "A rule says what must not happen, such as a deadline that tenants miss, and who is "
            "told. Add one with New rule.",
        )


def sentence_case(text: str) -> str:
    """Return a text with a capital at its beginning; a tenant's code stays as it is."""
    return text if "~" in text.partition(" ")[0] else text[:1].upper() + text[1:]


def _order(incident: StoredIncident) -> int:
    return [*IncidentState].index(incident.state)


def _is(incident: StoredIncident, state: str) -> bool:
    if state == UNRESOLVED:
        return incident.resolved_at is None
    return state in (EVERY, incident.state.value)


def _holds(found: Found, incident: StoredIncident, text: str) -> bool:
    """Return whether the text is part of what an incident says, its tenants, or who has it."""
    wanted = text.casefold()
    episode = Episode.of(incident)
    people = (incident.assignee, incident.acknowledged_by, incident.note)
    texts = (found.words.what(episode), *people, *episode.every_tenant)
    names = (found.words.names.get(code, "") for code in episode.every_tenant)
    return not wanted or any(wanted in each.casefold() for each in (*texts, *names))


def _rows(found: Found, shown: list[StoredIncident]) -> pd.DataFrame:
    told: dict[str, set[str]] = {}
    for message in found.messages:
        if message.sent_at:
            told.setdefault(message.incident_id, set()).add(message.destination)
    records = []
    for each in shown:
        episode = Episode.of(each)
        records.append(
            {
                "key": each.id,
                "state": MARKS[each.state],
                "what": sentence_case(found.words.what(episode)),
                "still": len(episode.tenants) if episode.every_tenant else None,
                "tenants": len(episode.every_tenant) if episode.every_tenant else None,
                "opened": each.opened_at,
                "resolved": each.resolved_at,
                "who": each.acknowledged_by,
                "until": each.acknowledged_until,
                "assignee": each.assignee,
                "note": each.note,
                "told": ", ".join(sorted(told.get(each.id, ()))),
            }
        )
    rows = pd.DataFrame(records)
    for name in ("opened", "resolved", "until"):
        rows[name] = pd.to_datetime(rows[name], utc=True).dt.as_unit("ms")
    for name in ("still", "tenants"):
        rows[name] = rows[name].astype("Int64")
    return rows


def _columns() -> tables.Columns:
    text = st.column_config.TextColumn
    return {
        "state": text("State", width=112),
        "what": text("What", width=380),
        "still": tables.count_column("Still", "Tenants that have not come right", width=55),
        "tenants": tables.count_column("Tenants", width=68),
        "opened": tables.time_column("Since"),
        "who": text("Acknowledged by", width=130),
        "until": tables.time_column("Until"),
        "assignee": text("Assigned to", width=110),
        "note": text("Note", width=180),
        "told": text("Told", width=110, help="Destinations that a message about it reached"),
        "resolved": tables.time_column("Resolved"),
    }
