"""A page that fails on request, behind what the dashboard does about failures."""

from pathlib import Path

import streamlit as st

from dashboard import logs
from dashboard.streamlit_compat import script_errors

logs.configure("json")
app = st.App(
    Path(__file__).with_name("broken_page.py").resolve(),
    on_script_error=script_errors.log_and_show,
)
