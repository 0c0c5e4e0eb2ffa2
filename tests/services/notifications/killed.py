"""A process that delivers, and is killed at one seam: `python killed.py URL SEAM ADDRESS`."""

import os
import signal
import sys

from pydantic import SecretStr

from services.ledger import Ledger
from services.notifications.destinations import Delivered, Destinations
from tests.services.notifications.nights import at
from tests.services.notifications.watched import Watched


class Killed(Destinations):
    """Sends, or does not, and is gone before anything can be written down."""

    def send(self, name: str, title: str, body: str) -> Delivered:
        if sys.argv[2] == "after the send":
            super().send(name, title, body)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


if __name__ == "__main__":
    sender = Killed({"hook": SecretStr(sys.argv[3])})
    Watched(Ledger(sys.argv[1]), sender=sender).deliver(at("23:00"))
