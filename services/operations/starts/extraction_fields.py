"""Every field of the requests that start extraction jobs, as data.

Data and Job Handling API, POST /v1/op/data/startExtractAndLoad and
POST /v1alpha/op/jobs/extraction-jobs, which take the same body.
"""

from typing import Final

from .fields import (
    PIPELINE_NAME,
    FieldKind,
    Group,
    Items,
    StartField,
    data_category,
    scope,
)

_TEXT, _NUMBER, _TIME = FieldKind.TEXT, FieldKind.NUMBER, FieldKind.TIME
_CHOICE, _FLAG, _LIST = FieldKind.CHOICE, FieldKind.FLAG, FieldKind.LIST

_SINCE = (
    StartField(
        "overrideLastExtractionTimestamp",
        "Data from",
        _TIME,
        Group.SINCE,
        "The time from which to retrieve data. This overrides the last extraction date to "
        "retrieve more data.",
        default="The last extraction",
        says="Data from {}.",
    ),
    StartField(
        "extractToTimeOverride",
        "Data up to",
        _TIME,
        Group.SINCE,
        "The end time up to which to retrieve data.",
        default="Now",
        says="Data up to {}.",
        ends=True,
    ),
    StartField(
        "lastExtractionTimeOffsetMode",
        "Look back by",
        _CHOICE,
        Group.SINCE,
        "The mode used to offset the last extraction time.",
        choices=("MONTH", "WEEK"),
        default="MONTH",
        says="The last extraction time is offset by {}.",
    ),
    StartField(
        "lastExtractionTimeOffsetMonths",
        "Months to look back",
        _NUMBER,
        Group.SINCE,
        "The number of months to offset the last extraction time. This overrides the last "
        "extraction date backward to retrieve more data.",
        says="Months to look back: {}.",
    ),
    StartField(
        "offsetMonthOption",
        "Day of that month",
        _CHOICE,
        Group.SINCE,
        "The month option used to offset the last extraction time.",
        choices=("CURRENT_DAY_OF_MONTH", "FIRST_OF_MONTH", "LAST_OF_MONTH"),
        default="CURRENT_DAY_OF_MONTH",
        rare=True,
        says="Day of that month: {}.",
    ),
    StartField(
        "lastExtractionTimeOffsetWeeks",
        "Weeks to look back",
        _NUMBER,
        Group.SINCE,
        "The number of weeks in the past to retrieve data. This overrides the last extraction "
        "date to retrieve more data.",
        says="Weeks to look back: {}.",
    ),
    StartField(
        "offsetWeekOption",
        "Day of that week",
        _CHOICE,
        Group.SINCE,
        "The week option used to offset the last extraction time.",
        choices=("CURRENT_DAY_OF_WEEK", "FIRST_OF_WEEK", "LAST_OF_WEEK"),
        default="CURRENT_DAY_OF_WEEK",
        rare=True,
        says="Day of that week: {}.",
    ),
    StartField(
        "monthsToExtract",
        "Months of snapshots",
        _NUMBER,
        Group.SINCE,
        "The number of months to retrieve snapshot data.",
        rare=True,
        says="Months of snapshot data: {}.",
    ),
)

_ARTIFACTS = (
    StartField(
        "publishDataLoadArtifacts",
        "Publish data load artifacts",
        _FLAG,
        Group.ARTIFACTS,
        "The generated data load artifacts are published to production immediately.",
        always=True,
        says="The data load artifacts are published to production immediately.",
        unsaid="The data load artifacts are not published.",
    ),
    StartField(
        "disableArtifactGeneration",
        "Generate no artifacts",
        _FLAG,
        Group.ARTIFACTS,
        "The job does not generate data load artifacts.",
        default="Off",
        says="No data load artifacts are generated.",
    ),
    StartField(
        "forceUpdateExistingArtifacts",
        "Update existing artifacts",
        _FLAG,
        Group.ARTIFACTS,
        "Updates extractor artifacts, which may overwrite the artifacts' manual overrides. Ignored "
        "when no artifacts are generated.",
        always=True,
        says="Existing extractor artifacts are updated: their manual overrides may be lost.",
        danger="I know that this may overwrite what people have changed by hand in the extractor's "
        "artifacts, and that it cannot be undone from here.",
    ),
)

_EXTRACTION_DETAILS = (
    StartField(
        "credentialId",
        "Databricks credential",
        _TEXT,
        Group.DATA,
        "If running a job for the Databricks connector, the unique identifier of the connector "
        "credential to use.",
        items=Items.CREDENTIALS,
        rare=True,
        says="Databricks credential: {}.",
    ),
    StartField(
        "outputTarget",
        "Output",
        _CHOICE,
        Group.DATA,
        "The output of the extraction: a receiving job, or a SQL job for table sources.",
        choices=("Receiving", "SQL"),
        default="Receiving",
        rare=True,
        says="Output: {}.",
    ),
    StartField(
        "batchSizeOverride",
        "Subjects in a batch",
        _NUMBER,
        Group.DATA,
        "The maximum number of subjects the job can retrieve in each batch.",
        rare=True,
        says="At most {} subjects in a batch.",
    ),
    StartField(
        "sqlBatchSize",
        "SQL records in a batch",
        _NUMBER,
        Group.DATA,
        "The maximum number of SQL table records the job can retrieve in each batch.",
        rare=True,
        says="At most {} SQL table records in a batch.",
    ),
    StartField(
        "spillDebugInfoPartitionsDTO",
        "Debugging info",
        _CHOICE,
        Group.NAME,
        "The partitioning of debugging info to be generated, if any: none, for stages and "
        "records, or for all partitions.",
        choices=("spillNone", "spillStagesAndRecords", "spillAll"),
        rare=True,
        says="Debugging info: {}.",
    ),
    StartField(
        "spillDebugInfoDetailLevelDTO",
        "Detail of debugging info",
        _CHOICE,
        Group.NAME,
        "The detail level of the debugging info: for file and line, or for mapping name.",
        choices=("fileAndLine", "mappingName"),
        rare=True,
        says="Detail of debugging info: {}.",
    ),
    PIPELINE_NAME,
)

EXTRACTION: Final = (
    *scope("extraction"),
    StartField(
        "connectorIds",
        "Connectors",
        _LIST,
        Group.DATA,
        "The unique identifiers of the connectors to run extraction jobs.",
        items=Items.CONNECTORS,
        default="All that have a credential",
        says="Connectors: {}.",
    ),
    data_category(
        "The data category on which to trigger the extraction job. Default is the tenant's primary "
        "data category."
    ),
    *_SINCE,
    *_ARTIFACTS,
    StartField(
        "runProcessingJob",
        "Then process",
        _FLAG,
        Group.AFTERWARDS,
        "A processing job is spawned after a dispatched extraction job runs successfully.",
        always=True,
        says="A processing job follows each extraction that succeeds.",
        unsaid="No processing job follows: no data version is made.",
    ),
    *_EXTRACTION_DETAILS,
)
