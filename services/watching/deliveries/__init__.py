"""Deliveries: the uploads that one batch, or one dispatching tree, brought; pure.

`membership` says which uploads came together, `made` what was made of them, `unusual` which
deliveries a person should look at first and why. `find` puts them together.
"""

from .found import Deliveries, find, named, versions_of
from .made import Made, Tie
from .membership import Grouping, membership
from .unusual import Judgement, Reason

__all__ = [
    "Deliveries",
    "Grouping",
    "Judgement",
    "Made",
    "Reason",
    "Tie",
    "find",
    "membership",
    "named",
    "versions_of",
]
