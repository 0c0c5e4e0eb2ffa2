import asyncio
from datetime import datetime, timedelta

import pytest
from starlette.types import Message, Scope

from services.sandbox.app import create_app
from services.sandbox.config import Config
from tests.sandboxes import ask
from tests.services.sandbox.api import C7O, Api

CATEGORIES = "/v1/op/data/categories"


def test_a_reset_starts_over_with_the_same_or_other_settings(api: Api) -> None:
    api.ask("DELETE", "/v1/op/data-connector-credentials/bf944bf1-3120-44cd-846d-64cd88b295d9")
    api.sandbox.control.fault("latest_enabled_dv", "500")
    api.sandbox.control.advance(60)
    api.sandbox.control.reset(tenants=9, rate_limit=50)
    assert len(api.get("/v1/op/data-versions")["tenants"]) == 9
    assert api.ask("GET", CATEGORIES).headers["X-RateLimit-Limit-Minute"] == "50"
    assert [r["operation"] for r in api.sandbox.control.requests()] == [
        "latest_enabled_dv",
        "retrieve_data_categories",
    ]
    found = api.get("/v1/op/data-connector-credentials")["connectorCredentials"]
    assert len(found) == 3


def test_a_reset_keeps_who_is_signed_in(api: Api) -> None:
    api.sandbox.control.reset()
    api.get(CATEGORIES)


def test_the_clock_is_read_and_moved(api: Api) -> None:
    before = datetime.fromisoformat(api.sandbox.control.clock()["now"])
    api.sandbox.control.advance(3_000)
    after = datetime.fromisoformat(api.sandbox.control.clock()["now"])
    assert after - before >= timedelta(seconds=3_000)
    api.sandbox.control.set_speed(60)
    assert api.sandbox.control.clock()["speed"] == 60
    assert api.sandbox.inside.clock.speed == 60


def test_what_was_asked_since_and_of_one_operation(api: Api) -> None:
    api.get(CATEGORIES)
    api.get("/v1/op/data-versions")
    last = api.sandbox.control.requests()[-1]["id"]
    api.get(CATEGORIES)
    assert [r["operation"] for r in api.sandbox.control.requests(since=last)] == [
        "retrieve_data_categories"
    ]
    assert len(api.sandbox.control.requests("retrieve_data_categories")) == 2
    api.sandbox.control.clear_requests()
    assert api.sandbox.control.requests() == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("reset", '{"tenants": 0}'),
        ("reset", '{"tenants": "many"}'),
        ("reset", '{"speed": true}'),
        ("reset", '{"colour": "red"}'),
        ("reset", "[]"),
        ("reset", "{"),
        ("clock", '{"advance_seconds": -1}'),
        ("clock", '{"speed": -2}'),
        ("clock", '{"now": 3}'),
    ],
)
def test_what_the_control_does_not_understand_changes_nothing(
    api: Api, name: str, body: str
) -> None:
    before = api.sandbox.inside.config
    url = f"{api.sandbox.url}/_sandbox/{name}"
    answer = ask("POST", url, data=body)
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert api.sandbox.inside.config is before


def status_from(host: str, method: str, path: str) -> int:
    """Ask a sandbox as if from this address; give the status."""
    app = create_app(Config(tenants=6))
    scope: Scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [],
        "client": (host, 1),
    }
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    asyncio.run(app(scope, receive, send))
    return statuses[0]


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/_sandbox/reset"), ("GET", "/_sandbox/requests")]
)
def test_the_control_is_for_this_machine_only(method: str, path: str) -> None:
    assert status_from("203.0.113.9", method, path) == 403
    assert status_from("127.0.0.1", method, path) == 200
    assert status_from("203.0.113.9", "GET", CATEGORIES) == 401


def test_a_running_clock_lets_jobs_run_without_a_hand(api: Api) -> None:
    api.sandbox.control.reset(speed=1_000_000)
    job_id = api.post("/v1alpha/op/jobs/processing-jobs", {"tenants": [C7O]})["jobId"]
    for _ in range(1_000):
        if api.status(job_id) == "Succeeded":
            break
    assert api.status(job_id) == "Succeeded"
