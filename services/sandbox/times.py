"""Times as Visier writes them: `2019-10-02T20:35:21.420Z`, always UTC.

Strings of this one form sort like the times they stand for, so that is what the models keep.
"""

from datetime import UTC, datetime

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def iso(milliseconds: float) -> str:
    """Write an epoch time in milliseconds as `YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    moment = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    return moment.isoformat(timespec="milliseconds")[:23] + "Z"


def parse(value: object) -> str:
    """Read ISO 8601 with or without a zone (none is UTC) or epoch milliseconds, as `iso` does.

    Raises ValueError when the value is neither.
    """
    text = str(value).strip()
    if text.lstrip("-").isdigit():
        try:
            return iso(int(text))
        except (OverflowError, OSError) as error:
            raise ValueError(f"out of range: {text}") from error
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"
