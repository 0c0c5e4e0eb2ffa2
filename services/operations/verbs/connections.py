"""Shared by the verbs on connectors: read one tenant at a time, with outcomes by tenant."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import pandas as pd

from services.frames import Outcome as Told
from services.visier import Client, Payload

from ..engine.changes import Query
from ..engine.verb_spec import Source

# Each item takes a read of its tenant just before: with more, the first read gets too old.
AT_ONCE: Final = 50


def of_tenant(
    pages: Callable[[Client, str], Iterable[Payload]],
    to_frame: Callable[[Iterable[object], str | None], pd.DataFrame],
) -> Source:
    """Return a source that reads tenants one by one, and adds the tenant code answers lack.

    A tenant without items keeps one row, which shows that it was read.
    """

    def tenant(client: Client, code: str, _query: Query) -> Iterator[Payload]:
        yield {"tenantCode": code, "pages": list(pages(client, code))}

    def frame(parts: Iterable[object]) -> pd.DataFrame:
        frames = [to_frame([], None)]
        for each in parts:
            if isinstance(each, dict):
                own = to_frame(each["pages"], each["tenantCode"])
                # One empty row distinguishes a tenant without items from one that was not read.
                own = own if len(own) else own.reindex([0])
                frames.append(own.assign(tenant_code=each["tenantCode"]))
        return pd.concat(frames, ignore_index=True)

    return Source(frame, tenant)


def told_apart(answered: pd.DataFrame, named: str) -> pd.DataFrame:
    """Return results of connectors with an outcome of their own, where Visier has one by tenant.

    In a failed tenant with several rows, only those with a message of their own, or without
    `named`, have surely failed; in a succeeded tenant, a row with a message need not have
    succeeded. The others become Unknown, to be looked up.
    """
    several = answered["tenant_code"].duplicated(keep=False)
    complains = answered["own_message"].notna()
    silent = several & ~complains & answered[named].notna()
    failed, succeeded = (answered["outcome"] == word for word in (Told.FAILED, Told.SUCCEEDED))
    unclear = (failed & silent) | (succeeded & complains)
    return answered.assign(outcome=answered["outcome"].mask(unclear, Told.UNKNOWN))


def by_connector(
    entries: Iterable[tuple[str, dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Return the entries of tenants grouped by connector, as both requests have them."""
    connectors: dict[str, list[dict[str, Any]]] = {}
    for connector_id, entry in entries:
        connectors.setdefault(connector_id, []).append(entry)
    return [{"connectorId": name, "tenants": entries} for name, entries in connectors.items()]
