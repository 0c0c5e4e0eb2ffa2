"""The verification of a recovery: a verdict for each tenant, with its evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import TypeAdapter


class Uncompared(StrEnum):
    """Why no metric values are compared."""

    REFUSED = "refused"
    PRIMARY_ONLY = "primary_only"
    UNASKED = "unasked"
    NO_RECOVERY = "no_recovery"


@dataclass(frozen=True)
class NotCompared:
    """Why no metric values are compared; ``said`` is Visier's message, or empty."""

    why: Uncompared
    said: str = ""


class Verdict(StrEnum):
    """The verdict on one thing that was to be done."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    TO_COME = "to_come"
    NOT_TOLD = "not_told"
    LEFT_OUT = "left_out"


class Seen(StrEnum):
    """What a verification has found."""

    LEFT_OUT = "left_out"
    NOT_LISTED = "job_not_listed"
    NO_START = "no_start"
    SUCCEEDED = "job_succeeded"
    RUNS = "job_runs"
    ENDED = "job_ended"
    STANDS = "job_stands"
    STILL_INCLUDED = "still_included"
    EXCLUDED = "excluded"
    UPLOAD_UNLISTED = "upload_unlisted"
    STILL_ENABLED = "still_enabled"
    NOT_TOLD = "not_told"
    DISABLED = "disabled"
    FALLS_BACK = "falls_back"
    NONE_LEFT = "none_left"
    VERSIONS_UNLISTED = "versions_unlisted"
    IN_USE = "in_use"
    NO_NEWER = "no_newer"
    NONE_IN_USE = "none_in_use"


@dataclass(frozen=True)
class Evidence:
    """A finding with its facts as JSON takes them; a job's status is Visier's own word."""

    seen: Seen
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """A verdict and its evidence; earlier versions stored that as text in ``words``."""

    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Compared:
    """One metric value before and after."""

    name: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class TenantVerified:
    """The verification of one tenant."""

    code: str
    version: Check
    upload: Check
    job: Check
    figures: tuple[Compared, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of its three verdicts."""
        verdicts = {self.version.verdict, self.upload.verdict, self.job.verdict}
        return next(each for each in WORST_FIRST if each in verdicts)


WORST_FIRST: Final = (
    Verdict.NOT_CONFIRMED,
    Verdict.TO_COME,
    Verdict.NOT_TOLD,
    Verdict.CONFIRMED,
    Verdict.LEFT_OUT,
)


@dataclass(frozen=True)
class Verification:
    """A verification; ``not_compared`` is why no metric values are compared, or empty.

    An earlier version stored that as text. ``unreadable`` are sentences on what could not be read
    of Visier's answers.
    """

    at: datetime
    by: str
    tenants: tuple[TenantVerified, ...]
    not_compared: NotCompared | str = ""
    unreadable: tuple[str, ...] = ()


OF_CHECK, OF_VERIFICATION = TypeAdapter(Check), TypeAdapter(Verification)
OF_EVIDENCE = TypeAdapter(tuple[Evidence, ...])
OF_NOT_COMPARED: TypeAdapter[NotCompared | str] = TypeAdapter(NotCompared | str)
