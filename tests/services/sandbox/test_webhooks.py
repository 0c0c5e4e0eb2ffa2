"""Events the sandbox pushes: what they hold, when, to whom, and how faults disturb them."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.sandbox.config import WEBHOOK_KEYS
from tests.sandboxes import ask
from tests.served import served
from tests.services.sandbox.api import C7O, Api

WEBHOOKS = "/v1/op/webhooks"
((KEY_NAME, KEY),) = WEBHOOK_KEYS.items()
ALL = ("jobResultSuccess", "jobResultFailure", "dvPublish", "dataUploadNotification")


@dataclass
class Receiver:
    """Takes what is pushed, and answers with the statuses it is given, then 200."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def take(self, asked: Request) -> PlainTextResponse:
        self.bodies.append(await asked.body())
        self.headers.append(dict(asked.headers))
        return PlainTextResponse("", self.statuses.pop(0) if self.statuses else 200)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [orjson.loads(body) for body in self.bodies]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    with served(Starlette(routes=[Route("/hook", made.take, methods=["POST"])])) as url:
        made.url = f"{url}/hook"
        yield made


def details(receiver: Receiver, **fields: object) -> dict[str, Any]:
    events = [{"eventType": each} for each in ALL]
    return {
        "details": {
            "targetUrl": receiver.url,
            "isActive": False,
            "events": events,
            "keyName": KEY_NAME,
            "displayName": "Loads",
            **fields,
        }
    }


def listen(api: Api, receiver: Receiver, **fields: object) -> str:
    webhook_id: str = api.post(WEBHOOKS, details(receiver))["webhookId"]
    api.put(f"{WEBHOOKS}/{webhook_id}", details(receiver, isActive=True, **fields))
    return webhook_id


def processed(api: Api) -> tuple[str, str]:
    """Process a tenant to its end; return the ids of its job and of what dispatched it."""
    above: str = api.post("/v1alpha/op/jobs/processing-jobs", {"tenants": [C7O]})["jobId"]
    root = api.world.jobs.by_id[above]
    api.advance_until(lambda: any(job.status == "Succeeded" for job in root.children), 60)
    api.world.webhooks.wait()
    return root.children[0].id, above


def of_job(receiver: Receiver, job_id: str) -> list[dict[str, Any]]:
    return [each for each in receiver.events if each["event"].get("jobid") == job_id]


def test_the_end_of_a_job_and_its_version_are_pushed_and_signed(
    api: Api, receiver: Receiver
) -> None:
    listen(api, receiver)
    job_id, above = processed(api)
    (event,), (of_root,) = of_job(receiver, job_id), of_job(receiver, above)
    assert event["eventType"] == "jobResultSuccess"
    assert event["event"] == {"jobid": job_id, "rootJobId": above, "parentJobId": above}
    assert of_root["event"] == {"jobid": above, "rootJobId": above}
    assert event["timestamp"].isdecimal()
    versions = [each["event"] for each in receiver.events if each["eventType"] == "dvPublish"]
    assert C7O in [each["tenantCode"] for each in versions]
    for body, headers in zip(receiver.bodies, receiver.headers, strict=True):
        digest = hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()
        assert headers["x-visier-signature"] == digest
        assert "authorization" not in headers


def test_nothing_is_pushed_to_an_inactive_webhook_or_of_what_it_does_not_listen_for(
    api: Api, receiver: Receiver
) -> None:
    webhook_id = listen(api, receiver, events=[{"eventType": "jobResultFailure"}])
    processed(api)
    api.put(f"{WEBHOOKS}/{webhook_id}", details(receiver, isActive=False))
    processed(api)
    assert receiver.bodies == []


def test_what_is_refused_is_sent_again_three_times_at_the_most(
    api: Api, receiver: Receiver
) -> None:
    listen(api, receiver, events=[{"eventType": "jobResultSuccess"}])
    receiver.statuses = [500, 503]
    job = next(each for each in api.world.jobs.by_id.values() if each.status == "Running")
    api.world.finish(job, job.status.SUCCEEDED)
    api.world.webhooks.wait()
    assert len(receiver.bodies) == 3
    assert len(set(receiver.bodies)) == 1
    receiver.statuses = [500] * 9
    job = next(each for each in api.world.jobs.by_id.values() if each.status == "Running")
    api.world.finish(job, job.status.SUCCEEDED)
    api.world.webhooks.wait()
    assert len(receiver.bodies) == 7
    tried = ask("GET", f"{api.sandbox.url}/_sandbox/deliveries").json()["deliveries"]
    assert [each["status"] for each in tried] == [500, 503, 200, 500, 500, 500, 500]


def pushed(api: Api, number: int) -> None:
    """Let so many running jobs end, one after the other."""
    for _ in range(number):
        job = next(each for each in api.world.jobs.by_id.values() if each.status == "Running")
        api.world.finish(job, job.status.SUCCEEDED)
    api.world.webhooks.wait()


@pytest.mark.parametrize(
    ("fault", "order"),
    [("lost", [1]), ("repeated", [0, 0, 1]), ("late", [1, 0])],
)
def test_events_are_lost_repeated_and_late(
    api: Api, receiver: Receiver, fault: str, order: list[int]
) -> None:
    listen(api, receiver, events=[{"eventType": "jobResultSuccess"}])
    running = [each.id for each in api.world.jobs.by_id.values() if each.status == "Running"]
    api.sandbox.control.fault("webhook_event", fault)
    pushed(api, 2)
    sent = [each["event"]["jobid"] for each in receiver.events]
    assert sent == [running[place] for place in order]
    assert len({each["eventId"] for each in receiver.events}) == len(set(order))


def test_a_late_event_comes_though_no_other_follows(api: Api, receiver: Receiver) -> None:
    listen(api, receiver)
    api.sandbox.control.fault("webhook_event", "late")
    pushed(api, 1)
    assert len(receiver.events) == 1


def test_signatures_and_spellings_are_bent(api: Api, receiver: Receiver) -> None:
    listen(api, receiver, events=[{"eventType": "jobResultSuccess"}])
    control = api.sandbox.control
    control.fault("webhook_event", "bad_signature")
    control.fault("webhook_event", "signature_form", value="sha256=base64")
    control.fault("webhook_event", "other_spelling")
    control.fault("webhook_event", "without_field", value="timestamp")
    pushed(api, 4)
    digests = [hmac.new(KEY.encode(), body, hashlib.sha256).digest() for body in receiver.bodies]
    signatures = [each["x-visier-signature"] for each in receiver.headers]
    assert signatures[0] != digests[0].hex()
    assert signatures[1] == f"sha256={base64.b64encode(digests[1]).decode()}"
    assert receiver.events[2]["eventType"] == "JOB_RESULT_SUCCESS"
    assert "timestamp" not in receiver.events[3]


def test_a_fault_of_events_is_no_fault_of_requests(api: Api) -> None:
    with pytest.raises(ValueError, match="unknown fault of a pushed event"):
        api.sandbox.control.fault("webhook_event", "504")
    api.sandbox.control.fault("*", "504")
    assert api.ask("GET", WEBHOOKS).status_code == 504
    with pytest.raises(ValueError, match="unknown fault"):
        api.sandbox.control.fault("get_all_webhooks", "lost")


def test_a_test_event_tells_what_came_of_it(api: Api, receiver: Receiver) -> None:
    basic = {"credentials": {"basicAuth": {"username": "a", "password": "b"}}}
    webhook_id = api.post(WEBHOOKS, {**details(receiver), **basic})["webhookId"]
    receiver.statuses = [204, 401]
    test = f"{WEBHOOKS}/{webhook_id}/testEvent"
    assert api.post(test, {"eventType": "dvPublish"})["statusCode"] == 204
    assert api.post(test, {"eventType": "dvPublish"})["statusCode"] == 401
    assert receiver.headers[0]["authorization"] == "Basic YTpi"
    assert receiver.events[0]["eventType"] == "dvPublish"


def test_events_happen_though_nobody_asks_while_a_webhook_listens(
    api: Api, receiver: Receiver
) -> None:
    listen(api, receiver)
    api.post("/v1alpha/op/jobs/processing-jobs", {"tenants": [C7O]})
    api.sandbox.control.set_speed(10_000)
    moving = api.sandbox.inside._moving
    assert moving is not None
    assert not moving.done()


@pytest.mark.parametrize(
    "wrong",
    [
        {"isActive": True},
        {"targetUrl": "http://loads.example.com"},
        {"events": [{"eventType": "unknown"}]},
        {"keyName": "unknown"},
    ],
)
def test_a_definition_that_is_wrong_is_refused(
    api: Api, receiver: Receiver, wrong: dict[str, object]
) -> None:
    api.refused("POST", WEBHOOKS, 400, json=details(receiver, **wrong))
    assert api.get(WEBHOOKS) == {"webhooks": []}


def test_a_tenant_has_twenty_at_the_most(api: Api, receiver: Receiver) -> None:
    for _ in range(20):
        api.post(WEBHOOKS, details(receiver))
    api.refused("POST", WEBHOOKS, 400, json=details(receiver))


def test_nothing_is_sent_to_other_machines(api: Api, receiver: Receiver) -> None:
    elsewhere = details(receiver, targetUrl="https://loads.example.com/hook")
    webhook_id = api.post(WEBHOOKS, elsewhere)["webhookId"]
    test = f"{WEBHOOKS}/{webhook_id}/testEvent"
    assert api.post(test, {"eventType": "dvPublish"})["statusCode"] == 0


def test_unknown_webhooks_are_not_found(api: Api) -> None:
    for method, end in (("GET", ""), ("DELETE", ""), ("DELETE", "/credentials")):
        api.refused(method, f"{WEBHOOKS}/unknown{end}", 404)
