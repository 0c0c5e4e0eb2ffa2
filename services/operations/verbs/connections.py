"""What changes of connectors have in common: read tenant by tenant, answered for by tenant."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import pandas as pd

from services.frames import Outcome as Told
from services.visier import Client, Payload

from ..engine.changes import Query
from ..engine.verb_spec import Source

# Each item costs a read of its tenant just before: the more of them, the older the first one gets.
AT_ONCE: Final = 50


def of_tenant(
    pages: Callable[[Client, str], Iterable[Payload]],
    to_frame: Callable[[Iterable[object], str | None], pd.DataFrame],
) -> Source:
    """Return how tenants are read one by one whose answers do not say whose they are.

    A tenant that has nothing keeps one row, which says that it was read.
    """

    def tenant(client: Client, code: str, _query: Query) -> Iterator[Payload]:
        yield {"tenantCode": code, "pages": list(pages(client, code))}

    def frame(parts: Iterable[object]) -> pd.DataFrame:
        frames = [to_frame([], None)]
        for each in parts:
            if isinstance(each, dict):
                own = to_frame(each["pages"], each["tenantCode"])
                own = own if len(own) else own.reindex([0])
                frames.append(own.assign(tenant_code=each["tenantCode"]))
        return pd.concat(frames, ignore_index=True)

    return Source(frame, tenant)


def told_apart(answered: pd.DataFrame, named: str) -> pd.DataFrame:
    """Return results of connectors with an outcome of their own, where Visier tells one by tenant.

    Of a tenant that failed with several rows, only those failed for certain that have a message of
    their own or lack `named`; and one that succeeded with a message need not have. It has to be
    looked up what became of the others.
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
    """Group what each tenant is to get under its connector, as both requests want it."""
    connectors: dict[str, list[dict[str, Any]]] = {}
    for connector_id, entry in entries:
        connectors.setdefault(connector_id, []).append(entry)
    return [{"connectorId": name, "tenants": entries} for name, entries in connectors.items()]
