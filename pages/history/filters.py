"""Which tenants and which night History shows."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from dashboard.components import tenants, token_choices, token_filters
from dashboard.components.filter_row import Chip, FilterRow
from dashboard.wording import NIGHT_STATES

ANY = "any"
STATES = {ANY: "All", **{state.value: word for state, word in NIGHT_STATES.items()}}
FILTERS: dict[str, object] = {
    "hist_tenant": "",
    "hist_codes": "",
    "hist_night": None,
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


def mask(row: FilterRow, rows: pd.DataFrame) -> "pd.Series[bool]":
    """Draw the filters by tenant; return which rows they keep. `rows` has names."""
    with row.first:
        kept: pd.Series[bool] = tenants.search(rows, key="hist_tenant")
    with row.more():
        kept &= tenants.within(rows, key="hist_codes")
    row.draw_chips({"hist_codes": Chip("Tenant codes")}, FILTERS)
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
