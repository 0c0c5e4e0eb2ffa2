"""The ways from other screens into Recovery, with by what a bad load is found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard import navigation, session
from dashboard.components import filters, formats, typed_time
from dashboard.components.charts import layout
from dashboard.connection import Connection
from services.clock import CLOCK
from services.ledger import EventKind, State
from services.monitoring import Window
from services.monitoring.windows import AHEAD
from services.operations.recovery import incident as incidents
from services.operations.recovery.finding import By

BY, JOB, TENANTS, SINCE, UNTIL = "rec_by", "rec_job", "rec_tenant", "rec_from", "rec_to"
DELIVERY, FAILURE, WITHIN = "rec_delivery", "rec_failure", "rec_within"
FOUND_BY = (BY, DELIVERY, JOB, TENANTS, SINCE, UNTIL, FAILURE, WITHIN)
DAYS = {"24h": 1, "3d": 3, "7d": 7}
LONGEST = "7d"
# What stands between refuses a longer address once the page is loaded anew.
IN_A_LINK = 4_000
LABEL = "Recover from this load…"
# For each of them a document is read while the page is drawn.
OPEN_AT_MOST = 20
BEGUN = "{who} has an open recovery of {uploads} of it: continue there"


@dataclass
class _TooLong:
    """What is too long for a link of what a bad load is found by: fields, values."""

    fields: dict[str, str] = field(default_factory=dict)


def take_too_long() -> dict[str, str]:
    """Return, once, the fields that were too long for a link."""
    too_long = session.own(_TooLong)
    fields, too_long.fields = too_long.fields, {}
    return fields


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
        session.own(_TooLong).fields = long
        short = {name: value for name, value in fields.items() if name not in long}
        navigation.go_to(navigation.RECOVERY, short)


def link(fields: Mapping[str, str]) -> None:
    """Draw the way there as a link, for a dialog: in one, a script cannot leave its page."""
    navigation.link(navigation.RECOVERY, LABEL, fields, icon=navigation.RECOVERY.icon)


def of_job(job_id: str) -> dict[str, str]:
    """Find it by a receiving job."""
    return {BY: By.JOB, JOB: job_id}


def of_delivery(delivery_id: str) -> dict[str, str]:
    """Find it by a delivery."""
    return {BY: By.DELIVERY, DELIVERY: delivery_id}


def of_tenants(codes: Iterable[str]) -> dict[str, str]:
    """Find it by tenants."""
    text = " ".join(dict.fromkeys(codes))
    return {BY: By.TENANTS, TENANTS: text}


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
    return fields | {BY: By.WINDOW} | span


def of_failure(key: str, window: Window) -> dict[str, str]:
    """Find it by a kind of failure, among the jobs of the shortest time that covers a window."""
    now = CLOCK.now()
    # Recovery reads its jobs a little later than the window was seen.
    reach = now - window.span(now)[0] - AHEAD
    within = next((name for name, days in DAYS.items() if reach <= timedelta(days=days)), LONGEST)
    return {BY: By.FAILURE, FAILURE: key, WITHIN: within}


def begun(connection: Connection, uploads: pd.DataFrame, *, besides: str | None) -> None:
    """Draw a link to each open recovery that is about some of these uploads, but for one."""
    own, ledger = _keys(uploads), connection.ledger
    for each in incidents.recoveries(ledger, connection.actor, OPEN_AT_MOST):
        if each.state is not State.OPEN or each.id == besides:
            continue
        both = own & _uploads_of(connection, each.id)
        if both:
            navigation.link(
                navigation.RECOVERY,
                BEGUN.format(uploads=formats.counted(len(both), "upload"), who=each.actor.user),
                {"recovery": each.id},
                icon=navigation.RECOVERY.icon,
            )


# An incident never changes once it was begun, so there is no ttl.
@st.cache_resource(scope="session", max_entries=OPEN_AT_MOST, show_spinner=False)
def _uploads_of(_connection: Connection, recovery_id: str) -> frozenset[tuple[str, str]]:
    """Return tenant and time of the uploads a recovery is about: they stay as it was begun."""
    incident = incidents.document(
        _connection.ledger, recovery_id, EventKind.INCIDENT, incidents.OF_INCIDENT
    )
    tenants = incident.tenants if incident else ()
    return frozenset((each.code, upload.time) for each in tenants for upload in each.uploads)


def _keys(uploads: pd.DataFrame) -> frozenset[tuple[str, str]]:
    known = uploads.dropna(subset=["tenant_code", "upload_time_text"])
    return frozenset(zip(known["tenant_code"], known["upload_time_text"], strict=True))
