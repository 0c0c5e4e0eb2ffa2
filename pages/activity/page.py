"""Activity: every operation ever applied here, what became of it, and what broke off."""

from collections import Counter
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ButtonColumnResult

from dashboard import navigation, session, wording
from dashboard.components import (
    filter_row,
    filters,
    formats,
    page,
    tables,
    tenant_search,
    tenants,
    token_filters,
    typed,
)
from dashboard.components.filter_row import Chip
from dashboard.connection import Connection
from dashboard.operations import (
    operation_panel,
    operation_results,
    operation_tenants,
    plan_panel,
    start_following,
    start_outcome,
)
from dashboard.operations.drawer import drawer
from pages.activity import tried_again
from services.ledger import Operation, OperationFilter, Outcome, State
from services.operations import Verb
from services.operations.starts.outcomes import StartOutcome, effective_state, tally
from services.typed_text import SEARCHED_AT_MOST

ACTIVITY = "activity"
# Each start among them is read with its jobs: filters lead to what is older.
LISTED_AT_MOST = 200
# Pixels: Chain is in view on a desk, and so is the whole outcome. What a reason has no room for is
# read once its operation is opened.
OUTCOME_AT_MOST, WHY_AND_OUTCOME = 330, 445
# More names are no search for a tenant; each is asked of the index of items.
NAMED_AT_MOST = 500
NAMES_NOT_READ = "Names of tenants have not been read yet. Open Overview once to search by them."
VERBS: dict[str, str] = {verb: wording.VERBS[verb] for verb in Verb}
STATES: dict[str, str] = {state: wording.STATES[state] for state in State}
OPENED = "act_op"
CHAIN = "Start and step of its chain. Click to see only this chain"
FILTERS: dict[str, object] = {
    "act_verb": [],
    "act_state": [],
    "act_outcome": None,
    "act_actor": "",
    "act_text": "",
    "act_from": None,
    "act_to": None,
}
CHIPS = {
    "act_verb": Chip("What", VERBS),
    "act_state": Chip("State", STATES),
    "act_outcome": Chip("Item outcome", wording.OUTCOMES),
    "act_actor": Chip("Who"),
    "act_from": Chip("From"),
    "act_to": Chip("To"),
}


def main() -> None:
    """Load, filter, show."""
    connection = session.signed_in()
    page.head("Activity")
    drawn = {drawer(ACTIVITY).operation, *_interrupted(connection)}
    wanted = _filter(connection)
    found = _found(connection, wanted)
    opened, actor = st.query_params.get(OPENED), connection.actor
    if not found and wanted == OperationFilter(tenant=actor.tenant, host=actor.host):
        page.empty("No operations yet", "Operations that you apply on other screens appear here.")
    elif not found:
        page.nothing_matches("operation", FILTERS)
        if wanted.text and tenants.at_hand(connection).frame.empty:
            st.caption(NAMES_NOT_READ)
    else:
        _table(connection, found)
    if opened and opened not in drawn:
        with st.container(border=True):
            operation_panel.show(connection, opened)
    plan_panel.slot(connection, ACTIVITY)


def _found(connection: Connection, wanted: OperationFilter) -> list[Operation]:
    # What is too long to be in any of them is more than a database takes.
    if max(len(wanted.actor), len(wanted.text)) > SEARCHED_AT_MOST:
        return []
    return connection.ledger.operations(wanted, LISTED_AT_MOST + 1)


def _interrupted(connection: Connection) -> list[str]:
    """Draw the operations that broke off, on top; return their ids."""
    broken = connection.ledger.interrupted(connection.identity.name)
    for operation in broken:
        with st.container(border=True):
            st.markdown(
                f"## :material/running_with_errors: Interrupted: {wording.verb(operation.verb)}"
            )
            operation_panel.show(connection, operation.id)
    return [operation.id for operation in broken]


def _filter(connection: Connection) -> OperationFilter:
    row = filter_row.row(navigation.ACTIVITY, FILTERS)
    with row.first:
        text = typed.line(
            "Text",
            key="act_text",
            bind="query-params",
            type="search",
            placeholder="Reason, tenant, job or operation id",
            help=(
                "Part of the reason, of the filter or of a tenant's name, a full tenant code, job "
                "id or operation id. A chain's first id, and a tenant it changed, find all of it."
            ),
            width=280,
        )
    with row.more():
        verbs = token_filters.tokens("What", VERBS, key="act_verb", width=240)
        states = token_filters.tokens("State", STATES, key="act_state", width=200)
        outcome = token_filters.token(
            "Item outcome", wording.OUTCOMES, key="act_outcome", width=180
        )
        who = typed.line("Who", key="act_actor", bind="query-params", type="search", width=160)
        since, until = filters.span("From", "act_from", "To", "act_to")
    row.draw_chips(CHIPS, FILTERS)
    actor = connection.actor
    return OperationFilter(
        verbs=tuple(verbs),
        actor=who,
        tenant=actor.tenant,
        host=actor.host,
        since=None if since is None else since.to_pydatetime(),
        until=None if until is None else until.to_pydatetime(),
        outcome=Outcome(outcome) if outcome else None,
        states=tuple(map(State, states)),
        text=text,
        verbs_of_text=wording.verbs_that_say(text) if text else (),
        tenants_of_text=_named(connection, text),
        verbs_of_jobs=(Verb.CANCEL_JOBS,) if text else (),
    )


def _named(connection: Connection, text: str) -> tuple[str, ...]:
    """Return the codes of the tenants whose name, as far as it is known, holds a text."""
    known = tenants.at_hand(connection).frame
    if not text or known.empty or len(text) > SEARCHED_AT_MOST:
        return ()
    codes = known.loc[tenant_search.holds(known["display_name"], text), "tenant_code"]
    return tuple(codes) if len(codes) <= NAMED_AT_MOST else ()


def _table(connection: Connection, found: list[Operation]) -> None:
    """Draw the operations; a click on a row opens it."""
    if len(found) > LISTED_AT_MOST:
        st.caption(f"The newest {LISTED_AT_MOST:,}. Filter to see older ones.")
    found = found[:LISTED_AT_MOST]
    starts = start_outcome.known(connection, found)
    rows, outcomes = _rows(connection, found, starts), _outcomes(found, starts)
    width = min(OUTCOME_AT_MOST, 7 * max(map(len, outcomes)) + 20)
    columns: tables.Columns = {
        # First what is read on a phone without moving the table.
        "verb": st.column_config.TextColumn("What", width=150),
        "state": st.column_config.TextColumn("State", width=90),
        "outcomes": st.column_config.TextColumn("Outcome", width=width),
        "started": {**tables.time_column("Started"), "width": 98},
        "tenants": tables.count_column("Tenants", width=66),
        "reason": st.column_config.TextColumn("Why", width=WHY_AND_OUTCOME - width),
        "part_of": _chain_column(found),
        "user": st.column_config.TextColumn("Who", width=170),
        "filter": st.column_config.TextColumn("Filter", width=240),
        "requests": tables.count_column("Requests"),
        "id": st.column_config.TextColumn("Operation", width=290),
    }
    count = formats.counted(len(rows), "operation")
    tenant_names = partial(
        operation_tenants.exported, connection, starts=starts, known=tenants.at_hand(connection)
    )
    tables.head(count, rows[list(columns)], key="act.table", complete=tenant_names)
    shown = rows.assign(
        key=rows["id"],
        verb=rows["verb"].map(wording.verb),
        state=rows["state"].map(wording.STATES),
        outcomes=outcomes,
        part_of=pd.array(_wholes(connection, found), "str"),
    )
    tables.rows(shown, columns, key="act.table", opens=OPENED)
    start_following.in_a_list(connection, starts, st.query_params.get(OPENED, ""))


def _rows(
    connection: Connection, found: list[Operation], starts: operation_tenants.Starts
) -> pd.DataFrame:
    """Return the operations as they are exported: in tokens."""
    records = [
        {
            "started": operation.started_at,
            "verb": operation.verb,
            "user": operation.actor.user,
            "state": effective_state(operation, starts.get(operation.id)),
            "outcomes": _outcome_tokens(operation, starts.get(operation.id)),
            "part_of": operation.part_of,
            "reason": operation.reason,
            "filter": operation.filter_text,
            "requests": operation.request_count,
            "id": operation.id,
        }
        for operation in found
    ]
    counts = operation_tenants.counts(connection, found, starts)
    rows = pd.DataFrame(records).assign(tenants=counts)
    return rows.assign(started=pd.to_datetime(rows["started"], utc=True).dt.as_unit("ms"))


def _outcome_tokens(operation: Operation, start: StartOutcome | None) -> str:
    """Return how many items ended how, and of a start also its jobs: `failed=2; succeeded=40`."""
    counts = Counter({outcome.value: count for outcome, count in operation.item_counts.items()})
    if start is not None:
        counts.update({f"jobs_{group}": count for group, count in tally([start]).counts.items()})
    return "; ".join(f"{token}={count}" for token, count in sorted(counts.items()) if count)


def _outcomes(found: list[Operation], starts: operation_tenants.Starts) -> list[str]:
    """Return what came of each operation in words, and whether its failures were tried again."""
    since = tried_again.since(found, starts)
    return [
        ", ".join(filter(None, [operation_results.result(each, starts), since.get(each.id)]))
        for each in found
    ]


def _chain_column(found: list[Operation]) -> ButtonColumnResult:
    def only_this() -> None:
        operation = found[st.session_state["act.chain"]["row"]]
        whole = operation.part_of or operation.id
        filters.put("act_text", whole, whole)

    return st.column_config.ButtonColumn(
        "Chain", type="tertiary", key="act.chain", on_click=only_this, width=215, help=CHAIN
    )


def _wholes(connection: Connection, found: list[Operation]) -> list[str | None]:
    """Return for each operation which step it is of which chain or recovery; None for none."""
    ledger, words = connection.ledger, {}
    for whole in {each.part_of for each in found if each.part_of}:
        steps = [ledger.operation(whole), *ledger.parts(whole)]
        began = _began(steps[0])
        for number, step in enumerate(steps, 1):
            words[step.id] = f"{began} · {number} of {len(steps)}"
    return [words.get(each.id) for each in found]


def _began(operation: Operation) -> str:
    """Return what tells a chain from all others, short: `Exclude… 28 Nov 18:12`."""
    started = formats.here(operation.started_at)
    return f"{wording.verb(operation.verb).split()[0]}… {started}"


main()
