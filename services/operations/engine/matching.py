"""Matching results to items by key, never by position: Visier promises neither order nor number."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from services.frames import Outcome as Told
from services.ledger import ItemResult, Outcome

from .changes import Finding, Key, Note, by_tenant, write_key
from .verb_spec import VerbSpec

# A person reads three names; the exact answer is in the events.
_TOLD_AT_MOST = 3
Row = Mapping[str, Any]


class Matched(NamedTuple):
    """One result per item, and the results nobody asked for, each as names and words."""

    results: list[ItemResult]
    extra: list[list[str]]


def match(spec: VerbSpec[Any, Any], keys: Sequence[Key], answered: pd.DataFrame) -> Matched:
    """Return for each item the outcome of the results that name it; NO_RESULT without any.

    Failures that name only a tenant belong to its items without a result when there are as many of
    each. A success must name its item and what was asked for: one that names another value,
    version, time or connector leaves the item uncertain.
    """
    # From the surest to the least sure: each step takes its rows from the next ones.
    rows = _by_name(spec, answered)
    found = {key: rows.get(spec.answer.names(key), []) for key in keys}
    for key in keys:
        rows.pop(spec.answer.names(key), None)
    found |= _by_other_names(spec, found, rows)
    found |= _of_wholes(spec, found, rows)
    found |= _nameless(found, rows)
    others = _done_to_others(rows)
    results = [_result(spec, key, own, others.get(key[0], [])) for key, own in found.items()]
    extra = [_listed(name, row) for name, own in rows.items() for row in own]
    instead = (
        _listed((*spec.answer.names(key), named), row)
        for key, own in found.items()
        for row in own
        if (named := spec.answer.instead(key, row))
    )
    return Matched(results, [*extra, *instead])


def _by_name(spec: VerbSpec[Any, Any], answered: pd.DataFrame) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = {}
    # Names are compared as texts, among which a missing one is empty.
    named = answered.astype(object).where(answered.notna(), "")
    for values in named.itertuples(index=False, name=None):
        row = dict(zip(named.columns, values, strict=True))
        found.setdefault(spec.answer.named_by(row), []).append(row)
    return found


def _by_other_names(
    spec: VerbSpec[Any, Any], found: Mapping[Key, list[Row]], rows: dict[Key, list[Row]]
) -> dict[Key, list[Row]]:
    """Take from the rows those that can mean only one item without a result."""
    meant: dict[Key, list[Key]] = {}
    for key, own in found.items():
        for name in spec.answer.others(key) if not own else ():
            meant.setdefault(name, []).append(key)
    taken: dict[Key, list[Row]] = {}
    for name, keys in meant.items():
        if len(keys) == 1 and name in rows:
            taken.setdefault(keys[0], []).extend(rows.pop(name))
    return taken


def _of_wholes(
    spec: VerbSpec[Any, Any], found: Mapping[Key, list[Row]], rows: dict[Key, list[Row]]
) -> dict[Key, list[Row]]:
    """Take from the rows the failures of a whole that items without a result are parts of."""
    names = {key: spec.answer.wholes(key) for key, own in found.items() if not own}
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
    """Take from the rows the failures that name only a tenant, where they match its items."""
    taken: dict[Key, list[Row]] = {}
    for code, keys in by_tenant(key for key, own in found.items() if not own).items():
        own = rows.get((code, ""), [])
        if len(own) == len(keys) and all(row["outcome"] == Told.FAILED for row in own):
            taken |= {key: [row] for key, row in zip(keys, rows.pop((code, "")), strict=True)}
    return taken


def _done_to_others(rows: Mapping[Key, list[Row]]) -> dict[str, list[str]]:
    """Return by tenant the names in succeeded results that match no item."""
    done: dict[str, list[str]] = {}
    for name, own in rows.items():
        if any(row["outcome"] == Told.SUCCEEDED for row in own):
            done.setdefault(name[0], []).append(" · ".join(name[1:]))
    return done


def _result(
    spec: VerbSpec[Any, Any], key: Key, rows: Sequence[Row], others: Sequence[str]
) -> ItemResult:
    outcomes = {row["outcome"] for row in rows}
    words = "; ".join(dict.fromkeys(row["message"] for row in rows if row["message"]))
    named = [spec.answer.instead(key, row) for row in rows] if rows else others
    another = [*dict.fromkeys(filter(None, named))][:_TOLD_AT_MOST]
    finding = next(filter(None, map(spec.answer.finding, rows)), None)
    facts: Mapping[str, Any] = {}
    match sorted(outcomes):
        # Answers in the code samples name other items than were sent: this may be another one.
        case [] | [Told.SUCCEEDED] if another:
            outcome, finding, facts = Outcome.UNCERTAIN, Finding.ANOTHER, {"named": another}
        case []:
            outcome, finding = Outcome.NO_RESULT, Finding.NO_RESULT
        case [Told.SUCCEEDED]:
            outcome, facts = Outcome.SUCCEEDED, spec.answer.facts(rows[0])
        case [Told.FAILED]:
            outcome = Outcome.FAILED
        # Each part of a tenant has a result of its own; as a whole it is not done.
        case [Told.FAILED, Told.SUCCEEDED] if spec.whole_tenant:
            failed = sum(row["outcome"] == Told.FAILED for row in rows)
            outcome, finding = Outcome.FAILED, Finding.IN_PART
            facts = {"failed": failed, "of": len(rows)}
        case [Told.FAILED, Told.SUCCEEDED]:
            outcome, finding = Outcome.UNCERTAIN, Finding.CONTRADICTION
        case _:
            said = sorted({str(row["status_word"] or "") for row in rows})
            outcome = Outcome.UNCERTAIN
            if finding is None:
                finding, facts = Finding.UNKNOWN_WORD, {"said": said}
    return result(key, outcome, Note(finding, facts, words))


def result(key: Key, outcome: Outcome, note: Note) -> ItemResult:
    """Return an outcome as the ledger keeps it."""
    return ItemResult(write_key(key), outcome, note.finding or "", dict(note.facts), note.words)


def _listed(name: Key, row: Row) -> list[str]:
    words = (*name, row["status_word"], row["message"])
    return [str(word) for word in words if word]
