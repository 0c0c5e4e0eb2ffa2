"""Events over real HTTP: from the sandbox to the endpoint, and from strangers to it."""

import hashlib
import hmac
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware

from dashboard import bootstrap
from dashboard.app import own_routes
from dashboard.connection import Connection
from dashboard.same_origin import SameOrigin
from dashboard.security_headers import SecurityHeaders
from dashboard.watch import pushed_reader, webhook_endpoint
from dashboard.watch.pushed_reader import WINDOW, PushedReader
from dashboard.watch.pushes import ROUTE, Pushes, PushStatus
from dashboard.watch.webhook_endpoint import LARGEST, RateBound
from services.ledger import LedgerTrouble, ReceivedEvent
from services.monitoring import JobsSnapshot
from services.sandbox.config import WEBHOOK_KEYS, Odds
from services.sandbox.models.jobs import Job, Kind, Status
from services.visier.webhook_signatures import SignatureForm
from tests.ledgers import empty_ledger
from tests.sandboxes import Sandbox, ask, running_sandbox
from tests.served import served

((KEY_NAME, KEY),) = WEBHOOK_KEYS.items()
LISTENED = ("jobResultSuccess", "jobResultFailure", "dvPublish", "dataUploadNotification")


@pytest.fixture(scope="module")
def whole_sandbox() -> Iterator[Sandbox]:
    with running_sandbox(odds=Odds(0, 0, 0, 0, 0, 0, 0, 0)) as running:
        yield running


def fresh_settings(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    bootstrap.settings.cache_clear()
    st.cache_resource.clear()


@dataclass
class Place:
    """A dashboard that Visier pushes to; its events wait until they are worked on."""

    sandbox: Sandbox
    url: str
    pushes: Pushes

    @property
    def connection(self) -> Connection:
        made = bootstrap.default_connection(None)
        assert made is not None
        return made

    def work(self) -> None:
        self.pushes.step(0)

    def status(self) -> PushStatus:
        return self.pushes.status

    def asked(self) -> list[str]:
        found = [each["operation"] for each in self.sandbox.control.requests()]
        self.sandbox.control.clear_requests()
        return [each for each in found if each != "security_token"]

    def post(self, body: bytes, **headers: str) -> requests.Response:
        return ask("POST", self.url + ROUTE, data=body, headers=headers)

    def push(self, body: bytes, key: str = KEY, **headers: str) -> requests.Response:
        digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        return self.post(body, **{"x-visier-signature": digest, **headers})

    def kept(self) -> list[ReceivedEvent]:
        since = datetime.now(UTC) - timedelta(days=1)
        return bootstrap.whole_ledger().webhook_events.received(since)

    def listen(self) -> str:
        client, details = self.connection.client, self.details()
        created: Any = client.create_webhook({"details": details})
        webhook_id: str = created["webhookId"]
        client.update_webhook(webhook_id, {"details": {**details, "isActive": True}})
        return webhook_id

    def details(self) -> dict[str, object]:
        return {
            "targetUrl": self.url + ROUTE,
            "isActive": False,
            "events": [{"eventType": each} for each in LISTENED],
            "keyName": KEY_NAME,
        }

    def snapshot(self) -> JobsSnapshot:
        return self.connection.job_monitor.snapshot(self.connection.client, WINDOW)

    def running(self) -> list[Job]:
        jobs = self.sandbox.inside.world.jobs.by_id.values()
        return [job for job in jobs if job.status == "Running" and job.kind is Kind.PROCESSING]

    def end(self, job: Job) -> None:
        """Let one job end as the state machine would, and wait until that was pushed."""
        self.sandbox.inside.world.finish(job, Status.SUCCEEDED)
        self.sandbox.inside.world.webhooks.wait()


@pytest.fixture
def place(
    whole_sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    whole_sandbox.control.reset(tenants=60, seed=7, speed=0, rate_limit=0)
    fresh_settings(
        monkeypatch,
        VISIER_HOST=whole_sandbox.url,
        VISIER_VANITY=whole_sandbox.vanity_name,
        VISIER_APIKEY=whole_sandbox.api_key,
        VISIER_USERNAME=whole_sandbox.username,
        VISIER_PASSWORD=whole_sandbox.password,
        DASHBOARD_LEDGER_URL=empty_ledger(tmp_path / "ledger.sqlite3"),
        DASHBOARD_WEBHOOK_KEY=KEY,
    )
    pushes = made()
    monkeypatch.setattr(pushed_reader, "pushes", lambda: pushes)
    monkeypatch.setattr(webhook_endpoint, "rate_bound", RateBound())
    middleware = [Middleware(SecurityHeaders), Middleware(SameOrigin)]
    with served(Starlette(routes=own_routes(""), middleware=middleware)) as url:
        yield Place(whole_sandbox, url, pushes)
    bootstrap.settings.cache_clear()
    st.cache_resource.clear()


def made() -> Pushes:
    """Make what works on events only when a test says so."""
    return Pushes(
        bootstrap.whole_ledger, PushedReader, lambda _: None, threading.Event(), is_on=True
    )


def body(event_id: str = "e1", **fields: object) -> bytes:
    return orjson.dumps({"eventId": event_id, "eventType": "jobResultSuccess", "event": fields})


def statuses(snapshot: JobsSnapshot) -> dict[str, str]:
    """Give the statuses of jobs that no window loses at its edge while two are read."""
    jobs = snapshot.listed
    jobs = jobs[jobs["start_time"] > datetime.now(UTC) - timedelta(hours=20)]
    return dict(zip(jobs["job_key"], jobs["status"].astype("str"), strict=True))


def test_a_job_s_end_that_the_sandbox_pushes_is_read_at_once_and_dated_by_it(place: Place) -> None:
    place.listen()
    place.snapshot()
    job = place.running()[0]
    place.asked()
    at = datetime.now(UTC)
    place.end(job)
    assert place.asked() == [], "answered first, worked on afterwards"
    assert [each.event_type for each in place.kept()] == ["jobResultSuccess"]
    place.work()
    monitor = place.connection.job_monitor
    found = monitor.refresh(place.connection.client, WINDOW, than=at).jobs
    place.work()
    assert place.kept() == []
    own = found.set_index("job_id").loc[job.id]
    assert (own["status"], own["end_seen"]) == ("succeeded", True)
    assert abs(own["ended_at"] - at) < timedelta(seconds=30)
    assert place.pushes.last("") is not None


DISTURBED = (
    *("lost", "repeated", "late", "bad_signature", "other_spelling"),
    *("signature_form", "without_field"),
)


@pytest.mark.parametrize("fault", DISTURBED)
def test_whatever_becomes_of_a_push_polling_gives_the_same_end(place: Place, fault: str) -> None:
    place.listen()
    place.snapshot()
    value = {"signature_form": "sha256=base64", "without_field": "eventId"}.get(fault, "")
    place.sandbox.control.fault("webhook_event", fault, times=1, value=value)
    for job in place.running()[:2]:
        place.end(job)
    place.work()
    client, monitor = place.connection.client, place.connection.job_monitor
    pushed = monitor.refresh(client, WINDOW, than=datetime.now(UTC), whole=True)
    st.cache_resource.clear()
    polled = statuses(place.snapshot())
    assert polled == statuses(pushed)
    assert polled


def test_what_is_sent_twice_is_kept_and_read_once(place: Place) -> None:
    place.listen()
    place.snapshot()
    place.sandbox.control.fault("webhook_event", "repeated")
    place.end(place.running()[0])
    sent = place.sandbox.inside.world.webhooks.deliveries
    assert [each.status for each in sent] == [200, 200]
    assert len(place.kept()) == 1
    place.work()
    place.asked()
    assert place.push(body(place_id := "again")).status_code == 200
    assert place.push(body(place_id)).text == "Received"
    assert [each.event_id for each in place.kept()].count("again") == 1


def test_a_bad_signature_is_told_as_the_setting_s_error_until_one_is_right(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    assert place.status() is PushStatus.WAITING
    place.listen()
    place.sandbox.control.fault("webhook_event", "bad_signature")
    with caplog.at_level(logging.INFO, "dashboard"):
        place.end(place.running()[0])
    sent = place.sandbox.inside.world.webhooks.deliveries
    assert [each.status for each in sent] == [401] * 4, "refused, and tried again by Visier"
    assert place.kept() == []
    assert place.status() is PushStatus.KEY_DOES_NOT_MATCH
    assert [each.levelname for each in caplog.records if each.name == "dashboard"] == ["WARNING"]
    assert "DASHBOARD_WEBHOOK_KEY" in caplog.text
    assert KEY not in caplog.text
    caplog.clear()
    with caplog.at_level(logging.INFO, "dashboard"):
        assert place.push(body("1")).status_code == 200
        assert place.push(body("2")).status_code == 200
    assert place.status() is PushStatus.RECEIVING
    assert caplog.text.count("hex of HMAC-SHA256") == 1


def test_a_key_that_matched_is_told_once_it_does_not_any_more(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    assert place.push(body("1")).status_code == 200
    for number in range(3):
        assert place.push(body(str(number)), "a newer key").status_code == 401
    assert place.status() is PushStatus.RECEIVING, "a stranger may have sent these"
    assert place.push(body("2"), "a newer key").status_code == 401
    assert place.status() is PushStatus.KEY_DOES_NOT_MATCH
    assert place.push(body("2"), "a newer key").status_code == 401
    assert caplog.text.count("DASHBOARD_WEBHOOK_KEY") == 1
    assert place.push(body("2")).status_code == 200
    assert place.status() is PushStatus.RECEIVING


def test_a_stranger_without_a_signature_says_nothing_of_the_key(place: Place) -> None:
    assert place.post(body()).status_code == 401
    assert place.status() is PushStatus.WAITING


def test_a_page_of_another_origin_is_refused_and_no_origin_lets_nobody_in(place: Place) -> None:
    assert place.push(body(), Origin="https://elsewhere.example.com").status_code == 403
    answer = place.push(body())
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert ask("GET", place.url + ROUTE).status_code == 405


@pytest.mark.parametrize("wrong", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 10_000])
def test_what_is_no_event_is_refused_and_not_repeated_in_the_log(
    place: Place, wrong: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "dashboard"):
        assert place.push(wrong + b"canary").status_code == 400
    assert "canary" not in caplog.text
    assert f"{len(wrong) + 6} bytes" in caplog.text
    assert place.kept() == []


def test_a_body_that_is_too_large_is_refused_whether_its_size_is_named_or_not(
    place: Place,
) -> None:
    large = b"x" * (LARGEST + 1)
    assert place.push(large).status_code == 413
    chunks = ask("POST", place.url + ROUTE, data=iter([large[:LARGEST], b"xx"]))
    assert chunks.status_code == 413
    assert place.push(body("1", note="x" * (LARGEST - 200))).status_code == 200


def test_a_flood_is_refused_and_what_comes_after_it_is_not(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(webhook_endpoint, "rate_bound", RateBound(3, 2, lambda: now[0]))
    answers = [place.push(body(str(number))).status_code for number in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    now[0] = 1.0
    assert [place.push(body(f"later {n}")).status_code for n in range(3)] == [200, 200, 429]
    assert len(place.kept()) == 5


def test_many_events_cost_few_calls(place: Place) -> None:
    place.snapshot()
    place.asked()
    ids = [job.id for job in place.sandbox.inside.world.jobs.by_id.values()][:60]
    for job_id in ids:
        assert place.push(body(job_id, jobId=job_id)).status_code == 200
    for _ in range(10):
        place.work()
    assert len(place.asked()) <= 1


def test_while_the_ledger_is_away_visier_is_asked_to_send_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise LedgerTrouble("It is away.")

    monkeypatch.setattr(place.pushes, "take", away)
    assert place.push(body()).status_code == 503


def test_what_a_process_has_received_is_worked_on_by_the_next(place: Place) -> None:
    assert place.push(body("1", jobId=place.running()[0].id)).status_code == 200
    place.asked()
    following = made()
    following.start_working()
    following.step(0)
    assert place.kept() == []
    assert place.asked(), "the job was read"


def test_without_a_key_or_for_another_connection_there_is_no_endpoint(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask("POST", f"{place.url}{ROUTE}/elsewhere", data=b"{}").status_code == 404
    assert place.post(body()).status_code == 401
    monkeypatch.delenv("DASHBOARD_WEBHOOK_KEY")
    bootstrap.settings.cache_clear()
    assert place.push(body()).status_code == 404


def test_a_thread_of_its_own_works_on_events(place: Place) -> None:
    told, leaving = threading.Event(), threading.Event()

    class Reader:
        def __init__(self, name: str) -> None:
            self.name = name

        def hint(self, events: Any) -> None:
            assert [event.job_ids for event in events] == [("j1",)]
            told.set()

        def read(self) -> bool:
            return False

    threads = []

    def start(work: Any) -> None:
        threads.append(threading.Thread(target=work))
        threads[0].start()

    pushes = Pushes(bootstrap.whole_ledger, Reader, start, leaving, is_on=True)
    now = datetime.now(UTC)
    raw = body("1", jobId="j1")
    pushes.take(ReceivedEvent("1", now, "", "", SignatureForm.HEX, raw.decode()))
    assert told.wait(30)
    leaving.set()
    threads[0].join(30)
    assert not threads[0].is_alive()


def test_the_sandbox_s_test_event_arrives(place: Place) -> None:
    webhook_id = place.listen()
    answer: Any = place.connection.client.send_test_event(webhook_id, "dvPublish")
    assert answer["statusCode"] == 200
    assert [each.event_id for each in place.kept()] == [answer["eventId"]]
