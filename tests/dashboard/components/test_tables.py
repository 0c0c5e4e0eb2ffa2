"""Tables and what stands around them."""

import re
from pathlib import Path

import pandas as pd
import pytest
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.elements import arrow
from streamlit.proto.ArrowData_pb2 import ArrowData
from streamlit.testing.v1 import AppTest

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


def test_times_and_lengths_are_said_in_words_over_values_that_sort() -> None:
    times = pd.Series(["2026-11-30T08:21:07Z", None]).astype("datetime64[ms, UTC]")
    rows = pd.DataFrame({"at": times, "age": [192.0, 12.0], "jobs": [1, 2]})
    columns: tables.Columns = {
        "at": tables.time_column("At"),
        "age": tables.age_column(),
        "jobs": tables.count_column("Jobs"),
    }
    drawn = tables.said(rows, columns)
    proto = ArrowData()
    vars(arrow)["marshall_styler"](proto, drawn["data"], "of this test")
    texts = convert_arrow_bytes_to_pandas_df(proto.styler.display_values)
    assert texts["age"].tolist() == ["3m 12s", "12s"]
    assert texts["at"].notna().tolist() == [True, False]
    assert texts["jobs"].isna().all()
    assert drawn["data"].data is rows
    own = {name: each["type_config"].get("format") for name, each in drawn["column_config"].items()}
    # What has a format of its own shows no other words.
    assert own == {"at": None, "age": None, "jobs": "%,d"}


def test_a_table_without_times_is_drawn_as_it_is() -> None:
    rows = pd.DataFrame({"jobs": [1]})
    assert tables.said(rows, {"jobs": "Jobs"})["data"] is rows


def test_the_name_of_a_tenant_comes_first_and_an_unknown_one_leaves_the_code_alone() -> None:
    rows = pd.DataFrame({"tenant_code": ["a~b", "a~c"], "tenant_name": ["Europa", ""]})
    assert [*tables.tenant_columns(rows)] == ["tenant_name", "tenant_code"]
    assert [*tables.tenant_columns(rows[1:])] == ["tenant_code"]
    assert [*tables.tenant_columns(rows[["tenant_code"]])] == ["tenant_code"]
    # Exports have both columns, whatever is known.
    shown = tables.tenant_columns(rows[1:])
    assert tables.exported(rows, shown) == ["tenant_name", "tenant_code"]


def test_a_table_in_which_nothing_changes_is_not_sent_a_second_time() -> None:
    def script() -> None:
        import pandas as pd  # noqa: PLC0415 - AppTest runs the source of this function alone

        from dashboard.components import tables  # noqa: PLC0415

        frame = pd.DataFrame({"key": ["one", "two"], "name": ["One", "Two"]})
        tables.rows(frame, {"name": "Name"}, key="names", opens="name")

    app = AppTest.from_function(script).run()
    first = app.dataframe[0].proto.SerializeToString()
    assert app.run().dataframe[0].proto.SerializeToString() == first
