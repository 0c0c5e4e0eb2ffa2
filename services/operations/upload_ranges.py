"""Excluding and including the data uploads of a stretch of time, by one entry for each tenant.

The items are single uploads, and the verbs those of `uploads`: what broke off is finished, looked
up and undone like any other. Only the request differs: it names a tenant's first and last upload
in place of thousands. It would reach whatever lies between, so that it is sent only where a last
reading finds nothing there but what was planned; else the uploads are named one by one. Data and
Job Handling API, PUT /v1/op/data/uploads/exclude and PUT /v1/op/data/uploads/include,
minUploadTime and maxUploadTime.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from services.frames import Outcome, results
from services.frames.membership import is_among

from . import uploads
from .kinds import Key, Kind, by_tenant
from .plan import Plan

# A tenant's uploads stay in one request: that is what a range is for.
MOST = 50_000

Standing = tuple[pd.Timestamp, str]


class _Ranges:
    """What the tenants of one plan have, as read last, and what that means for a request."""

    def __init__(self, goal: str) -> None:
        self._goal = goal
        self._found: dict[str, dict[str, Standing]] = {}
        self._strangers: dict[str, int] = {}
        self._idle: set[Key] = set()

    def states(self, frame: pd.DataFrame, keys: Sequence[Key]) -> dict[Key, str]:
        """Say how each upload stands, and keep in mind what else these tenants have."""
        codes = {key[0] for key in keys}
        own = frame[is_among(frame["tenant_code"], codes)]
        every = list(zip(own["tenant_code"], own["upload_time_text"], strict=True))
        told = uploads.states(own, every)
        self._found |= {code: {} for code in codes}
        for key, moment in zip(every, own["upload_time"], strict=True):
            self._found[key[0]][key[1]] = moment, told[key]
        return {key: told[key[:2]] for key in keys if key[:2] in told}

    def objects(self, keys: Sequence[Key]) -> list[dict[str, Any]]:
        """Name the uploads of each tenant by a range where that means exactly these."""
        self._strangers, self._idle = {}, set()
        own = by_tenant(keys)
        return [self._entry(code, [key[1] for key in named]) for code, named in own.items()]

    def _entry(self, code: str, texts: list[str]) -> dict[str, Any]:
        found = self._found.get(code, {})
        one_by_one = {"tenantCode": code, "uploadTimes": texts}
        moments = {text: found[text][0] for text in texts if text in found}
        if len(texts) < 2 or len(moments) < len(texts) or pd.isna([*moments.values()]).any():
            return one_by_one
        first, last = min(moments, key=moments.__getitem__), max(moments, key=moments.__getitem__)
        between = {
            text: state
            for text, (moment, state) in found.items()
            if moments[first] <= moment <= moments[last] and text not in moments
        }
        strangers = sum(state != self._goal for state in between.values())
        if strangers:
            self._strangers[code] = strangers
            return one_by_one
        self._idle |= {(code, uploads.moment(text)) for text in between}
        return {"tenantCode": code, "minUploadTime": first, "maxUploadTime": last}

    def remark(self) -> str:
        """Say why uploads were named one by one; nothing where ranges were sent."""
        told = [f"{number:,} of {code}" for code, number in self._strangers.items()]
        return STRANGERS.format(uploads=", ".join(told)) if told else ""

    def results(self, pages: Iterable[object]) -> pd.DataFrame:
        """Return what came of each upload, without those that were so before."""
        answered = results.from_data_uploads(pages)
        pairs = zip(answered["tenant_code"], answered["upload_time_text"].fillna(""), strict=True)
        idle = [(code, uploads.moment(text)) in self._idle for code, text in pairs]
        were_so = pd.Series(idle, answered.index, dtype=bool)
        return answered[~(were_so & (answered["outcome"] == Outcome.SUCCEEDED))]


STRANGERS = (
    "Between the first and the last of these uploads lie others that are not part of the plan:"
    " {uploads}. They are left alone, and the planned ones are named one by one."
)


def plan_exclude_range(
    files: pd.DataFrame, since: pd.Timestamp | None, until: pd.Timestamp | None
) -> Plan:
    """Plan to exclude the uploads that arrived between two times, both included.

    ``files`` is the whole list of those tenants' files as ``services.frames.uploaded_files`` gives
    it: an upload that is not listed could be reached unseen. A missing end is open. Before
    anything is sent the files are read again.
    """
    return _plan(uploads.EXCLUDE, files, since, until)


def plan_include_range(
    files: pd.DataFrame, since: pd.Timestamp | None, until: pd.Timestamp | None
) -> Plan:
    """Plan to include the uploads that arrived between two times; as ``plan_exclude_range``."""
    return _plan(uploads.INCLUDE, files, since, until)


def within(
    files: pd.DataFrame, since: pd.Timestamp | None, until: pd.Timestamp | None
) -> pd.DataFrame:
    """Return the uploads of these files that arrived between two times, oldest first.

    Columns: tenant_code, upload_time_text str, upload_time datetime64[ms, UTC], included boolean
    (whether any file is).
    """
    listed = uploads.of_files(files).dropna(subset="upload_time")
    is_inside = pd.Series(True, listed.index)
    if since is not None:
        is_inside &= listed["upload_time"] >= since
    if until is not None:
        is_inside &= listed["upload_time"] <= until
    return listed[is_inside].sort_values("upload_time", kind="stable", ignore_index=True)


def _plan(
    kind: Kind, files: pd.DataFrame, since: pd.Timestamp | None, until: pd.Timestamp | None
) -> Plan:
    ranges = _Ranges(kind.goal)
    by_range = replace(
        kind,
        most=MOST,
        source=uploads.FROM_FILES,
        deeper=None,
        states=ranges.states,
        objects=ranges.objects,
        remark=ranges.remark,
        results=replace(kind.results, to_frame=ranges.results),
    )
    current = uploads.of_files(files)
    plan = uploads.plan_uploads(by_range, within(files, since, until), current)
    ranges.states(current, [(code,) for code in current["tenant_code"].unique()])
    return plan
