"""What the watch reports: rules, incidents, and messages to people.

`Episodes.look` turns what was observed into incidents and planned messages, `Delivery.deliver`
sends what is due.
"""

from .episodes import Episodes
from .outbox import Delivery

__all__ = ["Delivery", "Episodes"]
