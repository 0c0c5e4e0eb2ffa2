"""A mapping of connectors to credentials, row by row."""

import pandas as pd
import pytest

from services.operations.mapping import MISSING, Row, check, read_mapping

CONNECTORS = pd.DataFrame(
    [
        ("t~a", "c1", "UKG", None),
        ("t~a", "c2", "Same", None),
        ("t~a", "c3", "Same", None),
        ("t~b", "c1", "UKG", "k1"),
    ],
    columns=["tenant_code", "connector_id", "display_name", "credential_id"],
    dtype="str",
)
CREDENTIALS = pd.DataFrame(
    [("t~a", "k1", "Main"), ("t~b", "k1", "Main"), ("t~b", "k2", "Other")],
    columns=["tenant_code", "credential_id", "display_name"],
    dtype="str",
)


@pytest.mark.parametrize(
    "text",
    [
        "t~a,c1,k1\nt~b,c1,k2",
        "tenant_code,connector_id,credential_id\nt~a,c1,k1\nt~b,c1,k2\n",
        "\ufeffTenant;Connector;Credential\r\nt~a;c1;k1\r\n\r\nt~b;c1;k2",
        "credential\ttenant\tconnector\nk1\tt~a\tc1\nk2\tt~b\tc1",
        ' "t~a" , c1, k1 \n,,\nt~b,c1,k2',
    ],
)
def test_a_mapping_is_read_as_people_have_it(text: str) -> None:
    rows, wrong = read_mapping(text)
    assert wrong == []
    assert [row[1:] for row in rows] == [("t~a", "c1", "k1"), ("t~b", "c1", "k2")]


def test_rows_are_numbered_as_in_the_file() -> None:
    rows, wrong = read_mapping("tenant,connector,credential\n\nt~a,c1\nt~b,c1,k2\n")
    assert [(each.row, each.reason) for each in wrong] == [(3, MISSING)]
    assert rows == [Row(4, "t~b", "c1", "k2")]


def test_ids_and_names_are_both_known() -> None:
    rows, _ = read_mapping("t~a,UKG,Main\nt~b,c1,Other")
    found = check(rows, CONNECTORS, CREDENTIALS)
    assert found.wrong == []
    assert found.mapping.to_numpy().tolist() == [["t~a", "c1", "k1"], ["t~b", "c1", "k2"]]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("t~x,c1,k1", "could not be read"),
        ("t~a,c9,k1", "no connector"),
        ("t~a,c1,k2", "no credential"),
        ("t~a,Same,k1", "several connectors"),
        ("t~b,UKG,k1", "Row 1 names the same connector"),
    ],
)
def test_every_wrong_row_is_named_with_its_reason(line: str, words: str) -> None:
    rows, _ = read_mapping(f"t~b,c1,k2\n{line}")
    (wrong,) = check(rows, CONNECTORS, CREDENTIALS).wrong
    assert wrong.row == 2
    assert words in wrong.reason


def test_what_is_no_csv_is_said_to_be_none() -> None:
    _, (wrong,) = read_mapping("t~b,c1,k2\nt~a,c1," + "k" * 200_000)
    assert wrong.row == 2
    assert "no CSV" in wrong.reason
