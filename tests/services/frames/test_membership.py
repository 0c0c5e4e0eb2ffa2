"""Membership says what pandas says, for any texts."""

import hypothesis.strategies as st
import pandas as pd
from hypothesis import given

from services.frames.membership import is_among

TEXTS = st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=12)


@given(TEXTS, st.sets(st.text(max_size=3), max_size=12))
def test_it_says_what_isin_says(texts: list[str | None], wanted: set[str]) -> None:
    series = pd.Series(texts, dtype="str", index=[f"row {n}" for n in range(len(texts))])
    expected = series.isin(wanted)
    for form in (wanted, sorted(wanted), pd.Series(sorted(wanted), dtype="str")):
        pd.testing.assert_series_equal(is_among(series, form), expected)


def test_what_is_missing_is_among_nothing() -> None:
    series = pd.Series(["a", None], dtype="str")
    assert list(is_among(series, pd.Series([None, "a"], dtype="str"))) == [True, False]
