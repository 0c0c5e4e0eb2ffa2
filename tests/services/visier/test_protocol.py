"""What may be sent, and what is refused before it leaves."""

from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import orjson
import pytest

from services.visier import Client, InvalidArgument, Lane, Password, RateLimiter, base_url, iso_utc
from services.visier.endpoints import BodyEncoding
from services.visier.protocol import build
from tests.services.visier.clock import Clock
from tests.services.visier.conftest import TOKEN, MakeClient
from tests.services.visier.wire import Reply, Wire, json_reply


@pytest.mark.parametrize("name", ["jupiter", "j", "0-a", "acme-2"])
def test_a_vanity_name_becomes_an_address(name: str) -> None:
    assert base_url(name) == f"https://{name}.api.visier.io"


@pytest.mark.parametrize(
    "name",
    ["", "-a", "Jupiter", "a.b", "a/b", "a b", "a@evil.com", "a#", "a\n", "ä", "https://a", "a:1"],
)
def test_anything_else_is_no_vanity_name(name: str) -> None:
    with pytest.raises(InvalidArgument, match="vanity name"):
        base_url(name)


def client_of(address: str) -> Client:
    return Client(address, TOKEN, RateLimiter())


@pytest.mark.parametrize(
    "address",
    [
        "https://jupiter.api.visier.io",
        "https://a.b:8443/",
        "http://127.0.0.1:9000",
        "http://localhost:9000",
        "http://[::1]:9000",
    ],
)
def test_addresses_that_can_be_used(address: str) -> None:
    client_of(address).close()


@pytest.mark.parametrize(
    "address",
    [
        "http://jupiter.api.visier.io",
        "http://127.0.0.1.evil.com",
        "http://10.0.0.1",
        "ftp://localhost",
        "jupiter.api.visier.io",
        "",
        "https://",
        "https://user:canary@host",
        "https://host/?token=canary",
        "https://host/#canary",
    ],
)
def test_addresses_that_cannot(address: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        client_of(address)
    assert "canary" not in str(caught.value)


def test_a_target_tenant_that_cannot_travel_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="target tenant"):
        Client("https://host", TOKEN, RateLimiter(), target_tenant="a\r\nb: c")


def test_a_target_tenant_that_is_too_long_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="at most 255 characters"):
        Client("https://host", TOKEN, RateLimiter(), target_tenant="x" * 256)


@pytest.mark.parametrize("job_id", ["", ".", ".."])
def test_an_id_that_would_change_the_path_is_refused(
    client: Client, wire: Wire, job_id: str
) -> None:
    with pytest.raises(InvalidArgument, match="job id"):
        client.job_id_status(job_id)
    assert not wire.seen


def test_an_id_stays_one_part_of_the_path(client: Client, wire: Wire) -> None:
    client.job_id_status("a/../b?c=d e")
    assert wire.seen[0].target == "/v1/op/job-status/jobs/a%2F..%2Fb%3Fc%3Dd%20e"


@pytest.mark.parametrize(("count", "fits"), [(0, False), (1, True), (500, True), (501, False)])
def test_at_most_500_jobs_are_cancelled_at_once(
    client: Client, wire: Wire, count: int, *, fits: bool
) -> None:
    ids = [str(number) for number in range(count)]
    if fits:
        client.cancel_jobs(ids)
    else:
        with pytest.raises(InvalidArgument, match="cancel_jobs"):
            client.cancel_jobs(ids)
    assert bool(wire.seen) is fits


@pytest.mark.parametrize(("count", "fits"), [(0, False), (1000, True), (1001, False)])
def test_at_most_1000_data_versions_are_disabled_at_once(
    client: Client, wire: Wire, count: int, *, fits: bool
) -> None:
    versions = [{"tenantCode": "t", "dataVersion": str(number)} for number in range(count)]
    if fits:
        client.disable_dv(versions)
    else:
        with pytest.raises(InvalidArgument, match="disable_dv"):
            client.disable_dv(versions)
    assert bool(wire.seen) is fits


@pytest.mark.parametrize("version", [{}, {"dataVersion": ""}, {"dataVersion": None}])
def test_a_data_version_must_be_named(client: Client, wire: Wire, version: dict[str, Any]) -> None:
    objects = [{"tenantCode": "a", "dataVersion": "1"}, {"tenantCode": "b", **version}]
    with pytest.raises(InvalidArgument, match="named by its number"):
        client.disable_dv(objects)
    assert not wire.seen
    client.disable_dv(objects, latest_enabled=True)
    assert len(wire.seen) == 1


def test_startload_says_what_it_was_told(make_client: MakeClient, wire: Wire) -> None:
    make_client().start_load(["a"], skip_data_load=True)
    make_client(encoding=BodyEncoding.OPENAPI).start_load(("a", "b"), skip_data_load=False)
    assert orjson.loads(wire.seen[0].fields["model"]) == {"files": ["a"], "skipDataLoad": True}
    assert wire.seen[1].json == {"model": {"files": ["a", "b"], "skipDataLoad": False}}


def test_times_travel_in_utc_with_milliseconds(client: Client, wire: Wire) -> None:
    vancouver = timezone(timedelta(hours=-8))
    client.job_status(
        start_time=datetime(2021, 12, 13, tzinfo=vancouver), end_time="2021-12-14", status="Failed"
    )
    assert wire.seen[0].query == {
        "startTime": "2021-12-13T08:00:00.000Z",
        "endTime": "2021-12-14",
        "status": "Failed",
    }


def test_a_time_without_a_zone_is_refused() -> None:
    assert iso_utc(datetime(2021, 1, 1, tzinfo=UTC)) == "2021-01-01T00:00:00.000Z"
    with pytest.raises(InvalidArgument, match="time zone"):
        iso_utc(datetime(2021, 1, 1))


def test_any_mapping_or_sequence_becomes_json() -> None:
    body = MappingProxyType({"connectors": ({"tenants": (MappingProxyType({"a": 1}),)},)})
    request = build("assign_connector_credential", BodyEncoding.SAMPLES, body=body)
    assert request.body == b'{"connectors":[{"tenants":[{"a":1}]}]}'


def test_tenants_are_asked_for_by_code_and_field(client: Client, wire: Wire) -> None:
    client.tenants(tenant_codes=["WFF_j1r~c7o", "WFF_j1r~e1a"], mask=["tenantCode"], limit=5)
    assert wire.seen[0].query == {
        "tenantCodes": "WFF_j1r~c7o,WFF_j1r~e1a",
        "mask": "tenantCode",
        "limit": "5",
    }


def test_lanes_share_one_token_and_one_budget(make_client: MakeClient, wire: Wire) -> None:
    rate_limiter = Clock().rate_limiter()
    client = make_client(Password("test-key", "ann", "pass"), rate_limiter)
    wire.script(Reply(200, b"token"), json_reply({}))
    client.in_lane(Lane.BULK).job_status()
    client.in_lane(Lane.WATCH).job_status()
    client.job_status()
    assert len(wire.seen) == 1 + 3
    assert rate_limiter.budget().minute_remaining == 96
