"""The ways from other screens to one tenant."""

import pandas as pd
import streamlit as st

from dashboard import navigation

CODE = "code"
"""What a tenant is called in the address of its screen."""
FIND = "ten_find"
"""What is searched for where no tenant is chosen yet."""
LABEL = "Open tenant"


def go(code: str) -> None:
    """Leave for the screen of a tenant."""
    navigation.go_to(navigation.TENANT, {CODE: code})


def button(codes: "pd.Series[str]", *, key: str) -> None:
    """Draw the way to the tenant of what is selected, where that is of one tenant."""
    distinct = codes.dropna().unique()
    if len(distinct) == 1 and st.button(LABEL, key=key, icon=navigation.TENANT.icon):
        go(distinct[0])


def link(code: str) -> None:
    """Draw the way there as a link, for a dialog: in one, a script cannot leave its page."""
    navigation.link(navigation.TENANT, LABEL, {CODE: code}, icon=navigation.TENANT.icon)
