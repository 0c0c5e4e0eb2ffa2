"""Files are handed on as they come, and what comes in their place is said in Visier's words."""

import threading
from collections.abc import Iterator
from itertools import islice

import pytest

from services.visier import (
    Client,
    FileResponse,
    NoAnswer,
    NotFound,
    Password,
    Refused,
    UnreadableAnswer,
)
from services.visier.transport import FILE_SECONDS
from tests.services.visier.clock import Ticking
from tests.services.visier.conftest import MakeClient
from tests.services.visier.every_call import CALLS, FILES
from tests.services.visier.wire import Fault, Raw, Reply, Seen, Wire, dripping, json_reply

ZIP = b"PK\x03\x04" + bytes(200_000)


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    return make_client()


def ask(client: Client, name: str) -> FileResponse:
    file = CALLS[name](client)
    assert isinstance(file, FileResponse)
    return file


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("headers", [{"Content-Type": "application/zip"}, {}])
def test_a_file_is_read_in_pieces(
    client: Client, wire: Wire, name: str, headers: dict[str, str]
) -> None:
    wire.script(Reply(200, ZIP, headers))
    file = ask(client, name)
    assert (file.size, file.body) == (len(ZIP), b"")
    pieces = list(file.chunks)
    assert max(map(len, pieces)) < len(ZIP)
    assert b"".join(pieces) == ZIP


def test_what_is_asked_for_stands_in_a_json_body(client: Client, wire: Wire) -> None:
    wire.script(Reply(200, ZIP))
    client.download_source_files(
        sources=["Employee"],
        min_timestamp="2019-10-08T20:35:21.420Z",
        include_non_active_files=True,
    ).close()
    (seen,) = wire.seen
    assert (seen.method, seen.path) == ("GET", "/v1alpha/op/data/source-files")
    assert seen.json == {
        "sources": ["Employee"],
        "minTimestamp": "2019-10-08T20:35:21.420Z",
        "includeNonActiveFiles": True,
    }


def test_the_identifier_is_one_part_of_the_path(client: Client, wire: Wire) -> None:
    wire.script(Reply(200, ZIP))
    client.in_tenant("WFF_j1r~c7o").download_source_file("a/b?c").close()
    assert wire.seen[0].target == "/v1alpha/op/data/source-files/a%2Fb%3Fc"
    assert wire.seen[0].headers["targettenantid"] == "WFF_j1r~c7o"


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (json_reply({"status": "Error", "messages": "No such files."}), Refused, "No such files."),
        (json_reply({"localizedMessage": "Gone."}, 404), NotFound, "Gone."),
        (json_reply({"status": "Error", "messages": "Odd."}, 400), Refused, "Odd."),
        (Reply(200, b"<html></html>", {"Content-Type": "text/html"}), UnreadableAnswer, "web page"),
        (Reply(200, b""), UnreadableAnswer, "answer is empty"),
    ],
)
def test_what_is_no_file_is_said(
    client: Client, wire: Wire, reply: Reply, kind: type[Exception], words: str
) -> None:
    wire.script(reply)
    with pytest.raises(kind, match=words):
        client.download_source_file("a")


def test_a_file_that_breaks_off_is_no_whole_file(client: Client, wire: Wire) -> None:
    wire.script(Reply(200, ZIP, {"Content-Type": "application/zip", "Content-Length": "300000"}))
    file = client.download_source_file("a")
    with pytest.raises(NoAnswer, match="before the whole file arrived") as caught:
        list(file.chunks)
    assert caught.value.__cause__ is None


def test_a_file_may_take_an_hour_once_it_comes(make_client: MakeClient, wire: Wire) -> None:
    moment = [0.0]
    wire.script(Reply(200, ZIP), Reply(200, ZIP))
    client = make_client(clock=lambda: moment[0])
    file = client.download_source_file("a")
    moment[0] = FILE_SECONDS - 1
    assert b"".join(file.chunks) == ZIP
    file = client.download_source_file("a")
    moment[0] += FILE_SECONDS
    with pytest.raises(NoAnswer, match="incomplete after 3600 seconds"):
        list(file.chunks)


def test_a_file_that_drips_ends_by_its_bound_and_lets_go_of_its_connection(
    make_client: MakeClient, wire: Wire
) -> None:
    let_go = threading.Event()

    def endless_file() -> Iterator[bytes]:
        try:
            # Far more than is taken; without a bound, too, the test comes to its end.
            yield from islice(dripping(b"HTTP/1.1 200 OK\r\n\r\n" + ZIP, wire.over), 1000)
        finally:
            let_go.set()

    wire.answer = lambda _seen: Raw(endless_file())
    clock = Ticking(step=0)
    file = make_client(clock=clock).download_source_file("a")
    clock.step = FILE_SECONDS / 10
    with pytest.raises(NoAnswer, match="incomplete after 3600 seconds"):
        list(file.chunks)
    assert let_go.wait(30)


def test_a_busy_server_is_asked_again(make_client: MakeClient, wire: Wire) -> None:
    wire.script(json_reply({"message": "Maintenance."}, 503, Retry_After="3"), Reply(200, ZIP))
    assert b"".join(make_client().download_source_file("a").chunks) == ZIP


@pytest.mark.parametrize(
    ("told", "size"), [("200004", 200_004), (" 1500000000", 1_500_000_000), ("9" * 5000, None)]
)
def test_its_size_is_what_is_told_of_it(told: str, size: int | None) -> None:
    file = FileResponse(200, {"content-length": told}, b"", iter([]), lambda: None)
    assert file.size == size


def test_a_new_token_is_asked_for_once(make_client: MakeClient, wire: Wire) -> None:
    def answer(seen: Seen) -> Reply | Fault:
        if seen.path.endswith("visierSecureToken"):
            return Reply(200, f"token-{len(wire.seen)}".encode())
        good = "token-3" in seen.headers.get("cookie", "")
        return Reply(200, ZIP) if good else json_reply({"localizedMessage": "Expired."}, 401)

    wire.answer = answer
    client = make_client(Password("key", "ann", "password"))
    assert b"".join(client.download_source_file("a").chunks) == ZIP
    assert len(wire.seen) == 4
