"""Where the bars of a time line of jobs stand, and what they say; `jobs` draws them."""

import heapq
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.components.charts import layout
from dashboard.components.formats import EXACT
from dashboard.components.job_states import STATES, face
from dashboard.wording import JOB_STATES, JOB_TYPES, in_words
from services.frames import ENDED, LIVE, JobType, Status
from services.frames.job_tree import Below
from services.monitoring.phrases import duration

NO_TENANT = "no tenant"
NOBODY_SAW = "finished, end time unknown"
# Jobs that begin at one moment would leave no span to take shares of.
SHORTEST = pd.Timedelta(minutes=10)
GAP = 0.6  # of a lane, between groups
# Shares of the time shown: room for the mark of a bar, and how far an end that nobody saw fades.
ROOM, _FADE = 0.022, 0.05
# pixels, at which labels of groups do not stand on each other
_LABEL_HEIGHT = 13


def bars(
    jobs: pd.DataFrame, zone: ZoneInfo, now: datetime, group_by: str, at_most: int
) -> pd.DataFrame:
    """Return one row per bar, the newest `at_most`, oldest first.

    Columns: key, group str; begin, solid_end, end (clock times of the zone; what lies between the
    last two fades); room (timedelta, for the mark before it); live bool; status, face (the label
    of job_states.Face), type, tenant, state, start, took str.
    """
    drawn = jobs[layout.is_drawn(jobs["start_time"])]
    started = drawn.sort_values("start_time").tail(at_most)
    end_seen = started["end_seen"].eq(True).fillna(False).astype(bool)
    end_seen &= started["status"].isin(ENDED)
    seen_to = _seen_to(started, end_seen, now)
    texts = {
        "key": started["job_key"].fillna(""),
        "group": started[group_by].astype("str").fillna(NO_TENANT),
        "live": started["status"].isin(LIVE),
        "status": started["status"].astype("str"),
        "face": _faces(started),
        "type": in_words(started["job_type"], JOB_TYPES).astype("str"),
        "tenant": _tenant(started),
        "state": _state(started),
        "start": layout.local(started["start_time"], zone).dt.strftime(EXACT),
        "took": _took(started, end_seen, seen_to),
    }
    spans = _spans(started, end_seen, seen_to, zone, local(now, zone))
    return spans.assign(**texts).reset_index(drop=True)


def _seen_to(jobs: pd.DataFrame, end_seen: pd.Series, now: datetime) -> pd.Series:
    """Return until when each job was certainly at work."""
    known = jobs["last_live_at"].where(~end_seen, jobs["ended_at"]).fillna(jobs["start_time"])
    known = known.mask(jobs["status"].isin(LIVE), pd.Timestamp(now))
    return known.where(known > jobs["start_time"], jobs["start_time"])


def _spans(
    jobs: pd.DataFrame, end_seen: pd.Series, seen_to: pd.Series, zone: ZoneInfo, here: pd.Timestamp
) -> pd.DataFrame:
    begin, solid_end = layout.local(jobs["start_time"], zone), layout.local(seen_to, zone)
    shown = max(max([here, *begin]) - min([here, *begin]), SHORTEST)
    # Where a clock change repeats an hour, the end may seem to come first.
    solid_end = solid_end.where(solid_end > begin, begin)
    # It had ended when it was seen to have, and certainly by now.
    ended = layout.local(jobs["ended_at"], zone).fillna(here.floor("ms"))
    limit = ended.clip(lower=solid_end, upper=None)
    fading = (solid_end + shown * _FADE).where(lambda end: end < limit, limit)
    sure = end_seen | jobs["status"].isin(LIVE)
    end = solid_end.where(sure, fading)
    spans = {"begin": begin, "solid_end": solid_end, "end": end, "room": shown * ROOM}
    return pd.DataFrame(spans)


def _tenant(jobs: pd.DataFrame) -> pd.Series:
    names: pd.Series = (jobs["tenant_name"].astype("str") + " ").fillna("")
    return names.str.lstrip() + jobs["tenant_code"].fillna(NO_TENANT)


def _faces(jobs: pd.DataFrame) -> pd.Series:
    below = jobs["below"] if "below" in jobs else [Below.SUCCEEDED] * len(jobs)
    labels = [face(*each).label for each in zip(jobs["status"], below, strict=True)]
    return pd.Series(labels, jobs.index, dtype="str")


def _state(jobs: pd.DataFrame) -> pd.Series:
    """Return mark and words; a word that is none of the known states as it came."""
    words = jobs["status_word"].fillna(JOB_STATES[Status.UNKNOWN])
    unknown = f"{STATES[Status.UNKNOWN][0]} " + words
    return _faces(jobs).mask(jobs["status"] == Status.UNKNOWN, unknown)


def _took(jobs: pd.DataFrame, end_seen: pd.Series, seen_to: pd.Series) -> pd.Series:
    """Return how long each job took in words, or at least took, as far as anybody saw."""
    seconds = (seen_to - jobs["start_time"]).dt.total_seconds()
    lengths = pd.Series([duration(each) for each in seconds], jobs.index, dtype="str")
    ended, live = jobs["status"].isin(ENDED), jobs["status"].isin(LIVE)
    unseen = ended.map({True: NOBODY_SAW, False: "unknown whether it has ended"})
    unseen = unseen.mask(seconds > 0, "at least " + lengths + ", " + unseen)
    took: pd.Series = unseen.mask(end_seen, "took " + lengths)
    return took.mask(live, "at least " + lengths + " so far")


def local(moment: datetime, zone: ZoneInfo) -> pd.Timestamp:
    """Return the moment as a clock time of the zone, in the unit of the frames."""
    return pd.Timestamp(moment).as_unit("ms").tz_convert(zone).tz_localize(None)


def places(bars: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """Return the height of each bar, and of each group (its name is the index) where it stands."""
    order = {kind.value: number for number, kind in enumerate(JobType)}
    groups = sorted(bars["group"].unique(), key=lambda name: (order.get(name, 0), name))
    y = pd.Series(0.0, bars.index)
    top, ticks = 0.0, {}
    for name in groups:
        rows = bars[bars["group"] == name]
        lanes = _lanes(rows)
        y[rows.index] = top + lanes
        bottom = top + lanes.max()
        ticks[name] = {"middle": (top + bottom) / 2, "border": bottom + (1 + GAP) / 2}
        top = bottom + 1 + GAP
    return y, pd.DataFrame.from_dict(ticks, orient="index", columns=["middle", "border"])


def _lanes(rows: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Return for each bar, oldest first, the first lane that is free when it begins."""
    free: list[int] = []
    busy: list[tuple[pd.Timestamp, int]] = []
    lanes = np.zeros(len(rows), np.intp)
    spans = zip(rows["begin"] - rows["room"], rows["end"], strict=True)
    for number, (begin, end) in enumerate(spans):
        while busy and busy[0][0] <= begin:
            heapq.heappush(free, heapq.heappop(busy)[1])
        lanes[number] = heapq.heappop(free) if free else len(busy)
        heapq.heappush(busy, (end, int(lanes[number])))
    return lanes


def readable(ticks: pd.DataFrame, lane_height: float) -> pd.DataFrame:
    """Return the groups whose labels do not stand on each other."""
    kept, last = [], -np.inf
    for middle in ticks["middle"]:
        fits = (middle - last) * lane_height >= _LABEL_HEIGHT
        kept.append(fits)
        last = middle if fits else last
    return ticks[np.array(kept, bool)]
