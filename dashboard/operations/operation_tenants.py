"""The tenants of operations: how many, which, and by the names this session knows."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from dashboard import data
from dashboard.components import formats, tenants
from dashboard.connection import Connection
from services.ledger import Operation
from services.operations.starts.outcomes import StartOutcome

NAMED: Final = 3
# A spreadsheet holds 32,767 characters in a cell.
EXPORTED_AT_MOST: Final = 500
_BETWEEN: Final = "; "

Starts = Mapping[str, StartOutcome]


def counts(
    connection: Connection, operations: Sequence[Operation], starts: Starts
) -> "pd.Series[int]":
    """Return how many tenants each operation is of; missing where that is not known."""
    of_items = connection.ledger.tenant_counts([each.id for each in operations])
    found = [
        len(starts[each.id].tenants) if each.id in starts else of_items.get(each.id, 0)
        for each in operations
    ]
    return pd.Series([number or None for number in found], dtype="Int64")


def line(connection: Connection, operation: Operation, start: StartOutcome | None) -> str:
    """Return the tenants of an operation in one line, the first few by name and code."""
    codes = _codes(connection, operation, start)
    lead = formats.counted(len(codes), "tenant")
    if start is not None and start.noted.is_for_all:
        out = len(start.noted.excluded_tenants)
        all_of_them = f"All tenants{f' but {out:,}' if out else ''}"
        lead = f"{all_of_them}; jobs of {lead} observed" if codes else all_of_them
    elif not codes:
        return ""
    some = ", ".join(tenants.labels(codes[:NAMED], tenants.at_hand(connection)).values())
    more = f" and {len(codes) - NAMED:,} more" if len(codes) > NAMED else ""
    return f"{lead}: {some}{more}" if codes else lead


def _codes(
    connection: Connection, operation: Operation, start: StartOutcome | None
) -> Sequence[str]:
    if start is not None:
        return start.tenants
    return connection.ledger.tenants([operation.id])["tenant_code"].tolist()


def exported(
    connection: Connection, rows: pd.DataFrame, starts: Starts, known: data.TenantDirectory
) -> pd.DataFrame:
    """Return rows of operations, by their `id`, with the codes and names of their tenants.

    Adds tenant_codes and tenant_names, both str: the first 500 of each, in one order.
    """
    of_items = connection.ledger.tenants([id_ for id_ in rows["id"] if id_ not in starts])
    of_starts = [(id_, code) for id_ in starts for code in starts[id_].tenants]
    columns = ["operation_id", "tenant_code"]
    listed = pd.concat([of_items, pd.DataFrame(of_starts, columns=columns, dtype="str")])
    named = tenants.with_names(listed, known).groupby("operation_id", sort=False)
    texts = {
        f"{name}s": named[name].agg(_joined).reindex(rows["id"]).fillna("").array
        for name in ("tenant_code", "tenant_name")
    }
    return rows.assign(**texts)


def _joined(texts: "pd.Series[str]") -> str:
    left = len(texts) - EXPORTED_AT_MOST
    more = [f"and {left:,} more"] if left > 0 else []
    return _BETWEEN.join([*texts.iloc[:EXPORTED_AT_MOST], *more])
