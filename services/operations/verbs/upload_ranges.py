"""Excluding and including the data uploads of a time range, by one entry for each tenant.

The items are single uploads, and the verbs those of `uploads`: an operation is finished, looked up
and undone like any other. Only the request differs: it names a tenant's first and last upload in
place of thousands. It also reaches any upload in between, so that it is sent only where a last
reading finds no unplanned upload there; otherwise the uploads are named one by one. Data and Job
Handling API, PUT /v1/op/data/uploads/exclude and PUT /v1/op/data/uploads/include, minUploadTime and
maxUploadTime.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from typing_extensions import override

from services.frames import Outcome
from services.frames.membership import is_among

from ..engine.changes import by_tenant
from ..engine.plan import Plan
from . import uploads
from .uploads import ExcludeUploads, IncludeUploads, Inclusion, UploadAnswer, UploadKey, UploadsVerb

# Large enough that a tenant's uploads stay in one request, which is what a range is for.
MOST = 50_000

TimedInclusion = tuple[pd.Timestamp, Inclusion]


class _Answer(UploadAnswer):
    """Without the results of uploads that a range reached and that did not change."""

    def __init__(self) -> None:
        self.idle: set[tuple[str, str]] = set()

    @override
    def to_frame(self, payloads: Iterable[object]) -> pd.DataFrame:
        """Return the result of each upload, without those that did not change."""
        answered = super().to_frame(payloads)
        pairs = zip(answered["tenant_code"], answered["upload_time_text"].fillna(""), strict=True)
        idle = [(code, uploads.moment(text)) in self.idle for code, text in pairs]
        were_so = pd.Series(idle, answered.index, dtype=bool)
        return answered[~(were_so & (answered["outcome"] == Outcome.SUCCEEDED))]


class _ByRange(UploadsVerb):
    """The verb of one plan by ranges, with its tenants' uploads as last read."""

    batch_size = MOST
    source = uploads.FROM_FILES
    deeper = None

    def __init__(self) -> None:
        self.answer = self._uploads_answer = _Answer()
        self._found: dict[str, dict[str, TimedInclusion]] = {}
        self._strangers: dict[str, int] = {}

    @override
    def states(self, frame: pd.DataFrame, keys: Sequence[UploadKey]) -> dict[UploadKey, Inclusion]:
        """Return the state of each upload, and remember all uploads of these tenants."""
        self.remember(frame, {key.tenant_code for key in keys})
        return uploads.states(frame, keys)

    def remember(self, frame: pd.DataFrame, codes: Iterable[str]) -> None:
        """Remember all uploads of these tenants."""
        codes = set(codes)
        own = frame[is_among(frame["tenant_code"], codes)]
        self._found |= {code: {} for code in codes}
        columns = (
            own["tenant_code"],
            own["upload_time_text"],
            own["upload_time"],
            uploads.inclusions(own["included"]),
        )
        for code, text, moment, state in zip(*columns, strict=True):
            self._found[code][text] = moment, state

    @override
    def objects(self, keys: Sequence[UploadKey]) -> list[dict[str, Any]]:
        """Return a range for each tenant where that means exactly these uploads."""
        self._strangers, self._uploads_answer.idle = {}, set()
        own = by_tenant(keys)
        return [self._entry(code, [key[1] for key in named]) for code, named in own.items()]

    def _entry(self, code: str, texts: list[str]) -> dict[str, Any]:
        found = self._found.get(code, {})
        one_by_one = {"tenantCode": code, "uploadTimes": texts}
        moments = {text: found[text][0] for text in texts if text in found}
        # A range is bounded by times that are known, of more than one upload.
        if len(texts) < 2 or len(moments) < len(texts) or pd.isna([*moments.values()]).any():
            return one_by_one
        first, last = min(moments, key=moments.__getitem__), max(moments, key=moments.__getitem__)
        between = {
            text: state
            for text, (moment, state) in found.items()
            if moments[first] <= moment <= moments[last] and text not in moments
        }
        # An upload that is so already may be reached: nothing changes for it.
        strangers = sum(state is not self.becomes for state in between.values())
        if strangers:
            self._strangers[code] = strangers
            return one_by_one
        self._uploads_answer.idle |= {(code, uploads.moment(text)) for text in between}
        return {"tenantCode": code, "minUploadTime": first, "maxUploadTime": last}

    @override
    def remark(self) -> Mapping[str, Any]:
        """Return the tenants named one by one, with the number of unplanned uploads in between."""
        return dict(self._strangers)


class _ExcludeByRange(_ByRange, ExcludeUploads):
    pass


class _IncludeByRange(_ByRange, IncludeUploads):
    pass


def plan_exclude_range(
    files: pd.DataFrame, since: pd.Timestamp | None, until: pd.Timestamp | None
) -> Plan:
    """Return a plan to exclude the uploads that arrived between two times, both inclusive.

    ``files`` is the whole frame of ``services.frames.uploaded_files`` of those tenants: a range
    could reach an upload that is not listed. A missing end is open. The files are read again just
    before anything is sent.
    """
    return _plan(_ExcludeByRange(), files, since, until)


def plan_include_range(
    files: pd.DataFrame, since: pd.Timestamp | None, until: pd.Timestamp | None
) -> Plan:
    """Return a plan to include the uploads between two times; see ``plan_exclude_range``."""
    return _plan(_IncludeByRange(), files, since, until)


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
    spec: _ByRange, files: pd.DataFrame, since: pd.Timestamp | None, until: pd.Timestamp | None
) -> Plan:
    current = uploads.of_files(files)
    spec.remember(current, current["tenant_code"].unique())
    return uploads.plan_uploads(spec, within(files, since, until), current)
