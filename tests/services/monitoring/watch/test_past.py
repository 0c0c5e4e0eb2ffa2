"""The past of a sandbox, given as observed: night by night what its world says."""

from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard import embedded_sandbox
from services.clock import CLOCK
from services.ledger import Ledger, Place
from services.monitoring.watch import NightState, Observation, past, states
from services.monitoring.watch.night import night_of, span
from tests.ledgers import empty_ledger
from tests.sandboxes import Sandbox, ask
from tests.services.monitoring.watch.post import PLACE, ZONE, post

DAY = timedelta(days=1)


def told(sandbox: Sandbox) -> past.Past:
    return past.of_sandbox(
        lambda since, until: embedded_sandbox.past(sandbox.url, since, until), ZONE
    )


@pytest.fixture
def nights(sandbox: Sandbox) -> list[Observation]:
    return list(told(sandbox)(CLOCK.now()))


def test_ninety_nights_are_told_but_for_those_that_can_be_looked_at(
    nights: list[Observation], sandbox: Sandbox
) -> None:
    present = night_of(CLOCK.now(), ZONE)
    # The latest thirty are on most screens.
    days = [*range(30, 1, -1), *range(90, 30, -1)]
    assert [each.night for each in nights] == [present - n * DAY for n in days]
    codes = sorted(sandbox.inside.world.tenants)
    for each in nights:
        assert each.facts.is_given
        assert each.rows["tenant_code"].tolist() == codes
    counts = Counter(
        str(state)
        for each in nights
        for state in states(each, each.at, CLOCK.now(), is_complete=True)
    )
    assert NightState.NOT_OBSERVED not in counts
    for state in (NightState.LOADED, NightState.FAILED, NightState.LATE, NightState.EXCLUDED):
        assert counts[state] > 3


def test_the_newest_of_them_are_as_the_world_has_them(
    nights: list[Observation], sandbox: Sandbox
) -> None:
    world = sandbox.inside.world
    for each in sorted(nights, key=lambda each: each.night)[-7:]:
        begins, ends = (time.isoformat() for time in span(each.night, ZONE))
        rows = each.rows.set_index("tenant_code")
        for code, tenant in world.tenants.items():
            came = [upload for upload in tenant.uploads if begins <= upload.time < ends]
            out = [upload for upload in came if not upload.included]
            assert rows["upload_count"][code] == len(came)
            assert rows["excluded_count"][code] == len(out)


def test_each_night_of_the_past_has_its_figures(
    nights: list[Observation], sandbox: Sandbox
) -> None:
    failed, timed, loaded = Counter[str](), 0, 0
    for each in nights:
        facts, rows = each.facts, each.rows
        assert facts.failures is not None
        assert facts.failures.jobs == rows["jobs_failed"].sum()
        failed.update({kind.message: kind.jobs for kind in facts.failures.kinds})
        assert facts.deliveries is not None
        assert facts.deliveries.uploads == rows["upload_count"].sum()
        processing = [one for one in facts.durations or () if one.job_type == "processing"]
        for found in processing:
            assert 0 < found.count <= rows["jobs_succeeded"].sum()
            assert 3 * 60 <= found.median <= found.p90
        timed += sum(one.count for one in processing)
        loaded += int(rows["loaded_at"].notna().sum())
    # Whoever loaded had a processing job; few began in the night before.
    assert timed >= 0.9 * loaded
    assert any(text.startswith("[DP510002] ") and jobs > 3 for text, jobs in failed.items())


def test_the_past_is_recorded_after_the_first_look_and_costs_no_call(
    sandbox: Sandbox, url: str
) -> None:
    with post(sandbox, url, past=told(sandbox)) as here:
        here.look()
        here.asked()
        while len(here.nights()) < 91:
            assert here.watch.turn() < 20
        assert here.asked() == []
        given = [each for each in here.nights().values() if each.facts.is_given]
        assert len(given) == 89
        assert all(each.is_complete for each in here.ledger.nights.listed(PLACE)[1:])


def test_nights_of_a_sandbox_that_has_ended_are_forgotten(sandbox: Sandbox, tmp_path: Path) -> None:
    url = empty_ledger(tmp_path / "own.sqlite3")
    with post(sandbox, url, past=told(sandbox), owner="first") as first:
        first.look()
        first.watch.turn()
        assert len(first.nights()) == 3
        ended = Place("127.0.0.1:1", "")
        lease = first.ledger.leases.take("watch 127.0.0.1:1 ")
        assert lease is not None
        given = next(each for each in first.nights().values() if each.facts.is_given)
        first.ledger.nights.write(
            ended, lease, given.night, given.rows, at=given.at, is_complete=True,
            facts=first.ledger.nights.listed(PLACE)[-1].facts,
        )  # fmt: skip
        first.ledger.leases.release(lease)
        first.watch._release()
    with (
        post(sandbox, url, past=told(sandbox), owner="second") as second,
        closing(Ledger(url)) as ledger,
    ):
        second.look()
        # Its own port was that of another world before.
        assert len(second.nights()) == 2
        assert ledger.nights.listed(ended) == []


@pytest.mark.parametrize("query", ["", "since=yesterday&until=today", "since=2026-01-01"])
def test_a_span_that_is_none_is_refused(sandbox: Sandbox, query: str) -> None:
    assert ask("GET", f"{sandbox.url}/_sandbox/past?{query}").status_code == 400
