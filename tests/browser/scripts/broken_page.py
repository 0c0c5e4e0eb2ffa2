"""Fails in a callback, in a fragment and in the script itself."""

import streamlit as st


def fail(where: str) -> None:
    """Raise what nobody outside should read."""
    raise RuntimeError(f"canary-31f7 {where}")


@st.fragment
def _fragment() -> None:
    if st.button("Fragment"):
        fail("Fragment")


st.button("Callback", on_click=fail, args=("Callback",))
_fragment()
if st.button("Script"):
    fail("Script")
