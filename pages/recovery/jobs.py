"""How the jobs go on that a recovery has started, seen live."""

from itertools import count

import streamlit as st

from dashboard import access
from dashboard.components import errors, formats, page, states
from dashboard.connection import Connection
from dashboard.operations import operation_results, recovery_reads
from dashboard.streamlit_compat import unfaded, user_activity
from services.frames import ENDED, JobType, job_tree
from services.ledger import Outcome
from services.monitoring import JobsSnapshot, pace
from services.operations.recovery import steps
from services.operations.recovery.incident import Recovery
from services.operations.starts.outcomes import StartOutcome
from services.visier import Lane

AT_WORK = (
    "Some started jobs have not finished. This page follows them. Verify when "
    "they have finished; until then their tenants stay Pending."
)


def progress(connection: Connection, start: StartOutcome) -> None:
    """Follow the jobs of a start until all have ended; where nothing moves, nothing is asked."""
    part, job_id = start.noted.operation, start.noted.job_id
    if not part.item_counts[Outcome.SUCCEEDED] or not job_id:
        return
    monitor, window = connection.job_monitor, recovery_reads.window_of(part)
    with errors.boundary(f"jobs.{job_id}"):
        drawn = monitor.snapshot(connection.client, window)
        is_over = _has_ended(drawn, job_id)
        runs, what = count(), operation_results.what(connection, part)
        wait = None if is_over else pace(drawn, connection.client.budget())

        @st.fragment(run_every=wait, key=f"rec.jobs.{part.id}")
        @access.while_it_holds
        def beat() -> None:
            snapshot = drawn
            if next(runs):
                snapshot = monitor.poll(
                    connection.client.in_lane(Lane.WATCH), window, follow=job_id
                )
            # The words around it are about the same jobs: all is drawn from the newer snapshot.
            if not is_over and snapshot.number != drawn.number:
                user_activity.by_itself()
                st.rerun()
            _draw(snapshot, start, what)

        with unfaded.place(part.id):
            beat()


def are_at_work(recovery: Recovery) -> bool:
    """Return whether a job of a tenant that is processed again is not known to have ended.

    It goes by what the steps stand by: two looks would tell two things on one screen.
    """
    tally = steps.jobs_told(recovery)
    return bool(recovery_reads.starts(recovery)) and (tally.goes_on or not tally.is_told)


def _has_ended(snapshot: JobsSnapshot, job_id: str) -> bool:
    """Return whether the job and all that it was to dispatch have ended."""
    top = recovery_reads.started(snapshot, job_id)
    if recovery_reads.below(snapshot, job_id).empty:
        return False
    below = job_tree.below(top)
    goes_on = below["live_below"] + below["unlisted_below"].fillna(0)
    return bool(top["status"].isin(ENDED).all()) and not goes_on.any()


def _draw(snapshot: JobsSnapshot, start: StartOutcome, what: str) -> None:
    """Draw how far the jobs are, by all that was seen of them: so do the words around it."""
    page.left_out(snapshot.left_out)
    jobs = start.as_listed(snapshot.jobs, snapshot.as_of).jobs
    own, seen_at = jobs[jobs["job_type"] == JobType.PROCESSING], jobs["last_seen"].max()
    as_of = formats.read_at(snapshot.as_of if own.empty else seen_at)
    if own.empty:
        st.caption(
            ":material/hourglass_top: No processing job is listed yet. A new one can take some "
            f"minutes to appear. As of {as_of}."
        )
        return
    of = max(len(own), len(set(start.noted.named_tenants)))
    ended, top = int(own["status"].isin(ENDED).sum()), jobs.iloc[:1]
    known = formats.counted(of, "processing job")
    st.progress(ended / of, text=f"{what}: {ended:,} of {known} finished")
    words = [each for each in states.below_in_words(top, "job") if each]
    # One that stands alone is all there is.
    st.text("\n".join(words or [states.labels(top).iloc[0][0]]))
    trouble = f" The last refresh failed: {snapshot.trouble}" if snapshot.trouble else ""
    st.caption(f"as of {as_of}.{trouble}")
