"""The dashboard's own options of Streamlit, for pages that Streamlit does not find them beside."""

from pathlib import Path

from streamlit import config

BESIDE = Path(__file__).parents[1] / "dashboard"
# Streamlit also reads them in the home of whoever runs it.
AT_HOME = {"HOME": str(BESIDE)}


def read() -> None:
    """Read them in this process, as `streamlit run dashboard/app.py` does."""
    config._main_script_path = str(BESIDE / "app.py")
    config.get_config_options(force_reparse=True)
