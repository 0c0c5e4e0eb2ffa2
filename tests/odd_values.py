"""Values nobody expects in an answer, and answers that are well-formed but for one of them."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

Path = tuple[str | int, ...]


def examples(few: int) -> settings:
    """Give so many examples in the quick profile, as many as other tests have in any other."""
    is_quick = settings.get_current_profile_name() == "few"
    return settings(max_examples=few) if is_quick else settings()


FIRST_TIMES = ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.001+00:00", "1677-09-21T00:12:43Z")
LAST_TIMES = ("9999-12-31T23:59:59.999Z", "2262-04-12T00:00:00Z", "253402300799999")
ODD_TEXTS = (
    "",
    " ",
    "soon",
    "half a character \ud83d",
    "\udc00",
    "Latin-1 \udce4",
    "zero\u200bwidth\ufeff",
    "\u202ettual rof thgir\u202c \u0627\u0644",
    "nul \x00, bell \x07",
    "<img src=x onerror=alert(1)>**bold**:red[x] [x](javascript:alert(1)) $x$",
    "%{customdata[9]} {} {0} %s",
    "W" * 25_000,
    "-1",
    "1e400",
    "12,5",
    "\u0661\u0662",
    "TRUE",
)
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**63,
    10**5000,
    1e300,
    float("nan"),
    float("inf"),
    [],
    {},
    [None, [1], {"a": [{}]}],
    {"tenantCode": {"uploadTime": [1]}, "message": None},
)

texts = st.sampled_from((*FIRST_TIMES, *LAST_TIMES, *ODD_TEXTS)) | st.text(max_size=5)
values = texts | st.sampled_from(ODD) | st.floats() | st.integers() | st.datetimes().map(str)

TIMES = ("2026-11-20T08:00:00.000Z", "2026-11-21T08:00:00.000Z", "2026-11-22T08:30:00.000Z")
CODES = ("WFF_j1r~a1a", "WFF_j1r~b2b", "WFF_j1r~c3c")


def _of_tenants(listing: str, item: Mapping[str, Any], *, number: int = 2) -> Any:
    """Give a page of three tenants with items like this one each, `{n}` filled in."""
    return {
        "tenants": [
            {"tenantCode": code, listing: [_filled(item, f"{place}{n}", n) for n in range(number)]}
            for place, code in enumerate(CODES)
        ]
    }


def _listed(listing: str, item: Mapping[str, Any]) -> Any:
    items = [{"tenantCode": code, **_filled(item, str(n), n)} for n, code in enumerate(CODES)]
    return {listing: items}


def _filled(item: Mapping[str, Any], text: str, number: int) -> dict[str, Any]:
    known = {"{n}": text, "{time}": TIMES[number]}

    def fill(value: Any) -> Any:
        if isinstance(value, str):
            for mark, meant in known.items():
                value = value.replace(mark, meant)
        return value

    return {name: fill(value) for name, value in deepcopy(dict(item)).items()}


JOB = {
    "jobType": "PROCESSING_JOB",
    "status": "Failed",
    "startTime": "{time}",
    "parentJobId": "root",
    "currentStage": "Process Records",
    "dataVersion": "70000{n}",
    "message": "It failed in step {n}.",
    "totalJobsDispatched": 3,
}
_TENANT = {
    "tenantDisplayName": "Tenant {n}",
    "status": "ENABLED",
    "currentDataVersion": "70000{n}",
    "dataVersionDate": "{time}",
    "canAdministerOtherTenants": False,
}
_FILE = {
    "uploadTime": "{time}",
    "filename": "employees{n}.csv",
    "identifier": "f{n}",
    "sourceId": "s{n}",
    "sourceObjectName": "Employee",
    "included": True,
}
_VERSION = {"dataVersion": "70000{n}", "dataVersionDate": "{time}"}
_METRIC = {
    "dataVersion": "70000{n}",
    "dataVersionDate": "{time}",
    "symbolName": "employeeCount",
    "displayName": "Headcount",
    "value": 12.5,
}
_CREDENTIAL = {
    "credentialId": "credential{n}",
    "displayName": "Credential {n}",
    "dataProvider": "Redshift",
    "isInherited": False,
    "authContext": "x",
}
_ENDED = {"status": "Succeeded", "message": "Done."}

# A whole answer for each resource: every field that is read, in three items at least.
PAGES: Mapping[str, Any] = {
    "tenants": _listed("tenants", _TENANT),
    "data_versions": _of_tenants("dataVersions", _VERSION),
    "latest": _of_tenants("dataVersions", _VERSION),
    "metric_values": _of_tenants("metrics", _METRIC),
    "uploads": _of_tenants("uploads", {"uploadTime": "{time}", "included": True}),
    "uploaded_files": _of_tenants("sourceFiles", _FILE),
    "connectors": _listed(
        "dataConnectors",
        {"connectorId": "connector{n}", "displayName": "UKG {n}", "credentialId": "credential{n}"},
    ),
    "credentials": _listed("connectorCredentials", _CREDENTIAL),
    "webhooks": {
        "webhooks": [
            {
                "webhookId": f"webhook{n}",
                "details": {
                    "targetUrl": f"https://loads.example/{n}",
                    "isActive": False,
                    "events": [{"eventType": "jobResultSuccess"}, {"eventType": "dvPublish"}],
                    "keyName": f"key{n}",
                    "displayName": f"Loads {n}",
                },
                "credentialReference": f"reference{n}",
            }
            for n in range(3)
        ]
    },
    "connector_settings": {
        "connectors": [
            {
                "connectorId": f"connector{n}",
                "displayName": f"UKG {n}",
                "connectorSettings": [{"settingKey": f"key{n}", "value": "1"}],
            }
            for n in range(3)
        ]
    },
    "categories": _listed(
        "categories", {"name": "Category {n}", "id": "id{n}", "objectName": "Object{n}"}
    ),
    "job_status": _listed("jobStatus", {"jobId": "job{n}", **JOB}),
    "job_id_status": _listed("jobStatus", {"jobId": "job{n}", **JOB}),
    "dispatching_job": {"jobId": "root", "tenantCode": "WFF_j1r", **_filled(JOB, "0", 0)},
    "extraction_jobs": _listed("extractionJobs", {"extractionJobId": "job{n}", **JOB}),
    "receiving_jobs": _listed("receivingJobs", {"receivingJobId": "job{n}", **JOB}),
    "processing_jobs": _listed("processingJobs", {"jobId": "job{n}", **JOB}),
    "receiving_job": {
        "jobId": "root",
        "status": "Running",
        **_listed("receivingJobs", {"receivingJobId": "job{n}", **JOB}),
    },
    "disable_dv": _listed("results", {"dataVersion": "70000{n}", "jobId": "job{n}", **_ENDED}),
    "data_uploads": _listed("uploads", {"uploadTime": "{time}", **_ENDED}),
    "cancel_jobs": _listed(
        "jobCancellationResults",
        {
            "jobId": "job{n}",
            "jobType": "PROCESSING_JOB",
            "parentJobId": "root",
            "jobStatus": "Running",
            "cancelStatus": "CANCEL_SUCCEEDED",
            "message": "",
        },
    ),
    "assign_connector_credential": _listed(
        "tenants",
        {
            "connectors": [
                {
                    "connector": {"connectorId": "c", "displayName": "UKG"},
                    "credential": {"credentialId": "d", "displayName": "UKG user"},
                }
            ],
            **_ENDED,
        },
    ),
    "set_connector_setting": _listed(
        "tenants",
        {
            "connectors": [
                {
                    "connector": {"connectorId": "c", "displayName": "UKG"},
                    "settings": [{"settingKey": "key", "value": "1", **_ENDED}],
                }
            ],
            **_ENDED,
        },
    ),
    "create_connector_credential": {"uuid": "u", "symbolName": "s", "objectName": "o"},
    "missing_properties": {
        "missingConnectionProperties": [{"subject": "s", "attributes": ["a"], "errorMessage": "e"}]
    },
}


def places(node: Any, path: Path = ()) -> Iterator[Path]:
    """Give the way to every value below the page itself."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def is_value(page: Any, path: Path) -> bool:
    """Say whether there is a single value at this place, no list and no object."""
    for key in path:
        page = page[key]
    return not isinstance(page, dict | list)


def with_value(page: Any, path: Path, value: Any) -> Any:
    """Give the page with another value at a place."""
    changed = deepcopy(page)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed
