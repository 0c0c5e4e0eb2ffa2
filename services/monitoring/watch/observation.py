"""What the watch knows of one night: a row per tenant, and what concerns no single tenant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import pandas as pd

NIGHT_SCHEMA: Final = {
    "tenant_code": "str",
    "data_version": "str",
    "version_at": "datetime64[ms, UTC]",
    "began_at": "datetime64[ms, UTC]",
    "loaded_at": "datetime64[ms, UTC]",
    "upload_count": "int32",
    "excluded_count": "int32",
    "jobs_succeeded": "int32",
    "jobs_failed": "int32",
    "jobs_running": "int32",
    "failure": "str",
    "is_stuck": "bool",
    "is_late": "bool",
    "due_at": "datetime64[ms, UTC]",
    "late_at": "datetime64[ms, UTC]",
    "metrics": "str",
}
"""The columns of a night's rows, one row per analytic tenant, in the order of their codes.

data_version and version_at are those of the latest enabled version when the watch last looked;
began_at is when the first of the tenant's jobs of this night began, and loaded_at when the first of
its versions that brought new data came (services.monitoring.loads), NaT where none did.
upload_count and excluded_count count the uploads that came in this night. jobs_succeeded and
jobs_failed count the tenant's jobs that began in it, jobs_running those that ran when it was
looked at, whenever they began; failure is the key of the pattern most of its failures follow
(services.monitoring.failures), missing without one. is_stuck and is_late say whether one of its
jobs was found so (services.monitoring.durations). due_at and late_at are of its rhythm
(services.monitoring.rhythm), NaT where too little is known. metrics are the metric values of the
data version that was loaded (services.monitoring.watch.measured), missing where they were not read
or nothing was loaded; earlier versions recorded none.
"""


@dataclass(frozen=True)
class NightFacts:
    """What the watch saw of a night beyond single tenants; stored as JSON beside its rows.

    `unusual` has, per unusual delivery, its id, its reasons (services.monitoring.deliveries.Reason)
    and the codes of its tenants. `without_credential` has codes of tenants with a connector that
    has no working credential, when they were read last; None where connectors were not read.
    `connectors_read` has, by the key of each set of tenants whose connectors were all read, when
    the longest ago of them were. `budget_left` is the least share
    (0 to 1) of the call budget that was left; None where unknown. `operations` has the ids of
    operations that were found interrupted or uncertain. `lists_at` is when versions and uploads
    were read last (the earlier of the two), `jobs_at` when jobs were; None where they were not:
    of what came later nothing is known. `is_given` says that nobody looked: the sandbox told its
    own past. `failures`, `durations` (one for each type of job) and `deliveries` are None where
    they were not recorded: an earlier version did not.
    """

    unusual: tuple["UnusualDelivery", ...] = ()
    without_credential: tuple[str, ...] | None = None
    budget_left: float | None = None
    operations: tuple[str, ...] = ()
    lists_at: datetime | None = None
    jobs_at: datetime | None = None
    is_given: bool = False
    failures: "Failures | None" = None
    durations: tuple["JobDurations", ...] | None = None
    deliveries: "DeliverySizes | None" = None
    connectors_read: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Failures:
    """The failed jobs of the tenants of a night: how many, and of which kinds.

    `kinds` has those of most jobs, at most KINDS_AT_MOST; the others are among the `jobs` alone.
    """

    jobs: int = 0
    kinds: tuple["FailureKind", ...] = ()


KINDS_AT_MOST: Final = 20


@dataclass(frozen=True)
class FailureKind:
    """One kind of failure: `key` as in services.monitoring.failures, how many jobs and tenants.

    `message` is Visier's, without what is each job's own; "" where it gave none: the kind is then
    that of `job_type`, `status` and `stage`.
    """

    key: str
    message: str
    job_type: str
    status: str
    stage: str
    jobs: int
    tenants: int


@dataclass(frozen=True)
class JobDurations:
    """How long the jobs of one type took, in seconds, that began in a night and succeeded.

    `count` is of how many that is known, 0 where it is of too few to tell.
    """

    job_type: str
    count: int
    median: float
    p90: float


@dataclass(frozen=True)
class DeliverySizes:
    """How many uploads the deliveries brought that arrived in a night."""

    count: int = 0
    uploads: int = 0
    median: float = 0.0
    p90: float = 0.0


@dataclass(frozen=True)
class UnusualDelivery:
    """One delivery that differs from what is usual."""

    delivery_id: str
    arrived_at: datetime
    reasons: tuple[str, ...]
    tenant_codes: tuple[str, ...]


@dataclass(frozen=True)
class Observation:
    """What was known of a night at one moment: at a look of the watch, or as it was recorded.

    `rows` has the columns of NIGHT_SCHEMA. `night` is the date on which the night ends, in the
    zone of the watch; it begins at noon of the day before and ends at noon.
    """

    night: date
    at: datetime
    rows: pd.DataFrame
    facts: NightFacts = NightFacts()
