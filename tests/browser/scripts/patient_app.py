"""A page whose callbacks wait for another event, served as the dashboard serves its own."""

from pathlib import Path

import streamlit as st

from dashboard import whole_callbacks

whole_callbacks.install()
app = st.App(Path(__file__).with_name("patient_page.py").resolve())
