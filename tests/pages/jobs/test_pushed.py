"""What "as of" says where Visier pushes events."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap
from dashboard.components import live
from dashboard.watch import pushed_reader
from dashboard.watch.pushes import Pushes
from services.ledger import ReceivedEvent
from services.visier.webhook_signatures import SignatureForm, matching_form
from tests.pages.conftest import opened
from tests.sandboxes import Sandbox

KEY, BODY = "a-key-of-visier", b'{"eventId": "1"}'


@pytest.fixture
def pushes(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Pushes:
    assert sandbox
    monkeypatch.setenv("DASHBOARD_WEBHOOK_KEY", KEY)
    made = Pushes(
        bootstrap.whole_ledger,
        pushed_reader.PushedReader,
        lambda _: None,
        bootstrap.threads().leaving,
        is_on=True,
    )
    monkeypatch.setattr(pushed_reader, "pushes", lambda: made)
    return made


def as_of(app: AppTest) -> str:
    (words,) = (each.value for each in app.caption if each.value.startswith("as of"))
    return str(words)


def receive(pushes: Pushes, ago: timedelta) -> None:
    at = datetime.now(UTC) - ago
    pushes.matched(SignatureForm.HEX)
    pushes.take(ReceivedEvent("1", at, "", "", SignatureForm.HEX, BODY.decode()))


def test_before_an_event_nothing_is_said_of_them(pushes: Pushes) -> None:
    assert pushes.last("") is None
    assert "pushed" not in as_of(opened("jobs"))


def test_the_last_event_is_told_by_its_age(pushes: Pushes, monkeypatch: pytest.MonkeyPatch) -> None:
    receive(pushes, timedelta(minutes=3, seconds=20))
    words = as_of(opened("jobs"))
    assert ", pushed, last event 3m " in words
    assert words.endswith(" ago")
    monkeypatch.setattr(live, "PUSHED_LATELY", timedelta(minutes=3))
    assert "pushed" not in as_of(opened("jobs"))


def test_paused_is_paused(pushes: Pushes) -> None:
    receive(pushes, timedelta(0))
    assert as_of(opened("jobs", job_live="false")).endswith(", paused")


def test_another_key_is_told_beside_it(pushes: Pushes) -> None:
    signature = hmac.new(b"another key", BODY, hashlib.sha256).hexdigest()
    assert matching_form(KEY, BODY, signature) is None
    pushes.refused(is_signed=True)
    (told,) = (each for each in opened("jobs").caption if "not pushed" in each.value)
    assert "DASHBOARD_WEBHOOK_KEY" in told.help
    receive(pushes, timedelta(0))
    assert not [each for each in opened("jobs").caption if "not pushed" in each.value]
