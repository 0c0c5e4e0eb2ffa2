"""Finding a bad load: by delivery, receiving job, time, tenants or by how jobs failed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard import data, deliveries, exclusions, session, wording
from dashboard.components import (
    filters,
    formats,
    page,
    tenant_search,
    tenants,
    token_choices,
)
from dashboard.connection import Connection
from dashboard.operations import recovery_link
from dashboard.operations.recovery_link import BY, DAYS, JOB
from pages.recovery import find_by
from services.clock import CLOCK
from services.monitoring import JobsSnapshot, Recent
from services.operations.recovery.finding import (
    By,
    Impact,
    assess_impact,
)
from services.operations.recovery.incident import FoundBy
from services.visier import PAGE_SIZE

# So many calls are made unasked: both lists of fewer than 2,000 tenants, or four days of jobs.
UNASKED = 4
WITHOUT = "Visier lists no matching upload for {without:,} of the {of:,} tenants searched for."


@dataclass(frozen=True, eq=False)
class Found:
    """A bad load that was found, and by what; `missing_jobs` draws what reads later jobs.

    `notes` say what of the tenants that were searched for is not among those found, and
    `unreadable` what of Visier's answers could not be read. `made` counts the versions that were
    made of the uploads, among those that hold them; None where that was not looked for. `disabled`
    counts the uploads whose versions are disabled, and `taken_out_by` is as of
    `dashboard.deliveries.taken_out_by`.
    """

    impact: Impact
    by: FoundBy
    data_category: str
    listed: int
    missing_jobs: Callable[[], None] | None
    notes: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    made: int | None = None
    disabled: int = 0
    taken_out_by: tuple[str, ...] = ()


def draw(connection: Connection) -> Found | None:
    """Draw the ways to find a bad load; return what was found, None until something is."""
    for field, value in recovery_link.take_too_long().items():
        st.session_state[field] = value
    known = tenants.listed(connection)
    # A link may name a job alone.
    default = By.JOB if st.query_params.get(JOB) or st.session_state.get(JOB) else By.DELIVERY
    by = By(
        token_choices.one("Find it by", wording.FIND_BY, key=BY, default=default, shows_label=False)
    )
    st.caption(find_by.HOW_TO[by])
    row = filters.row()
    with row:
        wanted = find_by.WAYS[by](connection, known)
        category = filters.data_category(connection, key="rec_category") or ""
    if wanted is None:
        return None
    return _find(connection, known, wanted, category)


def _bad(
    uploads: pd.DataFrame, known: data.TenantDirectory, wanted: find_by.Wanted
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the uploads that are looked for, and what of the tenants named is not among them."""
    named = tenants.with_names(uploads, known)
    match = tenant_search.match(named["tenant_code"], named["tenant_name"], wanted.by.tenants)
    own = uploads[match.mask]
    bad = wanted.choose(own)
    of = own["tenant_code"].nunique() if wanted.by.tenants else 0
    without = of - bad["tenant_code"].nunique()
    missing = WITHOUT.format(without=without, of=of) if without > 0 else ""
    return bad, tuple(filter(None, (match.note, missing)))


def _find(
    connection: Connection, known: data.TenantDirectory, wanted: find_by.Wanted, category: str
) -> Found | None:
    """Read uploads and versions, unasked while that takes few calls, and say what was hit."""
    calls, what = 2 * -(-(len(known.frame) + 1) // PAGE_SIZE), f"{wanted.by} {category}"
    of_job, of_category = wanted.by.job_id or None, category or None
    lists = (
        data.load_uploads.of(connection, of_job),
        data.load_data_versions.of(connection, of_category),
    )
    # What is there already is not asked for again once more tenants are known.
    is_read = all(each.is_complete for each in lists)
    if calls > UNASKED and not is_read and not session.is_asked("recovery", what):
        _offer(known, calls, what)
        return None
    with page.loading():
        uploads = data.load_uploads(connection, of_job)
        read = data.load_data_versions(connection, of_category)
        unreadable = (*uploads.left_out, *read.left_out)
        bad, notes = _bad(uploads.frame, known, wanted)
        if bad.empty:
            page.empty("Nothing found", "Visier lists no matching upload.")
            tell(notes)
            page.left_out(unreadable)
            return None
        later, ask = _later_jobs(connection, bad["upload_time"].min())
        excluded = exclusions.exclusions_of(bad, exclusions.changes_here(connection))
        jobs = later.listed if later else None
        impact = assess_impact(bad, read.versions, jobs, excluded["excluded_at"])
        made, disabled = (None, 0) if category else _made(connection, wanted.by.delivery_id, impact)
    if later:
        # Those of the jobs it was found by are told there.
        unreadable += tuple(text for text in later.left_out if text not in wanted.unreadable)
    page.left_out(unreadable)
    listed = max(len(known.frame), read.versions["tenant_code"].nunique())
    return Found(
        impact,
        wanted.by,
        category,
        listed,
        ask,
        notes,
        (*wanted.unreadable, *unreadable),
        made,
        disabled,
        exclusions.taken_out_by(bad, excluded),
    )


def _offer(known: data.TenantDirectory, calls: int, what: str) -> None:
    least = "" if known.is_complete else "at least "
    st.button(
        f"Find it ({least}{formats.counted(calls, 'call')})",
        key="rec.find",
        type="primary",
        icon=":material/search:",
        on_click=session.ask,
        args=("recovery", what),
    )


def _made(connection: Connection, delivery_id: str, impact: Impact) -> tuple[int | None, int]:
    """Count the versions made of a delivery, None without one, and its uploads in disabled ones."""
    if not delivery_id:
        return None, 0
    snapshot = deliveries.load(connection)
    made, row = snapshot.versions_of(delivery_id), snapshot.row(delivery_id)
    disabled = 0 if row is None else int(row["disabled"])
    return None if made is None else impact.made_of(made), disabled


def tell(notes: Iterable[str]) -> None:
    """Draw what of the tenants that were searched for is not among those found."""
    for note in notes:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(":material/info:", width="content")
            st.text(note)


def _later_jobs(
    connection: Connection, arrived: pd.Timestamp
) -> tuple[JobsSnapshot | None, Callable[[], None] | None]:
    """Read the jobs since a time, 1 call a day; many only when asked for or when at hand."""
    age = CLOCK.now() - arrived.to_pydatetime()
    days = next((days for days in DAYS.values() if age < timedelta(days=days, hours=-1)), 7)
    what, window = f"{arrived} {days}", Recent(timedelta(days=days))
    monitor = connection.job_monitor
    are_at_hand = monitor.kept(window) is not None
    if days > UNASKED and not (are_at_hand or session.is_asked("recovery.jobs", what)):

        def ask() -> None:
            st.button(
                f"Read later jobs of {days} days ({formats.counted(days, 'call')})",
                key="rec.jobs",
                icon=":material/download:",
                on_click=session.ask,
                args=("recovery.jobs", what),
            )

        return None, ask
    return monitor.snapshot(connection.client, window), None
