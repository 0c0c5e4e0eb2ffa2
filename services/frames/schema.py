"""Schema tables (API field -> our column -> kind) and building columns by them."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionArray

from services.frames import times, words
from services.frames.answers import (
    Nested,
    Record,
    Rows,
    as_text,
    column,
    is_listened_to,
    name_of,
    note_lost,
)

TEXT = pd.StringDtype(na_value=np.nan)
FLAG = pd.BooleanDtype()
COUNT = pd.Int64Dtype()
NUMBER = pd.Float64Dtype()


# Characters of a value in a sentence: enough to find it by, and no text of Visier's fills a screen.
_QUOTED = 40


class Values:
    """One field of many records, unparsed."""

    def __init__(self, raw: Sequence[object] | pa.Array) -> None:
        self.raw = raw

    @cached_property
    def texts(self) -> pa.LargeStringArray:
        """The values as text, missing ones null."""
        # Arrow takes them in one pass unless one of them is no text.
        try:
            return pa.array(self.raw, pa.large_string())
        except (TypeError, ValueError):
            return pa.array(map(as_text, self.raw), pa.large_string())

    @cached_property
    def flags(self) -> pa.BooleanArray:
        """The values as true and false, others null."""
        try:
            return pa.array(self.raw, pa.bool_())
        except (TypeError, ValueError):
            said = {"true": True, "false": False}
            words = ((as_text(value) or "").lower() for value in self.raw)
            return pa.array(map(said.get, words), pa.bool_())


ColumnType: TypeAlias = Callable[[Values], ExtensionArray]


class Field(NamedTuple):
    """One row of a schema table."""

    column: str
    names: tuple[str, ...]
    column_type: ColumnType


Schema: TypeAlias = tuple[Field, ...]
Columns: TypeAlias = dict[str, ExtensionArray]


def text(values: Values) -> ExtensionArray:
    """Return `str`; the empty text counts as missing, as it does in the API."""
    texts = values.texts
    empty = pc.equal(texts, "")
    if pc.any(empty).as_py():
        texts = pc.if_else(empty, None, texts)
    return from_arrow(TEXT, texts)


def verbatim(values: Values) -> ExtensionArray:
    """Return `str`; the empty text stays."""
    return from_arrow(TEXT, values.texts)


def joined(values: Values) -> ExtensionArray:
    """Return `str`, the items of a list separated by `, `."""
    lists = (value if isinstance(value, list) else [value] for value in values.raw)
    return text(Values([", ".join(filter(None, map(as_text, items))) for items in lists]))


def time(values: Values) -> ExtensionArray:
    """Return `datetime64[ms, UTC]`, unreadable times as NaT."""
    return times.parse(values.texts)


def flag(values: Values) -> ExtensionArray:
    """Return `boolean`, missing where it is neither true nor false."""
    return from_arrow(FLAG, values.flags)


def count(values: Values) -> ExtensionArray:
    """Return `Int64`, missing where it is not a whole number of at most 18 digits (int64)."""
    whole = pc.match_substring_regex(values.texts, r"^-?\d{1,18}$")
    return from_arrow(COUNT, pc.if_else(whole, values.texts, None).cast(pa.int64()))


def number(values: Values) -> ExtensionArray:
    """Return `Float64`, missing where there is no plain number."""
    # Not all that float() takes: nan and inf are no metric values.
    plain = pc.match_substring_regex(values.texts, r"^-?\d{1,18}(\.\d{1,18})?([eE][+-]?\d{1,2})?$")
    return from_arrow(NUMBER, pc.if_else(plain, values.texts, None).cast(pa.float64()))


def status(values: Values) -> ExtensionArray:
    """Return `category` of words.Status."""
    return _canonical(values, words.Status, words.status)


def job_type(values: Values) -> ExtensionArray:
    """Return `category` of words.JobType."""
    return _canonical(values, words.JobType, words.job_type)


def tenant_status(values: Values) -> ExtensionArray:
    """Return `category` of words.TenantStatus."""
    return _canonical(values, words.TenantStatus, words.tenant_status)


def outcome(values: Values) -> ExtensionArray:
    """Return `category` of words.Outcome."""
    return _canonical(values, words.Outcome, words.outcome)


def cancel_outcome(values: Values) -> ExtensionArray:
    """Return `category` of words.Outcome, by the rule for cancellations."""
    return _canonical(values, words.Outcome, words.cancel_outcome)


_MEANT: Mapping[ColumnType, str] = {
    time: "is no time",
    count: "is not a whole number",
    number: "is no number",
    flag: "is neither true nor false",
}
"""What a lost value is not, by column type; the other types keep any value."""


def categories(vocabulary: type[StrEnum]) -> pd.CategoricalDtype:
    """Return the dtype of a column of these words, the same for every frame."""
    return pd.CategoricalDtype([word.value for word in vocabulary])


def build(
    schema: Schema,
    records: Sequence[Record],
    rows: Rows | None = None,
    owner: Callable[[int], Record] | None = None,
) -> Columns:
    """Return the columns of a schema over the records; with `rows`, taken at those positions.

    `owner` returns the record that names a lost value, where it is not the value's own.
    """
    # A field that makes two columns, as a status and its word, is read once.
    values = {names: Values(column(records, names)) for names in {field.names for field in schema}}
    columns = {field.column: field.column_type(values[field.names]) for field in schema}
    _tell_lost(schema, columns, values, owner or records.__getitem__)
    if rows is None:
        return columns
    return {name: array.take(rows) for name, array in columns.items()}


def build_nested(outer: Schema, inner: Schema, parents: Sequence[Record], items: Nested) -> Columns:
    """Return the columns of the parents, repeated for each of their items, and of the items."""

    def owner(row: int) -> Record:
        return parents[int(items.parent[row])]

    columns = _at_once(inner, items, owner) or build(inner, items.items, owner=owner)
    return build(outer, parents, items.parent) | columns


def frame(columns: Columns) -> pd.DataFrame:
    """Return the columns as a frame with a fresh index, without copying them."""
    return pd.DataFrame(columns, copy=False)


def from_arrow(dtype: Any, array: pa.Array) -> ExtensionArray:
    """Return an Arrow array as a column of a pandas dtype."""
    made: ExtensionArray = dtype.__from_arrow__(array)
    return made


def repeated(word: str | None, size: int) -> ExtensionArray:
    """Return a `str` column with the same word in every row."""
    return from_arrow(TEXT, pa.array([word] * size, pa.large_string()))


def _at_once(schema: Schema, nested: Nested, owner: Callable[[int], Record]) -> Columns | None:
    """Return the columns of items that all have every field as documented, else None.

    Arrow converts those in one pass, in two thirds of the time. It knows neither other names nor
    other types: with anything missing, beyond the `{}` of a childless parent, `build` is needed.
    """
    names = {
        field.names: pa.bool_() if field.column_type is flag else pa.large_string()
        for field in schema
    }
    types = pa.struct([(first, arrow) for (first, *_), arrow in names.items()])
    try:
        items = pa.array(nested.groups, pa.list_(types)).flatten()
    except (TypeError, ValueError):
        return None
    values = {each: Values(items.field(each[0])) for each in names}
    childless = nested.groups.count([{}])
    if any(_nulls(each.raw) != childless for each in values.values()):
        return None
    columns = {field.column: field.column_type(values[field.names]) for field in schema}
    _tell_lost(schema, columns, values, owner)
    return columns


def _tell_lost(
    schema: Schema,
    columns: Columns,
    values: Mapping[tuple[str, ...], Values],
    owner: Callable[[int], Record],
) -> None:
    """Report which values are missing in the columns although the answer has one."""
    for field in schema if is_listened_to() else ():
        meant, raw = _MEANT.get(field.column_type), values[field.names].raw
        missing = np.flatnonzero(columns[field.column].isna()) if meant else np.array([], np.intp)
        if len(missing) == _nulls(raw):
            continue
        lost = {row: value for row in missing if (value := _item(raw, row)) not in (None, "")}
        # One sentence a field, with an example: there may be as many as rows.
        for row, value in islice(lost.items(), 1):
            more = f", and {len(lost) - 1:,} more" if len(lost) > 1 else ""
            said = f"{field.names[0]} “{(as_text(value) or '')[:_QUOTED]}” {meant}{more}."
            note_lost(f"{name_of(owner(row))}{said}")


def _nulls(raw: Any) -> int:
    return raw.count(None) if isinstance(raw, Sequence) else int(raw.null_count)


def _item(raw: Sequence[object] | pa.Array, row: int) -> object:
    return raw[row] if isinstance(raw, Sequence) else raw[row].as_py()


def _canonical(
    values: Values, vocabulary: type[StrEnum], canonical: Callable[[str | None], StrEnum]
) -> ExtensionArray:
    # Each distinct word is read once, however many rows there are.
    encoded = values.texts.dictionary_encode(null_encoding="encode")
    order = list(vocabulary)
    codes = [order.index(canonical(word)) for word in encoded.dictionary.to_pylist()]
    rows = encoded.indices.to_numpy(zero_copy_only=False)
    return pd.Categorical.from_codes(np.array(codes, np.int8)[rows], dtype=categories(vocabulary))
