"""Which tenants the data versions are shown of."""

from datetime import datetime

import pandas as pd

from dashboard import data
from dashboard.components import filters, rhythms, tenants, token_choices
from dashboard.wording import RHYTHMS
from services.monitoring.rhythm import Rhythm

ANY = "any"
STATES = {ANY: "Any", **{each.value: word for each, word in RHYTHMS.items()}}
FILTERS: dict[str, object] = {
    "dv_tenant": "",
    "dv_codes": "",
    "dv_state": ANY,
    "dv_from": None,
    "dv_to": None,
}


def mask(
    rows: pd.DataFrame, known: data.TenantDirectory, now: datetime, rule: str
) -> "pd.Series[bool]":
    """Draw the filters; return which tenants they keep. `rows` has names (`tenants.with_names`).

    `rule` says what is overdue.
    """
    kept = tenants.search(rows, known, key="dv_tenant") & tenants.within(rows, key="dv_codes")
    chosen = token_choices.one(
        "Latest version",
        STATES,
        key="dv_state",
        default=ANY,
        help_text=f"{rule} {RHYTHMS[Rhythm.ODD_DATE]}: {rhythms.WHAT_IS_ODD}",
    )
    if chosen != ANY:
        kept &= rhythms.masks(rows, now)[Rhythm(chosen)]
    with filters.together():
        since, until = filters.span("Latest from", "dv_from", "Latest to", "dv_to")
    return kept & filters.between(rows["data_version_date"], since, until)
