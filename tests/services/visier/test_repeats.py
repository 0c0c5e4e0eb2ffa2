"""Every operation against every way of failing: what is raised, and how often the wire saw it."""

from typing import NamedTuple

import pytest

from services.visier import (
    ENDPOINTS,
    ApiKeyRefused,
    Interrupted,
    Lane,
    NoAnswer,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    Password,
    PasswordRefused,
    RateLimited,
    Refused,
    Repeat,
    ServerTrouble,
    SignedOut,
    Timeouts,
    UnknownVanityName,
    Unreachable,
    UnreadableAnswer,
    VisierError,
)
from services.visier.endpoints import Expects
from tests.services.visier.clock import Clock
from tests.services.visier.conftest import MakeClient
from tests.services.visier.every_call import CALLS, JSON_READS, READS, SIGN_INS, WRITES, success
from tests.services.visier.wire import Fault, Reply, Wire, json_reply

STATUS = {
    "localizedMessage": "Words of Visier.",
    "code": "SOME_CODE",
    "rci": "RCIP991031",
    "userError": True,
}


class Expected(NamedTuple):
    """Class raised and requests on the wire: of a read, of a write, of a sign-in call."""

    read: tuple[type[VisierError], int]
    write: tuple[type[VisierError], int]
    sign_in: tuple[type[VisierError], int]


SILENT = Expected((NoAnswer, 3), (OutcomeUnknown, 1), (NoAnswer, 1))
LOST = Expected((ServerTrouble, 3), (OutcomeUnknown, 1), (ServerTrouble, 1))
UNREADABLE = Expected((UnreadableAnswer, 1), (OutcomeUnknown, 1), (UnreadableAnswer, 1))


def always(kind: type[VisierError]) -> Expected:
    return Expected((kind, 1), (kind, 1), (kind, 1))


def unless_signing_in(kind: type[VisierError], sign_in: type[VisierError]) -> Expected:
    return Expected((kind, 1), (kind, 1), (sign_in, 1))


FAILURES: dict[str, tuple[Reply | Fault, Expected]] = {
    "timeout": (Fault.HANG, SILENT),
    "500": (json_reply(STATUS, 500), LOST),
    "502": (Reply(502, b"<html>Bad gateway</html>"), LOST),
    "504": (Reply(504, b""), LOST),
    "broken connection": (Fault.CUT, SILENT),
    "HTML 200": (Reply(200, b"<!doctype html><title>Sign in</title>"), UNREADABLE),
    "empty body": (Reply(200, b""), UNREADABLE),
    "204": (Reply(204, b""), UNREADABLE),
    "malformed JSON": (Reply(200, b'{"tenants": ['), UNREADABLE),
    "bare word": (Reply(200, b"null"), UNREADABLE),
    "400": (json_reply(STATUS, 400), unless_signing_in(Refused, PasswordRefused)),
    "401": (json_reply(STATUS, 401), unless_signing_in(SignedOut, PasswordRefused)),
    "401 of the key": (
        json_reply({"message": "No API key found in request"}, 401),
        always(ApiKeyRefused),
    ),
    "401 of the gateway": (
        json_reply({"message": "Unauthorized", "request_id": "1"}, 401),
        unless_signing_in(ApiKeyRefused, PasswordRefused),
    ),
    "403": (json_reply(STATUS, 403), unless_signing_in(NotPermitted, PasswordRefused)),
    "404": (json_reply(STATUS, 404), unless_signing_in(NotFound, UnknownVanityName)),
    "404 of the gateway": (
        json_reply({"message": "no Route matched with those values"}, 404),
        always(UnknownVanityName),
    ),
    "429": (json_reply({"message": "API rate limit exceeded"}, 429), always(RateLimited)),
    "409": (json_reply(STATUS, 409), always(Refused)),
    "307": (Reply(307, b"", {"Location": "/elsewhere"}), always(Refused)),
}
IMPATIENT = Timeouts(5, 0.05)


def is_fine(name: str, failure: str) -> bool:
    """Tell what is no failure: deleting needs no body, and a bare word is a fine token."""
    unread = {"HTML 200", "empty body", "204", "malformed JSON", "bare word"}
    return (ENDPOINTS[name].expects is Expects.NOTHING and failure in unread) or (
        name == "security_token" and failure == "bare word"
    )


def expected_of(name: str, failure: str) -> tuple[type[VisierError], int]:
    expected = FAILURES[failure][1]
    # What is not there may be below the other address: nothing was carried out.
    if "{version}" in ENDPOINTS[name].path and failure.startswith("404"):
        return expected.read[0], 2
    if name in READS:
        return expected.read
    return expected.write if name in WRITES else expected.sign_in


@pytest.mark.parametrize(
    ("name", "failure"),
    [(name, failure) for name in CALLS for failure in FAILURES if not is_fine(name, failure)],
)
def test_every_operation_fails_as_the_table_says(
    make_client: MakeClient, wire: Wire, name: str, failure: str
) -> None:
    wire.script(FAILURES[failure][0])
    client = make_client(timeouts=IMPATIENT if failure == "timeout" else Timeouts(5, 10))
    kind, requests = expected_of(name, failure)

    with pytest.raises(VisierError) as caught:
        CALLS[name](client)

    assert type(caught.value) is kind
    wire.wait_for(requests)
    assert len(wire.seen) == requests
    assert caught.value.operation == name
    assert caught.value.advice


def test_every_operation_is_in_exactly_one_group() -> None:
    assert sorted([*READS, *WRITES, *SIGN_INS]) == sorted(CALLS)
    assert {name for name in WRITES if ENDPOINTS[name].repeat is Repeat.NEVER} == {
        "start_load",
        "start_extraction",
        "adhoc_extraction_job",
        "adhoc_processing_jobs",
        "adhoc_consolidated_analytics_job",
        "create_connector_credential",
        "create_webhook",
        "send_test_event",
    }


@pytest.mark.parametrize("body", [b"", b"OK", b'"deleted"', b"{}", b"<html></html>"])
@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_success_of_a_delete_is_a_success(
    make_client: MakeClient, wire: Wire, status: int, body: bytes
) -> None:
    wire.script(Reply(status, b"" if status == 204 else body))
    CALLS["delete_connector_credential"](make_client())
    assert len(wire.seen) == 1


@pytest.mark.parametrize("status", [200, 201, 206, 207])
@pytest.mark.parametrize("name", JSON_READS + [each for each in WRITES if "delete" not in each])
def test_every_2xx_is_an_answer_and_unknown_fields_stay_in(
    make_client: MakeClient, wire: Wire, name: str, status: int
) -> None:
    payload = {"new": {"field": [1, None]}, "jobId": "1"}
    wire.script(json_reply(payload, status))
    assert CALLS[name](make_client()) == payload


@pytest.mark.parametrize("failure", ["500", "502", "broken connection"])
@pytest.mark.parametrize("name", JSON_READS)
def test_a_read_recovers(make_client: MakeClient, wire: Wire, name: str, failure: str) -> None:
    wire.script(FAILURES[failure][0], json_reply({"fine": True}))
    assert CALLS[name](make_client()) == {"fine": True}
    assert len(wire.seen) == 2


def test_a_read_recovers_from_silence(make_client: MakeClient, wire: Wire) -> None:
    wire.script(Fault.HANG, json_reply({"fine": True}))
    assert make_client(timeouts=Timeouts(5, 1)).job_status() == {"fine": True}
    assert len(wire.seen) == 2


def test_pauses_grow_and_say_why(
    make_client: MakeClient, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    pauses: list[float] = []
    wire.script(json_reply(STATUS, 503))
    with pytest.raises(ServerTrouble):
        CALLS["job_status"](make_client(sleep=pauses.append))
    assert len(pauses) == 2
    assert all(0 <= pause <= limit for pause, limit in zip(pauses, (0.5, 1.0), strict=True))
    reasons = [record.getMessage() for record in caplog.records if "again" in record.getMessage()]
    assert len(reasons) == 2
    assert all("Words of Visier. (job_status, HTTP 503, RCIP991031)" in each for each in reasons)


@pytest.mark.parametrize("name", CALLS)
def test_a_refused_connection_certainly_was_not_executed_and_only_a_read_tries_again(
    make_client: MakeClient, closed_url: str, name: str
) -> None:
    pauses: list[float] = []
    with pytest.raises(Unreachable):
        CALLS[name](make_client(url=closed_url, sleep=pauses.append))
    assert len(pauses) == (2 if name in READS else 0)


@pytest.mark.parametrize("name", CALLS)
def test_a_click_waits_out_a_short_429_whatever_it_asked_for(
    make_client: MakeClient, wire: Wire, name: str
) -> None:
    clock = Clock()
    limited = json_reply({"message": "API rate limit exceeded"}, 429, Retry_After="3")
    wire.script(limited, Reply(200, success(name)))
    CALLS[name](make_client(rate_limiter=clock.rate_limiter()))
    assert len(wire.seen) == 2
    assert clock.now == 1003
    assert wire.seen[0] == wire.seen[1]


def test_bulk_work_waits_out_every_429(make_client: MakeClient, wire: Wire) -> None:
    clock = Clock()
    limited = json_reply({"message": "API rate limit exceeded"}, 429, Retry_After="50")
    wire.script(limited, limited, limited, json_reply({"jobId": "1"}))
    client = make_client(rate_limiter=clock.rate_limiter()).in_lane(Lane.BULK)
    assert client.start_load(["a"]) == {"jobId": "1"}
    assert clock.now == pytest.approx(1150)


def test_watching_gives_way_at_once(make_client: MakeClient, wire: Wire) -> None:
    clock = Clock()
    limited = json_reply({"message": "API rate limit exceeded"}, 429, Retry_After="3")
    wire.script(limited)
    client = make_client(rate_limiter=clock.rate_limiter()).in_lane(Lane.WATCH)
    with pytest.raises(RateLimited) as caught:
        client.job_status()
    assert caught.value.retry_after == 3
    assert len(wire.seen) == 1


def test_bulk_work_can_be_stopped_while_it_waits(make_client: MakeClient, wire: Wire) -> None:
    clock = Clock()
    wire.script(json_reply({"message": "API rate limit exceeded"}, 429))
    client = make_client(rate_limiter=clock.rate_limiter()).in_lane(
        Lane.BULK, lambda: clock.now > 1010
    )
    with pytest.raises(Interrupted):
        client.start_load(["a"])
    assert len(wire.seen) == 1


def test_bulk_work_that_needs_a_token_waits_for_it_too(make_client: MakeClient, wire: Wire) -> None:
    clock = Clock()
    limited = json_reply({"message": "API rate limit exceeded"}, 429, Retry_After="50")
    wire.script(limited, Reply(200, b"token"), json_reply({"jobId": "1"}))
    client = make_client(Password("test-key", "ann", "pass"), clock.rate_limiter())
    assert client.in_lane(Lane.BULK).start_load(["a"]) == {"jobId": "1"}
    assert clock.now == pytest.approx(1050)
