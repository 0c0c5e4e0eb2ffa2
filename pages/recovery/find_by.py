"""The ways to find a bad load: by delivery, receiving job, time, tenants or by how jobs failed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta

import pandas as pd
import streamlit as st

from dashboard import data, wording
from dashboard.components import (
    failure_messages,
    filters,
    formats,
    page,
    tenants,
    token_choices,
    typed,
)
from dashboard.connection import Connection
from dashboard.operations.recovery_link import DAYS, FAILURE, JOB, SINCE, TENANTS, UNTIL, WITHIN
from pages.recovery import deliveries as recovery_deliveries
from services.frames import FAILURES
from services.frames.membership import is_among
from services.monitoring import Recent, failures
from services.operations.recovery.finding import (
    By,
    listed_uploads,
    of_failures,
    of_tenants,
    of_window,
)
from services.operations.recovery.incident import FoundBy

HOW_TO = {
    By.DELIVERY: "Select the delivery that brought the bad data.",
    By.JOB: "Enter the id of the receiving job that brought the bad data.",
    By.WINDOW: "Enter the time range in which the bad data arrived, and the tenants if not all.",
    By.TENANTS: "Name the tenants. The latest upload of each counts as the bad one.",
    By.FAILURE: (
        "Select a failure. The upload just before a tenant's first failed job counts "
        "as the bad one."
    ),
}


@dataclass(frozen=True)
class Wanted:
    """What is looked for: which uploads of the tenants searched for, and by what.

    `unreadable` says what of the jobs it goes by could not be read.
    """

    choose: Callable[[pd.DataFrame], pd.DataFrame]
    by: FoundBy
    unreadable: tuple[str, ...] = ()


def _by_delivery(connection: Connection, known: data.TenantDirectory) -> Wanted | None:
    # The style sheet puts it below the fields it would else stand between.
    with st.container(key="below-rec-deliveries"):
        chosen = recovery_deliveries.choose(connection, known)
    if chosen is None:
        return None
    keys = chosen.uploads["key"]
    return Wanted(
        lambda uploads: listed_uploads(uploads[is_among(uploads["key"], keys)]),
        chosen.by,
    )


def _by_job(_connection: Connection, _known: data.TenantDirectory) -> Wanted | None:
    job_id = typed.job_id(
        "Receiving job",
        key=JOB,
        bind="query-params",
        type="search",
        placeholder="Full id",
        width=380,
    )
    return Wanted(listed_uploads, FoundBy(By.JOB, job_id)) if job_id else None


def _by_window(_connection: Connection, _known: data.TenantDirectory) -> Wanted | None:
    since, until = filters.span("Arrived from", SINCE, "Arrived to", UNTIL)
    text = tenants.search_field("All, or code, name, pasted list", key=TENANTS)
    if since is None or until is None or since > until:
        return None
    first, last = (each.tz_convert(UTC).to_pydatetime() for each in (since, until))
    by = FoundBy(By.WINDOW, since=first, until=last, tenants=text)
    return Wanted(lambda uploads: of_window(uploads, since, until), by)


def _by_tenants(_connection: Connection, _known: data.TenantDirectory) -> Wanted | None:
    text = tenants.search_field("Code, name or list", key=TENANTS)
    if not text:
        return None
    return Wanted(
        lambda uploads: of_tenants(uploads, uploads["tenant_code"].unique()),
        FoundBy(By.TENANTS, tenants=text),
    )


def _by_failure(connection: Connection, _known: data.TenantDirectory) -> Wanted | None:
    words = {token: wording.SPANS[token] for token in DAYS}
    within = token_choices.one("Jobs of the last", words, key=WITHIN, default="24h")
    window = Recent(timedelta(days=DAYS[within]))
    snapshot = connection.job_monitor.snapshot(connection.client, window)
    failed = snapshot.jobs[snapshot.jobs["status"].isin(FAILURES)]
    groups = failures.groups(failed)
    unread = failure_messages.unread(connection.job_monitor, snapshot.jobs, failed)
    faces = {
        key: f"{text} ({formats.counted(count, 'job')}, {formats.counted(codes, 'tenant')})"
        for key, text, count, codes in zip(
            groups["key"],
            failure_messages.in_words(groups, failed, unread),
            groups["jobs"],
            groups["tenants"],
            strict=True,
        )
    }
    chosen = _kind_of_failure(faces)
    # The style sheet puts it below the fields it would else stand between.
    with st.container(key="below-rec-read"):
        failure_messages.read(connection, window, snapshot.jobs, failed)
        page.left_out(snapshot.left_out)
    if chosen is None:
        return None
    own = failed[failures.of_group(failed, chosen)]
    text = groups.loc[groups["key"] == chosen, "fingerprint"].iloc[0]
    return Wanted(
        lambda uploads: of_failures(uploads, own),
        FoundBy(By.FAILURE, failure=str(text)),
        unreadable=snapshot.left_out,
    )


def _kind_of_failure(faces: dict[str, str]) -> str | None:
    """Draw the choice of a kind of failure; its key stands in the link, whatever its words are."""
    linked = st.query_params.get(FAILURE)
    if linked in faces and not st.session_state.get(FAILURE):
        st.session_state[FAILURE] = linked
    chosen: str | None = st.selectbox(
        "Kind of failure",
        list(faces),
        index=None,
        format_func=lambda key: faces.get(key, key),
        placeholder="Choose" if faces else "No failed jobs",
        key=FAILURE,
        on_change=_link_failure,
        width=520,
    )
    return chosen


def _link_failure() -> None:
    chosen = st.session_state[FAILURE]
    if chosen:
        st.query_params[FAILURE] = chosen
    else:
        st.query_params.pop(FAILURE, None)


WAYS: dict[By, Callable[[Connection, data.TenantDirectory], Wanted | None]] = {
    By.DELIVERY: _by_delivery,
    By.JOB: _by_job,
    By.WINDOW: _by_window,
    By.TENANTS: _by_tenants,
    By.FAILURE: _by_failure,
}
