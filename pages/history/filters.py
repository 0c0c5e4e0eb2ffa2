"""Which tenants and which nights History shows, and how."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from dashboard.components import tenants, token_choices, token_filters, tonight
from dashboard.components.filter_row import Chip, FilterRow
from dashboard.watch.forecast import Outlook
from dashboard.wording import DIFFERENCES, NIGHT_STATES

ANY = "any"
STATES = {ANY: "All", **{state.value: word for state, word in NIGHT_STATES.items()}}
DIFFERING = {ANY: "Any difference", **{each.value: word for each, word in DIFFERENCES.items()}}
NIGHTS, TRENDS, TWO = "nights", "trends", "two"
VIEWS = {NIGHTS: "Nights", TRENDS: "Trends", TWO: "Two nights"}
FILTERS: dict[str, object] = {
    "hist_tenant": "",
    "hist_codes": "",
    "hist_night": None,
    "hist_with": None,
    tonight.PARAMETER: None,
    "hist_state": ANY,
    "hist_differs": ANY,
}
PARAMETERS = (*FILTERS, "hist_view")


def night(row: FilterRow, nights: Sequence[date]) -> date:
    """Draw the choice of a night; return the one the table shows, the newest unless chosen."""
    words = _words(nights)
    with row.more():
        chosen = token_filters.token("Night", words, key="hist_night", width=190, none="Newest")
    row.draw_chips({"hist_night": Chip("Night", words)}, FILTERS)
    return date.fromisoformat(chosen) if chosen else nights[-1]


def two_nights(row: FilterRow, nights: Sequence[date], newest: date) -> tuple[date, date]:
    """Draw the choice of two nights, of which there are as many; return the earlier one first.

    Unless chosen, they are the `newest` and the one before the other.
    """
    words = _words(nights)
    with row.first:
        one = token_filters.token(
            "Night", words, key="hist_night", width=170, none=words[newest.isoformat()]
        )
        other = token_filters.token(
            "Compared with", words, key="hist_with", width=190, none="The night before"
        )
    chosen = date.fromisoformat(one) if one else newest
    place = nights.index(chosen)
    # Before the first there is none.
    beside = date.fromisoformat(other) if other else nights[place - 1 if place else 1]
    return min(chosen, beside), max(chosen, beside)


def _words(nights: Sequence[date]) -> dict[str, str]:
    return {each.isoformat(): f"{each:%a %d %b %Y}" for each in reversed(nights)}


def mask(row: FilterRow, rows: pd.DataFrame, outlook: Outlook | None) -> "pd.Series[bool]":
    """Draw the filters by tenant; return which rows they keep.

    `rows` has names, and all tenants in the order of the forecast of `outlook`.
    """
    with row.first:
        kept: pd.Series[bool] = tenants.search(rows, key="hist_tenant")
    words = {} if outlook is None else tonight.words(outlook)
    with row.more():
        kept &= tenants.within(rows, key="hist_codes")
        group = token_filters.token("Tonight", words, key=tonight.PARAMETER, width=190)
    chips = {"hist_codes": Chip("Tenant codes"), tonight.PARAMETER: Chip("Tonight", words)}
    row.draw_chips(chips, FILTERS)
    if group and outlook is not None:
        kept &= outlook.groups[group]
    return kept


def by_difference(counts: Mapping[str, int]) -> str:
    """Draw how many tenants differ how, the filter of that at once; return its token."""
    return token_choices.one(
        "What differs",
        DIFFERING,
        key="hist_differs",
        default=ANY,
        shows_label=False,
        counts=counts,
    )


def by_state(counts: Mapping[str, int]) -> str:
    """Draw how many tenants a night went how for, the filter of that at once; return its token."""
    every: Mapping[str, int | None] = {ANY: sum(counts.values()), **counts}
    return token_choices.one(
        "State of the night",
        STATES,
        key="hist_state",
        default=ANY,
        shows_label=False,
        counts=every,
    )
