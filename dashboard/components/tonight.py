"""The night under way in a line: how many have loaded, when the rest will have, who will be late.

Each number is a link to exactly the tenants it counts, on History.
"""

from contextlib import suppress
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import navigation, saved_views, time_zone
from dashboard.components import figures, formats, rule_words
from dashboard.connection import Connection
from dashboard.watch import forecast, history
from dashboard.watch.forecast import Group, Outlook
from services.ledger import LedgerTrouble
from services.monitoring.watch.forecast import NIGHTS_AT_LEAST, End, Forecast
from services.notifications.outlook import Prospect

PARAMETER: Final = "hist_tonight"
"""What a group of tenants of the night under way is called in the address of History."""
_GROUPS: Final[dict[str, str]] = {
    Group.LOADED: "Loaded",
    Group.REST: "Due, still to come",
    Group.STAYS_OUT: "Probably not tonight",
}
# A line: more rules are on Watch.
DEADLINES_AT_MOST: Final = 2


def of_place(connection: Connection) -> None:
    """Draw the line of the night under way, nothing where nobody has looked at it."""
    # Nothing else on such a screen comes from the record of nights.
    with suppress(LedgerTrouble):
        found = forecast.load(connection, history.load(connection))
        if found is not None:
            draw(found)


def draw(found: Outlook) -> None:
    """Draw the line."""
    with st.container(horizontal=True, key="tonight", gap="small"):
        _loaded(found.forecast)
        if found.is_old:
            st.text(f"Not looked at since {formats.here(found.forecast.as_of)}.", width="content")
            return
        if found.forecast.can_tell:
            _rest(found.forecast)
        for each in _shown(found.deadlines):
            _deadline(each)


def words(found: Outlook) -> dict[str, str]:
    """Return by their tokens what the groups of tenants are called that a link can name."""
    if not found.forecast.can_tell:
        return {Group.LOADED: _GROUPS[Group.LOADED]}
    return _GROUPS | {
        each.rule_id: f"{'Missed' if each.has_passed else 'Will miss'} {_time_of(each)}"
        for each in found.deadlines
    }


def _loaded(seen: Forecast) -> None:
    loaded, due = int(seen.has_loaded.sum()), int(seen.is_due.sum())
    as_of = f"As of {formats.exactly(seen.as_of)}"
    if seen.can_tell and not due:
        st.text("No tenant is due tonight.", width="content")
        return
    if not seen.can_tell:
        _clause(f"**{formats.counted(loaded, 'tenant')}** loaded tonight.", Group.LOADED, as_of)
        nights = formats.counted(seen.nights_known, "night")
        st.text(
            f"When the rest will be is told from {NIGHTS_AT_LEAST} observed nights on; "
            f"{nights} so far.",
            width="content",
        )
        return
    help_text = (
        f"{as_of}. Due are those that usually load in such a night, and those that have. "
        f"Told by {formats.counted(seen.nights_known, 'earlier night')}."
    )
    share = f"{loaded:,} of"
    if loaded == due:
        share = "All" if due > 1 else "The"
    text = f"**{share} {formats.counted(due, 'tenant')}** due tonight loaded."
    _clause(text, Group.LOADED, help_text)


def _rest(seen: Forecast) -> None:
    out = int(seen.stays_out.sum())
    # With those that have loaded and those that stay out they are all that are due.
    if more := int(seen.comes.sum()):
        _clause(f"**{more:,}** more{_when(seen, seen.end)}.", Group.REST, _how_sure(seen.end))
    if out:
        _clause(
            f"**{out:,}** probably not tonight.",
            Group.STAYS_OUT,
            "Usually they would have by now, or their jobs have failed",
        )


def _when(seen: Forecast, end: End | None) -> str:
    if end is None:
        return "; when cannot be told: too few nights were like this one"
    likely, bound = (formats.here(seen.at(each)) for each in (end.likely, end.nine_in_ten))
    if likely == bound:
        return f" by {bound} (nine in ten)"
    # On the same day its clock time says it.
    bound = bound[-5:] if bound[:-5] == likely[:-5] else bound
    return f" by {likely} (likely), {bound} (nine in ten)"


def _how_sure(end: End | None) -> str:
    if end is None:
        return ""
    return (
        "All that come tonight: as likely as not by the first time, in nine of ten nights by the "
        f"second. Tried on {formats.counted(end.nights, 'earlier night')}."
    )


def _deadline(each: Prospect) -> None:
    count, at = int(each.misses.sum()), _time_of(each)
    if not count:
        met = "was met" if each.has_passed else "will probably be met"
        st.text(f"{at} {met}.", width="content")
        return
    text = f"missed {at}" if each.has_passed else f"will probably miss {at}"
    views = {view.id: view.name for view in saved_views.listed()}
    sentence = rule_words.sentence(each.rule, views, {})
    _clause(f"**{count:,}** {text}.", each.rule_id, f"Rule: {formats.literal(sentence)}")


def _shown(deadlines: list[Prospect]) -> list[Prospect]:
    """Return the next deadlines; those that have passed only where none is ahead."""
    ahead = [each for each in deadlines if not each.has_passed]
    return ahead[:DEADLINES_AT_MOST] or deadlines[-DEADLINES_AT_MOST:]


def _time_of(each: Prospect) -> str:
    """Return when a deadline is: in the chosen zone, and in its own where that is another."""
    own = ZoneInfo(each.by.zone)
    text = formats.here(each.due)
    if _offset(each.due, own) == _offset(each.due, time_zone.chosen()):
        return text
    return f"{text} ({each.due.astimezone(own):%H:%M} {own.key})"


def _offset(at: datetime, zone: ZoneInfo) -> object:
    return at.astimezone(zone).utcoffset()


def _clause(text: str, group: str, help_text: str) -> None:
    query = {PARAMETER: group}
    figures.clause(text, navigation.HISTORY, query, icon="", help_text=help_text)
