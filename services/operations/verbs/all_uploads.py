"""Excluding and including all data uploads of a tenant at once.

Data and Job Handling API, PUT /v1/op/data/uploads/exclude and PUT /v1/op/data/uploads/include.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

import pandas as pd
from typing_extensions import override

from services.frames import results
from services.frames.membership import is_among
from services.visier import LATEST_LISTED, PAGE_SIZE

from ..engine.changes import Change, Key, Skip
from ..engine.plan import (
    Plan,
    PlanningVerb,
    PlanWarning,
    WarningKind,
    evaluate_eligibility,
    places_of,
)
from ..engine.verb_spec import Answer
from ..tokens import Verb
from .uploads import FROM_FILES, LATEST, UploadKey, exclude_back, include_back


class TenantKey(NamedTuple):
    """A whole tenant."""

    tenant_code: str


@dataclass(frozen=True)
class Uploads:
    """The listed uploads of a tenant, oldest first: upload_time_text, included."""

    uploads: tuple[tuple[str, bool], ...] = ()

    @property
    def included(self) -> int:
        """How many of them are included."""
        return sum(included for _, included in self.uploads)


def states(frame: pd.DataFrame, keys: Sequence[TenantKey]) -> dict[TenantKey, Uploads]:
    """Return the uploads of each tenant in the frame.

    A tenant with an upload of unknown flag is left out: its state as a whole is unknown.
    """
    wanted = frame[is_among(frame["tenant_code"], [key.tenant_code for key in keys])]
    is_untold = wanted["included"].isna() & wanted["upload_time_text"].notna()
    wanted = wanted[~is_among(wanted["tenant_code"], wanted.loc[is_untold, "tenant_code"])]
    included = wanted["included"].fillna(False).astype(bool)
    found: dict[TenantKey, list[tuple[str, bool]]] = {}
    columns = (wanted["tenant_code"], wanted["upload_time_text"], included)
    for code, text, flag in zip(*columns, strict=True):
        own = found.setdefault(TenantKey(code), [])
        if not pd.isna(text):
            own.append((text, flag))
    # Sorted, so that two readings of the same uploads are equal.
    return {key: Uploads(tuple(sorted(own))) for key, own in found.items()}


class TenantAnswer(Answer[Any]):
    """Every result of a tenant belongs to its one item."""

    @override
    def to_frame(self, payloads: Iterable[object]) -> pd.DataFrame:
        return results.from_data_uploads(payloads)

    @override
    def names(self, key: Any) -> Key:
        return (key.tenant_code,)

    @override
    def named_by(self, row: Mapping[str, Any]) -> Key:
        return (row["tenant_code"],)


class AllUploadsVerb(PlanningVerb[TenantKey, Uploads]):
    """What excluding and including all uploads have in common."""

    field: ClassVar = "uploads"
    batch_size = PAGE_SIZE
    key_type: ClassVar = TenantKey
    state_type: ClassVar = Uploads
    source = LATEST
    # The list has the latest five uploads; whether all have changed shows in the files only.
    deeper = FROM_FILES
    answer = TenantAnswer()
    whole_tenant: ClassVar = True
    can_undo: ClassVar = True
    includes: ClassVar[bool]

    @override
    def states(self, frame: pd.DataFrame, keys: Sequence[TenantKey]) -> dict[TenantKey, Uploads]:
        return states(frame, keys)

    @override
    def skip(self, state: Uploads) -> Skip | None:
        """Return None for a tenant with any upload that would change."""
        if not state.uploads:
            return Skip.NOTHING_THERE
        return Skip.ALREADY_DONE if self.goal(TenantKey(""), state) == state else None

    @override
    def is_done(self, key: TenantKey, state: Uploads) -> bool:
        """Return whether it has uploads, and none of them would change."""
        return bool(state.uploads) and self.goal(key, state) == state

    @override
    def goal(self, key: TenantKey, before: Uploads) -> Uploads:
        return Uploads(tuple((text, self.includes) for text, _ in before.uploads))

    @override
    def again(self, items: Sequence[Change[Uploads]], current: pd.DataFrame, now: datetime) -> Plan:
        return _plan(self, [each.key[0] for each in items], current)


class ExcludeAllUploads(AllUploadsVerb):
    """Exclude all uploads of a tenant from future data versions, also those not listed."""

    verb: ClassVar = Verb.EXCLUDE_ALL_UPLOADS
    operation: ClassVar = "exclude_data_uploads"
    includes: ClassVar = False

    @override
    def objects(self, keys: Sequence[TenantKey]) -> list[dict[str, Any]]:
        """Name the tenants."""
        return [{"tenantCode": key.tenant_code, "excludeAll": True} for key in keys]

    @override
    def undo(self, items: Sequence[Change[Uploads]], current: pd.DataFrame) -> Plan:
        """Return a plan to include again the uploads that were listed as included."""
        return include_back(_that_were(items, included=True), current)


class IncludeAllUploads(AllUploadsVerb):
    """Include all uploads of a tenant in future data versions, also those not listed."""

    verb: ClassVar = Verb.INCLUDE_ALL_UPLOADS
    operation: ClassVar = "include_data_uploads"
    includes: ClassVar = True

    @override
    def objects(self, keys: Sequence[TenantKey]) -> list[dict[str, Any]]:
        """Name the tenants."""
        return [{"tenantCode": key.tenant_code, "includeAll": True} for key in keys]

    @override
    def undo(self, items: Sequence[Change[Uploads]], current: pd.DataFrame) -> Plan:
        """Return a plan to exclude again the uploads that were listed as excluded."""
        return exclude_back(_that_were(items, included=False), current)


EXCLUDE, INCLUDE = ExcludeAllUploads(), IncludeAllUploads()


def plan_exclude_all_uploads(tenants: Iterable[str], current: pd.DataFrame) -> Plan:
    """Return a plan to exclude every data upload of these tenants, also those not listed.

    ``current`` is the unfiltered frame of ``services.frames.uploads``. Warns of tenants that may
    have more uploads than are listed.
    """
    return _plan(EXCLUDE, tenants, current)


def plan_include_all_uploads(tenants: Iterable[str], current: pd.DataFrame) -> Plan:
    """Return a plan to include every data upload of these tenants; see the one to exclude."""
    return _plan(INCLUDE, tenants, current)


def _plan(spec: AllUploadsVerb, tenants: Iterable[str], current: pd.DataFrame) -> Plan:
    keys = [TenantKey(code) for code in dict.fromkeys(tenants)]
    found = spec.states(current, keys)
    listed = set(current["tenant_code"])
    # Listed, but with an upload whose flag is unknown.
    untold = [key not in found and key.tenant_code in listed for key in keys]
    skips = {place: Skip.UNKNOWN for place, is_untold in enumerate(untold) if is_untold}
    changes = evaluate_eligibility(
        spec, keys, [found.get(key, Uploads()) for key in keys], skips=skips
    )
    # As many as Visier lists at most: there may be older ones, which change too, unseen.
    older = [
        each.key[0]
        for each in changes
        if each.skip is None and len(each.before.uploads) >= LATEST_LISTED
    ]
    rows = pd.DataFrame({"tenant_code": pd.array(older, dtype="str")})
    warnings = (PlanWarning(WarningKind.OLDER_CHANGE_TOO, rows),) if older else ()
    return Plan(spec, changes, warnings=warnings, places=places_of(current))


def _that_were(items: Sequence[Change[Uploads]], *, included: bool) -> list[UploadKey]:
    """Return the uploads that were included, or excluded, before these items were applied."""
    return [
        UploadKey(item.key[0], text)
        for item in items
        for text, was_included in item.before.uploads
        if was_included == included
    ]
