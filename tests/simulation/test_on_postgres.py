"""Histories of the watch on a ledger in PostgreSQL, where replicas really share one."""

from collections.abc import Iterator

import pytest

from tests.services.ledger.postgres import Postgres, running_postgres
from tests.simulation.history import simulate


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


# Each takes as long as some ten tests.
@pytest.mark.first_is_quick
@pytest.mark.parametrize("seed", [1, *range(2000, 2006)])
def test_every_promise_is_kept_in_postgresql(postgres: Postgres, seed: int) -> None:
    steps = 200 if seed == 1 else 1500
    failure, report = simulate(seed, steps, focus="watches", url=postgres.fresh_url())
    assert failure is None, str(failure)
    assert {"only_who_watches_writes_a_night", "one_message_an_episode"} <= report.asked.keys()
