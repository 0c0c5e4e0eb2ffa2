"""A dashboard as it is deployed, on a sandbox of its own: three processes with this one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from dashboard import embedded_sandbox
from dashboard.settings import Settings
from tests.browser.conftest import started_dashboard
from tests.load.checking import Person
from tests.sandboxes import Control, ask, fresh_token, signed_in

ONE_IN = 5
APPLYING = 2
_MISHAPS = ("Traceback", " ERROR ", "CRITICAL")


@dataclass(frozen=True)
class World:
    """The dashboard's address, process and log, and the sandbox it shows."""

    url: str
    process: psutil.Process
    sandbox: str
    log: Path

    @property
    def control(self) -> Control:
        """What steers the sandbox."""
        return Control(self.sandbox)

    def tenants(self) -> list[str]:
        """Give the codes of all analytic tenants, in their order."""
        return sorted(
            str(tenant["tenantCode"]) for tenant in self.listed("data/uploads", "tenants")
        )

    def listed(self, path: str, name: str, **query: str) -> list[dict[str, Any]]:
        """Read every page of a list, past the dashboard."""
        headers = signed_in(self.sandbox)
        found: list[dict[str, Any]] = []
        while True:
            query |= {"limit": "1000", "start": str(len(found))}
            url = f"{self.sandbox}/v1/op/{path}"
            page = ask("GET", url, params=query, headers=headers).json()[name]
            found += page
            if not page:
                return found

    def people(self, number: int) -> list[Person]:
        """Return people who share the tenants among them; one in five is signed in to one tenant.

        The last two, who are to apply, are not.
        """
        codes = self.tenants()
        share = len(codes) // number
        made = []
        for each in range(number):
            own = tuple(codes[each * share : (each + 1) * share])
            is_of_one = each % ONE_IN == 1 and each < number - APPLYING
            target = own[0] if is_of_one else ""
            mine = (target,) if target else own
            made.append(Person(each, fresh_token(self.sandbox), mine, target))
        return made

    def memory(self) -> float:
        """Return the resident memory of the dashboard's process in MB."""
        resident: int = self.process.memory_info().rss
        return resident / 1e6

    def mishaps(self) -> list[str]:
        """Return the lines of the log that tell of anything that went wrong."""
        lines = self.log.read_text().splitlines()
        return [line for line in lines if any(word in line for word in _MISHAPS)]


@contextmanager
def running(tenants: int, calls_a_minute: int) -> Iterator[World]:
    """Run both, with so many tenants and so many calls a minute (0: no limit)."""
    sandbox = embedded_sandbox.start(
        Settings(
            dashboard_sandbox_tenants=tenants,
            dashboard_sandbox_rate_limit=calls_a_minute,
            # What moves by itself could not be told from what was applied.
            dashboard_sandbox_speed=0,
        )
    )
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            ledger = f"sqlite:///{folder / 'ledger.sqlite3'}"
            settings = {"VISIER_HOST": sandbox.url, "DASHBOARD_LEDGER_URL": ledger}
            with started_dashboard(folder, settings) as (url, process):
                watched = psutil.Process(process.pid)
                yield World(url, watched, sandbox.url, folder / "log.txt")
    finally:
        sandbox.stop()
