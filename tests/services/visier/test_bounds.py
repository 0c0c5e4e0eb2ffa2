"""Answers that do not end, in time or in size: given up, whatever the other calls do meanwhile."""

import gzip
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any

import pytest

from services.visier import (
    ENDPOINTS,
    NoAnswer,
    OutcomeUnknown,
    UnreadableAnswer,
    VisierError,
)
from tests.services.visier.clock import Ticking
from tests.services.visier.conftest import MakeClient
from tests.services.visier.every_call import CALLS, READS, SIGN_INS, WRITES
from tests.services.visier.wire import Raw, Seen, Wire, dripping, json_reply

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MEGABYTE = 2**20


DRIPPING: dict[str, bytes] = {
    "status line": b"HTTP/1.1 200 O",
    "headers": HEAD + b"X-Slow: ",
    "body": HEAD + b"Content-Length: 1000000\r\n\r\n",
    "body without a length": HEAD + b"\r\n",
    "chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n",
    "length of a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
    "refusal": b"HTTP/1.1 500 Oh\r\nContent-Length: 1000000\r\n\r\n",
    "redirect": b"HTTP/1.1 302 There\r\nLocation: /\r\nContent-Length: 1000000\r\n\r\n",
}


def raised(call: Callable[[], object]) -> VisierError:
    with pytest.raises(VisierError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize("part", DRIPPING)
def test_what_drips_is_given_up_once_its_time_is_over(
    make_client: MakeClient, wire: Wire, part: str
) -> None:
    wire.answer = lambda _seen: Raw(dripping(DRIPPING[part], wire.over))
    error = raised(make_client(clock=Ticking()).job_status)
    assert type(error) is UnreadableAnswer
    assert error.message == "The answer was incomplete after 65 seconds."
    assert len(wire.seen) == 1


@pytest.mark.parametrize("name", WRITES)
def test_nobody_knows_what_became_of_a_write_whose_answer_drips(
    make_client: MakeClient, wire: Wire, name: str
) -> None:
    wire.answer = lambda _seen: Raw(dripping(DRIPPING["body"], wire.over))
    error = raised(lambda: CALLS[name](make_client(clock=Ticking())))
    assert type(error) is OutcomeUnknown
    assert error.operation == name
    assert len(wire.seen) == 1


@pytest.mark.parametrize("name", SIGN_INS)
def test_a_token_that_drips_is_no_token(make_client: MakeClient, wire: Wire, name: str) -> None:
    wire.answer = lambda _seen: Raw(dripping(DRIPPING["body"], wire.over))
    error = raised(lambda: CALLS[name](make_client(clock=Ticking())))
    assert type(error) is UnreadableAnswer
    assert len(wire.seen) == 1


def test_silence_is_no_drip_and_is_tried_again(make_client: MakeClient, wire: Wire) -> None:
    wire.answer = lambda _seen: Raw(repeat(DRIPPING["body"], 1))
    assert type(raised(make_client().job_status)) is NoAnswer
    assert len(wire.seen) == 3


def test_other_calls_go_on_while_one_drips(make_client: MakeClient, wire: Wire) -> None:
    def answer(seen: Seen) -> Any:
        if "tenants" in seen.path:
            return Raw(dripping(DRIPPING["body"], wire.over))
        return json_reply({"fine": True})

    moment = [0.0]
    client = make_client(clock=lambda: moment[0])
    wire.answer = answer
    errors: list[VisierError] = []
    waiting = threading.Thread(target=lambda: errors.append(raised(client.tenants)))
    waiting.start()
    wire.wait_for(1)
    assert [client.job_status() for _ in range(3)] == [{"fine": True}] * 3
    assert waiting.is_alive()
    moment[0] = 66.0
    waiting.join(30)
    assert [type(error) for error in errors] == [UnreadableAnswer]
    assert client.job_status() == {"fine": True}


def endless(size: list[int], head: bytes) -> Iterator[bytes]:
    yield head
    while True:
        size[0] += MEGABYTE
        yield b" " * MEGABYTE


@pytest.mark.parametrize("name", READS)
def test_a_body_is_read_no_further_than_its_bound(
    make_client: MakeClient, wire: Wire, name: str
) -> None:
    size = [0]
    head = HEAD + b"Content-Length: 1500000000\r\n\r\n"
    wire.answer = lambda _seen: Raw(endless(size, head))
    error = raised(lambda: CALLS[name](make_client()))
    most = ENDPOINTS[name].bounds.size
    assert type(error) is UnreadableAnswer
    assert error.message == f"The answer is larger than {most // MEGABYTE} MB."
    # What lies in the buffers of both ends was sent as well.
    assert size[0] < most + 32 * MEGABYTE
    assert len(wire.seen) == 1


def test_what_unpacks_large_is_not_unpacked(make_client: MakeClient, wire: Wire) -> None:
    bomb = gzip.compress(b" " * MEGABYTE, 9) * 1500
    head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    wire.answer = lambda _seen: Raw([head, bomb])
    client = make_client()
    tracemalloc.start()
    try:
        error = raised(client.data_connectors)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (type(error), error.message) == (UnreadableAnswer, "The answer is larger than 32 MB.")
    assert peak < 100 * MEGABYTE


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: a\r\n" * 101 + b"\r\n",
    ],
)
def test_headers_without_end_are_no_answer_to_ask_for_again(
    make_client: MakeClient, wire: Wire, head: bytes
) -> None:
    wire.answer = lambda _seen: Raw([head])
    error = raised(make_client().job_status)
    assert type(error) is UnreadableAnswer
    assert error.message == "The headers of the answer are too long."
    assert len(wire.seen) == 1


def test_an_answer_just_within_its_bound_is_read(make_client: MakeClient, wire: Wire) -> None:
    size = ENDPOINTS["tenants"].bounds.size
    body = b'{"tenants": []}'.ljust(size)
    wire.answer = lambda _seen: Raw([HEAD + b"Content-Length: %d\r\n\r\n" % size, body])
    assert make_client().tenants() == {"tenants": []}
