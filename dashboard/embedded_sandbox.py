"""The sandbox as a child process, ended with the dashboard."""

import http.client
import os
import re
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from dashboard.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
LISTENING = re.compile(r"listening on (http://\S+)")
# How Python is found and set up, the language, the time zone, and a place for temporary files.
NEEDED = (
    *("PATH", "LD_LIBRARY_PATH", "DYLD_", "PYTHON", "SYSTEMROOT"),
    *("LANG", "LC_", "TZ", "TMP", "TEMP"),
)
# What the sandbox knows; printed by it at its start.
API_KEY = "sandbox-key"
USERNAME = "sandbox@example.com"
PASSWORD = "sandbox"  # noqa: S105 - public, opens nothing but the sandbox
VANITY_NAME = "sandbox"


@dataclass(frozen=True, slots=True)
class EmbeddedSandbox:
    """A running sandbox: its address, and a way to end it."""

    url: str
    process: subprocess.Popen[str]

    def stop(self) -> None:
        """End the child process: it exits when its standard input closes."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    @property
    def is_running(self) -> bool:
        """Whether the child process still runs."""
        return self.process.poll() is None


def start(settings: Settings) -> EmbeddedSandbox:
    """Start a sandbox on a free loopback port and wait until it answers.

    Raises RuntimeError when the child ends before it has said where it listens.
    """
    process = subprocess.Popen(  # noqa: S603 - our own module, arguments are numbers
        [
            *(sys.executable, "-m", "services.sandbox", "--port=0", "--exit-with-parent"),
            f"--tenants={settings.dashboard_sandbox_tenants}",
            f"--seed={settings.dashboard_sandbox_seed}",
            f"--speed={settings.dashboard_sandbox_speed}",
            f"--rate-limit={settings.dashboard_sandbox_rate_limit}",
        ],
        cwd=ROOT,
        # No secret of this process is among what the child gets.
        env={name: value for name, value in os.environ.items() if name.startswith(NEEDED)},
        # A lifeline: it closes, and the child ends, also when this process is killed.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None  # noqa: S101 - because of stdout=PIPE
    for line in process.stdout:
        if found := LISTENING.search(line):
            return EmbeddedSandbox(found[1], process)
    raise RuntimeError(f"The sandbox failed to start: exit code {process.wait()}.")


def past(url: str, since: datetime, until: datetime) -> dict[str, Any]:
    """Return what happened in the past of a sandbox between two times, as its README says.

    Raises OSError or ValueError where it does not answer. This is no call of Visier's API: it costs
    no budget, and no other Visier would answer it.
    """
    query = urlencode({"since": since.isoformat(), "until": until.isoformat()})
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)) as connection:
        connection.request("GET", f"/_sandbox/past?{query}")
        answer: dict[str, Any] = orjson.loads(connection.getresponse().read())
    if "message" in answer:
        raise ValueError(answer["message"])
    return answer
