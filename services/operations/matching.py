"""Matching what Visier answered to what was asked: by key, never by position."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from services.frames import Outcome as Told
from services.ledger import ItemResult, Outcome

from .kinds import Key, Kind, write_key

NO_RESULT = "Visier answered, but not about this item."
CONTRADICTION = "Visier's results for this item contradict each other."
ANOTHER = "Visier's answer names another than was asked for: {named}."
_TOLD_AT_MOST = 3
Row = Mapping[str, Any]


class Matched(NamedTuple):
    """One result per item, and in words what was answered that was not asked for."""

    results: list[ItemResult]
    extra: list[str]


def match(kind: Kind, keys: Sequence[Key], answered: pd.DataFrame) -> Matched:
    """Give each item the outcome of the results that name it, and without any no result.

    A failure that names only a tenant is its items' own when there is one for each of them that
    nothing else names. A success must name its item and what was asked for: of one that names
    another value, version, time or connector, nothing is certain.
    """
    rows = _by_name(kind, answered)
    found = {key: rows.get(kind.results.names(key), []) for key in keys}
    for key in keys:
        rows.pop(kind.results.names(key), None)
    found |= _by_other_names(kind, found, rows)
    found |= _of_wholes(kind, found, rows)
    found |= _nameless(found, rows)
    others = _done_to_others(rows)
    results = [_result(kind, key, own, others.get(key[0], [])) for key, own in found.items()]
    extra = [_in_words(name, row) for name, own in rows.items() for row in own]
    instead = (
        _in_words((*kind.results.names(key), named), row)
        for key, own in found.items()
        for row in own
        if (named := kind.results.instead(key, row))
    )
    return Matched(results, [*extra, *instead])


def _by_name(kind: Kind, answered: pd.DataFrame) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = {}
    named = answered.astype(object).where(answered.notna(), "")
    for values in named.itertuples(index=False, name=None):
        row = dict(zip(named.columns, values, strict=True))
        found.setdefault(kind.results.row(row), []).append(row)
    return found


def _by_other_names(
    kind: Kind, found: Mapping[Key, list[Row]], rows: dict[Key, list[Row]]
) -> dict[Key, list[Row]]:
    """Take from the rows those that only one item without a result may be meant by."""
    meant: dict[Key, list[Key]] = {}
    for key, own in found.items():
        for name in kind.results.others(key) if not own else ():
            meant.setdefault(name, []).append(key)
    taken: dict[Key, list[Row]] = {}
    for name, keys in meant.items():
        if len(keys) == 1 and name in rows:
            taken.setdefault(keys[0], []).extend(rows.pop(name))
    return taken


def _of_wholes(
    kind: Kind, found: Mapping[Key, list[Row]], rows: dict[Key, list[Row]]
) -> dict[Key, list[Row]]:
    """Take from the rows the failures of what items without a result are parts of."""
    names = {key: kind.results.wholes(key) for key, own in found.items() if not own}
    failed = {
        name: [row for row in rows.get(name, []) if row["outcome"] == Told.FAILED]
        for wholes in names.values()
        for name in wholes
    }
    for name, own in failed.items():
        if own:
            rows.pop(name)
    return {key: [row for name in wholes for row in failed[name]] for key, wholes in names.items()}


def _nameless(found: Mapping[Key, list[Row]], rows: dict[Key, list[Row]]) -> dict[Key, list[Row]]:
    """Take from the rows those that name a tenant only and yet can be told whose they are."""
    unmatched: dict[str, list[Key]] = {}
    for key, own in found.items():
        if not own:
            unmatched.setdefault(key[0], []).append(key)
    taken: dict[Key, list[Row]] = {}
    for code, keys in unmatched.items():
        own = rows.get((code, ""), [])
        if len(own) == len(keys) and all(row["outcome"] == Told.FAILED for row in own):
            taken |= {key: [row] for key, row in zip(keys, rows.pop((code, "")), strict=True)}
    return taken


def _done_to_others(rows: Mapping[Key, list[Row]]) -> dict[str, list[str]]:
    """Say of which other things of a tenant it was answered that they are done."""
    done: dict[str, list[str]] = {}
    for name, own in rows.items():
        if any(row["outcome"] == Told.SUCCEEDED for row in own):
            done.setdefault(name[0], []).append(" · ".join(name[1:]))
    return done


def _result(kind: Kind, key: Key, rows: Sequence[Row], others: Sequence[str]) -> ItemResult:
    told = {row["outcome"] for row in rows}
    words = "; ".join(dict.fromkeys(row["message"] for row in rows if row["message"]))
    named = [kind.results.instead(key, row) for row in rows] if rows else others
    match sorted(told):
        case [] | [Told.SUCCEEDED] if another := [*dict.fromkeys(filter(None, named))]:
            said = ANOTHER.format(named=", ".join(another[:_TOLD_AT_MOST]))
            outcome, words = Outcome.UNCERTAIN, f"{said} {words}"
        case []:
            outcome, words = Outcome.NO_RESULT, NO_RESULT
        case [Told.SUCCEEDED]:
            outcome = Outcome.SUCCEEDED
        case [Told.FAILED]:
            outcome = Outcome.FAILED
        case [Told.FAILED, Told.SUCCEEDED] if kind.whole_tenant:
            failed = sum(row["outcome"] == Told.FAILED for row in rows)
            outcome, words = Outcome.FAILED, f"{failed:,} of {len(rows):,} failed: {words}"
        case [Told.FAILED, Told.SUCCEEDED]:
            outcome, words = Outcome.UNCERTAIN, f"{CONTRADICTION} {words}".strip()
        case _:
            said = ", ".join(sorted({str(row["status_word"] or "none") for row in rows}))
            outcome, words = (
                Outcome.UNCERTAIN,
                f"Visier's word for it is not known: {said}. {words}",
            )
    return ItemResult(write_key(key), outcome, words.strip())


def _in_words(name: Key, row: Row) -> str:
    words = (*name, row["status_word"], row["message"])
    return " · ".join(str(word) for word in words if word)
