"""How one job is called where it is not a row among others."""

import pandas as pd

from dashboard.components import formats
from dashboard.wording import JOB_TYPES
from services.clock import CLOCK
from services.frames import LIVE


def name_of(job: pd.Series) -> str:
    """Return what a job with its `tenant_name` is: `Extraction · Europa Health`."""
    names = (job["tenant_name"], job["tenant_code"])
    tenant = next((name for name in names if not pd.isna(name) and name), "")
    return " · ".join(filter(None, (JOB_TYPES[job["job_type"]], tenant)))


def running_for(job: pd.Series) -> str:
    """Return how long a job that has not ended runs; "" for another or where it is not known."""
    age = formats.age_seconds(pd.Series([job["start_time"]]), CLOCK.now()).iloc[0]
    return "" if job["status"] not in LIVE or pd.isna(age) else formats.duration(age)
