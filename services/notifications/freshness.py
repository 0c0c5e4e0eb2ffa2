"""Which share of the tenants of a deadline had loaded by it, night by night; pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from services.monitoring.watch.history import NOT_LISTED, NOT_LOADED, History
from services.monitoring.watch.recorded import facts_of
from services.monitoring.watch.trends import Rows, Share

from .evaluating import moments, night_span
from .rules import Deadline, Scope


def fresh(
    deadline: Deadline,
    history: History,
    rows: Rows,
    nights: Sequence[date],
    *,
    scope: Scope,
    zone: ZoneInfo,
) -> dict[date, Share]:
    """Return the share that had loaded by a deadline, of those of its tenants that `rows` keeps.

    `rows` is in the order of `history.codes`; `zone` is that of the watch. A night is missing where
    its versions were not read after the deadline; of one without this deadline it is of none.
    """
    codes = pd.Series(history.codes.to_numpy(str), dtype="str")
    asked = rows & scope(deadline.tenants, codes).to_numpy(bool)
    found = (_of_night(deadline, history, asked, each, zone) for each in nights)
    return {night: each for night, each in zip(nights, found, strict=True) if each is not None}


def _of_night(
    deadline: Deadline, history: History, asked: Rows, night: date, zone: ZoneInfo
) -> Share | None:
    known = history.recorded.get(night)
    if known is None:
        return None
    due = max(moments(deadline.by, night, zone), default=None)
    if due is None:
        return Share()
    lists_at = facts_of(known.facts).lists_at
    if lists_at is None or lists_at < due:
        return None
    loaded = history.loaded[asked, history.nights.index(night)]
    until = (due - night_span(night, zone)[0]) / timedelta(minutes=1)
    in_time = (loaded > NOT_LOADED) & (loaded <= until)
    return Share(int(in_time.sum()), int((loaded != NOT_LISTED).sum()))
