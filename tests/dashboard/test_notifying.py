"""What the watch tells: which tenants a rule has, where links lead, and the loop that delivers."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from dashboard.metrics import REGISTRY, count_watch
from dashboard.settings import Settings
from dashboard.watch.notifying import Notifier, scope_at
from services.clock import CLOCK
from services.ledger import Ledger, MessageState, NewView, Place, ViewOwner
from services.notifications.rules import Failed, Rule, TenantSet, Which, written
from tests.ledgers import empty_ledger
from tests.services.notifications.nights import at, seen
from tests.services.notifications.receivers import HttpReceiver, http_receiver
from tests.services.notifications.watched import UTC_ZONE

HERE = Place("emea.api.visier.io", "")
CODES = pd.Series(["WFF_j1r~a1", "WFF_j1r~b2", "WFF_j1r~c3"], dtype="str")
NAMES = {"WFF_j1r~a1": "Europa Health", "WFF_j1r~b2": "Callisto"}
LISTED = {"3 pasted words #0123abcd": "WFF_j1r~b2 WFF_j1r~c3"}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(empty_ledger(tmp_path / "ledger.sqlite3"))
    yield opened
    opened.close()


@pytest.fixture
def hook() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


def settings(**given: object) -> Settings:
    return Settings(**given)  # type: ignore[arg-type]


def kept(ledger: Ledger, tenants: TenantSet) -> list[str]:
    scope = scope_at(ledger, HERE, NAMES)
    return [code[-2:] for code in CODES[scope(tenants, CODES)]]


def save(ledger: Ledger, screen: str, query: dict[str, list[str]]) -> str:
    owner = ViewOwner(HERE, "ann", "Ann")
    return ledger.saved_views.add(owner, NewView(screen, screen, query, LISTED), at("00:00"))


def test_a_set_has_the_tenants_that_its_screen_would_show(ledger: Ledger) -> None:
    assert kept(ledger, TenantSet()) == ["a1", "b2", "c3"]
    assert kept(ledger, TenantSet(Which.LIST, codes=("WFF_j1r~b2", "no"))) == ["b2"]
    assert kept(ledger, TenantSet(Which.SEARCH, text="europa")) == ["a1"]
    assert kept(ledger, TenantSet(Which.SEARCH, text="~b..~c9")) == ["b2", "c3"]


def test_a_saved_view_has_the_tenants_it_searches_for(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    for screen, query, tenants in (
        ("data_versions", {"dv_tenant": ["callisto"], "dv_state": ["overdue"]}, ["b2"]),
        ("uploads", {"up_tenant": [*LISTED]}, ["b2", "c3"]),
        ("jobs", {"job_state": ["failed"]}, ["a1", "b2", "c3"]),
    ):
        view = save(ledger, screen, query)
        assert kept(ledger, TenantSet(Which.VIEW, view=view)) == tenants
    # Of one that is gone nobody knows whom it meant.
    assert kept(ledger, TenantSet(Which.VIEW, view="gone")) == []
    assert "a saved view that is gone: gone" in caplog.text


def notifier(ledger: Ledger, hook: HttpReceiver, **more: object) -> Notifier:
    given = settings(dashboard_destinations={"hook": hook.address}, **more)
    return Notifier(given, lambda: ledger, UTC_ZONE)


def test_a_look_is_told_with_names_and_the_connection_it_is_of(
    ledger: Ledger, hook: HttpReceiver
) -> None:
    told = notifier(ledger, hook, dashboard_public_url="https://loads.example")
    ledger.rules.add(HERE, written(Rule(Failed(), ("hook",))), "ann", at("00:00"))
    night = seen({"WFF_j1r~a1": {"jobs_failed": 1}}, "02:00")
    told.look(HERE, night, lambda: NAMES, name="emea")
    told.look(HERE, night)
    assert told.deliver() == 1
    (message,) = hook.got
    assert message["title"] == "Visier loads: Europa Health (WFF_j1r~a1) failed"
    assert "https://loads.example/watch?connection=emea&wa_open=" in message["message"]


def test_nights_that_nobody_saw_are_not_reported(ledger: Ledger, hook: HttpReceiver) -> None:
    told = notifier(ledger, hook)
    ledger.rules.add(HERE, written(Rule(Failed(), ("hook",))), "ann", at("00:00"))
    night = seen({"WFF_j1r~a1": {"jobs_failed": 1}}, "02:00")
    told.look(HERE, replace(night, facts=replace(night.facts, is_given=True)))
    assert told.deliver() == 0


def test_another_process_knows_the_connection_from_the_settings(
    ledger: Ledger, hook: HttpReceiver
) -> None:
    connections = {
        name: {"host": f"https://{name}.api.visier.io", "kind": "test"} for name in ("us", "emea")
    }
    looking = notifier(ledger, hook)
    ledger.rules.add(HERE, written(Rule(Failed(), ("hook",))), "ann", at("00:00"))
    looking.look(HERE, seen({"WFF_j1r~a1": {"jobs_failed": 1}}, "02:00"))
    other = notifier(
        ledger,
        hook,
        dashboard_public_url="https://loads.example",
        dashboard_connections=connections,
    )
    assert other.deliver() == 1
    assert "/watch?connection=emea&" in hook.got[0]["message"]


def test_the_thread_delivers_what_is_due_and_ends(ledger: Ledger, hook: HttpReceiver) -> None:
    arrived = threading.Event()
    hook.hold = arrived.set
    told = notifier(ledger, hook)
    ledger.rules.add(HERE, written(Rule(Failed(), ("hook",))), "ann", CLOCK.now())
    told.look(HERE, seen({"WFF_j1r~a1": {"jobs_failed": 1}}, "2026-11-01T02:00"))
    told.start()
    assert arrived.wait(30)
    told.leave(30)
    assert ledger.outbox.counts()[MessageState.SENT] == 1


def test_without_destinations_nothing_is_sent_and_no_thread_begins(ledger: Ledger) -> None:
    told = Notifier(settings(), lambda: ledger, UTC_ZONE)
    before = threading.active_count()
    told.start()
    told.deliver_soon()
    assert threading.active_count() == before
    assert told.deliver() == 0
    told.leave(0)


def test_incidents_and_messages_are_counted(ledger: Ledger, hook: HttpReceiver) -> None:
    end = count_watch(lambda: ledger)
    told = notifier(ledger, hook)
    ledger.rules.add(HERE, written(Rule(Failed(), ("hook",))), "ann", at("00:00"))
    told.look(HERE, seen({"WFF_j1r~a1": {"jobs_failed": 1}}, "02:00"))

    def value(name: str, state: str) -> float | None:
        return REGISTRY.get_sample_value(name, {"state": state})

    assert value("dashboard_incidents", "open") == 1
    assert value("dashboard_messages", "planned") == 1
    told.deliver()
    assert value("dashboard_messages", "sent") == 1
    assert value("dashboard_incidents", "acknowledged") == 0
    end()
    assert value("dashboard_incidents", "open") is None
