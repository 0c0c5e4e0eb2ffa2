"""Pages by the limit the API echoes, and an end to them whatever comes back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.visier import Client, UnreadableAnswer
from services.visier.endpoints import PAGES, Page
from services.visier.paging import count_items, next_start, repeats_page
from tests.services.visier.wire import Reply, Seen, Wire, json_reply

ITERATORS: dict[str, Callable[[Client], Iterator[Any]]] = {
    "latest_enabled_dv": lambda client: client.iter_latest_enabled_dv(),
    "retrieve_data_uploads": lambda client: client.iter_retrieve_data_uploads(),
    "tenants": lambda client: client.iter_tenants(),
    "validation_tenants": lambda client: client.iter_validation_tenants(),
    "data_connectors": lambda client: client.iter_data_connectors(tenant_code="t"),
    "data_connector_credentials": lambda client: client.iter_data_connector_credentials(),
    "retrieve_tenant_source_files": lambda client: client.iter_retrieve_tenant_source_files(),
    "retrieve_receiving_job_extracted_files": lambda client: (
        client.iter_retrieve_receiving_job_extracted_files("1")
    ),
    "receiving_job_status": lambda client: client.iter_receiving_job_status("1"),
    "processing_job_status": lambda client: client.iter_processing_job_status("1"),
    "extraction_job_and_status": lambda client: client.iter_extraction_job_and_status("1"),
    "receiving_job_and_status": lambda client: client.iter_receiving_job_and_status("1"),
    "processing_job_and_status": lambda client: client.iter_processing_job_and_status("1"),
}


def paged(name: str, total: int, *, most: int, echo: bool) -> Callable[[Seen], Reply]:
    """Serve a list of numbers in pages of at most ``most``."""
    items = PAGES[name].items

    def answer(seen: Seen) -> Reply:
        start, limit = int(seen.query["start"]), min(int(seen.query["limit"]), most)
        page: dict[str, Any] = {items: list(range(total))[start : start + limit]}
        return json_reply(page | ({"limit": limit, "start": start} if echo else {}))

    return answer


def numbers(name: str, pages: list[Any]) -> list[int]:
    return [number for page in pages for number in page[PAGES[name].items]]


def test_there_is_an_iterator_for_everything_that_pages() -> None:
    assert ITERATORS.keys() == PAGES.keys()


@pytest.mark.parametrize("name", ITERATORS)
@pytest.mark.parametrize(
    ("total", "most", "echo", "requests"),
    [
        (0, 1000, True, 1),
        (999, 1000, True, 1),
        (1000, 1000, True, 2),
        (2500, 1000, True, 3),
        (2500, 1000, False, 3),
        (250, 100, True, 3),
    ],
)
def test_every_item_comes_once_in_as_few_requests_as_can_be(
    client: Client, wire: Wire, name: str, total: int, most: int, *, echo: bool, requests: int
) -> None:
    wire.answer = paged(name, total, most=most, echo=echo)
    pages = list(ITERATORS[name](client))
    assert numbers(name, pages) == list(range(total))
    assert len(wire.seen) == requests
    assert {seen.query["limit"] for seen in wire.seen} == {"1000"}


def test_pages_are_asked_for_as_they_are_taken(client: Client, wire: Wire) -> None:
    wire.answer = paged("tenants", 5000, most=1000, echo=True)
    next(client.iter_tenants())
    assert len(wire.seen) == 1


def test_iterators_ask_for_all_there_is(client: Client, wire: Wire) -> None:
    wire.script(json_reply({}))
    for name in ("latest_enabled_dv", "retrieve_data_uploads", "tenants", "receiving_job_status"):
        list(ITERATORS[name](client))
    versions, uploads, tenants, receiving = (seen.query for seen in wire.seen)
    assert versions["numberOfVersions"] == "5"
    assert uploads["numberOfDataUploads"] == "5"
    assert tenants["mask"].split(",")[:2] == ["tenantCode", "tenantDisplayName"]
    assert receiving["jobs"] == "true"


def test_filters_go_along_with_every_page(client: Client, wire: Wire) -> None:
    wire.answer = paged("processing_job_status", 1500, most=1000, echo=True)
    list(client.iter_processing_job_status("1", tenant_code="WFF_j1r~c7o"))
    assert [seen.query["tenantCode"] for seen in wire.seen] == ["WFF_j1r~c7o"] * 2
    assert [seen.query["start"] for seen in wire.seen] == ["0", "1000"]


def test_a_server_that_ignores_the_start_is_noticed(client: Client, wire: Wire) -> None:
    def same_page(seen: Seen) -> Reply:
        return json_reply({"tenants": [1] * 1000, "limit": 1000, "start": seen.query["start"]})

    wire.answer = same_page
    assert len(list(client.iter_latest_enabled_dv())) == 1
    assert len(wire.seen) == 2


def test_what_is_no_page_is_no_end_of_a_list(client: Client, wire: Wire) -> None:
    error = {"localizedMessage": "Something went wrong."}
    wire.script(json_reply({"tenants": [{"tenantCode": "a"}], "limit": 1}), json_reply(error))
    assert list(client.iter_latest_enabled_dv())[1:] == [error]


def test_pages_without_end_are_an_error(
    client: Client, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.visier.calls.MOST_PAGES", 4)
    wire.answer = paged("tenants", 10_000, most=1000, echo=True)
    with pytest.raises(UnreadableAnswer, match="paging does not end"):
        list(client.iter_tenants())
    assert len(wire.seen) == 4


@pytest.mark.parametrize(
    ("payload", "items", "count"),
    [
        ({"tenants": [1, 2]}, "tenants", 2),
        ({"tenants": ""}, "tenants", 0),
        ({"tenants": None}, "tenants", 0),
        ({}, "tenants", 0),
        ([1, 2, 3], "tenants", 3),
        (None, "tenants", 0),
        ({"tenantCode": "a", "sourceFiles": [1, 2]}, "sourceFiles", 2),
        ([{"sourceFiles": [1, 2]}, {"sourceFiles": [3]}, {}], "sourceFiles", 3),
        ([{"sourceFiles": []}], "sourceFiles", 0),
        ({"tenants": [{"sourceFiles": [1]}, {"sourceFiles": [2, 3]}]}, "sourceFiles", 3),
        ({"tenants": [{"tenantCode": "a"}], "new": [{"x": [1]}]}, "extractedFiles", 0),
    ],
)
def test_items_are_counted_wherever_they_stand(payload: object, items: str, count: int) -> None:
    assert count_items(payload, items) == count


@pytest.mark.parametrize(
    ("echoed", "following"),
    [(2, 12), ("2", 12), *((odd, None) for odd in (0, -2, None, "many", 2.5, 4))],
)
def test_the_next_page_follows_the_echoed_limit(echoed: object, following: int | None) -> None:
    assert next_start({"tenants": [1, 2], "limit": echoed}, Page("tenants"), 10) == following


def test_a_repeated_page_is_known_by_what_it_holds() -> None:
    assert repeats_page({"tenants": [1], "start": 1000}, {"tenants": [1], "start": 0})
    assert not repeats_page({"tenants": [2], "start": 0}, {"tenants": [1], "start": 0})
    assert not repeats_page({"tenants": []}, None)
    assert repeats_page([1], [1])
