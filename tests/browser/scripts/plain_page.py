"""Two pages: what is typed, ticked and pressed on one, and one that writes into its address."""

import pandas as pd
import streamlit as st

from dashboard.shell.sidebar import IN_THE_BROWSER
from dashboard.streamlit_compat import deferred_button, user_activity


def note(*words: str) -> None:
    """Write down what was done, and with what."""
    st.session_state["done"] = (*st.session_state.get("done", ()), " ".join(words))


def press() -> None:
    """Write down which rows the browser had told of by then."""
    ticked = st.session_state["rows"]["selection"]["rows"]
    note("pressed", f"with {', '.join(map(str, ticked)) or 'nothing'}")


def first() -> None:
    """Draw one field, one table and buttons that tell what was known when they were pressed."""
    word = st.text_input("Word", key="word", bind="query-params")
    st.dataframe(
        pd.DataFrame({"row": ["a", "b", "c"]}),
        key="rows",
        on_select="rerun",
        selection_mode="multi-row",
        hide_index=True,
    )
    st.button("Press", on_click=press)
    reads = ("word", "rows")
    deferred_button.button(
        "Act", lambda: note("acted", f"on {word or 'nothing'}"), key="act", reads=reads
    )
    st.button("Confirm", disabled=word != "right", on_click=note, args=("confirmed",))
    sure = st.text_input("Sure", key="sure")
    st.button("Apply", disabled=sure != "yes", on_click=note, args=("applied",))
    st.button("Discard", on_click=note, args=("discarded",))
    st.text(f"Word: {word or 'none'}")


def second() -> None:
    """Write into the address, as a page does that takes something over."""
    st.query_params["told"] = "here"
    st.text("The second page")


@st.fragment(run_every=3600)
def timer() -> None:
    """Have Streamlit run the script again after a lost connection."""


pages = [st.Page(first, default=True), st.Page(second)]
user_activity.note_run(st.context.headers.get("Sec-Websocket-Key", ""))
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
page = st.navigation(pages, position="hidden")
st.page_link(pages[0], label="First", query_params={"word": "linked"})
st.page_link(pages[0], label="First, bare")
st.page_link(pages[1], label="Second", query_params={"from": "link"})
st.button("Keys", key="keyboard", on_click=note, args=("listed",))
if st.button("Redraw", key="redraw"):
    note("drawn in", str(st.context.theme.type))
if st.button("Go"):
    st.switch_page(pages[1], query_params={"from": "button"})
page.run()
st.text(f"Runs: {st.session_state['runs']}, by a person: {user_activity.runs()}")
st.text(f"Done: {', '.join(st.session_state.get('done', ('nothing',)))}")
timer()
st.html(IN_THE_BROWSER, unsafe_allow_javascript=True)
