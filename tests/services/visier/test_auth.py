"""Getting in, staying in, and knowing when to stop trying."""

import threading
from base64 import b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.visier import (
    ApiKeyRefused,
    Client,
    InvalidArgument,
    OAuth,
    Password,
    PasswordRefused,
    SecurityToken,
    ServerTrouble,
    SignedOut,
    UnknownVanityName,
    Unreachable,
    UnreadableAnswer,
)
from services.visier.auth import Credentials
from tests.services.visier.clock import Clock
from tests.services.visier.conftest import MakeClient
from tests.services.visier.wire import Reply, Seen, Wire, json_reply

PASSWORD = Password("test-key", "ann", "p&ss w+rd%", "jupiter")
OAUTH = OAuth("test-key", "the app", "s:cret&", "ann", "password-of-ann")
EXPIRED = json_reply({"localizedMessage": "Expired.", "rci": "RCIP1", "code": "AUTH"}, 401)
TOKEN_PATH = "/v1/admin/visierSecureToken"
OAUTH_PATH = "/v1/auth/oauth2/token"


class Doorkeeper:
    """Hands out tokens 1, 2, 3 ... and lets in whoever shows one that still counts."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.issued = 0
        self.oldest_good = 1
        wire.answer = self.answer

    def answer(self, seen: Seen) -> Reply:
        if seen.path == TOKEN_PATH:
            self.issued += 1
            return Reply(200, f"token-{self.issued}".encode())
        if seen.path == OAUTH_PATH:
            self.issued += 1
            return json_reply(
                {
                    "access_token": f"token-{self.issued}",
                    "refresh_token": f"refresh-{self.issued}",
                    "expires_in": 600,
                }
            )
        shown = (seen.headers.get("cookie", "") + seen.headers.get("authorization", "")).strip()
        return json_reply({}) if int(shown.rpartition("-")[2]) >= self.oldest_good else EXPIRED

    def sign_ins(self) -> list[Seen]:
        return [seen for seen in self.wire.seen if seen.path in {TOKEN_PATH, OAUTH_PATH}]

    def reads(self) -> list[Seen]:
        return [seen for seen in self.wire.seen if seen.path not in {TOKEN_PATH, OAUTH_PATH}]


@pytest.fixture
def door(wire: Wire) -> Doorkeeper:
    return Doorkeeper(wire)


def test_a_password_becomes_a_token_in_a_cookie(make_client: MakeClient, door: Doorkeeper) -> None:
    client = make_client(PASSWORD, target_tenant="WFF_j1r~c7o")
    client.sign_in()
    client.job_status()
    (sign_in,) = door.sign_ins()
    assert sign_in.fields == {"username": "ann", "password": "p&ss w+rd%", "vanityName": "jupiter"}
    assert sign_in.headers["apikey"] == "test-key"
    assert "cookie" not in sign_in.headers
    assert "targettenantid" not in sign_in.headers
    assert [each.headers["cookie"] for each in door.reads()] == ["VisierASIDToken=token-1"] * 2


def test_an_unknown_vanity_name_is_left_out(make_client: MakeClient, door: Doorkeeper) -> None:
    make_client(Password("test-key", "ann", "pass")).sign_in()
    assert door.sign_ins()[0].fields.keys() == {"username", "password"}


def test_oauth_becomes_a_bearer_token(make_client: MakeClient, door: Doorkeeper) -> None:
    make_client(OAUTH).sign_in()
    (sign_in,) = door.sign_ins()
    assert sign_in.fields == {
        "grant_type": "password",
        "client_id": "the app",
        "username": "ann",
        "password": "password-of-ann",
        "scope": "read write",
    }
    kind, _, encoded = sign_in.headers["authorization"].partition(" ")
    assert (kind, b64decode(encoded)) == ("Basic", b"the%20app:s%3Acret%26")
    (read,) = door.reads()
    assert read.headers["authorization"] == "Bearer token-1"
    assert "cookie" not in read.headers


@pytest.mark.parametrize(("seconds", "sign_ins"), [(2999, 1), (3000, 2), (9000, 2)])
def test_a_token_is_replaced_before_it_ages_out(
    make_client: MakeClient, door: Doorkeeper, seconds: float, sign_ins: int
) -> None:
    clock = Clock()
    client = make_client(PASSWORD, clock=clock)
    client.job_status()
    clock.now += seconds
    client.job_status()
    assert len(door.sign_ins()) == sign_ins
    assert len(door.reads()) == 2


def test_oauth_refreshes_by_the_lifetime_it_was_told(
    make_client: MakeClient, door: Doorkeeper
) -> None:
    clock = Clock()
    client = make_client(OAUTH, clock=clock)
    client.job_status()
    clock.now += 500
    client.job_status()
    refresh = door.sign_ins()[1].fields
    assert (refresh["grant_type"], refresh["refresh_token"]) == ("refresh_token", "refresh-1")
    assert "password" not in refresh


def test_oauth_falls_back_to_the_password_when_the_refresh_token_is_stale(
    make_client: MakeClient, wire: Wire, door: Doorkeeper
) -> None:
    def answer(seen: Seen) -> Reply:
        if seen.path == OAUTH_PATH and seen.fields["grant_type"] == "refresh_token":
            return json_reply({"error": "invalid_grant"}, 400)
        return door.answer(seen)

    client = make_client(OAUTH)
    client.job_status()
    wire.answer = answer
    door.oldest_good = 2
    client.job_status()
    grants = [each.fields["grant_type"] for each in door.sign_ins()]
    assert grants == ["password", "refresh_token", "password"]


@pytest.mark.parametrize("credentials", [PASSWORD, OAUTH], ids=["password", "oauth"])
@pytest.mark.parametrize(
    "call", [Client.job_status, lambda client: client.start_load(["a"])], ids=["read", "write"]
)
def test_a_401_renews_once_and_sends_once_more(
    make_client: MakeClient,
    door: Doorkeeper,
    credentials: Credentials,
    call: Callable[[Client], object],
) -> None:
    client = make_client(credentials)
    client.sign_in()
    door.oldest_good = 2
    call(client)
    assert len(door.sign_ins()) == 2
    first, second = door.reads()[1:]
    assert (first.method, first.target, first.body) == (second.method, second.target, second.body)


@pytest.mark.parametrize("credentials", [PASSWORD, OAUTH], ids=["password", "oauth"])
def test_a_401_that_stays_signs_out(
    make_client: MakeClient, door: Doorkeeper, credentials: Credentials
) -> None:
    door.oldest_good = 99
    with pytest.raises(SignedOut) as caught:
        make_client(credentials).start_load(["a"])
    assert (caught.value.message, caught.value.rci) == ("Expired.", "RCIP1")
    assert (len(door.sign_ins()), len(door.reads())) == (2, 2)


def test_a_given_token_cannot_be_renewed(make_client: MakeClient, wire: Wire) -> None:
    wire.script(EXPIRED)
    with pytest.raises(SignedOut):
        make_client(SecurityToken("key", "token")).job_status()
    assert len(wire.seen) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_bad_key_is_no_reason_for_a_new_token(
    make_client: MakeClient, wire: Wire, door: Doorkeeper, status: int
) -> None:
    client = make_client(PASSWORD)
    client.sign_in()
    wire.script(json_reply({"message": "Invalid API key"}, status))
    for _ in range(3):
        with pytest.raises(ApiKeyRefused):
            client.job_status()
    assert len(door.sign_ins()) == 1
    assert len(door.reads()) == 1 + 3


def test_a_refused_password_is_not_tried_again(make_client: MakeClient, wire: Wire) -> None:
    wire.script(json_reply({"localizedMessage": "Wrong.", "rci": "RCIP2"}, 401))
    client = make_client(PASSWORD)
    for _ in range(3):
        with pytest.raises(PasswordRefused) as caught:
            client.job_status()
        assert (caught.value.message, caught.value.rci) == ("Wrong.", "RCIP2")
    assert len(wire.seen) == 1


def test_a_refused_password_is_tried_once_more_when_a_person_says_so(
    make_client: MakeClient, wire: Wire
) -> None:
    refusal = json_reply({"localizedMessage": "Locked.", "rci": "RCIP2"}, 401)
    wire.script(refusal, refusal, Reply(200, b"token"), json_reply({}))
    client = make_client(PASSWORD)
    for _ in range(2):
        for _ in range(2):
            with pytest.raises(PasswordRefused):
                client.job_status()
        client.in_tenant("WFF_j1r~c7o").try_to_sign_in_again()
    client.job_status()
    assert len(wire.seen) == 4


def test_a_sign_in_that_fell_ill_can_be_tried_again(make_client: MakeClient, wire: Wire) -> None:
    wire.script(Reply(500), Reply(200, b"token"), json_reply({}))
    client = make_client(PASSWORD)
    with pytest.raises(ServerTrouble):
        client.sign_in()
    client.sign_in()


def test_many_threads_fetch_one_token(make_client: MakeClient, door: Doorkeeper) -> None:
    client = make_client(PASSWORD)
    with ThreadPoolExecutor(12) as pool:
        for done in [pool.submit(client.job_status) for _ in range(48)]:
            done.result()
    assert len(door.sign_ins()) == 1


def test_many_threads_renew_an_expired_token_once(
    make_client: MakeClient, wire: Wire, door: Doorkeeper
) -> None:
    client = make_client(PASSWORD)
    client.sign_in()
    together = threading.Barrier(12, timeout=30)
    most_at_once: list[int] = []
    renewing = 0

    def answer(seen: Seen) -> Reply:
        nonlocal renewing
        if seen.path != TOKEN_PATH:
            if seen.headers["cookie"].endswith("token-1"):
                together.wait()  # all twelve are refused before the first can renew
            return door.answer(seen)
        renewing += 1
        most_at_once.append(renewing)
        reply = door.answer(seen)
        renewing -= 1
        return reply

    wire.answer = answer
    door.oldest_good = 2
    with ThreadPoolExecutor(12) as pool:
        for done in [pool.submit(client.job_status) for _ in range(12)]:
            done.result()
    assert most_at_once == [1]
    assert len(door.sign_ins()) == 2
    assert len(door.reads()) == 1 + 12 + 12


def test_many_threads_try_a_refused_password_once(make_client: MakeClient, wire: Wire) -> None:
    wire.script(json_reply({"localizedMessage": "Wrong."}, 401))
    client = make_client(PASSWORD)
    with ThreadPoolExecutor(12) as pool:
        for done in [pool.submit(client.job_status) for _ in range(24)]:
            with pytest.raises(PasswordRefused):
                done.result()
    assert len(wire.seen) == 1


@pytest.mark.parametrize(
    "body",
    [b"the-token", b"the-token\n", b"  the-token\r\n", b'"the-token"', b'{"asid": "the-token"}'],
)
def test_a_token_comes_in_several_dresses(make_client: MakeClient, wire: Wire, body: bytes) -> None:
    wire.script(Reply(200, body))
    assert make_client().security_token("ann", "pass") == "the-token"


@pytest.mark.parametrize(
    "body", [b"", b" \n", b"<html></html>", b'{"token": 1}', b'""', b"two words", "tökèn".encode()]
)
def test_what_is_no_token_is_not_taken_for_one(
    make_client: MakeClient, wire: Wire, body: bytes
) -> None:
    wire.script(Reply(200, body))
    with pytest.raises(UnreadableAnswer):
        make_client(PASSWORD).sign_in()
    assert len(wire.seen) == 1


@pytest.mark.parametrize("payload", [{}, [], {"access_token": ""}, {"access_token": "a b"}])
def test_an_oauth_answer_without_a_token_is_unreadable(
    make_client: MakeClient, wire: Wire, payload: object
) -> None:
    wire.script(json_reply(payload))
    with pytest.raises(UnreadableAnswer):
        make_client(OAUTH).sign_in()


def test_an_odd_lifetime_is_taken_for_an_hour(make_client: MakeClient, wire: Wire) -> None:
    clock = Clock()
    wire.script(json_reply({"access_token": "one", "expires_in": "soon"}))
    client = make_client(OAUTH, clock=clock)
    client.job_status()
    clock.now += 2999
    client.job_status()
    assert [seen.path for seen in wire.seen].count(OAUTH_PATH) == 1


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_vanity_name_visier_does_not_know(
    make_client: MakeClient, wire: Wire, status: int
) -> None:
    wire.script(json_reply({"localizedMessage": "The vanity name is required."}, status))
    with pytest.raises(UnknownVanityName):
        make_client(PASSWORD).sign_in()


@pytest.mark.parametrize("credentials", [PASSWORD, SecurityToken("key", "token")])
def test_a_host_that_does_not_exist(make_client: MakeClient, credentials: Credentials) -> None:
    client = make_client(credentials, url="https://no-such-tenant.invalid")
    with pytest.raises(UnknownVanityName):
        client.sign_in()


@pytest.mark.parametrize("credentials", [PASSWORD, SecurityToken("key", "token")])
def test_a_host_that_is_not_there(
    make_client: MakeClient, closed_url: str, credentials: Credentials
) -> None:
    pauses: list[float] = []
    with pytest.raises(Unreachable):
        make_client(credentials, url=closed_url, sleep=pauses.append).sign_in()
    assert not pauses


@pytest.mark.parametrize("value", ["", " ", "two words", "line\nbreak", "“curly”", "a;b", "naïve"])
def test_what_cannot_travel_in_a_header_is_refused_unseen(value: str) -> None:
    for make in (
        lambda: SecurityToken("key", value),
        lambda: SecurityToken(value, "token"),
        lambda: Password(value, "ann", "pass"),
        lambda: OAuth(value, "app", "secret", "ann", "pass"),
    ):
        with pytest.raises(InvalidArgument) as caught:
            make()
        assert not value.strip() or value not in str(caught.value)


def test_white_space_around_a_pasted_key_or_token_is_taken_off() -> None:
    pasted = SecurityToken(" key\n", "token\r\n")
    assert (pasted.api_key, pasted.token) == ("key", "token")
