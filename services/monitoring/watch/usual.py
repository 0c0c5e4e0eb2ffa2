"""What earlier nights tell of each tenant: in which nights it loads, when, and how quickly; pure.

Times are whole minutes of `night.clock_minutes`, NEVER where there is none. Arrays have a row per
night, oldest first, and a column per tenant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .night import NEVER, Minutes

Flags = npt.NDArray[np.bool_]
Shares = npt.NDArray[np.float32]
Places = npt.NDArray[np.int_]

# Of four loads in as many weeks on, older ones do not count: times of schedules change.
LATELY: Final = 28
LATELY_AT_LEAST: Final = 4
# Longer gaps between loads are told alike.
_LONGEST_GAP: Final = 15
# What a night still counts once the next one of its kind came: the last five or so of a weekday and
# ten of a gap, three of all nights; twenty of how well each of these told the nights before.
_WEEKDAYS, _GAPS, _LATEST, _SCORES = 0.8, 0.9, 0.7, 0.95
_LAST: Final = np.int16(np.iinfo(np.int16).max)


@dataclass(frozen=True, eq=False)
class Usual:
    """What is usual of each tenant in each night, and in the one that follows: the last row.

    `is_due` says of a night whether a tenant loads in it, more likely than not, as the nights
    before it told; `chance` is how likely that is in the one that follows. `minute` is when it
    usually loads, as all other nights tell, and `span` how many minutes after its first job.
    """

    is_due: Flags
    chance: Shares
    minute: Minutes
    span: Minutes


def usual(loaded: Minutes, began: Minutes, known: Flags, weekdays: Sequence[int]) -> Usual:
    """Return what is usual, as these nights tell.

    `loaded` and `began` say when each tenant loaded and when its first job began; `known` of whom
    nights are known; `weekdays` has those of the nights (0 to 6) and of the one that follows.
    """
    chances = _chances(loaded > NEVER, known, weekdays)
    return Usual(chances > 0.5, chances[-1], _minutes(loaded), _spans(loaded, began))


def spans(loaded: Minutes, began: Minutes) -> Minutes:
    """Return how many minutes each load came after the first job of its night, or NEVER."""
    is_known = (began > NEVER) & (loaded >= began)
    return np.where(is_known, loaded - began, NEVER).astype(np.int16)


def _chances(came: Flags, known: Flags, weekdays: Sequence[int]) -> Shares:
    """Return how likely each tenant was to load in each night, as those before it told.

    Told by how often it did on that weekday, after as many nights without a load, and lately; each
    of the three counts by how well it told the nights so far. The first knows who loads on working
    days, the second who loads every other day, the third who has stopped.
    """
    nights, tenants = came.shape
    every = np.arange(tenants)
    # How often it loaded, of how many nights.
    by_weekday, by_gap = np.zeros((7, 2, tenants)), np.zeros((_LONGEST_GAP + 1, 2, tenants))
    lately, scores = np.zeros((2, tenants)), np.zeros((3, tenants))
    gap = np.full(tenants, _LONGEST_GAP)
    told = np.empty((nights + 1, tenants), np.float32)
    for place, weekday in enumerate(weekdays):
        of_gap = by_gap[gap, :, every].T
        counted = np.stack([by_weekday[weekday], of_gap, lately])
        chances = (counted[:, 0] + 0.5) / (counted[:, 1] + 1)
        weights = np.exp(scores - scores.max(axis=0))
        told[place] = (weights * chances).sum(axis=0) / weights.sum(axis=0)
        if place == nights:
            break
        here, did = known[place], came[place]
        right = np.log(np.where(did, chances, 1 - chances))
        scores = np.where(here, scores * _SCORES + right, scores)
        result = np.stack([did, np.ones(tenants)])
        by_weekday[weekday] = np.where(here, counted[0] * _WEEKDAYS + result, counted[0])
        by_gap[gap, :, every] = np.where(here, counted[1] * _GAPS + result, counted[1]).T
        lately = np.where(here, counted[2] * _LATEST + result, counted[2])
        gap = np.where(here & did, 0, np.minimum(gap + 1, _LONGEST_GAP))
    return told


def _minutes(loaded: Minutes) -> Minutes:
    """Return the median of each tenant's other loads in each night, and of all of them last.

    Without its own load, or a night would tell itself: a month has four of a tenant that loads once
    a week.
    """
    counted = loaded.copy()
    is_enough = (loaded[-LATELY:] > NEVER).sum(axis=0) >= LATELY_AT_LEAST
    counted[: max(0, len(loaded) - LATELY), is_enough] = NEVER
    ordered, count = _ordered(counted), (counted > NEVER).sum(axis=0)
    median = _middle(ordered, count)
    # What is left of an order without one of its values lies one further, from that value on.
    both = [
        np.where(counted <= _at(ordered, place), _at(ordered, place + 1), _at(ordered, place))
        for place in ((count - 2) // 2, (count - 1) // 2)
    ]
    others = (both[0] + both[1]) // 2
    told = np.vstack([np.where(counted > NEVER, others, median), median])
    return np.where(count >= 2, told, NEVER).astype(np.int16)


def _spans(loaded: Minutes, began: Minutes) -> Minutes:
    took = spans(loaded, began)
    count, every = (took > NEVER).sum(axis=0), took[took > NEVER]
    of_all = np.median(every) if len(every) else 0
    middle = _middle(_ordered(took), count)
    return np.where(count >= LATELY_AT_LEAST, middle, of_all).astype(np.int16)


def _middle(ordered: Minutes, count: Places) -> Places:
    found: Places = (_at(ordered, (count - 1) // 2) + _at(ordered, count // 2)) // 2
    return found


def _ordered(minutes: Minutes) -> Minutes:
    """Return each tenant's minutes in their order, nights without one last."""
    return np.sort(np.where(minutes > NEVER, minutes, _LAST), axis=0)


def _at(ordered: Minutes, place: Places) -> Places:
    every = np.arange(ordered.shape[1])
    if not len(ordered):
        return np.full(len(every), NEVER, np.int_)
    found: Places = ordered[np.clip(place, 0, len(ordered) - 1), every].astype(np.int_)
    return found
