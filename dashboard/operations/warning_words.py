"""What a person is warned of before a plan is applied, in words."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from dashboard.operations import change_words
from services.operations import PlanWarning, Verb, WarningKind

REGRETS: Final[Mapping[Verb, str]] = {
    **dict.fromkeys(
        change_words.ALL_UPLOADS,
        "Undo restores only the uploads that Visier listed before, at most the latest five of "
        "each tenant. Older ones stay as they are.",
    ),
    **dict.fromkeys(
        change_words.FILES,
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
    Verb.TEST_WEBHOOKS: "This cannot be undone: Visier sends the test event at once.",
    Verb.DELETE_WEBHOOKS: (
        "Deletion is permanent. Visier pushes nothing more there; jobs are polled instead."
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
        "All uploads of {tenants} from this job would be excluded. Whether they have "
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


def warning(given: PlanWarning) -> str:
    """Return a warning as a sentence: of one tenant by its code, of more by their number."""
    rows = given.rows
    codes = rows["tenant_code"]
    tenants = str(codes.iloc[0]) if len(rows) == 1 else f"{len(rows):,} tenants"
    if given.kind is WarningKind.NEWER_STAYS and len(rows) == 1:
        return ONE_STAYS.format(number=rows["stays"].iloc[0], tenants=tenants)
    older_than = given.facts.get("older_than")
    return WARNINGS[given.kind].format(
        tenants=tenants, older_than=span(older_than) if older_than else ""
    )


def span(given: timedelta) -> str:
    """Return a span as people say it: 7 days, 36 hours."""
    hours = given / timedelta(hours=1)
    number, unit = (hours / 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{number:,g} {unit}" + ("" if number == 1 else "s")
