"""One method per operation that starts, sets, creates or deletes something.

None of these is ever sent twice, but for a 401 after a new token and for a 429, since neither was
executed. A fate that cannot be known is raised as OutcomeUnknown: look before sending again. A
payload means only that Visier answered: each item in it has its own outcome.

Payloads come back parsed and untouched. Every method raises the errors of
``services.visier.errors``; InvalidArgument when it cannot be sent, and then nothing was.
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
        """Start a receiving job for files that lie on Visier's SFTP server; gives its jobId.

        Data and Job Handling API, POST /v1/op/data/startload.
        """
        body: dict[str, Any] = {"files": files}
        if skip_data_load is not None:
            body["skipDataLoad"] = skip_data_load
        return self._call("start_load", body=body)

    def start_extraction(self, body: Item) -> Payload:
        """Start an extraction for one or many tenants; gives jobId or JobId, of a dispatching job.

        Data and Job Handling API, POST /v1/op/data/startExtractAndLoad.
        """
        return self._call("start_extraction", body=body)

    def adhoc_extraction_job(self, body: Item) -> Payload:
        """Start an extraction; gives the jobId of an extraction or a dispatching job.

        Alpha. Data and Job Handling API, POST /v1alpha/op/jobs/extraction-jobs.
        """
        return self._call("adhoc_extraction_job", body=body)

    def adhoc_processing_jobs(self, body: Item) -> Payload:
        """Start processing; gives the jobId of a processing or a dispatching job.

        Alpha. Data and Job Handling API, POST /v1alpha/op/jobs/processing-jobs.
        """
        return self._call("adhoc_processing_jobs", body=body)

    def adhoc_consolidated_analytics_job(self, body: Item) -> Payload:
        """Start a consolidated analytics job; gives its jobId.

        Alpha. Data and Job Handling API, POST /v1alpha/op/jobs/consolidated-analytics-jobs.
        """
        return self._call("adhoc_consolidated_analytics_job", body=body)

    def cancel_jobs(self, job_ids: Sequence[str]) -> Payload:
        """Cancel at most 500 jobs; gives jobCancellationResults[jobId, cancelStatus, message, ...].

        Data and Job Handling API, POST /v1/op/jobs/cancel.
        """
        return self._call("cancel_jobs", body={"jobIds": job_ids})

    def disable_dv(
        self, data_version_objects: Sequence[Item], *, latest_enabled: bool = False
    ) -> Payload:
        """Disable at most 1,000 data versions; gives totalFailures, totalSuccess, results[...].

        An object without a dataVersion takes whatever is the latest enabled one when it arrives,
        a different one each time, and so needs ``latest_enabled``. There is no enabling again.
        Data and Job Handling API, PUT /v1/op/data-versions/disable.
        """
        if not latest_enabled and not all(each.get("dataVersion") for each in data_version_objects):
            raise InvalidArgument(
                "Every data version to disable must be named by its number, or latest_enabled said."
            )
        return self._call("disable_dv", body={"dataVersionObjects": data_version_objects})

    def exclude_data_uploads(self, uploads: Sequence[Item]) -> Payload:
        """Exclude uploads from future versions; gives totalFailures, totalSuccess, uploads[...].

        Data and Job Handling API, PUT /v1/op/data/uploads/exclude.
        """
        return self._call("exclude_data_uploads", body={"uploads": uploads})

    def include_data_uploads(self, uploads: Sequence[Item]) -> Payload:
        """Include uploads in future versions; gives totalFailures, totalSuccess, uploads[...].

        Data and Job Handling API, PUT /v1/op/data/uploads/include.
        """
        return self._call("include_data_uploads", body={"uploads": uploads})

    def create_connector_credential(self, body: Item, *, tenant_code: str | None = None) -> Payload:
        """Create a credential; gives uuid, symbolName, objectName, missingConnectionProperties.

        Data and Job Handling API, POST /v1/op/data-connector-credentials.
        """
        query = {"tenantCode": tenant_code}
        return self._call("create_connector_credential", query=query, body=body)

    def update_connector_credential(
        self, credential_id: str, body: Item, *, tenant_code: str | None = None
    ) -> Payload:
        """Change the fields that are in the body; gives the credential as it is listed.

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
        """Delete a credential; whatever a success answers says nothing more.

        Data and Job Handling API, DELETE /v1/op/data-connector-credentials/{id}.
        """
        self._call(
            "delete_connector_credential",
            ids={"credential_id": credential_id},
            query={"tenantCode": tenant_code},
        )

    def assign_connector_credential(self, connectors: Sequence[Item]) -> Payload:
        """Assign credentials to connectors by tenant; gives tenants[connectors, status, message].

        Data and Job Handling API, POST /v1/op/data-connectors/assignCredentials.
        """
        return self._call("assign_connector_credential", body={"connectors": connectors})

    def set_connector_setting(self, connectors: Sequence[Item]) -> Payload:
        """Set connector settings by tenant; gives tenants[connectors[settings], status, message].

        Data and Job Handling API, PUT /v1/op/data-connectors/connector-settings.
        """
        return self._call("set_connector_setting", body={"connectors": connectors})
