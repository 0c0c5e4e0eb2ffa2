"""The least a page can be: the frames and the picture in the file it is given, and nothing else.

Of several frames each rerun shows the next. `streamlit run tests/benchmarks/scripts/bare_page.py --
FILE`
"""

import pickle
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

Content = tuple[list[pd.DataFrame], npt.NDArray[np.int32] | None]


@st.cache_resource
def load() -> Content:
    content: Content
    content = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - the benchmark's own
    return content


frames, cells = load()
turn = st.session_state["turn"] = st.session_state.get("turn", 0) + 1
if cells is not None:
    st.plotly_chart(go.Figure(go.Heatmap(z=cells)), key="picture")
st.dataframe(frames[turn % len(frames)], key="table")
