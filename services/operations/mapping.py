"""A mapping of connectors to credentials as a person writes it: read and checked row by row."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pandas as pd

COLUMNS = ("tenant", "connector", "credential")
NO_TENANT = "The tenant could not be read."
NO_CONNECTOR = "The tenant has no connector of this id or name."
NO_CREDENTIAL = "The tenant has no credential of this id or name."
SEVERAL = "The tenant has several {noun}s of this name: give the id."
TWICE = "Row {row} names the same connector of this tenant."
MISSING = "A tenant, a connector and a credential belong in every row."


class Row(NamedTuple):
    """One row: its number in the text, from 1, and what is written in it."""

    number: int
    tenant: str
    connector: str
    credential: str


class Wrong(NamedTuple):
    """What is wrong with a row."""

    row: int
    text: str
    reason: str


class Checked(NamedTuple):
    """What the rows mean (tenant_code, connector_id, credential_id), and what is wrong in them."""

    mapping: pd.DataFrame
    wrong: list[Wrong]


def read_mapping(text: str) -> tuple[list[Row], list[Wrong]]:
    """Read rows of tenant, connector and credential, separated by commas, semicolons or tabs.

    The first row may name the columns, in any order. Empty rows are passed over.
    """
    places = (0, 1, 2)
    rows: list[Row] = []
    wrong: list[Wrong] = []
    for number, values in _cells(text.removeprefix("\ufeff"), wrong):
        named = _header(values)
        if named and not rows and not wrong:
            places = named
            continue
        told = [values[place] if place < len(values) else "" for place in places]
        if all(told) and len(values) >= len(COLUMNS):
            rows.append(Row(number, *told))
        else:
            wrong.append(Wrong(number, ", ".join(values), MISSING))
    return rows, wrong


def _delimiter(text: str) -> str:
    first = text.strip().partition("\n")[0]
    return max(",;\t", key=first.count)


def _cells(text: str, wrong: list[Wrong]) -> Iterator[tuple[int, list[str]]]:
    """Give the number and the cells of every row that is not empty, as far as it is CSV."""
    source = io.StringIO(text, newline="")
    reader = csv.reader(source, delimiter=_delimiter(text), skipinitialspace=True)
    try:
        for values in reader:
            stripped = [value.strip() for value in values]
            if any(stripped):
                yield reader.line_num, stripped
    except csv.Error as error:
        wrong.append(Wrong(reader.line_num, "", f"This is no CSV: {error}."))


def _header(values: Sequence[str]) -> tuple[int, int, int] | None:
    """Return where the columns are, when this row names them."""
    names = [value.lower().replace(" ", "_") for value in values]
    found = [_place(names, column) for column in COLUMNS]
    return (found[0], found[1], found[2]) if min(found) >= 0 else None


def _place(names: Sequence[str], column: str) -> int:
    accepted = {column, f"{column}_code", f"{column}_id", f"{column}_name", f"{column}id"}
    return next((place for place, name in enumerate(names) if name in accepted), -1)


def check(rows: Sequence[Row], connectors: pd.DataFrame, credentials: pd.DataFrame) -> Checked:
    """Say what the rows mean in these lists of their tenants; ids and display names are known.

    Nothing of a mapping should be sent while any row is wrong.
    """
    read = set(connectors["tenant_code"]) | set(credentials["tenant_code"])
    known = {
        "connector": _by_word(connectors, "connector_id"),
        "credential": _by_word(credentials, "credential_id"),
    }
    first: dict[tuple[str, str], int] = {}
    meant: list[tuple[str, str, str]] = []
    wrong: list[Wrong] = []
    for row in rows:
        connector = known["connector"].get((row.tenant, row.connector), [])
        credential = known["credential"].get((row.tenant, row.credential), [])
        reason = _reason(row.tenant in read, connector, credential)
        if not reason:
            pair = row.tenant, connector[0]
            before = first.setdefault(pair, row.number)
            reason = "" if before == row.number else TWICE.format(row=before)
            meant.append((*pair, credential[0]))
        if reason:
            wrong.append(Wrong(row.number, ", ".join(row[1:]), reason))
    columns = ["tenant_code", "connector_id", "credential_id"]
    return Checked(pd.DataFrame(meant, columns=columns, dtype="str"), wrong)


def _reason(is_read: bool, connector: Sequence[str], credential: Sequence[str]) -> str:
    if not is_read:
        return NO_TENANT
    for found, noun, none in (
        (connector, "connector", NO_CONNECTOR),
        (credential, "credential", NO_CREDENTIAL),
    ):
        if not found:
            return none
        if len(found) > 1:
            return SEVERAL.format(noun=noun)
    return ""


def _by_word(frame: pd.DataFrame, id_column: str) -> dict[tuple[str, str], list[str]]:
    """Return the ids that an id or a display name means in each tenant."""
    found: dict[tuple[str, str], list[str]] = {}
    columns = (frame[name].fillna("") for name in ("tenant_code", id_column, "display_name"))
    for code, id_, name in zip(*columns, strict=True):
        for word in {id_, name} - {""}:
            found.setdefault((code, word), []).append(id_)
    return found
