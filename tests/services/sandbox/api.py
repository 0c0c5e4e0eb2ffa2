from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.sandboxes import Sandbox, ask

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from services.sandbox.world import World

ADMIN = "WFF_j1r"
I1O, C7O, E1A, CONSOLIDATED = (f"{ADMIN}~{code}" for code in ("i1o", "c7o", "e1a", "CAa7s"))
WORKFORCE = "a3e5ba0d-2413-4787-ae4f-ddc44fa9ce7a"
RECRUITING = "28f53042-1269-43b7-bfac-1placeholder"
LIVE = {"Pending", "Running", "Cancelling", "Rescheduling"}


@dataclass
class Api:
    """A plain caller of a sandbox, signed in."""

    sandbox: Sandbox
    headers: dict[str, str]
    tenant: str = ""

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {**self.headers, **options.pop("headers", {})}
        if self.tenant:
            headers["TargetTenantID"] = self.tenant
        url = self.sandbox.url + path
        return ask(method, url, headers=headers, **options)

    def get(self, path: str, **query: Any) -> Any:
        return self._good(self.ask("GET", path, params=query))

    def post(self, path: str, body: object, **query: Any) -> Any:
        return self._good(self.ask("POST", path, json=body, params=query))

    def put(self, path: str, body: object, **query: Any) -> Any:
        return self._good(self.ask("PUT", path, json=body, params=query))

    def form(self, method: str, path: str, body: object) -> Any:
        return self._good(self.ask(method, path, data={"model": json.dumps(body)}))

    def refused(self, method: str, path: str, status: int, **options: Any) -> dict[str, Any]:
        """Ask for what must be refused with this status; give Visier's envelope."""
        answer = self.ask(method, path, **options)
        assert answer.status_code == status, answer.text
        envelope: dict[str, Any] = answer.json()
        assert set(envelope) == {"localizedMessage", "code", "message", "rci", "userError"}
        return envelope

    def within(self, tenant: str) -> Api:
        """Give the same caller, logged into another tenant."""
        return Api(self.sandbox, self.headers, tenant)

    @property
    def world(self) -> World:
        return self.sandbox.inside.world

    def advance(self, seconds: float) -> None:
        """Move the clock, and sign in again since tokens grow old by it."""
        self.sandbox.control.advance(seconds)
        self.headers = self.sandbox.headers()

    def status(self, job_id: str) -> str:
        status: str = self.get(f"/v1/op/job-status/jobs/{job_id}")[0]["status"]
        return status

    def advance_until(self, reached: Callable[[], bool], step: float = 5) -> None:
        """Move the clock in steps until something is so; two simulated days at the most."""
        for _ in range(int(2 * 86_400 / step)):
            if reached():
                return
            self.advance(step)
        raise AssertionError("it never came to that")

    @staticmethod
    def _good(answer: requests.Response) -> Any:
        assert answer.status_code == 200, answer.text
        return answer.json()
