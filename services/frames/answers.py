"""Finding one's way through a parsed answer that may not look as documented."""

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

_SIGNS_OF_AN_ERROR = ("localizedMessage", "errorCode", "rci", "error", "message")
_NAMES = ("tenantCode", "tenant", "connectorId", "jobId")
UNREADABLE = "(cannot be read)"
_left_out: ContextVar[list[str] | None] = ContextVar("_left_out", default=None)


class UnexpectedResponse(ValueError):
    """What came back cannot be an answer to this question; the text says what it is instead."""


@contextmanager
def leaving_out() -> Iterator[list[str]]:
    """Leave out what does not belong into the lists that are read meanwhile; give what, in words.

    One odd item then costs that item, or the list it stands for, and not the answer. Outside of
    this block it is an UnexpectedResponse: of the result of a write nothing may be passed over.
    Values of which nothing can be made are given in words too; they are missing in or out of this
    block.
    """
    texts: list[str] = []
    token = _left_out.set(texts)
    try:
        yield texts
    finally:
        _left_out.reset(token)


class Nested:
    """The items of many parents: by parent, in one list, and the parent's position for each."""

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

    A page is an object holding the list, or the bare list. Raises UnexpectedResponse for anything
    else, for an error in an answer's place, and for a list that holds something other than objects.
    """
    return list(chain.from_iterable(_on_page(page, names) for page in pages))


def objects(pages: Iterable[object], *names: str) -> list[Record]:
    """Return the pages themselves, where they hold any of `names`; a list stands for its objects.

    Raises UnexpectedResponse for a page that is neither, and for an error in an answer's place.
    """
    found = chain.from_iterable(_as_objects(page) for page in pages)
    return [page for page in found if _holds(page, names)]


def members(record: Record, *names: str) -> list[Record]:
    """Return the objects in the list under the first of `names`.

    `""`, null and a missing field are an empty list, one object is a list of one, and nulls in
    a list are passed over. Raises UnexpectedResponse when there is anything else.
    """
    return _records(_listed(find(record, names), names[0]), names[0])


def nested(parents: Sequence[Record], *names: str, keep_childless: bool = True) -> Nested:
    """Return the members of every parent; a parent without any keeps its place by `{}`.

    A null among them counts as `{}`. Raises UnexpectedResponse when there is anything else than
    objects; within `leaving_out`, a parent of which nothing else can be read has no place at all:
    that it is childless would be a guess.
    """
    missing: list[object] = [{}] * keep_childless
    groups = [_group(parent, names, missing) for parent in parents]
    # There can be millions of them: their types are told apart without looking at each.
    if set(map(type, chain.from_iterable(groups))) <= {dict, NoneType}:
        return Nested(groups)
    return Nested(
        [
            _objects_in(group, parent, names[0])
            for group, parent in zip(groups, parents, strict=True)
        ]
    )


def find(record: Record | None, names: tuple[str, ...]) -> object:
    """Return the first value that is not null under any of `names`, in any case, else None.

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
        values = list(map(itemgetter(names[0]), records))
    except (KeyError, TypeError):
        # Whole lists lack an optional field, so the few shapes of records are asked first.
        shapes = {tuple(_object(record, names[0])) for record in records}
        if not any(_keys(shape, names) for shape in shapes):
            return [None] * len(records)
        return [find(record, names) for record in records]
    if len(names) > 1 and None in values:
        return [find(record, names) for record in records]
    return values


def unique(records: Sequence[Record], *names: str) -> list[Record]:
    """Return the records with each key once, as last seen, in the order first seen.

    A list that shifts between two page reads shows an item twice. Records without a key stay.
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
    """Return the words of any JSON value; whole numbers without a fraction, objects as JSON."""
    if value is None or isinstance(value, str):
        # A lone surrogate is legal JSON but no text that could be stored or sent on.
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
    """Have it known, where somebody asked with `leaving_out`, that a value was lost."""
    texts = _left_out.get()
    if texts is not None:
        texts.append(text)


def is_listened_to() -> bool:
    """Say whether anybody asked what was lost."""
    return _left_out.get() is not None


def name_of(record: Record) -> str:
    """Return what tells a record apart from others, before a colon, or ""."""
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
    """Say whether any of the fields is there; if not, it may be an error that was sent instead."""
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
    if value is None or value == "":
        return []
    raise UnexpectedResponse(f"Expected a list for {what}, not {_kind(value)}.")


def _records(items: list[object], what: str) -> list[Record]:
    records = [item for item in items if isinstance(item, dict)]
    if len(records) < len(items):
        odd = next((item for item in items if not isinstance(item, dict | None)), None)
        if odd is not None:
            text = f"Expected an object in {what}, not {_kind(odd)}."
            if not records:
                raise UnexpectedResponse(text)
            _leave_out(text)
    return records


@lru_cache(maxsize=1024)
def _keys(present: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of the present keys are meant by the names, best first."""
    meant: list[str] = []
    for name in names:
        alike = [key for key in present if key.casefold() == name.casefold()]
        meant += sorted(alike, key=name.__ne__)
    return tuple(dict.fromkeys(meant))


def _kind(value: object) -> str:
    kinds = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return "nothing" if value is None else kinds.get(type(value), "something unreadable")
