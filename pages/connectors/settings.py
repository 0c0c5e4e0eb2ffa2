"""The settings of data connectors as a grid: edited as a draft, applied by a plan."""

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import session
from dashboard.components import formats, page, tables, tenant_reading, tenants
from dashboard.components.forms import form
from dashboard.connection import Connection
from dashboard.operations import plan_panel
from dashboard.operations.drawer import drawer
from dashboard.streamlit_compat import deferred_button
from dashboard.tenant_reads import TenantResource
from pages.connectors.assigning import NAME
from services.operations import plan_set_connector_settings

DRAFT = "connector_settings"
# The part of the draft that is drawn into the grid; later edits lie on top of it, in the editor.
DRAWN = "connector_settings.drawn"
NAMING = ("tenant_code", "tenant_name", "display_name", "connector_id")
Change = tuple[str, str, str]


def show(connection: Connection, head: DeltaGenerator, codes: list[str]) -> None:
    """Draw the grid of connectors by setting for these tenants, and the draft."""
    snapshot = tenant_reading.show(
        connection, codes, TenantResource.SETTINGS, key="connectors.settings"
    )
    if snapshot is None:
        page.empty("Nothing read yet", "Select tenants to see their connector settings.")
        plan_panel.slot(connection, NAME)
        return
    refresh = tenant_reading.refresh(connection, codes, TenantResource.SETTINGS)
    page.as_of(head, snapshot.as_of, "con", refresh)
    known = snapshot.frame.dropna(subset=["connector_id", "setting_key"])
    if known.empty and snapshot.frame["setting_key"].notna().any():
        page.empty("Settings without a connector", "Visier lists settings without their connector.")
        plan_panel.slot(connection, NAME)
        return
    if known.empty:
        page.empty("No settings", "The data connectors of these tenants have no settings.")
        plan_panel.slot(connection, NAME)
        return
    changes = _still_to_do(known)
    if not changes and session.draft(DRAWN):
        _discard()
    _draft(known, changes)
    plan_panel.slot(connection, NAME)
    _grid(connection, known, changes)


def grid_of(settings: pd.DataFrame) -> pd.DataFrame:
    """Return one row per connector of each tenant and one column per setting.

    Columns: tenant_code, connector_id, display_name, then the settings, missing where a connector
    does not have one.
    """
    keys = ["tenant_code", "connector_id", "display_name"]
    values = settings.drop_duplicates([*keys[:2], "setting_key"])
    wide = values.pivot_table(
        index=keys, columns="setting_key", values="value", aggfunc="first", dropna=False, sort=False
    )
    return wide.dropna(how="all").reset_index().rename_axis(columns=None)


def _grid(connection: Connection, known: pd.DataFrame, changes: dict[Change, str]) -> None:
    rows = tenants.named(connection, grid_of(known))
    fixed = {
        **tables.tenant_columns(rows),
        "display_name": st.column_config.TextColumn("Connector", pinned=True, width=200),
    }
    settings = [name for name in rows.columns if name not in NAMING]
    drafted = rows.astype(object)
    key = f"con.settings.{form(DRAFT).number}"
    if key not in st.session_state:
        session.put_draft(DRAWN, changes)
    drawn = session.draft(DRAWN)
    place = {pair: at for at, pair in enumerate(zip(*_pair(rows), strict=True))}
    for (code, connector, setting), value in drawn.items():
        if (code, connector) in place and setting in settings:
            drafted.loc[place[code, connector], setting] = value

    def take() -> None:
        edited: dict[int, dict[str, Any]] = st.session_state[key]["edited_rows"]
        new = {**session.draft(DRAFT), **drawn}
        for at, cells in edited.items():
            code, connector = (str(column.iloc[at]) for column in _pair(rows))
            new |= {(code, connector, name): value or "" for name, value in cells.items()}
        session.put_draft(DRAFT, new)

    st.caption(
        f"{formats.counted(len(rows), 'connector')}. Editing a cell drafts a change. Nothing is "
        "sent until you review and apply it."
    )
    st.data_editor(
        drafted[[*fixed, *settings]],
        key=key,
        hide_index=True,
        height="content" if len(rows) <= 14 else 527,
        disabled=list(fixed),
        column_config=dict(fixed),
        on_change=take,
    )


def _pair(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    return rows["tenant_code"], rows["connector_id"]


def _still_to_do(known: pd.DataFrame) -> dict[Change, str]:
    """Drop from the draft what has come about or cannot be set; return the rest."""
    columns = (known[name] for name in ("tenant_code", "connector_id", "setting_key"))
    present = dict(zip(zip(*columns, strict=True), known["value"].fillna(""), strict=True))
    drafted = session.draft(DRAFT)
    # What belongs to tenants that are not chosen now waits until they are.
    codes = set(known["tenant_code"])
    changes = {
        key: value
        for key, value in drafted.items()
        if key[0] not in codes or present.get(key, value) != value
    }
    session.put_draft(DRAFT, changes)
    return {key: value for key, value in changes.items() if key[0] in codes}


def _draft(known: pd.DataFrame, changes: dict[Change, str]) -> None:
    if not changes:
        return
    columns = ["tenant_code", "connector_id", "setting_key"]
    wanted = pd.DataFrame(list(changes), columns=columns, dtype="str")
    wanted = wanted.assign(value=list(changes.values()))

    def review() -> None:
        drawer(NAME).review(plan_set_connector_settings(wanted, known), "a draft")

    # At the foot of the page: above the grid it would move what is edited.
    with (
        st.bottom,
        st.container(border=True, horizontal=True, vertical_alignment="center", key="draft"),
    ):
        st.markdown("**Draft**", width="content")
        tenants = formats.counted(wanted["tenant_code"].nunique(), "tenant")
        number = formats.counted(len(wanted), "change")
        st.text(f"{number} in {tenants}, not sent yet")
        deferred_button.button(
            f"Review {number}…",
            review,
            key="con.draft.review",
            reads=(session.draft_key(DRAFT),),
            primary=True,
        )
        st.button(
            "Discard the draft",
            key="con.draft.discard",
            on_click=_discard,
        )


def _discard() -> None:
    session.put_draft(DRAFT, {})
    session.put_draft(DRAWN, {})
    # A new editor, without the edits of this one.
    form(DRAFT).spend(form(DRAFT).number)
