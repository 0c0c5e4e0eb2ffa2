"""Whatever is sent, the answer is an answer: never an unexpected error."""

from string import Formatter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.sandbox.routes import OPERATIONS, Operation, Reads
from tests.services.sandbox.api import C7O, E1A, I1O, Api

FIELDS = [
    "model",
    "files",
    "skipDataLoad",
    "tenants",
    "allTenants",
    "excludedTenants",
    "dataCategoryId",
    "connectorIds",
    "overrideLastExtractionTimestamp",
    "monthsToExtract",
    "outputTarget",
    "tenantCode",
    "runProcessingJob",
    "jobIds",
    "dataVersionObjects",
    "dataVersion",
    "dataCategory",
    "uploads",
    "uploadTimes",
    "excludeAll",
    "sources",
    "minUploadTime",
    "fileNameRegex",
    "fileIdentifiers",
    "dataProviderAuthParams",
    "provider",
    "connectors",
    "ultimateAuthParams",
    "dataProviderBasicInformation",
    "displayName",
    "dataProviderMetadata",
    "canChildrenInherit",
    "connectorId",
    "credentialId",
    "connectorSettings",
    "settingKey",
    "value",
]
PARAMETERS = [
    "limit",
    "start",
    "tenantCode",
    "numberOfVersions",
    "numberOfDataUploads",
    "dataCategory",
    "uploadJobId",
    "mask",
    "startTime",
    "endTime",
    "status",
    "jobs",
    "fileNameRegex",
    "tenantCodes",
    "dataProfile",
    "vanityname",
]
WORDS = st.sampled_from([I1O, C7O, E1A, "UKG", "Workforce", "x", "", "[", "2019-10-12", "-1"])
LEAVES = st.none() | st.booleans() | st.integers(-2, 2**63) | st.floats(-9, 9) | WORDS
JUNK = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS), inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), JUNK, max_size=4)
QUERIES = st.dictionaries(st.sampled_from(PARAMETERS), WORDS, max_size=3)


def filled(operation: Operation, word: str) -> str:
    names = [name for _, name, _, _ in Formatter().parse(operation.path) if name]
    return operation.path.format(**dict.fromkeys(names, word or "x"))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
# The sandbox is reset once for all examples: what one leaves behind is junk for the next.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, query=QUERIES, word=WORDS)
def test_junk_is_answered(
    api: Api, operation: Operation, body: dict[str, Any], query: dict[str, str], word: str
) -> None:
    options: dict[str, Any] = {"params": query}
    if operation.reads is Reads.MODEL:
        options["json"] = body
    elif operation.reads is Reads.FORM:
        options["data"] = {name: str(value) for name, value in body.items()}
    answer = api.ask(operation.method, filled(operation, word), **options)
    assert answer.status_code in {200, 400, 401, 403, 404}, answer.text
