"""One method per operation that reads data or connectors; one iterator for each that pages.

Payloads are parsed and otherwise untouched: unknown fields stay in, any field may be missing, null
or of another shape than documented here. Times in them are UTC. Every method raises the errors of
``services.visier.errors``; InvalidArgument when the call cannot be sent.

Iterators ask for 1,000 items a page and yield one payload per page, the first even when it is
empty. A page is requested when it is taken.
"""

from collections.abc import Sequence

from .answers import FileResponse
from .calls import Calls, Pages
from .endpoints import LATEST_LISTED
from .protocol import Payload

# Named, since without a mask a page holds 400 tenants in place of 1,000 (Tenants API).
TENANT_FIELDS = (
    "tenantCode",
    "tenantDisplayName",
    "status",
    "currentDataVersion",
    "dataVersionDate",
    "canAdministerOtherTenants",
)


class DataReads(Calls):
    """What can be asked about data versions, uploads, files, connectors and tenants."""

    def latest_enabled_dv(
        self,
        *,
        tenant_code: str | None = None,
        start: int | None = None,
        limit: int | None = None,
        number_of_versions: int | None = None,
        data_category: str | None = None,
    ) -> Payload:
        """Return tenants[tenantCode or tenant, dataVersions[dataVersion, dataVersionDate]].

        Enabled versions only, up to five a tenant; ``limit`` counts tenants; ``data_category`` is a
        category's objectName. Data and Job Handling API, GET /v1/op/data-versions.
        """
        query = {
            "tenantCode": tenant_code,
            "start": start,
            "limit": limit,
            "numberOfVersions": number_of_versions,
            "dataCategory": data_category,
        }
        return self._call("latest_enabled_dv", query=query)

    def iter_latest_enabled_dv(
        self,
        *,
        tenant_code: str | None = None,
        number_of_versions: int = LATEST_LISTED,
        data_category: str | None = None,
    ) -> Pages:
        """Page through ``latest_enabled_dv``, by default with all five versions a tenant."""
        return self._pages(
            "latest_enabled_dv",
            tenantCode=tenant_code,
            numberOfVersions=number_of_versions,
            dataCategory=data_category,
        )

    def retrieve_data_uploads(
        self,
        *,
        upload_job_id: str | None = None,
        tenant_code: str | None = None,
        start: int | None = None,
        limit: int | None = None,
        number_of_data_uploads: int | None = None,
    ) -> Payload:
        """Return tenants[tenantCode, uploads[uploadTime, included]], up to five uploads a tenant.

        ``limit`` counts tenants; ``upload_job_id`` is the id of a receiving job. Data and Job
        Handling API, GET /v1/op/data/uploads.
        """
        query = {
            "uploadJobId": upload_job_id,
            "tenantCode": tenant_code,
            "start": start,
            "limit": limit,
            "numberOfDataUploads": number_of_data_uploads,
        }
        return self._call("retrieve_data_uploads", query=query)

    def iter_retrieve_data_uploads(
        self,
        *,
        upload_job_id: str | None = None,
        tenant_code: str | None = None,
        # Visier's own default is one, by which a bad upload is easily out of view.
        number_of_data_uploads: int = LATEST_LISTED,
    ) -> Pages:
        """Page through ``retrieve_data_uploads``, by default with all five uploads a tenant."""
        return self._pages(
            "retrieve_data_uploads",
            uploadJobId=upload_job_id,
            tenantCode=tenant_code,
            numberOfDataUploads=number_of_data_uploads,
        )

    def retrieve_tenant_source_files(
        self,
        *,
        file_name_regex: str | None = None,
        start: int | None = None,
        limit: int | None = None,
    ) -> Payload:
        """Return sourceFiles[uploadTime, filename, identifier, sourceId, ..., included].

        Of the connection's target tenant: one object with tenantCode, a list of such objects, or
        ``tenants`` with such a list. Alpha. Data and Job Handling API, GET
        /v1alpha/op/data/uploaded-files.
        """
        query = {"fileNameRegex": file_name_regex, "start": start, "limit": limit}
        return self._call("retrieve_tenant_source_files", query=query)

    def download_source_file(self, identifier: str) -> FileResponse:
        """Begin to download one source file of the tenant logged in to, in ZIP format.

        Source Files Download API (alpha), GET /v1alpha/op/data/source-files/{identifier}.
        """
        return self._file("download_source_file", ids={"identifier": identifier})

    def download_source_files(
        self,
        *,
        download_all: bool = False,
        sources: Sequence[str] = (),
        source_ids: Sequence[str] = (),
        min_timestamp: str | None = None,
        max_timestamp: str | None = None,
        include_non_active_files: bool = False,
    ) -> FileResponse:
        """Begin to download the included files of all or some sources of the tenant logged in to.

        ``sources`` are object names; the timestamps, ISO 8601, bound the upload time. Excluded
        files come along with ``include_non_active_files``. Source Files Download API (alpha), GET
        /v1alpha/op/data/source-files.
        """
        asked = {
            "downloadAll": download_all or None,
            "sources": list(sources) or None,
            "sourceIds": list(source_ids) or None,
            "minTimestamp": min_timestamp,
            "maxTimestamp": max_timestamp,
            "includeNonActiveFiles": include_non_active_files or None,
        }
        body = {name: value for name, value in asked.items() if value is not None}
        return self._file("download_source_files", body=body)

    def iter_retrieve_tenant_source_files(self, *, file_name_regex: str | None = None) -> Pages:
        """Page through ``retrieve_tenant_source_files``."""
        return self._pages("retrieve_tenant_source_files", fileNameRegex=file_name_regex)

    def retrieve_receiving_job_extracted_files(
        self,
        job_id: str,
        *,
        file_name_regex: str | None = None,
        start: int | None = None,
        limit: int | None = None,
    ) -> Payload:
        """Return receivingJobId, tenants[tenantCode, extractedFiles[as in the source files]].

        ``limit`` counts files across tenants. Alpha. Data and Job Handling API, GET
        /v1alpha/op/data/receiving-jobs/{jobId}/files.
        """
        query = {"fileNameRegex": file_name_regex, "start": start, "limit": limit}
        return self._call(
            "retrieve_receiving_job_extracted_files", ids={"job_id": job_id}, query=query
        )

    def iter_retrieve_receiving_job_extracted_files(
        self, job_id: str, *, file_name_regex: str | None = None
    ) -> Pages:
        """Page through ``retrieve_receiving_job_extracted_files``."""
        name = "retrieve_receiving_job_extracted_files"
        return self._pages(name, {"job_id": job_id}, fileNameRegex=file_name_regex)

    def retrieve_data_categories(self) -> Payload:
        """Return categories[name, id, objectName].

        Data and Job Handling API, GET /v1/op/data/categories.
        """
        return self._call("retrieve_data_categories")

    def data_connectors(
        self,
        *,
        tenant_code: str | None = None,
        start: int | None = None,
        limit: int | None = None,
    ) -> Payload:
        """Return dataConnectors[connectorId, displayName, credentialId] of one tenant.

        Data and Job Handling API, GET /v1/op/data-connectors.
        """
        query = {"tenantCode": tenant_code, "start": start, "limit": limit}
        return self._call("data_connectors", query=query)

    def iter_data_connectors(self, *, tenant_code: str | None = None) -> Pages:
        """Page through ``data_connectors``."""
        return self._pages("data_connectors", tenantCode=tenant_code)

    def data_connector_credentials(
        self,
        *,
        tenant_code: str | None = None,
        start: int | None = None,
        limit: int | None = None,
    ) -> Payload:
        """Return connectorCredentials[credentialId, displayName, dataProvider, isInherited, ...].

        Never a secret. Data and Job Handling API, GET /v1/op/data-connector-credentials.
        """
        query = {"tenantCode": tenant_code, "start": start, "limit": limit}
        return self._call("data_connector_credentials", query=query)

    def iter_data_connector_credentials(self, *, tenant_code: str | None = None) -> Pages:
        """Page through ``data_connector_credentials``."""
        return self._pages("data_connector_credentials", tenantCode=tenant_code)

    def list_connector_settings(self) -> Payload:
        """Return connectors[connectorId, displayName, connectorSettings[settingKey, value]].

        Data and Job Handling API, GET /v1/op/data-connectors/connector-settings.
        """
        return self._call("list_connector_settings")

    def tenants(
        self,
        *,
        tenant_codes: Sequence[str] | None = None,
        mask: Sequence[str] | None = None,
        start: int | None = None,
        limit: int | None = None,
    ) -> Payload:
        """Return tenants[the fields in ``mask``, or all that the tenant has].

        Without a mask, or with costly fields in it, a page holds at most 400 tenants. Tenants API,
        GET /v2/admin/tenants.
        """
        query = {
            "tenantCodes": ",".join(tenant_codes) if tenant_codes else None,
            "mask": ",".join(mask) if mask else None,
            "start": start,
            "limit": limit,
        }
        return self._call("tenants", query=query)

    def iter_tenants(self, *, tenant_codes: Sequence[str] | None = None) -> Pages:
        """Page through ``tenants`` with the fields of TENANT_FIELDS."""
        codes = ",".join(tenant_codes) if tenant_codes else None
        return self._pages("tenants", tenantCodes=codes, mask=",".join(TENANT_FIELDS))

    def validation_tenants(self, *, start: int | None = None, limit: int | None = None) -> Payload:
        """Return tenants[tenantCode, dataVersion, dataVersionDate, metrics[symbolName, value]].

        Tenants API, GET /v1/op/validation/tenants.
        """
        return self._call("validation_tenants", query={"start": start, "limit": limit})

    def iter_validation_tenants(self) -> Pages:
        """Page through ``validation_tenants``."""
        return self._pages("validation_tenants")

    def validation_tenant(self, tenant_id: str) -> Payload:
        """Return tenantCode, dataVersion, dataVersionDate, metrics[symbolName, displayName, value].

        Tenants API, GET /v1/op/validation/tenants/{tenantId}.
        """
        return self._call("validation_tenant", ids={"tenant_id": tenant_id})
