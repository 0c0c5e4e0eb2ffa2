"""Runs of loads for the consoles to show: a day of them, most of them succeeded."""

import random
import uuid
from collections.abc import Iterator

STATES = {"succeeded": 88, "failed": 6, "cancelled": 2, "running": 3, "queued": 1}
DAY = 24 * 60 * 60.0
JOBS = 20


def runs(number: int, now: float) -> Iterator[dict[str, object]]:
    """Yield so many runs of the last 24 hours, the oldest first; times are seconds since 1970."""
    chance = random.Random(7)
    for place in range(number):
        (state,) = chance.choices([*STATES], [*STATES.values()])
        created = now - DAY * (1 - place / number)
        started = None if state == "queued" else created + chance.uniform(1, 60)
        ended = None
        if started is not None and state != "running":
            ended = started + chance.lognormvariate(5, 1)
        yield {
            "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "name": f"WFF_{place:05}",
            "job": f"load_{place % JOBS:02}",
            "state": state,
            "created": created,
            "started": started,
            "ended": ended,
        }
