"""What befalls everybody: faults, ended tokens, no network, a wall clock that jumps, crashes."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from services.sandbox.routes import OPERATIONS
from tests.simulation.surroundings import some_faults

if TYPE_CHECKING:
    from tests.simulation.driver import Simulation

NAMES: Final = frozenset(each.name for each in OPERATIONS)


class Weather:
    """What befalls the people of one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def change(self, draw: Random) -> str:
        """Have something happen; say what."""
        simulation, chance = self._simulation, draw.random()
        visier = simulation.visier
        if chance >= 1 - simulation.focus.crashes:
            return self._doom(draw)
        if chance < 0.6:
            faults = some_faults(draw, simulation.book.open)
            for fault in faults:
                visier.faults.add(fault, NAMES)
            simulation.report.faults += len(faults)
            return ", ".join(f"{each.operation} {each.fault} {each.when}" for each in faults)
        if chance < 0.65:
            visier.faults.clear()
            return "all faults are gone"
        if chance < 0.7:
            visier.inside.tokens.expire_all()
            return "all tokens have ended"
        if chance < 0.75:
            visier.unreachable += draw.randint(1, 3)
            return "no connection can be made"
        return self._jump(draw)

    def _jump(self, draw: Random) -> str:
        """Move the wall clock of everybody, as where a machine resumes or its time is set."""
        simulation = self._simulation
        seconds = draw.choice(
            [draw.uniform(-60, 0), draw.uniform(60, 600), draw.uniform(600, 20_000)]
        )
        simulation.clock.jump(seconds)
        simulation.book.turned_back += max(0.0, -seconds)
        simulation.book.leapt_at.append(simulation.scheduler.seconds)
        return f"the clock jumps by {seconds:.0f} s"

    def _doom(self, draw: Random) -> str:
        simulation = self._simulation
        replica = simulation.replicas[draw.choice(sorted(simulation.replicas))]
        if not replica.is_up:
            return "nothing crashes"
        if simulation.focus.watches and draw.random() < 0.4:
            replica.drowsy = draw.choice(simulation.focus.seams)
            return f"{replica.name} is to be suspended {replica.drowsy}"
        replica.doomed = draw.choice(simulation.focus.seams)
        return f"{replica.name} is to crash {replica.doomed}"

    def restart(self, draw: Random, *, surely: bool = False) -> None:
        """Have some, or all, begin anew that have crashed."""
        simulation = self._simulation
        for name, replica in list(simulation.replicas.items()):
            if not replica.is_up and (draw.random() < 0.3 or surely):
                simulation.report.crashes += 1
                simulation.boot(name)
                simulation.tell("weather", f"{name} starts anew")
