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
    """Return a length of time in its two largest units: `12s`, `3m 12s`, `26h 4m`, `2d 3h`.

    One below nothing, as between two clocks that differ, is none.
    """
    whole = max(0, round(seconds))
    if whole >= 2 * DAY_SECONDS:
        return _in_units(whole, DAY_SECONDS, "d", HOUR_SECONDS, "h")
    if whole >= HOUR_SECONDS:
        return _in_units(whole, HOUR_SECONDS, "h", 60, "m")
    if whole >= 60:
        return _in_units(whole, 60, "m", 1, "s")
    return f"{whole}s"


def _in_units(seconds: int, large: int, its_name: str, small: int, small_name: str) -> str:
    rest = seconds % large // small
    text = f"{seconds // large:,}{its_name}"
    return f"{text} {rest}{small_name}" if rest else text
