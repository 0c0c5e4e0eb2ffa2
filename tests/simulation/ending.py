"""How a history ends: the network heals, everything is looked up, and nothing may be open."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from services.ledger import LIVE, UNSETTLED, State
from services.operations import CREDENTIAL_VERBS, look_up
from services.operations.tokens import START_VERBS
from tests.simulation import invariants, looking_up
from tests.simulation.desk import BULK, Desk

if TYPE_CHECKING:
    from tests.simulation.driver import Simulation
    from tests.simulation.telling import Failure

REST: Final = 200.0


def come_to_rest(simulation: Simulation) -> Failure | None:
    """Heal the network, end what people do, look everything up; then nothing may be open."""
    simulation.is_ending = True
    simulation.visier.faults.clear()
    simulation.visier.unreachable = 0
    for replica in simulation.replicas.values():
        replica.doomed = replica.drowsy = ""
    simulation.weather.restart(simulation.draw("end"), surely=True)
    simulation.tell("end", "the network heals")
    watches = [] if simulation.nights is None else [_watch_to_the_end]
    for rest in (*watches, _stop_all, _rest, _look_all_up, _rest, _look_all_up, _rest):
        simulation.spawn("end", partial(rest, simulation))
        failure = simulation.until_nobody_goes_on()
        if failure:
            return failure
    simulation.check_ledger()
    book = simulation.book
    for promise in invariants.OF_THE_END:
        book.ask(promise.__name__, promise(book))
    return simulation.failure(book.broken) if book.broken else None


def _watch_to_the_end(simulation: Simulation) -> None:
    assert simulation.nights is not None
    simulation.nights.come_to_rest()


def _rest(simulation: Simulation) -> None:
    simulation.scheduler.wait(REST)


def _desk(simulation: Simulation) -> Desk:
    replica = simulation.replicas["east"]
    return Desk(replica, (), replica.person, simulation.draw("end"), ())


def _stop_all(simulation: Simulation) -> None:
    desk = _desk(simulation)
    for id_, begun in simulation.book.operations.items():
        if begun.state in LIVE and begun.verb in BULK:
            desk.replica.runner.stop(id_, desk.person.permissions)


def _look_all_up(simulation: Simulation) -> None:
    desk, task = _desk(simulation), simulation.scheduler.current
    assert task is not None
    task.person = desk.person.name
    # Somebody whose password was refused by a fault signs in again, as people do all along.
    desk.client.try_to_sign_in_again()
    for id_, begun in simulation.book.operations.items():
        operation = desk.ledger.operation(id_)
        begun.state = operation.state
        is_open = any(operation.item_counts[each] for each in UNSETTLED)
        if begun.verb in BULK and operation.state is State.INTERRUPTED:
            runner = desk.replica.runner
            runner.finish_interrupted(id_, desk.client, desk.person.permissions, go_on=False)
            runner.wait(id_)
        elif begun.verb in BULK and is_open:
            look_up(desk.ledger, desk.client, id_)
        elif begun.verb in CREDENTIAL_VERBS and (is_open or operation.state is State.INTERRUPTED):
            looking_up.credential_fates(desk, operation)
        elif begun.verb in START_VERBS and is_open:
            looking_up.settle_start(desk, operation)
