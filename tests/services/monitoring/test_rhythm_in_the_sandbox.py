"""Who is called overdue at 5,000 tenants, against who is late by the sandbox's own scenario."""

from datetime import timedelta

import pandas as pd
import pytest

from services.frames import data_versions
from services.monitoring.rhythm import Rhythm, rhythms, statuses
from services.sandbox import population
from services.sandbox.clock import Clock
from services.sandbox.config import Config
from services.sandbox.population.nights import PERIODS
from services.sandbox.population.personas import Personas, choose
from services.sandbox.times import iso
from services.sandbox.world import World
from tests.services.monitoring.deliveries.sandboxed import listed_versions

# A Tuesday: of who was loaded from Monday to Friday it is not known whether weekends count.
NOW = 1_790_086_400
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def tenants() -> pd.DataFrame:
    """Give each tenant with a version, how long ago its load was due and its status."""
    casts: list[Personas] = []

    def cast_of(world: World) -> Personas:
        casts.append(choose(world))
        return casts[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(population, "choose", cast_of)
        world = population.build(Config(5_000, 7, 0, 0), Clock(0, lambda: NOW))
    (cast,) = casts
    ordinary = [*cast.hit, *cast.spared]
    periods = {
        tenant.code: PERIODS[place % len(PERIODS)] for place, tenant in enumerate(ordinary)
    } | {tenant.code: 7 for tenant in cast.stale}
    listed, now = listed_versions(world), pd.Timestamp(iso(world.clock.now()))
    latest = data_versions.latest(listed).join(rhythms(listed), on="tenant_code")
    period = latest["tenant_code"].map(periods) * DAY
    found = latest.assign(
        period=period,
        late_by=now - latest["data_version_date"] - period,
        status=statuses(latest, now.to_pydatetime()).astype("str"),
        abandoned=latest["tenant_code"].isin([tenant.code for tenant in cast.stale]),
    )
    return found[found["data_version"].notna() & period.notna()]


def test_nobody_is_called_overdue_who_is_not_late(tenants: pd.DataFrame) -> None:
    overdue = tenants[tenants["status"] == Rhythm.OVERDUE]
    assert len(overdue) > 600
    assert (overdue["late_by"] > timedelta()).all()


def test_who_is_late_is_overdue_within_a_day_unless_its_listed_versions_tell_another_rhythm(
    tenants: pd.DataFrame,
) -> None:
    late = tenants[tenants["late_by"] > DAY]
    missed = late[late["status"] != Rhythm.OVERDUE]
    # Of those that load every few days, the listed versions are of when they loaded every week.
    assert (missed["usual_gap"].isna() | (missed["usual_gap"] > missed["period"] * 1.1)).all()
    assert len(missed) <= len(late) * 0.12
    assert not missed["abandoned"].any()


def test_most_of_who_was_called_stale_is_on_time(tenants: pd.DataFrame) -> None:
    older = tenants[tenants["late_by"] + tenants["period"] > timedelta(hours=36)]
    assert len(older) > 2_300
    assert (older["status"] == Rhythm.OVERDUE).sum() < 700
