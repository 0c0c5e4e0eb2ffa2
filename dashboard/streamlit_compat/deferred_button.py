"""Buttons that do what stands on the screen when they are pressed.

A browser tells of a field that is left or a row that is ticked, and a moment later of the press.
The callback of the press is still the one of the screen before: it may know nothing of the last
word (streamlit/streamlit#8365). Then it only notes the press, and the same run of the script acts
where it draws the button again, knowing all that was typed and ticked.

To act there alone, on what `st.button` returns, knows the last word as well. But a press that comes
when a sign-in has ended, or a right was taken away, would meet no button any more, and what was
refused would be written down nowhere; and a newer event may end the run before it gets there.
"""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from dashboard import session
from dashboard.streamlit_compat import user_activity


def values(reads: tuple[str, ...], key: str) -> Mapping[str, Any]:
    """Return what this session holds under names that begin so, apart from a button's own."""
    return {
        str(name): value
        for name, value in st.session_state.items()
        if str(name).startswith(reads) and name != key
    }


def pressed(
    key: str, reads: tuple[str, ...], drawn: Mapping[str, Any], act: Callable[[], None]
) -> None:
    """Act on a press, or note it when what the button was drawn for has changed meanwhile."""
    now = values(reads, key)
    if now == drawn:
        act()
    else:
        _presses()[key] = now, user_activity.runs()


def is_due(key: str, reads: tuple[str, ...]) -> bool:
    """Say, once, whether this run began with a noted press, and nothing has changed since."""
    noted = _presses().pop(key, None)
    if noted is None:
        return False
    then, before = noted
    # A callback comes before its run is counted.
    return user_activity.runs() - before <= 1 and then == values(reads, key)


def button(
    label: str,
    act: Callable[[], None],
    *,
    key: str,
    reads: tuple[str, ...],
    disabled: bool = False,
    icon: str | None = None,
    primary: bool = False,
) -> None:
    """Draw a button that acts on what this session holds under names that begin with `reads`."""
    st.button(
        label,
        key=key,
        icon=icon,
        type="primary" if primary else "secondary",
        disabled=disabled,
        on_click=pressed,
        args=(key, reads, values(reads, key), act),
    )
    # Here the run knows the last word: what was typed or selected just before the press.
    if is_due(key, reads) and not disabled:
        act()
        st.rerun()


def _presses() -> dict[str, tuple[Mapping[str, Any], int]]:
    """Return by button what this session held when it was pressed, and after how many runs."""
    return session.kept("presses", dict)
