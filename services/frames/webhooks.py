"""Webhooks: where Visier pushes events to."""

from collections.abc import Iterable

import pandas as pd

from services.frames.answers import Record, as_text, find, listed, note_lost, unique
from services.frames.schema import Field, Schema, Values, build, flag, frame, repeated, text

SCHEMA: Schema = (
    Field("webhook_id", ("webhookId",), text),
    Field("credential_reference", ("credentialReference",), text),
)
DETAILS: Schema = (
    Field("display_name", ("displayName",), text),
    Field("target_url", ("targetUrl",), text),
    Field("is_active", ("isActive",), flag),
    Field("key_name", ("keyName",), text),
)


def to_frame(pages: Iterable[object]) -> pd.DataFrame:
    """Return one row per webhook of the tenant signed in to, in the order listed.

    Columns: tenant_code (always empty: no webhook is of an analytic tenant), webhook_id,
    credential_reference, display_name, target_url str, is_active boolean, key_name, events str
    (their types, separated by `, `). A target URL may hold secrets of who receives there. A webhook
    whose details cannot be read keeps its row. Raises UnexpectedResponse. Webhooks API, GET
    /v1/op/webhooks.
    """
    records = unique(listed(pages, "webhooks"), "webhookId")
    details = [_details(record) for record in records]
    tenant = {"tenant_code": repeated("", len(records))}
    events = {"events": text(Values(list(map(_events, records, details))))}
    return frame(tenant | build(SCHEMA, records) | build(DETAILS, details) | events)


def _details(record: Record) -> Record:
    found = find(record, ("details",))
    if isinstance(found, dict):
        return found
    if found is not None:
        note_lost(f"{_name(record)}: its details cannot be read.")
    return {}


def _events(record: Record, details: Record) -> str:
    found = find(details, ("events",))
    events = found if isinstance(found, list) else [found]
    if any(not isinstance(each, dict | None) for each in events):
        note_lost(f"{_name(record)}: not all of its events can be read.")
    types = (find(each, ("eventType",)) for each in events if isinstance(each, dict))
    return ", ".join(filter(None, map(as_text, types)))


def _name(record: Record) -> str:
    return as_text(find(record, ("webhookId",))) or "A webhook"
