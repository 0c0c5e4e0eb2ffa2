"""Every setting. `python -m tests.docs.settings` writes docs/settings.md."""

from collections.abc import Iterator
from pathlib import Path

from dashboard.settings import Settings

LISTED = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
HEAD = """# Settings

Each is an environment variable, or a line of `.streamlit/secrets.toml` in the folder that the
dashboard is started from (copy `.streamlit/secrets.example.toml`); a variable wins over the file.
They are read once: start the dashboard anew after a change. A value that cannot be, or a name that
does not exist, keeps it from starting, and the nearest name is told. `make settings` writes this
file anew from the code.

How they go together for a team: [operating.md](operating.md). Options of the server itself (port,
address, `allowedHosts`) are Streamlit's: [deployment.md](deployment.md).

| setting | default | what it is |
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
