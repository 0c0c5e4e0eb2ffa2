"""The watch of a sandbox over HTTP: what it records, what it costs, and what keeps it from it."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from services.ledger import Lease
from services.monitoring.reasons import READ_UNASKED
from services.monitoring.watch import (
    NIGHT_SCHEMA,
    NightState,
    Observation,
    Part,
    recorded,
    states,
)
from services.monitoring.watch.measured import read as read_metrics
from services.monitoring.watch.night import night_of, span
from services.visier.endpoints import PAGES
from tests.sandboxes import Sandbox
from tests.services.monitoring.watch.post import PLACE, ZONE, MovedClock, Post, post

DAY = timedelta(days=1)
METRICS = "validation_tenants"
LISTS = ["latest_enabled_dv", "retrieve_data_uploads"]


def present(here: Post) -> date:
    return night_of(here.clock.now(), ZONE)


def test_a_look_records_the_present_night_and_the_one_before(here: Post) -> None:
    here.look()
    tonight = present(here)
    found = here.nights()
    assert list(found) == [tonight, tonight - DAY]
    world = here.sandbox.inside.world
    for night, seen in found.items():
        begins, ends = (each.isoformat() for each in span(night, ZONE))
        assert seen.rows["tenant_code"].tolist() == sorted(world.tenants)
        came = {
            code: sum(begins <= upload.time < ends for upload in tenant.uploads[-5:])
            for code, tenant in world.tenants.items()
        }
        assert dict(zip(seen.rows["tenant_code"], seen.rows["upload_count"], strict=True)) == came
    complete = {each.night: each.is_complete for each in here.ledger.nights.listed(PLACE)}
    assert complete == {tonight: False, tonight - DAY: True}


def test_what_happens_later_in_a_night_is_added_to_it(here: Post) -> None:
    here.look()
    tonight = present(here)
    before = here.nights()[tonight].rows
    # A batch of an hour: its jobs run, and its uploads come.
    here.sandbox.control.set_speed(60)
    here.pass_time(minutes=20)
    if present(here) != tonight:
        pytest.skip("noon has just passed")
    here.look()
    after = here.nights()[tonight].rows
    assert after["upload_count"].sum() > before["upload_count"].sum()
    assert after["loaded_at"].notna().sum() > before["loaded_at"].notna().sum()
    assert after["jobs_running"].sum() < before["jobs_running"].sum()


def test_a_night_is_closed_by_the_first_look_after_its_end(here: Post) -> None:
    here.look()
    tonight = present(here)
    ends = span(tonight, ZONE)[1]
    here.pass_time(seconds=(ends - here.clock.now()).total_seconds() - 30)
    here.look()
    assert [each.is_complete for each in here.ledger.nights.listed(PLACE)] == [False, True]
    # It does not sleep past noon.
    here.look()
    looked_at = here.watch.status.looked_at
    assert looked_at is not None
    assert timedelta(0) <= looked_at - ends < timedelta(minutes=1)
    listed = here.ledger.nights.listed(PLACE)
    assert [(each.night, each.is_complete) for each in listed[:2]] == [
        (tonight + DAY, False),
        (tonight, True),
    ]
    # A complete night is not written any more.
    here.look()
    again = {each.night: each.looked_at for each in here.ledger.nights.listed(PLACE)}
    assert again[tonight] == listed[1].looked_at
    assert again[tonight + DAY] > listed[0].looked_at


def test_jobs_are_looked_at_more_often_than_lists(here: Post) -> None:
    here.look()
    assert {"job_status", *LISTS} <= set(here.asked())
    if present(here) != night_of(here.clock.now() + timedelta(minutes=20), ZONE):
        pytest.skip("at noon everything is read anew")
    here.look()
    assert set(here.asked()) == {"job_status"}
    here.look()
    assert set(here.asked()) == {"job_status"}
    here.look()
    assert sorted(set(here.asked())) == ["job_status", *LISTS, METRICS]


def test_why_jobs_failed_is_read_once_and_counted_by_kind(here: Post) -> None:
    here.look()
    below = [each for each in here.asked() if each not in ("job_status", *LISTS)]
    assert 0 < len(below) <= READ_UNASKED
    seen = list(here.nights().values())
    kinds = [kind for each in seen if each.facts.failures for kind in each.facts.failures.kinds]
    assert any(kind.message.startswith("[DP510002] ") for kind in kinds)
    for each in seen:
        assert each.facts.failures is not None
        assert each.facts.failures.jobs == each.rows["jobs_failed"].sum()
    if present(here) != night_of(here.clock.now() + timedelta(minutes=10), ZONE):
        pytest.skip("at noon everything is read anew")
    here.look()
    assert set(here.asked()) == {"job_status"}


def test_failures_are_counted_where_nobody_says_why(here: Post) -> None:
    for operation in ("processing_job_and_status", "dispatching_job_status"):
        here.sandbox.control.fault(operation, "500", times=0, value="Out of order.")
    here.look()
    assert list(here.watch.status.troubles) == [Part.REASONS]
    seen = here.nights()[present(here) - DAY]
    assert seen.facts.failures is not None
    assert seen.facts.failures.jobs == seen.rows["jobs_failed"].sum() > 0
    here.sandbox.control.clear_faults()
    here.look()
    assert here.watch.status.troubles == {}


def test_metric_values_of_what_was_loaded_are_read_after_the_first_look(here: Post) -> None:
    here.look()
    assert METRICS not in here.asked()
    here.pass_time(minutes=16)
    if present(here) != night_of(here.clock.now() + timedelta(minutes=20), ZONE):
        pytest.skip("at noon everything is read anew")
    here.look()
    # A page of all tenants, and not a call for each.
    assert here.asked().count(METRICS) == 1
    rows = here.nights()[present(here)].rows
    loaded = rows[rows["loaded_at"].notna()]
    assert loaded["metrics"].notna().all()
    assert set(read_metrics(loaded["metrics"].iloc[0])) == {"Headcount", "Employee Exits"}
    assert rows.loc[rows["loaded_at"].isna(), "metrics"].isna().all()
    here.pass_time(minutes=16)
    here.look()
    assert METRICS not in here.asked()


def test_who_may_not_read_metric_values_is_not_told_of_trouble(here: Post) -> None:
    here.look()
    here.sandbox.control.fault(METRICS, "403", times=0, value="You may not.")
    here.pass_time(minutes=16)
    here.look()
    assert METRICS in here.asked()
    assert here.watch.status.troubles == {}
    assert here.nights()[present(here)].rows["metrics"].isna().all()


def test_how_many_uploads_deliveries_brought_is_recorded(here: Post) -> None:
    here.look()
    seen = here.nights()[present(here) - DAY]
    sizes = seen.facts.deliveries
    assert sizes is not None
    assert sizes.uploads == seen.rows["upload_count"].sum()
    assert 0 < sizes.count < sizes.uploads
    assert sizes.median <= sizes.p90


def test_it_takes_a_fifth_of_the_calls_of_a_minute_at_most(
    sandbox: Sandbox, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Lists of 14 pages, beside the calls for jobs.
    small = {name: replace(page, most=10) for name, page in PAGES.items()}
    monkeypatch.setattr("services.visier.calls.PAGES", small)
    with post(sandbox, url, limit=40) as here:
        begun = here.clock.now()
        here.look()
        assert here.watch.status.troubles == {}
        rows = here.nights()[present(here)].rows
        assert len(rows) == 60
        calls = len(here.asked())
        assert calls >= 20
        # Eight calls a minute of 40, whatever it would like to read.
        assert here.clock.now() - begun >= timedelta(minutes=calls // 8 - 1)


@pytest.mark.parametrize(
    ("operation", "part"),
    [
        ("job_status", Part.JOBS),
        ("latest_enabled_dv", Part.VERSIONS),
        ("retrieve_data_uploads", Part.UPLOADS),
    ],
)
def test_what_cannot_be_read_is_told_and_tried_again(
    here: Post, operation: str, part: Part
) -> None:
    here.sandbox.control.fault(operation, "500", times=0, value="Out of order.")
    here.look()
    assert list(here.watch.status.troubles) == [part]
    assert "Out of order." in here.watch.status.troubles[part]
    if part is Part.JOBS:
        # Nothing is told of jobs, and so of no tenant that nothing came.
        seen = here.nights()[present(here)]
        ends = span(present(here), ZONE)[1]
        told = set(states(seen, ends, here.clock.now(), is_complete=False))
        assert seen.facts.jobs_at is None
        assert NightState.NOTHING_CAME not in told
    else:
        assert here.nights() == {}
    here.sandbox.control.clear_faults()
    here.look()
    assert here.watch.status.troubles == {}
    assert len(here.nights()) == 2


def test_without_the_right_to_list_jobs_the_rest_is_recorded(here: Post) -> None:
    here.sandbox.control.fault("job_status", "403", times=0, value="You may not.")
    here.look()
    assert "You may not." in here.watch.status.troubles[Part.JOBS]
    assert here.nights()[present(here)].rows["version_at"].notna().any()


def test_a_crash_of_a_look_ends_no_watch(
    here: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("services.monitoring.watch.night.rows", lambda *_, **__: 1 / 0)
        here.look()
        assert here.watch.status.crash == "ZeroDivisionError"
        assert here.watch.status.looked_at is None
        assert "The watch failed and will try again." in caplog.text
    here.look()
    assert here.watch.status.crash == ""
    assert len(here.nights()) == 2


def test_every_look_is_told_to_who_follows_it(sandbox: Sandbox, url: str) -> None:
    told: list[tuple[date, int]] = []

    def on_look(seen: Observation, lease: Lease) -> None:
        told.append((seen.night, lease.fence))

    with post(sandbox, url, on_look=on_look) as here:
        here.look()
        tonight = present(here)
    assert told == [(tonight - DAY, 1), (tonight, 1)]


def test_old_nights_are_pruned(sandbox: Sandbox, url: str) -> None:
    with post(sandbox, url, days=1) as here:
        here.look()
        here.pass_time(days=2)
        here.look()
        nights = list(here.nights())
        assert nights == [present(here), present(here) - DAY]


def test_unusual_deliveries_and_the_least_of_the_budget_are_facts_of_a_night(
    sandbox: Sandbox, url: str
) -> None:
    sandbox.control.reset(rate_limit=100)
    with post(sandbox, url, limit=100) as here:
        here.look()
        found = [each for seen in here.nights().values() for each in seen.facts.unusual]
        (bad,) = (each for each in found if len(each.tenant_codes) == 40)
        assert bad.delivery_id == "receiving:3b43817a-d0de-4dec-ae94-5467ddea5b83"
        left = here.nights()[present(here)].facts.budget_left
        assert left is not None
        assert 0.5 < left < 1


def test_it_ends_when_told_to_and_frees_its_lease(here: Post) -> None:
    here.watch.start()
    here.watch.leave(30)
    with post(here.sandbox, str(here.ledger._engine.url), here.clock, owner="the next") as other:
        assert other.watch.turn() < 20
        assert other.watch.status.holds_lease


def test_the_rows_of_a_night_survive_a_restart(sandbox: Sandbox, url: str) -> None:
    clock = MovedClock()
    with post(sandbox, url, clock, owner="first") as here:
        here.look()
        before = here.nights()[present(here)].rows
        here.watch._release()
    # While nobody watched, all of it was disabled: what was seen stays seen.
    for tenant in sandbox.inside.world.tenants.values():
        for version in tenant.versions:
            version.enabled = False
    with post(sandbox, url, clock, owner="second") as here:
        here.look()
        after = here.nights()[present(here)].rows
    assert after["data_version"].isna().all()
    pd.testing.assert_series_equal(after["loaded_at"], before["loaded_at"])


def test_a_night_that_an_earlier_version_began_is_carried_on(sandbox: Sandbox, url: str) -> None:
    clock = MovedClock()
    with post(sandbox, url, clock, owner="first") as here:
        here.look()
        night = present(here)
        before = here.nights()[night]
        lease = here.watch._lease
        assert lease is not None
        here.ledger.nights.write(
            PLACE,
            lease,
            night,
            before.rows.drop(columns=["began_at", "metrics"]),
            at=before.at,
            is_complete=False,
            facts=recorded.document(before.facts),
        )
        old = here.nights()[night].rows
        assert old.dtypes.astype(str).to_dict() == NIGHT_SCHEMA
        assert old[["began_at", "metrics"]].isna().all(axis=None)
        here.watch._release()
    with post(sandbox, url, clock, owner="second") as here:
        here.look()
        after = here.nights()[night].rows
    assert before.rows["began_at"].notna().any()
    pd.testing.assert_series_equal(after["began_at"], before.rows["began_at"])
