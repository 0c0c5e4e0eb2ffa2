"""Which tenants the data versions are shown of."""

from datetime import datetime

import pandas as pd

from dashboard.components import filters, rhythms, tenants, token_choices
from dashboard.components.filter_row import Chip, FilterRow
from dashboard.wording import RHYTHMS
from services.monitoring.rhythm import Rhythm

ANY = "any"
STATES = {ANY: "All", **{each.value: word for each, word in RHYTHMS.items()}}
FILTERS: dict[str, object] = {
    "dv_tenant": "",
    "dv_codes": "",
    "dv_state": ANY,
    "dv_from": None,
    "dv_to": None,
}
PARAMETERS = (*FILTERS, "dv_category")
CHIPS = {
    "dv_codes": Chip("Tenant codes"),
    "dv_from": Chip("Latest from"),
    "dv_to": Chip("Latest to"),
}


def mask(row: FilterRow, rows: pd.DataFrame) -> "pd.Series[bool]":
    """Draw the filters but that of the rhythm; return which tenants they keep.

    `rows` has names (`tenants.with_names`).
    """
    with row.first:
        kept = tenants.search(rows, key="dv_tenant")
    with row.more():
        kept &= tenants.within(rows, key="dv_codes")
        since, until = filters.span("Latest from", "dv_from", "Latest to", "dv_to")
    row.draw_chips(CHIPS, FILTERS)
    return kept & filters.between(rows["data_version_date"], since, until)


def by_rhythm(rows: pd.DataFrame, now: datetime) -> "pd.Series[bool]":
    """Draw how many of these tenants are overdue: the filter of that at once; return its mask."""
    masks = rhythms.masks(rows, now)
    counts = {ANY: len(rows), **{each.value: int(mask.sum()) for each, mask in masks.items()}}
    chosen = token_choices.one(
        "Latest version", STATES, key="dv_state", default=ANY, shows_label=False, counts=counts
    )
    return pd.Series(True, index=rows.index) if chosen == ANY else masks[Rhythm(chosen)]
