"""Planning an undo or a retry in a thread of its own: the present state is read first.

Nothing is recorded or sent: the plan is to be reviewed. Planning can be stopped.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

import pandas as pd

from services.frames import UnexpectedResponse
from services.ledger import Item, Ledger, LedgerTrouble, Outcome
from services.visier import Client, Interrupted, Lane, VisierError

from .follow_ups import NoInverse, retry_plan, undo_plan
from .plan import Plan, Registry
from .reading import Reader
from .reconcile import every_item, noted_query


class FollowUp(StrEnum):
    """What can follow from an operation."""

    UNDO = "undo"
    RETRY = "retry"


_TAKES = {FollowUp.UNDO: Outcome.SUCCEEDED, FollowUp.RETRY: Outcome.FAILED}


class Planning:
    """One plan being made: ``done`` of ``of`` tenants are read; ``run`` is the body of a thread.

    When it is over it has a ``plan``, or an ``error``, or neither if it was stopped.
    """

    def __init__(
        self,
        ledger: Ledger,
        registry: Registry,
        operation_id: str,
        follow: FollowUp,
        *,
        client: Client,
        now: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._registry = registry
        self._operation_id = operation_id
        self._follow = follow
        self._now = now
        self._stopped, self._over = threading.Event(), threading.Event()
        # Thousands of items are read: the bulk lane leaves clicks their reserve.
        self._client = client.in_lane(Lane.BULK, self._stopped.is_set)
        self.done = self.of = 0
        self.plan: Plan | None = None
        self.error: Exception | None = None

    @property
    def is_over(self) -> bool:
        """Whether planning has ended."""
        return self._over.is_set()

    def stop(self) -> None:
        """Stop after the request in flight."""
        self._stopped.set()

    def wait(self, seconds: float) -> bool:
        """Wait so long for the end; return whether it has ended."""
        return self._over.wait(seconds)

    def run(self) -> None:
        """Read the present state of the items, and plan."""
        try:
            # Stopped on purpose: there is no plan then, and whoever stopped it knows.
            with suppress(Interrupted):
                self.plan = self._planned()
        except (VisierError, UnexpectedResponse, LedgerTrouble, NoInverse, LookupError) as error:
            self.error = error
        finally:
            self._over.set()

    def _planned(self) -> Plan:
        ledger, id_ = self._ledger, self._operation_id
        spec = self._registry[ledger.operation(id_).verb]
        items = list(every_item(ledger, id_, {_TAKES[self._follow]}))
        reader = Reader(spec, self._client, noted_query(ledger, id_), {})
        frames = [spec.source.to_frame([]), *self._read(reader, items)]
        current = pd.concat(frames, ignore_index=True)
        if self._follow is FollowUp.UNDO:
            plan = undo_plan(ledger, id_, current, self._registry)
        else:
            plan = retry_plan(ledger, id_, current, self._registry, now=self._now)
        # The frames read are no list of all tenants: positions in them mean nothing.
        return replace(plan, places=reader.places)

    def _read(self, reader: Reader, items: list[Item]) -> Iterator[pd.DataFrame]:
        keys = [reader.spec.read_key(item.key) for item in items]
        self.of = len({key[0] for key in keys})
        for frame in reader.current(keys):
            self.done = min(self.of, self.done + frame["tenant_code"].nunique())
            if self._stopped.is_set():
                raise Interrupted("Planning was stopped.")
            yield frame
