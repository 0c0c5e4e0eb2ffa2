"""What was excluded and disabled from here lately, and which uploads that concerns."""

from contextlib import suppress
from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard.connection import Connection
from services.ledger import LedgerTrouble, Operation, OperationFilter, Outcome
from services.operations import Verb
from services.operations.excluded import (
    EXCLUDING,
    INCLUDING,
    absences,
    disabled_by,
    excluded_by,
    that_hold,
)

# Operations, the newest: each is a query of the ledger that a page waits for.
EXCLUSIONS_READ = 50


# What is settled later changes the count: id and count are enough of a key. A resource, not data:
# cache_data would copy the frame in every run.
@st.cache_resource(
    scope="session", ttl=timedelta(hours=1), max_entries=EXCLUSIONS_READ, show_spinner=False
)
def load_exclusions(_connection: Connection, operation_id: str, count: int) -> pd.DataFrame:
    """Read from the ledger what an operation has excluded: columns as in `excluded_by`."""
    return excluded_by(_connection.ledger, operation_id, count)


def _done_here(connection: Connection, *verbs: Verb) -> list[Operation]:
    """Return the last operations of some verbs that have done something; raises LedgerTrouble."""
    actor = connection.actor
    wanted = OperationFilter(
        verbs=verbs, tenant=actor.tenant, host=actor.host, outcome=Outcome.SUCCEEDED
    )
    return connection.ledger.operations(wanted, EXCLUSIONS_READ)


@st.cache_resource(
    scope="session", ttl=timedelta(hours=1), max_entries=EXCLUSIONS_READ, show_spinner=False
)
def load_disabled(_connection: Connection, operation_id: str, count: int) -> pd.DataFrame:
    """Read from the ledger what an operation has disabled: columns as in `disabled_by`."""
    return disabled_by(_connection.ledger, operation_id, count)


def disabled_here(connection: Connection) -> pd.DataFrame | None:
    """Return the versions that were disabled from here lately, as `disabled_by`; None for none."""
    # Only a comfort: the uploads and versions themselves are read without the ledger.
    with suppress(LedgerTrouble):
        found = [
            load_disabled(connection, each.id, each.item_counts[Outcome.SUCCEEDED])
            for each in _done_here(connection, Verb.DISABLE_VERSIONS)
        ]
        return pd.concat(found, ignore_index=True) if found else None
    return None


def changes_here(connection: Connection) -> pd.DataFrame | None:
    """Return what was excluded and included from here lately; None for nothing.

    Columns as in `excluded_by`, verb, and first_id str: the operation it was done by, or the one
    that is a part of. Without the ledger nothing is known of it.
    """
    with suppress(LedgerTrouble):
        found = [
            load_exclusions(connection, each.id, each.item_counts[Outcome.SUCCEEDED]).assign(
                verb=each.verb, first_id=each.part_of or each.id
            )
            for each in _done_here(connection, *EXCLUDING, *INCLUDING)
        ]
        return pd.concat(found, ignore_index=True) if found else None
    return None


def excluded_here(connection: Connection) -> pd.DataFrame | None:
    """Return what was excluded from here lately and not included again; None for nothing.

    Columns as in `changes_here` and `that_hold`.
    """
    changes = changes_here(connection)
    return None if changes is None else that_hold(changes)


def key_of(changes: pd.DataFrame | None) -> tuple[int, pd.Timestamp] | None:
    """Return what tells changes from what they were before; they only grow."""
    return None if changes is None else (len(changes), changes["excluded_at"].max())


def exclusions_of(uploads: pd.DataFrame, changes: pd.DataFrame | None) -> pd.DataFrame:
    """Return when each upload was excluded from here and by what, missing where nobody here has.

    `changes` is as of `changes_here`. Columns: excluded_at datetime64[ms, UTC], and
    first_id str.
    """
    nothing = pd.DataFrame(
        {
            "excluded_at": pd.Series(pd.NaT, uploads.index, "datetime64[ms, UTC]"),
            "first_id": pd.Series(pd.NA, uploads.index, "str"),
        }
    )
    if changes is None:
        return nothing
    last = that_hold(changes)
    names = ["tenant_code", "upload_time_text"]
    single = last.dropna(subset=names).set_index(names)
    whole = last[last["upload_time_text"].isna()].set_index("tenant_code")
    own = pd.MultiIndex.from_frame(uploads[names])
    is_single = own.isin(single.index)
    of_tenant = whole.reindex(uploads["tenant_code"]).set_axis(uploads.index)
    came_later = ~(uploads["upload_time"] <= of_tenant["excluded_at"])
    return pd.DataFrame(
        {
            name: single[name]
            .reindex(own)
            .set_axis(uploads.index)
            .where(is_single, of_tenant[name].mask(came_later))
            for name in nothing
        }
    ).astype(nothing.dtypes)


def absences_of(uploads: pd.DataFrame, changes: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return `absences` of uploads by `changes_here`; None where nothing was changed here."""
    return None if changes is None else absences(uploads, changes)


def taken_out_by(uploads: pd.DataFrame, excluded: pd.DataFrame) -> tuple[str, ...]:
    """Return what took uploads out from here, that of most of them first.

    They are ids of operations, or of the chain or recovery that one is a part of. `excluded` is as
    of `exclusions_of`.
    """
    is_out = uploads["included"].eq(False).fillna(False)
    by = excluded.loc[is_out.index[is_out], "first_id"].value_counts()
    return tuple(map(str, by.index))
