"""Options of Streamlit that the dashboard does not run without."""

from pathlib import Path

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
FILE = Path(".streamlit") / "config.toml"
FOLDER = f"Start the dashboard from its own folder, where {FILE.as_posix()} is"
ADVICE = f"{FOLDER}, and do not override these options: {{names}}."


def check_folder() -> None:
    """Raise RuntimeError outside of the folder Streamlit is to read its options from.

    Without them it would ask an address outside for this computer's own before it is refused.
    """
    if not FILE.is_file():
        raise RuntimeError(f"{FOLDER}.")


def check() -> None:
    """Raise RuntimeError, naming them, when options of Streamlit are not as they have to be.

    Streamlit reads its options from the folder it is started in: started elsewhere it would show
    tracebacks to everybody and answer to any host name.
    """
    wrong = [name for name, value in REQUIRED.items() if st.get_option(name) != value]
    if not st.get_option("server.allowedHosts"):
        wrong.append("server.allowedHosts")
    if wrong:
        raise RuntimeError(ADVICE.format(names=", ".join(wrong)))
