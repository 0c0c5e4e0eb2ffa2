"""What holds for every resource: one set of columns and dtypes, or a named refusal."""

from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.frames import UnexpectedResponse, uploads
from tests.services.frames.resources import RESOURCES, Resource, dtypes

# Names an answer may use at any level, so that odd values land where something is read.
NAMES = [
    *("tenants", "tenantCode", "tenant", "TenantCode", "tenantDisplayName", "currentDataVersion"),
    *("dataVersionDate", "canAdministerOtherTenants", "dataVersions", "dataVersion", "uploads"),
    *("uploadTime", "included", "sourceFiles", "extractedFiles", "filename", "identifier"),
    *("sourceId", "sourceObjectName", "dataConnectors", "connectorCredentials", "connectors"),
    *("connector", "credential", "connectorSettings", "settings", "settingKey", "key", "value"),
    *("categories", "jobStatus", "jobId", "JobId", "extractionJobId", "receivingJobId", "jobType"),
    *("startTime", "parentJobId", "currentStage", "message", "totalJobsDispatched", "status"),
    *("extractionJobs", "receivingJobs", "processingJobs", "results", "jobCancellationResults"),
    *("cancelStatus", "uuid", "missingConnectionProperties", "subject", "attributes", "rci"),
    *("errorMessage", "localizedMessage", "limit"),
]
ODD_TEXTS = [
    *("", "Succeeded", "2019-10-02T20:35:21.420Z", "2019-10-02", "WFF_j1r~c7o", "true", "12"),
    *("\ud800", "\x00", "9" * 40),
]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(ODD_TEXTS)
    | st.text(max_size=4)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=12,
)
items = st.lists(
    st.dictionaries(st.sampled_from(NAMES), values, max_size=8) | st.none(), max_size=4
)
each_resource = pytest.mark.parametrize("resource", RESOURCES.values(), ids=RESOURCES)


def assert_schema_or_refusal(resource: Resource, pages: list[object]) -> None:
    try:
        frame = resource.read(pages)
    except UnexpectedResponse:
        return
    assert dtypes(frame) == resource.dtypes
    assert list(frame.index) == list(range(len(frame)))


@each_resource
@given(page=values)
@example(page=None)
@example(page={"message": "API rate limit exceeded"})
@example(page=[[]])
@example(page=[None])
def test_any_answer_gives_the_schema_or_is_refused(resource: Resource, page: object) -> None:
    assert_schema_or_refusal(resource, [page])


@each_resource
@given(found=items, extra=values)
def test_any_items_give_the_schema_or_are_refused(
    resource: Resource, found: list[object], extra: object
) -> None:
    page = {resource.listing: found, "extra": extra}
    assert_schema_or_refusal(resource, [page, page])


documented = st.fixed_dictionaries(
    {"uploadTime": st.sampled_from(ODD_TEXTS), "included": st.none() | st.booleans()}
)


@given(st.lists(st.lists(documented | st.just({}), max_size=3), max_size=4))
def test_items_as_documented_read_the_same_as_by_odd_names(
    groups: list[list[dict[str, object]]],
) -> None:
    def page(rename: Callable[[str], str]) -> object:
        tenants = [
            {"uploads": [{rename(key): value for key, value in item.items()} for item in group]}
            for group in groups
        ]
        return {"tenants": tenants}

    at_once, by_field = uploads.to_frame([page(str)]), uploads.to_frame([page(str.upper)])
    pd.testing.assert_frame_equal(at_once, by_field)


@each_resource
@pytest.mark.parametrize("nothing", [[], "", None], ids=repr)
def test_no_items_give_the_same_schema(resource: Resource, nothing: object) -> None:
    frame = resource.read([{resource.listing: nothing}])
    assert dtypes(frame) == resource.dtypes


@each_resource
@pytest.mark.parametrize("answer", [None, "", "<html>", 5, True], ids=repr)
def test_what_is_no_object_is_refused(resource: Resource, answer: object) -> None:
    with pytest.raises(UnexpectedResponse, match="Expected an object or a list"):
        resource.read([answer])


@each_resource
@pytest.mark.parametrize(
    "error",
    [
        {"message": "API rate limit exceeded"},
        {"localizedMessage": "Something went wrong.", "rci": "RCIP991031", "userError": False},
    ],
    ids=str,
)
def test_an_error_in_the_place_of_an_answer_is_refused_in_its_own_words(
    resource: Resource, error: dict[str, object]
) -> None:
    with pytest.raises(UnexpectedResponse, match=str(next(iter(error.values())))):
        resource.read([error])


@each_resource
def test_a_list_of_something_else_is_refused(resource: Resource) -> None:
    with pytest.raises(UnexpectedResponse, match=r"Expected an object in .*, not text"):
        resource.read([["WFF_j1r"]])
