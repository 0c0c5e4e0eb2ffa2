"""Counts and lengths of time as a person says them."""

HOUR_SECONDS = 3600
DAY_SECONDS = 24 * HOUR_SECONDS


def counted(number: int, noun: str) -> str:
    """Return `1 tenant`, `1,200 tenants`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """Return a length of time as a person says it: `3 days`, `5 hours`, `40 minutes`."""
    if seconds >= 2 * DAY_SECONDS:
        return f"{seconds / DAY_SECONDS:.0f} days"
    if seconds >= 2 * HOUR_SECONDS:
        return f"{seconds / HOUR_SECONDS:.0f} hours"
    if seconds >= 2 * 60:
        return f"{seconds / 60:.0f} minutes"
    return counted(round(seconds), "second")
