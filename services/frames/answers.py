"""Lists and fields of a parsed answer that may differ from its documentation."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property, lru_cache
from itertools import chain
from operator import itemgetter
from types import NoneType
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

Record: TypeAlias = dict[str, object]
Rows: TypeAlias = NDArray[np.intp]

# Fields of the error envelopes there are, should one come with a 200.
_SIGNS_OF_AN_ERROR = ("localizedMessage", "errorCode", "rci", "error", "message")
_NAMES = ("tenantCode", "tenant", "connectorId", "jobId")
UNREADABLE = "(cannot be read)"
_left_out: ContextVar[list[str] | None] = ContextVar("_left_out", default=None)


class UnexpectedResponse(ValueError):
    """A payload is not an answer of this operation; the text says what it is instead."""


@contextmanager
def leaving_out() -> Iterator[list[str]]:
    """Skip odd items in lists during the block; the yielded list fills with a sentence for each.

    An odd item then costs that item, or the list in its place, and not the answer. Outside of the
    block it raises UnexpectedResponse: nothing in the result of a write may be skipped. Values that
    cannot be parsed are reported too; they are missing with or without the block.
    """
    texts: list[str] = []
    token = _left_out.set(texts)
    try:
        yield texts
    finally:
        _left_out.reset(token)


class Nested:
    """The items of many parents: grouped by parent, flat, and the parent's position of each."""

    def __init__(self, groups: list[list[object]]) -> None:
        self.groups = groups
        sizes = np.fromiter(map(len, groups), np.intp, len(groups))
        self.parent: Rows = np.repeat(np.arange(len(groups)), sizes)

    @cached_property
    def items(self) -> list[Record]:
        """All items in one list."""
        return cast("list[Record]", list(chain.from_iterable(self.groups)))


def listed(pages: Iterable[object], *names: str) -> list[Record]:
    """Return the objects listed on all pages under the first of `names`.

    A page is an object that has the list, or the bare list. Raises UnexpectedResponse for anything
    else, for an error in place of an answer, and for a list of something other than objects.
    """
    return list(chain.from_iterable(_on_page(page, names) for page in pages))


def objects(pages: Iterable[object], *names: str) -> list[Record]:
    """Return the pages that have any of `names`; a list counts as its objects.

    Raises UnexpectedResponse for anything else, and for an error in place of an answer.
    """
    found = chain.from_iterable(_as_objects(page) for page in pages)
    return [page for page in found if _holds(page, names)]


def members(record: Record, *names: str) -> list[Record]:
    """Return the objects in the list under the first of `names`.

    `""`, null and a missing field are an empty list, one object is a list of one, and nulls in
    a list are skipped. Raises UnexpectedResponse for anything else.
    """
    return _records(_listed(find(record, names), names[0]), names[0])


def nested(parents: Sequence[Record], *names: str, keep_childless: bool = True) -> Nested:
    """Return the members of every parent; a parent without any keeps one row, `{}`.

    A null among them counts as `{}`. Raises UnexpectedResponse for anything but objects; within
    `leaving_out`, a parent whose list cannot be read has no row: that it is childless would be a
    guess.
    """
    missing: list[object] = [{}] * keep_childless
    groups = [_group(parent, names, missing) for parent in parents]
    # There can be millions of items: their types are collected without a loop in Python.
    if set(map(type, chain.from_iterable(groups))) <= {dict, NoneType}:
        return Nested(groups)
    return Nested(
        [
            _objects_in(group, parent, names[0])
            for group, parent in zip(groups, parents, strict=True)
        ]
    )


def find(record: Record | None, names: tuple[str, ...]) -> object:
    """Return the first value that is not null under any of `names`, in any letter case, or None.

    Raises UnexpectedResponse when the record is neither an object nor null.
    """
    record = _object(record, names[0])
    value = record.get(names[0])
    if value is not None:
        return value
    found = (record[key] for key in _keys(tuple(record), names))
    return next((value for value in found if value is not None), None)


def column(records: Sequence[Record], names: tuple[str, ...]) -> list[object]:
    """Return what `find` finds in each record."""
    try:
        # The common case without a loop in Python: each record has the first name.
        values = list(map(itemgetter(names[0]), records))
    except (KeyError, TypeError):
        # Whole lists lack an optional field: the few shapes of records are checked first.
        shapes = {tuple(_object(record, names[0])) for record in records}
        if not any(_keys(shape, names) for shape in shapes):
            return [None] * len(records)
        return [find(record, names) for record in records]
    # The first name is there but null: another one may have the value.
    if len(names) > 1 and None in values:
        return [find(record, names) for record in records]
    return values


def unique(records: Sequence[Record], *names: str) -> list[Record]:
    """Return one record per key, the last of each, in the order of the first.

    A list that changes between two pages shows an item twice. Records without a key all stay.
    """
    keys = [key if isinstance(key, str) else as_text(key) for key in column(records, names)]
    if len(set(keys)) == len(keys):
        return list(records)
    last = {
        (row if key is None else key): record
        for row, (key, record) in enumerate(zip(keys, records, strict=True))
    }
    return list(last.values())


def as_text(value: object) -> str | None:
    """Return any JSON value as text; whole numbers without a fraction, objects as JSON."""
    if value is None or isinstance(value, str):
        # A lone surrogate is legal in JSON, but cannot be encoded to be stored or sent.
        return value and value.encode(errors="replace").decode()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    try:
        return json.dumps(value, default=str)
    except (ValueError, RecursionError):
        # A number of more digits than Python writes, or objects in objects in objects.
        return UNREADABLE


def _group(parent: Record, names: tuple[str, ...], missing: list[object]) -> list[object]:
    value = find(parent, names)
    try:
        return _listed(value, names[0]) or missing
    except UnexpectedResponse as odd:
        _leave_out(f"{name_of(parent)}{odd}")
        return []


def _objects_in(group: list[object], parent: Record, what: str) -> list[object]:
    good: list[object] = [item for item in group if isinstance(item, dict | None)]
    if len(good) < len(group):
        odd = next(item for item in group if not isinstance(item, dict | None))
        _leave_out(f"{name_of(parent)}Expected an object in {what}, not {_kind(odd)}.")
    return good


def note_lost(text: str) -> None:
    """Report a value that could not be parsed, within a block of `leaving_out`."""
    texts = _left_out.get()
    if texts is not None:
        texts.append(text)


def is_listened_to() -> bool:
    """Return whether a block of `leaving_out` collects what could not be read."""
    return _left_out.get() is not None


def name_of(record: Record) -> str:
    """Return a record's name and a colon, to begin a sentence with, or ""."""
    name = as_text(find(record, _NAMES))
    return f"{name}: " if name else ""


def _leave_out(text: str) -> None:
    texts = _left_out.get()
    if texts is None:
        raise UnexpectedResponse(text)
    texts.append(text)


def _on_page(page: object, names: tuple[str, ...]) -> list[Record]:
    if isinstance(page, list):
        return _as_objects(page)
    held = [owner for owner in _as_objects(page) if _holds(owner, names)]
    return members(held[0], *names) if held else []


def _as_objects(page: object) -> list[Record]:
    if not isinstance(page, dict | list):
        raise UnexpectedResponse(f"Expected an object or a list as the answer, not {_kind(page)}.")
    return _records(_listed(page, "the answer"), "the answer")


def _holds(page: Record, names: tuple[str, ...]) -> bool:
    """Return whether any of the fields is there; raise where an error or another list was sent."""
    if _keys(tuple(page), names):
        return True
    other = next((key for key, value in page.items() if isinstance(value, list) and value), None)
    if other is not None:
        raise UnexpectedResponse(f"The answer has {other} instead of {names[0]}.")
    said = next((page[sign] for sign in _SIGNS_OF_AN_ERROR if page.get(sign)), None)
    if said is not None:
        raise UnexpectedResponse(f"The answer has no {names[0]}; it says: {as_text(said)}")
    return False


def _object(value: object, what: str) -> Record:
    return value if isinstance(value, dict) else next(iter(_records([value], what)), {})


def _listed(value: object, what: str) -> list[object]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [value]
    # The OpenAPI document has an empty text for a tenant without data versions.
    if value is None or value == "":
        return []
    raise UnexpectedResponse(f"Expected a list for {what}, not {_kind(value)}.")


def _records(items: list[object], what: str) -> list[Record]:
    records = [item for item in items if isinstance(item, dict)]
    if len(records) < len(items):
        odd = next((item for item in items if not isinstance(item, dict | None)), None)
        if odd is not None:
            text = f"Expected an object in {what}, not {_kind(odd)}."
            # A list of nothing but odd items is another answer, not an answer with odd items.
            if not records:
                raise UnexpectedResponse(text)
            _leave_out(text)
    return records


# A frame has few shapes of records and few fields: each pair is resolved once.
@lru_cache(maxsize=1024)
def _keys(present: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of the present keys the names mean, best first.

    The API is not of one mind on letter case: jobId is JobId in one answer of its OpenAPI document.
    """
    meant: list[str] = []
    for name in names:
        alike = [key for key in present if key.casefold() == name.casefold()]
        meant += sorted(alike, key=name.__ne__)
    return tuple(dict.fromkeys(meant))


def _kind(value: object) -> str:
    kinds = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return "nothing" if value is None else kinds.get(type(value), "something unreadable")
