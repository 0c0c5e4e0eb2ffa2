"""Counts and lengths of time as a person says them."""

HOUR_SECONDS = 3600
DAY_SECONDS = 24 * HOUR_SECONDS
# On average: what is as long is only said about.
MONTH_SECONDS = 2_629_746
YEAR_SECONDS = 12 * MONTH_SECONDS
# From two of a unit on it is said in it.
_RHYTHMS = {
    "year": YEAR_SECONDS,
    "month": MONTH_SECONDS,
    "week": 7 * DAY_SECONDS,
    "day": DAY_SECONDS,
    "hour": HOUR_SECONDS,
    "minute": 60,
}
# A load that comes every night at about the same time comes every day.
_ABOUT = 0.1


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
    """Return a length of time in its two largest units: `12s`, `26h 4m`, `2d 3h`, `4y 1mo`.

    One below nothing, as between two clocks that differ, is none.
    """
    whole = max(0, round(seconds))
    if whole >= 2 * YEAR_SECONDS:
        return _in_units(whole, YEAR_SECONDS, "y", MONTH_SECONDS, "mo")
    if whole >= 2 * DAY_SECONDS:
        return _in_units(whole, DAY_SECONDS, "d", HOUR_SECONDS, "h")
    if whole >= HOUR_SECONDS:
        return _in_units(whole, HOUR_SECONDS, "h", 60, "m")
    if whole >= 60:
        return _in_units(whole, 60, "m", 1, "s")
    return f"{whole}s"


def rhythm(seconds: float) -> str:
    """Return how often something comes, after the word "every": `day`, `12 hours`, `4 years`.

    That is about: exactly it is said by `duration`.
    """
    for noun, length in _RHYTHMS.items():
        count = seconds / length
        if abs(count - 1) <= _ABOUT:
            return noun
        # Between are those that no larger unit fits: ten days are not a week and a half.
        is_whole = abs(count - round(count)) <= _ABOUT * count / 2
        if count >= 2 and (is_whole or noun in {"year", "month", "day", "minute"}):
            return counted(round(count), noun)
    return duration(seconds)


def _in_units(seconds: int, large: int, its_name: str, small: int, small_name: str) -> str:
    rest = seconds % large // small
    text = f"{seconds // large:,}{its_name}"
    return f"{text} {rest}{small_name}" if rest else text
