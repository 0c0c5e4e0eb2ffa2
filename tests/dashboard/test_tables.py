"""Tables and what stands around them."""

from streamlit.testing.v1 import AppTest


def a_page() -> None:
    import pandas as pd  # noqa: PLC0415 - AppTest runs the text of this function alone
    import streamlit as st  # noqa: PLC0415 - AppTest runs the text of this function alone

    from dashboard.ui import tables  # noqa: PLC0415 - AppTest runs the text of this function alone

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
