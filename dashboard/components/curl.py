"""The exact requests of a write as commands to copy."""

from collections.abc import Callable, Iterable

import streamlit as st

from dashboard.connection import Connection
from services.operations import curl_of
from services.visier import BodyEncoding
from services.visier.protocol import Request

# characters: a block of code is drawn whole, however little of it is in view
LONGEST_SHOWN = 50_000


def box(
    connection: Connection, requests: Callable[[BodyEncoding], Iterable[Request]], *, key: str
) -> None:
    """Draw a folded box with the requests, which are made only once it is open."""
    # Without on_change the body of a closed expander runs too, and requests would be built unseen.
    box = st.expander(
        "Copy as curl", icon=":material/terminal:", key=f"{key}.curl", on_change="rerun"
    )
    if not box.open:
        return
    identity = connection.identity
    with box:
        # Credentials are variables of the shell: what is copied holds no secret.
        st.caption("First set VISIER_APIKEY and VISIER_ASID_TOKEN in your shell.")
        commands = curl_of(
            requests(connection.client.encoding),
            address=identity.base_url,
            target_tenant=identity.target_tenant,
        )
        if len(commands) <= LONGEST_SHOWN:
            st.code(commands, language="bash", height=240)
        else:
            st.download_button(
                "Download the commands", commands, "plan.sh", on_click="ignore", key=f"{key}.sh"
            )
