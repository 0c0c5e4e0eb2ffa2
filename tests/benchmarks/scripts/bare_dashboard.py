"""The least that shows the same: the frames and marks of the file it is given, and their count.

Whatever is typed as a filter brings up what the screen shows with its filter: nothing is looked
for. With `?read=1` a session first asks Visier what the screen asks; with `?elements=1` short texts
make up the number of elements of the screen. `streamlit run
tests/benchmarks/scripts/bare_dashboard.py -- FILE`
"""

import pickle
import sys
from functools import partial
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import requests
import streamlit as st


@st.cache_resource
def load() -> dict[str, Any]:
    content: dict[str, Any] = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - the benchmark's own
    return content


def read(urls: list[str], headers: dict[str, str]) -> None:
    with requests.Session() as session:
        session.trust_env = False
        for url in urls:
            session.get(url, headers=headers, timeout=60).json()


def screen(of: dict[str, Any]) -> None:
    st.title(of["title"])
    word = st.text_input("Filter", key="filter")
    if "read" in st.query_params and "has_read" not in st.session_state:
        read(of["urls"], of["headers"])
        st.session_state["has_read"] = True
    shown = of["filtered"] if word else of["whole"]
    own = 3 + len(shown["figures"]) + 2 * len(shown["frames"])
    for number in range(own, shown["elements"] if "elements" in st.query_params else own):
        st.text(f"{shown['text']} {number}")
    for number, traces in enumerate(shown["figures"]):
        st.plotly_chart(go.Figure(traces), key=f"figure-{number}")
    st.text(shown["text"])
    for number, frame in enumerate(shown["frames"]):
        event = st.dataframe(
            frame,
            key=f"table-{number}",
            height=600 if len(frame) > 14 else "content",
            hide_index=True,
            on_select="rerun",
            selection_mode="multi-row",
        )
        st.text(f"{len(event['selection']['rows'])} selected")


st.set_page_config(layout="wide")
st.navigation(
    [
        st.Page(
            partial(screen, of),
            title=of["title"],
            url_path=of["path"],
            default=not of["path"],
        )
        for of in load()["screens"]
    ]
).run()
