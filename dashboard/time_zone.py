"""The zone in which every time is shown and typed: the one chosen, or the browser's."""

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from services.clock import CLOCK

KEY = "tz"
"""What the chosen zone is called in the address of every screen."""
# "localtime" is the server's own, "Factory" none at all.
ZONES = ("UTC", *sorted(available_timezones() - {"UTC", "localtime", "Factory"}))
ZONE_NOT_NAMED = "The link has a time but no time zone. It is read in this browser's zone, {zone}."


def chosen() -> ZoneInfo:
    """Return the zone in which every time is shown and typed."""
    name = st.session_state.get(KEY) or of_browser()
    return ZoneInfo(name if name in ZONES else "UTC")


def today() -> date:
    """Return the day it is in the chosen zone."""
    return CLOCK.now().astimezone(chosen()).date()


def of_browser() -> str:
    """Return the zone of the browser, or UTC where it tells none that is known."""
    name = st.context.timezone
    return name if name in ZONES else "UTC"


def in_link(query: Iterable[str]) -> dict[str, str]:
    """Return the query of the zone: the one chosen, or the browser's own where a time is linked."""
    # On the way to this screen it may have been left out of the address.
    name = st.query_params.get(KEY) or st.session_state.get(KEY)
    if not name and names_a_time(query):
        name = of_browser()
    return {KEY: name} if name else {}


def keep_in_address() -> None:
    """Put the zone into the address where it is chosen or a time is: the next reader has another.

    Going to another screen leaves it out.
    """
    if KEY in st.query_params:
        return
    name = st.session_state.get(KEY)
    if not name and names_a_time(st.query_params):
        name = of_browser()
        if KEY not in st.session_state:
            # Nobody has typed a time in this browser session yet.
            st.toast(ZONE_NOT_NAMED.format(zone=name), icon=":material/globe:", duration="long")
    if name:
        # What is set by the script is written into the address, unless it is the default.
        st.session_state[KEY] = name


def names_a_time(query: Iterable[str]) -> bool:
    """Return whether a query has a time in it, which means nothing without its zone."""
    return any(name.endswith(("_from", "_to")) for name in query)
