"""Beginning, changing and closing a recovery, with permissions and a record of who did what."""

from contextlib import suppress
from typing import Final

from services.ledger import Event, EventKind, Ledger, NewItem, NewOperation, NotOpen, State

from ..engine import permissions as door
from ..engine.changes import write_key, write_state
from ..engine.permissions import Bar, Closed, NotAllowed, Permissions
from ..tokens import Verb
from .incident import OF_CHOICES, OF_INCIDENT, AffectedTenant, Change, Choices, Incident, pieces
from .verdicts import OF_VERIFICATION, Verification


def begin(
    ledger: Ledger,
    incident: Incident,
    permissions: Permissions,
    *,
    id_: str,
    identity: str,
    reason: str = "",
    filter_text: str = "",
) -> None:
    """Record a recovery as open; ``filter_text`` describes how it was found.

    Raises services.ledger.AlreadyApplied when it exists; NotAllowed, which is recorded.
    """
    operation = NewOperation(
        id_,
        Verb.RECOVER,
        permissions.actor,
        identity,
        reason=reason,
        filter_text=filter_text,
        state=State.OPEN,
    )
    items = [
        NewItem(write_key((each.code,)), each.code, each.name, _before(each), _RECOVERED)
        for each in incident.tenants
    ]
    document = pieces(EventKind.INCIDENT, OF_INCIDENT, incident, permissions.who)
    door.begin(ledger, permissions, operation, items, document)


_RECOVERED: Final = write_state({"done": "recovered"})


def _before(tenant: AffectedTenant) -> str:
    versions = [each.number for each in tenant.versions]
    return write_state({"versions": versions, "uploads": [each.time for each in tenant.uploads]})


def choose(
    ledger: Ledger,
    recovery_id: str,
    choices: Choices,
    permissions: Permissions,
    *,
    what: Change = Change.SAVE_PLAN,
) -> None:
    """Record what is to be done, and who decided it.

    Raises NotAllowed, also for a closed recovery; services.ledger.UnknownOperation, Elsewhere.
    """
    document = pieces(EventKind.CHOICES, OF_CHOICES, choices, permissions.who)
    _change(ledger, recovery_id, permissions, what, *document)


def note_verification(
    ledger: Ledger, recovery_id: str, verification: Verification, permissions: Permissions
) -> None:
    """Record a verification and who made it; raises the errors of ``choose``."""
    document = pieces(EventKind.VERIFIED, OF_VERIFICATION, verification, permissions.who)
    _change(ledger, recovery_id, permissions, Change.VERIFY, *document)


def close(ledger: Ledger, recovery_id: str, permissions: Permissions) -> None:
    """Record that a recovery is closed, and by whom; a closed one stays as it is.

    Raises NotAllowed; services.ledger.UnknownOperation, Elsewhere.
    """
    door.authorize_existing(ledger, permissions, recovery_id)
    closed = _changed(Change.CLOSE, permissions)
    # Somebody else has closed it meanwhile, as was wanted.
    with suppress(NotOpen):
        ledger.end(recovery_id, State.FINISHED, closed, while_open=True)


def _change(
    ledger: Ledger, recovery_id: str, permissions: Permissions, what: Change, *document: Event
) -> None:
    door.authorize_existing(ledger, permissions, recovery_id)
    changed = _changed(what, permissions)
    # In one transaction: a colleague may close it between a check and the change.
    try:
        ledger.note(recovery_id, *document, changed, while_open=True)
    except NotOpen:
        raise NotAllowed(Verb.RECOVER, Closed(Bar.RECOVERY_CLOSED)) from None


def _changed(what: Change, permissions: Permissions) -> Event:
    return Event(kind=EventKind.RECOVERY_CHANGED, text=what, who=permissions.who)
