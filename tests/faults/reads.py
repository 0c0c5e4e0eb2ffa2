"""How a person comes to see what each read tells."""

from collections.abc import Callable

import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.faults.rows import Read
from tests.faults.webhooks import a_webhook
from tests.pages.conftest import opened
from tests.pages.reading import table

ONE = "WFF_j1r~c7o"


def _page(page: str, **query: str) -> Callable[[], AppTest]:
    return lambda: opened(page, **query)


def _job(kind: str, above: str = "") -> Callable[[], AppTest]:
    """Open the drawer of a job of this type, whose topmost job is of the other."""

    def open_drawer() -> AppTest:
        jobs = table(opened("jobs")).set_index("job_id")
        found = jobs[jobs["job_type"] == kind]
        if above:
            found = found[found["parent_job_id"].map(jobs["job_type"]) == above]
        st.cache_resource.clear()
        return opened("jobs", job=found.index[0])

    return open_drawer


def _received_files() -> AppTest:
    app = _job("Receiving")()
    app.session_state["job.files"] = True
    return app.run()


def _uploaded_files() -> AppTest:
    app = opened("uploads", up_tenant=ONE, up_window="Everything")
    app = app.button(key="uploads.select_all").click().run()
    return app.toggle(key="up.files").set_value(True).run()


def _webhooks() -> AppTest:
    a_webhook()
    return opened("watch", wa_view="webhooks")


_STAGES = "Jobs, stages of a dispatching job"
_DRAWER = "Jobs, one job in the drawer"

READS = {
    row.operation: row
    for row in (
        Read("job_status", "Jobs", _page("jobs"), "jobId"),
        Read("job_id_status", _DRAWER, _job("Extraction"), "jobId"),
        Read("receiving_job_status", _DRAWER, _job("Receiving"), "receivingJobId"),
        Read("processing_job_status", _DRAWER, _job("Processing", "Receiving"), "jobId"),
        Read("dispatching_job_status", _STAGES, _page("jobs", job_view="Stages"), "jobId"),
        Read(
            "extraction_job_and_status",
            _STAGES,
            _page("jobs", job_view="Stages"),
            "extractionJobId",
        ),
        Read(
            "receiving_job_and_status", _STAGES, _page("jobs", job_view="Stages"), "receivingJobId"
        ),
        Read("processing_job_and_status", _STAGES, _page("jobs", job_view="Stages"), "jobId"),
        Read("latest_enabled_dv", "Data versions", _page("data_versions"), "dataVersion"),
        Read("retrieve_data_uploads", "Uploads", _page("uploads"), "uploadTime", "included"),
        Read(
            "retrieve_tenant_source_files",
            "Uploads, files of a tenant",
            _uploaded_files,
            "identifier",
            "included",
        ),
        Read(
            "retrieve_receiving_job_extracted_files",
            "Jobs, files of a receiving job",
            _received_files,
            "identifier",
            "included",
        ),
        Read("tenants", "Uploads, display names", _page("uploads"), "tenantCode", comforts=True),
        Read(
            "retrieve_data_categories",
            "Data versions",
            _page("data_versions"),
            "objectName",
            comforts=True,
        ),
        Read("data_connectors", "Connectors", _page("connectors", con_tenants=ONE), "connectorId"),
        Read(
            "data_connector_credentials",
            "Credentials",
            _page("credentials", cred_tenants=ONE),
            "credentialId",
        ),
        Read(
            "list_connector_settings",
            "Connectors, settings",
            _page("connectors", con_tenants=ONE, con_view="Settings"),
            "connectorId",
        ),
        Read("get_all_webhooks", "Watch, webhooks", _webhooks, "webhookId", "isActive"),
    )
}
