"""Answers of the Data and Job Handling API as pandas frames: one module per resource.

Every `to_frame` and `from_*` is pure and returns the same columns and dtypes for full, partial and
empty answers. Dtypes: ids, codes and words `str`; times `datetime64[ms, UTC]`; canonical words
`category` with the fixed categories of `words`; flags `boolean`; counts `Int64`. Tenant codes are
`str`, not categories: frames of different answers are joined by them, which categories with
different members break, and at 500,000 rows categories save only three milliseconds a filter.
"""

from services.frames.answers import UnexpectedResponse, leaving_out
from services.frames.words import (
    ENDED,
    FAILURES,
    LIVE,
    WORST_FIRST,
    JobType,
    Outcome,
    Status,
    TenantStatus,
)

__all__ = [
    "ENDED",
    "FAILURES",
    "LIVE",
    "WORST_FIRST",
    "JobType",
    "Outcome",
    "Status",
    "TenantStatus",
    "UnexpectedResponse",
    "leaving_out",
]
