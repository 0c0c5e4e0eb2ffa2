"""The one panel for every write: preview, confirm in proportion, then follow what was applied."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

import streamlit as st

from dashboard import access, navigation, wording
from dashboard.components import (
    confirm,
    curl,
    errors,
    fallbacks,
    formats,
    kinds,
    permits,
    states,
    tables,
    tenants,
)
from dashboard.connection import Connection
from dashboard.operations import (
    change_words,
    item_words,
    operation_panel,
    operation_results,
    start_outcome,
    warning_words,
)
from dashboard.operations.drawer import Review, awaited, drawer
from dashboard.streamlit_compat import deferred_button
from services.clock import CLOCK
from services.ledger import LIVE, AlreadyApplied, State, UnknownOperation
from services.operations import Plan, PlanWarning, Verb, requests_of, seconds_for
from services.operations.verbs.cancelling import job_id_in

CHANGING, SKIPPED = "Will change", "Skipped"
NOTHING_CHANGES = "There is nothing to change"
# What applies the plan stays in view below them.
ROWS_AT_ONCE = 7
SHORT = 22  # letters of a change: `Included → Excluded`


def slot(connection: Connection, name: str) -> None:
    """Draw the plan under review under this name, and the operation that came of the last one."""
    errors.show_kept()
    reviewed, followed = drawer(name).under_review, drawer(name).operation
    is_followed = followed is not None and not _is_folded(connection, followed, name)
    if reviewed is None and not is_followed:
        return
    # The style sheet lays it over the right of the page: the table stays where it is.
    with st.container(key="drawer"):
        if reviewed is not None:
            preview(connection, name, reviewed)
        if followed is not None and is_followed:
            with st.container(key="operation-panel"):
                operation_panel.show(connection, followed, name=name)
                _close_button(f"{name}.close", partial(drawer(name).follow, None))


def _is_folded(connection: Connection, followed: str, name: str) -> bool:
    """Draw an operation that ended before the page was left as one line; say whether it is one."""
    if not drawer(name).is_folded or followed in awaited():
        return False
    ledger = connection.ledger
    try:
        operation = ledger.operation(followed)
    except UnknownOperation:
        return False
    if operation.state in {*LIVE, State.INTERRUPTED}:
        return False
    result = operation_results.result(operation, start_outcome.known(connection, [operation]))
    with st.sidebar, st.container(key="operation-folded", gap="xxsmall"):
        navigation.link(
            navigation.ACTIVITY,
            f"Last result: {wording.verb(operation.verb)} · {result}",
            {"act_op": followed},
            icon=navigation.ACTIVITY.icon,
        )
        st.button(
            "Show here",
            key=f"{name}.unfold",
            type="tertiary",
            on_click=drawer(name).unfold,
        )
        st.button(
            "Close",
            key=f"{name}.close",
            type="tertiary",
            on_click=drawer(name).follow,
            args=(None,),
        )
    return True


def preview(
    connection: Connection, name: str, reviewed: Review, *, may_discard: bool = True
) -> None:
    """Draw a plan and what applies it; the operation that comes of it is followed as `name`."""
    plan = reviewed.plan
    with st.container(key="plan-panel"):
        _summary_and_warnings(connection, reviewed)
        if plan.count:
            _confirm(connection, name, reviewed, may_discard=may_discard)
        elif may_discard:
            _discard_button(name)
        _items(connection, plan)
        if plan.count and plan.spec.shows_requests:
            curl.box(connection, lambda encoding: requests_of(plan, encoding), key=plan.id)
        if may_discard:
            # Last, as in a result: by keyboard the reason comes first.
            _close_button(f"{name}.plan.close", drawer(name).discard)


def _summary_and_warnings(connection: Connection, reviewed: Review) -> None:
    plan = reviewed.plan
    st.markdown(f"## :material/rule: {wording.verb(plan.verb)}")
    if reviewed.selected_by:
        st.text(f"Filter: {reviewed.selected_by}")
    st.text(_summary(connection, plan))
    for number, warning in enumerate(plan.warnings):
        st.warning(formats.literal(warning_words.warning(warning)), icon=":material/warning:")
        key = f"plan.warning.{number}.{plan.id}"
        noun = warning_words.NOUNS.get(warning.kind, "tenant")
        counted = formats.counted(len(warning.rows), noun)
        with st.expander(counted, key=key, on_change="rerun"):
            _warned(connection, warning, noun, key=f"{key}.table")
    regret = warning_words.REGRETS.get(plan.verb)
    if plan.count and regret:
        st.warning(regret, icon=":material/warning:")


# What a version is to a tenant that a warning is about.
_NUMBERS: Final = {"data_version": "Falls back to", "stays": "Stays in use"}


def _warned(connection: Connection, warning: PlanWarning, noun: str, key: str) -> None:
    """Draw what a warning is about, in the columns of the screens."""
    known = tenants.with_names(warning.rows, tenants.directory(connection))
    if "status" in known:
        # Not of the categories: those cannot become lists.
        words = known["status"].astype("str")
        known = known.assign(status=words.map(lambda status: [states.label(status)]))
    for name in known.columns.intersection([*_NUMBERS]):
        known[name] = formats.version_numbers(known[name])
    columns: tables.Columns = {
        **tables.tenant_columns(known),
        "uploads": tables.count_column("Uploads to exclude"),
        **{
            name: tables.version_column(label, known[name], width=130)
            for name, label in _NUMBERS.items()
            if name in known
        },
        "data_version_date": tables.time_column("Version date"),
        "stays_date": tables.time_column("Its date"),
        "job_type": st.column_config.TextColumn("Type", width=110),
        "status": states.column(),
        "job_id": st.column_config.TextColumn("Job id", width=290),
        "connector_name": st.column_config.TextColumn("Connector", width=200),
        "name": st.column_config.TextColumn("Connector", width=300),
        "before": st.column_config.TextColumn("Current provider", width=140),
        "after": st.column_config.TextColumn("New provider", width=140),
    }
    shown = {
        name: column
        for name, column in columns.items()
        if name in known and known[name].notna().any()
    }
    tables.show(known, shown, key=key, of=len(known), noun=noun)


def _summary(connection: Connection, plan: Plan) -> str:
    if not plan.count:
        return f"{NOTHING_CHANGES}: all of {formats.counted(len(plan.skipped), 'item')} skipped."
    seconds = max(1, seconds_for(plan.calls, connection.client.budget()))
    parts = [f"{formats.counted(plan.count, 'item')} will change"]
    if len(plan.skipped):
        parts.append(f"{len(plan.skipped):,} skipped")
    parts.append(f"{formats.counted(plan.calls, 'API call')}, about {formats.duration(seconds)}")
    return " · ".join(parts)


def _items(connection: Connection, plan: Plan) -> None:
    items = fallbacks.with_fallbacks(change_words.of_plan(plan), CLOCK.now())
    items = tenants.named(connection, items)
    of = len(items)
    if plan.count and len(plan.skipped):
        only = st.segmented_control(
            "Show", (CHANGING, SKIPPED), key=f"{plan.id}.show", label_visibility="collapsed"
        )
        if only:
            items = items[items["eligible"] == (only == CHANGING)]
        # What changes comes first: thousands that are skipped would hide it.
        items = items.sort_values("eligible", ascending=False, kind="stable")
    time_columns = item_words.time_columns(items)
    what = {"what": st.column_config.TextColumn("What", width=260), **time_columns}
    is_short = items["change"].str.len().max() <= SHORT
    change = {"change": st.column_config.TextColumn("Change", width=150 if is_short else 220)}
    reason = {"reason": st.column_config.TextColumn("Reason skipped", width=420)}
    # A drawer has room for four or five of these. The id of a job tells least of it.
    told = (reason, what) if plan.verb == Verb.CANCEL_JOBS else (what, reason)
    has_tenants = items["tenant_code"].ne("").any()
    named = tables.tenant_columns(items, width=170, between=change) if has_tenants else change
    columns = {**named, **fallbacks.columns(items)}
    for each in told:
        columns |= each
    exported = [name for name in columns if name not in time_columns]
    if item_words.are_named_by_time(items):
        del columns["what"]
    if not len(plan.skipped):
        del columns["reason"]
    tables.show(
        items,
        columns,
        key="plan.items",
        of=of,
        noun="item",
        export=exported,
        at_once=ROWS_AT_ONCE,
    )


def _confirm(connection: Connection, name: str, reviewed: Review, *, may_discard: bool) -> None:
    plan, agreed = reviewed.plan, True
    with st.container(horizontal=True):
        reason = st.text_input(
            "Reason",
            reviewed.reason,
            key=f"{name}.reason.{plan.id}",
            placeholder="Why (optional, shown in Activity)",
            max_chars=500,
        )
        if plan.count > confirm.TYPED_ABOVE:
            agreed = confirm.typed(str(plan.count), key=f"{name}.typed.{plan.id}")
    may = permits.explain(connection, plan.verb)
    kinds.target(connection)
    with st.container(horizontal=True):
        # The style sheet makes red what cannot be undone.
        with st.container(width="content", key="irreversible" if plan.is_final else "reversible"):
            deferred_button.button(
                f"{wording.verb(plan.verb)} ({plan.count:,})",
                partial(_apply, connection, name, reviewed, reason),
                # A press on its way to one plan must not meet another that nobody has read.
                key=f"{name}.apply.{plan.id}",
                reads=(f"{name}.reason.{plan.id}", f"{name}.typed.{plan.id}"),
                primary=True,
                disabled=not (agreed and may),
            )
        if may_discard:
            _discard_button(name)


def _close_button(key: str, close: Callable[[], None]) -> None:
    """Draw what closes a panel; the style sheet puts it at the top."""
    st.button("Close", key=key, icon=":material/close:", on_click=close)


def _discard_button(name: str) -> None:
    st.button("Discard", key=f"{name}.discard", on_click=drawer(name).discard)


def _apply(connection: Connection, name: str, reviewed: Review, reason: str) -> None:
    may, before = access.permissions(connection), drawer(name).operation
    # A click that comes seconds later may be served beside this callback (whole_callbacks.py), so
    # that what is applied is followed first: nothing is then left to do but to forget the plan.
    drawer(name).follow(reviewed.plan.id)
    try:
        # A second click or tab applied it already: the same operation is followed then.
        with suppress(AlreadyApplied):
            connection.app.runner().apply(
                reviewed.plan,
                connection.client,
                connection.actor,
                identity=connection.identity.name,
                permissions=may,
                reason=reason.strip(),
                filter_text=reviewed.selected_by,
            )
    except errors.KNOWN as error:
        errors.keep(error)
        drawer(name).unfollow(reviewed.plan.id, before)
        return
    if reviewed.plan.verb is Verb.CANCEL_JOBS:
        # Also a tab that is closed now leaves no other with how they stood before.
        ids = [job_id_in(key) for key in reviewed.plan.eligible["key"]]
        connection.job_monitor.expect_change(ids)
    drawer(name).discard()
