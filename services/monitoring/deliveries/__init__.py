"""Deliveries: the uploads that one batch, or one dispatching tree, brought; pure.

`membership` says which uploads came together, `made` what was made of them, `unusual` which
deliveries a person should look at first and why. `find` puts them together, `lineage` tells of each
upload which jobs it went through and which versions hold it.
"""

from .found import Deliveries, arrived_within, find
from .lineage import lineage
from .made import Made, Tie
from .membership import Confidence
from .unusual import Judgement, Reason

__all__ = [
    "Confidence",
    "Deliveries",
    "Judgement",
    "Made",
    "Reason",
    "Tie",
    "arrived_within",
    "find",
    "lineage",
]
