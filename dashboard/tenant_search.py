"""Finding tenants by code, by display name, by regular expression or by a pasted list."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

SEPARATORS = re.compile(r"[\s,;]+")
RANGE = re.compile(r"(?P<first>\S+)\.\.(?P<last>\S+)")


def code_range(first: str, last: str) -> str:
    """Return the search text that keeps the tenant codes from the first to the last."""
    return f"{first}..{last}"


@dataclass(frozen=True, slots=True)
class TenantMatch:
    """Which rows a search text keeps (`mask`), and what a person should know about it (`note`)."""

    mask: pd.Series
    note: str = ""


def match(tenant_codes: pd.Series, display_names: pd.Series, text: str) -> TenantMatch:
    """Return the rows whose tenant code or display name fits the text.

    `first..last` keeps the tenant codes from the first to the last, both included. Two or more
    words of which one is a tenant code are a pasted list of codes. Anything else is a regular
    expression, in any case; what is not a valid one is looked for as it stands.
    """
    text = text.strip()
    if not text:
        return TenantMatch(pd.Series(True, index=tenant_codes.index))
    if span := RANGE.fullmatch(text):
        return TenantMatch(tenant_codes.between(span["first"], span["last"]))
    words = set(filter(None, SEPARATORS.split(text)))
    known = words.intersection(tenant_codes.array)
    if len(words) > 1 and known:
        return TenantMatch(tenant_codes.isin(known), _unknown(words - known, len(words)))
    return _by_expression(tenant_codes, display_names, text)


def _by_expression(codes: pd.Series, names: pd.Series, text: str) -> TenantMatch:
    note = ""
    try:
        expression = re.compile(text, re.IGNORECASE)
    except re.error as error:
        expression = re.compile(re.escape(text), re.IGNORECASE)
        note = f"Not a regular expression ({error}), so searched for as it stands."
    # Each tenant has many rows: search the distinct texts only.
    return TenantMatch(_found(codes, expression) | _found(names, expression), note)


def _found(values: pd.Series, expression: re.Pattern[str]) -> pd.Series:
    codes, distinct = pd.factorize(values)
    hits = np.fromiter(
        (expression.search(value) is not None for value in distinct), bool, len(distinct)
    )
    # pandas numbers a missing value -1: let that fall on a False behind the others.
    return pd.Series(np.append(hits, False)[codes], index=values.index)


def _unknown(missing: set[str], asked: int) -> str:
    if not missing:
        return ""
    named = ", ".join(sorted(missing)[:5]) + (", …" if len(missing) > 5 else "")
    return f"{len(missing):,} of {asked:,} pasted tenant codes are not here: {named}"
