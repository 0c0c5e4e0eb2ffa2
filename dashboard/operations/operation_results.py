"""What came of an operation: its items counted, and a table of their outcomes."""

from collections.abc import Callable, Mapping

import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboard import wording
from dashboard.components import tables, tenants
from dashboard.connection import Connection
from dashboard.operations import done_words, item_words, start_outcome
from services.frames import times
from services.ledger import Operation, Outcome
from services.operations import Verb
from services.operations.starts.forms import FORMS
from services.operations.starts.outcomes import StartOutcome

MARKS = {
    Outcome.PLANNED: "○",
    Outcome.SKIPPED: "·",
    Outcome.INTENDED: "◔",
    Outcome.SUCCEEDED: "✓",
    Outcome.FAILED: "✕",
    Outcome.CHANGED_SINCE_PLAN: "≠",
    Outcome.NO_RESULT: "∅",
    Outcome.UNCERTAIN: "?",
}
# Which outcomes are explained above the items, in words after "that".
WHY = {Outcome.FAILED: "failed", Outcome.CHANGED_SINCE_PLAN: "changed since the plan"}
STARTED = "▷ Started"
CALLED_BY_TIME = frozenset({Verb.EXCLUDE_UPLOADS, Verb.INCLUDE_UPLOADS})
LONG_TEXT, WIDEST = 30, 160  # letters, pixels
# Pixels for an outcome of one word, and for `≠ Changed since plan`.
ONE_WORD, LONGEST_MARK = 110, 160


def counted(counts: Mapping[Outcome, int], verb: str = "") -> str:
    """Return the number of items of each outcome: `✓ 40 Succeeded  ✕ 2 Failed`.

    That Visier took a start says nothing of the jobs that came of it.
    """
    if verb in FORMS and counts.get(Outcome.SUCCEEDED):
        return STARTED
    return "  ".join(
        f"{MARKS[outcome]} {counts[outcome]:,} {wording.OUTCOMES[outcome]}"
        for outcome in Outcome
        if counts.get(outcome)
    )


def what(connection: Connection, part: Operation) -> str:
    """Return what an operation does; a start, whose only item is its request, says for how many."""
    if part.verb != Verb.START_PROCESSING:
        return wording.verb(part.verb)
    (request,) = connection.ledger.items(part.id, limit=1)
    return done_words.what(part.verb, request.name, request.after)


def result(operation: Operation, starts: Mapping[str, StartOutcome]) -> str:
    """Return what came of an operation in words: of a start its jobs, of others their items.

    `starts` is what is known of the starts among those it is of.
    """
    start = starts.get(operation.id)
    return (
        counted(operation.item_counts, operation.verb)
        if start is None
        else start_outcome.in_words(start)
    )


def draw(
    connection: Connection, operation: Operation, *, then: Callable[[], None] | None = None
) -> None:
    """Draw what can be done `then`, and each item of an operation with its outcome."""
    if then is not None:
        then()
    kept = connection.ledger.item_frame(operation.id)
    items = item_words.of_items(operation.verb, kept)
    for explained, words in WHY.items():
        _why(items[items["outcome"] == explained], words)
    outcome = st.segmented_control(
        "Outcome",
        [outcome for outcome in Outcome if operation.item_counts.get(outcome)],
        format_func=wording.OUTCOMES.__getitem__,
        key=f"operation.outcome.{operation.id}",
        label_visibility="collapsed",
    )
    shown = items if outcome is None else items[items["outcome"] == outcome]
    shown = tenants.named(connection, shown)
    marks = {each.value: f"{MARKS[each]} {wording.OUTCOMES[each]}" for each in Outcome}
    if operation.verb in CALLED_BY_TIME:
        arrived = times.parse(pa.array(shown["what"], pa.large_string()))
        shown = shown.assign(upload_time=arrived)
    is_long = items["outcome"].isin([Outcome.CHANGED_SINCE_PLAN, Outcome.NO_RESULT]).any()
    mark = st.column_config.TextColumn("Outcome", width=LONGEST_MARK if is_long else ONE_WORD)
    what: tables.Columns = {"what": st.column_config.TextColumn("What", width=240)}
    columns: tables.Columns = {
        **(
            tables.tenant_columns(shown, width=170, between={"mark": mark})
            if items["tenant_code"].ne("").any()
            else {"mark": mark}
        ),
        **({} if item_words.are_named_by_time(shown) else what),
        **item_words.time_columns(shown),
        "before": st.column_config.TextColumn("Before", width=_width(items["before"])),
        "after": st.column_config.TextColumn("New value", width=_width(items["after"])),
        "message": st.column_config.TextColumn("Message", width=420),
    }
    tables.show(
        shown.assign(mark=shown["outcome"].astype("str").map(marks)),
        columns,
        key=f"operation.items.{operation.id}",
        of=len(items),
        noun="item",
        export=("tenant_code", "tenant_name", "what", "before", "after", "outcome", "message"),
    )


def _why(items: pd.DataFrame, words: str) -> None:
    """Show in full why items came to nothing, where all have the same message."""
    messages = items["message"].dropna().unique()
    if len(messages) == 1 and messages[0]:
        these = "the one" if len(items) == 1 else "each"
        st.text(f"Of {these} that {words}: {messages[0]}")


def _width(texts: "pd.Series[str]") -> int | None:
    """Return a width that leaves the outcome in sight where texts are long."""
    longest = texts.str.len().max()
    return WIDEST if longest > LONG_TEXT else None
