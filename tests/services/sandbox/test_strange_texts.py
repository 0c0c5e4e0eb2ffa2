import json
from collections.abc import Iterator

import pytest

from services.sandbox.strange_texts import HOSTILE, HOSTILE_ID
from tests.services.sandbox.api import I1O, Api

CATEGORIES, VERSIONS = "/v1/op/data/categories", "/v1/op/data-versions"
JOBS, DISABLE = "/v1/op/job-status/jobs", "/v1/op/data-versions/disable"


@pytest.fixture(autouse=True)
def cleared(api: Api) -> Iterator[None]:
    yield
    api.sandbox.control.clear_faults()


def test_words_people_read_are_marked_and_what_programs_go_by_is_not(api: Api) -> None:
    before = api.get(CATEGORIES)
    api.sandbox.control.fault("*", "strange_text", times=0)
    after = api.get(CATEGORIES)
    for plain, strange in zip(before["categories"], after["categories"], strict=True):
        assert strange == plain | {"name": plain["name"] + HOSTILE}
    told = json.dumps(api.get(JOBS))
    assert "hostilelink" not in told


def test_everything_is_marked_and_understood_when_it_comes_back(api: Api) -> None:
    (before,) = api.get(VERSIONS, tenantCode=I1O)["tenants"]
    api.sandbox.control.fault("*", "strange_everything", times=0)
    strange = I1O + HOSTILE_ID
    (after,) = api.get(VERSIONS, tenantCode=strange)["tenants"]
    assert strange in after.values()
    dates = [
        version["dataVersionDate"] for told in (before, after) for version in told["dataVersions"]
    ]
    assert dates[: len(dates) // 2] == dates[len(dates) // 2 :]
    job = api.get(JOBS)["jobStatus"][0]
    assert all(job[name].endswith(HOSTILE_ID) for name in ("jobId", "tenant", "status", "jobType"))
    wanted = {"dataVersionObjects": [{"tenantCode": strange}]}
    assert api.ask("PUT", DISABLE, json=wanted).json()["totalSuccess"] == 1


def test_a_token_stays_one(api: Api) -> None:
    api.sandbox.control.fault("security_token", "strange_everything")
    assert "hostile" not in api.sandbox.token()
