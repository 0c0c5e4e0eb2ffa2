"""What is made of the body of a pushed event, whatever is in it."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from services.monitoring.pushed_events import EventType, UnreadableEvent, read

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ENDED = "1779537600000"  # a time before NOW


def event(**fields: Any) -> bytes:
    whole = {
        "timestamp": ENDED,
        "eventId": "e1",
        "eventType": "jobResultSuccess",
        "event": {"jobid": "j1", "rootJobId": "r1", "parentJobId": "p1"},
    }
    return orjson.dumps({name: value for name, value in (whole | fields).items() if value != ""})


def test_a_job_s_event_names_it_and_the_jobs_above_it() -> None:
    found = read(event(), NOW)
    assert (found.event_id, found.event_type) == ("e1", EventType.JOB_SUCCEEDED)
    assert found.at == datetime.fromtimestamp(int(ENDED) / 1000, UTC)
    assert found.job_ids == ("j1", "r1", "p1")
    assert found.ended == "j1"


@pytest.mark.parametrize(
    ("word", "event_type"),
    [
        ("JOB_RESULT_FAILURE", EventType.JOB_FAILED),
        ("job-result-success", EventType.JOB_SUCCEEDED),
        ("JobReschedule", EventType.JOB_RESCHEDULED),
        ("DV_PUBLISH", EventType.VERSION_PUBLISHED),
        ("dataUploadNotification", EventType.DATA_UPLOADED),
        ("auditEvent", EventType.OTHER),
        ("", EventType.OTHER),
        (7, EventType.OTHER),
    ],
)
def test_any_spelling_of_a_type_is_known(word: Any, event_type: EventType) -> None:
    assert read(event(eventType=word), NOW).event_type is event_type


def test_only_the_end_of_a_job_is_one() -> None:
    assert read(event(eventType="jobReschedule"), NOW).ended == ""


@pytest.mark.parametrize(
    "timestamp", ["", None, "soon", {}, "9" * 40, "1" * 4_400, -(10**18), "1779999999999999"]
)
def test_a_time_that_cannot_be_is_none(timestamp: Any) -> None:
    assert read(event(timestamp=timestamp), NOW).at is None


def test_a_number_is_a_time_as_well() -> None:
    assert read(event(timestamp=int(ENDED)), NOW).at is not None


def test_one_without_an_id_is_told_from_others_by_what_it_holds() -> None:
    nameless = read(event(eventId=""), NOW).event_id
    assert nameless == read(event(eventId=""), NOW).event_id
    assert nameless != read(event(eventId="", timestamp="1"), NOW).event_id
    assert read(event(eventId="x" * 500), NOW).event_id != "x" * 500


@pytest.mark.parametrize("inside", ["", None, "text", [], 7, {"jobId": 7, "more": [None, [1]]}])
def test_an_event_may_name_nothing(inside: Any) -> None:
    found = read(event(event=inside), NOW)
    assert (found.job_ids, found.tenant_codes, found.ended) == ((), (), "")


def test_tenants_are_found_wherever_they_are_named() -> None:
    inside = {"tenantCode": "a", "details": {"tenants": ["b", {"tenantCode": "c"}], "tenant": "a"}}
    assert read(event(event=inside), NOW).tenant_codes == ("a", "b", "c")


def test_no_event_names_more_than_a_hint_can() -> None:
    inside = {"tenants": [str(number) for number in range(1_000)]}
    assert len(read(event(event=inside), NOW).tenant_codes) == 50


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff", b"7", b"[" * 100_000])
def test_what_is_no_event_is_refused_without_being_repeated(body: bytes) -> None:
    with pytest.raises(UnreadableEvent) as refused:
        read(body, NOW)
    assert str(refused.value) in {"It is no JSON.", "It is no JSON object."}
