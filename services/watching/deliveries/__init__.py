"""Deliveries: the uploads that one batch, or one dispatching tree, brought; pure.

`membership` says which uploads came together, `made` what was made of them, `unusual` which
deliveries a person should look at first and why. `find` puts them together.
"""

from .found import Deliveries, find
from .made import Made, Tie
from .membership import Confidence
from .unusual import Judgement, Reason

__all__ = ["Confidence", "Deliveries", "Judgement", "Made", "Reason", "Tie", "find"]
