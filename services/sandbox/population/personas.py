"""The parts of tenants in the scenario."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from services.sandbox.config import Scenario
from services.sandbox.models.tenants import Tenant
from services.sandbox.population.names import company_name
from services.sandbox.times import DAY, iso

if TYPE_CHECKING:
    from services.sandbox.world import World

ADMIN = "WFF_j1r"
SAMPLES = {"i1o": "Callisto Works", "c7o": "Jupiter Freight", "e1a": "Europa Health"}
CONSOLIDATED = "CAa7s"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LARGEST_BATCH = 5_000
ENOUGH_FOR_MANY = 60


@dataclass(frozen=True, slots=True)
class Personas:
    """The tenants of each part.

    `stale` tenants had their last data a month or more ago, `empty` ones never had any,
    `unprocessed` ones have uploads without a data version. Of the ordinary ones, `hit` got last
    night's bad delivery and `spared` did not.
    """

    stale: list[Tenant]
    empty: list[Tenant]
    unprocessed: list[Tenant]
    hit: list[Tenant]
    spared: list[Tenant]


def administrating_tenant(now: float) -> Tenant:
    """Return the administrating tenant."""
    return Tenant(ADMIN, "Jupiter HR Cloud", provisioned=iso(now - 3_000 * DAY))


def analytic_tenants(count: int, now: float, source: Random) -> list[Tenant]:
    """Return the analytic tenants in the order of lists: those of the code samples first."""
    known = [*SAMPLES.items(), (CONSOLIDATED, "Jupiter Consolidated")]
    found = [
        Tenant(f"{ADMIN}~{code}", name, provisioned=iso(now - 2_600 * DAY)) for code, name in known
    ]
    found[-1].profile = "Cat"
    found = found[:count]
    for index in range(count - len(found)):
        tenant = Tenant(f"{ADMIN}~{_short_code(index)}", company_name(index, source))
        tenant.provisioned = iso(now - source.randint(90, 2_000) * DAY)
        found.append(tenant)
    return found


def _short_code(index: int) -> str:
    """Return a code of letter, digit, letter, and of a second digit when those run out."""
    round_, place = divmod(index, 6_760)
    # 2,333 and 6,760 have no common factor: each code comes once, in an order that looks random.
    place = place * 2_333 % 6_760
    first, rest = divmod(place, 260)
    digit, last = divmod(rest, 26)
    code = f"{LETTERS[first]}{digit}{LETTERS[last]}"
    code = code if round_ == 0 else f"{code}{round_}"
    return f"{code}0" if code in SAMPLES else code


def choose(world: World) -> Personas:
    """Return the parts; always the same for one seed and number of tenants."""
    others = world.listed[len(SAMPLES) + 1 :]
    parts: dict[int, list[Tenant]] = {}
    for index, tenant in enumerate(others):
        # 37 spreads the parts over the list instead of putting each in one piece.
        part = bisect_right((6, 9, 11, 12), index * 37 % 100)
        parts.setdefault(part, []).append(tenant)
    # Where one tenant is all there is, it takes part in what happens.
    if 4 not in parts:
        parts = {4: others}
    for tenant in parts.get(3, []):
        tenant.status = "disabled"
    ordinary = parts[4]
    number = min(len(ordinary), max(1, len(ordinary) // 2))
    if len(world.listed) >= ENOUGH_FOR_MANY:
        fifth = max(40, len(world.listed) // 5)
        number = min(fifth, len(ordinary), LARGEST_BATCH - 1_000)
    is_hit = world.config.scenario == Scenario.BAD_DELIVERY
    hit = set(world.random.sample(ordinary, number)) if is_hit else set()
    return Personas(
        stale=parts.get(0, []) + parts.get(3, []),
        empty=parts.get(1, []),
        unprocessed=parts.get(2, []),
        hit=[tenant for tenant in ordinary if tenant in hit],
        spared=[tenant for tenant in ordinary if tenant not in hit],
    )
