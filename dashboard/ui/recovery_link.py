"""The ways from other screens into Recovery, with by what a bad load is found."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import navigation, session
from dashboard.ui import chrome
from services.operations.recovery.finding import By
from services.watching import Window
from services.watching.windows import AHEAD

BY, JOB, TENANTS, SINCE, UNTIL = "rec_by", "rec_job", "rec_tenant", "rec_from", "rec_to"
FAILURE, WITHIN = "rec_failure", "rec_within"
DAYS = {"24 hours": 1, "3 days": 3, "7 days": 7}
LONGEST = "7 days"


def button(fields: dict[str, Any], *, key: str, disabled: bool = False) -> None:
    """Draw the way to what a bad load hit, found by these fields of Recovery."""
    icon = navigation.RECOVERY.icon
    if st.button("Recover from this load…", key=key, icon=icon, disabled=disabled):
        session.hand_over_bad_load(fields)
        navigation.go_to(navigation.RECOVERY)


def of_job(job_id: str) -> dict[str, Any]:
    """Find it by a receiving job."""
    return {BY: By.JOB.value, JOB: job_id}


def of_tenants(codes: Iterable[str]) -> dict[str, Any]:
    """Find it by tenants."""
    text = " ".join(dict.fromkeys(codes))
    return {BY: By.TENANTS.value, TENANTS: text}


def of_uploads(uploads: pd.DataFrame) -> dict[str, Any]:
    """Find it by the time in which some uploads arrived, in the minutes of the chosen zone."""
    times = uploads["upload_time"].dropna()
    if times.empty:
        return of_tenants(uploads["tenant_code"])
    zone = chrome.time_zone()
    first, last = (each.tz_convert(zone).floor("min") for each in (times.min(), times.max()))
    return of_tenants(uploads["tenant_code"]) | {
        BY: By.WINDOW.value,
        SINCE: first.tz_localize(None).to_pydatetime(),
        UNTIL: last.tz_localize(None).to_pydatetime(),
    }


def of_failure(key: str, window: Window) -> dict[str, Any]:
    """Find it by a kind of failure, among the jobs of the shortest time that covers a window."""
    now = datetime.now(UTC)
    # Recovery reads its jobs a little later than the window was seen.
    reach = now - window.span(now)[0] - AHEAD
    within = next((name for name, days in DAYS.items() if reach <= timedelta(days=days)), LONGEST)
    return {BY: By.FAILURE.value, FAILURE: key, WITHIN: within}
