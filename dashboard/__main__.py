"""`visier-dashboard`, or `python -m dashboard`: the dashboard on http://localhost:8501."""

import sys
from pathlib import Path

from streamlit.web import cli

from dashboard.settings import read

# Streamlit's greeting is no JSON.
WITHOUT_GREETING = ["--logger.hideWelcomeMessage=true"]


def main() -> None:
    """Run the server until it is told to end; the arguments are options of `streamlit run`."""
    try:
        settings = read()
    except ValueError as wrong:
        sys.exit(f"The dashboard does not start. {wrong}")
    # Beside app.py stands `.streamlit/config.toml`: so Streamlit reads it wherever this is started.
    app = Path(__file__).with_name("app.py")
    options = WITHOUT_GREETING if settings.dashboard_log_format == "json" else []
    sys.argv = ["streamlit", "run", str(app), *options, *sys.argv[1:]]
    sys.exit(cli.main())


if __name__ == "__main__":
    main()
