"""Every field of the requests that start work, as data.

Names, meanings and defaults are those of the Data and Job Handling API, read from its code samples,
its OpenAPI document and its SDK (which adds ``pipelineName``).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_TENANTS: Final = 50_000
"""So many analytic tenants an administrating tenant has at most, unless Visier raises it."""


class FieldKind(StrEnum):
    """What is typed into a field."""

    TEXT = "text"
    NUMBER = "whole number"
    TIME = "time"
    CHOICE = "choice"
    FLAG = "flag"
    LIST = "list"


class Group(StrEnum):
    """What a person thinks of together."""

    FILES = "Files"
    SCOPE = "Tenants"
    DATA = "Data"
    SINCE = "How far back"
    ARTIFACTS = "Data load artifacts"
    AFTERWARDS = "Afterwards"
    NAME = "Name and debugging"


class Items(StrEnum):
    """What the text, or each text of a list, names; it decides how the text may look."""

    ANYTHING = "text"
    TENANTS = "tenant code"
    CONSOLIDATED = "code of a consolidated analytics tenant"
    FILES = "file name"
    CATEGORIES = "data category id"
    CONNECTORS = "connector id"
    CREDENTIALS = "credential id"


@dataclass(frozen=True)
class StartField:
    """One field of a request; ``help`` is the API's own meaning of it.

    A field that is unset is absent from the body, but for a flag that is ``always`` there: one
    whose default the API leaves open. ``default`` is what the API takes when it is absent. ``says``
    is the summary's sentence, with ``{}`` for the value, and ``unsaid`` the sentence of a flag that
    is off. ``danger`` is what a person has to agree to before the flag may be sent. ``ends`` marks
    the time a span ends at: of an hour that a clock change repeats, the second is meant. ``most``
    bounds a list.
    """

    name: str
    label: str
    kind: FieldKind
    group: Group
    help: str
    items: Items = Items.ANYTHING
    choices: tuple[str, ...] = ()
    default: str = ""
    always: bool = False
    rare: bool = False
    says: str = ""
    unsaid: str = ""
    danger: str = ""
    ends: bool = False
    most: int | None = None


_TEXT, _FLAG, _LIST = FieldKind.TEXT, FieldKind.FLAG, FieldKind.LIST

PIPELINE_NAME = StartField(
    "pipelineName",
    "Pipeline name",
    _TEXT,
    Group.NAME,
    "A display name for the job pipeline. If unspecified, Visier generates a name based on the "
    "job type.",
    rare=True,
    says="The job pipeline is called “{}”.",
)


def scope(job: str) -> tuple[StartField, ...]:
    """Return the fields that say for which tenants jobs of this kind are started."""
    return (
        StartField(
            "tenants",
            "Tenants",
            _LIST,
            Group.SCOPE,
            f"The analytic tenants to run {job} jobs for, one job per tenant. Only valid for "
            "requests from an administrating tenant.",
            items=Items.TENANTS,
            most=MOST_TENANTS,
        ),
        StartField(
            "allTenants",
            "All tenants",
            _FLAG,
            Group.SCOPE,
            f"Runs {job} jobs for all accessible analytic tenants. Only valid for requests from an "
            "administrating tenant.",
        ),
        StartField(
            "excludedTenants",
            "Tenants to leave out",
            _LIST,
            Group.SCOPE,
            "The tenants to exclude. Only valid together with all tenants, and only for requests "
            "from an administrating tenant.",
            items=Items.TENANTS,
            most=MOST_TENANTS,
        ),
    )


def data_category(help_text: str) -> StartField:
    """Return the field for the data category, with the meaning it has for one kind of job."""
    return StartField(
        "dataCategoryId",
        "Data category",
        _TEXT,
        Group.DATA,
        help_text,
        items=Items.CATEGORIES,
        default="Primary",
        says="Data category: {}.",
    )


LOAD: Final = (
    StartField(
        "files",
        "Files",
        _LIST,
        Group.FILES,
        "The names of files that lie on Visier's SFTP server, each ending in .zip.gpg: encrypted "
        "with Visier's PGP key and compressed.",
        items=Items.FILES,
    ),
    StartField(
        "skipDataLoad",
        "Receive only",
        _FLAG,
        Group.AFTERWARDS,
        "Receives the files and skips data loading. Does not generate a data version.",
        always=True,
        says="The files are received only: no data version is made.",
        unsaid="A processing job makes a data version for each tenant in them.",
    ),
)

PROCESSING: Final = (
    *scope("processing"),
    data_category(
        "The data category to run the job for. If omitted, runs a job using the primary data "
        "category."
    ),
    StartField(
        "publishToProduction",
        "Publish to production",
        _FLAG,
        Group.AFTERWARDS,
        "Publishes the generated data version to production: it reaches readers as soon as it is "
        "made.",
        always=True,
        says="The new data versions are published to production.",
        unsaid="The new data versions are not published by this job.",
    ),
    PIPELINE_NAME,
)

CONSOLIDATION: Final = (
    StartField(
        "tenantCode",
        "Consolidated analytics tenant",
        _TEXT,
        Group.DATA,
        "The tenant code of the consolidated analytics tenant; for example, WFF_j1r~CAa7s.",
        items=Items.CONSOLIDATED,
    ),
    StartField(
        "runProcessingJob",
        "Then process",
        _FLAG,
        Group.AFTERWARDS,
        "Runs a processing job after the consolidated analytics job completes, to make a data "
        "version.",
        always=True,
        says="A processing job follows and makes a data version.",
        unsaid="No processing job follows: no data version is made.",
    ),
    PIPELINE_NAME,
)
