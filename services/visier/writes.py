"""One method per operation that starts, sets, creates or deletes something.

None of these is ever sent twice, except after a 401 (with a new token) and a 429, which were not
executed. An unknown outcome is raised as OutcomeUnknown: look it up before sending again. A payload
means only that Visier answered: each item in it has its own outcome.

Payloads are parsed and otherwise untouched. Every method raises the errors of
``services.visier.errors``; InvalidArgument, with nothing sent, for a call that cannot be sent.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from .calls import Calls
from .errors import InvalidArgument
from .protocol import Payload

Item = Mapping[str, Any]


class Writes(Calls):
    """What changes something at Visier."""

    def start_load(self, files: Sequence[str], *, skip_data_load: bool | None = None) -> Payload:
        """Start a receiving job for files on Visier's SFTP server; returns its jobId.

        Data and Job Handling API, POST /v1/op/data/startload.
        """
        body: dict[str, Any] = {"files": files}
        if skip_data_load is not None:
            body["skipDataLoad"] = skip_data_load
        return self._call("start_load", body=body)

    def start_extraction(self, body: Item) -> Payload:
        """Start an extraction for one or many tenants; returns a dispatching job's jobId or JobId.

        Data and Job Handling API, POST /v1/op/data/startExtractAndLoad.
        """
        return self._call("start_extraction", body=body)

    def adhoc_extraction_job(self, body: Item) -> Payload:
        """Start an extraction; returns the jobId of an extraction or a dispatching job.

        Alpha. Data and Job Handling API, POST /v1alpha/op/jobs/extraction-jobs.
        """
        return self._call("adhoc_extraction_job", body=body)

    def adhoc_processing_jobs(self, body: Item) -> Payload:
        """Start processing; returns the jobId of a processing or a dispatching job.

        Alpha. Data and Job Handling API, POST /v1alpha/op/jobs/processing-jobs.
        """
        return self._call("adhoc_processing_jobs", body=body)

    def adhoc_consolidated_analytics_job(self, body: Item) -> Payload:
        """Start a consolidated analytics job; returns its jobId.

        Alpha. Data and Job Handling API, POST /v1alpha/op/jobs/consolidated-analytics-jobs.
        """
        return self._call("adhoc_consolidated_analytics_job", body=body)

    def cancel_jobs(self, job_ids: Sequence[str]) -> Payload:
        """Cancel at most 500 jobs; returns jobCancellationResults[jobId, cancelStatus, ...].

        Data and Job Handling API, POST /v1/op/jobs/cancel.
        """
        return self._call("cancel_jobs", body={"jobIds": job_ids})

    def disable_dv(
        self, data_version_objects: Sequence[Item], *, latest_enabled: bool = False
    ) -> Payload:
        """Disable at most 1,000 data versions; returns totalFailures, totalSuccess, results[...].

        An object without a dataVersion means the latest enabled one at that moment, another one
        each time, and so requires ``latest_enabled``. No operation enables a version again.
        Data and Job Handling API, PUT /v1/op/data-versions/disable.
        """
        if not latest_enabled and not all(each.get("dataVersion") for each in data_version_objects):
            raise InvalidArgument(
                "Every data version to disable must be named by its number, or latest_enabled said."
            )
        return self._call("disable_dv", body={"dataVersionObjects": data_version_objects})

    def exclude_data_uploads(self, uploads: Sequence[Item]) -> Payload:
        """Exclude uploads from future versions; returns totalFailures, totalSuccess, uploads[...].

        Data and Job Handling API, PUT /v1/op/data/uploads/exclude.
        """
        return self._call("exclude_data_uploads", body={"uploads": uploads})

    def include_data_uploads(self, uploads: Sequence[Item]) -> Payload:
        """Include uploads in future versions; returns totalFailures, totalSuccess, uploads[...].

        Data and Job Handling API, PUT /v1/op/data/uploads/include.
        """
        return self._call("include_data_uploads", body={"uploads": uploads})

    def create_connector_credential(self, body: Item, *, tenant_code: str | None = None) -> Payload:
        """Create a credential; returns uuid, symbolName, objectName, missingConnectionProperties.

        Data and Job Handling API, POST /v1/op/data-connector-credentials.
        """
        query = {"tenantCode": tenant_code}
        return self._call("create_connector_credential", query=query, body=body)

    def update_connector_credential(
        self, credential_id: str, body: Item, *, tenant_code: str | None = None
    ) -> Payload:
        """Change the fields that are in the body; returns the credential as it is listed.

        Data and Job Handling API, PUT /v1/op/data-connector-credentials/{id}.
        """
        return self._call(
            "update_connector_credential",
            ids={"credential_id": credential_id},
            query={"tenantCode": tenant_code},
            body=body,
        )

    def delete_connector_credential(
        self, credential_id: str, *, tenant_code: str | None = None
    ) -> None:
        """Delete a credential; the body of a success has no meaning.

        Data and Job Handling API, DELETE /v1/op/data-connector-credentials/{id}.
        """
        self._call(
            "delete_connector_credential",
            ids={"credential_id": credential_id},
            query={"tenantCode": tenant_code},
        )

    def assign_connector_credential(self, connectors: Sequence[Item]) -> Payload:
        """Assign credentials to connectors by tenant; returns tenants[connectors, status, message].

        Data and Job Handling API, POST /v1/op/data-connectors/assignCredentials.
        """
        return self._call("assign_connector_credential", body={"connectors": connectors})

    def set_connector_setting(self, connectors: Sequence[Item]) -> Payload:
        """Set connector settings by tenant; returns tenants[connectors[settings], status, message].

        Data and Job Handling API, PUT /v1/op/data-connectors/connector-settings.
        """
        return self._call("set_connector_setting", body={"connectors": connectors})
