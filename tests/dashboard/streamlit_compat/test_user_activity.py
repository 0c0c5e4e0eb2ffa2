"""What counts as a click of a person."""

from itertools import count
from unittest.mock import Mock

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.streamlit_compat import user_activity


def script() -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs the text of this function alone

    from dashboard.streamlit_compat import user_activity  # noqa: PLC0415 - AppTest runs the text of this function alone

    def show(words: str) -> None:
        st.text(words)

    shown = user_activity.noted(show)
    for words in ("of the script", "of a person"):
        shown(words)
        st.text("noted" if user_activity.last() == user_activity.last() else "not noted")


def test_a_fragment_that_runs_again_alone_is_a_click_and_its_first_run_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # By a clock that goes on with every look, two answers are the same where one was noted.
    looks = count()
    monkeypatch.setattr(user_activity, "datetime", Mock(now=lambda _: next(looks)))
    app = AppTest.from_function(script).run()
    told = [text.value for text in app.text]
    assert told == ["of the script", "not noted", "of a person", "noted"]
