"""The processor time of each screen's script at 5,000 tenants, all of Streamlit's part included."""

import os
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

import streamlit as st
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap
from tests.benchmarks.ratios import Ratio
from tests.sandboxes import running_sandbox

ROOT = Path(__file__).parents[2]
TENANTS = 5000
AT_MOST = 0.1
RERUNS = 15
# Filled by `scripts/timed_main.py`, in seconds.
RUNS: list[float] = []
SCREENS: tuple[tuple[str, dict[str, str]], ...] = (
    ("overview", {}),
    ("data_versions", {}),
    ("uploads", {}),
    ("jobs", {}),
    ("jobs", {"job_window": "7 days"}),
    ("jobs", {"job_window": "7 days", "job_view": "Tree"}),
    ("jobs", {"job_window": "7 days", "job_view": "Timeline"}),
    ("jobs", {"job_window": "7 days", "job_view": "Failures"}),
    ("jobs", {"job_window": "7 days", "job_view": "Stages"}),
    ("start_jobs", {}),
    ("connectors", {}),
    ("credentials", {}),
    ("activity", {}),
)


def measure() -> Iterator[Ratio]:
    """Yield the median of each screen's reruns, beside the 100 ms that none may take."""
    with running_sandbox(tenants=TENANTS) as sandbox, tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "VISIER_HOST": sandbox.url,
            "VISIER_VANITY": sandbox.vanity_name,
            "VISIER_APIKEY": sandbox.api_key,
            "VISIER_USERNAME": sandbox.username,
            "VISIER_PASSWORD": sandbox.password,
            "DASHBOARD_LEDGER_URL": f"sqlite:///{Path(folder) / 'ledger.sqlite3'}",
        }
        bootstrap.settings.cache_clear()
        for page, query in SCREENS:
            with _compiled_once():
                seconds = _rerun(page, query)
            name = " ".join([page, *query.values()])
            yield Ratio(
                f"script of {name}, {TENANTS:,} tenants / 100 ms",
                seconds,
                AT_MOST,
                seconds / AT_MOST,
                1,
            )
        st.cache_resource.clear()


@contextmanager
def _compiled_once() -> Iterator[None]:
    """Keep what is compiled, as a server does: AppTest compiles every page anew in each run."""
    kept = ScriptCache()
    with ExitStack() as stack:
        for module in ("app_test", "local_script_runner"):
            name = f"streamlit.testing.v1.{module}.ScriptCache"
            stack.enter_context(mock.patch(name, return_value=kept))
        yield


def _rerun(page: str, query: dict[str, str]) -> float:
    script = Path(__file__).parent / "scripts" / "timed_main.py"
    app = AppTest.from_file(str(script), default_timeout=120)
    if page != "overview":
        app.switch_page(str(ROOT / "pages" / page / "page.py"))
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    app.run()
    RUNS.clear()
    for _ in range(RERUNS):
        app.run()
    if app.exception:
        raise RuntimeError(f"{page} shows an exception.")
    return statistics.median(RUNS)
