"""A table whose rows move by themselves, as those of a page that reads again do."""

import pandas as pd
import streamlit as st

from dashboard import session
from dashboard.components import tables
from dashboard.streamlit_compat import row_shift_guard, user_activity

# No browser of a test is late: what is on its way is let go once the rows have moved.
setattr(row_shift_guard, "TOLD_WITHIN_SECONDS", 3600)  # noqa: B010 - as mypy has it


def read_again() -> None:
    """Put a new row above the others, as if nobody had asked for it."""
    st.session_state["rows"] = ["new", *st.session_state["rows"]]
    user_activity.by_itself()


user_activity.note_run(st.context.headers.get("Sec-Websocket-Key", ""))
rows = st.session_state.setdefault("rows", ["a", "b", "c"])
tables.selectable_rows(
    pd.DataFrame({"key": pd.array(rows, dtype="str")}), {"key": "Row"}, key="moving", selection="it"
)
st.button("Read again", on_click=read_again)
st.text(f"Rows: {' '.join(rows)}")
st.text(f"Selected: {' '.join(sorted(session.selected('it'))) or 'none'}")
