"""What a verb tells the engine, which knows none: how to read, judge, send and match its items."""

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
    """How the present state is read: a list of all tenants, and one tenant alone.

    `page(client, start, query)` gives the 1,000 tenants from `start` on, `every` all of them; both
    are None where tenants can only be read one by one, which `tenant(client, code, query)` does.
    Where `tenant` is None the list is not one of tenants: `every` is read, in `calls(query)` calls.
    """

    to_frame: Callable[[Iterable[object]], pd.DataFrame]
    tenant: Callable[[Client, str, Query], Iterable[Payload]] | None = None
    page: Callable[[Client, int, Query], Payload] | None = None
    every: Callable[[Client, Query], Iterator[Payload | pd.DataFrame]] | None = None
    calls: Callable[[Query], int] = lambda _query: 1


class Answer(ABC, Generic[K]):
    """How an answer tells what became of each item."""

    @abstractmethod
    def to_frame(self, payloads: Iterable[object]) -> pd.DataFrame:
        """Return one row a result: tenant_code, outcome, status_word, message and what names it."""

    @abstractmethod
    def names(self, key: K) -> Key:
        """Return what a result calls the item of this key."""

    @abstractmethod
    def named_by(self, row: Mapping[str, Any]) -> Key:
        """Return what a row calls its item; in a row everything missing is the empty text."""

    def wholes(self, key: K) -> tuple[Key, ...]:  # noqa: ARG002 - of items that are parts
        """Return the names under which a failure is told for everything the item is a part of."""
        return ()

    def others(self, key: K) -> tuple[Key, ...]:  # noqa: ARG002 - of items with several names
        """Return what a result may call the item that no other item goes by."""
        return ()

    def instead(self, key: K, row: Mapping[str, Any]) -> str:  # noqa: ARG002 - of items with values
        """Return what a row says the item has now, where that is not what was asked for."""
        return ""

    def facts(self, row: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 - of few
        """Return what else a row tells that belongs to the item's record."""
        return {}

    def finding(self, row: Mapping[str, Any]) -> Finding | None:  # noqa: ARG002 - of few
        """Return what a row tells of why, beside its words."""
        return None


class VerbSpec(ABC, Generic[K, S]):
    """One verb: its items by their keys, their states, and the one request that changes them.

    An item that is a ``whole_tenant`` gathers every result of its tenant, can be done in part, and
    is looked up in ``deeper``, since ``source`` shows only the latest. One that
    ``accepts_state_change`` goes on by itself: what became another state since it was planned is
    still taken where it can be. ``verify_calls`` is how many calls ``send`` makes behind it to see
    what came of it.
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

    @abstractmethod
    def states(self, frame: pd.DataFrame, keys: Sequence[K]) -> dict[K, S]:
        """Return how each item stands, for those that can be told from what was read."""

    @abstractmethod
    def skip(self, state: S) -> Skip | None:
        """Return why an item in this state is left alone, or None where it is taken."""

    def is_done(self, key: K, state: S) -> bool:
        """Return whether an item in this state stands as the verb would leave it."""
        return state == self.goal(key, state)

    @abstractmethod
    def goal(self, key: K, before: S) -> S:
        """Return how an item is to stand."""

    @abstractmethod
    def objects(self, keys: Sequence[K]) -> list[Any]:
        """Return what one request sends for at most ``batch_size`` items."""

    def send(self, client: Client, objects: Sequence[Any]) -> Payload:
        """Send the one request; raises the errors of ``services.visier``."""
        answer: Payload = getattr(client, self.operation)(objects)
        return answer

    def query(self, key: K) -> Query:  # noqa: ARG002 - of those that are listed apart
        """Return how the list is to be asked for this item."""
        return {}

    def request(self, objects: Sequence[Any], encoding: BodyEncoding) -> Request:
        """Return the request as it travels."""
        return build(self.operation, encoding, body={self.field: objects})

    def remark(self) -> Mapping[str, Any]:
        """Return what has to be noted of how the last objects were made; empty for nothing."""
        return {}

    def unchanged(self, state: S | None, before: S) -> bool:
        """Return whether an item in this state may be sent as it was planned from another."""
        if state is None:
            return False
        return state == before or (self.accepts_state_change and self.skip(state) is None)

    def is_untouched(self, state: S, before: S) -> bool:
        """Return whether an item in this state is as if the verb had never been sent."""
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
        """Return an item of the ledger as the change that it is."""
        return Change(
            self.read_key(item.key),
            self.read_state(item.before),
            self.read_state(item.after),
            name=item.name,
        )
