"""Finding tenants by code, by display name, by regular expression or by a pasted list."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import compress

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from services.frames.membership import is_among
from services.typed_text import SEARCHED_AT_MOST, clean, clean_all

# A pasted list of every code of 50,000 tenants is shorter.
LIST_AT_MOST = 2_000_000
# A pasted text without separators may be one word of any length.
QUOTED_AT_MOST = 40
SIGNS = frozenset(r".^$*+?{}[]\|()")
TOO_LONG = (
    "A text of {length:,} characters is too long: search for up to {most:,} "
    "characters, or paste a list of tenant codes."
)
NO_EXPRESSION = "No code or name contains this text, and it is not a valid regular expression."
AS_EXPRESSION = "No code or name contains this text. It is used as a regular expression."
SEPARATORS = re.compile(r"[\s,;]+")
RANGE = re.compile(r"(?P<first>\S+)\.\.(?P<last>\S+)")
QUOTES = "\"'`“”\u2018\u2019"


def code_range(first: str, last: str) -> str:
    """Return the search text that keeps the tenant codes from the first to the last."""
    return f"{first}..{last}"


def listing(codes: "pd.Series[str]") -> str:
    """Return the search text that keeps exactly these tenant codes; they are distinct."""
    return code_range(codes.iloc[0], codes.iloc[0]) if len(codes) == 1 else " ".join(codes)


@dataclass(frozen=True, slots=True)
class TenantMatch:
    """Which rows a search text keeps (`mask`), and what a person should know about it (`note`)."""

    mask: pd.Series
    note: str = ""


def match(tenant_codes: pd.Series, display_names: pd.Series, text: str) -> TenantMatch:
    """Return the rows whose tenant code or display name fits the text.

    What stands in a code or a name, in any case, is what is meant. Of all else, `first..last`
    keeps the tenant codes from the first to the last, both included. Two or more words of which
    one is a tenant code are a pasted list of codes, and so are words that all look like codes;
    quotes around a code do not matter, and an analytic tenant's own part, from "~" on, stands for
    its whole code. The rest is a regular expression (RE2), in any case.
    """
    text = clean(text)
    if not text:
        return TenantMatch(pd.Series(True, index=tenant_codes.index))
    is_short = len(text) <= SEARCHED_AT_MOST
    if is_short and (literal := holds(tenant_codes, text) | holds(display_names, text)).any():
        return TenantMatch(literal)
    if len(text) <= LIST_AT_MOST and (listed := _listed(tenant_codes, text)):
        return listed
    if is_short:
        return _by_expression(tenant_codes, display_names, text)
    note = TOO_LONG.format(length=len(text), most=SEARCHED_AT_MOST)
    return TenantMatch(_nothing(tenant_codes), note)


def _listed(tenant_codes: pd.Series, text: str) -> TenantMatch | None:
    """Return the tenants that a range or a list of codes names; None for any other text."""
    distinct = tenant_codes.dropna().drop_duplicates()
    administrating = _administrating(distinct)
    if span := RANGE.fullmatch(text):
        first, last = sorted(_end(word, administrating) for word in span.groups())
        return TenantMatch(tenant_codes.between(first, last))
    words = {word.strip(QUOTES) for word in SEPARATORS.split(text)} - {""}
    known = _known(words, administrating, distinct)
    if _is_list(words, known, text):
        wanted = [_whole(word, administrating) for word in known]
        return TenantMatch(is_among(tenant_codes, wanted), _unknown(words - known, len(words)))
    return None


def _administrating(codes: Iterable[str]) -> str:
    """Return the part before "~", which all analytic tenants share, or "" when there is none."""
    return next((code.partition("~")[0] for code in codes if "~" in code), "")


def _whole(word: str, administrating: str) -> str:
    return administrating + word if word.startswith("~") else word


def _known(words: Iterable[str], administrating: str, codes: pd.Series) -> set[str]:
    # Among Arrow's texts: taking 50,000 of them out, one by one, would be waited for.
    whole = {word: _whole(word, administrating) for word in words}
    among = is_among(pd.Series(list(whole.values()), dtype="str"), codes)
    return set(compress(whole, among))


def _end(word: str, administrating: str) -> str:
    """Return the code that an end of a range means; there, "~" may be left out as well."""
    word = word.strip(QUOTES)
    is_own_part = "~" not in word and not word.startswith(administrating)
    return _whole(f"~{word}" if is_own_part else word, administrating)


def _is_list(words: set[str], known: set[str], text: str) -> bool:
    if len(words) < 2:
        return bool(known) and text not in words
    return bool(known) or all("~" in word or word.startswith("WFF_") for word in words)


def _nothing(codes: pd.Series) -> "pd.Series[bool]":
    return pd.Series(False, index=codes.index)


def holds(values: pd.Series, text: str) -> "pd.Series[bool]":
    """Return which values hold a cleaned text, in any case, however their accents are composed."""
    return _found(values, text, pc.match_substring)


def _by_expression(codes: pd.Series, names: pd.Series, text: str) -> TenantMatch:
    if SIGNS.isdisjoint(text):
        return TenantMatch(_nothing(codes))
    try:
        in_codes, in_names = (
            _found(each, text, pc.match_substring_regex) for each in (codes, names)
        )
    except pa.ArrowInvalid:
        return TenantMatch(_nothing(codes), NO_EXPRESSION)
    return TenantMatch(in_codes | in_names, AS_EXPRESSION)


def _found(values: pd.Series, text: str, fits: Callable[..., pa.Array]) -> "pd.Series[bool]":
    # Each tenant has many rows: search the distinct texts only. Arrow's expressions take linear
    # time whatever they are; those of Python can hold up everyone for hours.
    codes, distinct = pd.factorize(values)
    texts = clean_all(pa.array(distinct, pa.large_string()))
    hits = fits(texts, text, ignore_case=True)
    # pandas numbers a missing value -1: let that fall on a False behind the others.
    return pd.Series(np.append(hits.to_numpy(zero_copy_only=False), False)[codes], values.index)


def _unknown(missing: set[str], asked: int) -> str:
    if not missing:
        return ""
    first = (word[:QUOTED_AT_MOST] for word in sorted(missing)[:5])
    named = ", ".join(first) + (", …" if len(missing) > 5 else "")
    return f"{len(missing):,} of {asked:,} pasted tenant codes not found: {named}"
