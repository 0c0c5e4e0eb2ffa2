"""A server that knows the 21 published samples of the API and nothing else.

A request is known by its method, its path (of credentials with any id), and a body that travels
as in the sample and has fields of it. There are no other jobs than those of the samples. It is
answered with the sample's own answer, whatever it asks about. Everything else is a 404, and nothing
comes in without an API key and a security token. What the samples only describe in words is
answered in few.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import orjson

from tests.samples import Sample, samples
from tests.services.visier.wire import Reply, Seen, Wire, json_reply, running_wire

API_KEY, TOKEN = "strict-key", "strict-token"
DISPATCHING: Final = "40bfd838-ad5f-40d9-9000-65c75bcf5f8b"
RECEIVING: Final = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
STARTED: Final = "19156065-77e2-4ca4-a48e-97c5dd381c49"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-z]+){4}")
_IN_WORDS: Mapping[str, object] = MappingProxyType(
    {
        "start_load": {"jobId": STARTED},
        "adhoc_processing_jobs": {"jobId": STARTED},
        "adhoc_extraction_job": {"jobId": STARTED},
        "receiving_job_status": {"jobId": RECEIVING, "status": "Succeeded"},
        "processing_job_status": {"parentJobId": RECEIVING, "processingJobs": []},
        "delete_connector_credential": "",
    }
)


def shape(path: str) -> str:
    """Return a path without what is different from one job or credential to the next."""
    return _ID.sub("{id}", path)


@dataclass
class StrictServer:
    """Where it is, what it was asked that it knows, by operation, and what it does not know.

    `instead` has what a test has it answer in place of a sample, by operation.
    """

    wire: Wire
    known: list[tuple[str, Any]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    instead: dict[str, object] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Its address."""
        return self.wire.url

    def asked(self, operation: str) -> list[Any]:
        """Return the bodies of the requests of an operation, in order."""
        return [body for name, body in self.known if name == operation]

    def answer(self, seen: Seen) -> Reply:
        """Answer a request as its sample is, or say that there is no such thing."""
        cookie = f"VisierASIDToken={TOKEN}"
        if (seen.headers.get("apikey"), seen.headers.get("cookie")) != (API_KEY, cookie):
            return json_reply({"localizedMessage": "Who is it?", "code": "AUTH"}, 401)
        nothing = json_reply({"localizedMessage": "No such thing.", "code": "NOT_FOUND"}, 404)
        for name, sample in samples().items():
            if (seen.method, shape(seen.path)) == (sample.method, shape(sample.path)):
                if "/jobs/" in seen.path and seen.path != sample.path:
                    return nothing
                body = _body(seen, sample)
                if body is _NOT_SO:
                    return json_reply({"localizedMessage": "No such body.", "code": "BODY"}, 400)
                self.known.append((name, body))
                told = _IN_WORDS[name] if sample.response is None else sample.response
                return _reply(self.instead.get(name, told))
        self.unknown.append(f"{seen.method} {shape(seen.path)}")
        return nothing


_NOT_SO: Final = object()


def _reply(answer: object) -> Reply:
    return Reply(200, b"") if answer == "" else Reply(200, orjson.dumps(answer))


def _body(seen: Seen, sample: Sample) -> object:
    """Return the body of a request, `_NOT_SO` where it does not travel or look as in the sample."""
    kind = seen.headers.get("content-type", "").partition(";")[0]
    if sample.encoding is None:
        return _NOT_SO if seen.body else None
    if sample.encoding == "form":
        if kind != "application/x-www-form-urlencoded" or set(seen.fields) != {"model"}:
            return _NOT_SO
        body = orjson.loads(seen.fields["model"])
    elif kind != "application/json":
        return _NOT_SO
    else:
        body = seen.json
    return body if _fits(body, sample.body) else _NOT_SO


def _fits(body: object, shown: object) -> bool:
    """Say whether a body is of the sample's kind: it shares fields with it, and these fit.

    The samples do not show every field there is, and one of them shows that none is needed.
    """
    if isinstance(shown, dict):
        given = body if isinstance(body, dict) else {}
        shared = given.keys() & shown.keys()
        return not shown or bool(shared and all(_fits(given[name], shown[name]) for name in shared))
    if isinstance(shown, list):
        return isinstance(body, list) and all(
            any(_fits(each, other) for other in shown) for each in body
        )
    return type(body) is type(shown)


@contextmanager
def strict_server() -> Iterator[StrictServer]:
    """Run it until the end of the block."""
    with running_wire() as wire:
        made = StrictServer(wire)
        wire.answer = made.answer
        yield made
