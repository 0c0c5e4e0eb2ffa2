"""The deliveries that a recovery may begin with."""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import pandas as pd
import streamlit as st

from dashboard import bootstrap, data, deliveries, delivery_words, navigation
from dashboard.charts import layout
from dashboard.connection import Connection
from dashboard.ui import formats, page, tables
from dashboard.ui.recovery_link import DELIVERY
from services.ledger import EventKind, State
from services.operations.recovery import case as cases
from services.operations.recovery.case import FoundBy
from services.operations.recovery.finding import By
from services.watching.deliveries import arrived_within

OPEN_AT_MOST: Final = 20
BEGUN: Final = "A recovery of {uploads} of it is open, begun by {who}: go on there"


class Chosen(NamedTuple):
    """The uploads of a delivery, and which it is."""

    uploads: pd.DataFrame
    by: FoundBy


def choose(connection: Connection, known: data.TenantDirectory) -> Chosen | None:
    """Draw the deliveries of the last days; return the one the link names, None for none.

    They are read when a person asks for it, here or on Deliveries.
    """
    linked = st.query_params.get(DELIVERY, "").strip()
    if not (linked or deliveries.is_asked()):
        calls = -(-(len(known.frame) + 1) // data.DIRECTORY_PAGE) + deliveries.DAYS
        least = "" if known.is_complete else "at least "
        st.button(
            f"List the deliveries ({least}{formats.counted(calls, 'call')})",
            key="rec.deliveries",
            icon=":material/local_shipping:",
            on_click=deliveries.ask,
        )
        return None
    with page.loading():
        look = deliveries.load(connection)
    row = look.row(linked)
    rows = look.found.rows
    is_late = arrived_within(rows, look.as_of - timedelta(days=deliveries.DAYS))
    st.text(f"{formats.counted(int(is_late.sum()), 'delivery')} of the last {deliveries.DAYS} days")
    # One that a link names may be older.
    _table(look, rows[is_late | (rows["delivery_id"] == linked)])
    if row is None:
        if linked:
            st.text("The delivery of the link is not among those listed now.")
        return None
    by = FoundBy(
        By.DELIVERY,
        delivery_id=linked,
        arrived=_arrived(row["arrived"]),
        of_tenants=int(row["tenants"]),
    )
    return Chosen(look.uploads_of(linked), by)


def _arrived(moment: pd.Timestamp) -> datetime | None:
    """Return a time as Python has them; None where none can be."""
    is_told = bool(layout.is_drawn(pd.Series([moment])).iloc[0])
    return moment.tz_convert(UTC).to_pydatetime() if is_told else None


def begun(connection: Connection, uploads: pd.DataFrame, *, besides: str | None) -> None:
    """Draw a link to each open recovery that is about some of these uploads, but for one."""
    own, ledger = _keys(uploads), bootstrap.ledger(connection)
    for each in cases.recoveries(ledger, connection.actor, OPEN_AT_MOST):
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


@st.cache_resource(scope="session", max_entries=OPEN_AT_MOST, show_spinner=False)
def _uploads_of(_connection: Connection, recovery_id: str) -> frozenset[tuple[str, str]]:
    """Return tenant and time of the uploads a recovery is about: they stay as it was begun."""
    case = cases.document(bootstrap.ledger(_connection), recovery_id, EventKind.CASE, cases.OF_CASE)
    tenants = case.tenants if case else ()
    return frozenset((each.code, upload.time) for each in tenants for upload in each.uploads)


def _keys(uploads: pd.DataFrame) -> frozenset[tuple[str, str]]:
    told = uploads.dropna(subset=["tenant_code", "upload_time_text"])
    return frozenset(zip(told["tenant_code"], told["upload_time_text"], strict=True))


def _table(look: deliveries.Look, shown: pd.DataFrame) -> None:
    rows = shown.assign(
        key=shown["delivery_id"], what=delivery_words.reasons(shown, look.found.reasons)
    )
    columns: tables.Columns = {
        "arrived": tables.time_column("Arrived"),
        "what": st.column_config.TextColumn("What stands out", width=420),
        "tenants": tables.count_column("Tenants", width=75),
        "uploads": tables.count_column("Uploads", width=75),
        "excluded": tables.count_column("Excluded", width=80),
    }
    tables.rows(rows, columns, key="rec.deliveries_found", opens=DELIVERY)
