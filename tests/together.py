"""Processes that do something at the same moment."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READY = """
print("ready", flush=True)
input()
"""


def run_together(*runs: Sequence[str], timeout: float) -> list[str]:
    """Run Python scripts with their arguments; all pass READY at once. Return what they say."""
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen([sys.executable, "-c", *run], cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        for run in runs
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=timeout)[0] for process in processes]
    assert {process.returncode for process in processes} == {0}
    return said
