"""Options of Streamlit that the dashboard does not run without."""

import streamlit as st

REQUIRED = {
    "client.allowedOrigins": [],
    "client.showErrorDetails": "none",
    "server.corsAllowedOrigins": [],
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.enableAgentApi": False,
    # With it on, what is ticked or pressed may be lost: whole_callbacks.py.
    "runner.fastReruns": False,
}
ADVICE = "Start with visier-dashboard, and do not override these options: {names}."


def check() -> None:
    """Raise RuntimeError, naming them, when options of Streamlit are not as they have to be.

    Streamlit reads them beside app.py. With a variable or an argument in their place it could show
    tracebacks to everybody or answer to any host name.
    """
    wrong = [name for name, value in REQUIRED.items() if st.get_option(name) != value]
    if not st.get_option("server.allowedHosts"):
        wrong.append("server.allowedHosts")
    if wrong:
        raise RuntimeError(ADVICE.format(names=", ".join(wrong)))
