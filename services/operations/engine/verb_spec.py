"""What the engine needs of a verb: how to read, skip, send and match its items."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

import orjson
import pandas as pd
from pydantic import TypeAdapter

from services.ledger import Item
from services.visier import BodyEncoding, Client, Payload
from services.visier.protocol import Request, build

from ..tokens import Verb
from .changes import Change, Finding, Key, Query, Skip

K = TypeVar("K", bound=Key)
S = TypeVar("S")


@dataclass(frozen=True)
class Source:
    """How the present state is read: from a list of all tenants, or for one tenant.

    `page(client, start, query)` returns the 1,000 tenants from `start` on, `every` all of them;
    both are None where tenants can only be read one by one, by `tenant(client, code, query)`.
    Without `tenant` the list is not one of tenants: `every` reads it, in `calls(query)` calls.
    """

    to_frame: Callable[[Iterable[object]], pd.DataFrame]
    tenant: Callable[[Client, str, Query], Iterable[Payload]] | None = None
    page: Callable[[Client, int, Query], Payload] | None = None
    every: Callable[[Client, Query], Iterator[Payload | pd.DataFrame]] | None = None
    calls: Callable[[Query], int] = lambda _query: 1


class Answer(ABC, Generic[K]):
    """How the results of an answer are matched to items."""

    @abstractmethod
    def to_frame(self, payloads: Iterable[object]) -> pd.DataFrame:
        """Return one row per result: tenant_code, outcome, status_word, message and its names."""

    @abstractmethod
    def names(self, key: K) -> Key:
        """Return the name that a result has for the item of this key."""

    @abstractmethod
    def named_by(self, row: Mapping[str, Any]) -> Key:
        """Return the name a row has for its item; anything missing in a row is the empty text."""

    def wholes(self, key: K) -> tuple[Key, ...]:  # noqa: ARG002 - of items that are parts
        """Return the names of wholes that the item is part of, which can fail for it."""
        return ()

    def others(self, key: K) -> tuple[Key, ...]:  # noqa: ARG002 - of items with several names
        """Return other names that a result may have for the item, if no other item has them."""
        return ()

    def instead(self, key: K, row: Mapping[str, Any]) -> str:  # noqa: ARG002 - of items with values
        """Return the value a row names for the item, where it is not the one asked for."""
        return ""

    def facts(self, row: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 - of few
        """Return the facts of a row that belong to the item's record."""
        return {}

    def finding(self, row: Mapping[str, Any]) -> Finding | None:  # noqa: ARG002 - of few
        """Return the finding of a row, beside its message."""
        return None


class VerbSpec(ABC, Generic[K, S]):
    """One verb: its items by key, their states, and the one request that changes them.

    An item that is a ``whole_tenant`` takes every result of its tenant, can be done in part, and is
    looked up in ``deeper``, since ``source`` lists only the latest. Items that
    ``accepts_state_change`` change by themselves, as jobs do: they are sent in another state than
    planned where that is possible. ``verify_calls`` is the number of reads ``send`` adds to check
    its effect. Without ``leaves_trace`` no read tells whether it was sent: with no answer there is
    no result. Without ``shows_requests`` the requests are not known before they are sent.
    """

    verb: ClassVar[Verb]
    operation: ClassVar[str]
    field: ClassVar[str]
    batch_size: int
    key_type: ClassVar[type[Any]]
    state_type: ClassVar[Any]
    source: Source
    deeper: Source | None = None
    answer: Answer[K]
    whole_tenant: ClassVar[bool] = False
    accepts_state_change: ClassVar[bool] = False
    can_undo: ClassVar[bool] = False
    verify_calls: ClassVar[int] = 0
    leaves_trace: ClassVar[bool] = True
    shows_requests: ClassVar[bool] = True

    @abstractmethod
    def states(self, frame: pd.DataFrame, keys: Sequence[K]) -> dict[K, S]:
        """Return the state of each item, as far as the frame has it."""

    @abstractmethod
    def skip(self, state: S) -> Skip | None:
        """Return why an item in this state is skipped, or None where it is sent."""

    def is_done(self, key: K, state: S) -> bool:
        """Return whether an item in this state needs no change any more."""
        return state == self.goal(key, state)

    @abstractmethod
    def goal(self, key: K, before: S) -> S:
        """Return the wanted state of an item."""

    @abstractmethod
    def objects(self, keys: Sequence[K]) -> list[Any]:
        """Return the objects in the body of one request for at most ``batch_size`` items."""

    def send(self, client: Client, objects: Sequence[Any]) -> Payload:
        """Send the one request; raises the errors of ``services.visier``."""
        # The client's methods have the names of the API's operations.
        answer: Payload = getattr(client, self.operation)(objects)
        return answer

    def query(self, key: K) -> Query:  # noqa: ARG002 - of those that are listed apart
        """Return the query parameters of the list that has this item."""
        return {}

    def request(self, objects: Sequence[Any], encoding: BodyEncoding) -> Request:
        """Return the request as it travels."""
        return build(self.operation, encoding, body={self.field: objects})

    def remark(self) -> Mapping[str, Any]:
        """Return a note on how the last objects were made; empty for none."""
        return {}

    def unchanged(self, state: S | None, before: S) -> bool:
        """Return whether an item in this state may be sent as it was planned from another."""
        if state is None:
            return False
        return state == before or (self.accepts_state_change and self.skip(state) is None)

    def is_untouched(self, state: S, before: S) -> bool:
        """Return whether an item in this state shows no effect of the verb."""
        return state == before or (not self.whole_tenant and self.skip(state) is None)

    def read_key(self, text: str) -> K:
        """Return the key that ``changes.write_key`` wrote."""
        key: K = self.key_type(*orjson.loads(text))
        return key

    @cached_property
    def _of_states(self) -> TypeAdapter[S]:
        return TypeAdapter(self.state_type)

    def read_state(self, text: str) -> S:
        """Return the state that ``changes.write_state`` wrote."""
        _version, state = orjson.loads(text)
        return self._of_states.validate_python(state)

    def read_item(self, item: Item) -> Change[S]:
        """Return an item of the ledger as a change."""
        return Change(
            self.read_key(item.key),
            self.read_state(item.before),
            self.read_state(item.after),
            name=item.name,
        )
