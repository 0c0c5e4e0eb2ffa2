"""The way from a selection of tenants to the form of a rule about them."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import navigation, session

RULE, NEW = "wa_rule", "new"
"""What an open rule is called in the address of Watch, and a new one."""


@dataclass
class _HandedOver:
    """The tenants of which another screen makes a rule."""

    codes: tuple[str, ...] = ()


def handed_over() -> tuple[str, ...]:
    """Return the tenants of which another screen makes a rule, none where it does not."""
    return session.own(_HandedOver).codes


def forget() -> None:
    """Forget these tenants: the next new rule is about all."""
    session.own(_HandedOver).codes = ()


def button(codes: "pd.Series[str]", *, key: str) -> None:
    """Draw the way to a new rule about these tenants."""
    distinct = tuple(codes.dropna().unique())
    if distinct and st.button("Make a rule…", key=key, icon=navigation.WATCH.icon):
        session.own(_HandedOver).codes = distinct
        navigation.go_to(navigation.WATCH, {"wa_view": "rules", RULE: NEW})
