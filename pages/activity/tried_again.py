"""What was tried again since, of operations in which something failed."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from services.ledger import Operation, Outcome
from services.operations.starts.outcomes import StartOutcome, tally

PUT_RIGHT = "resolved by a retry"
RETRIED = "retried"


def since(operations: Sequence[Operation], starts: Mapping[str, StartOutcome]) -> dict[str, str]:
    """Return by its id what became of what failed in an operation: PUT_RIGHT or RETRIED.

    Only what is among these operations counts; `starts` is what is known of the starts of them.
    """
    by_age = sorted(operations, key=lambda each: each.started_at)
    return _of_items(by_age) | _of_starts(by_age, starts)


def _of_items(operations: Iterable[Operation]) -> dict[str, str]:
    by_id = {each.id: each for each in operations}
    found = {}
    for later in by_id.values():
        first = by_id.get(later.retry_of or "")
        if first is not None and (failed := first.item_counts[Outcome.FAILED]):
            is_right = later.item_counts[Outcome.SUCCEEDED] >= failed
            found[first.id] = PUT_RIGHT if is_right else RETRIED
    return found


def _of_starts(
    operations: Iterable[Operation], starts: Mapping[str, StartOutcome]
) -> dict[str, str]:
    def whole(operation: Operation) -> str:
        return operation.part_of or operation.id

    found = {}
    own = sorted((each for each in operations if each.id in starts), key=whole)
    for _, chain in groupby(own, whole):
        of_chain = [starts[each.id] for each in chain]
        for place, start in enumerate(of_chain):
            failed, later = frozenset(tally([start]).failed), of_chain[place + 1 :]
            if failed and any(failed.intersection(each.tenants) for each in later):
                now = tally(of_chain).groups
                is_right = all(now[code] == "succeeded" for code in failed)
                found[start.noted.operation.id] = PUT_RIGHT if is_right else RETRIED
    return found
