"""Beginning a recovery: what was found is written down, for everybody, before anything is sent."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pandas as pd
import streamlit as st

from dashboard import access, data, navigation, session, time_zone
from dashboard.components import errors, formats, page, permits, tenants
from dashboard.connection import Connection
from dashboard.operations import recovery_reads, recovery_words
from dashboard.streamlit_compat import pending_clicks
from pages.recovery import recoveries
from pages.recovery.find import Found
from pages.recovery.impact import files_of
from services import visier
from services.clock import CLOCK
from services.ledger import AlreadyApplied, State
from services.operations import Verb
from services.operations.recovery import baseline, changing
from services.operations.recovery import incident as incidents
from services.operations.recovery.finding import Impact
from services.operations.recovery.incident import Incident
from services.operations.recovery.verdicts import NotCompared, Uncompared

# Each open one is read to see whether it is about the same uploads.
OPEN_AT_MOST = 20
# Named to be recognised in the report; Uploads lists them all.
FILE_NAMES_AT_MOST = 50
DONE_ALREADY = (
    "Some of these uploads are already excluded, as shown above. Continue there "
    "unless a recovery is still needed."
)


def draw(connection: Connection, found: Found) -> None:
    """Draw what begins the recovery: from then on it is in the ledger, and has a link."""
    impact = found.impact
    with st.container(border=True, key="rec-beginning"):
        st.markdown("## :material/flag: Begin the recovery")
        st.text("Saves the findings so any colleague can continue. Nothing is sent.")
        if len(impact.tenants) > baseline.LARGEST:
            st.text(
                f"At most {baseline.LARGEST:,} tenants at once: narrow the search and begin "
                "several recoveries."
            )
            return
        if found.taken_out_by:
            st.text(DONE_ALREADY)
        _warn_of_others(connection, impact)
        calls = baseline.metric_calls(len(impact.tenants), found.listed)
        compare = st.toggle(
            f"Save metric values to compare afterwards ({formats.counted(calls, 'call')})",
            True,
            key="rec.compare",
        )
        reason = st.text_input(
            "Reason",
            key="rec.reason",
            max_chars=500,
            placeholder="Why (optional, shown in Activity)",
        )
        may = permits.explain(connection, Verb.RECOVER)
        is_pressed = st.button(
            f"Begin the recovery of {formats.counted(len(impact.tenants), 'tenant')}",
            key="rec.begin",
            type="secondary" if found.taken_out_by else "primary",
            icon=":material/flag:",
            disabled=not may,
        )
        clicked = pending_clicks.made(_click(found), is_pressed=is_pressed)
        if clicked is not None:
            _begin(connection, found, reason.strip(), clicked, compare=compare)


def _warn_of_others(connection: Connection, impact: Impact) -> None:
    """Show which open recoveries are about some of these tenants already."""
    own = set(impact.tenants)
    ledger = connection.ledger
    for each in incidents.recoveries(ledger, connection.actor, OPEN_AT_MOST):
        if each.state is not State.OPEN:
            continue
        both = own & set(ledger.item_frame(each.id)["tenant_code"])
        if both:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(
                    f"{each.actor.user} is already recovering "
                    f"{formats.counted(len(both), 'tenant')} of these.",
                )
                st.button(
                    "Continue that one",
                    key=f"rec.other.{each.id}",
                    on_click=st.query_params.update,
                    args=({recoveries.OPENED: each.id},),
                )


def _click(found: Found) -> str:
    return f"begin {found.by}"


def _begin(
    connection: Connection, found: Found, reason: str, clicked: datetime, *, compare: bool
) -> None:
    new: dict[str, str] = session.kept("recovery.new", dict)
    id_ = new.setdefault(str(found.by), str(uuid4()))
    with (
        st.spinner("Saving the findings…"),
        errors.boundary("begin"),
        pending_clicks.carried_out(_click(found)),
    ):
        incident = _incident(connection, found, clicked, compare=compare)
        # What an earlier click has begun is opened.
        with suppress(AlreadyApplied):
            changing.begin(
                connection.ledger,
                incident,
                access.permissions(connection),
                id_=id_,
                identity=connection.identity.name,
                reason=reason,
                filter_text=recovery_words.found_by(found.by, "", time_zone.chosen()),
            )
        new.pop(str(found.by), None)
        navigation.go_to(navigation.RECOVERY, {recoveries.OPENED: id_})


def _incident(
    connection: Connection, found: Found, clicked: datetime, *, compare: bool
) -> Incident:
    impact, known = found.impact, tenants.listed(connection)
    names = known.frame.dropna(subset="display_name")
    by_code = dict(zip(names["tenant_code"], names["display_name"], strict=True))
    incident = baseline.incident_of(impact, by_code, found_by=found.by, found_at=CLOCK.now())
    metrics: pd.DataFrame | NotCompared = NotCompared(Uncompared.UNASKED)
    of_metrics: Sequence[str] = ()
    if found.data_category:
        metrics = NotCompared(Uncompared.PRIMARY_ONLY)
    elif compare:
        metrics, of_metrics = recovery_reads.metrics(
            connection, impact.tenants, found.listed, clicked
        )
    files = _files(connection, impact)
    of_files = files.left_out if files else ()
    names_of_files = files.frame["filename"].dropna().unique() if files else ()
    return replace(
        baseline.with_figures(incident, metrics),
        receiving_job=found.by.job_id,
        data_category=found.data_category,
        data_category_id=_category_id(connection, found.data_category),
        file_names=tuple(names_of_files[:FILE_NAMES_AT_MOST]),
        unreadable=page.in_short((*found.unreadable, *of_metrics, *of_files)),
    )


def _category_id(connection: Connection, object_name: str) -> str:
    if not object_name:
        return ""
    # No comfort here: a recovery would process another category than the one that was hit.
    listed = data.load_categories(connection).frame
    ids = listed.loc[listed["object_name"] == object_name, "id"].dropna()
    if ids.empty:
        raise visier.InvalidArgument(f"Visier lists no data category {object_name}.")
    return str(ids.iloc[0])


def _files(connection: Connection, impact: Impact) -> data.Snapshot | None:
    """Return the files, where somebody has listed them."""
    if not impact.deliveries or not session.is_asked("recovery.files", " ".join(impact.deliveries)):
        return None
    return files_of(connection, impact)
