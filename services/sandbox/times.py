"""Times as Visier writes them: `2019-10-02T20:35:21.420Z`, always UTC.

The models keep such strings, since they sort like the times they are.
"""

from datetime import UTC, datetime

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def iso(milliseconds: float) -> str:
    """Return epoch milliseconds as `YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    moment = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    return moment.isoformat(timespec="milliseconds")[:23] + "Z"


def parse(value: object) -> str:
    """Return ISO 8601, with or without a zone (UTC), or epoch milliseconds, as `iso` writes it.

    Raises ValueError for anything else.
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
