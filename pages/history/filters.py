"""Which tenants and which night History shows."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from dashboard.components import tenants, token_choices, token_filters, tonight
from dashboard.components.filter_row import Chip, FilterRow
from dashboard.watch.forecast import Outlook
from dashboard.wording import NIGHT_STATES

ANY = "any"
STATES = {ANY: "All", **{state.value: word for state, word in NIGHT_STATES.items()}}
FILTERS: dict[str, object] = {
    "hist_tenant": "",
    "hist_codes": "",
    "hist_night": None,
    tonight.PARAMETER: None,
    "hist_state": ANY,
}
PARAMETERS = tuple(FILTERS)


def night(row: FilterRow, nights: Sequence[date]) -> date:
    """Draw the choice of a night; return the one the table shows, the newest unless chosen."""
    words = {each.isoformat(): f"{each:%a %d %b %Y}" for each in reversed(nights)}
    with row.more():
        chosen = token_filters.token("Night", words, key="hist_night", width=190, none="Newest")
    row.draw_chips({"hist_night": Chip("Night", words)}, FILTERS)
    return date.fromisoformat(chosen) if chosen else nights[-1]


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
