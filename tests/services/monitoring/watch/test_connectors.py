"""Connectors of the tenants of rules are read in turns: what that costs, and what is known then."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from services.ledger import ConnectorReading
from services.monitoring.watch import NightFacts
from services.monitoring.watch.connectors import lacks_credential, round_of
from services.sandbox.models.connections import Credential
from services.visier import Budget
from tests.sandboxes import Sandbox
from tests.services.monitoring.watch.post import PLACE, MovedClock, Post, post

READS = ("data_connectors", "data_connector_credentials")
NOTHING_KNOWN = Budget(None, None, None, None, 0.0)


def codes_of(sandbox: Sandbox, number: int) -> list[str]:
    return sorted(sandbox.inside.world.tenants)[:number]


def watching(
    sandbox: Sandbox,
    url: str,
    wanted: Sequence[str],
    clock: MovedClock | None = None,
    owner: str = "watch",
) -> AbstractContextManager[Post]:
    return post(
        sandbox,
        url,
        clock,
        owner=owner,
        connectors_of=lambda codes: {"set": [code for code in codes if code in wanted]},
    )


def turns(here: Post, minutes: float) -> list[str]:
    """Let so much time pass by the waits of the watch; return what it asked of connectors."""
    until = here.clock.now() + timedelta(minutes=minutes)
    while here.clock.now() < until:
        here.clock.moved += timedelta(seconds=max(0.01, here.watch.turn()))
    return [each for each in here.asked() if each in READS]


def facts(here: Post) -> NightFacts:
    return next(iter(here.nights().values())).facts


def assign_everywhere(sandbox: Sandbox, codes: Sequence[str]) -> None:
    """Give every connector of these tenants a credential that its tenant owns."""
    for code in codes:
        links = sandbox.inside.world.connections.of(code)
        links.credentials.append(Credential(f"own {code}", "Own", "UKG", code))
        links.assigned.update({each.id: f"own {code}" for each in links.connectors})


def test_without_a_set_nothing_is_read_and_nothing_known(sandbox: Sandbox, url: str) -> None:
    with watching(sandbox, url, []) as here:
        here.look()
        assert turns(here, 12) == []
        assert facts(here).without_credential is None


def test_the_tenants_of_a_set_are_read_in_turns_and_told_at_the_next_look(
    sandbox: Sandbox, url: str
) -> None:
    wanted = codes_of(sandbox, 3)
    assign_everywhere(sandbox, wanted)
    links = sandbox.inside.world.connections.of(wanted[1])
    links.assigned.pop(links.connectors[0].id)
    with watching(sandbox, url, wanted) as here:
        here.look()
        # Not read is not good: neither is anybody fine, nor does anybody lack one.
        assert facts(here).without_credential is None
        assert facts(here).connectors_read == {}
        asked = turns(here, 6)
        assert asked.count("data_connectors") == 3
        # One without any credential needs no look at those there are.
        assert asked.count("data_connector_credentials") == 2
        assert facts(here).without_credential == (wanted[1],)
        assert set(facts(here).connectors_read) == {"set"}
        # Within the hour none of them is read again.
        assert turns(here, 30) == []
        assert turns(here, 35).count("data_connectors") == 3


def test_a_credential_that_its_tenant_does_not_list_does_not_work(
    sandbox: Sandbox, here: Post
) -> None:
    (code,) = codes_of(sandbox, 1)
    assign_everywhere(sandbox, [code])
    assert lacks_credential(here.client, code) is False
    links = sandbox.inside.world.connections.of(code)
    links.assigned[links.connectors[0].id] = "gone"
    assert lacks_credential(here.client, code) is True
    # An entry that lost its id may be the one that is used: then nothing is said.
    sandbox.control.fault("data_connector_credentials", "drop_field", value="credentialId")
    assert lacks_credential(here.client, code) is None


def test_a_round_is_paced_so_that_jobs_and_lists_keep_their_calls(
    sandbox: Sandbox, url: str
) -> None:
    wanted = codes_of(sandbox, 60)
    assign_everywhere(sandbox, wanted)
    with watching(sandbox, url, wanted) as here:
        here.look()
        here.asked()
        asked = turns(here, 10)
        # A third of a fifth of 100 calls a minute.
        assert 50 <= len(asked) <= 70
        assert facts(here).connectors_read == {}


@pytest.mark.parametrize(
    ("tenants", "takes"), [(10, timedelta(hours=1)), (5000, timedelta(hours=25))]
)
def test_how_long_a_round_takes_is_known_beforehand(tenants: int, takes: timedelta) -> None:
    assert round_of(tenants, NOTHING_KNOWN) == takes


def test_another_process_goes_on_where_the_first_one_was(sandbox: Sandbox, url: str) -> None:
    wanted = codes_of(sandbox, 40)
    assign_everywhere(sandbox, wanted)
    clock = MovedClock()
    with watching(sandbox, url, wanted, clock, "first") as here:
        here.look()
        turns(here, 4)
        read = here.ledger.connector_readings.of(PLACE)
        assert 10 <= len(read) < 40
        here.watch._release()
    with watching(sandbox, url, wanted, clock, "second") as here:
        here.look()
        turns(here, 10)
        known = here.ledger.connector_readings.of(PLACE)
        assert {code: known[code] for code in read} == read
        assert list(known) != list(read)
        assert facts(here).without_credential == ()


def test_a_tenant_that_cannot_be_read_costs_itself_and_keeps_what_was_known(
    sandbox: Sandbox, url: str
) -> None:
    wanted = codes_of(sandbox, 3)
    assign_everywhere(sandbox, wanted)
    with watching(sandbox, url, wanted) as here:
        earlier = here.clock.now() - timedelta(days=1)
        here.ledger.connector_readings.keep(
            PLACE, ConnectorReading(wanted[0], earlier, earlier, True)
        )
        here.look()
        sandbox.control.fault("data_connectors", "404", times=3)
        assert turns(here, 6).count("data_connectors") == 3
        known = here.ledger.connector_readings.of(PLACE)
        assert [known[code].read_at for code in wanted] == [earlier, None, None]
        assert facts(here).without_credential == (wanted[0],)
        assert facts(here).connectors_read == {}


def test_what_forbids_reading_is_told_and_tried_again_at_the_next_look(
    sandbox: Sandbox, url: str
) -> None:
    wanted = codes_of(sandbox, 5)
    assign_everywhere(sandbox, wanted)
    with watching(sandbox, url, wanted) as here:
        here.look()
        sandbox.control.fault("data_connectors", "403", times=0)
        assert len(turns(here, 4)) == 1
        assert here.watch.status.connectors_trouble
        assert facts(here).without_credential is None
        sandbox.control.clear_faults()
        turns(here, 12)
        assert here.watch.status.connectors_trouble == ""
        assert facts(here).without_credential == ()
