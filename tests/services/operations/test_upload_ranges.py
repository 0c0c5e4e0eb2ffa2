"""Excluding and including by a range: one entry for a tenant, and never more than planned."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from dashboard.operations.change_words import of_plan
from services.frames import uploaded_files
from services.ledger import EventKind, Outcome
from services.operations import (
    Plan,
    Verb,
    plan_exclude_range,
    plan_include_range,
    requests_of,
    undo_plan,
)
from services.operations.engine.changes import read_key
from services.sandbox.models.tenants import Upload
from tests.services.operations.conftest import Desk

I1O, C7O = "WFF_j1r~i1o", "WFF_j1r~c7o"
FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def time(number: float) -> str:
    """Give the time of an upload so many minutes after the first."""
    at = FIRST + timedelta(minutes=number)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def arrive(desk: Desk, code: str, *numbers: float) -> None:
    """Let uploads arrive at these minutes."""
    tenant = desk.tenant(code)
    tenant.uploads.extend(Upload(time(number)) for number in numbers)
    tenant.uploads.sort(key=lambda upload: upload.time)


def files(desk: Desk, *codes: str) -> pd.DataFrame:
    lists = [desk.client.in_tenant(code).iter_retrieve_tenant_source_files() for code in codes]
    return uploaded_files.to_frame(page for pages in lists for page in pages)


def exclusion(desk: Desk, *codes: str, until: float = 60_000) -> Plan:
    since = pd.Timestamp(FIRST)
    return plan_exclude_range(files(desk, *codes), since, since + timedelta(minutes=until))


def sent(desk: Desk, operation: str = "exclude_data_uploads") -> list[list[dict[str, Any]]]:
    return [each["body"]["uploads"] for each in desk.sandbox.control.requests(operation)]


def test_thousands_of_uploads_are_one_entry_of_one_request(desk: Desk) -> None:
    arrive(desk, I1O, *range(2500))
    arrive(desk, C7O, 5, 7)
    plan = exclusion(desk, I1O, C7O)
    assert (plan.verb, plan.count, len(plan.batches)) == (Verb.EXCLUDE_UPLOADS, 2502, 1)
    (request,) = requests_of(plan)
    id_ = desk.apply(plan)
    (entries,) = sent(desk)
    assert entries == [
        {"tenantCode": I1O, "minUploadTime": time(0), "maxUploadTime": time(2499)},
        {"tenantCode": C7O, "minUploadTime": time(5), "maxUploadTime": time(7)},
    ]
    assert request.operation.name == "exclude_data_uploads"
    assert set(desk.outcomes(id_)) == {Outcome.SUCCEEDED}
    # What lies outside of the range stays as it was.
    assert sum(upload.included for upload in desk.tenant(I1O).uploads) == 4
    assert desk.events(id_, EventKind.EXTRA_RESULTS) == desk.events(id_, EventKind.REMARK) == []


def test_what_has_come_since_is_not_touched_and_said(desk: Desk) -> None:
    arrive(desk, I1O, 0, 1, 2)
    arrive(desk, C7O, 0, 1)
    plan = exclusion(desk, I1O, C7O)
    arrive(desk, I1O, 1.5)
    id_ = desk.apply(plan)
    (entries,) = sent(desk)
    assert entries == [
        {"tenantCode": I1O, "uploadTimes": [time(0), time(1), time(2)]},
        {"tenantCode": C7O, "minUploadTime": time(0), "maxUploadTime": time(1)},
    ]
    assert desk.included(I1O, time(1.5))
    assert set(desk.outcomes(id_)) == {Outcome.SUCCEEDED}
    (said,) = desk.events(id_, EventKind.REMARK)
    assert f"The time range also contains 1 of {I1O}," in said


def test_what_was_changed_since_is_stopped_and_no_range_reaches_it(desk: Desk) -> None:
    def put(operation: str, *numbers: float) -> None:
        call = getattr(desk.client, operation)
        call([{"tenantCode": I1O, "uploadTimes": [time(number) for number in numbers]}])

    arrive(desk, I1O, *range(5))
    put("exclude_data_uploads", 1, 2, 4)
    plan = plan_include_range(files(desk, I1O), pd.Timestamp(FIRST), None)
    assert plan.count == 3
    put("include_data_uploads", 2)
    put("exclude_data_uploads", 3)
    desk.sandbox.control.clear_requests()
    id_ = desk.apply(plan)
    outcomes = dict(zip(of_plan(plan)["what"], desk.outcomes(id_), strict=True))
    assert [outcomes[time(number)] for number in (1, 2, 4)] == [
        *(Outcome.SUCCEEDED, Outcome.CHANGED_SINCE_PLAN, Outcome.SUCCEEDED)
    ]
    entries = sent(desk, "include_data_uploads")
    assert entries == [[{"tenantCode": I1O, "uploadTimes": [time(1), time(4)]}]]
    assert not desk.included(I1O, time(3))


def test_what_is_so_already_is_no_reason_to_name_every_upload(desk: Desk) -> None:
    arrive(desk, I1O, 0, 1, 2)
    desk.client.exclude_data_uploads([{"tenantCode": I1O, "uploadTimes": [time(1)]}])
    desk.sandbox.control.clear_requests()
    plan = exclusion(desk, I1O)
    assert list(of_plan(plan)[~plan.items["eligible"]]["reason"]) == ["Already excluded."]
    id_ = desk.apply(plan)
    ((entry,),) = sent(desk)
    assert entry == {"tenantCode": I1O, "minUploadTime": time(0), "maxUploadTime": time(2)}
    assert desk.events(id_, EventKind.EXTRA_RESULTS) == []


@pytest.mark.parametrize("minutes", [(0,), (0, 90_000)])
def test_one_upload_is_named_by_its_time(desk: Desk, minutes: tuple[float, ...]) -> None:
    arrive(desk, I1O, *minutes)
    desk.apply(exclusion(desk, I1O))
    assert sent(desk) == [[{"tenantCode": I1O, "uploadTimes": [time(0)]}]]


def test_it_is_undone_upload_by_upload(desk: Desk) -> None:
    arrive(desk, I1O, *range(9))
    plan = exclusion(desk, I1O)
    id_ = desk.apply(plan)
    back = undo_plan(desk.ledger, id_, desk.uploads())
    assert back.verb is Verb.INCLUDE_UPLOADS
    assert {read_key(key) for key in back.eligible["key"]} == set(map(read_key, plan.items["key"]))
    desk.apply(back)
    assert all(desk.included(I1O, time(number)) for number in range(9))


def test_a_lost_answer_is_looked_up(desk: Desk) -> None:
    arrive(desk, I1O, *range(9))
    desk.sandbox.control.fault("exclude_data_uploads", "cut", when="after")
    id_ = desk.apply(exclusion(desk, I1O))
    assert set(desk.outcomes(id_)) == {Outcome.SUCCEEDED}
    assert len(sent(desk)) == 1


def test_nothing_in_the_range_is_no_plan(desk: Desk) -> None:
    assert exclusion(desk, I1O).count == 0
