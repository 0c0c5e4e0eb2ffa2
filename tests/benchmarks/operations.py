"""Planning 25,000 uploads, and applying 5,000 of them against a sandbox without a rate limit."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import requests

from services.frames import uploads
from services.ledger import Actor, Ledger, Outcome
from services.operations import VERBS, Permissions, Plan, Runner, plan_exclude_uploads, requests_of
from services.sandbox.config import API_KEY, PASSWORD, USERNAME, VANITY_NAME
from services.visier import Client, Password, RateLimiter
from tests.benchmarks.ratios import Ratio, side_by_side

TENANTS = 5000
UPLOADS = 5
ITEMS = 5000


def measure() -> Iterator[Ratio]:
    """Compare planning with a plain loop, and applying with the bare requests it needs."""
    current = _listed()
    (planning,) = side_by_side(lambda: _planned(current), lambda: _looped(current), rounds=5)
    yield Ratio("planning 25,000 uploads / a plain loop", *planning)
    with tempfile.TemporaryDirectory() as folder, _sandbox() as address:
        ledger = Ledger.open(f"sqlite:///{Path(folder) / 'ledger.sqlite3'}")
        applied = _Applying(address, ledger)
        bare = _Bare(address, applied.plan)
        (applying,) = side_by_side(applied, bare, rounds=5)
        for opened in (bare, applied, ledger):
            opened.close()
    yield Ratio("applying 5,000 items / the bare requests", *applying)


def _listed() -> pd.DataFrame:
    tenants = [
        {
            "tenantCode": f"WFF_j1r~{number:04x}",
            "uploads": [
                {"uploadTime": f"2026-03-0{day}T03:00:00.{number % 1000:03d}Z", "included": True}
                for day in range(1, UPLOADS + 1)
            ],
        }
        for number in range(TENANTS)
    ]
    return uploads.to_frame([{"tenants": tenants}])


def _planned(current: pd.DataFrame) -> int:
    plan = plan_exclude_uploads(current, current)
    return plan.count + plan.calls


def _looped(current: pd.DataFrame) -> list[dict[str, object]]:
    names = ["tenant_code", "upload_time_text", "included"]
    known = {(row[0], row[1]): row[2] for row in current[names].itertuples(index=False)}
    return [
        {
            "key": [row.tenant_code, row.upload_time_text],
            "before": "Included" if known[row.tenant_code, row.upload_time_text] else "Excluded",
            "after": "Excluded",
            "reason": "" if known[row.tenant_code, row.upload_time_text] else "Excluded already",
        }
        for row in current.itertuples(index=False)
    ]


@contextmanager
def _sandbox() -> Iterator[str]:
    """Run a sandbox in a process of its own; give its address."""
    options = ["--port=0", f"--tenants={TENANTS}", "--speed=0", "--rate-limit=0"]
    command = [sys.executable, "-m", "services.sandbox", *options, "--exit-with-parent"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        yield child.stdout.readline().split()[-1]
        child.stdin.close()


class _Applying:
    """Exclude 5,000 uploads by a plan, wait until the ledger says what became of each."""

    def __init__(self, address: str, ledger: Ledger) -> None:
        credentials = Password(API_KEY, USERNAME, PASSWORD, VANITY_NAME)
        self._client = Client(address, credentials, RateLimiter(assumed_per_minute=None))
        self._ledger, self._runner = ledger, Runner(ledger, VERBS)
        current = uploads.to_frame(self._client.iter_retrieve_data_uploads())
        included = current[current["included"].fillna(False)]
        self.plan = plan_exclude_uploads(included.head(ITEMS), current)

    def __call__(self) -> None:
        plan = replace(self.plan, id=str(uuid4()))
        actor = Actor("a", "b", "c")
        id_ = self._runner.apply(
            plan, self._client, actor, identity="d", permissions=Permissions(actor)
        )
        self._runner.wait(id_)
        assert self._ledger.operation(id_).item_counts[Outcome.SUCCEEDED] == ITEMS

    def close(self) -> None:
        self._client.close()


class _Bare:
    """As many reads of the same pages and writes of the same size, which include them again."""

    def __init__(self, address: str, plan: Plan) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        form = {"username": USERNAME, "password": PASSWORD}
        token = self._session.post(f"{address}/v1/admin/visierSecureToken", data=form).text
        self._session.headers["apikey"] = API_KEY
        self._session.headers["Cookie"] = f"VisierASIDToken={token}"
        self._address = address
        self._writes = [request.body for request in requests_of(plan)]
        self._pages = plan.calls - len(self._writes)

    def __call__(self) -> None:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for page in range(self._pages):
            start = page * 1000 % TENANTS
            self._ask("GET", f"uploads?limit=1000&start={start}&numberOfDataUploads=5")
        for body in self._writes:
            self._ask("PUT", "uploads/include", data=body, headers=form)

    def _ask(self, method: str, path: str, **options: Any) -> None:
        answer = self._session.request(method, f"{self._address}/v1/op/data/{path}", **options)
        answer.raise_for_status()

    def close(self) -> None:
        self._session.close()
