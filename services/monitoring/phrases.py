"""Counts and lengths of time as a person says them."""

HOUR_SECONDS = 3600
DAY_SECONDS = 24 * HOUR_SECONDS


def counted(number: int, noun: str) -> str:
    """Return `1 tenant`, `1,200 tenants`, `2 deliveries`."""
    if number == 1:
        return f"1 {noun}"
    is_ies = noun.endswith("y") and noun[-2:-1] not in "aeiou"
    return f"{number:,} {noun[:-1] + 'ies' if is_ies else noun + 's'}"


def in_words(token: str) -> str:
    """Return the token of a status or a type as it reads in a sentence: `rolled back`."""
    return token.replace("_", " ")


def duration(seconds: float) -> str:
    """Return a length of time as a person says it: `3 days`, `5 hours`, `40 minutes`.

    One below nothing, as between two clocks that differ, is none.
    """
    if seconds >= 2 * DAY_SECONDS:
        return f"{seconds / DAY_SECONDS:,.0f} days"
    if seconds >= 2 * HOUR_SECONDS:
        return f"{seconds / HOUR_SECONDS:.0f} hours"
    if seconds >= 2 * 60:
        return f"{seconds / 60:.0f} minutes"
    return counted(max(0, round(seconds)), "second")
