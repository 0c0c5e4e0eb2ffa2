"""What an operation and an item may become: anything else is a bug, and raises."""

from collections.abc import Mapping
from typing import Final

from .models import Outcome, State

_ENDS: Final = frozenset({State.STOPPED, State.FINISHED, State.INTERRUPTED})
_SETTLED: Final = frozenset(
    {Outcome.SUCCEEDED, Outcome.FAILED, Outcome.NO_RESULT, Outcome.UNCERTAIN}
)

STATES: Final[Mapping[State, frozenset[State]]] = {
    State.PLANNING: _ENDS | {State.RUNNING, State.STOPPING},
    State.RUNNING: _ENDS | {State.PLANNING, State.PAUSED, State.STOPPING},
    State.PAUSED: _ENDS | {State.RUNNING, State.STOPPING},
    # One whose process is gone while it stops is taken over like any other.
    State.STOPPING: _ENDS | {State.RUNNING},
    # What was left of it is finished, and what is uncertain in it is looked up.
    State.STOPPED: frozenset({State.RUNNING, State.FINISHED}),
    State.FINISHED: frozenset({State.RUNNING}),
    State.INTERRUPTED: frozenset({State.RUNNING, State.FINISHED, State.STOPPED}),
    State.REFUSED: frozenset(),
    State.OPEN: frozenset({State.FINISHED}),
}
OUTCOMES: Final[Mapping[Outcome, frozenset[Outcome]]] = {
    Outcome.PLANNED: _SETTLED | {Outcome.INTENDED, Outcome.CHANGED_SINCE_PLAN},
    # Back to planned comes what never left.
    Outcome.INTENDED: _SETTLED | {Outcome.PLANNED},
    Outcome.SKIPPED: frozenset(),
    Outcome.CHANGED_SINCE_PLAN: frozenset(),
    # An answer may come after somebody has looked, and tells more than they could see.
    **dict.fromkeys(_SETTLED, _SETTLED),
}


class WrongTransition(Exception):
    """An operation or an item cannot become this."""

    def __init__(self, operation_id: str, before: str, after: str) -> None:
        super().__init__(f"Operation {operation_id}: {before} does not become {after}.")


def check_state(operation_id: str, before: State, after: State) -> None:
    """Raise WrongTransition where an operation cannot come from one state to the other."""
    if after != before and after not in STATES[before]:
        raise WrongTransition(operation_id, before, after)


def check_outcome(operation_id: str, before: Outcome, after: Outcome) -> None:
    """Raise WrongTransition where an item cannot come from one outcome to the other."""
    if after != before and after not in OUTCOMES[before]:
        raise WrongTransition(operation_id, before, after)
