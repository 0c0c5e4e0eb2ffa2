"""Many nights together: how each went for each tenant."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.ledger import Ledger, Night, Place

from . import night, recorded
from .night import Minutes
from .states import COLUMNS, STATES, NightState, states

NIGHTS: Final = 90
_DAY: Final = timedelta(days=1)
_AT_ONCE: Final = 5
_READ: Final = (*COLUMNS, "began_at")
_UNKNOWN: Final = STATES.index(NightState.NOT_OBSERVED)

NOT_LOADED: Final = -1
NOT_LISTED: Final = -2
# What each array of a history holds where a tenant is not on record.
_UNLISTED: Final = {
    "grid": _UNKNOWN,
    "loaded": NOT_LISTED,
    "clock_began": night.NEVER,
    "clock_loaded": night.NEVER,
}

Grid = npt.NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class History:
    """The nights from the first on record to the present one, oldest first.

    `grid` has a row per tenant, in the order of `codes`, and a column per night: the place of its
    state in `STATES`. A night that is not on record is not observed for anybody, and `recorded`
    has no entry for it. `loaded` has, in the same places, how many minutes after the beginning of
    the night the tenant had loaded (rounded up), NOT_LOADED, or NOT_LISTED where it is not on
    record. `clock_began` and `clock_loaded` say by the clock when its first job of the night began
    and when it loaded: minutes of services.monitoring.watch.night.clock_minutes.
    """

    codes: pd.Index
    nights: tuple[date, ...]
    grid: Grid
    loaded: Minutes
    clock_began: Minutes
    clock_loaded: Minutes
    recorded: dict[date, Night]

    @property
    def looked_at(self) -> datetime | None:
        """When the newest night on record was looked at last."""
        return max((each.looked_at for each in self.recorded.values()), default=None)

    def of(self, codes: "pd.Series[str]") -> Grid:
        """Return the rows of these tenants; of one that is unknown, nothing was observed."""
        places = self.codes.get_indexer(pd.Index(codes))
        found = np.full((len(places), len(self.nights)), _UNKNOWN, np.int8)
        found[places >= 0] = self.grid[places[places >= 0]]
        return found


_NO_TIME: Final = np.empty((0, 0), np.int16)
NOTHING: Final = History(
    pd.Index([], dtype="str"), (), np.empty((0, 0), np.int8), _NO_TIME, _NO_TIME, _NO_TIME, {}
)


class Histories:
    """The history of one place, of which only what has changed is read again from the ledger."""

    def __init__(self, place: Place, zone: ZoneInfo) -> None:
        self._place = place
        self._zone = zone
        self._lock = threading.Lock()
        self._kept = NOTHING

    def newest(self, ledger: Callable[[], Ledger], now: datetime) -> History:
        """Return the history up to the present night; raises services.ledger.LedgerTrouble."""
        present = night.night_of(now, self._zone)
        since = present - (NIGHTS - 1) * _DAY
        with self._lock:
            listed = ledger().nights.listed(self._place, since=since, limit=NIGHTS + 1)
            found = {each.night: each for each in listed if each.night <= present}
            if not found:
                self._kept = NOTHING
            elif found != self._kept.recorded or present != self._kept.nights[-1]:
                self._kept = self._joined(ledger(), found, present, now)
            return self._kept

    def _joined(
        self, ledger: Ledger, found: dict[date, Night], present: date, now: datetime
    ) -> History:
        before = self._kept
        # What is said of a night that was under way changes when it ends, looked at or not.
        closed = before.nights[:-1] if before.nights else ()
        same = {which for which in closed if before.recorded.get(which) == found.get(which)}
        columns = {
            which: pd.DataFrame(
                {name: getattr(before, name)[:, place] for name in _UNLISTED}, before.codes
            )
            for place, which in enumerate(before.nights)
            if which in same and which in found
        }
        new = [which for which in found if which not in columns]
        codes = before.codes
        # A few at a time: the rows of all of them would be hundreds of megabytes.
        for some in (new[start : start + _AT_ONCE] for start in range(0, len(new), _AT_ONCE)):
            for which, rows in recorded.rows(ledger, self._place, some, _READ).items():
                seen = recorded.observation(found[which], rows)
                begins, ends = night.span(which, self._zone)
                told = states(seen, ends, now, is_complete=found[which].is_complete)
                own = pd.Index(rows["tenant_code"])
                # Nights hardly differ in their tenants, whose codes are most of it.
                codes = codes if own.equals(codes) else own
                columns[which] = pd.DataFrame(
                    {
                        "grid": told.cat.codes.to_numpy(np.int8),
                        "loaded": _minutes(rows["loaded_at"], begins),
                        "clock_began": night.clock_minutes(rows["began_at"], which, self._zone),
                        "clock_loaded": night.clock_minutes(rows["loaded_at"], which, self._zone),
                    },
                    codes,
                )
        return _put_together(columns, found, present)


def _minutes(times: "pd.Series[pd.Timestamp]", begins: datetime) -> Minutes:
    after = np.ceil((times - pd.Timestamp(begins)).dt.total_seconds().to_numpy() / 60)
    found: Minutes = np.where(np.isnan(after), NOT_LOADED, np.maximum(after, 0)).astype(np.int16)
    return found


def _put_together(
    columns: dict[date, pd.DataFrame], found: dict[date, Night], present: date
) -> History:
    first = min(found)
    nights = tuple(first + days * _DAY for days in range((present - first).days + 1))
    indexes = [column.index for column in columns.values()]
    codes = indexes[0] if indexes else pd.Index([], dtype="str")
    if not all(index.equals(codes) for index in indexes):
        codes = pd.Index(sorted(set().union(*indexes)), dtype="str")
    shape = len(codes), len(nights)
    cells = {
        name: np.full(shape, unlisted, np.int8 if name == "grid" else np.int16)
        for name, unlisted in _UNLISTED.items()
    }
    for place, which in enumerate(nights):
        if which in columns:
            rows = codes.get_indexer(columns[which].index)
            for name, of_all in cells.items():
                of_all[rows, place] = columns[which][name].to_numpy()
    return History(codes, nights, recorded=found, **cells)
