"""Outcomes of creating or changing credentials: from the record, a look-up, or a person."""

import pandas as pd

from services.frames import credentials, results
from services.ledger import UNSETTLED, Control, Event, EventKind, ItemResult, Ledger, Outcome, State
from services.visier import Client

from ..engine import documents
from ..engine.changes import Finding
from ..engine.permissions import Permissions, authorize_existing
from ..engine.reconcile import every_item
from .submission import listed

# More requests than anybody makes with one form.
_EVENTS_AT_MOST = 10_000


def missing_access(ledger: Ledger, operation_id: str) -> pd.DataFrame:
    """Return what the created credentials cannot read although they can sign in.

    Columns, all str: tenant_code, subject, attributes, error_message.
    """
    frames = [
        results.missing_properties(payload).assign(tenant_code=event.text)
        for event in ledger.events(operation_id, _EVENTS_AT_MOST, [EventKind.REQUEST])
        if (payload := documents.read(event.answer)) is not None
    ]
    names = ["tenant_code", "subject", "attributes", "error_message"]
    empty = pd.DataFrame(columns=names, dtype="str")
    return pd.concat([empty, *frames], ignore_index=True)[names]


def candidates(ledger: Ledger, client: Client, operation_id: str) -> pd.DataFrame:
    """Return the credentials that may come from a creation of unknown outcome.

    They are those the tenant lists now and did not list before, without inherited ones. Columns as
    in ``services.frames.credentials``. Raises the errors of ``services.visier`` and
    ``services.frames``.
    """
    before = {
        event.text: set(documents.read(event.answer) or ())
        for event in ledger.events(operation_id, _EVENTS_AT_MOST, [EventKind.LISTED_BEFORE])
    }
    frames = [credentials.to_frame([])]
    for item in every_item(ledger, operation_id, UNSETTLED):
        found = listed(client, item.tenant_code)
        # Without a record of what was there before, any of them may be new.
        known = found["credential_id"].isin(before.get(item.tenant_code, set()))
        frames.append(found[~known & ~found["is_inherited"].fillna(False)])
    return pd.concat(frames, ignore_index=True)


def settle_by_hand(
    ledger: Ledger, operation_id: str, tenant_code: str, permissions: Permissions, *, done: bool
) -> None:
    """Record what a person has found out about a request of unknown outcome.

    The operation ends with the last of them. Raises NotAllowed without the permission for its verb;
    TakenOver when a process works on it.
    """
    authorize_existing(ledger, permissions, operation_id)
    outcome = Outcome.SUCCEEDED if done else Outcome.FAILED
    facts = {"who": permissions.who, "done": done}
    ledger.settle(operation_id, [ItemResult(tenant_code, outcome, Finding.PERSON, facts)])
    close(ledger, operation_id, permissions)


def close(ledger: Ledger, operation_id: str, permissions: Permissions) -> None:
    """End an interrupted operation once no outcome is unknown: its secrets, and the rest, are gone.

    Raises NotAllowed without the permission for its verb; TakenOver when a process works on it.
    """
    operation = authorize_existing(ledger, permissions, operation_id)
    is_unclear = any(operation.item_counts[outcome] for outcome in UNSETTLED)
    if operation.state is State.INTERRUPTED and not is_unclear:
        stop = Event(kind=EventKind.CONTROL, text=Control.STOP, who=permissions.who)
        ledger.end(operation_id, State.STOPPED, stop)
