"""Processing the tenants of a chain: asked for, read, and confirmed."""

import streamlit as st

from dashboard import session
from dashboard.components import curl, formats
from dashboard.connection import Connection
from dashboard.operations import confirm_start, start_sentences
from services.operations import request_of
from services.operations.recovery import chain as chains
from services.operations.recovery.chain import Chain


def _name(chain: Chain) -> str:
    return f"chain.{chain.first.id}"


def _reason_key(chain: Chain) -> str:
    return f"{confirm_start.REASON}.{chain.first.id}"


def _attempt(chain: Chain, codes: tuple[str, ...]) -> str:
    """Return what an agreement to start holds for: a later step asks again."""
    return f"{len(chain.operations)} {len(codes)}"


def offer(chain: Chain, codes: tuple[str, ...], label: str, *, primary: bool) -> None:
    """Draw the button that opens the start of processing jobs for these tenants."""
    if not codes or session.is_asked(_name(chain), _attempt(chain, codes)):
        return
    st.button(
        label,
        key=f"{_name(chain)}.process",
        type="primary" if primary else "secondary",
        icon=":material/replay:" if chain.starts else ":material/play_circle:",
        on_click=_ask_to_start,
        args=(chain, codes),
    )


def _ask_to_start(chain: Chain, codes: tuple[str, ...]) -> None:
    session.ask(_name(chain), _attempt(chain, codes))
    st.session_state[_reason_key(chain)] = chain.reason


def draw(connection: Connection, chain: Chain, name: str, codes: tuple[str, ...]) -> None:
    """Draw what will start, and the one click that starts it, once somebody has asked for it."""

    def discard() -> None:
        session.ask(_name(chain), "")
        st.session_state.pop(_reason_key(chain), None)

    if not codes or not session.is_asked(_name(chain), _attempt(chain, codes)):
        return
    publish = st.toggle(
        "Publish to production",
        bool(chain.last_body.get("publishToProduction")),
        key=f"chain.publish.{chain.first.id}",
        help=confirm_start.PUBLISHING,
    )
    made = chains.start_of(chain, codes, publish=publish)
    st.text(f"{start_sentences.lead(made.verb, made.target)}.")
    with st.expander(formats.counted(len(codes), "tenant"), on_change="rerun", key="chain.tenants"):
        st.code("\n".join(codes), language=None)
    confirm_start.confirm_start(connection, made, name=name, reason_key=_reason_key(chain))
    st.button("Discard", key=f"{_name(chain)}.discard", on_click=discard)
    curl.box(connection, lambda encoding: [request_of(made, encoding)], key=made.id)
