"""The items of an operation in words: what each is, its states, and why it has its outcome."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import orjson
import pandas as pd

from dashboard.components import tables
from dashboard.operations import done_words, recovery_words
from dashboard.operations.change_words import goal, skipped, state, texts, what
from services.frames import ENDED
from services.ledger import Item
from services.operations import VERBS, Finding, Skip, Verb
from services.operations.engine.verb_spec import VerbSpec
from services.operations.recovery.verdicts import OF_EVIDENCE
from services.operations.tokens import START_VERBS

TIMES: Final = {"upload_time": "Upload time", "data_version_date": "Version date"}


def are_named_by_time(items: pd.DataFrame) -> bool:
    """Return whether these items are named by the times that stand beside them."""
    return "upload_time" in items and bool(items["upload_time"].notna().all())


def time_columns(items: pd.DataFrame) -> tables.Columns:
    """Return the column that tells in the chosen zone what stands in UTC in the items' words."""
    return {name: tables.time_column(label) for name, label in TIMES.items() if name in items}


def of_items(verb: str, items: pd.DataFrame) -> pd.DataFrame:
    """Return the items of an operation, as `Ledger.item_frame` has them, in words.

    These are what, before, after, and message: why an item came to its outcome.
    """
    explained = items.assign(message=texts(_why(verb, row) for row in items.to_dict("records")))
    spec = VERBS.get(verb)
    if spec is None:
        known = zip(items["name"], items["after"], strict=True)
        made = texts(done_words.what(verb, name, after) for name, after in known)
        return explained.assign(
            what=made,
            before=items["before"].map(done_words.state),
            after=items["after"].map(done_words.state),
        )
    columns = zip(*(items[name] for name in ("key", "before", "after", "name")), strict=True)
    words = [_item(spec, *row) for row in columns]
    names = ["what", "before", "after"]
    return explained.assign(**pd.DataFrame(words, columns=names, index=items.index, dtype="str"))


def _item(
    spec: VerbSpec[Any, Any], key_text: str, before: str, after: str, name: str
) -> tuple[str, str, str]:
    """Return what an item is, its state before and after."""
    try:
        key = spec.read_key(key_text)
        return (
            what(spec.verb, key, name),
            state(spec.read_state(before), key),
            goal(spec.verb, key, spec.read_state(after)),
        )
    except (ValueError, TypeError):
        # Of an earlier version or a damaged row: it costs itself, not the table.
        return name or key_text, before, after


def of_item(verb: str, item: Item) -> str:
    """Return why an item came to its outcome, Visier's own words at the end."""
    row = asdict(item) | {"facts": orjson.dumps(dict(item.facts)).decode()}
    return _why(verb, row)


def _why(verb: str, row: Mapping[Any, Any]) -> str:
    if row["skip"]:
        return skipped(Verb(verb), Skip(row["skip"]))
    facts = orjson.loads(row["facts"]) if row["facts"] else {}
    if row["finding"] == Finding.READ_BACK:
        return recovery_words.evidence(OF_EVIDENCE.validate_python(facts["evidence"]))
    said = _by_a_person(verb, facts) if row["finding"] == Finding.PERSON else _done(facts)
    if row["finding"] in _FINDINGS:
        values = {name: _fact(value) for name, value in facts.items()}
        now = orjson.dumps(facts["state"]).decode() if "state" in facts else ""
        values |= {"before": _read(verb, row["key"], row["before"])}
        values |= {"state": _read(verb, row["key"], now)}
        is_too_late = row["finding"] == Finding.CHANGED and _has_ended(verb, now)
        said = _TOO_LATE if is_too_late else _FINDINGS[Finding(row["finding"])]
        said = said.format_map(values)
    if row["finding"] in _BY_LOOKING and row["message"]:
        return f"{row['message']} · {said}"
    return f"{said} {row['message']}".strip()


def _has_ended(verb: str, now: str) -> bool:
    """Return whether this is a job that was to be cancelled, and that has ended."""
    return verb == Verb.CANCEL_JOBS and VERBS[verb].read_state(now).status in ENDED


def _read(verb: str, key: str, text: str) -> str:
    spec = VERBS.get(verb)
    return state(spec.read_state(text), spec.read_key(key)) if spec is not None and text else ""


def _fact(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(each) or "none" for each in value)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _done(facts: Mapping[str, Any]) -> str:
    """Return what Visier named of what it has done."""
    match facts:
        case {"job_id": job_id}:
            return f"Job {job_id}"
        case {"webhook_id": id_}:
            return f"Webhook {id_}"
        case {"status_word": word}:
            return f"Visier says: {word}"
        case {"credential_id": id_, "cannot_read": [_, *_] as subjects}:
            cannot = ", ".join(subjects)
            return f"Credential {id_} works but cannot read everything: {cannot}"
        case {"credential_id": id_}:
            return f"Credential {id_}"
    return ""


def _by_a_person(verb: str, facts: Mapping[str, Any]) -> str:
    if "job_id" in facts:
        return f"Job {facts['job_id']}, identified by {facts['who']}."
    did = {True: ("was done", "did start"), False: ("was not done", "did not start")}
    return f"{facts['who']} reports that it {did[facts['done']][verb in START_VERBS]}."


_TOO_LATE: Final = "It had ended before it could be cancelled: now “{state}”."
_BY_LOOKING: Final = frozenset(each for each in Finding if each.startswith("looked_"))
_FINDINGS: Final[Mapping[Finding, str]] = {
    Finding.NOT_SENT: "Not sent yet.",
    Finding.NOT_READ: "Not sent: it could not be read again before sending.",
    Finding.NO_LONGER_LISTED: "Visier no longer lists it.",
    Finding.LEFT_OUT: ("Not sent: Visier's answer leaves out its tenant, so its state is unknown."),
    Finding.CHANGED: "Planned as “{before}”, now “{state}”.",
    Finding.NO_RESULT: "Visier's answer does not mention this item.",
    Finding.CONTRADICTION: "Visier's results for this item contradict each other.",
    Finding.ANOTHER: "Visier's answer names a different item: {named}.",
    Finding.IN_PART: "{failed} of {of} failed:",
    Finding.UNKNOWN_WORD: "Unknown result from Visier: {said}.",
    Finding.MAY_HAVE: "It may still have been done.",
    Finding.NO_ID: "Visier's answer has no id. Look for new credentials.",
    Finding.STILL_THERE: "Visier reports it deleted but still lists it.",
    Finding.NOT_LOOKED: "Visier reports it deleted. This could not be verified:",
    Finding.NOT_READ_BEFORE: "Not sent: the tenant's credentials could not be read first.",
    Finding.NOT_READ_BACK: "Visier accepted it. This could not be verified:",
    Finding.NOT_SHOWN: "Visier accepted it, but its list does not show it yet.",
    Finding.NOT_RECEIVED: "The event was not received. Status that Visier names:",
    Finding.NO_TRACE: "No answer tells, and Visier keeps no trace of it: it may have been sent.",
    Finding.LOOKED_DONE: "Looked up: now {state}.",
    Finding.LOOKED_NOT_DONE: "Looked up: still {state}, so it was not done.",
    Finding.LOOKED_TOO_EARLY: (
        "Looked up: still {state}. The request may still arrive. Look it up again in two minutes."
    ),
    Finding.LOOKED_CHANGED: ("Looked up: now {state}. This does not show whether it was done."),
    Finding.LOOKED_UNSEEN: "Looked up: Visier no longer lists it.",
    Finding.UNDER_WAY: "In progress. If this message stays, the download was interrupted.",
    Finding.HANDED_ON: "Sent {bytes} bytes to the browser.",
    Finding.BROKEN_OFF: "The browser stopped after {bytes} bytes.",
    Finding.ENDED: "Ended after {bytes} bytes:",
    Finding.CUT_SHORT: "Received {bytes} of {of} bytes.",
    Finding.TOO_LARGE: (
        "The file exceeds the download limit of {megabytes} MB. Ended after {bytes} bytes."
    ),
}
