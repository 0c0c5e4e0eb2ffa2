"""What the headers of an answer say about the call budget of its API key.

Source: the API documentation's page on rate limits (X-RateLimit-*); Retry-After is not documented.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .protocol import whole_number

# A number or a date: longer is no header of limits.
_LONGEST_HEADER = 100
# Visier allows 6,000 an hour; what is far above is a slip, and would switch off the limit.
_MOST_CALLS = 100_000
# Ten years: a longer wait overflows what adds it to a date.
_LONGEST_ASKED = 10 * 365 * 86_400.0


@dataclass(frozen=True)
class RateLimitHeaders:
    """The call budget as an answer states it; None where it does not.

    ``minute_left`` and ``hour_left`` are the seconds until the server's minute and hour end, by
    the clock in its own Date header; ``retry_after`` is in seconds too.
    """

    minute_limit: int | None = None
    minute_remaining: int | None = None
    hour_limit: int | None = None
    hour_remaining: int | None = None
    retry_after: float | None = None
    minute_left: float | None = None
    hour_left: float | None = None


def rate_limit_headers(headers: Mapping[str, str]) -> RateLimitHeaders:
    """Read the rate-limit headers, Retry-After (seconds or a date) and the server's Date.

    An implausible header counts as absent; the others still count.
    """
    date = _date(headers.get("date"))
    return RateLimitHeaders(
        minute_limit=_calls(headers.get("x-ratelimit-limit-minute")),
        minute_remaining=_calls(headers.get("x-ratelimit-remaining-minute")),
        hour_limit=_calls(headers.get("x-ratelimit-limit-hour")),
        hour_remaining=_calls(headers.get("x-ratelimit-remaining-hour")),
        retry_after=_retry_after(headers.get("retry-after"), date),
        # No header says when a window ends; the windows begin with the server's minute and hour.
        minute_left=60.0 - date.second if date else None,
        hour_left=3600.0 - 60 * date.minute - date.second if date else None,
    )


def _calls(text: str | None) -> int | None:
    count = whole_number(text)
    return count if count is not None and count <= _MOST_CALLS else None


def _retry_after(text: str | None, now: datetime | None) -> float | None:
    if text and text.isascii() and text.strip().isdecimal():
        # However many digits there are, they ask to wait.
        return min(float(text), _LONGEST_ASKED)
    until = _date(text)
    if not until or not now:
        return None
    return min(max(0.0, (until - now).total_seconds()), _LONGEST_ASKED)


def _date(text: str | None) -> datetime | None:
    if not text or len(text) > _LONGEST_HEADER:
        return None
    try:
        date = parsedate_to_datetime(text)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
