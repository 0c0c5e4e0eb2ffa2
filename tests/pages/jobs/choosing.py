"""The table of jobs, and the beat of a page that looks at them live."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import session
from dashboard.wording import JOB_TYPES
from services.frames import JobType
from services.frames.jobs import key_of
from tests.pages.reading import table
from tests.pages.sessions import in_session


def ticked(app: AppTest, key: str) -> list[str]:
    rows = app.session_state[key]["selection"]["rows"]
    return list(table(app)["job_id"].iloc[rows])


def choose(app: AppTest, *job_ids: str) -> None:
    """Select jobs as ticks would: AppTest cannot click into a table."""
    types = table(app).set_index("job_id")["job_type"]
    kinds = {word: JobType(token) for token, word in JOB_TYPES.items()}
    keys = frozenset(key_of(kinds[types[job_id]], job_id) for job_id in job_ids)
    in_session(app, session.select, "jobs", keys)
    app.run()


def live(app: AppTest) -> "pd.Series[bool]":
    return table(app)["state"].str[0].isin(["▶ Running", "… Pending"])


def beats(monkeypatch: pytest.MonkeyPatch, at_a_beat: Callable[[], None]) -> list[timedelta]:
    """Let a page beat once right after it is drawn; return what it was told to wait each time."""
    waits = []
    fragment = st.fragment

    def beating(*args: Any, **told: Any) -> Any:
        if told.get("key") != "jobs.beat":
            return fragment(*args, **told)
        waits.append(told["run_every"])

        def both(beat: Callable[[], None]) -> Callable[[], None]:
            def run() -> None:
                beat()
                at_a_beat()
                beat()

            return run

        return both

    monkeypatch.setattr(st, "fragment", beating)
    return waits
