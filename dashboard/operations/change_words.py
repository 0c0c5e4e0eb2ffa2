"""How people read the items of a plan or an operation: what each is, how it stands, and why."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

import orjson
import pandas as pd

from dashboard.operations import done_words, recovery_words
from dashboard.wording import JOB_STATES, JOB_TYPES
from services.frames import Status
from services.frames.jobs import kind_and_id
from services.frames.times import parse_one
from services.ledger import Item
from services.operations import VERBS, Change, Finding, Plan, PlanWarning, Skip, Verb, WarningKind
from services.operations.engine.verb_spec import VerbSpec
from services.operations.recovery.incident import OF_EVIDENCE
from services.operations.tokens import START_VERBS
from services.operations.verbs.all_uploads import Uploads
from services.operations.verbs.assigning import Assigned, AssignKey
from services.operations.verbs.cancelling import JobState
from services.operations.verbs.connector_settings import SettingState
from services.operations.verbs.deleting import CredentialState
from services.operations.verbs.files import FileChoice, FileCounts, FilesKey
from services.operations.verbs.uploads import Inclusion
from services.operations.verbs.versions import VersionKey, VersionState

_UPLOADS: Final = (Verb.EXCLUDE_UPLOADS, Verb.INCLUDE_UPLOADS)
_ALL: Final = (Verb.EXCLUDE_ALL_UPLOADS, Verb.INCLUDE_ALL_UPLOADS)
_FILES: Final = (Verb.EXCLUDE_FILES, Verb.INCLUDE_FILES)

_STATES: Final[Mapping[object, str]] = {
    Inclusion.INCLUDED: "Included",
    Inclusion.EXCLUDED: "Excluded",
    Inclusion.UNKNOWN: "Unknown",
    Inclusion.UNLISTED: "Not listed",
    VersionState.LATEST: "Latest enabled",
    VersionState.ENABLED: "Enabled",
    VersionState.DISABLED: "Disabled",
    VersionState.NONE: "No enabled version",
    CredentialState.LISTED: "Listed",
    CredentialState.INHERITED: "Inherited",
    CredentialState.DELETED: "Deleted",
}

ALREADY: Final[Mapping[Verb, str]] = {
    Verb.EXCLUDE_UPLOADS: "Already excluded.",
    Verb.INCLUDE_UPLOADS: "Already included.",
    Verb.EXCLUDE_ALL_UPLOADS: "All listed uploads are already excluded.",
    Verb.INCLUDE_ALL_UPLOADS: "All listed uploads are already included.",
    Verb.EXCLUDE_FILES: "All matching files are already excluded.",
    Verb.INCLUDE_FILES: "All matching files are already included.",
    Verb.DISABLE_VERSIONS: "Not enabled.",
    Verb.CANCEL_JOBS: "Already cancelled or cancelling.",
    Verb.ASSIGN_CREDENTIALS: "Already uses this credential.",
    Verb.SET_CONNECTOR_SETTINGS: "Already has this value.",
    Verb.DELETE_CREDENTIALS: "Visier does not list it.",
}
_UPLOAD_UNLISTED = "Not listed: Visier lists at most five uploads of a tenant."
UNLISTED: Final[Mapping[Verb, str]] = {
    Verb.EXCLUDE_UPLOADS: _UPLOAD_UNLISTED,
    Verb.INCLUDE_UPLOADS: _UPLOAD_UNLISTED,
    Verb.DISABLE_VERSIONS: ("Not listed: Visier lists at most five enabled versions of a tenant."),
    Verb.CANCEL_JOBS: "Unknown job.",
    Verb.ASSIGN_CREDENTIALS: "The tenant has no such connector.",
    Verb.SET_CONNECTOR_SETTINGS: "The tenant has no such setting.",
}
NOTHING: Final[Mapping[Verb, str]] = {
    **dict.fromkeys(_ALL, "Visier lists no data uploads of this tenant."),
    **dict.fromkeys(_FILES, "No file of this tenant matches."),
    Verb.DISABLE_VERSIONS: "The tenant has no enabled data version.",
}
SKIPS: Final[Mapping[Skip, str]] = {
    Skip.UNKNOWN: "Visier does not report its state.",
    Skip.TOO_LONG: "Too many files for one request for this tenant. Select fewer.",
    Skip.CHANGED_SINCE: "Changed since the operation.",
    Skip.WERE_MIXED: (
        "Only some matching files were included before, so the state to restore is unknown."
    ),
    Skip.ENDED: "Already finished.",
    Skip.DISPATCHING: "A dispatching job cannot be cancelled. Select its child jobs.",
    Skip.RECEIVING: "A receiving job that is running cannot be cancelled.",
    Skip.RESCHEDULED: "Being rescheduled. Select the job that replaces it.",
    Skip.INHERITED: "Inherited: delete it in the tenant it comes from.",
    Skip.NO_CREDENTIAL: "The tenant has no such credential.",
    Skip.NO_WAY_BACK: "It had no credential before, and Visier cannot remove one.",
    Skip.TWICE: "Named more than once, with different credentials.",
}
REGRETS: Final[Mapping[Verb, str]] = {
    **dict.fromkeys(
        _ALL,
        "Undo restores only the uploads that Visier listed before, at most the latest five of "
        "each tenant. Older ones stay as they are.",
    ),
    **dict.fromkeys(
        _FILES,
        "Undo works only for tenants whose matching files were all included or all excluded "
        "before.",
    ),
    Verb.DISABLE_VERSIONS: (
        "This cannot be undone: Visier's API cannot re-enable a data version. A new processing "
        "job makes a new one."
    ),
    Verb.CANCEL_JOBS: "This cannot be undone: a cancelled job cannot resume. Start a new one.",
    Verb.ASSIGN_CREDENTIALS: (
        "Undo restores the previous credentials. A connector that had none keeps the new one."
    ),
    Verb.DELETE_CREDENTIALS: (
        "Deletion is permanent. To replace the credential, create and assign a new one."
    ),
}
"""Why a verb cannot be undone, or what undoing cannot restore."""

WARNINGS: Final[Mapping[WarningKind, str]] = {
    WarningKind.NONE_LEFT: (
        "{tenants} would have no included upload: a processing job would find nothing to load."
    ),
    WarningKind.NONE_KNOWN_LEFT: (
        "{tenants} would have none of the five listed uploads included. Whether an older one is "
        "included is unknown."
    ),
    WarningKind.ONE_JOB_LEFT: (
        "Everything this receiving job brought {tenants} would be excluded. Whether they have "
        "another included upload is unknown while only this job's uploads are listed."
    ),
    WarningKind.NO_FILES_LEFT: (
        "{tenants} would have no included file: a processing job would find nothing to load."
    ),
    WarningKind.OLDER_CHANGE_TOO: (
        "Visier lists only the five latest uploads of {tenants}. Any older ones change too."
    ),
    WarningKind.NO_VERSION_LEFT: (
        "{tenants} would have no enabled data version: readers see nothing."
    ),
    WarningKind.NO_VERSION_KNOWN_LEFT: (
        "{tenants} would lose all five listed data versions. Whether an older one is enabled is "
        "unknown."
    ),
    WarningKind.OLD_FALLBACK: (
        "{tenants} would fall back to a data version older than {older_than}."
    ),
    WarningKind.NEWER_STAYS: (
        "For {tenants}, a newer data version stays in use: readers see no change, and it may "
        "contain the same uploads."
    ),
    WarningKind.JOBS_BELOW_GO_ON: (
        "Cancelling a job does not cancel its child jobs. These would continue. To cancel them "
        "too, select the whole subtree."
    ),
    WarningKind.SHARED_IDS: (
        "Visier cancels by id alone. These jobs share their id with jobs of another type, so "
        "Visier may cancel the wrong one."
    ),
    WarningKind.OTHER_PROVIDER: (
        "These connectors would get a credential of a different data provider."
    ),
    WarningKind.IN_USE: (
        "These connectors use it. They would have no credential, and their next extraction would "
        "fail."
    ),
}
ONE_STAYS: Final = (
    "The newer data version {number} of {tenants} stays in use: readers see no "
    "change, and it may contain the same uploads."
)
NOUNS: Final[Mapping[WarningKind, str]] = {
    WarningKind.JOBS_BELOW_GO_ON: "job",
    WarningKind.SHARED_IDS: "job",
    WarningKind.OTHER_PROVIDER: "connector",
    WarningKind.IN_USE: "connector",
}


def skipped(verb: Verb, skip: Skip) -> str:
    """Return why an item is left alone."""
    by_verb = {
        Skip.ALREADY_DONE: ALREADY,
        Skip.NOT_LISTED: UNLISTED,
        Skip.NOTHING_THERE: NOTHING,
    }
    return by_verb[skip][verb] if skip in by_verb else SKIPS[skip]


def warning(told: PlanWarning) -> str:
    """Return a warning as a sentence: of one tenant by its code, of more by their number."""
    rows = told.rows
    codes = rows["tenant_code"]
    tenants = str(codes.iloc[0]) if len(rows) == 1 else f"{len(rows):,} tenants"
    if told.kind is WarningKind.NEWER_STAYS and len(rows) == 1:
        return ONE_STAYS.format(number=rows["stays"].iloc[0], tenants=tenants)
    older_than = told.facts.get("older_than")
    return WARNINGS[told.kind].format(
        tenants=tenants, older_than=span(older_than) if older_than else ""
    )


def span(given: timedelta) -> str:
    """Write a span as people say it: 7 days, 36 hours."""
    hours = given / timedelta(hours=1)
    number, unit = (hours / 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{number:,g} {unit}" + ("" if number == 1 else "s")


def state(told: Any, key: Any = None) -> str:
    """Return how an item stands; a credential goes by its name where its key has it."""
    match told:
        case Uploads():
            marks = [f"{'●' if included else '○'} {text}" for text, included in told.uploads]
            words = f"{told.included} of {len(told.uploads)} included: {' '.join(marks)}"
        case FileCounts():
            words = f"{told.included:,} of {told.files:,} files included"
        case JobState(None, _) | SettingState(None) | Assigned(None):
            words = "Not listed"
        case JobState(Status() as status, job_type):
            noun = f"{JOB_TYPES[job_type].lower()} job" if job_type else "job"
            words = f"{JOB_STATES[status]} {noun}"
        case SettingState(value):
            words = f"“{value}”"
        case Assigned(id_):
            words = _credential(str(id_), key)
        case _:
            words = _STATES[told]
    return words


def _credential(id_: str, key: AssignKey | None) -> str:
    names = {key.credential_id: key.credential_name, key.former_id: key.former_name} if key else {}
    name = names.get(id_)
    return f"{name} ({id_})" if name else id_ or "No credential"


def _goal(verb: Verb, key: Any, told: Any) -> str:
    """Return how an item is to stand, shorter where its state lists what is in it."""
    return _GOALS.get(verb) or state(told, key)


_GOALS: Final[Mapping[Verb, str]] = {
    Verb.EXCLUDE_ALL_UPLOADS: "All excluded",
    Verb.INCLUDE_ALL_UPLOADS: "All included",
    Verb.EXCLUDE_FILES: "All excluded",
    Verb.INCLUDE_FILES: "All included",
    Verb.CANCEL_JOBS: "Cancelled",
}


def what(verb: Verb, key: Any, name: str) -> str:
    """Return what an item is, beside its tenant."""
    return _WHAT[verb](key, name)


def _version(key: VersionKey, _name: str) -> str:
    date = parse_one(key.date)
    return f"{key.data_version} of {date:%Y-%m-%d %H:%M} UTC" if date else key.data_version


def _files(key: FilesKey, _name: str) -> str:
    match key.choice:
        case FileChoice.NAME:
            return f"Files named {key.chosen[0]}"
        case FileChoice.SOURCES:
            return f"Files of {', '.join(key.chosen)}"
        case _:
            return f"{len(key.chosen):,} selected files"


_WHAT: Final[Mapping[Verb, Callable[[Any, str], str]]] = {
    **dict.fromkeys(_UPLOADS, lambda key, _name: key.upload_time_text),
    **dict.fromkeys(_ALL, lambda _key, _name: "All data uploads"),
    **dict.fromkeys(_FILES, _files),
    Verb.DISABLE_VERSIONS: _version,
    Verb.CANCEL_JOBS: lambda key, _name: kind_and_id(key.job_key)[1],
    Verb.ASSIGN_CREDENTIALS: lambda key, name: name or key.connector_id,
    Verb.SET_CONNECTOR_SETTINGS: lambda key, name: f"{name}: {key.setting_key}",
    Verb.DELETE_CREDENTIALS: lambda key, name: name or key.credential_id,
}


def of_plan(plan: Plan) -> pd.DataFrame:
    """Return the items of a plan with what people read of them.

    These are what, before, after, change (of those left alone, how they stand) and reason.
    """
    verb, changes = plan.verb, plan.changes
    return plan.items.assign(
        what=_texts(what(verb, each.key, each.name) for each in changes),
        before=_texts(state(each.before, each.key) for each in changes),
        after=_texts(_goal(verb, each.key, each.after) for each in changes),
        change=_texts(_change(verb, each) for each in changes),
        reason=_texts(skipped(verb, each.skip) if each.skip else "" for each in changes),
    )


def _change(verb: Verb, change: Change[Any]) -> str:
    before, key = state(change.before, change.key), change.key
    if change.skip is not None:
        return before
    if isinstance(key, AssignKey):
        former = key.former_name or key.former_id or "No credential"
        return f"{former} → {key.credential_name or key.credential_id}"
    return f"{before} → {_goal(verb, key, change.after)}"


def of_items(verb: str, items: pd.DataFrame) -> pd.DataFrame:
    """Return the items of an operation, as `Ledger.item_frame` has them, in words.

    These are what, before, after, and message: why an item came to its outcome.
    """
    told = items.assign(message=_texts(_why(verb, row) for row in items.to_dict("records")))
    spec = VERBS.get(verb)
    if spec is None:
        before, after = (items[name].map(done_words.state) for name in ("before", "after"))
        known = zip(items["name"], items["after"], strict=True)
        made = _texts(done_words.what(verb, name, goal) for name, goal in known)
        return told.assign(what=made, before=before, after=after)
    columns = zip(*(items[name] for name in ("key", "before", "after", "name")), strict=True)
    words = [_item(spec, *row) for row in columns]
    names = ["what", "before", "after"]
    return told.assign(**pd.DataFrame(words, columns=names, index=items.index, dtype="str"))


def _item(
    spec: VerbSpec[Any, Any], key_text: str, before: str, after: str, name: str
) -> tuple[str, str, str]:
    """Return what an item is and how it stands; one that cannot be read costs itself alone."""
    try:
        key = spec.read_key(key_text)
        told = state(spec.read_state(before), key), _goal(spec.verb, key, spec.read_state(after))
        return what(spec.verb, key, name), *told
    except (ValueError, TypeError):
        return name or key_text, before, after


def _texts(words: Iterable[str]) -> Any:
    return pd.array(list(words), dtype="str")


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
        said = _FINDINGS[Finding(row["finding"])].format_map(values)
    if row["finding"] in _BY_LOOKING and row["message"]:
        return f"{row['message']} · {said}"
    return f"{said} {row['message']}".strip()


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
    Finding.NO_ID: "Visier's answer names no id. Look for new ones.",
    Finding.STILL_THERE: "Visier reports it deleted but still lists it.",
    Finding.NOT_LOOKED: "Visier reports it deleted. This could not be verified:",
    Finding.NOT_READ_BEFORE: "Not sent: the tenant's credentials could not be read first.",
    Finding.LOOKED_DONE: "Looked up: now {state}.",
    Finding.LOOKED_NOT_DONE: "Looked up: still {state}, so it was not done.",
    Finding.LOOKED_TOO_EARLY: (
        "Looked up: still {state}. The request may still arrive. Look it up again in two minutes."
    ),
    Finding.LOOKED_CHANGED: ("Looked up: now {state}. This does not show whether it was done."),
    Finding.LOOKED_UNSEEN: "Looked up: Visier no longer lists it.",
    Finding.UNDER_WAY: "In progress. If this message stays, the download broke off.",
    Finding.HANDED_ON: "Sent {bytes} bytes to the browser.",
    Finding.BROKEN_OFF: "The browser stopped after {bytes} bytes.",
    Finding.ENDED: "Ended after {bytes} bytes:",
    Finding.CUT_SHORT: "Received {bytes} of {of} bytes.",
    Finding.TOO_LARGE: (
        "The file exceeds the download limit of {megabytes} MB. Ended after {bytes} bytes."
    ),
}
