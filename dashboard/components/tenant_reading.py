"""Reading tenant by tenant on a page: what it costs, how far it is, what was refused."""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import access, list_load, tenant_reads
from dashboard.components import errors, formats, page
from dashboard.connection import Connection
from dashboard.data import Snapshot
from dashboard.streamlit_compat import user_activity
from dashboard.tenant_reads import TenantReads, TenantResource
from services import visier
from services.operations import seconds_for

# Each tenant costs a call: a tenth of the 100 that Visier allows in a minute by default.
READ_UNASKED = 10


def show(
    connection: Connection, codes: Sequence[str], kind: TenantResource, *, key: str
) -> Snapshot | None:
    """Return what was read of these tenants, and draw what is still to be read or was refused.

    A few are read at once; many only when a person has agreed to the calls, with progress and a
    stop that keeps what was read. A tenant that cannot be read is named and left out; when none can
    be, the first error is raised. None: nothing is read yet.
    """
    reads = tenant_reads.of(connection, kind)
    if reads.progress.is_running:
        _progress(connection, reads, kind, key)
    else:
        if reads.progress.error is not None and reads.missing(codes):
            errors.show(reads.progress.error, f".{key}")
        _read_or_ask(connection, reads, codes, key)
    failures = reads.failures(codes)
    snapshot = reads.snapshot(codes)
    if failures and snapshot is None:
        reads.forget(failures)
        raise next(iter(failures.values()))
    if failures:
        _refused(reads, kind, failures, key)
    if snapshot is not None:
        page.left_out(snapshot.left_out)
    return snapshot


def refresh(
    connection: Connection, codes: Sequence[str], *kinds: TenantResource
) -> Callable[[], None]:
    """Return what reads these tenants anew; what was read stays until then."""

    def again() -> None:
        for kind in kinds:
            reads = tenant_reads.of(connection, kind)
            if len(codes) <= READ_UNASKED:
                reads.read(connection.client, codes)
            else:
                reads.start(list_load.asker(connection), codes)

    return again


def _read_or_ask(
    connection: Connection, reads: TenantReads, codes: Sequence[str], key: str
) -> None:
    missing = reads.missing(codes)
    if len(missing) <= READ_UNASKED:
        reads.read_missing(connection.client, missing)
        return
    noun = "more tenant" if len(missing) < len(codes) else "tenant"
    calls = formats.counted(len(missing), "call")
    seconds = max(1, seconds_for(len(missing), connection.client.budget()))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Read {formats.counted(len(missing), noun)} ({calls})",
            key=f"{key}.agree",
            type="primary",
            on_click=reads.start,
            args=(list_load.asker(connection), missing),
        )
        st.caption(f"About {formats.duration(seconds)}. You can stop it at any time.")


def _progress(connection: Connection, reads: TenantReads, kind: TenantResource, key: str) -> None:
    def stop() -> None:
        reads.stop()
        # In a fragment the script itself does not run, where clicks are noted.
        user_activity.note()

    @st.fragment(run_every=1.0, key=f"{key}.progress")
    @access.while_it_holds
    def tick() -> None:
        # A timer lives in the browser, so reading ends soon after the tab is closed.
        reads.saw(list_load.asker(connection))
        progress = reads.progress
        if not progress.is_running:
            user_activity.by_itself()
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            of = formats.counted(progress.of, "tenant")
            text = f"Reading {kind}: {progress.done:,} of {of}"
            st.progress(progress.done / max(1, progress.of), text=text)
            st.button("Stop", key=f"{key}.stop", icon=":material/stop:", on_click=stop)

    tick()


def _refused(
    reads: TenantReads, kind: TenantResource, failures: dict[str, visier.VisierError], key: str
) -> None:
    with st.container(border=True, key=f"{key}.unread"):
        st.markdown(f"## :material/person_off: Some tenants' {kind} could not be read")
        st.text("\n".join(f"{code}: {error.message}" for code, error in failures.items()))
        st.button(
            f"Try again ({formats.counted(len(failures), 'call')})",
            key=f"{key}.again",
            icon=":material/refresh:",
            on_click=reads.forget,
            args=(failures,),
        )
