"""`python -m dashboard`: the dashboard on http://localhost:8501."""

import sys
from pathlib import Path

from streamlit.web import cli

from dashboard.settings import read
from dashboard.streamlit_compat import safe_options

# Streamlit's greeting is no JSON.
WITHOUT_GREETING = ["--logger.hideWelcomeMessage=true"]

if __name__ == "__main__":
    try:
        settings = read()
        safe_options.check_folder()
    except (ValueError, RuntimeError) as wrong:
        sys.exit(f"The dashboard does not start. {wrong}")
    app = Path(__file__).with_name("app.py")
    options = WITHOUT_GREETING if settings.dashboard_log_format == "json" else []
    sys.argv = ["streamlit", "run", str(app), *options, *sys.argv[1:]]
    sys.exit(cli.main())
