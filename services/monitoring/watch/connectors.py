"""Connectors without a working credential: read tenant by tenant, in turns, between the looks.

Visier lists the connectors and the credentials of one tenant at a time, so that only the tenants of
rules about them are read, each at most once an hour and few a minute. What was read last of each
stands in the ledger: a restart goes on where it was, and nothing counts as good that was not read.
"""

import logging
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.clock import CLOCK, Clock
from services.frames import UnexpectedResponse, connectors, credentials
from services.ledger import ConnectorReading, Ledger, Place
from services.visier import (
    Budget,
    Client,
    InvalidArgument,
    Lane,
    NotFound,
    RateLimited,
    Refused,
    VisierError,
)
from services.visier.rate_limiter import UNATTENDED_SHARE

from .schedule import CALLS_A_MINUTE

CALLS: Final = 2
"""Calls for a tenant at most: its connectors, and its credentials where one names one."""
# Of what the watch may call at all, a third, as lists may; the rest is for jobs.
SHARE: Final = 1 / 3
# Credentials change seldom, and an extraction that lacks one fails by itself.
AGAIN_AFTER: Final = timedelta(hours=1)
SOONEST: Final = 1.0  # seconds
# They concern that tenant alone: the others can still be read.
_OF_ONE_TENANT: Final = (NotFound, Refused, UnexpectedResponse, InvalidArgument)
_log = logging.getLogger("services.monitoring")

Sets = Mapping[str, Collection[str]]
Wanted = Callable[[Sequence[str]], Sets]
"""Gives, for the tenants there are, by a key of its own each set whose connectors are watched."""


def every(budget: Budget) -> timedelta:
    """Return how far apart two tenants are read."""
    a_minute = max(1.0, UNATTENDED_SHARE * (budget.minute_limit or CALLS_A_MINUTE))
    return timedelta(minutes=CALLS / (a_minute * SHARE))


def round_of(tenants: int, budget: Budget) -> timedelta:
    """Return how long it takes until each of so many tenants was read once, at the pace of now."""
    return max(AGAIN_AFTER, tenants * every(budget))


def lacks_credential(client: Client, code: str) -> bool | None:
    """Read whether a connector of a tenant has no working credential; None where it cannot be told.

    A credential works as far as the tenant lists it. Raises the errors of reading.
    """
    own = connectors.to_frame(client.iter_data_connectors(tenant_code=code), code)
    if own.empty or own["credential_id"].isna().any():
        return not own.empty
    held = credentials.to_frame(client.iter_data_connector_credentials(tenant_code=code), code)
    if own["credential_id"].isin(held["credential_id"]).all():
        return False
    # An entry without an id may be the one that is used.
    return None if held["credential_id"].isna().any() else True


class ConnectorRound:
    """Reads the connectors of the tenants that are wanted, whose turn has come first.

    Used by one thread. `trouble` says in words why none can be read, "" where they can.
    """

    def __init__(
        self,
        client: Client,
        ledger: Callable[[], Ledger],
        place: Place,
        wanted: Wanted,
        clock: Clock = CLOCK,
    ) -> None:
        self._client = client.in_lane(Lane.UNATTENDED)
        self._ledger = ledger
        self._place = place
        self._wanted = wanted
        self._clock = clock
        self._sets: Sets = {}
        self._known: dict[str, ConnectorReading] = {}
        self._is_paused = False
        self.trouble = ""

    def note_wanted(self, codes: Sequence[str]) -> None:
        """Note which of these tenants are wanted now, at each look; raises LedgerTrouble."""
        self._sets = self._wanted(codes)
        self._known = self._ledger().connector_readings.of(self._place) if self._sets else {}
        self._is_paused = False
        if not self._sets:
            self.trouble = ""

    def step(self) -> float:
        """Read one tenant if it is due; return the seconds until the next, inf without any."""
        now = self._clock.now()
        code = None if self._is_paused else self._first()
        if code is None:
            return math.inf
        known = self._known.get(code)
        if known is not None and known.tried_at + AGAIN_AFTER > now:
            return (known.tried_at + AGAIN_AFTER - now).total_seconds()
        before = known or ConnectorReading(code, now)
        try:
            lacks = lacks_credential(self._client, code)
        except RateLimited as limited:
            return max(limited.retry_after, SOONEST)
        except _OF_ONE_TENANT as error:
            _log.warning("The connectors of a tenant cannot be read: %s", type(error).__name__)
            lacks = None
        except VisierError as error:
            # It would fail for the next tenant too: the next look tries again.
            self.trouble, self._is_paused = str(error), True
            self._keep(replace(before, tried_at=now))
            return math.inf
        self.trouble = ""
        told = before if lacks is None else ConnectorReading(code, now, now, lacks)
        self._keep(replace(told, tried_at=now))
        return every(self._client.budget()).total_seconds()

    def _first(self) -> str | None:
        """Return the tenant that was asked for longest ago, first of all one that never was."""
        codes = {code for codes in self._sets.values() for code in codes}
        return min(codes, key=self._turn, default=None)

    def _turn(self, code: str) -> tuple[float, str]:
        known = self._known.get(code)
        return (known.tried_at.timestamp() if known else -math.inf), code

    def _keep(self, reading: ConnectorReading) -> None:
        self._known[reading.tenant_code] = reading
        self._ledger().connector_readings.keep(self._place, reading)

    @property
    def without(self) -> tuple[str, ...] | None:
        """The wanted tenants that lacked a credential when they were read last; None if none was.

        In the order of their codes.
        """
        codes = sorted({code for codes in self._sets.values() for code in codes})
        found = [self._known[code] for code in codes if code in self._known]
        if all(each.read_at is None for each in found):
            return None
        return tuple(each.tenant_code for each in found if each.lacks_credential)

    @property
    def read_since(self) -> dict[str, datetime]:
        """Since when each set is known, by its key; without a set that was not read whole."""
        times = {key: oldest(self._known, codes) for key, codes in self._sets.items()}
        return {key: since for key, since in times.items() if since is not None}


def oldest(known: Mapping[str, ConnectorReading], codes: Collection[str]) -> datetime | None:
    """Return when the longest unread of these tenants was read; None where one never was."""
    read = [each.read_at for code in codes if (each := known.get(code)) and each.read_at]
    return min(read) if read and len(read) == len(codes) else None
