"""Items by typed keys and states, whole, where they were kept in the words people read.

What a word no longer tells (a value that was cut) becomes a state that nothing is restored from.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_STATE_VERSION = 1
_CUT = " … (cut)"
_AT_ONCE = 1000
_UPLOAD = re.compile(r"([●○]) (\S+)")
_FILES = re.compile(r"(\d+) of (\d+) files included")
_STATUSES = (
    *("Pending", "Running", "Rescheduling", "Cancelling", "Succeeded", "Failed", "Error"),
    *("Cancelled", "Rolled back", "Rescheduled", "Unknown"),
)
_TYPES = (
    *("Dispatching", "Extraction", "Receiving", "Processing", "Consolidated analytics", "Other"),
)
_UPLOADS = {"Included": "included", "Excluded": "excluded", "Not told": "unknown"}
_VERSIONS = {
    "Latest enabled": "latest",
    "Enabled": "enabled",
    "Disabled": "disabled",
    "No enabled version": "none",
}
_CREDENTIALS = {"Listed": "listed", "Inherited": "inherited", "Deleted": "deleted"}
_DONE = {
    "Started": "started",
    "Created": "created",
    "Changed": "changed",
    "Rotated": "rotated",
    "Recovered": "recovered",
    "Downloaded": "downloaded",
}
_SKIPS = {
    "It is excluded already.": "already_done",
    "It is included already.": "already_done",
    "All that are listed are excluded already.": "already_done",
    "All that are listed are included already.": "already_done",
    "All that match are excluded already.": "already_done",
    "All that match are included already.": "already_done",
    "It is not enabled.": "already_done",
    "It is cancelled, or being cancelled, already.": "already_done",
    "It uses this credential already.": "already_done",
    "It has this value already.": "already_done",
    "Visier does not list it.": "already_done",
    "It is not among the data uploads that Visier lists: at most five of each tenant.": (
        "not_listed"
    ),
    "It is not among the enabled versions that Visier lists: at most five a tenant.": "not_listed",
    "It is not among the jobs that are known here.": "not_listed",
    "The tenant has no such connector.": "not_listed",
    "The tenant has no such setting.": "not_listed",
    "Visier lists no data uploads of this tenant.": "nothing_there",
    "No file of this tenant matches.": "nothing_there",
    "The tenant has no enabled data version.": "nothing_there",
    "Visier does not say whether it is included.": "unknown",
    "Visier's word for its state is not known.": "unknown",
    "Too much is chosen at once for this tenant: choose fewer files.": "too_long",
    "It no longer stands as the operation left it.": "changed_since",
    "It is no longer as the operation left it.": "changed_since",
    "Only some of its matching files were included before, so what to restore cannot be told.": (
        "were_mixed"
    ),
    "It has ended.": "ended",
    "A dispatching job cannot be cancelled: choose the jobs below it.": "dispatching",
    "A receiving job that is running cannot be cancelled.": "receiving",
    "It is being rescheduled: choose the job that takes its place.": "rescheduled",
    "It is inherited: it can only be deleted in the tenant it comes from.": "inherited",
    "The tenant has no such credential.": "no_credential",
    "It had no credential before, and Visier offers no way to take one away.": "no_way_back",
    "It is named more than once, with different credentials.": "twice",
}
_TOO_EARLY = "The request may yet arrive: look it up again in two minutes."

Row = Mapping[str, Any]
Typed = tuple[list[Any], Any, Any, str]
"""The parts of a key, the states before and after, and a name."""


def upgrade() -> None:
    """Add what is new, and put types in the place of words."""
    op.execute("ALTER TABLE item RENAME COLUMN label TO name")
    for table, names in {
        "item": ("skip", "finding", "facts"),
        "settlement": ("finding", "facts"),
    }.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.Text, nullable=False, server_default=""))
    _items()
    _settlements()


_item = sa.table(
    "item",
    *(
        sa.column(name)
        for name in (
            *("operation_id", "number", "key", "tenant_code", "name", "before", "after"),
            *("outcome", "skip", "message"),
        )
    ),
)
_operation = sa.table("operation", sa.column("id"), sa.column("verb"))


def _items() -> None:
    bind = op.get_bind()
    told = sa.select(_operation.c.id, _operation.c.verb)
    changed = _item.update().where(
        _item.c.operation_id == sa.bindparam("of_operation"),
        _item.c.number == sa.bindparam("of_number"),
    )
    for operation_id, verb in bind.execute(told).all():
        own = sa.select(_item).where(_item.c.operation_id == operation_id)
        rows = [dict(row._mapping) for row in bind.execute(own.order_by(_item.c.number))]
        values = [_typed_row(verb, row) for row in rows]
        for first in range(0, len(values), _AT_ONCE):
            bind.execute(
                changed.values({name: sa.bindparam(f"new_{name}") for name in _CHANGED}),
                values[first : first + _AT_ONCE],
            )


_CHANGED = ("key", "name", "before", "after", "skip", "message")


def _typed_row(verb: str, row: Row) -> dict[str, Any]:
    typed = _typed(verb, row)
    key, before, after, name = typed or (None, *_done(row), row["name"])
    skip = _SKIPS.get(row["message"], "") if row["outcome"] == "skipped" else ""
    return {
        "of_operation": row["operation_id"],
        "of_number": row["number"],
        "new_key": row["key"] if key in (None, _parts(row)) else _json(key),
        "new_name": name,
        "new_before": _json([_STATE_VERSION, before]),
        "new_after": _json([_STATE_VERSION, after]),
        "new_skip": skip,
        "new_message": "" if skip else row["message"],
    }


def _parts(row: Row) -> Any:
    try:
        return json.loads(row["key"])
    except ValueError:
        return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _done(row: Row) -> tuple[Any, Any]:
    return None, _DONE.get(row["after"])


def _typed(verb: str, row: Row) -> Typed | None:
    """Return an item of a verb that changes many; of another, or an odd one, None."""
    read = _READ.get(verb)
    if read is None:
        return None
    try:
        return read(json.loads(row["key"]), row)
    except (ValueError, IndexError, TypeError):
        return None


def _upload(key: list[Any], row: Row) -> Typed:
    before, after = (_UPLOADS.get(row[name], "unlisted") for name in ("before", "after"))
    return key, before, after, ""


def _all_uploads(key: list[Any], row: Row) -> Typed:
    text = row["before"]
    # The last of a text that was cut may be half a time.
    listed = _UPLOAD.findall(text.removesuffix(_CUT).rpartition(" ")[0] if _CUT in text else text)
    included = row["after"] == "All included"
    before = {"uploads": [[time, mark == "●"] for mark, time in listed]}
    return key, before, {"uploads": [[time, included] for _, time in listed]}, ""


def _files(key: list[Any], row: Row) -> Typed:
    found = _FILES.match(row["before"])
    included, files = map(int, found.groups()) if found else (0, 0)
    after = files if row["after"] == "All included" else 0
    code, choice, *chosen = key
    return (
        [code, choice, chosen],
        {"included": included, "files": files},
        {"included": after, "files": files},
        "",
    )


def _version(key: list[Any], row: Row) -> Typed:
    return key, _VERSIONS.get(row["before"], "unlisted"), "disabled", ""


def _job(key: list[Any], row: Row) -> Typed:
    for status in _STATUSES:
        for kind in _TYPES:
            if row["before"] == f"{status} {kind.lower()} job":
                before = {"status": status, "job_type": kind}
                return key, before, {"status": "Cancelled", "job_type": kind}, ""
    return (
        key,
        {"status": None, "job_type": None},
        {"status": "Cancelled", "job_type": None},
        "",
    )


def _assigned(key: list[Any], row: Row) -> Typed:
    code, connector, wanted, former, former_name = key
    name = row["after"].removesuffix(f" ({wanted})")
    name = "" if name == wanted else name
    before = None if row["before"] == "Not listed" else former
    new = [code, connector, wanted, name, former, former_name]
    return new, {"credential_id": before}, {"credential_id": wanted}, row["name"]


def _setting(key: list[Any], row: Row) -> Typed:
    text, value = row["before"], key[3]
    before = None
    if text == "Set":
        before = value
    elif text.startswith("“") and text.endswith("”"):
        before = text[1:-1]
    return key, {"value": before}, {"value": value}, row["name"].removesuffix(f": {key[2]}")


def _credential(key: list[Any], row: Row) -> Typed:
    return key, _CREDENTIALS.get(row["before"], "deleted"), "deleted", row["name"]


_READ: Mapping[str, Callable[[list[Any], Row], Typed]] = {
    "exclude_uploads": _upload,
    "include_uploads": _upload,
    "exclude_all_uploads": _all_uploads,
    "include_all_uploads": _all_uploads,
    "exclude_files": _files,
    "include_files": _files,
    "disable_versions": _version,
    "cancel_jobs": _job,
    "assign_credentials": _assigned,
    "set_connector_settings": _setting,
    "delete_credentials": _credential,
}


def _settlements() -> None:
    """Tell what may yet arrive by its token: a later look goes by it; other words stay words."""
    settlement = sa.table("settlement", sa.column("finding"), sa.column("message"))
    early = settlement.c.message.endswith(_TOO_EARLY, autoescape=True)
    op.execute(settlement.update().where(early).values(finding="looked_too_early", message=""))
