"""The rules as a table of sentences."""

from collections import Counter
from collections.abc import Collection, Mapping

import pandas as pd
import streamlit as st

from dashboard.components import formats, page, rule_words, tables, watch_link
from pages.watch import read
from pages.watch.read import Found
from services.clock import CLOCK
from services.ledger import StoredRule

UNREADABLE = "This version cannot read this rule, so it reports nothing."


def draw(found: Found, text: str, kinds: Collection[str], unfiltered: Mapping[str, object]) -> None:
    """Draw the rules; a click opens one."""
    if not found.stored:
        page.empty("No rules yet", "Add one with New rule.")
        return
    rows = _rows(found)
    wanted = text.casefold()
    texts = (rows["what"] + " " + rows["to"] + " " + rows["by"]).str.casefold()
    of_kind = rows["kind"].isin([rule_words.KINDS[kind] for kind in kinds]) if kinds else True
    shown = rows[texts.str.contains(wanted, regex=False) & of_kind]
    if shown.empty:
        page.nothing_matches("rule", unfiltered)
        return
    tables.show(shown, _columns(), key="wa.rules", of=len(rows), noun="rule", opens=watch_link.RULE)


def state(stored: StoredRule) -> str:
    """Return whether a rule reports, in words."""
    if read.readable(stored) is None:
        return "Unreadable"
    if not stored.is_enabled:
        return "Off"
    if stored.muted_until and stored.muted_until > CLOCK.now():
        return f"Muted until {formats.here(stored.muted_until)}"
    return "On"


def _rows(found: Found) -> pd.DataFrame:
    views = read.view_names()
    unresolved = [each.rule_id for each in found.incidents if each.resolved_at is None]
    counts = Counter(unresolved)
    records = [
        {
            "key": each.id,
            "what": rule_words.sentence(rule, views, found.failures) if rule else UNREADABLE,
            "kind": rule_words.KINDS[rule.condition.kind] if rule else "",
            "state": state(each),
            "to": ", ".join(rule.destinations) or "Nobody" if rule else "",
            "incidents": counts[each.id],
            "by": each.changed_by,
            "at": each.changed_at,
        }
        for each in found.stored
        for rule in (found.rules[each.id],)
    ]
    rows = pd.DataFrame(records)
    return rows.assign(at=pd.to_datetime(rows["at"], utc=True).dt.as_unit("ms"))


def _columns() -> tables.Columns:
    text = st.column_config.TextColumn
    return {
        "kind": text("Kind", width=172),
        "what": text("Reports", width=520),
        "state": text("State", width=120),
        "to": text("Told to", width=120),
        "incidents": tables.count_column("Unresolved", "Incidents that are not over", width=82),
        "by": text("Changed by", width=130),
        "at": tables.time_column("Changed"),
    }
