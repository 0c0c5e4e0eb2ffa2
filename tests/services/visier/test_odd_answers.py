"""One odd header, character or number costs itself, and not the answer it came with."""

from typing import Any

import orjson
import pytest

from services.visier import (
    Interrupted,
    Lane,
    NotFound,
    RateLimited,
    ServerTrouble,
    UnreadableAnswer,
    VisierError,
)
from services.visier.errors import ADVICE_BY_NAME
from services.visier.rate_limit_headers import RateLimitHeaders, rate_limit_headers
from tests.services.visier.clock import Clock
from tests.services.visier.conftest import MakeClient
from tests.services.visier.every_call import CALLS, JSON_READS, WRITES
from tests.services.visier.wire import Reply, Seen, Wire, json_reply

DATE = "Sun, 29 Nov 2026 13:30:15 GMT"
YEAR, TEN_YEARS = 31_536_000.0, 315_360_000.0
MANY = "9" * 5000
FINE = {
    "x-ratelimit-limit-minute": "100",
    "x-ratelimit-remaining-minute": "41",
    "x-ratelimit-limit-hour": "6000",
    "x-ratelimit-remaining-hour": "5000",
    "date": DATE,
}
NEWS = RateLimitHeaders(100, 41, 6000, 5000, None, 45.0, 1785.0)


@pytest.mark.parametrize(
    "odd", [MANY, "1000000", "-5", "4.5", "many", "", "\u0664\u0661", "0x10", "\xa0"]
)
@pytest.mark.parametrize("name", [name for name in FINE if name != "date"])
def test_an_odd_count_of_calls_is_passed_over(name: str, odd: str) -> None:
    told = rate_limit_headers({**FINE, name: odd})
    field = "_".join(reversed(name.removeprefix("x-ratelimit-").split("-")))
    assert told == RateLimitHeaders(**{**vars(NEWS), field: None})


@pytest.mark.parametrize(
    "odd",
    [
        "Sun, 29 Nov 99999999999999999999 13:30:15 GMT",
        f"Sun, 29 Nov {MANY} 13:30:15 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Sun, 29 Nov 2026 13:30:15 +99999999",
        "Sun, 99 Nov 2026 13:30:15 GMT",
        "yesterday",
        "",
    ],
)
def test_an_odd_date_is_passed_over(odd: str) -> None:
    told = rate_limit_headers({**FINE, "date": odd, "retry-after": "7"})
    assert told == RateLimitHeaders(100, 41, 6000, 5000, 7.0, None, None)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("31536000", YEAR),
        ("9" * 400, TEN_YEARS),
        (MANY, TEN_YEARS),
        ("Sun, 29 Nov 2026 13:31:15 GMT", 60.0),
        ("Sun, 29 Nov 2026 13:29:15 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", TEN_YEARS),
        ("Sun, 29 Nov 99999 13:31:15 GMT", None),
        ("-7", None),
        ("soon", None),
        ("\u0667", None),
    ],
)
def test_however_long_a_wait_is_asked_for_it_has_an_end(told: str, seconds: float | None) -> None:
    assert rate_limit_headers({**FINE, "retry-after": told}).retry_after == seconds


def limited(retry_after: str) -> Reply:
    return json_reply({"message": "API rate limit exceeded"}, 429, Retry_After=retry_after)


@pytest.mark.parametrize("told", ["31536000", "9" * 400])
def test_a_key_is_tried_again_after_an_hour_at_most(
    make_client: MakeClient, wire: Wire, told: str
) -> None:
    clock = Clock()
    client = make_client(rate_limiter=clock.rate_limiter())
    wire.script(limited(told), json_reply({"fine": True}))
    with pytest.raises(RateLimited) as caught:
        client.job_status()
    assert caught.value.retry_after == 3600
    assert caught.value.asked == (YEAR if told == "31536000" else TEN_YEARS)
    assert client.budget().blocked_seconds == 3600
    assert client.budget().asked_seconds == caught.value.asked
    clock.now += 3590
    with pytest.raises(RateLimited):
        client.job_status()
    assert len(wire.seen) == 1
    clock.now += 11
    assert client.job_status() == {"fine": True}
    assert client.budget().blocked_seconds == client.budget().asked_seconds == 0


def test_a_person_can_have_it_tried_at_once(make_client: MakeClient, wire: Wire) -> None:
    clock = Clock()
    client = make_client(rate_limiter=clock.rate_limiter())
    wire.script(limited("31536000"), limited("31536000"), json_reply({"fine": True}))
    for requests in (1, 2):
        with pytest.raises(RateLimited):
            client.job_status()
        assert len(wire.seen) == requests
        client.try_now()
    assert client.job_status() == {"fine": True}


def busy(retry_after: str, status: int = 503) -> Reply:
    return json_reply({"message": "Maintenance."}, status, Retry_After=retry_after)


@pytest.mark.parametrize("name", JSON_READS)
def test_a_read_is_repeated_when_a_busy_server_asks_for_it(
    make_client: MakeClient, wire: Wire, name: str
) -> None:
    pauses: list[float] = []
    wire.script(busy("3"), json_reply({"fine": True}))
    client = make_client(sleep=pauses.append)
    assert CALLS[name](client) == {"fine": True}
    assert sum(pauses) == 3


def test_a_click_does_not_wait_for_maintenance_and_says_how_long_it_takes(
    make_client: MakeClient, wire: Wire
) -> None:
    wire.script(busy("120"))
    with pytest.raises(ServerTrouble) as caught:
        make_client().job_status()
    assert caught.value.retry_after == 120
    assert len(wire.seen) == 1


def test_bulk_work_waits_for_it_and_can_be_stopped(make_client: MakeClient, wire: Wire) -> None:
    pauses: list[float] = []
    wire.script(busy("120"), json_reply({"fine": True}), busy("120"))
    client = make_client(sleep=pauses.append)
    assert client.in_lane(Lane.BULK).job_status() == {"fine": True}
    assert sum(pauses) == 120
    with pytest.raises(Interrupted):
        client.in_lane(Lane.BULK, lambda: sum(pauses) > 130).job_status()
    assert sum(pauses) == 131


@pytest.mark.parametrize("name", WRITES)
def test_a_write_is_not_repeated_whatever_a_busy_server_asks_for(
    make_client: MakeClient, wire: Wire, name: str
) -> None:
    wire.script(busy("1"))
    with pytest.raises(VisierError):
        CALLS[name](make_client().in_lane(Lane.BULK))
    assert len(wire.seen) == 1


@pytest.mark.parametrize("limit", [MANY, f'"{MANY}"', "1e999", "-1", '"\u0662"', "NaN", "Infinity"])
def test_an_odd_limit_in_a_body_is_none(make_client: MakeClient, wire: Wire, limit: str) -> None:
    def answer(seen: Seen) -> Reply:
        tenants = [{"tenantCode": "a"}] if seen.query["start"] == "0" else []
        body = orjson.dumps({"tenants": tenants})[:-1] + f', "limit": {limit}}}'.encode()
        return Reply(200, body)

    wire.answer = answer
    (page,) = make_client().iter_latest_enabled_dv()
    assert isinstance(page, dict)
    assert page["tenants"] == [{"tenantCode": "a"}]
    assert len(wire.seen) == 1


ODD_TEXTS: dict[str, tuple[bytes, Any]] = {
    "half an emoji": (b'{"name": "Cut \\ud83d", "n": 1}', {"name": "Cut \ufffd", "n": 1}),
    "the other half": (b'{"name": "\\ude00 Cut"}', {"name": "\ufffd Cut"}),
    "halves in the wrong order": (b'["\\ude00\\ud83d"]', ["\ufffd\ufffd"]),
    "half in a name": (b'{"\\ud83d": [1, null]}', {"\ufffd": [1, None]}),
    "a whole one": (b'["\\ud83d\\ude00 \\ud83d"]', ["\U0001f600 \ufffd"]),
    "one byte of Latin-1": (b'{"name": "M\xfcller", "n": 1}', {"name": "M\ufffdller", "n": 1}),
    "deep inside": (
        b'{"a": [{"b": ["\xe9", {"c": "x"}]}]}',
        {"a": [{"b": ["\ufffd", {"c": "x"}]}]},
    ),
    "a number nobody can hold": (b'{"n": %s, "m": 2}' % MANY.encode(), {"n": MANY, "m": 2}),
}


@pytest.mark.parametrize("text", ODD_TEXTS)
@pytest.mark.parametrize("name", [*JSON_READS, *(name for name in WRITES if "delete" not in name)])
def test_an_odd_character_costs_itself_alone(
    make_client: MakeClient, wire: Wire, name: str, text: str
) -> None:
    body, payload = ODD_TEXTS[text]
    wire.script(Reply(200, body))
    assert CALLS[name](make_client()) == payload


@pytest.mark.parametrize("body", [b'{"message": "Cut \\ud83d"}', b'{"message": "Cut \xfc"}'])
def test_so_it_is_in_what_a_refusal_says(make_client: MakeClient, wire: Wire, body: bytes) -> None:
    wire.script(Reply(404, body))
    with pytest.raises(NotFound, match="Cut \ufffd"):
        make_client().job_status()


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"a": ' * 200_000, b'{"a": "\xfc', b"\xff\xfe{"]
)
def test_what_is_no_json_stays_none(make_client: MakeClient, wire: Wire, body: bytes) -> None:
    wire.script(Reply(200, body))
    with pytest.raises(UnreadableAnswer):
        make_client().job_status()


NO_ID = NotFound("").advice
ADVISED = {
    "job_id_status": ADVICE_BY_NAME["job_id"],
    "receiving_job_status": ADVICE_BY_NAME["job_id"],
    "dispatching_job_status": ADVICE_BY_NAME["job_id"],
    "retrieve_receiving_job_extracted_files": ADVICE_BY_NAME["job_id"],
    "update_connector_credential": ADVICE_BY_NAME["credential_id"],
    "delete_connector_credential": ADVICE_BY_NAME["credential_id"],
    "data_connectors": ADVICE_BY_NAME["tenantCode"],
    "validation_tenant": ADVICE_BY_NAME["tenant_id"],
    "latest_enabled_dv": NO_ID,
    "retrieve_data_uploads": NO_ID,
    "retrieve_data_categories": NO_ID,
    "job_status": NO_ID,
    "tenants": NO_ID,
    "start_extraction": NO_ID,
}


@pytest.mark.parametrize("name", ADVISED)
def test_what_to_do_about_a_404_goes_by_what_was_named(
    make_client: MakeClient, wire: Wire, name: str
) -> None:
    wire.script(Reply(404, b"{}"))
    with pytest.raises(NotFound) as caught:
        CALLS[name](make_client())
    assert caught.value.advice == ADVISED[name]


def test_uploads_of_an_unknown_job_are_about_that_job(make_client: MakeClient, wire: Wire) -> None:
    wire.script(Reply(404, b"{}"))
    with pytest.raises(NotFound) as caught:
        next(make_client().iter_retrieve_data_uploads(upload_job_id="1"))
    assert "job" in caught.value.advice
