"""Messages on their way: to a real SMTP server and a real HTTP receiver, and never twice."""

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.ledger import Ledger, MessageState
from services.notifications import destinations as addresses
from services.notifications.destinations import Delivered, Destinations, is_address
from services.notifications.outbox import ATTEMPTS_AT_MOST, delay, trial_of
from services.notifications.rules import Failed, Rule
from tests.services.notifications.nights import at, seen
from tests.services.notifications.receivers import (
    HttpReceiver,
    MailReceiver,
    http_receiver,
    mail_receiver,
)
from tests.services.notifications.watched import HERE, Receiver, Watched

ROOT = Path(__file__).resolve().parents[3]
SECRETS = ("S3cret", "127.0.0.1", "ann@corp.example", "loads@visier")
TWO = at("02:00")


@pytest.fixture
def hook() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    with mail_receiver() as receiver:
        yield receiver


def to(**named: str) -> Destinations:
    return Destinations({name: SecretStr(address) for name, address in named.items()})


def nobody() -> str:
    """Return the address of a receiver that is not there."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"json://127.0.0.1:{closed.getsockname()[1]}/S3cretPath"


def test_a_message_arrives_as_a_webhook(hook: HttpReceiver) -> None:
    assert to(hook=hook.address).send("hook", "12 tenants", "Line\n<b>& so on") is Delivered.SENT
    (got,) = hook.got
    assert (got["title"], got["message"]) == ("12 tenants", "Line\n<b>& so on")


def test_a_message_arrives_as_mail(mail: MailReceiver) -> None:
    sent = to(mail=mail.address("ann@corp.example")).send("mail", "12 tenants", "Line\nÜber")
    assert sent is Delivered.SENT
    (got,) = mail.got
    assert (got["Subject"], got["To"]) == ("12 tenants", "ann@corp.example")
    assert got.get_content().split() == ["Line", "Über"]


def test_what_a_receiver_refuses_did_not_arrive(hook: HttpReceiver, mail: MailReceiver) -> None:
    hook.status = 500
    assert to(hook=hook.address).send("hook", "t", "b") is Delivered.REFUSED
    mail.refuses = {"RCPT"}
    assert to(mail=mail.address("ann@corp.example")).send("mail", "t", "b") is Delivered.REFUSED
    assert mail.got == []
    assert to(hook=nobody()).send("hook", "t", "timed out") is Delivered.REFUSED


def test_where_the_answer_is_missing_it_may_have_arrived(
    hook: HttpReceiver, mail: MailReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.status = 0
    assert to(hook=hook.address).send("hook", "t", "b") is Delivered.UNCLEAR
    mail.breaks_after_data = True
    assert to(mail=mail.address("ann@corp.example")).send("mail", "t", "b") is Delivered.UNCLEAR
    # One of two has it.
    mail.breaks_after_data, mail.refuses = False, {"RCPT TO:<BOB"}
    both = to(mail=mail.address("ann@corp.example", "bob@corp.example"))
    assert both.send("mail", "t", "b") is Delivered.UNCLEAR
    held = threading.Event()
    hook.hold, hook.status = lambda: held.wait(30), 200
    monkeypatch.setattr(addresses, "SECONDS_AT_MOST", 0.5)
    assert to(hook=hook.address).send("hook", "t", "b") is Delivered.UNCLEAR
    held.set()


def test_no_log_names_an_address(
    hook: HttpReceiver, mail: MailReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    # Not that of pytest, which listens where nobody else does.
    log = StringIO()
    logging.getLogger().addHandler(handler := logging.StreamHandler(log))
    hook.status = 500
    mail.refuses = {"RCPT"}
    every = to(hook=hook.address, mail=mail.address("ann@corp.example"), none=nobody())
    for name in every.names:
        every.send(name, "t", "b")
    logging.getLogger().removeHandler(handler)
    assert not [secret for secret in SECRETS if secret in log.getvalue()]
    # Not by being turned off: its entries tell how a message failed.
    assert logging.getLogger("apprise").isEnabledFor(logging.DEBUG)
    assert "S3cret" not in repr(every)
    assert "S3cret" not in repr(vars(every))


@pytest.mark.parametrize(
    ("address", "holds"),
    [
        ("mailto://127.0.0.1?from=a@b.example&to=c@d.example", True),
        ("json://hooks.example/x", True),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general", True),
        ("carrier-pigeon://coop", False),
        ("hooks.example", False),
        ("", False),
    ],
)
def test_addresses_are_checked_without_sending(address: str, holds: bool) -> None:
    assert is_address(address) is holds


def watched_with(ledger: Ledger, sender: Destinations) -> Watched:
    watched = Watched(ledger, sender=sender)
    watched.add(Rule(Failed(), sender.names))
    watched.episodes.look(seen({"t1": {"jobs_failed": 1}}, "02:00"))
    watched.now = TWO
    return watched


def test_an_incident_is_read_in_the_mail(ledger: Ledger, mail: MailReceiver) -> None:
    watched = watched_with(ledger, to(mail=mail.address("ann@corp.example")))
    assert watched.delivery.deliver() == 1
    (got,) = mail.got
    assert got["Subject"] == "Visier loads: Europa Health (t1) failed"
    (incident,) = watched.incidents
    assert f"https://loads.example/watch?connection=emea&wa_open={incident.id}" in (
        got.get_content()
    )
    assert watched.messages() == [("opened", "sent")]


def test_what_is_refused_is_tried_again_later_and_later_and_then_stands_there(
    ledger: Ledger, hook: HttpReceiver
) -> None:
    hook.status = 503
    watched = watched_with(ledger, to(hook=hook.address))
    for attempt in range(1, ATTEMPTS_AT_MOST + 1):
        assert watched.delivery.deliver() == 1
        assert watched.delivery.deliver() == 0
        watched.now += delay(attempt) - timedelta(seconds=1)
        assert watched.delivery.deliver() == 0
        watched.now += timedelta(seconds=1)
    assert len(hook.got) == ATTEMPTS_AT_MOST
    (failed,) = ledger.outbox.listed(HERE, [MessageState.FAILED])
    assert failed.error == "refused"
    # A person sends it again, once the receiver is there.
    hook.status = 200
    ledger.outbox.send_again(HERE, failed.id, watched.now)
    assert watched.delivery.deliver() == 1
    assert watched.messages() == [("opened", "sent")]


def test_delays_grow_to_an_hour() -> None:
    assert [delay(attempt) / timedelta(minutes=1) for attempt in (1, 2, 3, 6, 7, 99)] == [
        *(1, 2, 4, 32),
        *(60, 60),
    ]


def test_what_may_have_arrived_is_not_sent_again(ledger: Ledger, hook: HttpReceiver) -> None:
    hook.status = 0
    watched = watched_with(ledger, to(hook=hook.address))
    watched.delivery.deliver()
    hook.status = 200
    for _ in range(3):
        watched.now += timedelta(hours=5)
        watched.delivery.deliver()
    assert len(hook.got) == 1
    assert watched.messages() == [("opened", "uncertain")]


@pytest.mark.parametrize(("seam", "arrived"), [("after it was intended", 0), ("after the send", 1)])
def test_a_process_that_is_killed_sends_nothing_twice(
    ledger: Ledger, url: str, hook: HttpReceiver, seam: str, arrived: int
) -> None:
    watched = watched_with(ledger, to(hook=hook.address))
    command = [sys.executable, "-m", "tests.services.notifications.killed", url, seam, hook.address]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr
    assert watched.messages() == [("opened", "intended")]
    # Whoever comes after sees that the process has ended.
    assert watched.delivery.deliver() == 0
    assert watched.messages() == [("opened", "uncertain")]
    assert len(hook.got) == arrived
    (lost,) = ledger.outbox.listed(HERE, [MessageState.UNCERTAIN])
    assert lost.error == "broken_off"


def test_only_what_is_configured_here_is_sent_here(ledger: Ledger) -> None:
    watched = Watched(ledger, Receiver("chat"))
    watched.add(Rule(Failed(), ("mail", "chat")))
    watched.look(seen({"t1": {"jobs_failed": 1}}, "02:00"))
    assert [name for name, _, _ in watched.receiver.got] == ["chat"]
    assert watched.messages(MessageState.PLANNED) == [("opened", "planned")]


def test_each_test_of_a_destination_is_a_message_of_its_own(ledger: Ledger) -> None:
    watched = Watched(ledger)
    for _ in range(2):
        ledger.outbox.plan(HERE, [trial_of("mail", TWO)], TWO)
    assert watched.deliver(TWO) == ["Visier loads: test"] * 2
    assert "A test of the destination “mail”. It works." in watched.receiver.got[0][2]
