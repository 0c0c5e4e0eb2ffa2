"""How the items of an operation stand now: what undoing and retrying are planned against."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from dashboard import bootstrap, data
from dashboard.connection import Connection
from services.frames import uploaded_files
from services.ledger import Item, Ledger, Operation
from services.operations import FileChoice, Verb, read_key
from services.watching import Recent

WEEK = Recent(timedelta(days=7))


def read(connection: Connection, ledger: Ledger, operation: Operation) -> pd.DataFrame:
    """Read anew what the operation's own planning function takes for the present state."""
    match Verb(operation.verb):
        case Verb.DISABLE_VERSIONS:
            return _versions(connection, ledger.items(operation.id, limit=1))
        case Verb.CANCEL_JOBS:
            watch = bootstrap.job_watch(connection.identity)
            return watch.refresh(connection.client, WEEK, than=datetime.now(UTC)).jobs
        case Verb.EXCLUDE_FILES | Verb.INCLUDE_FILES:
            return _files(connection, ledger.items(operation.id, limit=_tenants_of(operation)))
        case _:
            data.load_uploads.refresh(connection, None)
            return data.load_uploads(connection, None).frame


def _tenants_of(operation: Operation) -> int:
    return sum(operation.item_counts.values())


def _versions(connection: Connection, items: list[Item]) -> pd.DataFrame:
    category = read_key(items[0].key)[3] or None if items else None
    data.load_data_versions.refresh(connection, category)
    return data.load_data_versions(connection, category).versions


def _files(connection: Connection, items: list[Item]) -> pd.DataFrame:
    listed = [uploaded_files.to_frame([])]
    for item in items:
        code, choice, *chosen = read_key(item.key)
        pattern = chosen[0] if choice == FileChoice.NAME else None
        pages = connection.client.in_tenant(code).iter_retrieve_tenant_source_files(
            file_name_regex=pattern
        )
        listed.append(uploaded_files.to_frame(pages))
    return pd.concat(listed, ignore_index=True)
