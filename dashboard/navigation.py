"""The pages as data, and the ways to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from dashboard import connections, time_zone

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

PAGES = Path(__file__).resolve().parents[1] / "pages"


@dataclass(frozen=True, slots=True)
class Screen:
    """One entry of the navigation: a file or a folder in `pages` and a path in the address bar.

    `filters` is what the keys of its filters begin with.
    """

    name: str
    title: str
    icon: str
    section: str
    filters: str


OVERVIEW = Screen("overview", "Overview", ":material/space_dashboard:", "Review", "ov_")
DELIVERIES = Screen("deliveries", "Deliveries", ":material/local_shipping:", "Review", "del_")
DATA_VERSIONS = Screen(
    "data_versions", "Data versions", ":material/deployed_code_history:", "Review", "dv_"
)
UPLOADS = Screen("uploads", "Uploads", ":material/upload_file:", "Review", "up_")
WATCH = Screen("watch", "Watch", ":material/notifications:", "Review", "wa_")
TENANT = Screen("tenant", "Tenant", ":material/domain:", "Review", "ten_")
HISTORY = Screen("history", "History", ":material/calendar_view_month:", "Review", "hist_")
JOBS = Screen("jobs", "Jobs", ":material/account_tree:", "Operate", "job_")
START_JOBS = Screen("start_jobs", "Start jobs", ":material/play_circle:", "Operate", "start_")
RECOVERY = Screen("recovery", "Recovery", ":material/healing:", "Operate", "rec_")
CONNECTORS = Screen("connectors", "Connectors", ":material/cable:", "Connect", "con_")
CREDENTIALS = Screen("credentials", "Credentials", ":material/key:", "Connect", "cred_")
SCREENS = (
    OVERVIEW,
    DELIVERIES,
    DATA_VERSIONS,
    UPLOADS,
    TENANT,
    WATCH,
    HISTORY,
    JOBS,
    START_JOBS,
    RECOVERY,
    CONNECTORS,
    CREDENTIALS,
)
ACTIVITY = Screen("activity", "Activity", ":material/history:", "Record", "act_")
SIGN_IN = Screen("sign_in", "Sign in", ":material/login:", "", "sign_in_")

# The dialogs that the link opens over a page: the guided tour, the list of places.
OVER_THE_PAGE = ("tour", "go_to")


def pages(*, signed_in: bool) -> dict[str, Sequence["StreamlitPage"]]:
    """Return the pages by section for `st.navigation`.

    Signed out, every address shows the sign-in screen and stays as it is, so that a link someone
    was sent opens after signing in.
    """
    sections: dict[str, Sequence[StreamlitPage]] = {}
    for number, screen in enumerate((*SCREENS, ACTIVITY)):
        page = _page(screen, screen if signed_in else SIGN_IN, default=number == 0)
        sections[screen.section] = [*sections.get(screen.section, ()), page]
    if signed_in:
        # Registered although hidden: a page that is not cannot be switched to.
        sections[""] = [_page(SIGN_IN, SIGN_IN, hidden=True)]
    return sections


def file_of(screen: Screen) -> Path:
    """Return the file behind a screen, as `st.page_link` wants it."""
    return PAGES / screen.name / "page.py"


Query = Mapping[str, str | Sequence[str]]


def go_to(screen: Screen, query: Query | None = None) -> None:
    """Leave for another screen with exactly these filters; those of this one stay behind."""
    # Streamlit keeps what was filtered there before, and would add it to the query.
    for key in [key for key in st.session_state if str(key).startswith(screen.filters)]:
        del st.session_state[key]
    # Without parameters of its own, switching would refuse to drop those bound to widgets; and it
    # refuses to set the time zone, which is bound: the sidebar puts that into the address again.
    st.switch_page(file_of(screen), query_params={**connections.in_link(), **(query or {})})


def link(
    screen: Screen,
    label: str,
    query: Query | None = None,
    *,
    icon: str,
    width: Literal["content", "stretch"] = "content",
    help_text: str = "",
) -> None:
    """Draw a link to a screen with these filters, at this connection and in this time zone."""
    st.page_link(
        file_of(screen),
        label=label,
        icon=icon,
        width=width,
        help=help_text or None,
        query_params={**connections.in_link(), **time_zone.in_link(query or {}), **(query or {})},
    )


def _page(
    screen: Screen, shown: Screen, *, default: bool = False, hidden: bool = False
) -> "StreamlitPage":
    return st.Page(
        file_of(shown),
        title=screen.title,
        icon=screen.icon,
        # The root has no name of its own: the server leads there who asks for it by name.
        url_path="" if default else screen.name,
        default=default,
        visibility="hidden" if hidden else "visible",
    )


def is_covered() -> bool:
    """Say whether a dialog that the link opens lies over the page."""
    return any(name in st.query_params for name in OVER_THE_PAGE)
