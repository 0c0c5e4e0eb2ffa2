"""Forms that are sent once: a second press finds new fields, and is none of theirs."""

from dataclasses import dataclass
from math import inf
from time import monotonic

from dashboard import session

IMPATIENCE_SECONDS = 1.0


@dataclass
class Form:
    """A form by its number: part of the keys of fields that are used once and forgotten."""

    number: int = 0
    spent_at: float = -inf

    def spend(self, number: int) -> bool:
        """Replace the used fields of the form; return whether this was the first press.

        A second click reaches the server with the number of the first: what it asks for is done.
        """
        if number != self.number:
            return False
        self.spent_at = monotonic()
        self.number += 1
        return True

    def is_at_hand(self, number: int) -> bool:
        """Return whether it is the form on the screen, and long enough to be filled in.

        The second press of impatient hands may reach the new form, which nobody has filled in yet.
        """
        return number == self.number and monotonic() - self.spent_at >= IMPATIENCE_SECONDS


def form(name: str) -> Form:
    """Return this browser session's form of a name."""
    return session.own(Form, name)
