"""The client asks what Visier's own samples ask, byte for byte where bytes matter."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from services.visier import ENDPOINTS, BodyEncoding, Client, OAuth, SecurityToken
from services.visier.endpoints import Body
from tests.samples import Sample, samples
from tests.services.visier.conftest import MakeClient
from tests.services.visier.every_call import CALLS, SAMPLE_CALLS
from tests.services.visier.wire import Reply, Seen, Wire, json_reply

KEY, TOKEN = "an-api-key", "a-security-token"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    return make_client(SecurityToken(KEY, TOKEN))


def decoded(seen: Seen) -> tuple[str | None, Any]:
    match seen.headers.get("content-type"):
        case None:
            return None, seen.body or None
        case "application/json":
            return "json", seen.json
        case kind:
            assert kind == FORM
            assert list(seen.fields) == ["model"]
            return "form", orjson.loads(seen.fields["model"])


def filled(sample: Sample) -> tuple[dict[str, str], str]:
    headers = {name: value.format(api_key=KEY) for name, value in sample.headers.items()}
    return headers, sample.cookie.format(security_token=TOKEN)


def test_there_is_a_call_for_every_sample_and_every_operation() -> None:
    assert len(samples()) == 21
    assert SAMPLE_CALLS.keys() == samples().keys()
    assert CALLS.keys() == ENDPOINTS.keys()
    assert len(ENDPOINTS) == 30 + 9 + 2 + 5


@pytest.mark.parametrize("sample", samples().values(), ids=lambda sample: sample.operation)
def test_request_and_answer_equal_the_sample(client: Client, wire: Wire, sample: Sample) -> None:
    answer = {"jobId": "1"} if sample.response is None else sample.response
    wire.script(json_reply(answer))

    payload = SAMPLE_CALLS[sample.operation](client)

    (seen,) = wire.seen
    headers, cookie = filled(sample)
    assert (seen.method, seen.path, seen.query) == (sample.method, sample.path, sample.query)
    assert headers.items() <= seen.headers.items()
    assert seen.headers["cookie"] == cookie
    assert "authorization" not in seen.headers
    assert decoded(seen) == (sample.encoding, sample.body)
    assert payload == (None if sample.method == "DELETE" else answer)


def test_tenant_codes_travel_as_they_are(client: Client, wire: Wire) -> None:
    client.data_connectors(tenant_code="WFF_j1r~c7o")
    client.validation_tenant("WFF_j1r~c7o")
    assert wire.seen[0].target == "/v1/op/data-connectors?tenantCode=WFF_j1r~c7o"
    assert wire.seen[1].target == "/v1/op/validation/tenants/WFF_j1r~c7o"


@pytest.mark.parametrize(
    "text", ["[0-9]+ & 100%", "a=b+c", "naïve ✓", "-----BEGIN KEY-----\nab/+=\n"]
)
def test_nothing_is_lost_on_the_way(client: Client, wire: Wire, text: str) -> None:
    client.exclude_data_uploads([{"tenantCode": "t", "fileNameRegex": text}])
    client.retrieve_tenant_source_files(file_name_regex=text)
    sent = orjson.loads(wire.seen[0].fields["model"])
    assert sent["uploads"][0]["fileNameRegex"] == text
    assert "+" not in wire.seen[1].target
    assert wire.seen[1].query["fileNameRegex"] == text


@pytest.mark.parametrize("sample", samples().values(), ids=lambda sample: sample.operation)
def test_openapi_encoding_sends_json_everywhere(
    make_client: MakeClient, wire: Wire, sample: Sample
) -> None:
    client = make_client(encoding=BodyEncoding.OPENAPI)
    SAMPLE_CALLS[sample.operation](client)

    (seen,) = wire.seen
    kind, body = decoded(seen)
    expected = sample.body
    if sample.operation in {"start_load", "disable_dv"}:
        expected = {"model": expected}
    if sample.operation == "start_extraction":
        expected = expected | {"overrideLastExtractionTimestamp": "1639382400000"}
    assert (kind, body) == (sample.encoding and "json", expected)


def test_epochs_are_numbers_as_in_the_samples(client: Client, wire: Wire) -> None:
    client.adhoc_extraction_job({"overrideLastExtractionTimestamp": "1639382400000"})
    assert wire.seen[0].json == {"overrideLastExtractionTimestamp": 1639382400000}


def test_encodings_of_every_write_are_those_of_the_two_sources() -> None:
    form = {name for name, row in ENDPOINTS.items() if row.samples is Body.MODEL}
    wrapped = {name for name, row in ENDPOINTS.items() if row.openapi is Body.WRAPPED}
    assert wrapped == {"start_load", "disable_dv"}
    assert form == {name for name, sample in samples().items() if sample.encoding == "form"}
    assert not [name for name, row in ENDPOINTS.items() if row.openapi is Body.MODEL]


def test_target_tenant_goes_along_with_every_call(make_client: MakeClient, wire: Wire) -> None:
    client = make_client(target_tenant="WFF_j1r~c7o")
    client.retrieve_data_categories()
    client.cancel_jobs(["1"])
    assert [seen.headers["targettenantid"] for seen in wire.seen] == ["WFF_j1r~c7o"] * 2


def test_no_cookie_of_the_server_is_ever_sent_back(make_client: MakeClient, wire: Wire) -> None:
    cookie = {"Set-Cookie": "VisierASIDToken=somebody-else; Path=/"}
    wire.script(Reply(200, b'{"access_token": "token"}', cookie))
    client = make_client(OAuth("key", "app", "secret", "ann", "pass"))
    client.retrieve_data_categories()
    client.retrieve_data_categories()
    assert len(wire.seen) == 3
    assert not [seen for seen in wire.seen if "cookie" in seen.headers]


def test_no_netrc_signs_in_as_somebody_else(
    make_client: MakeClient, wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setattr("services.visier.transport.is_loopback", lambda _address: False)
    wire.script(json_reply({"access_token": "token"}))
    make_client(OAuth("key", "app", "secret", "ann", "pass")).retrieve_data_categories()
    assert wire.seen[1].headers["authorization"] == "Bearer token"


def test_no_proxy_stands_between_this_computer_and_itself(
    client: Client, wire: Wire, closed_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", closed_url)
    client.retrieve_data_categories()
    assert len(wire.seen) == 1
