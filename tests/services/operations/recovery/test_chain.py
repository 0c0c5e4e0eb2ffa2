"""A chain of operations: what its steps have come to, whoever applied them."""

from services.ledger import Ledger, Outcome
from services.operations.recovery import chain
from services.operations.recovery.incident import Step
from tests.services.ledger.samples import begin, key, results


def test_who_plans_the_same_and_finds_it_done_takes_nothing_back(ledger: Ledger) -> None:
    first = begin(ledger, 3)
    ledger.settle(first, results(Outcome.SUCCEEDED, [0, 1]))
    ledger.settle(first, results(Outcome.FAILED, [2]))
    second = begin(ledger, 3, part_of=first)
    ledger.settle(second, results(Outcome.CHANGED_SINCE_PLAN, [0, 1]))
    ledger.settle(second, results(Outcome.SUCCEEDED, [2]))
    found = chain.read(ledger, ledger.operation(second), "ann")
    assert found
    excluded = {each: item.outcome for each, item in found.items[Step.EXCLUDE].items()}
    assert excluded == {key(number): Outcome.SUCCEEDED for number in range(3)}
