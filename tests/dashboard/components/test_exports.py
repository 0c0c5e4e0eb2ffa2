import codecs
import io
import json
from csv import reader
from datetime import date

import pandas as pd
import pytest

from dashboard.components import exports
from dashboard.operations import operation_results
from services.ledger import Outcome


def csv(frame: pd.DataFrame) -> str:
    return exports.to_csv(frame).decode("utf-8-sig")


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "\nx", *(f"{sign}1" for sign in exports.WIDE)],
)
def test_a_cell_a_spreadsheet_would_run_is_neutralised_in_csv(cell: str) -> None:
    frame = pd.DataFrame({"name": pd.Series([cell, "plain"], dtype="str")})
    line = csv(frame).split("\r\n")[1]
    assert line.strip('"').startswith("'")


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\x0b", "\u2028"])
def test_a_name_with_a_line_end_stays_in_its_cell(end: str) -> None:
    name = f"Acme{end}=1+1"
    frame = pd.DataFrame({"name": [name], "count": [1]})
    assert list(reader(io.StringIO(csv(frame), newline=""))) == [["name", "count"], [name, "1"]]
    assert (f'"{name}"' in csv(frame)) == (end in "\r\n")


def test_a_column_that_is_named_like_a_formula_is_neutralised() -> None:
    assert csv(pd.DataFrame({"=1+1": ["●"]})).splitlines() == ["'=1+1", "●"]


@pytest.mark.parametrize(
    ("screen", "table", "place", "name"),
    [
        ("Data versions", "dv.table", "", "data-versions-2026-11-30.csv"),
        ("Deliveries", "del.list", "", "deliveries-2026-11-30.csv"),
        (
            "Overview",
            "ov.attention",
            "Europe (test)",
            "overview-attention-Europe-test-2026-11-30.csv",
        ),
        (
            "Activity",
            "operation.items.3f2a-11",
            "WFF_k2s",
            "activity-operation-items-WFF_k2s-2026-11-30.csv",
        ),
        ("Uploads", "plan.items", "", "uploads-plan-items-2026-11-30.csv"),
        ("Jobs", "job.files.table", "", "jobs-files-2026-11-30.csv"),
    ],
)
def test_a_file_is_called_by_what_it_holds(screen: str, table: str, place: str, name: str) -> None:
    assert exports.file_name(screen, table, place, date(2026, 11, 30), "csv") == name


def test_numbers_are_not_neutralised() -> None:
    assert csv(pd.DataFrame({"count": [-1]})).splitlines() == ["count", "-1"]


def test_times_are_written_in_utc_with_milliseconds() -> None:
    times = pd.to_datetime(["2026-11-23T01:02:03.004+01:00", "NaT"]).as_unit("ms")
    frame = pd.DataFrame({"upload_time": times})
    assert csv(frame).splitlines()[1:] == ["2026-11-23T00:02:03.004Z", '""']
    assert json.loads(exports.to_json(frame)) == [
        {"upload_time": "2026-11-23T00:02:03.004Z"},
        {"upload_time": None},
    ]


def test_json_keeps_what_csv_neutralises() -> None:
    frame = pd.DataFrame({"name": pd.Series(["=1+1 é"], dtype="str")})
    assert json.loads(exports.to_json(frame)) == [{"name": "=1+1 é"}]


def test_an_empty_frame_keeps_its_columns() -> None:
    frame = pd.DataFrame({"name": pd.Series([], dtype="str")})
    assert csv(frame).strip() == "name"
    assert json.loads(exports.to_json(frame)) == []


def test_excel_is_told_that_csv_is_utf_8() -> None:
    frame = pd.DataFrame({"name": pd.Series(["Étoile"], dtype="str")})
    assert exports.to_csv(frame).startswith(codecs.BOM_UTF8)
    assert csv(frame).splitlines() == ["name", "Étoile"]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_outcomes_of_an_operation_are_exported_as_they_are_read(outcome: Outcome) -> None:
    words = operation_results.counted({outcome: 3})
    assert csv(pd.DataFrame({"outcomes": [words]})).splitlines()[1] == words
