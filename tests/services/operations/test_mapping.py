"""A mapping of connectors to credentials, row by row."""

import codecs

import pandas as pd
import pytest

from dashboard.components import exports
from services.operations.credentials.mapping import (
    DISAGREE,
    LINES_AT_MOST,
    MISSING,
    NO_COLUMN,
    NOT_CLOSED,
    TOO_LONG,
    TOO_MANY_CELLS,
    TOO_MANY_LINES,
    Row,
    Wrong,
    check,
    decoded,
    read_mapping,
)

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


def meant(rows: list[Row]) -> list[tuple[str, str, str]]:
    return [(row.tenant, row.connector, row.credential) for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        "t~a,c1,k1\nt~b,c1,k2",
        "tenant_code,connector_id,credential_id\nt~a,c1,k1\nt~b,c1,k2\n",
        "\ufeffTenant;Connector;Credential\r\nt~a;c1;k1\r\n\r\nt~b;c1;k2",
        "credential\ttenant\tconnector\nk1\tt~a\tc1\nk2\tt~b\tc1",
        ' "t~a" , c1, k1 \n,,\nt~b,c1,k2',
        "tenantCode,connectorId,credentialId\nt~a,c1,k1\nt~b,c1,k2",
        "TENANT-CODE;Connector ID;CREDENTIAL_ID\nt~a;c1;k1\nt~b;c1;k2",
        "sep=;\r\nt~a;c1;k1\r\nt~b;c1;k2\r\n",
        "sep=\t\ntenant\tconnector\tcredential\nt~a\tc1\tk1\nt~b\tc1\tk2",
        "\u200bt~a,c1\u00a0,k1\ufeff\nt~b,c1,k2,,",
        "note;tenant;connector;credential\nx;t~a;c1;k1\ny;t~b;c1;k2",
    ],
)
def test_a_mapping_is_read_as_people_have_it(text: str) -> None:
    rows, wrong = read_mapping(text)
    assert wrong == []
    assert meant(rows) == [("t~a", "c1", "k1"), ("t~b", "c1", "k2")]


def test_rows_are_numbered_as_in_the_file() -> None:
    rows, wrong = read_mapping("tenant,connector,credential\n\nt~a,c1\nt~b,c1,k2\n")
    assert [(each.row, each.reason) for each in wrong] == [(3, MISSING)]
    assert rows == [Row(4, "t~b", "c1", "k2")]
    rows, wrong = read_mapping("sep=;\n\nt~a;c1\nt~b;c1;k2\n")
    assert [(each.row, each.reason) for each in wrong] == [(3, MISSING)]
    assert rows == [Row(4, "t~b", "c1", "k2")]


def test_a_delimiter_in_quotes_does_not_count() -> None:
    rows, wrong = read_mapping('"Acme, Inc, Ltd";c1;"a,b,c"\nt~b;c1;k2')
    assert wrong == []
    assert meant(rows)[0] == ("Acme, Inc, Ltd", "c1", "a,b,c")


@pytest.mark.parametrize(
    ("text", "row", "reason"),
    [
        (f"{'t' * 256},c1,k1", 1, TOO_LONG),
        ("t~a,c1,Acme, Inc", 1, TOO_MANY_CELLS.format(delimiter=",")),
        ("tenant,connector,credential\nt~a,c1,k1,x", 2, TOO_MANY_CELLS.format(delimiter=",")),
        ('t~a,c1,k1\nt~b,"c1,k2\nt~b,c1,k2', 2, NOT_CLOSED),
        ("tenant_code,connector_id\nt~a,c1", 1, NO_COLUMN.format(missing="credential")),
        ("connectorId,credentialId,code\nc1,k1,t~a", 1, NO_COLUMN.format(missing="tenant")),
        ("t~a,c1,k1\n" + "t~b,c1,k2\n" * LINES_AT_MOST, LINES_AT_MOST + 1, TOO_MANY_LINES),
        ("\n" * 5_000_000, LINES_AT_MOST + 1, TOO_MANY_LINES),
    ],
    ids=[
        "cells",
        "tenant",
        "cells below a head",
        "quote",
        "no column",
        "no tenant",
        "lines",
        "empty lines",
    ],
)
def test_what_cannot_be_read_is_refused_with_its_row_and_what_to_change(
    text: str, row: int, reason: str
) -> None:
    _, wrong = read_mapping(text)
    assert (wrong[0].row, wrong[0].reason) == (row, reason)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_encodings_spreadsheets_write(encoding: str) -> None:
    text = "t~a;Müller \N{EN DASH} Büro;Étoile"
    assert decoded(text.encode(encoding)) == text
    assert decoded(b"") == ""
    assert decoded(codecs.BOM_UTF16_BE + text.encode("utf-16-be")) == text


def test_what_is_no_text_at_all_is_read_without_an_error() -> None:
    rows, wrong = read_mapping(decoded(bytes(range(256)) * 100))
    assert rows == []
    assert wrong


EXPORTED = {
    "tenant_code": ["t~a", "t~b"],
    "tenant_name": ["A", "B"],
    "display_name": ["UKG", "UKG"],
    "link_word": ["✓ Linked"] * 2,
    "credential_name": ["Main", "Other"],
    "data_provider": ["UKG", "UKG"],
    "credential_id": ["k1", "k2"],
    "connector_id": ["c1", "c1"],
}


def exported(**changed: list[str]) -> tuple[list[Row], list[Wrong]]:
    frame = pd.DataFrame(EXPORTED | changed, dtype="str")
    return read_mapping(decoded(exports.to_csv(frame)))


def test_what_was_exported_is_read_by_its_ids() -> None:
    rows, wrong = exported()
    assert wrong == []
    found = check(rows, CONNECTORS, CREDENTIALS)
    assert found.wrong == []
    assert found.mapping.to_numpy().tolist() == [["t~a", "c1", "k1"], ["t~b", "c1", "k2"]]


def test_a_row_whose_id_and_name_disagree_is_refused() -> None:
    rows, _ = exported(credential_id=["k1", "k1"])
    (wrong,) = check(rows, CONNECTORS, CREDENTIALS).wrong
    assert (wrong.row, wrong.reason) == (3, DISAGREE.format(noun="credential", name="Main"))


def test_an_empty_id_leaves_it_to_the_name_and_an_empty_name_to_the_id() -> None:
    rows, _ = exported(credential_id=["", "k1"], credential_name=["Main", ""])
    found = check(rows, CONNECTORS, CREDENTIALS)
    assert found.wrong == []
    assert found.mapping.to_numpy().tolist() == [["t~a", "c1", "k1"], ["t~b", "c1", "k1"]]


def test_an_id_counts_before_a_name_that_is_the_same() -> None:
    twin = pd.DataFrame([("t~a", "k9", "k1")], columns=CREDENTIALS.columns, dtype="str")
    found = check([Row(1, "t~a", "c1", "k1")], CONNECTORS, pd.concat([CREDENTIALS, twin]))
    assert found.mapping.to_numpy().tolist() == [["t~a", "c1", "k1"]]


def test_what_a_spreadsheet_would_run_comes_back_as_it_was() -> None:
    rows, _ = exported(connector_id=["-c1", "=c2"])
    assert [row.connector for row in rows] == ["-c1", "=c2"]


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
    assert "Invalid CSV" in wrong.reason
