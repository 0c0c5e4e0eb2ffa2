"""Assigning by a mapping that is pasted or uploaded: checked row by row before anything is sent."""

import pandas as pd
import streamlit as st

from dashboard.components import formats, page, tables, tenant_reading
from dashboard.connection import Connection
from dashboard.operations.drawer import drawer
from dashboard.streamlit_compat import deferred_button
from dashboard.tenant_reads import TenantResource
from pages.connectors.assigning import NAME
from services.operations import plan_assign_credentials
from services.operations.credentials.mapping import (
    Checked,
    Row,
    Wrong,
    check,
    decoded,
    read_mapping,
)

# Enough for 100,000 rows, which are checked while a person waits.
MOST_MEGABYTES = 5
MOST_CHARACTERS = MOST_MEGABYTES * 1_000_000
# A file in the wrong format has a problem in every row.
WRONG_SHOWN = 1_000
EXAMPLE = "tenant_code,connector,credential\nWFF_j1r~c7o,UKG Callisto,UKG Callisto user"
BOTH = "There are two mappings: one in the field and one in a file. Remove one."
EMPTY = "The file is empty."
TOO_LONG = f"At most {MOST_CHARACTERS:,} characters at once. Split the mapping."


def show(connection: Connection) -> None:
    """Draw the field for the mapping, what is wrong in it, and the way to its plan."""
    text = _text()
    if not text:
        return
    rows, wrong = _read(text)
    if not rows and not wrong:
        st.text(EMPTY)
        return
    if wrong:
        _refuse(wrong, len(rows) + len(wrong))
        return
    codes = list(dict.fromkeys(row.tenant for row in rows))
    looks = [
        tenant_reading.show(connection, codes, kind, key=f"mapping.{kind}")
        for kind in (TenantResource.CONNECTORS, TenantResource.CREDENTIALS)
    ]
    if looks[0] is not None and looks[1] is not None:
        _offer(text, looks[0].frame, looks[1].frame)


@st.cache_resource(scope="session", max_entries=1, show_spinner=False)
def _read(text: str) -> tuple[list[Row], list[Wrong]]:
    """Read a mapping once: it is the same on every run of the script."""
    return read_mapping(text)


def _content(frame: pd.DataFrame) -> bytes:
    # Streamlit's own way looks at a sample of what is long.
    return pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes()


@st.cache_resource(
    scope="session", max_entries=1, show_spinner=False, hash_funcs={pd.DataFrame: _content}
)
def _checked(text: str, connectors: pd.DataFrame, credentials: pd.DataFrame) -> Checked:
    """Check a mapping once: it means the same while the lists are the same."""
    return check(_read(text)[0], connectors, credentials)


def _text() -> str:
    """Draw the two ways to give a mapping; return the one that was given, "" for none."""
    st.caption(
        "One row per connector: tenant, connector and credential, by id or display name, "
        "separated by commas, semicolons or tabs. The first row may be a header."
    )
    with st.container(horizontal=True, width=page.FORM_WIDTH):
        typed = st.text_area(
            "Mapping", key="con.mapping", height=160, placeholder=EXAMPLE, width="stretch"
        )
        uploaded = st.file_uploader(
            "or a CSV file",
            type="csv",
            key="con.mapping.file",
            max_upload_size=MOST_MEGABYTES,
            width=340,
        )
    pasted = (typed or "") if (typed or "").strip() else ""
    problem = ""
    if uploaded and pasted:
        problem = BOTH
    elif len(pasted) > MOST_CHARACTERS:
        problem = TOO_LONG
    if problem:
        st.warning(problem, icon=":material/warning:")
        return ""
    return decoded(uploaded.getvalue()) or "\n" if uploaded else pasted


def _offer(text: str, connectors: pd.DataFrame, credentials: pd.DataFrame) -> None:
    rows, checked = _read(text)[0], _checked(text, connectors, credentials)
    if checked.wrong:
        _refuse(checked.wrong, len(rows))
        return

    def review() -> None:
        plan = plan_assign_credentials(checked.mapping, connectors, credentials)
        drawer(NAME).review(plan, f"a mapping of {formats.counted(len(rows), 'row')}")

    st.text(f"All {formats.counted(len(rows), 'row')} can be assigned.")
    deferred_button.button(
        f"Assign by {formats.counted(len(rows), 'row')}…",
        review,
        key="con.mapping.review",
        reads=("con.mapping",),
        icon=":material/link:",
    )


def _refuse(wrong: list[Wrong], of: int) -> None:
    with st.container(border=True, key="mapping-refused"):
        st.markdown("## :material/rule: Invalid mapping. Nothing was sent")
        shown = pd.DataFrame(wrong[:WRONG_SHOWN])
        frame = shown.astype({"text": "str", "reason": "str"}).assign(text=shown["text"].str[:300])
        columns: tables.Columns = {
            "row": tables.count_column("Row", width=70),
            "text": st.column_config.TextColumn("Input", width=420),
            "reason": st.column_config.TextColumn("Problem", width=420),
        }
        if len(wrong) > WRONG_SHOWN:
            st.text(f"{len(wrong):,} rows have problems. Showing the first {WRONG_SHOWN:,}.")
        tables.show(frame, columns, key="con.mapping.wrong", of=of, noun="row")
