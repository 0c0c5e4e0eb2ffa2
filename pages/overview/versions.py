"""How old the versions of all tenants are, who is overdue, and who has loaded in the period."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import pandas as pd
import streamlit as st

from dashboard import navigation
from dashboard.components import figures, filters, formats, rhythms
from dashboard.components.charts import layout
from dashboard.data import DataVersions
from dashboard.navigation import DATA_VERSIONS, Query
from dashboard.wording import RHYTHMS
from pages.overview import charts
from pages.overview.period import Period, loaded_query
from services.monitoring import overview
from services.monitoring.rhythm import Rhythm

_WITHOUT_AGE: Final = {
    Rhythm.NONE_ENABLED: ("no enabled version", ":material/block:"),
    Rhythm.ODD_DATE: ("a date in the future or an unreadable one", ":material/event_busy:"),
}
# Nobody has to act on these.
# How many have none enabled is said in the answer above.
QUIET: Final = (Rhythm.NONE_ENABLED, Rhythm.ON_TIME, Rhythm.TOO_LITTLE_KNOWN)
ENDS: Final = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=30))


def answer(tenants: pd.DataFrame, period: Period, now: datetime) -> None:
    """Show for how many tenants the loads of the period worked; each part is a link."""
    dates, masks = tenants["data_version_date"], rhythms.masks(tenants, now)
    none_enabled, odd = (int(masks[name].sum()) for name in (Rhythm.NONE_ENABLED, Rhythm.ODD_DATE))
    is_new = (dates >= period.since) & ~masks[Rhythm.ODD_DATE]
    loaded, again = int(is_new.sum()), int((is_new & (tenants["loaded_at"] < period.since)).sum())
    older = len(tenants) - loaded - none_enabled - odd
    # Nothing is left out by an end, but versions that are dated in the future.
    until = pd.Timestamp(now + overview.CLOCKS_APART).ceil("min") if odd else None
    all_of_them = "All " if loaded == len(tenants) else f"{loaded:,} of "
    words = f"loaded {period.words}."
    if again:
        words = (
            f"have a version made {period.words}, {again:,} of them reprocessed from "
            "earlier uploads."
        )
    figures.clause(
        f"**{all_of_them}{formats.counted(len(tenants), 'tenant')}** {words}",
        DATA_VERSIONS,
        loaded_query(period, until),
        icon=":material/check_circle:" if loaded == len(tenants) else ":material/donut_large:",
    )
    if older:
        figures.clause(
            f"**{older:,}** have only an older version.",
            DATA_VERSIONS,
            filters.in_link("dv_from", "dv_to", before=period.since),
            icon=":material/schedule:",
        )
    for state, (what, icon) in _WITHOUT_AGE.items():
        if count := int(masks[state].sum()):
            have = "has" if count == 1 else "have"
            query = {"dv_state": state.value}
            figures.clause(f"**{count:,}** {have} {what}.", DATA_VERSIONS, query, icon=icon)


def tiles(read: DataVersions, now: datetime) -> None:
    """Draw how many tenants have no version or are overdue, and in a line how many are not."""
    counts = {each: int(mask.sum()) for each, mask in rhythms.masks(read.tenants, now).items()}
    with figures.row():
        for each, count in counts.items():
            if each in QUIET or (each is Rhythm.ODD_DATE and not count):
                continue
            mark, color = rhythms.FACES[each]
            query, word = {"dv_state": each.value}, RHYTHMS[each]
            figures.tile(word, count, DATA_VERSIONS, query, mark=mark, color=color)
    st.caption(" · ".join(f"{counts[each]:,} {RHYTHMS[each].lower()}" for each in QUIET))
    st.caption(rhythms.rule(read))


def picture(tenants: pd.DataFrame, now: datetime) -> None:
    """Draw, for who opens it, how old the latest versions are; a click on a bar shows its tenants.

    An odd date tells no age, so those tenants are in no bar.
    """
    # Unfolded at once, every first visit would wait for what draws charts: half of all it loads.
    box = st.expander("Ages of latest versions", key="ov.ages", on_change="rerun")
    if not box.open:
        return
    tenants = tenants[~rhythms.masks(tenants, now)[Rhythm.ODD_DATE]]
    minute = pd.Timestamp(now).floor("min").to_pydatetime()
    rows = overview.age_bands(tenants["data_version_date"], minute, ENDS)
    names = [*_names(ENDS), RHYTHMS[Rhythm.NONE_ENABLED]]
    counts = (
        f"{name}: {formats.counted(count, 'tenant')}"
        for name, count in zip(names, rows["tenants"], strict=True)
    )
    event = box.plotly_chart(
        # An age alone is no judgement: who is loaded once a week is not late after two days.
        charts.freshness(rows, names, [layout.BLUE] * (len(names) - 1) + [layout.GREY]),
        key="ov.freshness",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Age of the latest enabled version. " + "; ".join(counts),
    )
    for point in event["selection"]["points"]:
        navigation.go_to(DATA_VERSIONS, _band_query(rows.iloc[point["point_index"]]))


def _names(ends: Sequence[timedelta]) -> list[str]:
    words = [formats.duration(end.total_seconds()) for end in ends]
    between = [f"{younger} to {older}" for younger, older in pairwise(words)]
    return [f"under {words[0]}", *between, f"over {words[-1]}"]


def _band_query(band: pd.Series) -> Query:
    since, until = (None if pd.isna(end) else end for end in (band["since"], band["until"]))
    if since is None and until is None:
        return {"dv_state": Rhythm.NONE_ENABLED.value}
    return filters.in_link("dv_from", "dv_to", since=since, before=until)
