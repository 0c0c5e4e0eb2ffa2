"""What a verb is made of: the facts by which its items are planned, sent, matched and looked up."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson
import pandas as pd

from services.visier import BodyEncoding, Client, Payload
from services.visier.protocol import Request

if TYPE_CHECKING:
    from services.ledger import Item

    from .plan import Plan

Key: TypeAlias = tuple[str, ...]
Query: TypeAlias = Mapping[str, str]


class Verb(StrEnum):
    """What can be done, by the token that the ledger, settings, exports and metrics know it by.

    A token never changes; how people read it is the screens' business.
    """

    EXCLUDE_UPLOADS = "exclude_uploads"
    INCLUDE_UPLOADS = "include_uploads"
    EXCLUDE_ALL_UPLOADS = "exclude_all_uploads"
    INCLUDE_ALL_UPLOADS = "include_all_uploads"
    EXCLUDE_FILES = "exclude_files"
    INCLUDE_FILES = "include_files"
    DISABLE_VERSIONS = "disable_versions"
    CANCEL_JOBS = "cancel_jobs"
    START_LOAD = "start_load"
    START_EXTRACTION = "start_extraction"
    START_PROCESSING = "start_processing"
    START_CONSOLIDATION = "start_consolidation"
    ASSIGN_CREDENTIALS = "assign_credentials"
    SET_CONNECTOR_SETTINGS = "set_connector_settings"
    CREATE_CREDENTIALS = "create_credentials"
    CHANGE_CREDENTIAL = "change_credential_details"
    ROTATE_SECRETS = "rotate_secrets"
    DELETE_CREDENTIALS = "delete_credentials"
    RECOVER = "recover"
    DOWNLOAD_FILES = "download_files"


START_VERBS: Final = (
    Verb.START_LOAD,
    Verb.START_EXTRACTION,
    Verb.START_PROCESSING,
    Verb.START_CONSOLIDATION,
)
CREDENTIAL_VERBS: Final = (Verb.CREATE_CREDENTIALS, Verb.CHANGE_CREDENTIAL, Verb.ROTATE_SECRETS)
"""What is done to credentials by a form."""

FORMER_VERBS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"change_credential": frozenset({Verb.CHANGE_CREDENTIAL, Verb.ROTATE_SECRETS})}
)
"""Verbs of earlier versions that are in the ledger still, and the verbs each stood for."""

FORMER_NAMES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "Exclude data uploads": frozenset({Verb.EXCLUDE_UPLOADS}),
        "Include data uploads": frozenset({Verb.INCLUDE_UPLOADS}),
        "Exclude all data uploads": frozenset({Verb.EXCLUDE_ALL_UPLOADS}),
        "Include all data uploads": frozenset({Verb.INCLUDE_ALL_UPLOADS}),
        "Exclude files": frozenset({Verb.EXCLUDE_FILES}),
        "Include files": frozenset({Verb.INCLUDE_FILES}),
        "Disable data versions": frozenset({Verb.DISABLE_VERSIONS}),
        "Cancel jobs": frozenset({Verb.CANCEL_JOBS}),
        "Start a data load": frozenset({Verb.START_LOAD}),
        "Start extraction jobs": frozenset({Verb.START_EXTRACTION}),
        "Start processing jobs": frozenset({Verb.START_PROCESSING}),
        "Start a consolidated analytics job": frozenset({Verb.START_CONSOLIDATION}),
        "Assign credentials": frozenset({Verb.ASSIGN_CREDENTIALS}),
        "Set connector settings": frozenset({Verb.SET_CONNECTOR_SETTINGS}),
        "Create credentials": frozenset({Verb.CREATE_CREDENTIALS}),
        "Change credential details": frozenset({Verb.CHANGE_CREDENTIAL}),
        "Rotate secrets": frozenset({Verb.ROTATE_SECRETS}),
        "Change a credential": frozenset({Verb.CHANGE_CREDENTIAL, Verb.ROTATE_SECRETS}),
        "Delete credentials": frozenset({Verb.DELETE_CREDENTIALS}),
        "Recover from a bad load": frozenset({Verb.RECOVER}),
        "Download source files": frozenset({Verb.DOWNLOAD_FILES}),
    }
)
"""The names that settings of earlier versions have for verbs, and the verbs each stands for."""


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


@dataclass(frozen=True)
class Results:
    """How an answer tells what became of each item.

    `names(key)` is what a result calls the item of this key, and `row(result)` what one row of
    `to_frame` calls its item, in which everything missing is the empty text. `wholes(key)` are the
    names under which a failure is told for everything the item is a part of, and `others(key)` what
    a result may call the item that no other item goes by. `instead(key, row)` is in words what a
    row says the item has now, where that is not what was asked for.
    """

    to_frame: Callable[[Iterable[object]], pd.DataFrame]
    names: Callable[[Key], Key]
    row: Callable[[Mapping[str, Any]], Key]
    wholes: Callable[[Key], tuple[Key, ...]] = lambda _key: ()
    others: Callable[[Key], tuple[Key, ...]] = lambda _key: ()
    instead: Callable[[Key, Mapping[str, Any]], str] = lambda _key, _row: ""


@dataclass(frozen=True)
class Kind:
    """One verb as data; the first part of every key is the tenant's code.

    `send(client, objects)` is the one write; `objects(keys)` what it sends for at most `most` items
    and `field` the name of that list. `states(frame, keys)` says in words how each item stands, for
    those that can be told, and `condition` which row of `eligible` such words belong to: its
    reason not to, or the empty text. `goal` is the condition of an item that is done, `after` what
    people read for it. `deeper` is asked about what `source` does not show.

    An item that is a `whole_tenant` gathers every result of its tenant, can be done in part, and is
    looked up in `deeper`, since `source` shows only the latest. `again(items, current, now)` plans
    items anew, and `undo(items, current)` plans to restore what applied items were before;
    `regret` says why there is no undoing, or what it cannot restore. An item that `may_move` goes
    on by itself: what became another state since it was planned is still taken where it can be.
    `request(objects, encoding)` is the request where its objects are not its body, and
    `looks_after` how many calls `send` makes behind it to see what came of it. `remark()` is what
    people have to know of how the last objects were made, or the empty text.
    """

    verb: Verb
    operation: str
    field: str
    most: int
    send: Callable[[Client, Sequence[Any]], Payload]
    objects: Callable[[Sequence[Key]], list[Any]]
    source: Source
    states: Callable[[pd.DataFrame, Sequence[Key]], dict[Key, str]]
    results: Results
    eligible: Mapping[str, str]
    goal: str
    after: str
    again: "Callable[[Sequence[Item], pd.DataFrame, datetime], Plan]"
    undo: "Callable[[Sequence[Item], pd.DataFrame], Plan] | None" = None
    condition: Callable[[str], str] = str
    query: Callable[[Key], Query] = lambda _key: {}
    deeper: Source | None = None
    whole_tenant: bool = False
    may_move: bool = False
    regret: str = ""
    request: Callable[[Sequence[Mapping[str, Any]], BodyEncoding], Request] | None = None
    looks_after: int = 0
    remark: Callable[[], str] = str

    def refusal(self, state: str) -> str:
        """Say why an item in this state cannot be taken, or nothing when it can."""
        return self.eligible.get(self.condition(state), f"Not known: {state}.")

    def stands(self, state: str | None, before: str) -> bool:
        """Say whether an item in this state may be sent as it was planned from another."""
        return state == before or (self.may_move and state is not None and not self.refusal(state))

    def is_done(self, state: str) -> bool:
        """Say whether an item in this state stands as the verb would leave it."""
        return self.condition(state) == self.goal

    def is_untouched(self, state: str, before: str) -> bool:
        """Say whether an item in this state is as if the verb had never been sent."""
        return state == before or (not self.whole_tenant and not self.refusal(state))


def write_key(key: Key) -> str:
    """Write a key as the ledger keeps it: a JSON list of texts."""
    return orjson.dumps(key).decode()


def read_key(text: str) -> Key:
    """Read what `write_key` wrote."""
    return tuple(orjson.loads(text))


def by_tenant(keys: Iterable[Key]) -> dict[str, list[Key]]:
    """Group keys by their tenant, in their order."""
    found: dict[str, list[Key]] = {}
    for key in keys:
        found.setdefault(key[0], []).append(key)
    return found
