"""Downloading source files: recorded before the first byte leaves, and its result after.

A file is streamed from Visier to the browser: nowhere is it whole, kept or logged. Source Files
Download API (alpha), GET /v1alpha/op/data/source-files/{identifier} and GET
/v1alpha/op/data/source-files.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

import orjson

from services.ledger import (
    Actor,
    Event,
    EventKind,
    ItemResult,
    Ledger,
    NewItem,
    NewOperation,
    Outcome,
    State,
)
from services.visier import ENDPOINTS, Client, FileResponse, VisierError

from .engine.changes import Finding, write_state
from .engine.permissions import Permissions, begin
from .tokens import Verb

TOO_LARGE: Final = "The file exceeds the download limit of {megabytes:g} MB."
MEGABYTE: Final = 1_000_000
DOWNLOADED: Final = "downloaded"


class FileTooLarge(Exception):
    """The file is larger than the download limit; the text is a sentence for people."""

    def __init__(self, megabytes: float) -> None:
        super().__init__(TOO_LARGE.format(megabytes=megabytes))
        self.megabytes = megabytes


@dataclass(frozen=True)
class Wanted:
    """One file of a tenant by its identifier or, without one, all files of a query.

    ``query`` has the parameters of ``Client.download_source_files``, ``filename`` is Visier's name
    of the one file, ``saved_as`` the name to save it by. ``id`` is spent by the download.
    """

    tenant_code: str
    filename: str
    saved_as: str
    identifier: str = ""
    query: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def _key(self) -> str:
        return self.identifier or self.tenant_code

    def item(self) -> NewItem:
        """Return the one item of its operation."""
        query = {} if self.identifier else {"query": dict(self.query)}
        states = write_state(None), write_state({"done": DOWNLOADED, **query})
        return NewItem(self._key, self.tenant_code, self.filename, *states)

    def result(
        self, outcome: Outcome, finding: str, facts: Mapping[str, Any], words: str = ""
    ) -> ItemResult:
        """Return the result of its item."""
        return ItemResult(self._key, outcome, finding, facts, words)

    def ask(self, client: Client) -> FileResponse:
        """Request it from Visier; raises the errors of ``services.visier``."""
        own = client.in_tenant(self.tenant_code)
        if self.identifier:
            return own.download_source_file(self.identifier)
        return own.download_source_files(**self.query)

    def request(self) -> Event:
        """Return the request as the ledger keeps it."""
        name = "download_source_file" if self.identifier else "download_source_files"
        path = ENDPOINTS[name].path.format(identifier=self.identifier)
        asked = f" {orjson.dumps(dict(self.query)).decode()}" if self.query else ""
        return Event(kind=EventKind.REQUEST, text=name, request=f"GET {path}{asked}")


def refuse(
    ledger: Ledger, permissions: Permissions, wanted: Wanted, actor: Actor, identity: str
) -> None:
    """Raise NotAllowed, and record it, where these permissions do not allow a download."""
    if permissions.refusal(Verb.DOWNLOAD_FILES):
        _begin(ledger, permissions, wanted, actor, identity)


@dataclass(frozen=True)
class Download:
    """A download that has begun: its size in bytes or None, and its bytes, which are read once.

    A reader that stops early must close it.
    """

    size: int | None
    chunks: Generator[bytes] = field(repr=False)
    close: Callable[[], None] = field(repr=False)


def download(
    ledger: Ledger,
    client: Client,
    wanted: Wanted,
    actor: Actor,
    *,
    identity: str,
    permissions: Permissions,
    megabytes: float,
) -> Download:
    """Record a download and begin it; its result is recorded when its bytes have been read.

    Raises NotAllowed, FileTooLarge, the errors of ``services.visier`` and of the ledger; reading
    raises FileTooLarge and the errors of ``services.visier``.
    """
    _begin(ledger, permissions, wanted, actor, identity)
    # Uncertain until it has ended: so it stays if the process dies.
    ledger.settle(wanted.id, [wanted.result(Outcome.UNCERTAIN, Finding.UNDER_WAY, {})])
    ledger.note(wanted.id, wanted.request())
    try:
        file = wanted.ask(client)
        # At once where the size is known, otherwise while it is read.
        _check(file, file.size or 0, megabytes)
    except VisierError as error:
        _end(ledger, wanted, wanted.result(Outcome.FAILED, "", {}, str(error)))
        raise
    except FileTooLarge:
        facts = {"bytes": 0, "megabytes": megabytes}
        _end(ledger, wanted, wanted.result(Outcome.FAILED, Finding.TOO_LARGE, facts))
        raise
    return Download(file.size, _handed_on(ledger, wanted, file, megabytes), file.close)


def _check(file: FileResponse, size: int, megabytes: float) -> None:
    if size > megabytes * MEGABYTE:
        file.close()
        raise FileTooLarge(megabytes)


def _begin(
    ledger: Ledger, permissions: Permissions, wanted: Wanted, actor: Actor, identity: str
) -> None:
    # An interrupted download cannot be continued, so that it never counts as running.
    state = State.FINISHED
    operation = NewOperation(wanted.id, Verb.DOWNLOAD_FILES, actor, identity, state=state)
    begin(ledger, permissions, operation, [wanted.item()])


def _end(ledger: Ledger, wanted: Wanted, result: ItemResult) -> None:
    ledger.settle(wanted.id, [result])
    # It is finished already; this tells those who count operations that have ended.
    ledger.set_state(wanted.id, State.FINISHED)


def _handed_on(
    ledger: Ledger, wanted: Wanted, file: FileResponse, megabytes: float
) -> Generator[bytes]:
    size, outcome, finding, words = 0, Outcome.FAILED, Finding.BROKEN_OFF, ""
    more: Mapping[str, float | None] = {}
    try:
        for chunk in file.chunks:
            _check(file, size + len(chunk), megabytes)
            yield chunk
            # Counted once the browser has taken it.
            size += len(chunk)
        outcome, finding = Outcome.SUCCEEDED, Finding.HANDED_ON
        # A connection that breaks may look like the end of the file.
        if file.size not in (None, size):
            outcome, finding, more = Outcome.FAILED, Finding.CUT_SHORT, {"of": file.size}
    except VisierError as error:
        finding, words = Finding.ENDED, str(error)
        raise
    except FileTooLarge:
        finding, more = Finding.TOO_LARGE, {"megabytes": megabytes}
        raise
    finally:
        file.close()
        _end(ledger, wanted, wanted.result(outcome, finding, {"bytes": size, **more}, words))
