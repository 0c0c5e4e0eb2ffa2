"""The least a page can be: the frame and the picture in the file it is given, and nothing else.

`streamlit run tests/benchmarks/scripts/bare_page.py -- FILE`
"""

import pickle
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go
import streamlit as st


@st.cache_resource
def load() -> tuple[pd.DataFrame, npt.NDArray[np.int32]]:
    content: tuple[pd.DataFrame, npt.NDArray[np.int32]]
    content = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - the benchmark's own
    return content


frame, cells = load()
st.plotly_chart(go.Figure(go.Heatmap(z=cells)), key="picture")
st.dataframe(frame, key="table")
