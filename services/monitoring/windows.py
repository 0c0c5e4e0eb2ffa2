"""Windows of time in which jobs started, and how they are split for reading."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
# A job that has just started may carry the time of a clock that is ahead of ours.
AHEAD = timedelta(minutes=5)
# A night that is open on a screen until the next midnight is one piece.
LEFT_OVER: Final = timedelta(hours=6) + AHEAD
# Nightly loads begin after it.
EVENING: Final = time(18)

Span: TypeAlias = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Recent:
    """The last `length` of time, seen from any now."""

    length: timedelta

    def span(self, now: datetime) -> Span:
        """Return its first and last time, seen from now."""
        return now - self.length, now + AHEAD


@dataclass(frozen=True, slots=True)
class Between:
    """From one time to another, both with their zone."""

    since: datetime
    until: datetime

    def span(self, _now: datetime) -> Span:
        """Return the two times."""
        return self.since, self.until


@dataclass(frozen=True, slots=True)
class Since:
    """From one time, with its zone, to now."""

    since: datetime

    def span(self, now: datetime) -> Span:
        """Return that time and the last one seen from now."""
        return self.since, max(now, self.since) + AHEAD


Window: TypeAlias = Recent | Between | Since


def last_night(now: datetime, zone: ZoneInfo) -> Since:
    """Return the time since the evening before, as the clocks of the zone have it."""
    yesterday = now.astimezone(zone).date() - DAY
    return Since(datetime.combine(yesterday, EVENING, zone).astimezone(UTC))


def split_span(since: datetime, until: datetime, step: timedelta = DAY) -> list[Span]:
    """Split a span into pieces of at most `step`, oldest first; a span without length is one piece.

    What is left over beyond the last whole step by no more than `LEFT_OVER` stays with it.
    """
    pieces = []
    while until - since > step + LEFT_OVER:
        pieces.append((since, since + step))
        since += step
    return [*pieces, (since, until)]
