"""Long pasted lists: kept in the browser session, since no address could hold them.

What stands between a browser and the dashboard refuses a long address when the page is loaded anew.
"""

import hashlib
import re
from urllib.parse import quote

import streamlit as st

from dashboard import session
from dashboard.components import formats, tenant_search
from services.typed_text import clean

# Half of what common proxies take of a request line, 4 KB: other filters need room too.
IN_ADDRESS_AT_MOST = 2_000
# A session would else grow with every paste until its tab is closed.
LISTS_KEPT = 20
NAME = re.compile(r"[\d,]+ pasted words? #[0-9a-f]{8}")
KEPT_HERE = (
    "This list exists only in this browser session. A link to this page does not include it."
)
NOT_KEPT = "This list was pasted in another browser session. Paste it again."


def keep(key: str) -> None:
    """Replace a long list in a field, before it is drawn, by a name, and keep the list."""
    text = st.session_state.get(key) or ""
    if not is_long(text):
        return
    text = clean(text)
    words = sum(1 for word in tenant_search.SEPARATORS.split(text) if word)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    name = f"{formats.counted(words, 'pasted word')} #{digest}"
    lists = _lists()
    lists[name] = text
    for oldest in [*lists][:-LISTS_KEPT]:
        del lists[oldest]
    st.session_state[key] = name


def is_long(text: str) -> bool:
    """Return whether a text is too long for an address."""
    return len(text) > IN_ADDRESS_AT_MOST or len(quote(text, errors="replace")) > IN_ADDRESS_AT_MOST


def text_of(typed: str) -> str:
    """Return the list that a name stands for; any other text as it is typed."""
    return _lists().get(typed) or typed


def note(typed: str) -> str:
    """Return what a person should know about a list in whose place its name stands."""
    if not NAME.fullmatch(typed):
        return ""
    return NOT_KEPT if typed not in _lists() else KEPT_HERE


def _lists() -> dict[str, str]:
    return session.kept("pasted_lists", dict)
