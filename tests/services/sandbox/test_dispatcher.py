"""Keys, tokens, bodies and the rate limit: what every request has to pass."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests

from services.sandbox.ratelimit import RateLimit
from services.sandbox.times import MINUTE
from tests.sandboxes import Sandbox, ask, running_sandbox
from tests.services.sandbox.api import ADMIN, C7O, E1A, I1O, Api

CATEGORIES = "/v1/op/data/categories"
EXCLUDE = "/v1/op/data/uploads/exclude"
NOBODY = {"uploads": [{"tenantCode": C7O, "fileNameRegex": r"a&b=c+d%20[0-9]+"}]}
HEADERS = (
    "X-RateLimit-Limit-Minute",
    "X-RateLimit-Remaining-Minute",
    "X-RateLimit-Limit-Hour",
    "X-RateLimit-Remaining-Hour",
)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (None, "No API key found in request"),
        ("wrong", "Invalid authentication credentials"),
    ],
)
def test_without_the_key_the_gateway_answers(api: Api, key: str | None, message: str) -> None:
    answer = api.ask("GET", CATEGORIES, headers={"apikey": key})
    assert (answer.status_code, answer.json()) == (401, {"message": message})


@pytest.mark.parametrize("cookie", [None, "VisierASIDToken=wrong", "VisierASIDToken="])
def test_without_a_good_token_visier_answers(api: Api, cookie: str | None) -> None:
    envelope = api.refused("GET", CATEGORIES, 401, headers={"Cookie": cookie})
    assert envelope["rci"].startswith("RCIP")
    assert envelope["userError"] is True


def test_a_bearer_token_is_as_good_as_a_cookie(api: Api) -> None:
    token = api.sandbox.token()
    answer = api.ask(
        "GET", CATEGORIES, headers={"Cookie": None, "Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200


def test_a_token_lasts_an_hour(api: Api) -> None:
    api.sandbox.control.advance(3_595)
    api.get(CATEGORIES)
    api.sandbox.control.advance(10)
    api.refused("GET", CATEGORIES, 401)


def test_all_tokens_can_be_ended_at_once(api: Api) -> None:
    api.sandbox.control.expire_tokens()
    api.refused("GET", CATEGORIES, 401)
    api.headers = api.sandbox.headers()
    api.get(CATEGORIES)


def test_the_login_tenant_is_the_one_targeted(api: Api) -> None:
    versions = api.within(C7O).get("/v1/op/data-versions")
    assert [tenant["tenant"] for tenant in versions["tenants"]] == [C7O]
    api.within(C7O).refused("GET", "/v1/op/data-versions", 403, params={"tenantCode": I1O})
    api.within("WFF_j1r~nobody").refused("GET", CATEGORIES, 403)
    assert len(api.within(ADMIN).get("/v1/op/data-versions")["tenants"]) == 60


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/op/nothing"), ("DELETE", CATEGORIES), ("GET", "/"), ("POST", "/_sandbox/no")],
)
def test_what_is_not_there_has_no_route(api: Api, method: str, path: str) -> None:
    answer = api.ask(method, path)
    assert (answer.status_code, answer.json()) == (
        404,
        {"message": "no Route matched with those values"},
    )


FORM = "application/x-www-form-urlencoded"
TEXT = json.dumps(NOBODY)


@pytest.mark.parametrize(
    ("content_type", "body", "encoding"),
    [
        (FORM, f"model={quote(TEXT)}", "form-model"),
        (FORM, f"x=1&model={quote(TEXT)}&y=", "form-model"),
        ("", f"model={quote(TEXT)}", "form-model"),
        ("application/json", TEXT, "json"),
        ("application/json; charset=utf-8", TEXT, "json"),
        ("application/json", f'{{"model": {TEXT}}}', "json-model"),
        (FORM, f'{{"model": {TEXT}}}', "json-model"),
        (FORM, TEXT, "json-as-form"),
        ("", f"  {TEXT}\n", "json-as-form"),
    ],
)
def test_a_body_is_read_in_every_encoding(
    api: Api, content_type: str, body: str, encoding: str
) -> None:
    answer = api.ask("PUT", EXCLUDE, data=body, headers={"Content-Type": content_type or None})
    assert answer.status_code == 200, answer.text
    seen = api.sandbox.control.requests("exclude_data_uploads")[-1]
    assert (seen["encoding"], seen["body"]) == (encoding, NOBODY)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", ""),
        ("application/json", "{"),
        ("application/json", "[1]"),
        ("application/json", '"text"'),
        ("application/json", b"\xff\xfe"),
        (FORM, "model="),
        (FORM, "model=%7B"),
        (FORM, f"uploads={quote(TEXT)}"),
        ("text/plain", "hello"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    api: Api, content_type: str, body: str | bytes
) -> None:
    headers = {"Content-Type": content_type}
    api.refused("PUT", EXCLUDE, 400, data=body, headers=headers)


@pytest.fixture(scope="module")
def metered() -> Iterator[Sandbox]:
    with running_sandbox(rate_limit=5) as sandbox:
        yield sandbox


@pytest.fixture
def limited(metered: Sandbox) -> Api:
    """Give a caller with five calls a minute, at the beginning of an hour."""
    metered.control.reset(rate_limit=5)
    metered.control.advance(3_601 - metered.inside.clock.now() / 1_000 % 3_600)
    return Api(metered, metered.headers())


def left(answer: requests.Response) -> tuple[int, int]:
    minute, hour = HEADERS[1], HEADERS[3]
    return int(answer.headers[minute]), int(answer.headers[hour])


def test_every_answer_says_what_is_left(limited: Api) -> None:
    good = limited.ask("GET", CATEGORIES)
    assert [good.headers[name] for name in HEADERS] == ["5", "4", "300", "299"]
    bad = limited.ask("GET", "/v1/op/job-status/jobs/unknown")
    assert (bad.status_code, left(bad)) == (404, (3, 298))
    signed_out = limited.ask("GET", CATEGORIES, headers={"Cookie": None})
    assert (signed_out.status_code, left(signed_out)) == (401, (2, 297))


def test_over_the_limit_nothing_is_executed(limited: Api) -> None:
    for _ in range(5):
        assert limited.ask("GET", CATEGORIES).status_code == 200
    body = {"dataVersionObjects": [{"tenantCode": E1A}]}
    over = limited.ask("PUT", "/v1/op/data-versions/disable", json=body)
    assert (over.status_code, over.json()) == (429, {"message": "API rate limit exceeded"})
    assert left(over) == (0, 295)
    assert "Retry-After" not in over.headers
    assert limited.world.tenants[E1A].versions[-1].enabled


def test_the_next_minute_has_calls_again(limited: Api) -> None:
    for _ in range(6):
        last = limited.ask("GET", CATEGORIES)
    assert last.status_code == 429
    limited.sandbox.control.advance(60)
    assert left(limited.ask("GET", CATEGORIES)) == (4, 294)


def test_the_hour_has_a_count_of_its_own() -> None:
    limit = RateLimit(per_minute=2)
    counted = [limit.count("key", minute * MINUTE) for minute in range(60) for _ in range(3)]
    assert counted == [True, True, False] * 60
    assert limit.headers("key", 59 * MINUTE)["X-RateLimit-Remaining-Hour"] == "0"
    crowded = RateLimit(per_minute=2, hour_factor=1)
    assert [crowded.count("key", minute * MINUTE) for minute in range(3)] == [True, True, False]
    assert crowded.count("key", 60 * MINUTE)


def test_each_key_has_a_count_of_its_own(limited: Api) -> None:
    for _ in range(5):
        limited.ask("GET", CATEGORIES)
    assert limited.sandbox.token()


def test_the_control_costs_nothing(limited: Api) -> None:
    for _ in range(20):
        limited.sandbox.control.requests()
    assert left(limited.ask("GET", CATEGORIES)) == (4, 299)


def test_without_a_limit_there_are_no_headers(api: Api) -> None:
    assert not [name for name in HEADERS if name in api.ask("GET", CATEGORIES).headers]


def test_what_was_asked_is_recorded_without_secrets(api: Api) -> None:
    token = api.headers["Cookie"].partition("=")[2]
    url = f"{api.sandbox.url}/v1/auth/oauth2/token"
    form = {"grant_type": "password", "username": "x", "password": "p4ssw0rd"}
    ask("POST", url, data=form, auth=("client", "s3cret"))
    api.within(C7O).get("/v1/op/data-versions", limit=3)
    signed_in, asked = api.sandbox.control.requests()[-2:]
    assert signed_in["body"] == {"grant_type": "password", "username": "x", "password": "***"}
    assert signed_in["headers"]["authorization"] == "Basic ***"
    assert asked["operation"] == "latest_enabled_dv"
    assert (asked["method"], asked["path"]) == ("GET", "/v1/op/data-versions")
    assert (asked["query"], asked["body"], asked["status"]) == ({"limit": "3"}, None, 200)
    assert asked["headers"]["apikey"] == "***"
    assert asked["headers"]["cookie"] == "VisierASIDToken=***"
    assert asked["headers"]["targettenantid"] == C7O
    whole = json.dumps(api.sandbox.control.requests())
    assert not [
        secret for secret in (token, "p4ssw0rd", "s3cret", "sandbox-key") if secret in whole
    ]
