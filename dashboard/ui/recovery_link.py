"""The ways from other screens into Recovery, with by what a bad load is found."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard import navigation, session, typed_time, wording
from dashboard.charts import layout
from dashboard.ui import filters
from services.operations.recovery.finding import By
from services.watching import Window
from services.watching.windows import AHEAD

BY, JOB, TENANTS, SINCE, UNTIL = "rec_by", "rec_job", "rec_tenant", "rec_from", "rec_to"
DELIVERY, FAILURE, WITHIN = "rec_delivery", "rec_failure", "rec_within"
FOUND_BY = (BY, DELIVERY, JOB, TENANTS, SINCE, UNTIL, FAILURE, WITHIN)
DAYS = {"24 hours": 1, "3 days": 3, "7 days": 7}
LONGEST = "7 days"
# What stands between refuses a longer address once the page is loaded anew.
IN_A_LINK = 4_000
LABEL = "Recover from this load…"


def button(
    fields: Mapping[str, str],
    *,
    key: str,
    disabled: bool = False,
    label: str = LABEL,
    help_text: str | None = None,
) -> None:
    """Draw the way to what a bad load hit, found by these fields of Recovery."""
    icon = navigation.RECOVERY.icon
    if st.button(label, key=key, icon=icon, disabled=disabled, help=help_text):
        long = {name: value for name, value in fields.items() if len(value) > IN_A_LINK}
        session.hand_over_bad_load(long)
        short = {name: value for name, value in fields.items() if name not in long}
        navigation.go_to(navigation.RECOVERY, short)


def link(fields: Mapping[str, str]) -> None:
    """Draw the way there as a link, for a dialog: in one, a script cannot leave its page."""
    navigation.link(navigation.RECOVERY, LABEL, fields, icon=navigation.RECOVERY.icon)


def of_job(job_id: str) -> dict[str, str]:
    """Find it by a receiving job."""
    return {BY: wording.FIND_BY[By.JOB], JOB: job_id}


def of_delivery(delivery_id: str) -> dict[str, str]:
    """Find it by a delivery."""
    return {BY: wording.FIND_BY[By.DELIVERY], DELIVERY: delivery_id}


def of_tenants(codes: Iterable[str]) -> dict[str, str]:
    """Find it by tenants."""
    text = " ".join(dict.fromkeys(codes))
    return {BY: wording.FIND_BY[By.TENANTS], TENANTS: text}


def of_uploads(uploads: pd.DataFrame) -> dict[str, str]:
    """Find it by the time in which some uploads arrived, in the minutes of the chosen zone.

    A time that could not be drawn either is no such time.
    """
    times, fields = uploads["upload_time"], of_tenants(uploads["tenant_code"])
    times = times[layout.is_drawn(times)]
    if times.empty:
        return fields
    first, last = (each.floor("min") for each in (times.min(), times.max()))
    span = filters.in_link(SINCE, UNTIL, since=first, before=last + typed_time.MINUTE)
    return fields | {BY: wording.FIND_BY[By.WINDOW]} | span


def of_failure(key: str, window: Window) -> dict[str, str]:
    """Find it by a kind of failure, among the jobs of the shortest time that covers a window."""
    now = datetime.now(UTC)
    # Recovery reads its jobs a little later than the window was seen.
    reach = now - window.span(now)[0] - AHEAD
    within = next((name for name, days in DAYS.items() if reach <= timedelta(days=days)), LONGEST)
    return {BY: wording.FIND_BY[By.FAILURE], FAILURE: key, WITHIN: within}
