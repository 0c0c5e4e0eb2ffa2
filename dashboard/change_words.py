"""How people read the items of a plan or an operation: what each is, how it stands, and why."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

import orjson
import pandas as pd

from services.frames.jobs import kind_and_id
from services.frames.times import parse_one
from services.ledger import Outcome
from services.operations import VERBS, Finding, Plan, PlanWarning, Skip, Verb, WarningKind
from services.operations.verbs.all_uploads import Uploads
from services.operations.verbs.assigning import AssignKey, Assigned
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
# What is no verb of many items keeps tokens of its own.
_DONE: Final[Mapping[object, str]] = {
    None: "",
    "started": "Started",
    "created": "Created",
    "changed": "Changed",
    "rotated": "Rotated",
    "recovered": "Recovered",
    "downloaded": "Downloaded",
}

ALREADY: Final[Mapping[Verb, str]] = {
    Verb.EXCLUDE_UPLOADS: "It is excluded already.",
    Verb.INCLUDE_UPLOADS: "It is included already.",
    Verb.EXCLUDE_ALL_UPLOADS: "All that are listed are excluded already.",
    Verb.INCLUDE_ALL_UPLOADS: "All that are listed are included already.",
    Verb.EXCLUDE_FILES: "All that match are excluded already.",
    Verb.INCLUDE_FILES: "All that match are included already.",
    Verb.DISABLE_VERSIONS: "It is not enabled.",
    Verb.CANCEL_JOBS: "It is cancelled, or being cancelled, already.",
    Verb.ASSIGN_CREDENTIALS: "It uses this credential already.",
    Verb.SET_CONNECTOR_SETTINGS: "It has this value already.",
    Verb.DELETE_CREDENTIALS: "Visier does not list it.",
}
_UPLOAD_UNLISTED = (
    "It is not among the data uploads that Visier lists: at most five of each tenant."
)
UNLISTED: Final[Mapping[Verb, str]] = {
    Verb.EXCLUDE_UPLOADS: _UPLOAD_UNLISTED,
    Verb.INCLUDE_UPLOADS: _UPLOAD_UNLISTED,
    Verb.DISABLE_VERSIONS: (
        "It is not among the enabled versions that Visier lists: at most five a tenant."
    ),
    Verb.CANCEL_JOBS: "It is not among the jobs that are known here.",
    Verb.ASSIGN_CREDENTIALS: "The tenant has no such connector.",
    Verb.SET_CONNECTOR_SETTINGS: "The tenant has no such setting.",
}
NOTHING: Final[Mapping[Verb, str]] = {
    **dict.fromkeys(_ALL, "Visier lists no data uploads of this tenant."),
    **dict.fromkeys(_FILES, "No file of this tenant matches."),
    Verb.DISABLE_VERSIONS: "The tenant has no enabled data version.",
}
SKIPS: Final[Mapping[Skip, str]] = {
    Skip.UNKNOWN: "Visier does not say how it stands.",
    Skip.TOO_LONG: "Too much is chosen at once for this tenant: choose fewer files.",
    Skip.CHANGED_SINCE: "It no longer stands as the operation left it.",
    Skip.WERE_MIXED: (
        "Only some of its matching files were included before, so what to restore cannot be told."
    ),
    Skip.ENDED: "It has ended.",
    Skip.DISPATCHING: "A dispatching job cannot be cancelled: choose the jobs below it.",
    Skip.RECEIVING: "A receiving job that is running cannot be cancelled.",
    Skip.RESCHEDULED: "It is being rescheduled: choose the job that takes its place.",
    Skip.INHERITED: "It is inherited: it can only be deleted in the tenant it comes from.",
    Skip.NO_CREDENTIAL: "The tenant has no such credential.",
    Skip.NO_WAY_BACK: "It had no credential before, and Visier offers no way to take one away.",
    Skip.TWICE: "It is named more than once, with different credentials.",
}
REGRETS: Final[Mapping[Verb, str]] = {
    **dict.fromkeys(
        _ALL,
        "Undoing restores the uploads that Visier listed beforehand, at most the latest five of"
        " each tenant; older ones stay as they are.",
    ),
    **dict.fromkeys(
        _FILES,
        "Undoing is possible for those tenants only whose matching files were all included, or all"
        " excluded, beforehand.",
    ),
    Verb.DISABLE_VERSIONS: (
        "A disabled data version cannot be enabled again from here; a new processing job makes a"
        " new one."
    ),
    Verb.CANCEL_JOBS: "A cancelled job cannot be taken up again: start a new one.",
    Verb.ASSIGN_CREDENTIALS: (
        "Undoing gives back the credentials that were there; a connector without one keeps this."
    ),
    Verb.DELETE_CREDENTIALS: (
        "A deleted credential cannot be brought back, its secrets least of all; another one would"
        " have to be created and assigned."
    ),
}
"""Why a verb cannot be undone, or what undoing cannot restore."""

WARNINGS: Final[Mapping[WarningKind, str]] = {
    WarningKind.NONE_LEFT: (
        "{tenants} would be left without any included data upload: a processing job would find"
        " nothing to take in."
    ),
    WarningKind.NONE_KNOWN_LEFT: (
        "{tenants} would have none of the five data uploads included that Visier lists; whether an"
        " older one still is cannot be seen from here."
    ),
    WarningKind.ONE_JOB_LEFT: (
        "Everything that this receiving job brought {tenants} would be excluded; whether another"
        " upload of theirs is included is not known while only its uploads are listed."
    ),
    WarningKind.NO_FILES_LEFT: (
        "{tenants} would be left without any included file: a processing job would find nothing to"
        " take in."
    ),
    WarningKind.OLDER_CHANGE_TOO: (
        "Visier lists the five latest data uploads of {tenants}; older ones, if there are any, are"
        " changed as well."
    ),
    WarningKind.NO_VERSION_LEFT: (
        "{tenants} would be left without any enabled data version: readers see nothing."
    ),
    WarningKind.NO_VERSION_KNOWN_LEFT: (
        "{tenants} would lose all five data versions that Visier lists; whether an older one is"
        " still enabled cannot be seen from here."
    ),
    WarningKind.OLD_FALLBACK: (
        "{tenants} would fall back to a data version older than {older_than}."
    ),
    WarningKind.NEWER_STAYS: (
        "At {tenants} a newer data version stays in use: readers see no change, and it may hold the"
        " same uploads."
    ),
    WarningKind.JOBS_BELOW_GO_ON: (
        "Cancelling does not reach the jobs below. These are below what you chose and would go on:"
        " choose the whole subtree to cancel them too."
    ),
    WarningKind.SHARED_IDS: (
        "Visier cancels by id alone, and these jobs of different types share theirs: it may cancel"
        " another one than you chose."
    ),
    WarningKind.OTHER_PROVIDER: (
        "These connectors would get a credential of another data provider than before."
    ),
    WarningKind.IN_USE: (
        "These connectors use it. They would have no credential, and their next extraction fails."
    ),
}
ONE_STAYS: Final = (
    "The newer data version {number} of {tenants} stays in use: readers see no change, and it may"
    " hold the same uploads."
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


def state(told: Any) -> str:
    """Return how an item stands."""
    match told:
        case Uploads():
            marks = [f"{'●' if included else '○'} {text}" for text, included in told.uploads]
            return f"{told.included} of {len(told.uploads)} included: {' '.join(marks)}"
        case FileCounts():
            return f"{told.included:,} of {told.files:,} files included"
        case JobState(None, _):
            return "Not listed"
        case JobState(status, job_type):
            return f"{status} {str(job_type).lower()} job"
        case SettingState(value) | Assigned(value) if value is None:
            return "Not listed"
        case SettingState(value):
            return f"“{value}”"
        case _:
            return _STATES[told]


def _after(verb: Verb, told: Any) -> str:
    """Return how an item is to stand, shorter where its state lists what is in it."""
    if verb in (*_ALL, *_FILES):
        return "All excluded" if verb in (_ALL[0], _FILES[0]) else "All included"
    return "Cancelled" if verb is Verb.CANCEL_JOBS else state(told)


def _credential(told: Assigned, key: AssignKey) -> str:
    """Return the credential that a connector has, by its name where it is one of the two."""
    if told.credential_id is None:
        return "Not listed"
    names = {key.credential_id: key.credential_name, key.former_id: key.former_name}
    name = names.get(told.credential_id, "")
    described = f"{name} ({told.credential_id})" if name else told.credential_id
    return described or "No credential"


def _stands(verb: Verb, key: Any, told: Any) -> str:
    return _credential(told, key) if isinstance(told, Assigned) else state(told)


def what(verb: Verb, key: Any, name: str) -> str:
    """Return what an item is, beside its tenant."""
    return _WHAT[verb](key, name)


def _version(key: VersionKey, _name: str) -> str:
    date = parse_one(key.date)
    number = key.data_version
    return f"{number} of {date:%Y-%m-%d %H:%M} UTC" if date else number


def _files(key: FilesKey, _name: str) -> str:
    match key.choice:
        case FileChoice.NAME:
            return f"Files named {key.chosen[0]}"
        case FileChoice.SOURCES:
            return f"Files of {', '.join(key.chosen)}"
        case _:
            return f"{len(key.chosen):,} chosen files"


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
    """Return the items of a plan with what people read of them: what, before, after, reason."""
    verb = plan.verb
    changes = plan.changes
    return plan.items.assign(
        what=_texts(what(verb, each.key, each.name) for each in changes),
        before=_texts(_stands(verb, each.key, each.before) for each in changes),
        after=_texts(
            _credential(each.after, each.key)  # type: ignore[arg-type]
            if isinstance(each.after, Assigned)
            else _after(verb, each.after)
            for each in changes
        ),
        reason=_texts(skipped(verb, each.skip) if each.skip else "" for each in changes),
    )


def of_items(verb: str, items: pd.DataFrame) -> pd.DataFrame:
    """Return the items of an operation with what people read of them.

    ``items`` are those of ``Ledger.item_frame``; what, before, after and message are in words.
    """
    spec = VERBS.get(Verb(verb)) if verb in Verb else None
    if spec is None:
        read = lru_cache(maxsize=1000)(_done)
        told = items.assign(
            what=items["name"], before=items["before"].map(read), after=items["after"].map(read)
        )
    else:
        read_state = lru_cache(maxsize=1000)(spec.read_state)
        keys = [spec.read_key(text) for text in items["key"]]
        told = items.assign(
            what=_texts(
                what(spec.verb, key, name) for key, name in zip(keys, items["name"], strict=True)
            ),
            before=_texts(
                _stands(spec.verb, key, read_state(text))
                for key, text in zip(keys, items["before"], strict=True)
            ),
            after=_texts(
                _stands(spec.verb, key, stands)
                if isinstance(stands := read_state(text), Assigned)
                else _after(spec.verb, stands)
                for key, text in zip(keys, items["after"], strict=True)
            ),
        )
    columns = (items[name] for name in ("outcome", "skip", "finding", "facts", "message", "before"))
    messages = [why(verb, *row) for row in zip(*columns, strict=True)]
    return told.assign(message=_texts(messages))


def _texts(words: Any) -> Any:
    return pd.array(list(words), dtype="str")


def _done(text: str) -> str:
    token = orjson.loads(text)[1]
    if isinstance(token, dict):
        versions = ", ".join(token["versions"]) or "none"
        return f"Data versions: {versions} · Uploads: {', '.join(token['uploads'])}"
    return _DONE.get(token, str(token))


def why(
    verb: str, outcome: str, skip: str, finding: str, facts: str, message: str, before: str = ""
) -> str:
    """Return why an item came to its outcome; Visier's own words stand at the end."""
    if outcome == Outcome.SKIPPED:
        return skipped(Verb(verb), Skip(skip)) if skip else message
    told = orjson.loads(facts) if facts else {}
    if not finding:
        return f"{_succeeded(told)} {message}".strip()
    words = _FINDINGS[Finding(finding)]
    stands = {name: _written(verb, told.get("state"), before) for name in ("state",)}
    was = _read(verb, before)
    said = words.format(
        **{"named": "", "failed": "", "of": "", "said": "", "who": "", "done": ""}
        | {name: _fact(value) for name, value in told.items() if name != "state"}
        | stands
        | {"before": was}
    )
    if finding == Finding.PERSON:
        said = _person(told, verb)
    return f"{said} {message}".strip()


def _person(told: Mapping[str, Any], verb: str) -> str:
    if told.get("job_id"):
        return f"Job {told['job_id']}, found among the jobs by {told['who']}."
    is_start = verb.startswith("start_")
    done = ("did start" if is_start else "was done") if told["done"] else (
        "did not start" if is_start else "was not done"
    )
    return f"{told['who']} says that it {done}."


def _succeeded(told: Mapping[str, Any]) -> str:
    if told.get("job_id"):
        return f"Job {told['job_id']}"
    if told.get("status_word"):
        return f"Visier says: {told['status_word']}"
    if told.get("credential_id"):
        words = f"Credential {told['credential_id']}"
        if told.get("cannot_read"):
            words += f" works but cannot read everything: {', '.join(told['cannot_read'])}"
        return words
    return ""


def _fact(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(
        value, str
    ) else (f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value))


def _read(verb: str, text: str) -> str:
    spec = VERBS.get(Verb(verb)) if verb in Verb else None
    return state_words(spec, text) if spec is not None and text else ""


def _written(verb: str, written: Any, _before: str) -> str:
    return _read(verb, orjson.dumps(written).decode()) if written is not None else ""


def state_words(spec: Any, text: str) -> str:
    """Return a written state in words."""
    told = spec.read_state(text)
    if isinstance(told, Assigned):
        return "Not listed" if told.credential_id is None else told.credential_id or "No credential"
    return state(told)


_FINDINGS: Final[Mapping[Finding, str]] = {
    Finding.NOT_SENT: "Not sent yet.",
    Finding.NOT_READ: "It could not be read again before sending:",
    Finding.NO_LONGER_LISTED: "Visier does not list it any more.",
    Finding.LEFT_OUT: (
        "Visier's answer leaves its tenant out, so nothing was sent: how it stands is not known."
    ),
    Finding.CHANGED: "It was “{before}” when this was planned and is “{state}” now.",
    Finding.NO_RESULT: "Visier answered, but not about this item.",
    Finding.CONTRADICTION: "Visier's results for this item contradict each other.",
    Finding.ANOTHER: "Visier's answer names another than was asked for: {named}.",
    Finding.IN_PART: "{failed} of {of} failed:",
    Finding.UNKNOWN_WORD: "Visier's word for it is not known: {said}.",
    Finding.MAY_HAVE: "It may have been done all the same.",
    Finding.NO_ID: "Visier answered but named no id: look for what is new.",
    Finding.STILL_THERE: "Visier answered that it is deleted, but lists it still.",
    Finding.NOT_LOOKED: "Visier answered that it is deleted; that could not be looked up:",
    Finding.NOT_READ_BEFORE: "Not sent: what the tenant has could not be read before.",
    Finding.PERSON: "",
    Finding.LOOKED_DONE: "Looked up: {state} now.",
    Finding.LOOKED_NOT_DONE: "Looked up: still {state}, so it was not done.",
    Finding.LOOKED_TOO_EARLY: (
        "Looked up: still {state}. The request may yet arrive: look it up again in two minutes."
    ),
    Finding.LOOKED_CHANGED: (
        "Looked up: {state} now, which tells neither that it was done nor that it was not."
    ),
    Finding.LOOKED_UNSEEN: "Looked up: Visier does not show it any more.",
}
