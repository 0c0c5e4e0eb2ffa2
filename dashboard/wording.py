"""How people read what the services know by tokens: verbs, states, outcomes, events."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from services.frames import JobType, Status
from services.frames.job_tree import ABOVE_OTHERS
from services.frames.links import Link
from services.ledger import Control, EventKind, IncidentState, MessageState, Outcome, State
from services.monitoring import durations
from services.monitoring.rhythm import Rhythm
from services.monitoring.watch import NightState
from services.monitoring.watch.differences import Difference
from services.notifications.incidents import MessageKind
from services.operations import Bar, Closed, Verb
from services.operations.recovery.finding import By
from services.operations.recovery.incident import Change, Step
from services.operations.recovery.steps import Stage, StepStatus
from services.operations.recovery.verdicts import Verdict
from services.operations.starts.outcomes import StartState
from services.operations.starts.record import FoundJob

VERBS: Final[Mapping[str, str]] = {
    Verb.EXCLUDE_UPLOADS: "Exclude data uploads",
    Verb.INCLUDE_UPLOADS: "Include data uploads",
    Verb.EXCLUDE_ALL_UPLOADS: "Exclude all data uploads",
    Verb.INCLUDE_ALL_UPLOADS: "Include all data uploads",
    Verb.EXCLUDE_FILES: "Exclude files",
    Verb.INCLUDE_FILES: "Include files",
    Verb.DISABLE_VERSIONS: "Disable data versions",
    Verb.CANCEL_JOBS: "Cancel jobs",
    Verb.START_LOAD: "Start a data load",
    Verb.START_EXTRACTION: "Start extraction jobs",
    Verb.START_PROCESSING: "Start processing jobs",
    Verb.START_CONSOLIDATION: "Start a consolidated analytics job",
    Verb.ASSIGN_CREDENTIALS: "Assign credentials",
    Verb.SET_CONNECTOR_SETTINGS: "Set connector settings",
    Verb.CREATE_CREDENTIALS: "Create credentials",
    Verb.CHANGE_CREDENTIAL: "Change credential details",
    Verb.ROTATE_SECRETS: "Rotate secrets",
    Verb.DELETE_CREDENTIALS: "Delete credentials",
    Verb.RECOVER: "Recover from a bad load",
    Verb.DOWNLOAD_FILES: "Download source files",
    Verb.CHANGE_RULES: "Change rules",
    Verb.HANDLE_INCIDENTS: "Handle incidents",
    Verb.CREATE_WEBHOOKS: "Create webhooks",
    Verb.TEST_WEBHOOKS: "Test webhooks",
    Verb.ACTIVATE_WEBHOOKS: "Activate webhooks",
    Verb.DEACTIVATE_WEBHOOKS: "Deactivate webhooks",
    Verb.DELETE_WEBHOOKS: "Delete webhooks",
    "change_credential": "Change a credential",
}
"""The last is a verb of earlier versions, which the ledger still has where nothing was sent."""

STATES: Final[Mapping[str, str]] = {
    State.PLANNING: "Planning",
    State.RUNNING: "Running",
    State.PAUSED: "Paused",
    State.STOPPING: "Stopping",
    State.STOPPED: "Stopped",
    State.FINISHED: "Finished",
    State.INTERRUPTED: "Interrupted",
    State.REFUSED: "Refused",
    State.OPEN: "Open",
    StartState.STARTED: "Started",
    StartState.JOBS_RUNNING: "Jobs running",
    StartState.UNCERTAIN: "Uncertain",
}
OUTCOMES: Final[Mapping[str, str]] = {
    Outcome.PLANNED: "Planned",
    Outcome.SKIPPED: "Skipped",
    Outcome.INTENDED: "Intended",
    Outcome.SUCCEEDED: "Succeeded",
    Outcome.FAILED: "Failed",
    Outcome.CHANGED_SINCE_PLAN: "Changed since plan",
    Outcome.NO_RESULT: "No result returned",
    Outcome.UNCERTAIN: "Uncertain",
}
CONTROLS: Final[Mapping[Control, str]] = {
    Control.PAUSE: "Pause requested",
    Control.RESUME: "Resume requested",
    Control.STOP: "Stop requested",
}
EVENTS: Final[Mapping[str, str]] = {
    EventKind.ANSWER: "Answer",
    EventKind.INCIDENT: "Impact",
    EventKind.CHOICES: "Choices",
    EventKind.CONTROL: "Control",
    EventKind.EXTRA_RESULTS: "Extra results",
    EventKind.FOUND_JOB: "Found",
    EventKind.JOB_ID: "Job id",
    EventKind.LISTED_BEFORE: "Listed before",
    EventKind.LOOK_UP: "Look-up",
    EventKind.NOT_LISTED_BEFORE: "Not listed before",
    EventKind.RECOVERY_CHANGED: "Changed",
    EventKind.REFUSED: "Refused",
    EventKind.REMARK: "Remark",
    EventKind.REQUEST: "Request",
    EventKind.TOTALS: "Totals",
    EventKind.TROUBLE: "Trouble",
    EventKind.VERIFIED: "Verified",
    EventKind.WHERE_LISTED: "Where to look",
}
STEPS: Final[Mapping[Step, str]] = {
    Step.DISABLE: "Disable the data versions",
    Step.EXCLUDE: "Exclude the uploads",
    Step.REPROCESS: "Reprocess the tenants",
}
STEP_STATUSES: Final[Mapping[StepStatus, str]] = {
    StepStatus.TO_DO: "To do",
    StepStatus.RUNNING: "Running",
    StepStatus.UNCLEAR: "Needs attention",
    StepStatus.STARTED: "Started",
    StepStatus.DONE: "Done",
    StepStatus.FAILED: "Not all succeeded",
    StepStatus.OFF: "Left out",
    StepStatus.NOTHING: "Nothing to do",
}
STAGES: Final[Mapping[Stage, str]] = {
    Stage.FIND: "Find",
    Stage.IMPACT: "Impact",
    Stage.PLAN: "Plan",
    Stage.RUN: "Run",
    Stage.VERIFY: "Verify",
    Stage.REPORT: "Report",
}
FIND_BY: Final[Mapping[str, str]] = {
    By.DELIVERY: "Delivery",
    By.JOB: "Receiving job",
    By.WINDOW: "Time window",
    By.TENANTS: "Tenants",
    By.FAILURE: "Kind of failure",
}
"""By what a bad load is found, as people choose it."""
VERDICTS: Final[Mapping[Verdict, str]] = {
    Verdict.CONFIRMED: "Confirmed",
    Verdict.NOT_CONFIRMED: "Not confirmed",
    Verdict.TO_COME: "Pending",
    Verdict.NOT_TOLD: "Unknown",
    Verdict.LEFT_OUT: "Left out",
}
CHECKS: Final[Mapping[str, str]] = {
    "data_version": "Data version",
    "upload": "Upload",
    "job": "Job",
}
CHANGES: Final[Mapping[Change, str]] = {
    Change.SAVE_PLAN: "Plan saved",
    Change.LEAVE_OUT: "Step left out",
    Change.VERIFY: "Verified",
    Change.CLOSE: "Closed",
}

JOB_STATES: Final[Mapping[str, str]] = {
    Status.PENDING: "Pending",
    Status.RUNNING: "Running",
    Status.RESCHEDULING: "Rescheduling",
    Status.CANCELLING: "Cancelling",
    Status.SUCCEEDED: "Succeeded",
    Status.FAILED: "Failed",
    Status.ERROR: "Error",
    Status.CANCELLED: "Cancelled",
    Status.ROLLED_BACK: "Rolled back",
    Status.RESCHEDULED: "Rescheduled",
    Status.UNKNOWN: "Unknown",
    ABOVE_OTHERS: "Succeeded, not all child jobs",
}
JOB_TYPES: Final[Mapping[str, str]] = {
    JobType.DISPATCHING: "Dispatching",
    JobType.EXTRACTION: "Extraction",
    JobType.RECEIVING: "Receiving",
    JobType.PROCESSING: "Processing",
    JobType.CONSOLIDATED: "Consolidated analytics",
    JobType.OTHER: "Other",
}
REMARKS: Final[Mapping[str, str]] = {
    durations.STUCK: "Stuck",
    durations.LATE: "Late",
    durations.QUICK: "Unusually fast",
}
LINKS: Final[Mapping[str, str]] = {
    Link.LINKED: "Linked",
    Link.UNASSIGNED: "Unassigned",
    Link.BROKEN: "Broken link",
    Link.UNCHECKED: "Not checked",
}
SPANS: Final[Mapping[str, str]] = {
    "1h": "1 hour",
    "6h": "6 hours",
    "24h": "24 hours",
    "3d": "3 days",
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
    "last_night": "Last night",
    "between": "Between",
    "everything": "Everything",
}
"""How long ago something began or arrived."""
RHYTHMS: Final[Mapping[Rhythm, str]] = {
    Rhythm.NONE_ENABLED: "None enabled",
    Rhythm.OVERDUE: "Overdue",
    Rhythm.ON_TIME: "On time",
    Rhythm.TOO_LITTLE_KNOWN: "Too little known",
    Rhythm.ODD_DATE: "Odd date",
}
"""The worst first."""
UPLOAD_STATES: Final[Mapping[str, str]] = {
    "any": "All",
    "included": "Included",
    "excluded": "Excluded",
}
DELIVERIES: Final[Mapping[str, str]] = {
    "all": "All",
    "unusual": "Unusual",
    "excluded": "Excluded",
    "failed": "Failed",
}
"""Which deliveries are shown."""
INCIDENTS: Final[Mapping[str, str]] = {
    IncidentState.OPEN: "Open",
    IncidentState.ACKNOWLEDGED: "Acknowledged",
    IncidentState.RESOLVED: "Resolved",
}
WATCH_VIEWS: Final[Mapping[str, str]] = {
    "incidents": "Incidents",
    "rules": "Rules",
    "messages": "Messages",
    "webhooks": "Webhooks",
}
MESSAGES: Final[Mapping[str, str]] = {
    MessageState.PLANNED: "Waiting",
    MessageState.INTENDED: "Being sent",
    MessageState.SENT: "Sent",
    MessageState.FAILED: "Not delivered",
    MessageState.UNCERTAIN: "Uncertain",
    MessageState.DISMISSED: "Dismissed",
}
MESSAGE_KINDS: Final[Mapping[str, str]] = {
    MessageKind.WARNED: "Warning",
    MessageKind.OPENED: "New incident",
    MessageKind.RESOLVED: "Resolved",
    MessageKind.REOPENED: "Still open",
    MessageKind.DIGEST: "Digest",
    MessageKind.TEST: "Test",
}
MESSAGE_ERRORS: Final[Mapping[str, str]] = {
    "": "",
    "refused": "Refused or not reachable",
    "no_answer": "No answer: it may have arrived",
    "broken_off": "The dashboard ended while sending: it may have arrived",
}
PUSHED_EVENTS: Final[Mapping[str, str]] = {
    "jobResultSuccess": "Job succeeded",
    "jobResultFailure": "Job failed",
    "jobReschedule": "Job rescheduled",
    "dvPublish": "Data version published",
    "dataUploadNotification": "Data uploaded",
    "systemAlertNotification": "System alert",
    "auditEvent": "Audit event",
    "alertNotification": "Alert",
    "smartCompNotification": "Smart Compensation",
    "planRowPromotionNotification": "Plan row promoted",
}
"""The types of events of Visier's webhooks."""
NIGHT_STATES: Final[Mapping[NightState, str]] = {
    NightState.FAILED: "Failed",
    NightState.LATE: "Late",
    NightState.EXCLUDED: "Excluded",
    NightState.LOADED: "Loaded",
    NightState.NOTHING_CAME: "Nothing came",
    NightState.NOT_OBSERVED: "Not observed",
}
"""How a night went for a tenant, the worst first."""
DIFFERENCES: Final[Mapping[Difference, str]] = {
    Difference.NOT_LOADED: "Not loaded now",
    Difference.LOADED: "Loaded now",
    Difference.FAILED: "Failed now",
    Difference.LATE: "Late now",
    Difference.OLDER_VERSION: "Older version",
    Difference.MORE_UPLOADS: "More uploads",
    Difference.FEWER_UPLOADS: "Fewer uploads",
    Difference.SAME_VERSION: "Same version",
}
"""How the later of two nights differs for a tenant."""
FILTERED_BY: Final[Mapping[str, str]] = {
    **JOB_STATES,
    **JOB_TYPES,
    **REMARKS,
    **LINKS,
    **SPANS,
    **{rhythm.value: word for rhythm, word in RHYTHMS.items()},
    **UPLOAD_STATES,
    **DELIVERIES,
    **INCIDENTS,
    **WATCH_VIEWS,
    **{state.value: word for state, word in NIGHT_STATES.items()},
    **{each.value: word for each, word in DIFFERENCES.items()},
}
"""The tokens that filters name in links; one that several have reads the same in all."""
FORMER: Final[Mapping[str, str]] = {"Suspiciously quick": durations.QUICK}
"""The words of earlier versions that links may still name, where these read otherwise now."""
COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {"job_type": JOB_TYPES, "link": LINKS}
"""The words of the columns that every table shows in words and every export has in tokens."""


def in_words(tokens: pd.Series, words: Mapping[str, str]) -> pd.Series:
    """Return a column in words, as a category in the same order; a cell may have several."""

    def describe(cell: str) -> str:
        return ", ".join(words.get(token, token) for token in cell.split(", "))

    return tokens.astype("category").cat.rename_categories(describe)


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows as a table shows them: the columns of COLUMNS in words."""
    named = {name: words for name, words in COLUMNS.items() if name in rows}
    return rows.assign(**{name: in_words(rows[name], words) for name, words in named.items()})


def found_job(found: FoundJob) -> str:
    """Return what a job is by what Visier said of it; never a type that was not read."""
    if found.job_type is not JobType.OTHER:
        return f"{JOB_TYPES[found.job_type]} job"
    return f"A job of type {found.type_word}" if found.type_word else "A job"


def verb(token: str) -> str:
    """Return how people read a verb; one that this version does not know stays a token."""
    return VERBS.get(token, token)


UNPERMITTED: Final = "Your groups do not permit “{verb}”."


BARS: Final[Mapping[Bar, str]] = {
    Bar.NOT_SIGNED_IN: "Sign in first.",
    Bar.EXPIRED: "Your sign-in has expired. Sign in again.",
    Bar.SIGNED_OUT: "You have signed out in another tab. Sign in again.",
    Bar.SOMEBODY_ELSE: "Someone else has signed in since.",
    Bar.IDLE: "Signed out after {about} minutes of inactivity.",
    Bar.READ_ONLY: "This dashboard is read-only and sends no changes.",
    Bar.NO_GROUPS: (
        "Your sign-in has no groups: the claim “{about}” is missing. You may view but not change "
        "anything. Ask the operator of this dashboard to add the claim."
    ),
    Bar.NO_PERSON: (
        "Permissions need groups from OpenID Connect. You may view but not change anything."
    ),
    Bar.RECOVERY_CLOSED: "This recovery is closed. Nothing can change in it.",
}


def closed(refused: Closed) -> str:
    """Return why somebody may do nothing at all."""
    return BARS[refused.why].format(about=refused.about)


def refusal(token: str, refused: Closed | None) -> str:
    """Return why somebody may not use this verb: they lack it, or may do nothing at all."""
    return closed(refused) if refused else UNPERMITTED.format(verb=verb(token))


def verbs_that_say(text: str) -> tuple[str, ...]:
    """Return the verbs in whose words a text stands, without regard to case."""
    return tuple(token for token, words in VERBS.items() if text.casefold() in words.casefold())
