"""The words of the forms that start jobs: what can be started, its fields by their headings.

Meanings and defaults are those of the Data and Job Handling API.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from services.operations import Verb
from services.operations.starts.forms import StartForm

STARTS: Final[Mapping[str, str]] = {
    Verb.START_LOAD: "Load files",
    Verb.START_EXTRACTION: "Extract",
    Verb.START_PROCESSING: "Process",
    Verb.START_CONSOLIDATION: "Consolidate",
}
"""What can be started, as people choose it."""


@dataclass(frozen=True)
class FieldWords:
    """What people read of a field; ``help`` is the API's own meaning of it.

    ``says`` is the summary's sentence, with ``{}`` for the value, and ``unsaid`` that of a flag
    that is off. ``default`` is what the API takes when the field is absent. ``danger`` is what a
    person has to agree to before the flag may be sent.
    """

    label: str
    help: str
    says: str
    unsaid: str = ""
    default: str = ""
    danger: str = ""


Fields: TypeAlias = Mapping[str, FieldWords]

SCOPE: Final[Mapping[str, str]] = {
    "tenants": "Tenants",
    "excluded_tenants": "Tenants to leave out",
}
_PIPELINE_NAME: Final = {
    "pipeline_name": FieldWords(
        "Pipeline name",
        "A display name for the job pipeline. If unspecified, Visier generates a name based on the "
        "job type.",
        "The job pipeline is called “{}”.",
    )
}


def _data_category(help_text: str) -> FieldWords:
    return FieldWords("Data category", help_text, "Data category: {}.", default="Primary")


_LOAD: Final = {
    "Files": {
        "files": FieldWords(
            "Files",
            "Names of files on Visier's SFTP server, each ending in .zip.gpg: compressed, and "
            "encrypted with Visier's PGP key.",
            "",
        )
    },
    "Afterwards": {
        "skip_data_load": FieldWords(
            "Receive only",
            "Receives the files and skips data loading. Does not generate a data version.",
            "The files are only received. No data version is made.",
            "A processing job makes a data version for each tenant in them.",
        )
    },
}
_EXTRACTION: Final = {
    "Data": {
        "connector_ids": FieldWords(
            "Connectors",
            "The unique identifiers of the connectors to run extraction jobs.",
            "Connectors: {}.",
            default="All that have a credential",
        ),
        "data_category_id": _data_category(
            "The data category on which to trigger the extraction job. Default is the tenant's "
            "primary data category."
        ),
    },
    "How far back": {
        "override_last_extraction_timestamp": FieldWords(
            "Data from",
            "The time from which to retrieve data. This overrides the last extraction date to "
            "retrieve more data.",
            "Data from {}.",
            default="The last extraction",
        ),
        "extract_to_time_override": FieldWords(
            "Data up to",
            "The end time up to which to retrieve data.",
            "Data up to {}.",
            default="Now",
        ),
        "last_extraction_time_offset_mode": FieldWords(
            "Look back by",
            "The mode used to offset the last extraction time.",
            "The last extraction time is offset by {}.",
            default="MONTH",
        ),
        "last_extraction_time_offset_months": FieldWords(
            "Months to look back",
            "The number of months to offset the last extraction time. This overrides the last "
            "extraction date backward to retrieve more data.",
            "Months to look back: {}.",
        ),
        "last_extraction_time_offset_weeks": FieldWords(
            "Weeks to look back",
            "The number of weeks in the past to retrieve data. This overrides the last extraction "
            "date to retrieve more data.",
            "Weeks to look back: {}.",
        ),
    },
    "Data load artifacts": {
        "publish_data_load_artifacts": FieldWords(
            "Publish data load artifacts",
            "The generated data load artifacts are published to production immediately.",
            "The data load artifacts are published to production immediately.",
            "The data load artifacts are not published.",
        ),
        "disable_artifact_generation": FieldWords(
            "Generate no artifacts",
            "The job does not generate data load artifacts.",
            "No data load artifacts are generated.",
        ),
        "force_update_existing_artifacts": FieldWords(
            "Update existing artifacts",
            "Updates extractor artifacts, which may overwrite the artifacts' manual overrides. "
            "Ignored when no artifacts are generated.",
            "Existing extractor artifacts are updated: their manual overrides may be lost.",
            danger=(
                "I know that this may overwrite manual changes to the extractor's artifacts "
                "and cannot be undone."
            ),
        ),
    },
    "Afterwards": {
        "run_processing_job": FieldWords(
            "Then process",
            "A processing job starts after a dispatched extraction job succeeds.",
            "A processing job follows each extraction that succeeds.",
            "No processing job follows: no data version is made.",
        )
    },
}
_RARE_IN_EXTRACTION: Final = {
    "credential_id": FieldWords(
        "Databricks credential",
        "For the Databricks connector: the id of the connector credential to use.",
        "Databricks credential: {}.",
    ),
    "output_target": FieldWords(
        "Output",
        "The output of the extraction: a receiving job, or a SQL job for table sources.",
        "Output: {}.",
        default="Receiving",
    ),
    "batch_size_override": FieldWords(
        "Subjects in a batch",
        "The maximum number of subjects the job can retrieve in each batch.",
        "At most {} subjects in a batch.",
    ),
    "sql_batch_size": FieldWords(
        "SQL records in a batch",
        "The maximum number of SQL table records the job can retrieve in each batch.",
        "At most {} SQL table records in a batch.",
    ),
    "offset_month_option": FieldWords(
        "Day of that month",
        "The month option used to offset the last extraction time.",
        "Day of that month: {}.",
        default="CURRENT_DAY_OF_MONTH",
    ),
    "offset_week_option": FieldWords(
        "Day of that week",
        "The week option used to offset the last extraction time.",
        "Day of that week: {}.",
        default="CURRENT_DAY_OF_WEEK",
    ),
    "months_to_extract": FieldWords(
        "Months of snapshots",
        "The number of months to retrieve snapshot data.",
        "Months of snapshot data: {}.",
    ),
    "spill_debug_info_partitions": FieldWords(
        "Debugging info",
        "The partitioning of debugging info to be generated, if any: none, for stages and "
        "records, or for all partitions.",
        "Debugging info: {}.",
    ),
    "spill_debug_info_detail_level": FieldWords(
        "Detail of debugging info",
        "The detail level of the debugging info: for file and line, or for mapping name.",
        "Detail of debugging info: {}.",
    ),
}
_PROCESSING: Final = {
    "Data": {
        "data_category_id": _data_category(
            "The data category to run the job for. If omitted, runs a job using the primary data "
            "category."
        )
    },
    "Afterwards": {
        "publish_to_production": FieldWords(
            "Publish to production",
            "Publishes the new data version to production: it reaches readers as soon as it is "
            "made.",
            "The new data versions are published to production.",
            "The new data versions are not published by this job.",
        )
    },
}
_CONSOLIDATION: Final = {
    "Data": {
        "tenant_code": FieldWords(
            "Consolidated analytics tenant",
            "The tenant code of the consolidated analytics tenant; for example, WFF_j1r~CAa7s.",
            "",
        )
    },
    "Afterwards": {
        "run_processing_job": FieldWords(
            "Then process",
            "Runs a processing job after the consolidated analytics job completes, to make a data "
            "version.",
            "A processing job follows and makes a data version.",
            "No processing job follows: no data version is made.",
        )
    },
}

COMMON: Final[Mapping[str, Mapping[str, Fields]]] = {
    Verb.START_LOAD: _LOAD,
    Verb.START_EXTRACTION: _EXTRACTION,
    Verb.START_PROCESSING: _PROCESSING,
    Verb.START_CONSOLIDATION: _CONSOLIDATION,
}
"""The fields of each start by their headings, in the order in which they are asked for."""
RARE: Final[Mapping[str, Fields]] = {
    Verb.START_LOAD: {},
    Verb.START_EXTRACTION: _RARE_IN_EXTRACTION | _PIPELINE_NAME,
    Verb.START_PROCESSING: _PIPELINE_NAME,
    Verb.START_CONSOLIDATION: _PIPELINE_NAME,
}
"""The fields of each start that are folded away."""


def words_of(form: type[StartForm]) -> Iterator[tuple[str, FieldWords]]:
    """Yield the fields of a form except its scope, in the order of its body."""
    known = dict(RARE[form.verb])
    for fields in COMMON[form.verb].values():
        known |= fields
    yield from ((name, known[name]) for name in form.model_fields if name in known)


def label(form: type[StartForm], name: str) -> str:
    """Return what people call a field."""
    return SCOPE.get(name) or dict(words_of(form))[name].label
