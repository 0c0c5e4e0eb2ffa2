"""Finding a bad load: by delivery, receiving job, time, tenants or by how jobs failed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, timedelta

import pandas as pd
import streamlit as st

from dashboard import data, deliveries, exclusions, session, wording
from dashboard.components import (
    failure_messages,
    filters,
    formats,
    page,
    tenant_search,
    tenants,
    typed,
)
from dashboard.connection import Connection
from dashboard.operations import recovery_link
from dashboard.operations.recovery_link import BY, DAYS, FAILURE, JOB, SINCE, TENANTS, UNTIL, WITHIN
from pages.recovery import deliveries as recovery_deliveries
from services.clock import CLOCK
from services.frames import FAILURES
from services.frames.membership import is_among
from services.monitoring import JobsSnapshot, Recent, failures
from services.operations.recovery.finding import (
    By,
    Impact,
    assess_impact,
    listed_uploads,
    of_failures,
    of_tenants,
    of_window,
)
from services.operations.recovery.incident import FoundBy
from services.visier import PAGE_SIZE

UNASKED = 4
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


@dataclass(frozen=True)
class Wanted:
    """What is looked for: which uploads of the tenants searched for, and by what.

    `unreadable` says what of the jobs it goes by could not be read.
    """

    choose: Callable[[pd.DataFrame], pd.DataFrame]
    by: FoundBy
    unreadable: tuple[str, ...] = ()


def draw(connection: Connection) -> Found | None:
    """Draw the ways to find a bad load; return what was found, None until something is."""
    for field, value in recovery_link.take_too_long().items():
        st.session_state[field] = value
    known = tenants.directory(connection)
    by = By(
        st.segmented_control(
            "Find it by",
            list(By),
            format_func=wording.FIND_BY.__getitem__,
            default=_default(),
            required=True,
            key=BY,
            bind="query-params",
        )
        or By.JOB
    )
    st.caption(HOW_TO[by])
    row = filters.row()
    with row:
        wanted = _ASK[by](connection, known)
        category = filters.data_category(connection, key="rec_category") or ""
    if wanted is None:
        return None
    return _find(connection, known, wanted, category)


def _default() -> By:
    """Return by what is looked for unless one chooses: a link may name a job alone."""
    return By.JOB if st.query_params.get(JOB) or st.session_state.get(JOB) else By.DELIVERY


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
    within = st.segmented_control(
        "Jobs of the last",
        list(DAYS),
        default="24 hours",
        required=True,
        key=WITHIN,
        bind="query-params",
    )
    window = Recent(timedelta(days=DAYS.get(within or "", 1)))
    look = connection.job_monitor.snapshot(connection.client, window)
    failed = look.jobs[look.jobs["status"].isin(FAILURES)]
    groups = failures.groups(failed)
    faces = {
        key: f"{text} ({formats.counted(count, 'job')}, {formats.counted(codes, 'tenant')})"
        for key, text, count, codes in zip(
            groups["key"], groups["fingerprint"], groups["jobs"], groups["tenants"], strict=True
        )
    }
    chosen = _kind_of_failure(faces)
    # The style sheet puts it below the fields it would else stand between.
    with st.container(key="below-rec-read"):
        failure_messages.read(connection, window, look.jobs, failed)
        page.left_out(look.left_out)
    if chosen is None:
        return None
    own = failed[failures.of_group(failed, chosen)]
    return Wanted(
        lambda uploads: of_failures(uploads, own),
        FoundBy(By.FAILURE, failure=_text(groups, chosen)),
        unreadable=look.left_out,
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


def _text(groups: pd.DataFrame, key: str) -> str:
    return str(groups.loc[groups["key"] == key, "fingerprint"].iloc[0])


_ASK: dict[By, Callable[[Connection, data.TenantDirectory], Wanted | None]] = {
    By.DELIVERY: _by_delivery,
    By.JOB: _by_job,
    By.WINDOW: _by_window,
    By.TENANTS: _by_tenants,
    By.FAILURE: _by_failure,
}


def _bad(
    uploads: pd.DataFrame, known: data.TenantDirectory, wanted: Wanted
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
    connection: Connection, known: data.TenantDirectory, wanted: Wanted, category: str
) -> Found | None:
    """Read uploads and versions, unasked while that takes few calls, and say what was hit."""
    pages = -(-(len(known.frame) + 1) // PAGE_SIZE)
    calls = 2 * pages
    what = f"{wanted.by} {category}"
    if calls > UNASKED and not session.is_asked("recovery", what):
        least = "" if known.is_complete else "at least "
        st.button(
            f"Find it ({least}{formats.counted(calls, 'call')})",
            key="rec.find",
            type="primary",
            icon=":material/search:",
            on_click=session.ask,
            args=("recovery", what),
        )
        return None
    with page.loading():
        uploads = data.load_uploads(connection, wanted.by.job_id or None)
        read = data.load_data_versions(connection, category or None)
        unreadable = (*uploads.left_out, *read.left_out)
        bad, notes = _bad(uploads.frame, known, wanted)
        if bad.empty:
            page.empty("Nothing found", "Visier lists no matching upload.")
            tell(notes)
            page.left_out(unreadable)
            return None
        later, ask = _later_jobs(connection, bad["upload_time"].min())
        excluded = exclusions.exclusions_of(bad, exclusions.excluded_here(connection))
        of_jobs = later.listed if later else None
        impact = assess_impact(bad, read.versions, of_jobs, excluded["excluded_at"])
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


def _made(connection: Connection, delivery_id: str, impact: Impact) -> tuple[int | None, int]:
    """Count the versions made of a delivery, None without one, and its uploads in disabled ones."""
    if not delivery_id:
        return None, 0
    look = deliveries.load(connection)
    made, row = look.versions_of(delivery_id), look.row(delivery_id)
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
