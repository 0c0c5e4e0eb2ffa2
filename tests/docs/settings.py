"""Every setting. `python -m tests.docs.settings` writes docs/settings.md."""

from collections.abc import Iterator
from pathlib import Path

from dashboard.settings import Settings

LISTED = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
HEAD = """# Settings

Set each as an environment variable, or in `.streamlit/secrets.toml` in the folder the dashboard
starts from (copy `.streamlit/secrets.example.toml`). An environment variable overrides the file.
Settings are read once: restart the dashboard after a change. An invalid value or an unknown name
keeps the dashboard from starting; for an unknown name, the message suggests the nearest one.
`make settings` generates this file.

Setups for teams: [operating.md](operating.md). Options of the server itself (port, address,
`allowedHosts`) are Streamlit's: [deployment.md](deployment.md).

| setting | default | description |
| --- | --- | --- |
"""


def written() -> str:
    """Return the list as it stands in the file."""
    return HEAD + "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{_as_typed(field.default)}`"
        yield f"| `{name.upper()}` | {default} | {field.description} |"


def _as_typed(default: object) -> str:
    return str(default).lower().removesuffix(".0")


if __name__ == "__main__":
    LISTED.write_text(written(), encoding="utf-8")
