"""One look: jobs, why they failed, versions and uploads read through the API, in small steps."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

import pandas as pd

from services.clock import CLOCK, Clock
from services.frames import (
    FAILURES,
    JobType,
    UnexpectedResponse,
    data_versions,
    leaving_out,
    metric_values,
    uploads,
)
from services.frames.parts import put_together
from services.monitoring import JobMonitor, JobsSnapshot, Recent, listing, reasons
from services.visier import (
    Client,
    InvalidArgument,
    Lane,
    ListFetch,
    Payload,
    RateLimited,
    VisierError,
)
from services.visier.list_fetch import PagesOfList

from . import measured

# What is usual is told from a week of deliveries; each of its days costs a call, once.
WINDOW: Final = Recent(timedelta(days=7))
# Of older failures the reasons were read, or not, when they were new.
REASONS_OF: Final = timedelta(days=1)
# A call that may not be made yet is tried again soon: the budget may come back at any time.
SOONEST: Final = 1.0
READ_ERRORS: Final = (VisierError, UnexpectedResponse, InvalidArgument)
_log = logging.getLogger("services.monitoring")


Ask: TypeAlias = Callable[[Client], PagesOfList]
ToFrame: TypeAlias = Callable[[Iterable[object]], pd.DataFrame]


class Part(StrEnum):
    """What a look reads."""

    JOBS = "jobs"
    REASONS = "reasons"
    """Why jobs failed, as far as it is told below the batches they are of."""
    VERSIONS = "versions"
    UPLOADS = "uploads"
    METRICS = "metrics"
    """Metric values of the versions that are in use, of all tenants."""


@dataclass(frozen=True, eq=False)
class Listed:
    """A list as it was read: `at` is when its first page was asked for."""

    frame: pd.DataFrame
    at: datetime
    pages: int


@dataclass(eq=False)
class Readings:
    """What was read last.

    `lists` has versions and uploads once they were read. `jobs` is None until they were, and where
    they are not listed for whoever asks. `troubles` says in words why a part could not be read at
    the last try; it is empty where all was. `metrics` has metric values (measured.texts), None
    where they were not read; `metrics_tried_at` is when that was tried last.
    """

    jobs: JobsSnapshot | None = None
    lists: dict[Part, Listed] = field(default_factory=dict)
    troubles: dict[Part, str] = field(default_factory=dict)
    metrics: pd.DataFrame | None = None
    metrics_tried_at: datetime | None = None

    @property
    def lists_at(self) -> datetime | None:
        """When versions and uploads were read, the earlier of the two; None until both were."""
        if len(self.lists) < len(_LISTS):
            return None
        return min(each.at for each in self.lists.values())

    @property
    def pages(self) -> int:
        """How many pages the lists had."""
        return sum(each.pages for each in self.lists.values())


_LISTS: Final[Mapping[Part, tuple[Ask, ToFrame]]] = {
    Part.VERSIONS: (Client.iter_latest_enabled_dv, data_versions.to_frame),
    Part.UPLOADS: (Client.iter_retrieve_data_uploads, uploads.to_frame),
}
_PAGED: Final[Mapping[Part, tuple[Ask, ToFrame]]] = {
    **_LISTS,
    Part.METRICS: (Client.iter_validation_tenants, metric_values.to_frame),
}


class Look:
    """Reads the jobs, and the lists where asked to, into `readings`.

    `step` makes a few calls at most and says how long to wait, so that a look at 50,000 tenants is
    spread over minutes and can be broken off between any two. What cannot be read is a trouble of
    its part alone. Used by one thread. `least_left` is the least share of the minute's call budget
    that was left, None where that is not known.
    """

    def __init__(
        self,
        client: Client,
        monitor: JobMonitor,
        readings: Readings,
        *,
        with_lists: bool,
        with_metrics: bool = False,
        clock: Clock = CLOCK,
    ) -> None:
        self._client = client.in_lane(Lane.UNATTENDED)
        self._monitor = monitor
        self._readings = readings
        self.began = clock.now()
        self.with_lists = with_lists
        self.least_left: float | None = None
        if with_metrics:
            readings.metrics_tried_at = self.began
        paged = [*(_LISTS if with_lists else ()), *([Part.METRICS] if with_metrics else ())]
        self._fetches = {part: self._fetch(part, clock) for part in paged}
        self._left = [Part.JOBS, Part.REASONS, *self._fetches]
        self._unexplained: list[reasons.Lists] | None = None

    def step(self) -> float | None:
        """Read a little more; return the seconds until the next step, None once nothing is left."""
        part = self._left[0]
        try:
            wait = self._read(part)
        except READ_ERRORS as error:
            _log.warning("The watch cannot read %s: %s", part, error)
            # Metric values are no part of a load: who may not read them misses nothing else.
            is_refused = isinstance(error, VisierError) and listing.is_absent(error)
            self._settle(part, "" if part is Part.METRICS and is_refused else str(error))
            wait = None
        self._note_budget()
        if wait is None:
            del self._left[0]
        return (wait or 0.0) if self._left else None

    def _read(self, part: Part) -> float | None:
        match part:
            case Part.JOBS:
                return self._read_jobs()
            case Part.REASONS:
                return self._read_reasons()
            case _:
                return self._read_page(part)

    def _read_jobs(self) -> float | None:
        try:
            snapshot = self._monitor.refresh(self._client, WINDOW, than=self.began, older=True)
        except RateLimited as limited:
            # The days that were read are kept, so that each try comes further.
            return max(limited.retry_after, SOONEST)
        self._readings.jobs = None if snapshot.refusal else snapshot
        self._settle(Part.JOBS, snapshot.refusal or snapshot.trouble or snapshot.older_trouble)
        return None

    def _read_reasons(self) -> float | None:
        """Read the lists below one batch, of the ten calls at most that a look spends on them."""
        jobs = self._readings.jobs
        if self._unexplained is None:
            self._unexplained = [] if jobs is None else self._without_reason(jobs.jobs)
        if not self._unexplained:
            self._settle(Part.REASONS)
            return None
        batch = self._unexplained[0]
        try:
            self._readings.jobs = self._monitor.read_below(
                self._client, WINDOW, [batch.top], batch.kinds
            )
        except RateLimited as limited:
            # What was read of the lists is kept for some minutes.
            return max(limited.retry_after, SOONEST)
        del self._unexplained[0]
        return 0.0

    def _without_reason(self, jobs: pd.DataFrame) -> list[reasons.Lists]:
        """Return the lists that may tell why processing jobs failed of which that is not known."""
        is_new = jobs["start_time"] >= pd.Timestamp(self.began - REASONS_OF)
        # Visier gives reasons of processing jobs alone.
        is_asked = (jobs["job_type"] == JobType.PROCESSING) & jobs["message"].isna()
        failed = jobs[is_new & is_asked & jobs["status"].isin(FAILURES)]
        # Lists that were read hold more failures by now; one that has not moved costs no call.
        return reasons.affordable(reasons.lists(jobs, failed, lambda *_: False))

    def _read_page(self, part: Part) -> float | None:
        fetch = self._fetches[part]
        if not fetch.wait:
            with leaving_out():
                fetch.go_on(self._client)
        if not fetch.is_complete:
            return fetch.wait
        frame = put_together(fetch.parts or [_PAGED[part][1]([])])
        frame = frame.dropna(subset="tenant_code", ignore_index=True)
        if part is Part.METRICS:
            self._readings.metrics = measured.texts(frame)
        else:
            self._readings.lists[part] = Listed(frame, fetch.as_of, len(fetch.parts))
        self._settle(part)
        return None

    def _settle(self, part: Part, trouble: str = "") -> None:
        self._readings.troubles.pop(part, None)
        if trouble:
            self._readings.troubles[part] = trouble

    def _note_budget(self) -> None:
        budget = self._client.budget()
        if budget.minute_limit and budget.minute_remaining is not None:
            left = budget.minute_remaining / budget.minute_limit
            self.least_left = min(left, 1.0 if self.least_left is None else self.least_left)

    def _fetch(self, part: Part, clock: Clock) -> ListFetch[pd.DataFrame]:
        ask, to_frame = _PAGED[part]

        def read(payload: Payload) -> pd.DataFrame:
            return to_frame([payload])

        return ListFetch(ask, read, self.began, clock=clock.monotonic)
