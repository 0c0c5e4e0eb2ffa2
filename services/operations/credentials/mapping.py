"""A CSV of connectors and their credentials: parsed and checked row by row."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import pandas as pd

from services.typed_text import NAMED_AT_MOST, clean

COLUMNS = ("tenant", "connector", "credential")
# One line for each tenant of the largest administrating tenant.
LINES_AT_MOST = 50_000
NO_TENANT = "The tenant could not be read."
NO_CONNECTOR = "The tenant has no connector with this id or name."
NO_CREDENTIAL = "The tenant has no credential with this id or name."
SEVERAL = "The tenant has several {noun}s with this name. Enter the id."
TWICE = "Row {row} names the same connector of this tenant."
MISSING = "Every row needs a tenant, a connector and a credential."
DISAGREE = "This {noun} id belongs to “{name}”. Correct the id or the name, or leave one empty."
TOO_MANY_CELLS = "This row has more cells than columns. Quote a name that contains “{delimiter}”."
TOO_LONG = f"A tenant code has at most {NAMED_AT_MOST} characters. Correct or remove it."
NOT_CLOSED = "A quotation mark is not closed."
NO_COLUMN = "No column is named {missing}. Add it to this header row."
TOO_MANY_LINES = f"At most {LINES_AT_MOST:,} lines at once. Split the mapping."

# The apostrophe that our exports put before a cell that a spreadsheet would run as a formula.
_NEUTRALISED: Final = re.compile(r"\A'(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
_QUOTED: Final = re.compile(r'"[^"]*"')
_SEPARATOR: Final = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_BY_NAME: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "tenant": ("tenantcode", "tenantid", "tenant"),
        "connector": ("connectorid", "dataconnectorid", "connector", "dataconnector"),
        "credential": ("credentialid", "connectorcredentialid", "credential"),
        "connector_name": ("connectorname", "dataconnectorname"),
        "credential_name": ("credentialname", "connectorcredentialname"),
    }
)
"""What a column may be called, without case, spaces, `_` and `-`; the best first."""
_SURELY_A_HEADER: Final = frozenset(
    name for names in _BY_NAME.values() for name in names if name.endswith(("id", "code", "name"))
)


class Row(NamedTuple):
    """One row: its line number in the text, from 1, and its cells.

    The names are from columns of their own beside the ids, otherwise empty.
    """

    number: int
    tenant: str
    connector: str
    credential: str
    connector_name: str = ""
    credential_name: str = ""


class Wrong(NamedTuple):
    """A row that cannot be used, and the reason as a sentence."""

    row: int
    text: str
    reason: str


class Checked(NamedTuple):
    """The mapping of the rows (tenant_code, connector_id, credential_id), and the wrong ones."""

    mapping: pd.DataFrame
    wrong: list[Wrong]


def decoded(content: bytes) -> str:
    """Return the text of a file: UTF-16 by its byte order mark, UTF-8, or Windows-1252.

    Excel writes each of them, depending on its version and on what is chosen when saving.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read_mapping(text: str) -> tuple[list[Row], list[Wrong]]:
    """Return rows of tenant, connector and credential, separated by commas, semicolons or tabs.

    The first row may name the columns, in any order and spelling, with ids and names side by side;
    other columns and empty rows are skipped. A line `sep=;`, as Excel writes it, may come before.
    """
    rows: list[Row] = []
    wrong: list[Wrong] = []
    places: dict[str, int] | None = None
    width = len(COLUMNS)
    text, skipped, delimiter = _without_separator(text.removeprefix("\ufeff"))
    for number, values in _cells(text, delimiter, skipped, wrong):
        if places is None:
            places = _header(values)
            if places:
                width = len(values)
                has_column = {*places, *(name.removesuffix("_name") for name in places)}
                if missing := [name for name in COLUMNS if name not in has_column]:
                    reason = NO_COLUMN.format(missing=" or ".join(missing))
                    return [], [Wrong(number, ", ".join(values), reason)]
                continue
            places = {name: place for place, name in enumerate(COLUMNS)}
        row = _row(number, values, places)
        if reason := _unreadable(row, values[width:], delimiter):
            wrong.append(Wrong(number, ", ".join(values), reason))
        else:
            rows.append(row)
    return rows, wrong


def _without_separator(text: str) -> tuple[str, int, str]:
    """Return the text without a line `sep=`, how many lines that removed, and the delimiter."""
    first, _, rest = text.partition("\n")
    if named := _SEPARATOR.fullmatch(first):
        return rest, 1, named[1]
    first_filled = text.lstrip().partition("\n")[0]
    # A delimiter within quotation marks is text.
    outside = _QUOTED.sub("", first_filled)
    return text, 0, max(",;\t", key=outside.count)


def _cells(
    text: str, delimiter: str, skipped: int, wrong: list[Wrong]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and the cells of each row that is not empty; note a CSV error."""
    # Untranslated: csv itself reads line ends within quotation marks.
    source = io.StringIO(text, newline="")
    reader = csv.reader(source, delimiter=delimiter, skipinitialspace=True)
    number = skipped + 1
    try:
        for values in reader:
            if number > LINES_AT_MOST:
                wrong.insert(0, Wrong(number, "", TOO_MANY_LINES))
                return
            stripped = [clean(value) for value in values]
            if any(stripped):
                yield number, [_NEUTRALISED.sub("", value) for value in stripped]
            number = skipped + reader.line_num + 1
    except csv.Error as error:
        wrong.append(Wrong(number, "", f"Invalid CSV: {error}."))


def _header(values: Sequence[str]) -> dict[str, int]:
    """Return the positions of the columns, when this row names them; empty otherwise."""
    names = [re.sub(r"[\s_-]", "", value).casefold() for value in values]
    is_header = (
        # One name may be a connector's; a tenant column, or two sure names, are a header.
        not {*names}.isdisjoint(_BY_NAME["tenant"])
        or len(_SURELY_A_HEADER.intersection(names)) >= 2
    )
    if not is_header:
        return {}
    found = {
        column: next((names.index(name) for name in accepted if name in names), -1)
        for column, accepted in _BY_NAME.items()
    }
    return {column: place for column, place in found.items() if place >= 0}


def _row(number: int, values: Sequence[str], places: Mapping[str, int]) -> Row:
    fields = {column: values[place] for column, place in places.items() if place < len(values)}
    connector_name, credential_name = (
        fields.get("connector_name", ""),
        fields.get("credential_name", ""),
    )
    connector, credential = fields.get("connector", ""), fields.get("credential", "")
    return Row(
        number,
        fields.get("tenant", ""),
        connector or connector_name,
        credential or credential_name,
        connector_name if connector else "",
        credential_name if credential else "",
    )


def _unreadable(row: Row, beyond: Sequence[str], delimiter: str) -> str:
    """Return why a row cannot be read, "" when it can."""
    # No code, id or name has a line break.
    if "\n" in (together := "".join(row[1:])) or "\r" in together:
        return NOT_CLOSED
    if any(beyond):
        return TOO_MANY_CELLS.format(delimiter=delimiter)
    if len(row.tenant) > NAMED_AT_MOST:
        return TOO_LONG
    return "" if all(row[1:4]) else MISSING


class _Known(NamedTuple):
    """The connectors or the credentials of the tenants, by tenant code and id or display name."""

    noun: str
    none: str
    names: dict[tuple[str, str], str]
    ids: dict[tuple[str, str], list[str]]

    def meant(self, tenant: str, word: str, name: str) -> tuple[str, str]:
        """Return the id that a word means and "", or the reason why it means none."""
        if (tenant, word) in self.names:
            own = self.names[tenant, word]
            disagrees = name and name not in (own, word)
            return word, DISAGREE.format(noun=self.noun, name=own) if disagrees else ""
        found = self.ids.get((tenant, word), [])
        if len(found) == 1:
            return found[0], ""
        return "", SEVERAL.format(noun=self.noun) if found else self.none


def check(rows: Sequence[Row], connectors: pd.DataFrame, credentials: pd.DataFrame) -> Checked:
    """Return the ids that the rows mean in these lists of their tenants.

    An id takes precedence over a display name. Nothing should be sent while any row is wrong.
    """
    # A tenant that could not be read has no row in either list.
    read = set(connectors["tenant_code"]) | set(credentials["tenant_code"])
    connector_of = _known("connector", NO_CONNECTOR, connectors)
    credential_of = _known("credential", NO_CREDENTIAL, credentials)
    first: dict[tuple[str, str], int] = {}
    meant: list[tuple[str, str, str]] = []
    wrong: list[Wrong] = []
    for row in rows:
        connector, no_connector = connector_of.meant(row.tenant, row.connector, row.connector_name)
        credential, no_credential = credential_of.meant(
            row.tenant, row.credential, row.credential_name
        )
        reason = no_connector or no_credential if row.tenant in read else NO_TENANT
        if not reason:
            before = first.setdefault((row.tenant, connector), row.number)
            reason = "" if before == row.number else TWICE.format(row=before)
            meant.append((row.tenant, connector, credential))
        if reason:
            wrong.append(Wrong(row.number, ", ".join(filter(None, row[1:])), reason))
    texts = zip(*meant, strict=True) if meant else ((), (), ())
    columns = zip(("tenant_code", "connector_id", "credential_id"), texts, strict=True)
    mapping = pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in columns})
    return Checked(mapping, wrong)


def _known(noun: str, none: str, frame: pd.DataFrame) -> _Known:
    names: dict[tuple[str, str], str] = {}
    ids: dict[tuple[str, str], list[str]] = {}
    columns = ("tenant_code", f"{noun}_id", "display_name")
    for code, id_, shown in zip(
        *(frame[each].fillna("").tolist() for each in columns), strict=True
    ):
        name = clean(shown)
        names[code, id_] = name
        if name:
            ids.setdefault((code, name), []).append(id_)
    return _Known(noun, none, names, ids)
