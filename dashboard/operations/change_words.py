"""The items of a plan in words: what each is, its state before and after, and why it is skipped."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import pandas as pd

from dashboard.wording import JOB_STATES, JOB_TYPES
from services.frames import Status
from services.frames.jobs import kind_and_id
from services.frames.times import parse_one
from services.monitoring.phrases import counted
from services.operations import Change, Plan, Skip, Verb
from services.operations.verbs.all_uploads import Uploads
from services.operations.verbs.assigning import Assigned, AssignKey
from services.operations.verbs.cancelling import JobState
from services.operations.verbs.connector_settings import SettingState
from services.operations.verbs.deleting import CredentialState
from services.operations.verbs.files import FileChoice, FileCounts, FilesKey
from services.operations.verbs.uploads import Inclusion
from services.operations.verbs.versions import VersionKey, VersionState
from services.operations.verbs.webhook_items import EventKey, NewWebhookKey, WebhookState

UPLOADS: Final = (Verb.EXCLUDE_UPLOADS, Verb.INCLUDE_UPLOADS)
ALL_UPLOADS: Final = (Verb.EXCLUDE_ALL_UPLOADS, Verb.INCLUDE_ALL_UPLOADS)
FILES: Final = (Verb.EXCLUDE_FILES, Verb.INCLUDE_FILES)

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
    WebhookState.ACTIVE: "Active",
    WebhookState.INACTIVE: "Inactive",
    WebhookState.UNKNOWN: "Unknown",
    WebhookState.MISSING: "Not there",
    WebhookState.TESTED: "Tested",
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
    Verb.CREATE_WEBHOOKS: "There is one of this name and address already.",
    Verb.ACTIVATE_WEBHOOKS: "Already active.",
    Verb.DEACTIVATE_WEBHOOKS: "Already inactive.",
    Verb.DELETE_WEBHOOKS: "Visier does not list it.",
}
_UPLOAD_UNLISTED = "Not listed: Visier lists at most five uploads of a tenant."
UNLISTED: Final[Mapping[Verb, str]] = {
    Verb.EXCLUDE_UPLOADS: _UPLOAD_UNLISTED,
    Verb.INCLUDE_UPLOADS: _UPLOAD_UNLISTED,
    Verb.DISABLE_VERSIONS: ("Not listed: Visier lists at most five enabled versions of a tenant."),
    Verb.CANCEL_JOBS: "Unknown job.",
    Verb.ASSIGN_CREDENTIALS: "The tenant has no such connector.",
    Verb.SET_CONNECTOR_SETTINGS: "The tenant has no such setting.",
    **dict.fromkeys(
        (Verb.TEST_WEBHOOKS, Verb.ACTIVATE_WEBHOOKS, Verb.DEACTIVATE_WEBHOOKS),
        "Visier does not list it.",
    ),
}
NOTHING: Final[Mapping[Verb, str]] = {
    **dict.fromkeys(ALL_UPLOADS, "Visier lists no data uploads of this tenant."),
    **dict.fromkeys(FILES, "No file of this tenant matches."),
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


def skipped(verb: Verb, skip: Skip) -> str:
    """Return why an item is skipped."""
    by_verb = {
        Skip.ALREADY_DONE: ALREADY,
        Skip.NOT_LISTED: UNLISTED,
        Skip.NOTHING_THERE: NOTHING,
    }
    return by_verb[skip][verb] if skip in by_verb else SKIPS[skip]


def state(value: Any, key: Any = None) -> str:
    """Return the state of an item; a credential goes by its name where its key has it."""
    match value:
        case Uploads():
            marks = [f"{'●' if included else '○'} {text}" for text, included in value.uploads]
            words = f"{value.included} of {len(value.uploads)} included: {' '.join(marks)}"
        case FileCounts():
            words = f"{value.included:,} of {value.files:,} files included"
        case JobState(None, _) | SettingState(None) | Assigned(None):
            words = "Not listed"
        case JobState(Status() as status, job_type):
            noun = f"{JOB_TYPES[job_type].lower()} job" if job_type else "job"
            words = f"{JOB_STATES[status]} {noun}"
        case SettingState(setting):
            words = f"“{setting}”"
        case Assigned(id_):
            words = _credential(str(id_), key)
        case _:
            words = _STATES[value]
    return words


def _credential(id_: str, key: AssignKey | None) -> str:
    names = {key.credential_id: key.credential_name, key.former_id: key.former_name} if key else {}
    name = names.get(id_)
    return f"{name} ({id_})" if name else id_ or "No credential"


def goal(verb: Verb, key: Any, after: Any) -> str:
    """Return the planned state of an item, shorter where its state lists what is in it."""
    return _GOALS.get(verb) or state(after, key)


_GOALS: Final[Mapping[Verb, str]] = {
    Verb.EXCLUDE_ALL_UPLOADS: "All excluded",
    Verb.INCLUDE_ALL_UPLOADS: "All included",
    Verb.EXCLUDE_FILES: "All excluded",
    Verb.INCLUDE_FILES: "All included",
    Verb.CANCEL_JOBS: "Cancelled",
    Verb.DELETE_WEBHOOKS: "Deleted",
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


def _new_webhook(key: NewWebhookKey, _name: str) -> str:
    events = counted(len(key.events.split()), "event type")
    signed = f"signed with {key.key_name}" if key.key_name else "not signed"
    return f"{key.name}: {key.target_url}, {events}, {signed}"


def _test_event(key: EventKey, _name: str) -> str:
    return f"{key.name or key.webhook_id}: {key.event_type}"


_WHAT: Final[Mapping[Verb, Callable[[Any, str], str]]] = {
    **dict.fromkeys(UPLOADS, lambda key, _name: key.upload_time_text),
    **dict.fromkeys(ALL_UPLOADS, lambda _key, _name: "All data uploads"),
    **dict.fromkeys(FILES, _files),
    Verb.DISABLE_VERSIONS: _version,
    Verb.CANCEL_JOBS: lambda key, _name: kind_and_id(key.job_key)[1],
    Verb.ASSIGN_CREDENTIALS: lambda key, name: name or key.connector_id,
    Verb.SET_CONNECTOR_SETTINGS: lambda key, name: f"{name}: {key.setting_key}",
    Verb.DELETE_CREDENTIALS: lambda key, name: name or key.credential_id,
    Verb.CREATE_WEBHOOKS: _new_webhook,
    Verb.TEST_WEBHOOKS: _test_event,
    **dict.fromkeys(
        (Verb.ACTIVATE_WEBHOOKS, Verb.DEACTIVATE_WEBHOOKS, Verb.DELETE_WEBHOOKS),
        lambda key, name: name or key.webhook_id,
    ),
}


def of_plan(plan: Plan) -> pd.DataFrame:
    """Return the items of a plan with what people read of them.

    Adds what, before, after, change (the state alone where skipped) and reason.
    """
    verb, changes = plan.verb, plan.changes
    return plan.items.assign(
        what=texts(what(verb, each.key, each.name) for each in changes),
        before=texts(state(each.before, each.key) for each in changes),
        after=texts(goal(verb, each.key, each.after) for each in changes),
        change=texts(_change(verb, each) for each in changes),
        reason=texts(skipped(verb, each.skip) if each.skip else "" for each in changes),
    )


def _change(verb: Verb, change: Change[Any]) -> str:
    before, key = state(change.before, change.key), change.key
    if change.skip is not None:
        return before
    if isinstance(key, AssignKey):
        former = key.former_name or key.former_id or "No credential"
        return f"{former} → {key.credential_name or key.credential_id}"
    return f"{before} → {goal(verb, key, change.after)}"


def texts(words: Iterable[str]) -> Any:
    """Return words as a column of str, also where there are none."""
    return pd.array(list(words), dtype="str")
