"""Long pasted lists: kept in the browser session, or a saved view, since no address holds them.

What stands between a browser and the dashboard refuses a long address when the page is loaded anew.
"""

import hashlib
import re
from urllib.parse import quote

import streamlit as st

from dashboard import saved_views, session
from dashboard.components import formats, tenant_search
from services.typed_text import clean

# Half of what common proxies take of a request line, 4 KB: other filters need room too.
IN_ADDRESS_AT_MOST = 2_000
# A session would else grow with every paste until its tab is closed.
LISTS_KEPT = 20
# Earlier versions called them `601 pasted words`.
NAME = re.compile(r"[\d,]+ (pasted words?|tenants?( [\w~.-]{1,20}…)?) #[0-9a-f]{8}")
FIRST = re.compile(r"[\w~.-]{1,20}")
KEPT_HERE = (
    "This list exists only in this browser session. A link to this page does not include it: save "
    "a view in Views to keep it."
)
KEPT_IN_OWN = "This list is part of your saved view “{name}”. A link opens it for you alone."
KEPT_IN_SHARED = "This list is part of the saved view “{name}”. A link opens it for everyone here."
NOT_KEPT = "This list was pasted in another browser session. Paste it again."
NOT_IN_VIEW = "The saved view of this link does not have this list any more. Paste it again."


def keep(key: str) -> None:
    """Replace a long list in a field, before it is drawn, by a name, and keep the list."""
    text = st.session_state.get(key) or ""
    if not is_long(text):
        return
    text = clean(text)
    words = [word for word in tenant_search.SEPARATORS.split(text) if word]
    first = FIRST.match(words[0].strip(tenant_search.QUOTES)) if words else None
    beginning = f" {first[0]}…" if first else ""
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    name = f"{formats.counted(len(words), 'tenant')}{beginning} #{digest}"
    _keep(name, text)
    st.session_state[key] = name


def _keep(name: str, text: str) -> None:
    lists = _lists()
    lists[name] = text
    for oldest in [*lists][:-LISTS_KEPT]:
        del lists[oldest]


def is_long(text: str) -> bool:
    """Return whether a text is too long for an address."""
    return len(text) > IN_ADDRESS_AT_MOST or len(quote(text, errors="replace")) > IN_ADDRESS_AT_MOST


def text_of(typed: str) -> str:
    """Return the list that a name stands for; any other text as it is typed.

    The list may be part of the saved view that the address names: then this session keeps it too.
    """
    if is_name(typed) and typed not in _lists() and (text := saved_views.pasted_list(typed)):
        _keep(typed, text)
    return _lists().get(typed) or typed


def is_name(text: str) -> bool:
    """Return whether a text is the name of a pasted list."""
    return bool(NAME.fullmatch(text))


def kept_text(name: str) -> str:
    """Return the list of this name that this session keeps, or ""."""
    return _lists().get(name, "")


def note(typed: str) -> str:
    """Return what a person should know about a list in whose place its name stands."""
    if not is_name(typed):
        return ""
    if typed not in _lists():
        return NOT_IN_VIEW if saved_views.OPENED in st.query_params else NOT_KEPT
    if view := saved_views.holding(typed):
        return (KEPT_IN_SHARED if view.is_shared else KEPT_IN_OWN).format(name=view.name)
    return KEPT_HERE


def _lists() -> dict[str, str]:
    return session.kept("pasted_lists", dict)
