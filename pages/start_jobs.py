"""Start jobs: processing jobs for the tenants that are named, once."""

import streamlit as st

from dashboard import bootstrap, data, session, tenant_search
from dashboard.session import Connection
from dashboard.ui import errors, formats, operation_panel, page, tenants
from services.ledger import AlreadyApplied, LedgerTrouble
from services.operations.starting import Start, processing, start

CHOSEN, ALL, ALL_BUT = "Chosen tenants", "All tenants", "All but some"


def main() -> None:
    """Ask what to start, say it in words, start it once."""
    connection = session.signed_in()
    page.head("Start jobs", "Make new data versions from the uploads that are included now.")
    errors.show_kept()
    followed = session.operation(session.START)
    if followed is not None:
        _follow(connection, followed)
        return
    made = _form(connection)
    reason = st.text_input("Reason", key="start.reason", max_chars=500, placeholder="Optional")
    st.button(
        "Start processing",
        key="start.go",
        type="primary",
        icon=":material/play_arrow:",
        disabled=made is None,
        on_click=_start,
        args=(connection, made, reason),
    )


def _form(connection: Connection) -> Start | None:
    """Draw the fields and the summary; return the start they describe."""
    scope = st.segmented_control(
        "Scope", (CHOSEN, ALL, ALL_BUT), default=CHOSEN, required=True, key="start.scope"
    )
    codes = _codes(scope or CHOSEN)
    categories = data.load_categories(connection).frame
    names = dict(zip(categories["id"], categories["name"], strict=True))
    category = st.selectbox(
        "Data category",
        list(names),
        index=None,
        placeholder="Primary",
        format_func=lambda category_id: names[category_id],
        key="start.category",
        width=320,
    )
    publish = st.toggle(
        "Publish to production",
        key="start.publish",
        help="The new data versions reach readers as soon as they are made.",
    )
    if scope in (CHOSEN, ALL_BUT) and not codes:
        st.caption("Name at least one tenant.")
        return None
    whose = _whose(connection, scope or CHOSEN, len(codes))
    made = names.get(category, "the primary data category") if category else "the primary category"
    where = "and published to production" if publish else "and not published"
    st.text(f"One processing job for {whose}: new data versions of {made}, {where}.")
    made_now = processing(
        f"Processing for {whose}",
        tenants=codes if scope == CHOSEN else (),
        all_tenants=scope != CHOSEN,
        excluded_tenants=codes if scope == ALL_BUT else (),
        data_category_id=category,
        publish_to_production=publish,
    )
    return session.same_start(made_now)


def _codes(scope: str) -> list[str]:
    if scope == ALL:
        return []
    text = st.text_area(
        "Tenants" if scope == CHOSEN else "Tenants to leave out",
        session.handed_over(),
        key=f"start.tenants.{scope}",
        height=140,
        placeholder="Tenant codes, separated by spaces, commas or lines",
    )
    return list(dict.fromkeys(filter(None, tenant_search.SEPARATORS.split(text))))


def _whose(connection: Connection, scope: str, named: int) -> str:
    if scope == CHOSEN:
        return f"each of {formats.counted(named, 'tenant')}"
    known = tenants.directory(connection)
    number = f"{len(known.frame):,}" if known.is_complete else f"more than {len(known.frame):,}"
    every = f"each of all tenants ({number} are listed)"
    return every if scope == ALL else f"{every} but {named:,}"


def _start(connection: Connection, made: Start, reason: str) -> None:
    session.follow(session.START, made.id)
    try:
        start(
            bootstrap.ledger(),
            connection.client,
            made,
            session.actor(connection),
            identity=connection.identity.name,
            reason=reason.strip(),
        )
    except AlreadyApplied:
        return  # It was sent by an earlier click: that one is followed.
    except LedgerTrouble as trouble:
        session.follow(session.START, None)
        session.keep_error(trouble)


def _follow(connection: Connection, operation_id: str) -> None:
    with st.container(border=True):
        operation_panel.show(connection, operation_id, name=session.START)
        st.button("Start another", key="start.again", on_click=_again)


def _again() -> None:
    session.follow(session.START, None)
    session.forget_start()


main()
