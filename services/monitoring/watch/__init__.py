"""The unattended watch: it looks while nobody does, and records each night.

`watching` holds the lease, looks and records, `look` reads through the API when `schedule` says so,
`night` makes rows of what was read and `totals` sums it up, `states` says how a night went for each
tenant, and `recorded` reads nights back from the ledger.
"""

from .look import Part
from .observation import NIGHT_SCHEMA, NightFacts, Observation, UnusualDelivery
from .states import NightState, states
from .watching import WatchedPlace, Watching, WatchStatus

__all__ = [
    "NIGHT_SCHEMA",
    "NightFacts",
    "NightState",
    "Observation",
    "Part",
    "UnusualDelivery",
    "WatchStatus",
    "WatchedPlace",
    "Watching",
    "states",
]
