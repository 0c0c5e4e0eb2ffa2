"""The client and the sandbox, which share no code, understand each other."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.sandbox.config import CLIENT_ID, CLIENT_SECRET
from services.visier import (
    ApiKeyRefused,
    Client,
    Credentials,
    Lane,
    NotFound,
    OAuth,
    OutcomeUnknown,
    Password,
    PasswordRefused,
    RateLimited,
    RateLimiter,
    SecurityToken,
    ServerTrouble,
    SignedOut,
    UnknownVanityName,
    Unreachable,
    UnreadableAnswer,
    VisierError,
    connect,
)
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.visier.every_call import CALLS, JSON_READS, SAMPLE_CALLS


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def fresh(sandbox: Sandbox) -> Sandbox:
    sandbox.control.clear_faults()
    sandbox.control.clear_requests()
    return sandbox


def password(sandbox: Sandbox, **other: str) -> Password:
    known = {
        "api_key": sandbox.api_key,
        "username": sandbox.username,
        "password": sandbox.password,
        "vanity_name": sandbox.vanity_name,
    }
    return Password(**(known | other))


def unlimited() -> RateLimiter:
    return RateLimiter(assumed_per_minute=None)


@pytest.fixture
def client(fresh: Sandbox) -> Iterator[Client]:
    client = connect(fresh.url, password(fresh), unlimited())
    fresh.control.clear_requests()
    yield client
    client.close()


def test_all_ways_of_signing_in(fresh: Sandbox) -> None:
    ways: list[Credentials] = [
        password(fresh),
        password(fresh, vanity_name=""),
        SecurityToken(fresh.api_key, fresh.token()),
        OAuth(fresh.api_key, CLIENT_ID, CLIENT_SECRET, fresh.username, fresh.password),
    ]
    for credentials in ways:
        client = connect(fresh.url, credentials, unlimited())
        assert fresh.control.requests("latest_enabled_dv")[-1]["status"] == 200
        client.close()


@pytest.mark.parametrize("operation", ["latest_enabled_dv", "retrieve_data_categories"])
@pytest.mark.parametrize("status", ["400", "403", "404", "405"])
def test_who_may_not_read_something_is_signed_in_all_the_same(
    fresh: Sandbox, operation: str, status: str
) -> None:
    fresh.control.fault(operation, status, times=0)
    for way in (password(fresh), SecurityToken(fresh.api_key, fresh.token())):
        connect(fresh.url, way, unlimited()).close()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"fault": "401"}, SignedOut),
        ({"fault": "gateway", "status": 401, "value": "Unauthorized"}, ApiKeyRefused),
        ({"fault": "gateway", "status": 403, "value": "Invalid API key"}, ApiKeyRefused),
        ({"fault": "gateway", "status": 404, "value": "no Route matched"}, UnknownVanityName),
        ({"fault": "500"}, ServerTrouble),
        ({"fault": "html"}, UnreadableAnswer),
    ],
)
def test_only_what_refuses_in_so_many_words_keeps_anybody_out(
    fresh: Sandbox, fault: dict[str, Any], kind: type[VisierError]
) -> None:
    fresh.control.fault("latest_enabled_dv", **fault, times=0)
    with pytest.raises(VisierError) as caught:
        connect(fresh.url, SecurityToken(fresh.api_key, fresh.token()), unlimited())
    assert type(caught.value) is kind


# Of a webhook that is there: see test_webhooks.py.
@pytest.mark.parametrize("name", [each for each in JSON_READS if each != "get_webhook"])
def test_every_read_is_answered(client: Client, fresh: Sandbox, name: str) -> None:
    call = SAMPLE_CALLS.get(name, CALLS[name])
    assert isinstance(call(client), dict | list)
    assert [asked["operation"] for asked in fresh.control.requests(name)] == [name]


@pytest.mark.parametrize("name", SAMPLE_CALLS)
def test_every_sample_is_answered(client: Client, name: str) -> None:
    SAMPLE_CALLS[name](client)


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"api_key": "another-key"}, ApiKeyRefused),
        ({"password": "a-wrong-one"}, PasswordRefused),
        ({"username": "nobody@example.com"}, PasswordRefused),
        ({"vanity_name": "jupiter"}, UnknownVanityName),
    ],
    ids=lambda value: next(iter(value), "") if isinstance(value, dict) else value.__name__,
)
def test_what_is_wrong_is_said_in_its_own_words(
    fresh: Sandbox, wrong: dict[str, str], kind: type[VisierError]
) -> None:
    with pytest.raises(VisierError) as caught:
        connect(fresh.url, password(fresh, **wrong), unlimited())
    assert type(caught.value) is kind
    assert caught.value.message
    assert not {"another-key", "a-wrong-one"} & set(str(caught.value).split())


def test_a_bad_token_and_a_bad_key_beside_a_token(fresh: Sandbox) -> None:
    with pytest.raises(SignedOut):
        connect(fresh.url, SecurityToken(fresh.api_key, "no-such-token"), unlimited())
    with pytest.raises(ApiKeyRefused):
        connect(fresh.url, SecurityToken("another-key", fresh.token()), unlimited())


def test_a_host_that_cannot_be_found_or_reached(fresh: Sandbox, closed_url: str) -> None:
    with pytest.raises(UnknownVanityName):
        connect("https://no-such-tenant.invalid", password(fresh), unlimited())
    with pytest.raises(Unreachable):
        connect(closed_url, password(fresh), unlimited())


def test_an_expired_token_is_renewed_unnoticed(client: Client, fresh: Sandbox) -> None:
    fresh.control.expire_tokens()
    client.job_status()
    assert len(fresh.control.requests("security_token")) == 1
    statuses = [asked["status"] for asked in fresh.control.requests("job_status")]
    assert statuses == [401, 200]


def test_an_unknown_job_is_not_found(client: Client) -> None:
    with pytest.raises(NotFound):
        client.dispatching_job_status("00000000-0000-0000-0000-000000000000")


def test_pages_hold_every_tenant_once(client: Client) -> None:
    def codes(pages: Iterator[Any]) -> list[str]:
        tenants = [tenant for page in pages for tenant in page["tenants"]]
        return [tenant.get("tenantCode", tenant.get("tenant")) for tenant in tenants]

    tenants = codes(client.iter_tenants())
    assert len(set(tenants)) == len(tenants) >= 60
    assert set(codes(client.iter_latest_enabled_dv())) <= set(tenants)
    assert set(codes(client.iter_retrieve_data_uploads())) <= set(tenants)


@pytest.mark.parametrize(
    ("name", "call", "kind", "requests"),
    [
        ("job_status", lambda client: client.job_status(), ServerTrouble, 3),
        ("start_load", lambda client: client.start_load(["a.zip.gpg"]), OutcomeUnknown, 1),
        ("cancel_jobs", lambda client: client.cancel_jobs(["1"]), OutcomeUnknown, 1),
    ],
)
def test_trouble_after_the_effect_never_starts_anything_twice(
    fresh: Sandbox,
    name: str,
    call: Callable[[Client], object],
    kind: type[VisierError],
    requests: int,
) -> None:
    client = Client(fresh.url, password(fresh), unlimited(), sleep=lambda _seconds: None)
    fresh.control.fault(name, "502", when="after", times=0)
    with pytest.raises(kind):
        call(client)
    assert len(fresh.control.requests(name)) == requests
    client.close()


def test_the_budget_follows_the_sandbox() -> None:
    with running_sandbox(rate_limit=10) as limited:
        rate_limiter = RateLimiter()
        client = connect(limited.url, password(limited), rate_limiter)
        budget = rate_limiter.budget()
        assert (budget.minute_limit, budget.hour_limit) == (10, 600)
        assert budget.minute_remaining == 8
        watching = client.in_lane(Lane.WATCH)
        for _ in range(6):
            watching.job_status()
        assert rate_limiter.budget().minute_remaining == 2
        with pytest.raises(RateLimited) as caught:
            watching.job_status()
        assert 0 < caught.value.retry_after <= 60
        client.close()


def test_no_secret_of_the_sandbox_is_logged(
    fresh: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "services.visier")
    token = fresh.token()
    connect(fresh.url, SecurityToken(fresh.api_key, token), unlimited()).close()
    connect(fresh.url, password(fresh), unlimited()).close()
    assert len(caplog.records) == 3
    for record in caplog.records:
        assert fresh.api_key not in record.getMessage()
        assert token not in record.getMessage()
