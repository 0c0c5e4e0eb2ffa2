"""A rule in a drawer: its form, what it would have said, and what can be done with it."""

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from dashboard import access, time_zone
from dashboard.components import (
    errors,
    formats,
    forms,
    page,
    permits,
    rule_words,
    typed_time,
    watch_link,
)
from dashboard.connection import Connection
from dashboard.streamlit_compat import user_activity
from dashboard.watch import notifying
from pages.watch import actions, connectors_read, form, previewed, read, rules
from pages.watch.read import Found
from services.clock import CLOCK
from services.ledger import StoredRule
from services.notifications.rules import NoCredential, Rule, WrongRule, tenants_of
from services.operations import Verb

FORM = "watch.rule"


def open_form() -> None:
    """Open an empty form, in a callback."""
    actions.close()
    st.query_params[watch_link.RULE] = watch_link.NEW


def drawer(connection: Connection, found: Found) -> None:
    """Show the rule the link names, or the form of a new one."""
    is_new = st.query_params.get(watch_link.RULE) == watch_link.NEW
    shown = st.dialog(
        "New rule" if is_new else "Rule",
        position="right",
        width="large",
        on_dismiss=actions.close,
    )
    shown(access.while_it_holds(user_activity.noted(_drawer)))(connection, found)


def _drawer(connection: Connection, found: Found) -> None:
    errors.show_kept()
    rule_id = st.query_params.get(watch_link.RULE, "")
    stored = found.rule(rule_id)
    if stored is None and rule_id != watch_link.NEW:
        st.text("This rule does not exist here any more.")
        return
    may = permits.explain(connection, Verb.CHANGE_RULES)
    before = found.rules[stored.id] if stored else None
    if stored and before is None:
        st.text(rules.UNREADABLE)
        _ways(connection, stored, may=may)
        return
    number = forms.form(FORM).number
    key = f"wa.form.{rule_id}.{number}"
    try:
        made: Rule | None = form.draw(before, found.failures, key=key, is_new=stored is None)
        wrong = ""
    except WrongRule as error:
        made, wrong = None, str(error)
    if made is not None:
        sentence = rule_words.sentence(made, read.view_names(), found.failures)
        st.info(formats.literal(sentence), icon=":material/rule:")
        _unsaid(made)
    else:
        st.caption(f":material/info: {wrong}")
    if st.button(
        "Save" if stored else "Add rule",
        key="wa.save",
        type="primary",
        icon=":material/save:",
        disabled=not may or made is None or made == before,
    ):
        if made and forms.form(FORM).spend(number) and actions.save(connection, made, stored):
            actions.close()
        st.rerun()
    if stored:
        _ways(connection, stored, may=may)
    # Last, since it is long.
    if made is not None:
        _preview(connection, found, made)


def _preview(connection: Connection, found: Found, made: Rule) -> None:
    """Draw what the rule would have said on the nights on record."""
    names = found.words.names
    scope = notifying.scope_at(connection.ledger, connection.actor.place, names)
    place = connection.actor.place
    on_record = notifying.nights_on_record(place)
    nights = notifying.recorded_nights(place, on_record)
    if isinstance(made.condition, NoCredential):
        connectors_read.draw(connection, made.condition.tenants, nights, names)
    # A year of many tenants takes seconds to look at.
    if on_record > len(nights) and st.checkbox(
        f"Look at all {on_record:,} nights on record", key="wa.every_night"
    ):
        with page.loading():
            previewed.draw(made, notifying.every_night(place), scope, found.words)
    else:
        previewed.draw(made, nights, scope, found.words, on_record=on_record)


def _unsaid(made: Rule) -> None:
    notes = _notes(made)
    if notes:
        st.caption(" ".join(notes))


def _notes(made: Rule) -> Sequence[str]:
    """Return what a person may not expect of a rule."""
    notes = [] if made.destinations else ["It opens incidents here and tells nobody."]
    tenants = tenants_of(made.condition)
    if tenants and tenants.view:
        notes.append("Of the view only its search for tenants counts.")
    return notes


def _ways(connection: Connection, stored: StoredRule, *, may: bool) -> None:
    """Draw what can be done with a rule that is there."""
    st.divider()
    zone, key = time_zone.chosen(), f"wa.ways.{stored.id}"
    is_muted = bool(stored.muted_until and stored.muted_until > CLOCK.now())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.datetime_input(
            f"Mute until ({zone.key})",
            value=(actions.soon() + timedelta(hours=8)).astimezone(zone).replace(tzinfo=None),
            key=f"{key}.until",
            width=230,
            help="Incidents still open. What is unresolved then is told then.",
        )
        until = typed_time.in_utc(typed, zone, first_of_repeated=True).to_pydatetime()
        mutes = st.button("Mute", key=f"{key}.mute", disabled=not may or until <= CLOCK.now())
        unmutes = is_muted and st.button("Unmute", key=f"{key}.unmute", disabled=not may)
        on = not stored.is_enabled
        switches = st.button("Turn on" if on else "Turn off", key=f"{key}.switch", disabled=not may)
        is_sure = st.checkbox("Delete it", key=f"{key}.sure", disabled=not may)
        deletes = is_sure and st.button(
            "Delete now", key=f"{key}.delete", icon=":material/delete:", disabled=not may
        )
    destinations = before.destinations if (before := read.readable(stored)) else ()
    tests = destinations and st.button(
        f"Send a test to {formats.literal(', '.join(destinations))}",
        key=f"{key}.test",
        icon=":material/send:",
        disabled=not may,
        help="Messages shows what became of it.",
    )
    st.caption(
        f"{rules.state(stored)}. A rule that is off or deleted resolves its incidents silently."
    )
    if mutes or unmutes:
        actions.mute(connection, stored, until if mutes else None)
    elif switches:
        actions.enable(connection, stored, on=on)
    elif tests:
        for name in destinations:
            actions.test(connection, name)
    elif deletes:
        if actions.delete(connection, stored):
            actions.close()
    else:
        return
    st.rerun()
