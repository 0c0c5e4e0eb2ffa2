"""What befalls those who watch: loads, nights that pass, events, and the look back at the end."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING, Final

from services.sandbox.models.jobs import Order
from services.sandbox.rules import receiving
from tests.simulation.replicas import Replica, SharedSlots
from tests.simulation.visier import Visier
from tests.simulation.watch import Watch, add_rules, codes_of, versions_of
from tests.simulation.watch_book import PLACES, WatchBook

if TYPE_CHECKING:
    from tests.simulation.driver import Simulation

TRIES: Final = 4
HOUR: Final = 3600.0
CLOSING: Final = ("after night", "before incidents", "after incidents", "before completion")


class Nights:
    """The watches of all replicas of a simulation, and what they are to see."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        first = simulation.visier
        other = Visier(
            simulation.scheduler,
            simulation.clock,
            simulation.draw("other visier"),
            limit=100,
            odds=simulation.focus.odds,
            speed=simulation.focus.speed,
        )
        other.on_answer = simulation.book.told_of_jobs.hear
        self.visiers = (first, other)
        self._slots = (simulation.slots, SharedSlots(simulation.clock.monotonic))
        self.seen = WatchBook(simulation.book)
        self.seen.versions = versions_of(self.visiers)
        self.seen.codes = {
            place.host: frozenset(codes_of(visier))
            for place, visier in zip(PLACES, self.visiers, strict=True)
        }
        self.watches: dict[str, Watch] = {}
        self._events = 0

    def boot(self, replica: Replica, draw: Random) -> None:
        """Begin the watch of a replica that begins."""
        if not self.watches:
            add_rules(replica.ledger)
        watch = Watch(replica, self.seen, self.visiers, self._slots, draw)
        self.watches[replica.name] = watch
        watch.start()

    def befall(self, draw: Random) -> str:
        """Have something happen that the watch is to see; say what."""
        chance = draw.random()
        if chance < 0.4:
            return self._load(draw)
        if chance < 0.75:
            return self._push(draw)
        # Most often to about the next noon, where a night ends.
        now = self._simulation.clock.now()
        until_noon = ((12 - now.hour - 1) % 24) * HOUR + (60 - now.minute) * 60
        almost = max(1.0, until_noon - draw.uniform(-600, 600))
        seconds = almost if chance < 0.9 else draw.uniform(1, 8) * HOUR
        if draw.random() < 0.5:
            # Where a night is closed it is to be seen what becomes of whoever is killed just then,
            # or suspended.
            replica = self._simulation.replicas[draw.choice(sorted(self.watches))]
            if draw.random() < 0.5:
                replica.doomed = draw.choice(CLOSING)
            else:
                replica.drowsy = draw.choice(("before night", *CLOSING))
        self._leap(seconds)
        self._simulation.book.leapt_at.append(self._simulation.scheduler.seconds)
        return f"{seconds / HOUR:.1f} hours pass in which nobody goes on"

    def _leap(self, seconds: float) -> None:
        self._simulation.scheduler.leap(seconds)

    def _load(self, draw: Random) -> str:
        visier = draw.choice(self.visiers)
        world = visier.inside.world
        tenants = draw.sample(world.listed, draw.randint(1, len(world.listed)))
        order = Order(world.primary_category, run_processing=True)
        with visier.in_studio():
            receiving.start_batch(world, world.admin, order, tenants, readable=True)
        return f"{len(tenants)} tenants load"

    def _push(self, draw: Random) -> str:
        """Push an event to a replica, again where it is not answered, as Visier does."""
        self._events += 1
        event_id = f"e{self._events}"
        job_id = draw.choice(list(self.visiers[0].inside.world.jobs.by_id))
        simulation, watches = self._simulation, self.watches
        for _ in range(TRIES):
            watch = watches[draw.choice(sorted(watches))]
            if watch.replica.is_up:
                receive = partial(watch.receive, event_id, job_id)
                task = simulation.scheduler.spawn(receive, "push", watch.replica)
                simulation.scheduler.wait(5.0, partial(getattr, task, "ended"))
                if task.ended and event_id in self.seen.events:
                    return f"{event_id} is pushed to {watch.replica.name}"
        return f"{event_id} is pushed to nobody"

    def come_to_rest(self) -> None:
        """Have what is to be told arrive, then end."""
        for watch in self.watches.values():
            watch.destination.is_well = True
        simulation = self._simulation
        # Those who have ended hold leases still, and some are suspended.
        simulation.scheduler.wait(800.0)
        # A message that was refused is tried again within an hour.
        for _ in range(3):
            self._leap(HOUR)
            simulation.scheduler.wait(200.0)
        replica = next(each for each in simulation.replicas.values() if each.is_up)
        self.seen.ask_at_the_end(replica.ledger, simulation.clock.now())
        for watch in self.watches.values():
            watch.end()
