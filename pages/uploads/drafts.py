"""A column of flags that a person changes as a draft: nothing is sent by a tick."""

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ButtonColumnResult

from dashboard import session

ON, OFF = ":material/check_box:", ":material/check_box_outline_blank:"
DRAFTED_ON, DRAFTED_OFF = f"{ON} draft", f"{OFF} draft"


def labels(flags: pd.Series, keys: pd.Series, *, draft: str) -> "pd.Series[str]":
    """Return what stands in the cell of each flag: a ticked or empty box, marked when drafted."""
    ticked = flags.fillna(False).to_numpy(np.int8)
    shown = pd.Series([OFF, ON], dtype="str").take(ticked).set_axis(flags.index)
    if not session.draft(draft):
        return shown
    changes = keys.map(session.draft(draft))
    return shown.mask(changes.eq(True), DRAFTED_ON).mask(changes.eq(False), DRAFTED_OFF)


def column(
    label: str, flags: pd.Series, keys: pd.Series, *, draft: str, key: str
) -> ButtonColumnResult:
    """Return the column whose boxes change the named draft when clicked."""

    def toggle() -> None:
        row = st.session_state[key]["row"]
        changes = dict(session.draft(draft))
        name = str(keys.iloc[row])
        if changes.pop(name, None) is None:
            changes[name] = not bool(flags.fillna(False).iloc[row])
        session.put_draft(draft, changes)

    return st.column_config.ButtonColumn(
        label,
        type="tertiary",
        key=key,
        on_click=toggle,
        width=110,
        help="A click drafts a change. Nothing is sent until you review and apply it.",
    )
