"""Canaries: secrets planted everywhere, looked for in everything a person or a log may see."""

import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import orjson
import pytest

from services.visier import (
    Client,
    OAuth,
    Password,
    SecurityToken,
    Timeouts,
    UnknownVanityName,
    Unreachable,
    VisierError,
)
from services.visier.auth import Credentials, Grant
from services.visier.protocol import redact, secret_values
from tests.services.visier.conftest import MakeClient
from tests.services.visier.every_call import CALLS, success
from tests.services.visier.wire import Fault, Reply, Seen, Wire, json_reply

KEY, TOKEN = "canary-key-7f3a", "canary-token-91bc"
PASSWORD, CLIENT_SECRET = "canary-pass word+5d", "canary-client&secret-e0"
FETCHED, REFRESH = "canary-fetched-44aa", "canary-refresh-17d2"
SHORT_SECRET, PEM = "cnry9", "-----BEGIN KEY-----\ncanary-pem-3b8f\n-----END KEY-----"
CANARIES = ("canary", SHORT_SECRET)

CREDENTIALS: dict[str, Credentials] = {
    "token": SecurityToken(KEY, TOKEN),
    "password": Password(KEY, "ann", PASSWORD, "jupiter"),
    "oauth": OAuth(KEY, "app", CLIENT_SECRET, "ann", PASSWORD),
}
BODY = {
    "dataProviderAuthParams": {
        "provider": "SnowflakeV2",
        "snowflakeV2AuthParams": {"password": SHORT_SECRET, "privateKey": PEM, "username": "svc"},
        "workdayAuthParams": {"additionalHeaderParams": [{"key": "X", "value": "canary-header"}]},
    },
}


def echo(seen: Seen) -> str:
    """Give back what was sent, as it came and decoded: a server that talks too much."""
    body = seen.body.decode()
    plain = [orjson.loads(unquote(body.removeprefix("model=")))] if "Params" in body else []
    return " ".join([*seen.headers.values(), body, unquote(body), *map(str, plain), pem(plain)])


def pem(plain: list[dict[str, Any]]) -> str:
    return PEM if plain else ""


def replies() -> dict[str, Callable[[Seen], Reply | Fault]]:
    def with_status(status: int) -> Callable[[Seen], Reply]:
        return lambda seen: json_reply(
            {"localizedMessage": f"You sent {echo(seen)}!", "rci": f"RCIP {echo(seen)}"}, status
        )

    return {
        **{str(each): with_status(each) for each in (302, 400, 401, 403, 404, 429, 500, 503)},
        "success": lambda _seen: json_reply({}),
        "text": lambda seen: Reply(400, echo(seen).encode()),
        "gateway": lambda seen: json_reply(
            {"message": f"Invalid API key {seen.headers['apikey']}"}, 401
        ),
        "malformed": lambda seen: Reply(200, f"{{{echo(seen)}".encode()),
        "HTML": lambda seen: Reply(200, f"<html>{echo(seen)}</html>".encode()),
        "cut": lambda _seen: Fault.CUT,
        "hang": lambda _seen: Fault.HANG,
    }


def call_everything(client: Client) -> Iterator[VisierError]:
    calls: list[Callable[[], object]] = [
        client.sign_in,
        client.job_status,
        lambda: client.create_connector_credential(BODY, tenant_code="t"),
        lambda: client.update_connector_credential("1", BODY),
        lambda: client.security_token("ann", PASSWORD, "jupiter"),
        lambda: client.oauth_token("app", CLIENT_SECRET, grant_type="password", password=PASSWORD),
    ]
    for call in calls:
        try:
            call()
        except VisierError as error:
            yield error


def everything_said(error: BaseException) -> Iterator[str]:
    yield str(error)
    yield repr(error)
    yield repr(vars(error))
    yield "".join(traceback.format_exception(error))
    for inner in (error.__cause__, error.__context__):
        if inner is not None:
            yield from everything_said(inner)


def assert_no_canary(text: str) -> None:
    assert not [canary for canary in CANARIES if canary in text]


def attached(error: BaseException) -> Iterator[object]:
    for link in (error, error.__cause__, error.__context__):
        if link is not None:
            yield from (type(value).__module__.partition(".")[0] for value in vars(link).values())


@pytest.mark.parametrize("reply", replies().values(), ids=list(replies()))
@pytest.mark.parametrize("kind", CREDENTIALS)
def test_no_secret_in_logs_or_errors(
    make_client: MakeClient,
    wire: Wire,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    reply: Callable[[Seen], Reply | Fault],
) -> None:
    def answer(seen: Seen) -> Reply | Fault:
        if seen.path.endswith("visierSecureToken"):
            return Reply(200, FETCHED.encode())
        if seen.path.endswith("oauth2/token"):
            return json_reply({"access_token": FETCHED, "refresh_token": REFRESH})
        return reply(seen)

    caplog.set_level(logging.DEBUG)
    client = make_client(CREDENTIALS[kind], timeouts=Timeouts(5, 0.05))
    wire.answer = answer
    errors = list(call_everything(client))
    wire.answer = reply
    errors += list(call_everything(make_client(CREDENTIALS[kind], timeouts=Timeouts(5, 0.05))))

    for error in errors:
        for text in everything_said(error):
            assert_no_canary(text)
        assert "requests" not in attached(error)
    assert "services.visier" in {record.name for record in caplog.records}
    for record in caplog.records:
        assert_no_canary(record.getMessage())
        assert_no_canary(str(record.args))


@pytest.mark.parametrize(
    ("url", "kind"),
    [(None, Unreachable), ("https://canary.invalid", UnknownVanityName)],
)
def test_no_secret_when_nothing_could_be_sent(
    make_client: MakeClient,
    closed_url: str,
    caplog: pytest.LogCaptureFixture,
    url: str | None,
    kind: type[VisierError],
) -> None:
    caplog.set_level(logging.DEBUG, "services.visier")
    client = make_client(CREDENTIALS["password"], url=url or closed_url)
    errors = list(call_everything(client))
    assert {type(error) for error in errors} == {kind}
    for error in errors:
        for text in everything_said(error):
            assert_no_canary(text)
    for record in caplog.records:
        assert_no_canary(record.getMessage())


def test_one_line_per_request_says_what_happened(
    make_client: MakeClient, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "services.visier")
    limits = {"X-RateLimit-Limit-Minute": "100", "X-RateLimit-Remaining-Minute": "41"}
    wire.script(Reply(200, b'{"a": 1}', limits))
    make_client().data_connectors(tenant_code="WFF_j1r~c7o")
    (line,) = [record.getMessage() for record in caplog.records]
    start, _, end = line.partition(": ")
    assert start == "data_connectors GET /v1/op/data-connectors"
    assert end.startswith("200 in ")
    assert end.endswith(" ms, 8 bytes, calls left this minute: 41")


@pytest.mark.parametrize("kind", CREDENTIALS)
def test_no_secret_in_the_looks_of_credentials_and_clients(
    make_client: MakeClient, kind: str
) -> None:
    credentials = CREDENTIALS[kind]
    client = make_client(credentials)
    grant = Grant({"Cookie": TOKEN}, TOKEN, 60, REFRESH)
    for shown in (credentials, client, vars(client), grant):
        assert_no_canary(repr(shown))
        assert_no_canary(str(shown))


@pytest.mark.parametrize("name", CALLS)
def test_no_query_value_and_no_body_is_logged(
    make_client: MakeClient, wire: Wire, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.INFO, "services.visier")
    wire.script(Reply(200, success(name)))
    if name != "oauth_token":
        CALLS[name](make_client())
    for record in caplog.records:
        assert "?" not in record.getMessage()
        assert "WFF_j1r~CAa7s" not in record.getMessage()


def test_errors_survive_being_sent_to_another_process(make_client: MakeClient, wire: Wire) -> None:
    wire.script(json_reply({"message": "slow down"}, 429, Retry_After="90"))
    with pytest.raises(VisierError) as caught:
        make_client().job_status()
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - made here
    assert vars(copy) == vars(caught.value)


def test_secrets_of_a_sign_in_are_found_by_their_names() -> None:
    form = {"username": "ann", "password": "1", "client_secret": "2", "refresh_token": "3"}
    assert set(secret_values({**form, "grant_type": "password", "code": "4"})) == set("1234")


@pytest.mark.parametrize(
    ("text", "secret", "shown"),
    [
        ("key=abcdefghijklmnop.", "abcdefghijklmnop", "key=•••."),
        ("xabcdefghijklmnopx", "abcdefghijklmnop", "x•••x"),
        ("pass word", "pass", "••• word"),
        ("password", "pass", "password"),
        ("a b", "a", "a b"),
    ],
)
def test_redaction(text: str, secret: str, shown: str) -> None:
    assert redact(text, [secret, ""]) == shown
