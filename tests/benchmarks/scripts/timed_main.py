"""The script behind every browser session, with the processor time of each of its runs."""

import runpy
import time
from pathlib import Path

import dashboard
from tests.benchmarks.own_python import RUNS

started = time.thread_time()
try:
    runpy.run_path(str(Path(dashboard.__file__).with_name("main.py")))
finally:
    RUNS.append(time.thread_time() - started)
