"""A rule about connectors, from the first reading to its incident and its end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.watch import notifying
from services.ledger import Lease, StoredIncident
from services.monitoring.watch import Observation
from services.notifications import Episodes
from services.notifications.incidents import Episode
from services.notifications.rules import Failed, NoCredential, Rule, TenantSet, Which, written
from services.sandbox.models.connections import Credential
from tests.ledgers import empty_ledger
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.monitoring.watch.post import PLACE, ZONE, Post, post


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(tenants=20) as running:
        running.control.reset(rate_limit=0)
        yield running


@dataclass
class Watched:
    """A watch with rules; `codes` are tenants whose connectors all work."""

    here: Post
    codes: Sequence[str]

    def go_on(self, **span: float) -> None:
        until = self.here.clock.now() + timedelta(**span)
        while self.here.clock.now() < until:
            self.here.clock.moved += timedelta(seconds=max(0.01, self.here.watch.turn()))

    def add(self, *codes: str) -> str:
        tenants = TenantSet(Which.LIST, codes=codes)
        body, now = written(Rule(NoCredential(tenants))), self.here.clock.now()
        return self.here.ledger.rules.add(PLACE, body, "Ann", now)

    def unassign(self, code: str) -> None:
        links = self.here.sandbox.inside.world.connections.of(code)
        links.assigned.pop(links.connectors[0].id)

    def assign(self, code: str) -> None:
        links = self.here.sandbox.inside.world.connections.of(code)
        links.credentials.append(Credential(f"own {code}", "Own", "UKG", code))
        links.assigned.update({each.id: f"own {code}" for each in links.connectors})

    def incidents(self) -> list[StoredIncident]:
        return self.here.ledger.incidents.listed(PLACE)

    def asked_for(self) -> set[str]:
        asked = self.here.sandbox.control.requests("data_connectors")
        self.here.sandbox.control.clear_requests()
        return {each["query"]["tenantCode"] for each in asked}


@pytest.fixture
def watched(sandbox: Sandbox, tmp_path: Path) -> Iterator[Watched]:
    url = empty_ledger(tmp_path / "ledger.sqlite3")
    made: list[Post] = []

    def on_look(seen: Observation, _: Lease) -> None:
        ledger = made[0].ledger
        scope = notifying.scope_at(ledger, PLACE, {})
        Episodes(ledger, PLACE, zone=ZONE, scope=scope).look(seen)

    def connectors_of(codes: Sequence[str]) -> dict[str, tuple[str, ...]]:
        return notifying.connector_sets(made[0].ledger, PLACE, codes, dict)

    with post(sandbox, url, on_look=on_look, connectors_of=connectors_of) as here:
        made.append(here)
        found = Watched(here, sorted(sandbox.inside.world.tenants)[:4])
        for code in found.codes:
            found.assign(code)
        sandbox.control.clear_requests()
        yield found


def test_an_incident_opens_once_it_is_read_and_ends_once_it_is_read_again(
    watched: Watched,
) -> None:
    first, second, third, _ = watched.codes
    watched.add(first, second)
    watched.unassign(second)
    watched.unassign(third)
    watched.go_on(minutes=8)
    assert watched.asked_for() == {first, second}
    (opened,) = watched.incidents()
    assert Episode.of(opened).tenants == (second,)
    watched.assign(second)
    # Not read again yet, so that nothing has come right.
    watched.go_on(minutes=30)
    assert watched.incidents()[0].resolved_at is None
    watched.go_on(minutes=45)
    (ended,) = watched.incidents()
    assert ended.resolved_at is not None
    assert Episode.of(ended).settled == {second: ""}


def test_who_has_left_the_set_is_read_until_it_is_over(watched: Watched) -> None:
    first, second, *_ = watched.codes
    rule_id = watched.add(first)
    watched.unassign(first)
    watched.go_on(minutes=8)
    body = written(Rule(NoCredential(TenantSet(Which.LIST, codes=(second,)))))
    watched.here.ledger.rules.replace(PLACE, rule_id, body, "Ann", watched.here.clock.now())
    watched.go_on(minutes=70)
    (opened,) = watched.incidents()
    assert opened.resolved_at is None
    watched.assign(first)
    watched.go_on(minutes=75)
    assert watched.incidents()[0].resolved_at is not None


def test_rules_that_are_off_or_about_something_else_read_nothing(watched: Watched) -> None:
    now = watched.here.clock.now()
    off = watched.add(*watched.codes)
    watched.here.ledger.rules.enable(PLACE, off, "Ann", now, on=False)
    watched.here.ledger.rules.add(PLACE, written(Rule(Failed())), "Ann", now)
    watched.here.ledger.rules.add(PLACE, "{}", "a newer version", now)
    watched.go_on(minutes=8)
    assert watched.asked_for() == set()
