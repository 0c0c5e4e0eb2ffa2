"""Recovery: the guided answer to a bad load, left and resumed at its checkpoint by whoever."""

from dataclasses import replace

import streamlit as st

from dashboard import navigation, session
from dashboard.components import errors, filter_row, page
from dashboard.connection import Connection
from dashboard.operations import recovery_link, start_following
from pages.recovery import begin, find, impact, plan, recoveries, report, run, verify
from pages.recovery import stages as recovery_stages
from services.ledger import Elsewhere, UnknownOperation
from services.operations.recovery import incident as incidents
from services.operations.recovery.incident import Recovery
from services.operations.recovery.steps import Stage, stage_of

PARAMETERS = (*recovery_link.FOUND_BY, "rec_category")
NOT_HERE = "No such recovery"
ELSEWHERE = (
    "This recovery belongs to another tenant or another Visier. Sign in there to continue it."
)


def main() -> None:
    """Find a bad load, or go on with a recovery that was begun."""
    connection = session.signed_in()
    head = page.head("Recovery")
    errors.show_kept()
    opened = st.query_params.get(recoveries.OPENED, "").strip()
    if opened:
        _go_on(connection, opened)
    else:
        with head:
            filter_row.offer_views(navigation.RECOVERY, PARAMETERS)
        _find(connection)


def _find(connection: Connection) -> None:
    stages = st.container()
    try:
        found = find.draw(connection)
    except errors.KNOWN:
        with stages:
            recovery_stages.before_begun(Stage.FIND)
        raise
    with stages:
        recovery_stages.before_begun(Stage.FIND if found is None else Stage.IMPACT)
    if found is None:
        recoveries.draw(connection)
        return
    impact.draw_found(connection, found)
    begin.draw(connection, found)


def _go_on(connection: Connection, recovery_id: str) -> None:
    try:
        recovery = incidents.read(connection.ledger, recovery_id, connection.identity.name)
    except Elsewhere:
        page.empty(NOT_HERE, ELSEWHERE)
        recoveries.way_back()
        return
    except (UnknownOperation, incidents.NoIncident) as missing:
        page.empty(NOT_HERE, str(missing))
        recoveries.way_back()
        return
    if not recovery.is_closed:
        # What cannot be read is told where the jobs are followed.
        started = {
            id_: start_following.read(connection, start, quietly=True)
            for id_, start in recovery.started.items()
        }
        recovery = replace(recovery, started=started)
    recoveries.headline(recovery)
    _stage(connection, recovery)


def _stage(connection: Connection, recovery: Recovery) -> None:
    stage = recovery_stages.choice(recovery.id, stage_of(recovery))
    if stage is Stage.IMPACT:
        impact.draw_incident(recovery)
    elif stage is Stage.PLAN:
        plan.draw(connection, recovery)
    elif stage is Stage.RUN:
        run.draw(connection, recovery)
    elif stage is Stage.VERIFY:
        verify.draw(connection, recovery)
    else:
        report.draw(connection, recovery)


main()
