"""One incident in a drawer: its tenants, what was told, and who looks after it."""

import pandas as pd
import streamlit as st

from dashboard import access, navigation, time_zone, wording
from dashboard.components import errors, formats, permits, rule_words, tables, tenants, typed_time
from dashboard.components.job_states import Color
from dashboard.connection import Connection
from dashboard.streamlit_compat import user_activity
from pages.watch import actions, connectors_read, read
from pages.watch.incidents import sentence_case
from pages.watch.read import Found
from services.clock import CLOCK
from services.ledger import IncidentState, StoredIncident
from services.notifications.incidents import Episode
from services.operations import Verb
from services.typed_text import trimmed

COLORS: dict[IncidentState, Color] = {
    IncidentState.OPEN: "red",
    IncidentState.ACKNOWLEDGED: "orange",
    IncidentState.RESOLVED: "green",
}
LINKED_AT_MOST = 1_500
"""Letters of the tenants in a link at most."""


def drawer(connection: Connection, found: Found) -> None:
    """Show the incident the link names; closing the drawer takes it out of the link."""
    incident = found.incident(st.query_params.get(actions.OPENED, ""))
    what = sentence_case(found.words.what(Episode.of(incident))) if incident else "Incident"
    shown = st.dialog(
        formats.literal(what), position="right", width="medium", on_dismiss=actions.close
    )
    shown(access.while_it_holds(user_activity.noted(_drawer)))(connection, found)


def _drawer(connection: Connection, found: Found) -> None:
    errors.show_kept()
    incident = found.incident(st.query_params.get(actions.OPENED, ""))
    if incident is None:
        st.text("This incident does not exist here, or is older than the ledger keeps.")
        return
    episode = Episode.of(incident)
    _state(incident)
    _rule(found, incident)
    if incident.resolved_at:
        st.text(found.words.resolution(incident, episode))
    else:
        _acknowledging(connection, incident)
    if episode.kind == "no_credential":
        st.caption(connectors_read.since(connection, episode.tenants))
    _tenants(found, episode)
    _told(found, incident)


def _state(incident: StoredIncident) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(wording.INCIDENTS[incident.state], color=COLORS[incident.state])
        st.text(f"since {formats.here(incident.opened_at)}", width="content")
        if incident.resolved_at:
            st.text(f"resolved {formats.here(incident.resolved_at)}", width="content")
    if incident.acknowledged_by and incident.acknowledged_until:
        until = formats.here(incident.acknowledged_until)
        st.text(f"Acknowledged by {incident.acknowledged_by} until {until}")
    if incident.assignee:
        st.text(f"Assigned to {incident.assignee}")
    if incident.note:
        st.text(f"Note: {incident.note}")


def _rule(found: Found, incident: StoredIncident) -> None:
    rule = found.rules.get(incident.rule_id)
    if rule is None:
        return
    sentence = rule_words.sentence(rule, read.view_names(), found.failures)
    st.caption(formats.literal(sentence))
    if rule.runbook:
        st.link_button("Runbook", rule.runbook, icon=":material/menu_book:")


def _acknowledging(connection: Connection, incident: StoredIncident) -> None:
    may = permits.explain(connection, Verb.HANDLE_INCIDENTS)
    key, zone = f"wa.ack.{incident.id}", time_zone.chosen()
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            typed = st.datetime_input(
                f"Until ({zone.key})",
                value=actions.soon().astimezone(zone).replace(tzinfo=None),
                key=f"{key}.until",
                width=230,
            )
            assignee = st.text_input(
                "Assigned to", value=incident.assignee, key=f"{key}.who", max_chars=200, width=200
            )
        note = st.text_input("Note", value=incident.note, key=f"{key}.note", max_chars=2_000)
        until = typed_time.in_utc(typed, zone, first_of_repeated=True).to_pydatetime()
        is_past = until <= CLOCK.now()
        if is_past:
            st.caption("Choose a time in the future.")
        with st.container(horizontal=True):
            acknowledges = st.button(
                "Acknowledge",
                key=f"{key}.go",
                icon=":material/done:",
                type="primary",
                disabled=not may or is_past,
                help="Nothing more is told about it until then, except that it is resolved.",
            )
            is_acknowledged = incident.state is IncidentState.ACKNOWLEDGED
            reopens = is_acknowledged and st.button(
                "Open again", key=f"{key}.reopen", disabled=not may
            )
    if acknowledges:
        actions.acknowledge(connection, incident, until, trimmed(note), trimmed(assignee))
        st.rerun()
    if reopens:
        actions.open_again(connection, incident)
        st.rerun()


def _tenants(found: Found, episode: Episode) -> None:
    codes = episode.every_tenant
    if not codes:
        return
    still = set(episode.tenants)
    rows = pd.DataFrame({"tenant_code": list(codes)}, dtype="str").assign(
        state=["Not yet" if code in still else "Came right" for code in codes],
        version=[episode.settled.get(code, "") for code in codes],
    )
    rows = tenants.with_names(rows, found.known)
    columns: tables.Columns = {
        **tables.tenant_columns(rows),
        "state": st.column_config.TextColumn("Now", width=90),
        "version": st.column_config.TextColumn("With version", width=130),
    }
    text = f"{len(still):,} of {formats.counted(len(codes), 'tenant')} not right yet"
    tables.head(text, rows[tables.exported(rows, columns)], key="wa.tenants")
    tables.rows(rows.assign(key=rows["tenant_code"]), columns, key="wa.tenants", at_once=8)
    only = f"{codes[0]}..{codes[0]}" if len(codes) == 1 else " ".join(codes)
    if len(only) <= LINKED_AT_MOST:
        screen = navigation.DATA_VERSIONS
        navigation.link(screen, "Their data versions", {"dv_tenant": only}, icon=screen.icon)


def _told(found: Found, incident: StoredIncident) -> None:
    messages = [each for each in found.messages if each.incident_id == incident.id]
    if not messages:
        st.caption("Nobody was told.")
        return
    st.caption("Messages")
    for each in sorted(messages, key=lambda message: message.due_at):
        when = formats.here(each.sent_at or each.due_at)
        state = wording.MESSAGES[each.state]
        st.text(f"{wording.MESSAGE_KINDS[each.kind]} to {each.destination}: {state}, {when}")
