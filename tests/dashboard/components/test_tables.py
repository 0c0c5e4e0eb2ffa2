"""Tables and what stands around them."""

import re
from pathlib import Path

import pandas as pd
import pytest

from dashboard.components import formats, tables


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["10000001", None, "5166161", "9999999"], [5166161, 9999999, 10000001]),
        (["10", "v9"], ["10", "v9"]),
        (["10", "007"], ["007", "10"]),
        (["9" * 16, "1"], ["1", "9" * 16]),
        ([], []),
    ],
)
def test_version_numbers_are_put_in_order_as_numbers(
    texts: list[str | None], shown: list[object]
) -> None:
    numbers = formats.version_numbers(pd.Series(texts, dtype="str"))
    assert numbers.sort_values().dropna().tolist() == shown


def test_a_column_of_numbers_sets_thousands_apart_or_says_how_they_are_written() -> None:
    assert "'format': '%,d'" in str(tables.count_column("Jobs"))
    root = Path(__file__).parents[3]
    plain = [
        f"{file.name}: {text}"
        for folder in ("dashboard", "pages")
        for file in (root / folder).rglob("*.py")
        for text in re.findall(r"NumberColumn\(([^()]*)\)", file.read_text(encoding="utf-8"))
        if "format=" not in text
    ]
    assert plain == []
