"""The table of jobs."""

import pandas as pd
from streamlit.testing.v1 import AppTest

from dashboard import session
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
    keys = frozenset(key_of(JobType(types[job_id]), job_id) for job_id in job_ids)
    in_session(app, session.select, "jobs", keys)
    app.run()


def live(app: AppTest) -> "pd.Series[bool]":
    return table(app)["state"].str[0].isin(["▶ Running", "… Pending"])
