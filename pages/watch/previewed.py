"""What a rule would have said on each recorded night."""

from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.components import formats, tables
from dashboard.watch import notifying
from services.monitoring.watch.observation import Observation
from services.notifications.evaluating import Stage
from services.notifications.incidents import Episode
from services.notifications.message_words import Words
from services.notifications.preview import Previewed, preview
from services.notifications.rules import Deadline, Rule, Scope

NO_NIGHT = "No night is on record yet."
UNKNOWN = "Not looked at for long enough"
NOTHING = "Nothing"


def draw(
    rule: Rule, nights: Iterable[Observation], scope: Scope, words: Words, *, on_record: int = 0
) -> None:
    """Draw the preview: one row per night, the newest first; `on_record` are more than these."""
    if isinstance(rule.condition, Deadline):
        # As the rule names it, whatever zone is chosen.
        words = replace(words, zone=ZoneInfo(rule.condition.by.zone))
    nightly = preview(rule, nights, scope=scope, zone=notifying.watch_zone())
    if not nightly:
        st.caption(f":material/bedtime: {NO_NIGHT}")
        return
    said = sum(bool(each.findings) for each in nightly)
    looked_at = formats.counted(len(nightly), "recorded night")
    if on_record > len(nightly):
        looked_at = f"the newest {looked_at}"
    st.caption(f"On {said:,} of {looked_at} it would have reported:")
    rows = pd.DataFrame(
        {
            "night": [each.night for each in nightly],
            "said": [_said(rule, each, words) for each in nightly],
            "tenants": [_count(each) for each in nightly],
        }
    )
    columns: tables.Columns = {
        "night": st.column_config.DateColumn("Night", width=95),
        "said": st.column_config.TextColumn("Would have said", width=430),
        "tenants": tables.count_column("Tenants", width=68),
    }
    tables.rows(rows.assign(key=rows["night"].astype(str)), columns, key="wa.preview", at_once=8)


def _said(rule: Rule, night: Previewed, words: Words) -> str:
    if not night.findings:
        return NOTHING if night.is_known else UNKNOWN
    if rule.condition.kind == "digest":
        return "The digest"
    told = [
        words.what(
            Episode(rule.condition.kind, each.stage, night.night, each.tenants, {}, each.facts)
        )
        for each in night.findings
    ]
    return "; ".join(told) if night.is_known else f"{'; '.join(told)}; then {UNKNOWN.lower()}"


def _count(night: Previewed) -> int:
    """Return how many tenants it would have been about, warnings left out where more followed."""
    broken = {
        code for each in night.findings for code in each.tenants if each.stage is Stage.BROKEN
    }
    warned = {code for each in night.findings for code in each.tenants}
    return len(broken or warned)
