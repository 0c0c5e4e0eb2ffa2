"""Tables and what stands around them."""

import re
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components import formats, tables


def a_page() -> None:
    import pandas as pd  # noqa: PLC0415 - AppTest runs the text of this function alone
    import streamlit as st  # noqa: PLC0415 - AppTest runs the text of this function alone

    from dashboard.components import tables  # noqa: PLC0415 - AppTest runs the text of this function alone

    keys = pd.Series(["one", "two"])
    st.session_state["drawn"] = drawn = []
    rest_place, rows_place = st.container(), st.container()

    def rows() -> None:
        drawn.append("rows")
        with rows_place:
            tables.selection_bar(keys, "row", selection="some")

    def rest() -> None:
        drawn.append("rest")
        rest_place.text("The picture")

    if st.toggle("Rows", True, key="with_rows"):
        tables.in_order(rows, rest, selection="some")


def test_rows_are_sent_first_once_they_are_there_and_stand_where_they_stood() -> None:
    app = AppTest.from_function(a_page).run()
    assert app.session_state["drawn"] == ["rest", "rows"]
    app.run()
    assert app.session_state["drawn"] == ["rows", "rest"]
    assert [text.value for text in app.text] == ["The picture", "0 rows selected"]


def test_rows_that_come_back_do_not_push_the_rest_down() -> None:
    app = AppTest.from_function(a_page).run()
    app.toggle(key="with_rows").set_value(False).run()
    app.toggle(key="with_rows").set_value(True).run()
    assert app.session_state["drawn"] == ["rest", "rows"]


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
    root = Path(__file__).parents[2]
    plain = [
        f"{file.name}: {text}"
        for folder in ("dashboard", "pages")
        for file in (root / folder).rglob("*.py")
        for text in re.findall(r"NumberColumn\(([^()]*)\)", file.read_text(encoding="utf-8"))
        if "format=" not in text
    ]
    assert plain == []
