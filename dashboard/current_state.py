"""How the items of an operation stand now: what undoing and retrying are planned against."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import pandas as pd

from dashboard import bootstrap, data
from dashboard.connection import Connection
from services.frames import uploaded_files
from services.ledger import Ledger, Operation
from services.operations import FileChoice, Verb, read_key
from services.operations.verbs.registry import VERBS
from services.visier import Lane
from services.watching import Recent

WEEK = Recent(timedelta(days=7))
Read = Callable[[Connection, Ledger, Operation, datetime], pd.DataFrame]


def read(
    connection: Connection, ledger: Ledger, operation: Operation, than: datetime
) -> pd.DataFrame:
    """Read what the operation's own planning function takes for the state later than a moment.

    Raises what reading raises; visier.StillFetching: ask again with the same moment.
    """
    return READS.get(Verb(operation.verb), _uploads)(connection, ledger, operation, than)


def _uploads(
    connection: Connection, _ledger: Ledger, _operation: Operation, than: datetime
) -> pd.DataFrame:
    return data.load_uploads.read_anew(connection, than, None).frame


def _versions(
    connection: Connection, ledger: Ledger, operation: Operation, than: datetime
) -> pd.DataFrame:
    items = ledger.items(operation.id, limit=1)
    category = read_key(items[0].key)[3] or None if items else None
    return data.load_data_versions.read_anew(connection, than, category).versions


def _files(
    connection: Connection, ledger: Ledger, operation: Operation, _than: datetime
) -> pd.DataFrame:
    listed = [uploaded_files.to_frame([])]
    for item in ledger.items(operation.id, limit=sum(operation.item_counts.values())):
        code, choice, *chosen = read_key(item.key)
        pattern = chosen[0] if choice == FileChoice.NAME else None
        pages = connection.client.in_tenant(code).iter_retrieve_tenant_source_files(
            file_name_regex=pattern
        )
        listed.append(uploaded_files.to_frame(pages))
    return pd.concat(listed, ignore_index=True)


def _tenant_by_tenant(
    connection: Connection, ledger: Ledger, operation: Operation, _than: datetime
) -> pd.DataFrame:
    """Read what can only be asked of one tenant, waiting for the call budget where need be."""
    source = VERBS[Verb(operation.verb)].source
    client = connection.client.in_lane(Lane.BULK)
    assert source.tenant is not None  # noqa: S101 - the verbs below are those that have it
    codes = ledger.item_frame(operation.id)["tenant_code"].unique()
    return source.to_frame(page for code in codes for page in source.tenant(client, code, {}))


def _jobs(
    connection: Connection, _ledger: Ledger, _operation: Operation, than: datetime
) -> pd.DataFrame:
    watch = bootstrap.job_watch(connection.identity)
    return watch.refresh(connection.client, WEEK, than=than).jobs


READS: Mapping[Verb, Read] = MappingProxyType(
    {
        Verb.CANCEL_JOBS: _jobs,
        Verb.DISABLE_VERSIONS: _versions,
        Verb.EXCLUDE_FILES: _files,
        Verb.INCLUDE_FILES: _files,
        Verb.ASSIGN_CREDENTIALS: _tenant_by_tenant,
        Verb.SET_CONNECTOR_SETTINGS: _tenant_by_tenant,
        Verb.DELETE_CREDENTIALS: _tenant_by_tenant,
    }
)
