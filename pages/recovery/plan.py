"""The plan of a recovery: each step with its preview and its opt-outs; nothing is sent here."""

from datetime import timedelta
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import access, session, wording
from dashboard.components import errors, fallbacks, formats, page, permits, tables
from dashboard.connection import Connection
from dashboard.operations import change_words, confirm_start, item_words, recovery_reads
from dashboard.streamlit_compat import deferred_button
from pages.recovery import plan_choices, stages
from services.clock import CLOCK
from services.operations import Verb
from services.operations.recovery import changing, steps
from services.operations.recovery.incident import Choices, Recovery, Step
from services.operations.recovery.steps import Stage, parts_of

ICONS = {
    Step.DISABLE: ":material/block:",
    Step.EXCLUDE: ":material/remove_circle:",
    Step.REPROCESS: ":material/play_circle:",
}
MEANS = {
    Step.DISABLE: "Readers fall back to the previous version, if any. This cannot be undone.",
    Step.EXCLUDE: "The next data version leaves these uploads out. This can be undone.",
    Step.REPROCESS: (
        "Makes a new data version per tenant from its included uploads. This cannot be undone."
    ),
}
DOES = {
    Step.DISABLE: "disable {}",
    Step.EXCLUDE: "exclude {}",
    Step.REPROCESS: "reprocess {}",
}
NOUNS = {Step.DISABLE: "data version", Step.EXCLUDE: "upload", Step.REPROCESS: "tenant"}
BEGUN = "Already begun: its items can no longer change."
GO_ON = "Continue in Run."
NOTHING_TO_RUN = "Every step is left out: nothing to run."
ALL_BEGUN = "Every step has begun or is left out. The plan can no longer change."
KEEPS_BAD = (
    "The bad uploads of {tenants} to reprocess would stay included, so their new "
    "data version would contain the bad data again."
)
STAYS = (
    "The bad data versions of {tenants} would be neither disabled nor replaced. "
    "Readers would keep seeing the bad data."
)
ITEM: tables.Columns = {
    "what": st.column_config.TextColumn("What", width=200),
}
CHANGES: tables.Columns = {
    "change": st.column_config.TextColumn("Change", width=165),
    "reason": st.column_config.TextColumn("Reason skipped", width=320),
}
PLANNED: tables.Columns = {"planned": st.column_config.TextColumn("Planned", width=120)}
MAY_BE_EMPTY = ("what", "reason")


def draw(connection: Connection, recovery: Recovery) -> None:
    """Draw the three steps, what each would do, and what to leave out."""
    plan_choices.take_over(recovery)
    with page.loading():
        uploads = recovery_reads.uploads(connection, recovery)
        read = recovery_reads.versions(connection, recovery)
        rows = {
            step: _rows(connection, recovery, step, uploads.frame, read.versions) for step in Step
        }
    page.left_out((*uploads.left_out, *read.left_out))
    for step in Step:
        with st.container(border=True, key=f"rec-plan-{step.name.lower()}"):
            _step(recovery, step, rows[step])
    choices = plan_choices.drafted(recovery)
    _concerns(recovery, choices)
    _save(connection, recovery, choices, rows)


def _rows(
    connection: Connection,
    recovery: Recovery,
    step: Step,
    uploads: pd.DataFrame,
    versions: pd.DataFrame,
) -> pd.DataFrame:
    """Return one row per item: key (the tenant's code), tenant, what, change and why not."""
    whole = plan_choices.everything(recovery)
    if step is Step.REPROCESS:
        codes = [each.code for each in recovery.incident.tenants]
        items = pd.DataFrame({"tenant_code": codes, "what": "", "before": "", "reason": ""})
        items = items.assign(change="A new data version", eligible=True)
    else:
        plan = (
            steps.plan_disable(
                whole,
                versions,
                CLOCK.now(),
                timedelta(days=connection.app.settings().dashboard_fallback_days),
            )
            if step is Step.DISABLE
            else steps.plan_exclude(whole, uploads)
        )
        items = fallbacks.with_fallbacks(change_words.of_plan(plan), CLOCK.now())
    names = {each.code: each.name for each in recovery.incident.tenants}
    return items.assign(key=items["tenant_code"], tenant_name=items["tenant_code"].map(names))


def _step(recovery: Recovery, step: Step, rows: pd.DataFrame) -> None:
    begun = bool(parts_of(recovery, step))
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(f"**{ICONS[step]} {wording.STEPS[step]}**")
            st.caption(MEANS[step])
        is_on = st.toggle(
            "Do this step",
            key=plan_choices.on_key(recovery, step),
            disabled=begun,
            persist_state="session",
        )
    if begun:
        st.caption(f":material/lock: {BEGUN}" + ("" if recovery.is_closed else f" {GO_ON}"))
    elif not is_on:
        st.caption("Left out: this step sends nothing.")
    if rows.empty:
        st.text("Nothing to do: no tenant has one.")
        return
    if is_on and step is Step.REPROCESS:
        _publish(recovery, begun=begun)
    if begun:
        _settled(recovery, step, rows)
    elif is_on:
        _preview(recovery, step, rows)


def _publish(recovery: Recovery, *, begun: bool) -> None:
    st.toggle(
        "Publish to production",
        key=plan_choices.publish_key(recovery),
        disabled=begun,
        persist_state="session",
        help=confirm_start.PUBLISHING,
    )


def _settled(recovery: Recovery, step: Step, rows: pd.DataFrame) -> None:
    """Draw whom a step that was begun has taken: what was to change then has changed by now."""
    taken = rows["key"].isin(recovery.codes(step))
    of = rows["key"].nunique()
    st.text(f"{formats.counted(rows.loc[taken, 'key'].nunique(), 'tenant')} of {of:,}")
    with st.expander("Planned items", key=f"rec.settled.{step.name}"):
        rows = rows.assign(planned=taken.map({True: "Selected", False: "Left out"}))
        tables.show(
            rows, _columns(rows, PLANNED), key=f"rec.table.{step.name}", of=len(rows), noun="item"
        )


def _columns(rows: pd.DataFrame, details: tables.Columns) -> tables.Columns:
    """Return what names an item, its time in the chosen zone, and what is told of it."""
    return {
        name: column
        for name, column in {
            **tables.tenant_columns(rows),
            **ITEM,
            **item_words.time_columns(rows),
            **details,
        }.items()
        if name not in MAY_BE_EMPTY or rows[name].fillna("").ne("").any()
    }


def _preview(recovery: Recovery, step: Step, rows: pd.DataFrame) -> None:
    name = plan_choices.selection(recovery, step)
    taken = rows[rows["key"].isin(session.selected(name)) & rows["eligible"]]
    of = rows["key"].nunique()
    words = f"{formats.counted(taken['key'].nunique(), 'tenant')} of {of:,}"
    out = int((~rows["eligible"]).sum())
    skipped = f" · {formats.counted(out, 'item')} skipped" if out else ""
    st.text(f"{words}{skipped}")
    # A label that changed would close it under the hands.
    with st.expander("Preview and select tenants", key=f"rec.choose.{step.name}"):
        columns = {**_columns(rows, CHANGES), **fallbacks.columns(rows)}
        key = f"rec.table.{step.name}"
        st.caption("Deselect tenants to leave them out.")
        with st.container(horizontal=True, vertical_alignment="center"):
            tables.selected(rows["key"].drop_duplicates(), "tenant", selection=name)
        tables.selectable_rows(rows, columns, key=key, selection=name)


def _concerns(recovery: Recovery, choices: Choices) -> None:
    tenants = recovery.incident.tenants
    keeps = [
        each.code
        for each in tenants
        if choices.takes(Step.REPROCESS, each.code) and not choices.takes(Step.EXCLUDE, each.code)
    ]
    stays = [
        each.code
        for each in tenants
        if each.versions
        and not choices.takes(Step.DISABLE, each.code)
        and not choices.takes(Step.REPROCESS, each.code)
    ]
    for sentence, codes in ((KEEPS_BAD, keeps), (STAYS, stays)):
        if codes:
            counted = formats.counted(len(codes), "tenant")
            st.warning(sentence.format(tenants=counted), icon=":material/warning:")


def _save(
    connection: Connection, recovery: Recovery, choices: Choices, rows: dict[Step, pd.DataFrame]
) -> None:
    numbers = {
        step: _count(rows[step], choices, step) for step in Step if not parts_of(recovery, step)
    }
    if any(numbers.values()):
        to_do = " · ".join(
            DOES[step].format(formats.counted(number, NOUNS[step]))
            for step, number in numbers.items()
        )
        words = f"{to_do[0].upper()}{to_do[1:]}. You confirm each step again."
    else:
        words = NOTHING_TO_RUN if len(numbers) == len(Step) else ALL_BEGUN
    with st.container(horizontal=True, vertical_alignment="center", key="rec-plan-end"):
        st.text(words, width="stretch")
        if recovery.choices == choices:
            deferred_button.button(
                f"Continue: {wording.STAGES[Stage.RUN]}",
                partial(stages.go_to, Stage.RUN),
                key="rec.to_run",
                reads=plan_choices.reads(recovery),
                primary=True,
                icon=":material/arrow_forward:",
            )
            return
        may = permits.explain(connection, Verb.RECOVER)
        deferred_button.button(
            "Save plan and continue",
            partial(_choose, connection, recovery, choices),
            key="rec.save",
            reads=plan_choices.reads(recovery),
            primary=True,
            icon=":material/save:",
            disabled=not may or recovery.is_closed or not any(numbers.values()),
        )


def _count(rows: pd.DataFrame, choices: Choices, step: Step) -> int:
    taken = rows["key"].map(lambda code: choices.takes(step, code)).astype(bool)
    return int((taken & rows["eligible"]).sum())


def _choose(connection: Connection, recovery: Recovery, choices: Choices) -> None:
    may = access.permissions(connection)
    try:
        changing.choose(connection.ledger, recovery.id, choices, may)
    except errors.KNOWN as error:
        errors.keep(error)
        return
    stages.go_to(Stage.RUN)
