"""Errors in every shape they come in, and what is made of them."""

import orjson
import pytest

from services.visier import (
    ENDPOINTS,
    ApiKeyRefused,
    NotPermitted,
    OutcomeUnknown,
    RateLimited,
    Refused,
    ServerTrouble,
    SignedOut,
    VisierError,
)
from services.visier import errors as every_error
from services.visier.answers import Response, envelope, parse_response
from services.visier.endpoints import BodyEncoding
from services.visier.protocol import Request, build

READ = build("job_status", BodyEncoding.SAMPLES)
WRITE = build("cancel_jobs", BodyEncoding.SAMPLES, body={"jobIds": ["1"]})


def received(status: int, body: object, **headers: str) -> Response:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return Response(status, {name.replace("_", "-"): each for name, each in headers.items()}, raw)


def raised(request: Request, answer: Response) -> VisierError:
    with pytest.raises(VisierError) as caught:
        parse_response(request, answer)
    return caught.value


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"localizedMessage": "Shown.", "message": "Details.", "code": "X"}, "Shown."),
        ({"localizedMessage": "", "message": "Details."}, "Details."),
        ({"code": 7, "message": "gRPC words.", "details": [{"@type": "x"}]}, "gRPC words."),
        ({"errorCode": "E1", "message": "ApiError words.", "rci": "RCIP1"}, "ApiError words."),
        ({"error": "invalid_grant", "error_description": "OAuth words."}, "OAuth words."),
        ({"error": "invalid_client"}, "invalid_client"),
        ({"code": 16}, "16"),
        ({"errorCode": "E1", "code": "E2"}, "E1"),
        ({"message": "gateway words"}, "gateway words"),
        ({"localizedMessage": None, "message": {"odd": 1}, "code": []}, "Bad Request"),
        ({}, "Bad Request"),
        ([], "Bad Request"),
        (None, "Bad Request"),
        ("JSON words", "JSON words"),
        (b"", "Bad Request"),
        (b"  ", "Bad Request"),
        (b"plain words\n", "plain words"),
        (b"<html><body>400</body></html>", "Bad Request"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b'\xef\xbb\xbf{"message": "after a byte order mark"}', "after a byte order mark"),
        (b"x" * 5000, "x" * 1000),
    ],
)
def test_words_are_found_in_every_envelope(body: object, message: str) -> None:
    error = raised(READ, received(400, body))
    assert (type(error), error.message) == (Refused, message)


def test_an_error_carries_all_that_a_supporter_asks_for() -> None:
    body = {"localizedMessage": "No.", "rci": "RCIP991031", "userError": True, "new": 1}
    error = raised(READ, received(400, body))
    assert (error.operation, error.status, error.rci) == ("job_status", 400, "RCIP991031")
    assert error.user_error is True
    assert str(error) == "No. (job_status, HTTP 400, RCIP991031)"


def test_no_secret_comes_back_in_the_root_cause_id() -> None:
    body = {"message": "No.", "rci": f"RCIP for canary-key-7f3a {'x' * 500}"}
    with pytest.raises(Refused) as caught:
        parse_response(READ, received(400, body), {"canary-key-7f3a"})
    assert caught.value.rci.startswith("RCIP for ••• x")
    assert len(caught.value.rci) == 100
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("odd", [{"rci": 5}, {"userError": "true"}, {"rci": None}])
def test_odd_fields_of_an_envelope_are_left_alone(odd: dict[str, object]) -> None:
    said = envelope(received(400, {"message": "No.", **odd}))
    assert (said.rci, said.user_error) == ("", False)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"localizedMessage": "Expired.", "code": "AUTH"}, SignedOut),
        (401, {"localizedMessage": "The API key is not valid.", "rci": "R"}, ApiKeyRefused),
        (401, {"message": "Unauthorized"}, ApiKeyRefused),
        (401, b"", SignedOut),
        (403, {"localizedMessage": "Missing capability."}, NotPermitted),
        (403, {"message": "You cannot consume this service"}, NotPermitted),
        (403, {"message": "Invalid apikey"}, ApiKeyRefused),
        (400, {"message": "The api key field is odd"}, Refused),
        (418, b"", Refused),
        (301, b"", Refused),
        (599, b"", ServerTrouble),
    ],
)
def test_the_tables_choose_the_class(status: int, body: object, kind: type[VisierError]) -> None:
    assert type(raised(READ, received(status, body))) is kind


def test_a_write_that_met_trouble_keeps_visiers_words() -> None:
    error = raised(WRITE, received(504, {"localizedMessage": "Too slow.", "rci": "RCIP2"}))
    assert isinstance(error, OutcomeUnknown)
    assert (error.message, error.rci, error.status) == ("Too slow.", "RCIP2", 504)


@pytest.mark.parametrize(("headers", "seconds"), [({"retry_after": "12"}, 12.0), ({}, 0.0)])
def test_a_limit_says_how_long_to_wait(headers: dict[str, str], seconds: float) -> None:
    error = raised(READ, received(429, {"message": "API rate limit exceeded"}, **headers))
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_unknown_status_numbers_have_words_too() -> None:
    assert raised(READ, received(599, b"")).message == "HTTP status 599"


@pytest.mark.parametrize(
    "payload",
    [
        {"tenants": [{"tenant": "a", "dataVersions": ""}]},
        {"JobId": "1"},
        [{"jobId": "1", "status": "Completed"}],
        [],
        {},
        {"queryStartTime": None, "new": {"deep": [1]}},
    ],
)
def test_payloads_are_left_as_they_are(payload: object) -> None:
    assert parse_response(READ, received(200, payload)) == payload


def test_every_error_has_advice_of_its_own() -> None:
    kinds = [
        each
        for each in vars(every_error).values()
        if isinstance(each, type) and issubclass(each, VisierError)
    ]
    advice = [kind.advice for kind in kinds]
    assert len(set(advice)) == len(kinds) == 16
    assert all(sentence.endswith(".") for sentence in advice)


def test_every_operation_is_named_by_its_own_row() -> None:
    assert all(name == row.name for name, row in ENDPOINTS.items())
    assert sum(row.alpha for row in ENDPOINTS.values()) == 7
