"""Clicks that read lists first: while these are read they wait, and are carried out then.

The run of the script in which a list turns out to take long ends there, and the click with it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from dashboard import session
from services import visier
from services.clock import CLOCK

# Who has been away for longer would not know any more what they have clicked.
WAITS_FOR: Final = timedelta(minutes=2)


class _Click(NamedTuple):
    """When it was made, and when it was last found to wait."""

    at: datetime
    waited_at: datetime


def made(name: str, *, is_pressed: bool) -> datetime | None:
    """Return when a click was made that is to be carried out now: it may have waited for lists."""
    now, waiting = CLOCK.now(), _waiting()
    if is_pressed:
        waiting.setdefault(name, _Click(now, now))
    click = waiting.get(name)
    if click is None or now - click.waited_at > WAITS_FOR:
        waiting.pop(name, None)
        return now if is_pressed else None
    return click.at


@contextmanager
def carried_out(name: str) -> Iterator[None]:
    """Carry a click out; where a list is still being read it waits, whatever else ends it."""
    # Taken out first: an error must not have it carried out again.
    click = _waiting().pop(name, None)
    try:
        yield
    except visier.StillFetching:
        now = CLOCK.now()
        _waiting()[name] = _Click(click.at if click else now, now)
        raise


def _waiting() -> dict[str, _Click]:
    return session.kept("pending_clicks", dict)
